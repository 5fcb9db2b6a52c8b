"""Stiffness and swelling over the share of active material, with bounds: sweep.py [-o PICTURE] [--out FOLDER] [--shares S ...] [--set KEY=VALUE ...]"""
import argparse
import tomllib
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import voxode

CONFIG = Path(__file__).with_name("cathode.toml")
ELECTROLYTE, ACTIVE = (22.1, 0.37), (142.5, 0.30)  # E in GPa, Poisson's ratio; `voxode materials` has their sources
STRAIN = (2 * -0.02001 - 0.00101) / 3  # along a, a and c: ncm811 at a lithium content of 0.24, from 0.93


def moduli(young, poisson):
    return young / (3 * (1 - 2 * poisson)), young / (2 * (1 + poisson))


def hashin_shtrikman(share, first, second):
    """Bulk and shear modulus of the coated structure whose shell is `first`."""
    (k1, g1), (k2, g2) = moduli(*first), moduli(*second)
    k = k1 + share / (1 / (k2 - k1) + 3 * (1 - share) / (3 * k1 + 4 * g1))
    g = g1 + share / (1 / (g2 - g1) + 6 * (1 - share) * (k1 + 2 * g1) / (5 * g1 * (3 * k1 + 4 * g1)))
    return k, g


def young(k, g):
    return 9 * k * g / (3 * k + g)


def levin(k):
    """Swelling of a two-phase body whose active share swells by STRAIN (Levin 1967), from its bulk modulus."""
    k1, k2 = moduli(*ELECTROLYTE)[0], moduli(*ACTIVE)[0]
    return STRAIN * (1 / k - 1 / k1) / (1 / k2 - 1 / k1)


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("-o", "--output", default="picture.png")
parser.add_argument("--out", type=Path, default=Path("out/effective_properties/sweep"))
parser.add_argument("--shares", type=float, nargs="+", default=[0.15, 0.3, 0.45, 0.55])
parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="of the config, for all runs")
options = parser.parse_args()
SETS = {key: tomllib.loads(f"value = {value}")["value"] for key, value in (text.split("=", 1) for text in options.set)}

rows = []
for share in options.shares:
    results = voxode.run(CONFIG, out=options.out / f"{share:g}", progress=False, synthetic__active_fraction=share, effective__tensor=False, **SETS)
    stiffness, swelling = np.array(results.summary["stiffness_GPa"]), np.array(results.summary["swelling"])
    bulk = stiffness[:3, :3].mean()
    shear = (stiffness[:3, :3].trace() / 2 - 1.5 * bulk + stiffness[3:, 3:].trace()) / 5  # both are means over all directions
    rows.append((share, young(bulk, shear), swelling[:3].mean(), levin(bulk)))
    print("share {:.2f}: E {:.1f} GPa, linear swelling {:.3%}, Levin {:.3%}".format(*rows[-1]))

shares, modulus, swollen, exact = np.array(rows).T
figure, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.6), layout="constrained")
line = np.linspace(0, 0.6, 61)
low, high = (young(*hashin_shtrikman(line, ELECTROLYTE, ACTIVE)), young(*hashin_shtrikman(1 - line, ACTIVE, ELECTROLYTE)))
left.fill_between(line, low, high, color="#3f6fa3", alpha=0.2, label="bounds of Hashin and Shtrikman")
left.plot(shares, modulus, "o", color="#3f6fa3", label="computed")
left.set_ylabel("Young's modulus (GPa)")
right.plot(line, 100 * STRAIN * line, "--", color="#8a8a8a", label="share times lattice strain")
right.plot(shares, 100 * exact, "x", color="#c8553d", label="Levin, from the stiffness")
right.plot(shares, 100 * swollen, "o", color="#3f6fa3", fillstyle="none", label="computed")
right.set_ylabel("linear strain on charge (%)")
for ax in (left, right):
    ax.set_xlabel("share of active material")
    ax.grid(alpha=0.3)
    ax.legend(frameon=False)
figure.savefig(options.output, dpi=100)
print(options.output)
