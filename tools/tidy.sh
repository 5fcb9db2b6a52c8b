#!/usr/bin/env bash
# clang-tidy over the library's sources, with the compile commands of a build folder: tools/tidy.sh BUILD [PATTERN of files].
# `cmake --preset tidy` makes a folder, build-tidy, that has several sources in one, which takes less time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=${1:?usage: tools/tidy.sh BUILD [PATTERN]}
pattern=${2:-"^$PWD/(kernels|mesh|physics|io|cli)/|/(kernels|mesh|physics|cli)/CMakeFiles/voxode_[^/]*/Unity/"}
output=$folder/tidy.log
# GCC knows warnings that clang does not.
if ! run-clang-tidy -quiet -extra-arg=-Wno-unknown-warning-option -p "$folder" -j "${VOXODE_JOBS:-$(nproc)}" "$pattern" >"$output" 2>&1; then
  grep -E '(error|warning):' -A 4 "$output" | head -n 200
  echo "clang-tidy found the above; all of its output is in $output" >&2
  exit 1
fi
compilations=$(grep -c '^clang-tidy' "$output") || { echo "clang-tidy looked at nothing: no source of $folder matches $pattern" >&2; exit 1; }
echo "clang-tidy: $compilations compilations, nothing found"
