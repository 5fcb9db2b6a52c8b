#!/usr/bin/env bash
# Builds the kernels' variants for a GPU on the host and runs the tests of kernels, mesh and physics with them, in build-gpu-variants: what a machine without a
# GPU can test of them. `./setup.sh deps` comes first. Optional arguments go to the test programs, e.g. --gtest_filter=LocalRelaxation.*
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=build-gpu-variants
launcher=()
if command -v ccache >/dev/null; then launcher=("-DCMAKE_CXX_COMPILER_LAUNCHER=cmake;-E;env;CCACHE_DIR=$PWD/build/ccache;CCACHE_BASEDIR=$PWD;ccache"); fi
cmake --preset gpu-variants -DKokkos_ROOT="${Kokkos_ROOT:-$PWD/build/deps/kokkos-openmp}" "${launcher[@]}" | grep '^-- voxode' || true
cmake --build "$folder" --target test_kernels test_mesh test_physics -j "${VOXODE_JOBS:-$(nproc)}"
arguments=("$@")
[ $# -gt 0 ] || arguments=(--gtest_filter=-*_Long --gtest_brief=1)
for name in kernels mesh physics; do OMP_NUM_THREADS=2 OMP_WAIT_POLICY=passive OMP_PROC_BIND=false "$folder/tests/test_$name" "${arguments[@]}"; done
