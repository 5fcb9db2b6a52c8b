#!/usr/bin/env bash
# Does `voxode export` give what bpx and PyBaMM take? A small cathode debonds, its pristine and last states are exported, parsed by bpx and discharged by PyBaMM:
#   tools/pybamm_test.sh [PROGRAM]     default: build/voxode
# Needs python3 with venv (Debian: python3-venv) and, the first time, PyPI (800 MB in build/pybamm). VOXODE_PYBAMM: other versions, e.g. "bpx pybamm" for the newest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/venv.sh
program=${1:-build/voxode}
folder=build/pybamm
python=$folder/venv/bin/python
read -r -a wanted <<<"${VOXODE_PYBAMM:-bpx==1.1.1 pybamm==26.10.1.1}"

[ -x "$program" ] || fail "$program is no program: ./setup.sh build makes build/voxode, or name another one"
mkdir -p "$folder"
if [ "$(cat "$folder/installed" 2>/dev/null)" != "${wanted[*]}" ]; then
  say "installing ${wanted[*]} in $folder/venv"
  rm -rf "$folder/venv"
  python3 -m venv "$folder/venv" >"$folder/install.log" 2>&1 || { cat "$folder/install.log" >&2; fail "python3 makes no virtual environment; on Debian: ./setup.sh packages python3-venv"; }
  "$python" -m pip install --quiet --disable-pip-version-check --retries 5 "${wanted[@]}" >>"$folder/install.log" 2>&1 || { tail -n 20 "$folder/install.log" >&2; fail "pip could not install ${wanted[*]}; all of its output is in $folder/install.log"; }
  printf '%s\n' "${wanted[*]}" >"$folder/installed"
fi

rm -rf "$folder/out" "$folder/cells"
OMP_WAIT_POLICY=passive "$program" run examples/pybamm/cathode.toml --out "$folder/out" --quiet
"$program" export "$folder/out" --to bpx --cycle all -o "$folder/cells"
"$program" export "$folder/out" --to pybamm --cycle all -o "$folder/cells"
"$program" export "$folder/out" --to bpx -o "$folder/cells/again.json" --template "$folder/cells/cycle_0000.bpx.json"
OMP_NUM_THREADS=2 PYBAMM_DISABLE_TELEMETRY=true "$python" tools/pybamm_test.py "$folder/cells"
OMP_NUM_THREADS=2 PYBAMM_DISABLE_TELEMETRY=true "$python" examples/pybamm/discharge.py "$folder/cells/cycle_0000.bpx.json" "$folder/cells/cycle_0001.bpx.json"
