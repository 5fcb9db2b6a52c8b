#!/usr/bin/env bash
# From a bare Debian 12 machine to a running voxode. Asks for nothing, may be run again, writes only inside this folder
# (except for the Debian packages it installs).
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$root"

usage() {
  cat <<'TEXT'
usage: ./setup.sh packages|deps|build|run|test [--cuda]

  packages [NAME ...]  installs the Debian packages that are missing (and NAME ...); needs root or a sudo without password
  deps                 packages, then Kokkos: the one in Kokkos_ROOT if that is set, else built from Debian's sources into build/deps
  build                deps, then the program: build/voxode
  run                  the program alone, then the first example: examples/first_steps/cathode.toml
  test                 build, then the tests, except the long ones
  cuda                 the same as `build --cuda`

  --cuda               for an NVIDIA GPU, in build-cuda; needs nvcc of CUDA 12 or later in PATH

environment: Kokkos_ROOT; VOXODE_CUDA_ARCH (e.g. 90; default: this machine's GPU, else 90);
             VOXODE_CMAKE_OPTIONS (e.g. "-DVOXODE_WITH_VTK=OFF"); VOXODE_JOBS (parallel compilations);
             VOXODE_TARGETS (e.g. "voxode test_physics"; default: all, voxode alone with run)
TEXT
}

say() { printf 'voxode: %s\n' "$*"; }
fail() { printf 'voxode: %s\n' "$*" >&2; exit 1; }

readonly packages=(g++ cmake ninja-build ccache perl libvtk9-dev libopenvdb-dev libtbb-dev libimath-dev libtiff-dev libhdf5-dev libxxhash-dev
  libtomlplusplus-dev libcli11-dev libeigen3-dev nlohmann-json3-dev libfmt-dev libthrust-dev libgtest-dev libgmock-dev libbenchmark-dev libjs-chart.js)

# Of the packages named, those that are not installed.
missing_packages() {
  local name
  for name in "$@"; do
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || printf '%s\n' "$name"
  done
}

# In a bundle (tools/bundle.sh) what a build needs lies in external/, and nothing is installed.
is_bundle() { [ -d external ]; }

install_packages() {
  if is_bundle; then
    say "this is a bundle: what is not installed comes from external/"
    return
  fi
  if ! command -v dpkg-query >/dev/null; then
    say "this is no Debian: packages are yours to install (${packages[*]} or what they are called here)"
    return
  fi
  local missing
  mapfile -t missing < <(missing_packages "${packages[@]}" "$@")
  if [ ${#missing[@]} -eq 0 ]; then say "packages are installed"; return; fi
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || fail "these packages are missing, and installing them needs root: run \`sudo apt-get install --no-install-recommends ${missing[*]}\`, then this command again"
    as_root=(sudo -n)
  fi
  say "installing packages: ${missing[*]}"
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
  mkdir -p build
  { "${apt[@]}" update && "${apt[@]}" install --yes --no-install-recommends "${missing[@]}"; } >build/packages.log 2>&1 ||
    { tail -n 20 build/packages.log >&2; fail "apt-get could not install them; all of its output is in build/packages.log"; }
}

# Sets kokkos to the prefix to build with.
install_kokkos() {
  if [ -n "${Kokkos_ROOT:-}" ]; then
    kokkos=$Kokkos_ROOT
    say "using the Kokkos of Kokkos_ROOT=$kokkos"
    return
  fi
  local backend=openmp
  [ "$cuda" = no ] || backend=cuda
  kokkos=$root/build/deps/kokkos-$backend
  tools/kokkos.sh "$backend" "$kokkos"
}

# As many compilations as there are cores, and 2 GB of memory for each.
parallel_jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/MemAvailable/ { print int($2 / 2e6) }' /proc/meminfo)
  echo "${VOXODE_JOBS:-$((memory < 1 ? 1 : memory < cores ? memory : cores))}"
}

build() {
  local generator='Unix Makefiles'
  if ninja --version >/dev/null 2>&1; then generator=Ninja; fi
  local options=(-G "$generator" -UKokkos_DIR -DCMAKE_BUILD_TYPE=Release -DKokkos_ROOT="$kokkos" -DCMAKE_EXPORT_COMPILE_COMMANDS=ON -DVOXODE_UNITY_TESTS=ON) extra
  # ccache and nvcc's launcher would each want to be the first word of a command.
  if [ "$cuda" = no ] && command -v ccache >/dev/null; then
    options+=("-DCMAKE_CXX_COMPILER_LAUNCHER=cmake;-E;env;CCACHE_DIR=$root/build/ccache;CCACHE_BASEDIR=$root;ccache")
  fi
  if is_bundle && [ "$verb" = test ]; then options+=(-DVOXODE_BUILD_TESTS=ON); fi
  read -r -a extra <<<"${VOXODE_CMAKE_OPTIONS:-}"
  say "configuring in $folder"
  mkdir -p "$folder"
  cmake -S . -B "$folder" "${options[@]}" "${extra[@]}" >"$folder/configure.log" 2>&1 ||
    { tail -n 30 "$folder/configure.log" >&2; fail "cmake failed; all of its output is in $folder/configure.log"; }
  grep '^-- voxode' "$folder/configure.log" | sed 's/^-- //' || true
  say "compiling (the first time takes minutes)"
  local targets=all
  [ "$verb" != run ] || targets=voxode
  read -r -a targets <<<"${VOXODE_TARGETS:-$targets}"
  cmake --build "$folder" -j "$(parallel_jobs)" --target "${targets[@]}"
  say "the program is $folder/voxode"
}

run_example() {
  local config=examples/first_steps/cathode.toml out=out/first_steps
  local options=() pictures=", fields.pvd and cracks.pvd for ParaView"
  if grep -q '^VOXODE_WITH_VTK:BOOL=OFF' "$folder/CMakeCache.txt"; then options=(--set output.fields=none) pictures=; fi
  say "running: $folder/voxode run $config --out $out ${options[*]}"
  "$folder/voxode" run "$config" --out "$out" "${options[@]}"
  say "the results are in $out: report.html for a browser, cycles.csv and steps.csv for tables$pictures"
}

run_tests() {
  say "testing (without the long tests: ctest --test-dir $folder -L long)"
  OMP_NUM_THREADS=${OMP_NUM_THREADS:-2} OMP_WAIT_POLICY=passive ctest --test-dir "$folder" -LE '^long$' --output-on-failure -j "$(parallel_jobs)"
}

verb='' cuda=no folder=build extra_packages=() kokkos=''
for argument in "$@"; do
  case $argument in
    -h | --help) usage; exit 0 ;;
    --cuda) cuda=yes ;;
    -*) usage >&2; exit 2 ;;
    *) if [ -z "$verb" ]; then verb=$argument; else extra_packages+=("$argument"); fi ;;
  esac
done
if [ "$verb" = cuda ]; then verb=build cuda=yes; fi
[ "$cuda" = no ] || folder=build-cuda

case $verb in
  packages) install_packages "${extra_packages[@]}"; exit ;;
  deps | build | run | test) [ ${#extra_packages[@]} -eq 0 ] || { usage >&2; exit 2; } ;;
  *) usage >&2; exit 2 ;;
esac
install_packages
install_kokkos
[ "$verb" = deps ] || build
case $verb in
  run) run_example ;;
  test) run_tests ;;
esac
