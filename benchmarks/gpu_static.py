"""Static figures of the CUDA kernels; see gpu_static.sh.

Occupancy is that of the registers and the static shared memory with blocks of 256 threads. Kokkos chooses the block itself when it launches
(the size with the highest occupancy), and its reductions add shared memory then: the figure is what the kernel allows, not what a run had.
"""

import argparse
import functools
import json
import os
import re
import shlex
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CACHE = os.path.join(ROOT, "build-gpu-static")
BLOCK = 256
# Warps, blocks, registers and KiB of shared memory of one multiprocessor (CUDA C++ Programming Guide, "Compute Capabilities").
MULTIPROCESSOR = {80: (64, 32, 65536, 164), 86: (48, 16, 65536, 100), 89: (48, 24, 65536, 100), 90: (64, 32, 65536, 228), 100: (64, 32, 65536, 228), 120: (48, 24, 65536, 100)}

# Kernels that must neither spill nor fall below LEAST_OCCUPANCY: the functors, as patterns over the short name.
LEAST_OCCUPANCY = 0.25
MAIN = {
    "elastic operator": r"^(FineForce<float|CoarseForce<)",
    "smoother": r"^(ChebyshevStep<|ChebyshevRows)",
    "transport operator": r"^transport::(Lanes<\d, )?(Apply|ApplyRows|NextStep)\b",
}
# Sources whose kernels run once for a mesh or a conduction problem, not in iterations.
SETUP = ("mesh/components.cpp", "physics/transport_coarsen.cpp", "physics/transport_system.cpp")

# Sources that launch kernels of voxode's own; kernels/parallel_algorithms.cpp has Thrust's alone, for set-up, and takes nvcc minutes.
LAUNCHES = r"for_each\(|for_all\(|sum_all<|kernels::scan|deterministic_sum|kernels::Space|vector_operations\.hpp"

# Bytes that a kernel must move for each voxel of one body (one node and one unknown a voxel), each value once.
TRAFFIC = {
    "elastic operator, single": (12 + 12 + 12, "x; y; vertex offset, corner ranks, class"),
    "elastic operator, double": (24 + 24 + 12, "the same"),
    "smoother (Chebyshev), single": (4 * 12 + 2 * 12 + 8, "b, t, x, d; x, d; vertex offset, block number"),
    "transport operator, double": (8 + 8 + 16 + 3 + 2, "p; q; four columns, codes of three faces, of the ground"),
    "transport smoother, single": (8 + 3 * 4 + 2 * 4 + 16 + 3 + 2, "residual; z, d, diagonal; z, d; columns, codes"),
}
# What the finest level does in one iteration. Coarser levels, interfaces, sums and launches come on top.
ITERATION = {
    "elastic iteration: 4 smoothing steps, a residual": {"elastic operator, single": 4, "smoother (Chebyshev), single": 4, "elastic operator, double": 1},
    "transport iteration: 4 smoothing steps, operator": {"transport smoother, single": 4, "transport operator, double": 1},
}
BANDWIDTHS = (1.0, 2.0, 3.35, 4.8)  # TB/s
EDGE = 256


def occupancy(arch, registers, shared):
    warps_most, blocks_most, registers_all, shared_all = MULTIPROCESSOR[arch]
    warps = BLOCK // 32
    by_registers = registers_all // (-(-registers * 32 // 256) * 256) // warps if registers else blocks_most
    by_shared = shared_all * 1024 // (shared + 1024)
    return min(warps_most // warps, blocks_most, by_registers, by_shared) * warps / warps_most


def device_sources(build):
    """Source -> arguments, of the files that the build hands to nvcc."""
    with open(os.path.join(build, "compile_commands.json")) as file:
        commands = json.load(file)
    sources = {}
    for entry in commands:
        name = os.path.relpath(entry["file"], ROOT)
        if "expt-extended-lambda" in entry["command"] and name.split("/")[0] in ("kernels", "mesh", "physics"):
            sources[name] = shlex.split(entry["command"])[1:]
    return sources


def launches(name):
    with open(os.path.join(ROOT, name)) as file:
        return re.search(LAUNCHES, file.read())


def device_arguments(arguments):
    """Those of a compile command that matter for device code, as nvcc takes them."""
    result, i = [], 0
    while i < len(arguments):
        a = arguments[i]
        if a in ("-isystem", "-include", "-I", "-Xcudafe"):
            result += [a, arguments[i + 1]]
            i += 1
        elif a in ("-o", "-c", "-Xcompiler"):
            i += 1
        elif a.startswith(("-D", "-I", "-O", "-std", "--std", "-expt")):
            result.append(a)
        i += 1
    return result + ["-x", "cu", "-Xcompiler", "-fopenmp"]


def up_to_date(log, depends):
    try:
        with open(depends) as file:
            read = file.read().replace("\\\n", " ").split(":", 1)[1].split()
        made = os.path.getmtime(log)
        return all(os.path.getmtime(name) <= made for name in read)
    except (OSError, IndexError):
        return False


def compile_source(name, arguments, archs):
    """What ptxas says about one source, from the cache where nothing changed."""
    base = os.path.join(CACHE, name.replace("/", "_"))
    command = ["nvcc"] + device_arguments(arguments) + ["-Xptxas", "-v", "-w"]
    for arch in archs:
        command += ["-gencode", f"arch=compute_{arch},code=sm_{arch}"]
    command += ["-MD", "-MF", base + ".d", "-fatbin", "-o", base + ".fatbin", os.path.join(ROOT, name)]
    head = shlex.join([nvcc_version(), os.environ.get("NVCC_APPEND_FLAGS", "")] + command) + "\n"
    try:
        with open(base + ".log") as file:
            text = file.read()
        if text.startswith(head) and up_to_date(base + ".log", base + ".d"):
            return text
    except OSError:
        pass
    print(f"compiling {name}", file=sys.stderr, flush=True)
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"gpu_static: nvcc failed for {name}:\n{run.stderr[-3000:]}")
    text = head + run.stdout + run.stderr
    with open(base + ".log", "w") as file:
        file.write(text)
    os.remove(base + ".fatbin")
    return text


def parse(text):
    """(arch, mangled name, registers, stack, spilled bytes, static shared memory) of each kernel."""
    kernels = []
    for line in text.splitlines():
        if m := re.search(r"Compiling entry function '(\S+)' for 'sm_(\d+)", line):
            kernels.append(dict(arch=int(m[2]), symbol=m[1], registers=0, stack=0, spill=0, shared=0))
        elif m := re.search(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads", line):
            k = kernels[-1]
            k["stack"] = max(k["stack"], int(m[1]))
            k["spill"] += int(m[2]) + int(m[3])
        elif m := re.search(r"Used (\d+) registers", line):
            kernels[-1]["registers"] = int(m[1])
            if m := re.search(r"(\d+) bytes smem", line):
                kernels[-1]["shared"] = int(m[1])
    return kernels


def template_arguments(text):
    """'A<B<C>, D>' -> ['B<C>', 'D']"""
    arguments, depth, start = [], 0, text.index("<") + 1
    for i in range(text.index("<"), len(text)):
        if text[i] in "<({":
            depth += 1
        elif text[i] in ">)}":
            depth -= 1
        if (text[i] == "," and depth == 1) or depth == 0:
            arguments.append(text[start:i].strip())
            start = i + 1
        if depth == 0:
            break
    return arguments


def short_name(symbol):
    """The functor, or the function whose lambda it is, without what every kernel has; None for kernels that are not voxode's."""
    name = symbol
    while m := re.search(r"Kokkos::Impl::(ParallelFor|ParallelReduce|ParallelScan|ParallelScanWithTotal|CudaFunctorAdapter|FunctorAdapter)<", name):
        name = template_arguments(name[m.end() - 1:])[0]
    if "voxode::" not in name or re.match(r"Kokkos::|void thrust|thrust", name):
        return None
    name = re.sub(r"Kokkos::View<([\w ]+?)(?: const)?\s?\* \[3\], Kokkos::LayoutLeft.*?>", r"Field", name)
    name = re.sub(r"Kokkos::View<([\w ]+?)\s?\* \[4\], Kokkos::LayoutRight.*?>", r"NodeField", name)
    name = re.sub(r"voxode::(physics::|kernels::)?|\(anonymous namespace\)::|_INTERNAL_\w+::", "", name)
    name = re.sub(r"\{lambda\([^)]*\)#(\d+)\}( const)?", r"#\1", name)
    name = re.sub(r"\((?:[^()]|\([^()]*\))*\)( const)?(?=::#|$|::)", "", name)
    return name[:11] + name[11:].replace("transport::", "").replace("::Implementation", "")


def main():
    parser = argparse.ArgumentParser(prog="gpu_static.sh")
    parser.add_argument("sources", nargs="*")
    parser.add_argument("--json")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--arch", default="80 90 120")
    parser.add_argument("--build", default=os.path.join(ROOT, "build-cuda"))
    options = parser.parse_args()
    archs = [int(a) for a in options.arch.split()]
    os.makedirs(CACHE, exist_ok=True)
    sources = device_sources(options.build)
    chosen = options.sources or sorted(s for s in sources if launches(s))
    unknown = [s for s in chosen if s not in sources]
    if unknown:
        sys.exit(f"gpu_static: {' '.join(unknown)}: not among the sources that {options.build} hands to nvcc")
    kernels = []
    for source in chosen:
        kernels += [dict(k, source=source) for k in parse(compile_source(source, sources[source], archs))]
    names = subprocess.run(["c++filt"], input="\n".join(k["symbol"] for k in kernels), capture_output=True, text=True).stdout.splitlines()
    for k, demangled in zip(kernels, names):
        k["name"] = short_name(demangled) or ("(library) " + demangled.split("<")[0].split("::")[-1])
    rows = tabulate(kernels, archs, options.all)
    failed = verdict(rows, archs, everywhere=not options.sources)
    predictions = traffic()
    if options.json:
        with open(options.json, "w") as file:
            json.dump(dict(nvcc=nvcc_version(), block=BLOCK, kernels=rows, predictions=predictions, failed=failed), file, indent=1)
    sys.exit(1 if failed else 0)


@functools.cache
def nvcc_version():
    return subprocess.run(["nvcc", "--version"], capture_output=True, text=True).stdout.split("\n")[-3].strip()


def role(name, source):
    for what, pattern in MAIN.items():
        if re.search(pattern, name):
            return what
    if name.startswith("(library)"):
        return "library"
    return "set-up" if source in SETUP else "step"


def tabulate(kernels, archs, everything):
    """One row a kernel, the worst of several instances that share a short name."""
    rows = {}
    for k in kernels:
        row = rows.setdefault(k["name"], dict(name=k["name"], source=k["source"], role=role(k["name"], k["source"]), arch={}))
        occupied = occupancy(k["arch"], k["registers"], k["shared"])
        old = row["arch"].get(k["arch"])
        new = dict(registers=k["registers"], spill=k["spill"], stack=k["stack"], shared=k["shared"], occupancy=occupied)
        if old:
            new = {key: min(old[key], new[key]) if key == "occupancy" else max(old[key], new[key]) for key in new}
        row["arch"][k["arch"]] = new
    order = list(MAIN) + ["step", "set-up", "library"]
    result = sorted(rows.values(), key=lambda r: (order.index(r["role"]), r["source"], r["name"]))
    print(f"{nvcc_version()}; occupancy with blocks of {BLOCK} threads, from registers and static shared memory: an upper bound for what Kokkos launches")
    print("for each sm: registers, spilled bytes (stores + loads), stack bytes (arrays indexed at run time, and spills), shared bytes, occupancy in %")
    print(f"{'kernel':62}" + "".join(f"|{'sm_' + str(a):>26} " for a in archs))
    last = None
    for row in result:
        if row["role"] == "library" and not everything:
            continue
        if row["role"] != last:
            print(f"-- {row['role']}")
            last = row["role"]
        cells = "".join("|%4d %6d %5d %5d %3.0f " % (*[v[key] for key in ("registers", "spill", "stack", "shared")], 100 * v["occupancy"]) for v in (row["arch"][a] for a in archs))
        print(f"{row['name'][:61]:62}{cells} {os.path.basename(row['source'])[:-4]}")
    return result


def verdict(rows, archs, everywhere):
    missing = set(MAIN) - {row["role"] for row in rows} if everywhere else ()
    failed = [f"no kernel is known as the {what}: MAIN in gpu_static.py names functors that are gone" for what in sorted(missing)]
    for row in rows:
        for arch in archs:
            v = row["arch"][arch]
            if row["role"] in MAIN and v["occupancy"] < LEAST_OCCUPANCY:
                failed.append(f"{row['name']} ({row['role']}), sm_{arch}: occupancy {100 * v['occupancy']:.1f} %, at least {100 * LEAST_OCCUPANCY:.0f} % wanted")
            if row["role"] not in ("set-up", "library") and v["spill"]:
                failed.append(f"{row['name']} ({row['role']}), sm_{arch}: {v['spill']} bytes spilled")
    print()
    for line in failed:
        print("FAIL", line)
    if not failed:
        print("PASS: no spills in kernels of a step; operators and smoother at 25 % occupancy or more")
    return failed


def traffic():
    """PREDICTIONS: the least traffic over the bandwidth; nothing here is measured."""
    voxels = EDGE**3
    print(f"\nPREDICTED from the least bytes (each value moved once, one body, full bandwidth), ms at {EDGE}^3 voxels; not measured")
    print(f"{'':50}{'bytes a voxel':>14}" + "".join(f"{b:>7g} TB/s" for b in BANDWIDTHS))
    lines = [(name, n, what) for name, (n, what) in TRAFFIC.items()]
    lines += [(name, sum(count * TRAFFIC[part][0] for part, count in parts.items()), "finest level alone") for name, parts in ITERATION.items()]
    result = []
    for name, n, what in lines:
        times = {b: n * voxels / (b * 1e12) * 1e3 for b in BANDWIDTHS}
        print(f"{name:50}{n:>14}" + "".join(f"{t:>12.3f}" for t in times.values()) + f"  {what}")
        result.append(dict(name=name, bytes_per_voxel=n, predicted_ms=times))
    return result


if __name__ == "__main__":
    main()
