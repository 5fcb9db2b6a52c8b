#!/usr/bin/env bash
# Builds and runs a bundle as a bare machine would: in an empty folder, without network, with the system's copies of the libraries, Ninja, perl and apt
# hidden. tools/bundle_trial.sh ARCHIVE [FOLDER, default: a new one under build/, deleted after success]. About six minutes of one core.
# Needs Linux' user namespaces (unshare), and changes nothing outside of FOLDER.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
archive=$(realpath "${1:?usage: tools/bundle_trial.sh ARCHIVE [FOLDER]}")

if [ -z "${VOXODE_TRIAL_FOLDER:-}" ]; then
  folder=${2:-$(mktemp -d "$root/build/bundle_trial.XXXXXX")}
  mkdir -p "$folder"
  VOXODE_TRIAL_FOLDER=$(realpath "$folder") unshare --user --map-root-user --mount --net "$0" "$archive"
  [ $# -gt 1 ] || rm -rf "$folder"
  exit
fi

empty=$VOXODE_TRIAL_FOLDER/empty
mkdir -p "$empty"
hide() {
  local path
  for path in "$@"; do
    if [ -d "$path" ]; then mount --bind "$empty" "$path"; elif [ -e "$path" ]; then mount --bind /dev/null "$path"; fi
  done
}
hide /usr/include/{eigen3,fmt,nlohmann,toml++,CLI,thrust,cub,gtest,gmock,benchmark,openvdb,Imath,tbb,oneapi} /usr/include/vtk* /usr/src/googletest
hide /usr/lib/*/cmake /usr/lib/cmake /usr/share/cmake /usr/share/eigen3 /usr/lib/*/pkgconfig /usr/share/pkgconfig
hide /usr/include/tiff*.h /usr/include/*/tiff*.h /usr/bin/{ninja,apt-get,perl}

cd "$VOXODE_TRIAL_FOLDER"
tar --extract --file "$archive"
cd voxode-*/
export -n Kokkos_ROOT
./setup.sh build
./setup.sh run
program=build/voxode
"$program" generate examples/first_steps/cathode.toml -o image.npy
"$program" info image.npy
"$program" tortuosity image.npy --label 1 --axis 0
[ -s out/first_steps/cycles.csv ]
echo "voxode: the bundle builds and runs on its own"
