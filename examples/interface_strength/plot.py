"""Where the interface has opened, and how far it has parted, when charged: plot.py FOLDER [-o PICTURE]; FOLDER holds weak, strong and brittle."""
import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import voxode

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("folder", type=Path)
parser.add_argument("-o", "--output", default="picture.png")
options = parser.parse_args()

RUNS = {"weak": "weak: 5 MPa, 0.1 J/m²", "strong": "strong: 50 MPa, 10 J/m²", "brittle": "strong but brittle: 50 MPa, 0.5 J/m²"}
figure, axes = plt.subplots(2, 3, figsize=(11.6, 5.6), layout="constrained")
for column, (name, title) in zip(axes.T, RUNS.items(), strict=True):
    results = voxode.open(options.folder / name)
    voxode.plot.cracks(results, "opening_m", "charged", limit=80, ax=column[0])
    voxode.plot.cracks(results, "separation", "charged", limit=1, ax=column[1])
    column[0].set_title(title, fontsize="medium")
    column[1].set_title("")
figure.savefig(options.output, dpi=75)
print(options.output)
