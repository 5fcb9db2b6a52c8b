#!/usr/bin/env bash
# What the verification tests measure, into docs/manual/verification.jsonl, from which tools/manual.sh makes tables and pictures:
#   tools/verification_records.sh [--long] [REGEX of tests]
# Runs the tests of the label `verification`, or with --long those of `long`, in the build folder build (BUILD names another). Tests that did not run keep
# the lines that they have. Commit the sources first: each line names its commit.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

label=verification
if [ "${1:-}" = --long ]; then
  label=long
  shift
fi
build=$(realpath -m "${BUILD:-build}")
records=docs/manual/verification.jsonl
git diff --quiet HEAD -- CMakeLists.txt cmake kernels mesh physics io tests || { echo "commit the changed sources first: the records name a commit" >&2; exit 1; }
commit=$(git rev-parse --short HEAD)
date=$(git log -1 --format=%cs)
processor=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
VOXODE_RECORD=$folder ctest --test-dir "$build" -L "$label" -R "${1:-.}" --output-on-failure
cat "$folder"/*.json | sed "s/}\$/,\"commit\":\"$commit\",\"date\":\"$date\",\"processor\":\"${processor//\//\\/}\"}/" >"$folder/new"
touch "$records"
awk -F'"' 'NR == FNR { new[$4] } NR == FNR || !($4 in new)' "$folder/new" "$records" | LC_ALL=C sort >"$folder/all"
cp "$folder/all" "$records"
echo "$records: $(wc -l <"$folder/new") tests anew, $(wc -l <"$records") in all"
