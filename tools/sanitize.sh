#!/usr/bin/env bash
# Builds and runs the unit tests under the address and undefined-behaviour sanitizers, in build-sanitize. `./setup.sh deps` comes first.
# Optional arguments go to ctest, e.g. -R Nodes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=build-sanitize
launcher=()
if command -v ccache >/dev/null; then launcher=("-DCMAKE_CXX_COMPILER_LAUNCHER=cmake;-E;env;CCACHE_DIR=$PWD/build/ccache;CCACHE_BASEDIR=$PWD;ccache"); fi
cmake --preset sanitize -DKokkos_ROOT="${Kokkos_ROOT:-$PWD/build/deps/kokkos-openmp}" "${launcher[@]}" | grep '^-- voxode' || true
cmake --build "$folder" --target unit_tests -j "${VOXODE_JOBS:-$(nproc)}"
# -fno-sanitize=null in the preset: Thrust 1.17 calls through null references to empty tags; a null pointer of our own still stops under the address sanitizer.
# Left out: counts of iterations on larger grids, which take minutes here and run no line that the others don't.
# Leaks are counted for voxode's own allocations; VTK's and OpenVDB's globals live until the process ends.
# New memory is filled with numbers that are none (0xff), so that whatever is read before it is written shows.
ASAN_OPTIONS=detect_stack_use_after_return=1:malloc_fill_byte=255:max_malloc_fill_size=1073741824 LSAN_OPTIONS="suppressions=$PWD/tools/leaks.txt:print_suppressions=0" UBSAN_OPTIONS=print_stacktrace=1 \
  OMP_NUM_THREADS=2 OMP_WAIT_POLICY=passive ctest --test-dir "$folder" -L '^unit$' -E 'MultigridIterations|MultigridOddGrid|Mechanics_Energy|Mechanics_Laminate.AlongZ|Polycrystal.(Merges|Across)' --no-tests=error --output-on-failure -j "${VOXODE_JOBS:-$(nproc)}" "$@"
