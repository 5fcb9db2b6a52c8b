"""The image as it was computed, and which interfaces have opened when charged: plot.py FOLDER [-o PICTURE]"""
import argparse

import matplotlib.pyplot as plt
import voxode

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("folder")
parser.add_argument("-o", "--output", default="picture.png")
options = parser.parse_args()

results = voxode.open(options.folder)
figure, axes = plt.subplots(1, 2, figsize=(9.4, 3.6), layout="constrained")
voxode.plot.slice(results, "phase", "charged", ax=axes[0])
voxode.plot.cracks(results, "opening_m", "charged", ax=axes[1])
for ax, title in zip(axes, ("phases", "charged: open interfaces"), strict=True):
    ax.set_title(title, fontsize="medium")
figure.savefig(options.output, dpi=80)
print(options.output)
