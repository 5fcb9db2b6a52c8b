"""Charges a cathode under several stack pressures with several interface strengths: study.py [--out FOLDER] [-o PICTURE] [--jobs N] [--set KEY=VALUE ...]

FOLDER gets a folder a run and study.csv. Two runs at a time, one thread each, unless --jobs says otherwise.
"""
import argparse
import itertools
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import voxode

CONFIG = Path(__file__).with_name("cathode.toml")
COLUMNS = ["void_fraction", "contact_area_fraction", "open_area_fraction", "broken_area_fraction", "mean_separation"]

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--out", type=Path, default=Path("out/parameter_study"))
parser.add_argument("-o", "--output", default="picture.png")
parser.add_argument("--jobs", type=int, default=2)
parser.add_argument("--pressures", type=float, nargs="+", default=[4.0, 19.0, 70.0], metavar="MPa")
parser.add_argument("--strengths", type=float, nargs="+", default=[5.0, 20.0, 50.0, 100.0], metavar="MPa")
parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="of the config, for all runs")
options = parser.parse_args()
SETS = {key: tomllib.loads(f"value = {value}")["value"] for key, value in (text.split("=", 1) for text in options.set)}
CHARGE = SETS.get("cycling.steps_per_half_cycle", 3)


def charged(case):
    """The row of the charged state, and the share of the active - electrolyte interface that has parted."""
    pressure, strength = case
    values = SETS | {"boundary.pressure_MPa": pressure, "interface[0].normal_strength_MPa": strength}
    results = voxode.run(CONFIG, out=options.out / f"{pressure:g}_{strength:g}", threads=1, steps=CHARGE, progress=False, **values)
    row = results.cycles.query("state == 'charged'").iloc[0]
    interface = results.interfaces.iloc[0]
    return {"pressure_MPa": pressure, "strength_MPa": strength, **row[COLUMNS], "interface_broken_area_fraction": interface["broken_area_fraction"]}


with ThreadPoolExecutor(options.jobs) as pool:
    table = pd.DataFrame(pool.map(charged, itertools.product(options.pressures, options.strengths)))
table.to_csv(options.out / "study.csv", index=False)
print(table.to_string(index=False, float_format="{:.4g}".format))

PANELS = (("void_fraction", "void fraction (%)"), ("contact_area_fraction", "active - electrolyte in contact (%)"), ("interface_broken_area_fraction", "active - electrolyte parted (%)"))
figure, axes = plt.subplots(1, 3, figsize=(11, 3.3), layout="constrained")
for ax, (column, title) in zip(axes, PANELS, strict=True):
    values = 100 * table.pivot(index="pressure_MPa", columns="strength_MPa", values=column)
    ax.imshow(values, origin="lower", aspect="auto", cmap="YlGnBu")
    for (row, place), value in ((at, values.iloc[at]) for at in itertools.product(range(values.shape[0]), range(values.shape[1]))):
        ax.text(place, row, f"{value:.3g}", ha="center", va="center", color="white" if value > values.to_numpy().mean() else "black")
    ax.set_xticks(range(values.shape[1]), [f"{x:g}" for x in values.columns])
    ax.set_yticks(range(values.shape[0]), [f"{y:g}" for y in values.index])
    ax.set(title=title, xlabel="strength (MPa)", ylabel="stack pressure (MPa)")
figure.savefig(options.output, dpi=90)
print(options.output)
