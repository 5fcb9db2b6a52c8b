#!/usr/bin/env bash
# Builds Kokkos 3.4.01 from Debian 12's source package of Trilinos, the only place in Debian that has Kokkos' sources; in a bundle (tools/bundle.sh) from
# external/kokkos.
#
#   tools/kokkos.sh openmp PREFIX     OpenMP and Serial
#   tools/kokkos.sh cuda PREFIX       CUDA, OpenMP and Serial, for one GPU architecture (VOXODE_CUDA_ARCH: 75 80 86 89 90 120)
#   tools/kokkos.sh sources FOLDER    no build: what a bundle carries, with the edits for CUDA 13
#
# Needs no root and leaves the system's apt alone: lists and downloads go to PREFIX/../kokkos-download. What is finished is stamped and not done again.
set -euo pipefail

readonly version=13.2.0-4
readonly tarball=trilinos_13.2.0.orig.tar.gz
readonly tarball_sha256=0ddb47784ba7b8a6b9a07a4822b33be508feb4ccd54301b2a5d10c9e54524b90

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
say() { printf 'voxode: %s\n' "$*"; }
fail() { printf 'voxode: %s\n' "$*" >&2; exit 1; }

# The mirror that this machine's apt uses for Debian 12's main section.
debian_mirror() {
  local mirror
  mirror=$(apt-get --print-uris update 2>/dev/null | sed -n "s|^'\(.*\)/dists/bookworm/InRelease'.*|\1|p" | head -n 1)
  printf '%s\n' "${mirror:-http://deb.debian.org/debian}"
}

has_checksum() { [ -f "$1" ] && echo "$2  $1" | sha256sum --check --status; }

# Downloads the tarball into the folder $1 with an apt of its own, and checks it.
download() {
  local folder=$1 apt=$1/apt
  if has_checksum "$folder/$tarball" "$tarball_sha256"; then return; fi
  command -v apt-get >/dev/null || fail "Kokkos' sources come from Debian's package trilinos, and this machine has no apt-get. Install Kokkos (3.4 or later, C++20) yourself and set Kokkos_ROOT to its prefix."
  say "downloading Kokkos 3.4.01 (Debian source package trilinos $version, 166 MB)"
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/state"
  : >"$apt/state/status"
  printf 'deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s bookworm main\n' "$(debian_mirror)" >"$apt/sources.list"
  local options=(-qq -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State="$apt/state"
    -o Dir::State::Lists="$apt/lists" -o Dir::State::status="$apt/state/status" -o Dir::Cache="$apt/cache" -o APT::Sandbox::User= -o Acquire::Retries=3)
  apt-get "${options[@]}" update
  (cd "$folder" && apt-get "${options[@]}" source --download-only --only-source "trilinos=$version")
  has_checksum "$folder/$tarball" "$tarball_sha256" || fail "$folder/$tarball does not have the sha256 sum $tarball_sha256: delete it and try again; if that does not help, the mirror is not to be trusted."
  rm -rf "$apt"
}

# Unpacks Kokkos alone out of the tarball $1 into the folder $2.
unpack() {
  local folder=$2
  rm -rf "$folder" && mkdir -p "$folder"
  tar --extract --gzip --file "$1" --directory "$folder" --wildcards --strip-components=3 '*/packages/kokkos/*' || fail "cannot unpack $1"
  [ -f "$folder/CMakeLists.txt" ] || fail "$1 holds no packages/kokkos"
}

# What a build of either backend needs of the sources, into the folder $2, from the tarball $1.
export_sources() {
  unpack "$1" "$2"
  "$here/patch_kokkos_for_cuda13.sh" "$2"
  rm -rf "$2"/{benchmarks,doc,scripts,tpls} "$2"/{algorithms,containers,core}/{unit_test,unit_tests,perf_test,performance_tests}
}

# Kokkos' option for a compute capability.
architecture_option() {
  case $1 in
    75) echo TURING75 ;; 80) echo AMPERE80 ;; 86) echo AMPERE86 ;; 89) echo ADA89 ;; 90) echo HOPPER90 ;; 120) echo BLACKWELL120 ;;
    *) fail "VOXODE_CUDA_ARCH = $1 is not one of 75 80 86 89 90 120" ;;
  esac
}

# Compute capability of this machine's first GPU, e.g. 90; 90 if there is none.
present_architecture() {
  local capability
  capability=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null | head -n 1 | tr -d '. ') || true
  case $capability in [0-9]*) echo "$capability" ;; *) echo 90 ;; esac
}

main() {
  [ $# -eq 2 ] || fail "usage: $0 openmp|cuda PREFIX, $0 sources FOLDER"
  local backend=$1 prefix carried=$here/../external/kokkos
  if [ "$backend" = sources ]; then
    local downloads=$here/../build/deps/kokkos-download
    mkdir -p "$downloads"
    download "$downloads"
    export_sources "$downloads/$tarball" "$2"
    return
  fi
  mkdir -p "$2" && prefix=$(cd "$2" && pwd)
  local work; work=$(dirname "$prefix")/kokkos-download
  local architecture=${VOXODE_CUDA_ARCH:-$(present_architecture)}
  local stamp=$prefix/DONE identity="kokkos 3.4.01 $backend"
  local options=(-DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_STANDARD=20 -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DBUILD_SHARED_LIBS=OFF
    -DKokkos_CXX_STANDARD=20 -DKokkos_ENABLE_SERIAL=ON -DKokkos_ENABLE_OPENMP=ON -DKokkos_ENABLE_TESTS=OFF -DKokkos_ENABLE_EXAMPLES=OFF)
  case $backend in
    openmp) options+=(-DCMAKE_CXX_COMPILER="${CXX:-g++}") ;;
    cuda)
      command -v nvcc >/dev/null || fail "the CUDA build needs nvcc (CUDA 12 or later, tried with 13.0) in PATH; Debian's nvidia-cuda-toolkit (11.8) does not know C++20. Install NVIDIA's toolkit and put its bin folder into PATH."
      identity+=" sm_$architecture patch $(sha256sum <"$here/patch_kokkos_for_cuda13.sh" | cut -c 1-12)"
      ;;
    *) fail "unknown backend $backend: openmp or cuda" ;;
  esac
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$identity" ]; then say "Kokkos ($backend) is built: $prefix"; return; fi

  mkdir -p "$work"
  local source=$work/source-$backend build=$work/build-$backend
  if [ -d "$carried" ]; then
    rm -rf "$source" && cp -R "$carried" "$source"
  else
    download "$work"
    unpack "$work/$tarball" "$source"
    [ "$backend" = openmp ] || "$here/patch_kokkos_for_cuda13.sh" "$source"
  fi
  rm -rf "$build" "$prefix"
  if [ "$backend" = cuda ]; then
    # Kokkos records its compiler for those who link it: let that be a path that stays.
    install -D "$source/bin/nvcc_wrapper" "$prefix/bin/nvcc_wrapper"
    options+=(-DCMAKE_CXX_COMPILER="$prefix/bin/nvcc_wrapper" -DKokkos_ENABLE_CUDA=ON -DKokkos_ENABLE_CUDA_LAMBDA=ON
      -DKokkos_ENABLE_CUDA_CONSTEXPR=ON "-DKokkos_ARCH_$(architecture_option "$architecture")=ON")
  fi
  say "building Kokkos 3.4.01 ($backend), half a minute to two"
  local log=$work/build-$backend.log generator='Unix Makefiles'
  if ninja --version >/dev/null 2>&1; then generator=Ninja; fi
  { cmake -S "$source" -B "$build" -G "$generator" -DCMAKE_INSTALL_PREFIX="$prefix" "${options[@]}" &&
    cmake --build "$build" -j "${VOXODE_JOBS:-$(nproc)}" && cmake --install "$build"; } >"$log" 2>&1 ||
    { tail -n 30 "$log" >&2; fail "Kokkos did not build; all of its output is in $log"; }
  printf '%s\n' "$identity" >"$stamp"
  rm -rf "$build" "$source"
  say "Kokkos ($backend) is built: $prefix"
}

main "$@"
