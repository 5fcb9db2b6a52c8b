# Sourced by the scripts of this folder that use Python packages: their messages, and virtual environments.

say() { printf 'voxode: %s\n' "$*"; }
fail() { printf 'voxode: %s\n' "$*" >&2; exit 1; }

# make_environment FOLDER: a virtual environment there, unless there is one. Python 3.11 or later is python3, or the one in PYTHON.
make_environment() {
  local python=${PYTHON:-python3}
  if "$1/bin/python" -m pip --version >/dev/null 2>&1; then return; fi
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "$python must be Python 3.11 or later (PYTHON=... names another)"
  say "making a virtual environment in ${1#"$PWD/"}"
  mkdir -p "$1"
  "$python" -m venv --clear "$1" >"$1.log" 2>&1 || { tail -n 5 "$1.log" >&2; fail "no virtual environment: on Debian, ./setup.sh packages python3 python3-venv"; }
}

# install FOLDER ARGUMENTS...: pip's, in the environment there.
install() {
  local folder=$1
  shift
  "$folder/bin/pip" install --disable-pip-version-check --prefer-binary --no-compile "$@" >"$folder.log" 2>&1 ||
    { tail -n 20 "$folder.log" >&2; fail "pip failed; all of its output is in ${folder#"$PWD/"}.log"; }
}
