"""Part of gallery_test.sh: runs the examples, shrunk, and fails unless what their pages claim comes true and their links lead to files: gallery_test.py FOLDER [EXAMPLE ...]

The pages' numbers are of the full size; what is checked are the directions of effects, and bounds that hold at any size.
"""
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
PROGRAM = os.environ["VOXODE"]
JOBS = 2

# boxes of 16^3 voxels: spheres six voxels wide, of the pages' diameter or of 3 um
COARSE = ["synthetic.size_voxels=[16, 16, 16]", "synthetic.voxel_size_um=0.8", "synthetic.diameter_minimum_um=4.0", "synthetic.diameter_maximum_um=5.5"]
FINE = ["synthetic.size_voxels=[16, 16, 16]", "synthetic.diameter_median_um=3.0", "synthetic.diameter_maximum_um=3.5"]


class Example:
    """One example's folder, its scratch folder, and the claims that did not come true."""

    def __init__(self, name, scratch):
        self.source, self.out, self.failures, self.claims = EXAMPLES / name, scratch / name, [], 0
        shutil.rmtree(self.out, ignore_errors=True)
        self.out.mkdir(parents=True)

    def call(self, *command):
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=ROOT)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
        return done.stdout

    def run(self, name, sets, *options):
        folder = self.out / name
        self.call(PROGRAM, "run", self.source / "cathode.toml", "--threads", 1, "--quiet", "--out", folder, *options, *(word for text in sets for word in ("--set", text)))
        return Run(folder)

    def python(self, script, *arguments):
        self.call(sys.executable, self.source / script, *arguments)

    def picture(self, *arguments, script="plot.py"):
        file = self.out / "picture.png"
        self.python(script, *arguments, "-o", file)
        self.claim(file.stat().st_size > 10000, f"{script} draws a picture")

    def claim(self, holds, text, *values):
        self.claims += 1
        if not holds:
            self.failures.append(text + (f": {', '.join(f'{value:.4g}' for value in values)}" if values else ""))

    def falling(self, text, *values):
        self.claim(all(a > b for a, b in zip(values, values[1:])), text, *values)


class Run:
    def __init__(self, folder):
        self.folder = folder
        self.summary = json.loads((folder / "summary.json").read_text())
        self.cycles, self.steps = (rows(folder / f"{name}.csv") for name in ("cycles", "steps"))

    def at(self, state, column):
        return self.cycles[state][column] if isinstance(state, int) else next(row[column] for row in reversed(self.cycles) if row["state"] == state)

    def interface(self, number, key):
        return self.summary["interfaces"][number][key]


def rows(file):
    with file.open(newline="") as opened:
        return [{key: text if key == "state" else float(text) if text else None for key, text in row.items()} for row in csv.DictReader(opened)]


def first_steps(example):
    run = example.run("run", [*FINE, "cycling.steps_per_half_cycle=2"])
    states = ("pristine", "charged", "discharged")
    pristine, charged, discharged = (run.at(state, "void_fraction") for state in states)
    example.claim(charged > pristine + 0.01 and abs(discharged - pristine) < 0.001, "voids grow on charge and close on discharge", pristine, charged, discharged)
    pristine, charged, discharged = (run.at(state, "open_area_fraction") for state in states)
    example.claim(pristine == 0 and charged > 0.9 and discharged < 0.01, "nearly all interfaces open on charge and close on discharge", pristine, charged, discharged)
    pristine, charged, discharged = (run.at(state, "electronic_conductivity_S_per_m") for state in states)
    example.claim(charged < 0.01 * pristine and abs(discharged / pristine - 1) < 0.01, "electrons have no path when charged, and the old one when discharged", pristine, charged, discharged)
    pristine, charged, _ = (run.at(state, "ionic_conductivity_S_per_m") for state in states)
    example.claim(abs(charged / pristine - 1) < 1e-6, "ions do not notice", pristine, charged)
    example.picture(run.folder)


def from_stack(example):
    image = example.out / "stack.tif"
    example.call(PROGRAM, "generate", example.source / "recipe.toml", "-o", image, "--set", "synthetic.size_voxels=[44, 44, 48]", "--set", "synthetic.diameter_maximum_um=5.2")
    labels = json.loads(example.call(PROGRAM, "info", image, "--json"))["labels"]
    shares = [label["share"] for label in labels]
    example.claim(len(shares) == 4 and all(abs(a - b) < 0.001 for a, b in zip(shares, (0.44, 0.50, 0.04, 0.02))), "the stack has the recipe's shares", *shares)
    sets = [f'image.file="{image}"', "image.crop=[[8, 44], [4, 40], [4, 40]]", "cycling.steps_per_half_cycle=2"]
    run = example.run("run", sets)
    example.claim(run.summary["image"]["voxels_xyz"] == [18, 18, 18] and abs(run.summary["image"]["voxel_size_um"] - 0.5) < 1e-9, "crop and coarsen leave 18^3 voxels of 0.5 um")
    phases = {phase["name"]: phase for phase in run.summary["phases"]}
    example.claim(phases["active"]["bodies"] > 3, "the watershed finds particles", phases["active"]["bodies"])
    example.claim(run.at("charged", "open_area_fraction") > 0.7, "most interfaces open on charge", run.at("charged", "open_area_fraction"))
    example.claim(run.at("charged", "void_fraction") > run.at("pristine", "void_fraction") + 0.01, "voids grow on charge")
    example.falling("particles part from each other, less from electrolyte, not from rubber", *(run.interface(number, "mean_separation") for number in (1, 0, 2)))
    example.claim(run.interface(2, "mean_separation") < 0.05, "rubber holds", run.interface(2, "mean_separation"))
    example.picture(run.folder)


def cracking_particle(example):
    sets = ["synthetic.size_voxels=[16, 16, 16]", "synthetic.diameter_median_um=5.7", "cycling.steps_per_half_cycle=3", 'output.fields="half-cycle"']
    soft = 'phase.electrolyte.material={base="li6ps5cl", E_GPa=1.0}'
    aligned = 'phase.active.orientation="aligned"'
    whole = example.run("run", sets)
    hold = {"": whole} | {ending: example.run(f"run{ending}", [*sets, *more], "--steps", 3) for ending, more in (("_aligned", [aligned]), ("_soft", [soft]), ("_soft_aligned", [soft, aligned]))}
    broken = {ending: run.interface(1, "broken_area_fraction") for ending, run in hold.items()}
    example.claim(broken[""] > 0.8, "random grains part from each other", broken[""])
    example.falling("aligned grains in stiff surroundings part less", broken[""], broken["_aligned"])
    example.claim(broken["_soft"] > 0.7 and broken["_soft_aligned"] < 0.3 * broken["_soft"], "in soft surroundings random grains part and aligned ones hold", broken["_soft"], broken["_soft_aligned"])
    first, last = whole.steps[1]["broken_area_fraction"], whole.at("charged", "broken_area_fraction")
    example.claim(first > 0.3 * last, "much breaks in the first part of the charge", first, last)
    example.claim(whole.at("charged", "open_area_fraction") > 0.8 and whole.at("discharged", "open_area_fraction") < 0.02 and whole.at("discharged", "broken_area_fraction") >= last,
                  "cracks close on discharge, but stay broken", whole.at("discharged", "open_area_fraction"), whole.at("discharged", "broken_area_fraction"))
    example.picture(whole.folder)


def stack_pressure(example):
    sets = [*FINE, "cycling.steps_per_half_cycle=2"]
    runs = [example.run(f"{pressure}_MPa", [*sets, f"boundary.pressure_MPa={pressure}"]) for pressure in (70, 19, 4)]
    runs.append(example.run("gap", [*sets, 'boundary.stack="gap"']))
    example.falling("less pressure leaves more voids in the charged state", *(run.at("charged", "void_fraction") for run in reversed(runs[:3])))
    example.falling("less pressure leaves less contact in the charged state", *(run.at("charged", "contact_area_fraction") for run in runs[:3]))
    pressure = [row["stack_pressure_MPa"] for row in runs[3].steps]
    example.claim(abs(pressure[0] - 19) < 0.1 and pressure[1] > 25 and pressure[2] == 0, "pressure in the gap rises, then is lost when charged", *pressure)
    example.claim(pressure[-1] < 19, "on discharge the gap regains less pressure than it had", pressure[-1])
    example.claim(runs[3].at("charged", "void_fraction") > runs[1].at("charged", "void_fraction"), "the gap leaves more voids than the pressure it began with")
    for run in runs:
        pristine, charged, discharged = (run.at(state, "electronic_conductivity_S_per_m") for state in ("pristine", "charged", "discharged"))
        example.claim(charged < 0.01 * pristine and 0.05 * pristine < discharged < 0.9 * pristine, f"{run.folder.name}: electronic conductivity goes and comes back in part", pristine, charged, discharged)
    example.picture(example.out)


def interface_strength(example):
    sets = [*COARSE, "cycling.steps_per_half_cycle=2"]
    values = {"weak": (5, 0.1), "strong": (50, 10), "brittle": (50, 0.5)}
    runs = {name: example.run(name, [*sets, f"interface[0].normal_strength_MPa={strength}", f"interface[0].toughness_I_J_per_m2={toughness}"], "--steps", 2) for name, (strength, toughness) in values.items()}
    broken = {name: run.interface(0, "broken_area_fraction") for name, run in runs.items()}
    example.claim(broken["strong"] < 0.01 and broken["weak"] > 0.3 and broken["brittle"] > broken["weak"], "strong holds, weak parts, strong but brittle parts most", *broken.values())
    opened = [run.at("charged", "open_area_fraction") for run in runs.values()]
    example.claim(min(opened) > 0.9, "all three count as open", *opened)
    example.falling("a strong bond leaves fewer voids and a thinner cathode", *(runs[name].at("charged", "void_fraction") for name in ("weak", "strong")))
    example.falling("a strong bond pulls the plate down", *(runs[name].at("charged", "thickness_um") for name in ("weak", "strong")))
    example.picture(example.out)


def tortuosity(example):
    table = example.out / "tortuosity.csv"
    example.picture("--size", 32, "--voxel-size", 0.5, "--shares", 0.5, 0.65, 0.8, "--csv", table, script="sweep.py")
    measured = rows(table)
    example.claim(all(row["tortuosity_factor"] > (3 - row["share"]) / 2 for row in measured), "within the bound of Hashin and Shtrikman")
    means = [[row["tortuosity_factor"] for row in measured if row["share"] == share] for share in (0.5, 0.65, 0.8)]
    example.falling("less electrolyte is more tortuous", *(sum(mean) / 3 for mean in means))
    example.claim(all(max(mean) < 1.25 * min(mean) for mean in means), "alike along the three axes", *(max(mean) / min(mean) for mean in means))
    image = example.out / "image.tif"
    factors = []
    for n in (16, 32):
        example.call(PROGRAM, "generate", example.source / "recipe.toml", "-o", image, "--set", f"synthetic.size_voxels={[n] * 3}", "--set", f"synthetic.voxel_size_um={16 / n}")
        factors.append(json.loads(example.call(PROGRAM, "tortuosity", image, "--label", 0, "--json"))["tortuosity_factor"])
    example.falling("finer voxels find the electrolyte less tortuous", *factors)
    active, both = (json.loads(example.call(PROGRAM, "tortuosity", image, *labels, "--json")) for labels in (("--label", 1), ("--label", 0, "--label", 1)))
    example.claim(active["tortuosity_factor"] > 2 * means[0][0], "paths through the spheres are far more tortuous", active["tortuosity_factor"])
    example.claim(abs(both["tortuosity_factor"] - 1) < 1e-6, "all labels together are a straight path", both["tortuosity_factor"])


def effective_properties(example):
    loose = ['interface[0].law="spring"', "interface[0].normal_stiffness_Pa_per_m=1e15"]
    stiffness = {}
    for name, sets in (("bonded", []), ("loose", loose)):
        folder = example.out / name
        example.call(PROGRAM, "run", example.source / "cathode.toml", "--threads", 1, "--quiet", "--out", folder, *(word for text in [*COARSE, *sets] for word in ("--set", text)))
        properties = json.loads((folder / "properties.json").read_text())
        stiffness[name] = properties["stiffness_GPa"]
        if name == "bonded":
            swelling, share = properties["swelling"], properties["phases"][1]["fraction"]
    matrix = stiffness["bonded"]
    example.claim(all(abs(matrix[i][j] - matrix[j][i]) < 1e-3 for i in range(6) for j in range(6)), "the stiffness is symmetric")
    example.claim(39.09 < matrix[0][0] < 39.09 * (1 - share) + 191.83 * share, "between electrolyte and Voigt's bound", matrix[0][0])
    bulk = sum(matrix[i][j] for i in range(3) for j in range(3)) / 9
    levin = -0.013677 * (1 / bulk - 1 / 28.333) / (1 / 118.75 - 1 / 28.333)
    mean = sum(swelling[:3]) / 3
    example.claim(abs(mean / levin - 1) < 0.05, "the swelling is Levin's", mean, levin)
    example.claim(mean < -0.013677 * share, "stiff particles shrink the whole by more than their share", mean)
    example.claim(stiffness["loose"][0][0] < 0.6 * matrix[0][0], "a contact that gives halves the stiffness", stiffness["loose"][0][0])
    example.picture("--out", example.out / "sweep", "--shares", 0.2, 0.45, *(word for text in COARSE for word in ("--set", text)), script="sweep.py")


def parameter_study(example):
    sets = [word for text in ("synthetic.size_voxels=[16, 16, 16]", "synthetic.voxel_size_um=0.75", "cycling.steps_per_half_cycle=2") for word in ("--set", text)]
    example.picture("--out", example.out, "--jobs", 1, "--pressures", 4, 70, "--strengths", 5, 50, *sets, script="study.py")
    table = {(row["pressure_MPa"], row["strength_MPa"]): row for row in rows(example.out / "study.csv")}
    for strength in (5, 50):
        example.falling(f"pressure closes voids at {strength} MPa", *(table[pressure, strength]["void_fraction"] for pressure in (4, 70)))
    for pressure in (4, 70):
        low, high = (table[pressure, strength]["interface_broken_area_fraction"] for strength in (5, 50))
        example.claim(high > low + 0.1, f"at {pressure} MPa and the same toughness the stronger interface parts more", low, high)


def pybamm(example):
    run = example.run("run", ["synthetic.size_voxels=[16, 16, 24]"])
    pristine, discharged = (run.at(state, "electronic_conductivity_S_per_m") for state in ("pristine", "discharged"))
    example.claim(0 < discharged < 0.1 * pristine, "a cycle costs most of the electronic conductivity", pristine, discharged)
    example.claim(run.at("charged", "electronic_conductivity_S_per_m") == 0, "nothing conducts electrons when charged")
    example.call(PROGRAM, "export", run.folder, "--to", "bpx", "--cycle", "all", "-o", example.out / "cells")
    cells = [json.loads((example.out / "cells" / f"cycle_000{cycle}.bpx.json").read_text())["Parameterisation"]["Positive electrode"]["Conductivity [S.m-1]"] for cycle in (0, 1)]
    example.falling("the cells say so", *cells)


CHECKS = (cracking_particle, stack_pressure, interface_strength, effective_properties, parameter_study, from_stack, tortuosity, first_steps, pybamm)


def dead_links():
    """Links of the pages that lead to no file, folders that the table leaves out, and pictures that are too large."""
    faults = []
    pages = sorted(EXAMPLES.glob("**/README.md"))
    for page in pages:
        text = page.read_text()
        for link in re.findall(r"(?:\]\(|src=\")([^)#\s\"]+)", text):
            if "://" not in link and not (page.parent / link).exists():
                faults.append(f"{page.relative_to(ROOT)}: {link} leads nowhere")
        for path in re.findall(r"(?:^|[\s`])((?:examples|tools|docs|python|benchmarks|io)/[\w./-]*\w)", text):
            if not (ROOT / path).exists() and not path.endswith(".tif"):  # an image is what a page makes
                faults.append(f"{page.relative_to(ROOT)}: {path} is not there")
    table = (EXAMPLES / "README.md").read_text()
    for folder in sorted(path for path in EXAMPLES.iterdir() if path.is_dir()):
        if not (folder / "README.md").is_file() or f"]({folder.name}/README.md)" not in table:
            faults.append(f"examples/{folder.name} has no page, or no line in examples/README.md")
        faults += [f"{file.relative_to(ROOT)} takes {file.stat().st_size // 1000} kB of 150" for file in folder.glob("*.png") if file.stat().st_size > 150000]
    return faults


def check(function, scratch):
    started, example = time.monotonic(), Example(function.__name__, scratch)
    try:
        function(example)
    except Exception as error:  # one broken example must not hide the others
        example.failures.append(f"{type(error).__name__}: {error}")
    print(f"{'ok' if not example.failures else 'FAILED':6} {function.__name__}, {example.claims} claims, {time.monotonic() - started:.1f} s", flush=True)
    return [f"{function.__name__}: {failure}" for failure in example.failures]


def main(scratch, *names):
    unknown = set(names) - {function.__name__ for function in CHECKS}
    if unknown:
        sys.exit(f"no example {', '.join(sorted(unknown))}; there are: {', '.join(sorted(function.__name__ for function in CHECKS))}")
    with ThreadPoolExecutor(JOBS) as pool:
        failures = [failure for found in pool.map(lambda function: check(function, Path(scratch).resolve()), [f for f in CHECKS if not names or f.__name__ in names]) for failure in found]
    failures += dead_links()
    sys.exit("\n".join(failures) if failures else 0)


main(*sys.argv[1:])
