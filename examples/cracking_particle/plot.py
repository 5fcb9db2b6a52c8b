"""Cracks of the charged particle, random and aligned grains, in stiff and in soft surroundings: plot.py FOLDER [-o PICTURE]; beside FOLDER lie FOLDER_aligned, FOLDER_soft, FOLDER_soft_aligned."""
import argparse
import warnings

import matplotlib.pyplot as plt
import voxode

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("folder")
parser.add_argument("-o", "--output", default="picture.png")
options = parser.parse_args()

RUNS = {"": "random grains, Li6PS5Cl", "_aligned": "aligned grains, Li6PS5Cl", "_soft": "random grains, 1 GPa around", "_soft_aligned": "aligned grains, 1 GPa around"}
warnings.simplefilter("ignore", voxode.UnfinishedWarning)  # three runs end with the charge
figure, axes = plt.subplots(2, 2, figsize=(8.6, 6.2), layout="constrained")
for ax, (ending, title) in zip(axes.flat, RUNS.items(), strict=True):
    voxode.plot.cracks(voxode.open(f"{options.folder}{ending}"), "opening_m", "charged", limit=80, ax=ax)
    ax.set_title(title, fontsize="medium")
figure.savefig(options.output, dpi=80)
print(options.output)
