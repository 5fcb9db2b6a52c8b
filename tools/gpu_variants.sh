#!/usr/bin/env bash
# Builds the kernels' variants for a GPU on the host and runs the tests of kernels, mesh and physics with them, in build-gpu-variants: what a machine without a
# GPU can test of them. `./setup.sh deps` comes first. Optional arguments go to ctest, e.g. -R LocalRelaxation
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=build-gpu-variants
launcher=()
if command -v ccache >/dev/null; then launcher=("-DCMAKE_CXX_COMPILER_LAUNCHER=cmake;-E;env;CCACHE_DIR=$PWD/build/ccache;CCACHE_BASEDIR=$PWD;ccache"); fi
cmake --preset gpu-variants -DKokkos_ROOT="${Kokkos_ROOT:-$PWD/build/deps/kokkos-openmp}" "${launcher[@]}" | grep '^-- voxode' || true
cmake --build "$folder" --target test_kernels test_mesh test_physics -j "${VOXODE_JOBS:-$(nproc)}"
OMP_NUM_THREADS=2 OMP_WAIT_POLICY=passive ctest --test-dir "$folder" -L '^unit$' --no-tests=error --output-on-failure -j "${VOXODE_JOBS:-$(nproc)}" "$@"
