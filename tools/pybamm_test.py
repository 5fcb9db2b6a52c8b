"""Part of pybamm_test.sh: fails unless bpx parses the exported cells, PyBaMM reads from them what the flat files say, and the worn one discharges less."""
import json
import math
import sys
import warnings
from pathlib import Path

import bpx
import pybamm

folder = Path(sys.argv[1])
warnings.simplefilter("error", UserWarning)  # bpx and PyBaMM warn of what they had to guess
REAL_LOSS = 0.05  # of the capacity: far above the solver's tolerance


def discharged(parameters):
    """mAh at 1C, to the lower cut-off voltage."""
    solution = pybamm.Simulation(pybamm.lithium_ion.DFN(), parameter_values=parameters, C_rate=1).solve([0, 4000])
    assert solution.termination == "event: Minimum voltage [V]", solution.termination
    return 1e3 * solution["Discharge capacity [A.h]"].entries[-1]


cells, flat = {}, {}
for cycle in (0, 1):
    file = folder / f"cycle_{cycle:04}.bpx.json"
    parsed = bpx.parse_bpx_file(file)
    print(f"bpx {bpx.__version__}: {parsed.header.title}")
    cells[cycle] = pybamm.ParameterValues.create_from_bpx(file)
    flat[cycle] = json.loads((folder / f"cycle_{cycle:04}.pybamm.json").read_text())
    for name, value in flat[cycle].items():
        assert name in cells[cycle].keys(), f"PyBaMM has no parameter {name}"
        there = cells[cycle][name]
        assert callable(there) or math.isclose(there, value, rel_tol=1e-9), f"{name}: {there} by way of bpx, {value} in the flat file"

again = bpx.parse_bpx_file(folder / "again.json")  # the last cycle over the pristine export as template
last = bpx.parse_bpx_file(folder / "cycle_0001.bpx.json")
for field in ("reaction_rate_constant", "conductivity", "surface_area_per_unit_volume"):
    assert math.isclose(getattr(again.parameterisation.positive_electrode, field), getattr(last.parameterisation.positive_electrode, field), rel_tol=1e-9), field

pristine, worn = discharged(cells[0]), discharged(cells[1])
updated = pybamm.ParameterValues.create_from_bpx(folder / "cycle_0000.bpx.json")
updated.update(flat[1])  # the exchange current stays the pristine one; here contact is regained almost whole
by_names = discharged(updated)
print(f"PyBaMM {pybamm.__version__}, DFN, 1C: pristine {pristine:.4f} mAh, last cycle {worn:.4f} mAh ({by_names:.4f} by names)")
assert 0 < worn < (1 - REAL_LOSS) * pristine, "the last cycle must discharge less"
assert math.isclose(by_names, worn, rel_tol=0.01), "the flat file must have the effect of the BPX file"
