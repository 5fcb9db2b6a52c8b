#!/usr/bin/env bash
# Does report.html work in a browser? A small run, its report, and headless Chromium, narrow and wide, light and dark: tools/report_test.sh [PROGRAM]   (default: build/voxode)
# Needs python3 with venv and Chromium (Debian: ./setup.sh packages python3 python3-venv chromium) and, the first time, PyPI. Pictures of the page lie in build/report afterwards.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/venv.sh

program=$(realpath -m "${1:-build/voxode}")
[ -x "$program" ] || fail "$program is not there: ./setup.sh build makes build/voxode"
chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || true)}
[ -n "$chromium" ] || fail "there is no Chromium: on Debian, ./setup.sh packages chromium; or CHROMIUM=/path/to/it"
folder=$PWD/build/report
out=$folder/out

mkdir -p "$folder"
make_environment "$folder/venv"
"$folder/venv/bin/python" -c 'import playwright' 2>/dev/null || { say "installing playwright"; install "$folder/venv" "playwright>=1.44"; }
say "running a small example"
rm -rf "$out"
OMP_WAIT_POLICY=passive "$program" run examples/first_steps/cathode.toml --out "$out" --quiet \
  --set 'synthetic.size_voxels=[16, 16, 16]' --set synthetic.diameter_median_um=3.0 --set synthetic.diameter_maximum_um=4.0 --set cycling.steps_per_half_cycle=2 --set solver.tolerance=1e-4
rm "$out/report.html"
"$program" report "$out"
say "looking at it in $chromium"
PYTHONDONTWRITEBYTECODE=1 "$folder/venv/bin/python" tools/report_test.py "$out/report.html" "$chromium" "$folder"
