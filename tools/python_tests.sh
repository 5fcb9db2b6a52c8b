#!/usr/bin/env bash
# Tests of the Python package, its types and its notebook, in a virtual environment under build/python: tools/python_tests.sh [PROGRAM] (default: build/voxode).
# Python 3.11 or later is python3, or the one in PYTHON; packages come from PyPI.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/venv.sh

program=$(realpath -m "${1:-build/voxode}")
[ -x "$program" ] || fail "$program is not there: ./setup.sh build makes build/voxode"
folder=$PWD/build/python

make_environment "$folder"
say "installing ./python and what its tests need"
install "$folder" './python[fields,plot,test]'

# Nothing is written outside build/python.
export VOXODE=$program PYTHONDONTWRITEBYTECODE=1 OMP_WAIT_POLICY=passive
export IPYTHONDIR=$folder/ipython MPLCONFIGDIR=$folder/matplotlib JUPYTER_CONFIG_DIR=$folder/jupyter JUPYTER_DATA_DIR=$folder/jupyter PYVISTA_USERDATA_PATH=$folder/pyvista
cd python
say "types"
"$folder/bin/mypy" --cache-dir "$folder/mypy"
say "tests and notebook"
"$folder/bin/python" -m pytest -q -p no:cacheprovider --basetemp "$folder/scratch"
