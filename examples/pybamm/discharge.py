"""Discharge curves of cells written by `voxode export --to bpx`: discharge.py [--c-rate C] [--picture FILE] CELL ..."""
import argparse

import pybamm

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("cells", nargs="+")
parser.add_argument("--c-rate", type=float, default=1.0)
parser.add_argument("--picture")
options = parser.parse_args()

curves = {}
for cell in options.cells:  # fully charged; 1C is the pristine capacity in an hour
    parameters = pybamm.ParameterValues.create_from_bpx(cell)
    solution = pybamm.Simulation(pybamm.lithium_ion.DFN(), parameter_values=parameters, C_rate=options.c_rate).solve([0, 4000 / options.c_rate])
    curves[cell] = 1e3 * solution["Discharge capacity [A.h]"].entries, solution["Voltage [V]"].entries
    print(f"{cell}: {curves[cell][0][-1]:.4f} mAh at {options.c_rate:g}C")

if options.picture:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(5.2, 3.4), layout="constrained")
    for cell, (capacity, voltage) in curves.items():
        axes.plot(capacity, voltage, label=cell.split("/")[-1])
    axes.set(xlabel="capacity, mAh/cm$^2$", ylabel="voltage against Li-In, V", title=f"{options.c_rate:g}C")
    axes.legend()
    figure.savefig(options.picture, dpi=130)
