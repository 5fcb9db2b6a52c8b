#!/usr/bin/env bash
# One archive of everything that a build needs beyond a C++20 compiler and CMake, for machines without internet or root:
# voxode's tracked files, Kokkos' sources (with the edits for CUDA 13), and in external/ the libraries that setup.sh takes from Debian's packages.
#
#   tools/bundle.sh [--without-kokkos] [ARCHIVE]     default: build/voxode-VERSION.tar.xz; any ending that tar -a knows
#
# Runs where `./setup.sh packages` ran. Kokkos' sources are those that tools/kokkos.sh downloaded, or are downloaded now.
# On the other machine: unpack, ./setup.sh build (see README.md).
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
say() { printf 'voxode: %s\n' "$*"; }
fail() { printf 'voxode: %s\n' "$*" >&2; exit 1; }

# folder in external/, Debian package, what of it is taken
readonly headers="
eigen3      libeigen3-dev        /usr/include/eigen3/Eigen
fmt         libfmt-dev           /usr/include/fmt
json        nlohmann-json3-dev   /usr/include/nlohmann
tomlplusplus libtomlplusplus-dev /usr/include/toml++
cli11       libcli11-dev         /usr/include/CLI
thrust      libthrust-dev        /usr/include/thrust
googletest  googletest           /usr/src/googletest/.
chartjs     libjs-chart.js       /usr/share/javascript/chart.js/chart.min.js"

# Copies the files of a package that lie under $3, links followed, with its licence, into the folder $1.
take() {
  local folder=$1 package=$2 from=$3 version
  version=$(dpkg-query --show --showformat='${Version}' "$package" 2>/dev/null) && [ -e "$from" ] ||
    fail "$from of the Debian package $package is not installed: run ./setup.sh packages first"
  mkdir -p "$folder"
  cp -RL "$from" "$folder/"
  cp -L "/usr/share/doc/$package/copyright" "$folder/copyright"
  printf '%s\t%s\n' "$package" "$version" >>"$(dirname "$folder")/VERSIONS"
}

# The tracked files as they lie in the folder now, and the commit for the benchmarks' headings.
take_voxode() {
  local folder=$1
  git -C "$root" ls-files -z | tar --create --directory "$root" --null --files-from=- --file=- | tar --extract --directory "$folder" --file=-
  git -C "$root" describe --always --dirty >"$folder/external/COMMIT"
}

main() {
  local with_kokkos=yes archive=''
  for argument in "$@"; do
    case $argument in
      --without-kokkos) with_kokkos=no ;;
      -*) fail "usage: tools/bundle.sh [--without-kokkos] [ARCHIVE]" ;;
      *) archive=$argument ;;
    esac
  done
  git -C "$root" rev-parse --git-dir >/dev/null 2>&1 || fail "a bundle is made from a git checkout, and $root is none"
  command -v dpkg-query >/dev/null || fail "the libraries come from Debian's packages, and this machine is no Debian"
  local version; version=$(sed -n 's/^project(voxode VERSION \([0-9.]*\).*/\1/p' "$root/CMakeLists.txt")
  mkdir -p "$root/build"
  [ -n "$archive" ] || archive=$root/build/voxode-$version.tar.xz
  local work; work=$(mktemp -d "$root/build/bundle.XXXXXX")
  trap 'rm -rf "'"$work"'"' EXIT
  local folder=$work/voxode-$version
  mkdir -p "$folder/external"
  take_voxode "$folder"
  local name package from
  while read -r name package from; do
    [ -z "$name" ] || take "$folder/external/$name" "$package" "$from"
  done <<<"$headers"
  if [ "$with_kokkos" = yes ]; then
    "$root/tools/kokkos.sh" sources "$folder/external/kokkos"
    printf 'kokkos\t3.4.01\n' >>"$folder/external/VERSIONS"
  fi
  local time; time=$(git -C "$root" log -1 --format=%cI)
  tar --create --auto-compress --sort=name --mtime="$time" --owner=0 --group=0 --numeric-owner --directory "$work" --file "$archive" "voxode-$version"
  say "$(du -h "$archive" | cut -f 1) in $archive: voxode $version, $(cut -f 1 "$folder/external/VERSIONS" | paste -sd ' ')"
}

main "$@"
