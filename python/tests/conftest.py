"""The shipped example, shrunk so that a run takes a second or two."""
from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import matplotlib
import pytest

import voxode

matplotlib.use("Agg")

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "first_steps" / "cathode.toml"
SMALL: dict[str, Any] = {
    "synthetic.size_voxels": [16, 16, 16],
    "synthetic.diameter_median_um": 3.0,
    "synthetic.diameter_maximum_um": 3.5,
    "cycling.steps_per_half_cycle": 2,
    "effective.every": "step",
    "output.field_arrays": ["phase", "body", "lithium", "displacement", "von_mises", "mean_stress", "stress", "ionic_potential", "electronic_potential"],
}


def image_config() -> dict[str, Any]:
    """The example for an array of labels: 0 electrolyte, 1 active, 2 pore."""
    with EXAMPLE.open("rb") as file:
        config = tomllib.load(file)
    del config["synthetic"]
    config["phase"]["active"]["bodies"] = "particles"
    config["cycling"]["steps_per_half_cycle"] = 1
    config["image"] = {"voxel_size_um": 0.5, "labels": {0: "electrolyte", 1: "active", 2: "pore"}}
    return config


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> voxode.Results:
    """One charge and one discharge of the example. Tests read it and change nothing."""
    return voxode.run(EXAMPLE, out=tmp_path_factory.mktemp("example") / "out", threads=1, **SMALL)
