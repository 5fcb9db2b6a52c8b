"""Void fraction, conductivities, areas, thickness and pressure of a run: plot.py FOLDER [-o PICTURE]"""
import argparse

import voxode

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("folder")
parser.add_argument("-o", "--output", default="picture.png")
options = parser.parse_args()

figure, _ = voxode.plot.overview(voxode.open(options.folder))
figure.savefig(options.output, dpi=80)
print(options.output)
