"""Pressure, voids, contact and electronic conductivity over a charge and discharge, a line a run: plot.py FOLDER [-o PICTURE]; FOLDER holds 70_MPa, 19_MPa, 4_MPa and gap."""
import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import voxode

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("folder", type=Path)
parser.add_argument("-o", "--output", default="picture.png")
options = parser.parse_args()

RUNS = {"70_MPa": "70 MPa", "19_MPa": "19 MPa", "4_MPa": "4 MPa", "gap": "gap fixed at 19 MPa"}
PANELS = (
    ("stack_pressure_MPa", 1, "stack pressure (MPa)"),
    ("void_fraction", 100, "void fraction (%)"),
    ("contact_area_fraction", 100, "active - electrolyte in contact (%)"),
    ("electronic_conductivity_S_per_m", 1e3, "electronic conductivity (mS/m)"),
)
figure, axes = plt.subplots(2, 2, figsize=(8.4, 6), layout="constrained", sharex=True)
for (name, label), colour in zip(RUNS.items(), ("#22577a", "#38a3a5", "#e09f3e", "#9e2a2b"), strict=True):
    steps = voxode.open(options.folder / name).steps
    turn = len(steps) // 2 + 1
    for ax, (column, scale, title) in zip(axes.flat, PANELS, strict=True):
        ax.plot(steps["lithium_content"][:turn], scale * steps[column][:turn], "o-", color=colour, label=label)
        ax.plot(steps["lithium_content"][turn - 1 :], scale * steps[column][turn - 1 :], "--", color=colour)
        ax.set_title(title, fontsize="medium")
        ax.grid(alpha=0.3)
for ax in axes[1]:
    ax.set_xlabel("lithium content")
axes[0, 0].invert_xaxis()
axes[0, 1].legend(title="solid: charge, dashed: discharge", frameon=False, fontsize="small")
figure.savefig(options.output, dpi=85)
print(options.output)
