#!/usr/bin/env bash
# What nvcc makes of the CUDA kernels, without a GPU: registers, spills, stack, shared memory and theoretical occupancy of each for sm_80, sm_90 and sm_120,
# and the time that the main kernels' memory traffic would take. Exit code 1 if a criterion (see gpu_static.py) fails.
#
#   benchmarks/gpu_static.sh [--json FILE] [--all] [--arch "80 90 120"] [--build build-cuda] [SOURCE ...]
#
# SOURCE: of those that the CUDA build hands to nvcc, default all that launch kernels of voxode's own. --all: Kokkos' kernels in the table too.
# Needs a configured CUDA build (./setup.sh cuda), nvcc and Python 3. Compilations are kept in build-gpu-static and repeated when something they read changed;
# the first takes minutes.
set -euo pipefail
command -v nvcc >/dev/null || PATH=$PATH:/usr/local/cuda/bin
command -v nvcc >/dev/null || { echo "gpu_static: no nvcc in PATH" >&2; exit 2; }
exec python3 "$(dirname "${BASH_SOURCE[0]}")/gpu_static.py" "$@"
