#!/usr/bin/env bash
# Tests of the Python package, its types and its notebook, in a virtual environment under build/python: tools/python_tests.sh [PROGRAM] (default: build/voxode).
# Python 3.11 or later is python3, or the one in PYTHON; packages come from PyPI.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf 'voxode: %s\n' "$*"; }
fail() { printf 'voxode: %s\n' "$*" >&2; exit 1; }

program=$(realpath -m "${1:-build/voxode}")
[ -x "$program" ] || fail "$program is not there: ./setup.sh build makes build/voxode"
folder=$PWD/build/python
python=${PYTHON:-python3}

if ! "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "$python must be Python 3.11 or later (PYTHON=... names another)"
  say "making a virtual environment in build/python"
  mkdir -p "$folder"
  "$python" -m venv --clear "$folder" >"$folder.log" 2>&1 || { tail -n 5 "$folder.log" >&2; fail "no virtual environment: on Debian, ./setup.sh packages python3 python3-venv"; }
fi
say "installing ./python and what its tests need"
"$folder/bin/pip" install --disable-pip-version-check --prefer-binary --no-compile './python[fields,plot,test]' >"$folder.log" 2>&1 ||
  { tail -n 20 "$folder.log" >&2; fail "pip failed; all of its output is in build/python.log"; }

# Nothing is written outside build/python.
export VOXODE=$program PYTHONDONTWRITEBYTECODE=1 OMP_WAIT_POLICY=passive
export IPYTHONDIR=$folder/ipython MPLCONFIGDIR=$folder/matplotlib JUPYTER_CONFIG_DIR=$folder/jupyter JUPYTER_DATA_DIR=$folder/jupyter PYVISTA_USERDATA_PATH=$folder/pyvista
cd python
say "types"
"$folder/bin/mypy" --cache-dir "$folder/mypy"
say "tests and notebook"
"$folder/bin/python" -m pytest -q -p no:cacheprovider --basetemp "$folder/scratch"
