"""Tortuosity factor of the electrolyte between spheres, over its share of the volume: sweep.py [-o PICTURE] [--size N] [--voxel-size UM] [--shares S ...] [--csv FILE]

Each share is a packing made by `voxode generate` and measured by `voxode tortuosity` along its three axes. $VOXODE names the program (default: voxode).
"""
import argparse
import csv
import json
import os
import subprocess
import tempfile
from pathlib import Path

PROGRAM = os.environ.get("VOXODE", "voxode")
RECIPE = Path(__file__).with_name("recipe.toml")


def measured(share, folder):
    image = folder / "image.tif"
    sets = ["--set", f"synthetic.active_fraction={1 - share:.6g}", "--set", f"synthetic.size_voxels={[options.size] * 3}", "--set", f"synthetic.voxel_size_um={options.voxel_size}"]
    subprocess.run([PROGRAM, "generate", str(RECIPE), "-o", str(image), *sets], check=True, stdout=subprocess.DEVNULL)
    for axis in range(3):
        output = subprocess.run([PROGRAM, "tortuosity", str(image), "--label", "0", "--axis", str(axis), "--json"], check=True, capture_output=True, text=True).stdout
        yield json.loads(output)


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("-o", "--output")
parser.add_argument("--csv", default="tortuosity.csv")
parser.add_argument("--size", type=int, default=96)
parser.add_argument("--voxel-size", type=float, default=0.25, metavar="UM")
parser.add_argument("--shares", type=float, nargs="+", default=[0.4, 0.5, 0.6, 0.7, 0.8])
options = parser.parse_args()

rows = []
with tempfile.TemporaryDirectory() as folder:
    for share in options.shares:
        for axis, result in enumerate(measured(share, Path(folder))):
            rows.append({"share": share, "axis": axis, "percolating": result["percolating"], "relative": result["relative"], "tortuosity_factor": result["tortuosity_factor"]})
            print(*rows[-1].values(), sep="\t")
with open(options.csv, "w", newline="") as file:
    writer = csv.DictWriter(file, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)

if options.output:
    import matplotlib.pyplot as plt
    import numpy as np

    figure, ax = plt.subplots(figsize=(5.6, 3.8), layout="constrained")
    share = np.linspace(min(options.shares) - 0.03, max(options.shares) + 0.03, 100)
    ax.plot(share, share**-0.5, color="#8a8a8a", label="Bruggeman, share$^{-1/2}$")
    ax.plot(share, (3 - share) / 2, "--", color="#2f2f2f", label="least possible (Hashin and Shtrikman)")
    for axis, marker in enumerate("o^s"):
        here = [row for row in rows if row["axis"] == axis]
        ax.plot([row["share"] for row in here], [row["tortuosity_factor"] for row in here], marker, color="#3f6fa3", fillstyle="none", label=f"axis {axis}")
    ax.set_xlabel("share of electrolyte")
    ax.set_ylabel("tortuosity factor")
    ax.grid(alpha=0.3)
    ax.legend(frameon=False)
    figure.savefig(options.output, dpi=100)
    print(options.output)
