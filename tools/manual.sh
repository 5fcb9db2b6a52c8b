#!/usr/bin/env bash
# The user's manual as HTML in build/manual/html: tools/manual.sh [PROGRAM] (default: build/voxode, which the reference pages are made from).
# A warning of Sphinx, a dead reference, a path that leads nowhere and a verification test without a record are failures. Links to other sites are not looked up.
# Python 3.11 or later is python3, or the one in PYTHON; packages come from PyPI.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/venv.sh

program=$(realpath -m "${1:-build/voxode}")
[ -x "$program" ] || fail "$program is not there: ./setup.sh build makes build/voxode"
folder=$PWD/build/manual
environment=$folder/environment

make_environment "$environment"
say "installing what docs/manual/requirements.txt lists"
install "$environment" -r docs/manual/requirements.txt

# The pages are copied and the generated ones put beside them, in a folder from which links to the rest of the repository lead where they do from docs/manual.
tree=$folder/source
rm -rf "$tree" "$folder/html"
mkdir -p "$tree/docs"
for entry in *; do [[ $entry == build* || $entry == docs ]] || ln -s "$PWD/$entry" "$tree/$entry"; done
for entry in docs/*; do [ "$entry" = docs/manual ] || ln -s "$PWD/$entry" "$tree/$entry"; done
cp -r docs/manual "$tree/docs/manual"
source=$tree/docs/manual

export PYTHONDONTWRITEBYTECODE=1
say "making configuration.md and command-line.md from $program"
"$environment/bin/python" docs/manual/generate.py "$program" "$source"
say "looking for the files that pages name, and for the tests and their records"
"$environment/bin/python" docs/manual/generate.py --check . "$source" || fail "the manual has the faults above"
say "building HTML"
release=$("$program" --version | sed -n 's/^voxode //p')
"$environment/bin/sphinx-build" -q -W --keep-going -E -d "$folder/doctrees" -D release="$release" -b html "$source" "$folder/html" || fail "the manual has the faults above"
say "build/manual/html/index.html"
