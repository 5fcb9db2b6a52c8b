#!/usr/bin/env bash
# Does every example do what its page says? Each is run, smaller than its page has it, and its claims are checked: tools/gallery_test.sh [PROGRAM [EXAMPLE ...]]
# (default: build/voxode, all of them). Needs the Python environment of tools/python_tests.sh, which it makes if there is none.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/venv.sh

program=$(realpath -m "${1:-build/voxode}")
[ -x "$program" ] || fail "$program is not there: ./setup.sh build makes build/voxode"
shift $(($# > 0))
folder=$PWD/build/python

make_environment "$folder"
say "installing ./python and what its plots need"
install "$folder" './python[fields,plot]'

export VOXODE=$program PYTHONDONTWRITEBYTECODE=1 OMP_WAIT_POLICY=passive OMP_NUM_THREADS=1 MPLBACKEND=Agg MPLCONFIGDIR=$folder/matplotlib PYVISTA_USERDATA_PATH=$folder/pyvista
"$folder/bin/python" tools/gallery_test.py build/gallery_test "$@"
