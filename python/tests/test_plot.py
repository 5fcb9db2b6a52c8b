from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from matplotlib import pyplot

import voxode
from voxode.units import label_of, unit_of


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    pyplot.close("all")


def test_void_fraction_is_drawn_over_cycles(results: voxode.Results) -> None:
    _, ax = voxode.plot.void_fraction(results)
    np.testing.assert_allclose(ax.lines[0].get_xdata(), [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(ax.lines[0].get_ydata(), 100 * results.steps["void_fraction"])
    assert ax.get_ylabel() == "void fraction (%)" and ax.get_xlabel().startswith("cycle")


def test_conduction_takes_the_table_that_has_it(results: voxode.Results, tmp_path: Path) -> None:
    figure, ax = voxode.plot.conductivities(results)
    assert [len(line.get_xdata()) for line in ax.lines] == [5, 5]
    assert ax.get_ylabel() == "effective conductivity (S/m)"
    other = voxode.Results(shutil.copytree(results.folder, tmp_path / "copy"))
    steps = other.steps
    steps.loc[:, :"dissipated_energy_J"].to_csv(other.folder / "steps.csv", index=False)  # as without `every = "step"`
    _, ax = voxode.plot.tortuosity(other)
    np.testing.assert_allclose(ax.lines[0].get_xdata(), [0, 0.5, 1])
    other.cycles.assign(ionic_tortuosity_factor=np.nan, electronic_tortuosity_factor=np.nan).to_csv(other.folder / "cycles.csv", index=False)
    with pytest.raises(voxode.InputError, match="no tortuosity_factor"):
        voxode.plot.tortuosity(other)


def test_areas_thickness_and_overview_have_units(results: voxode.Results) -> None:
    _, ax = voxode.plot.contact(results)
    assert len(ax.lines) == 3 and ax.get_ylabel() == "share of area (%)"
    _, (left, right) = voxode.plot.thickness_and_pressure(results)
    assert (left.get_ylabel(), right.get_ylabel()) == ("thickness (µm)", "stack pressure (MPa)")
    figure, axes = voxode.plot.overview(results)
    assert axes.shape == (2, 2)
    figure.canvas.draw()


@pytest.mark.parametrize(("axis", "across", "up"), [("x", "y", "z"), ("y", "x", "z"), ("z", "x", "y")])
def test_slice_lies_where_its_axes_say(results: voxode.Results, axis: str, across: str, up: str) -> None:
    _, ax = voxode.plot.slice(results, "stress_MPa", "charged", axis=axis, index=3, component="zz")
    assert (ax.get_xlabel(), ax.get_ylabel()) == (f"{across} (µm)", f"{up} (µm)")
    shown = ax.images[0].get_array()
    expected = results.fields("charged")["stress_MPa"].sel(component="zz").isel({axis: 3}).transpose(up, across)
    np.testing.assert_allclose(np.ma.filled(shown, np.nan), expected.values.astype(float))
    assert ax.images[0].get_extent() == pytest.approx([0, 8, 0, 8])
    assert ax.images[0].colorbar.ax.get_ylabel() == "stress zz (MPa)"
    assert ax.get_title() == f"cycle 1 charged step 2, {axis} = 1.75 µm"


def test_slice_of_phases_names_them(results: voxode.Results) -> None:
    figure, axes = pyplot.subplots(1, 2)
    drawn, ax = voxode.plot.slice(results, ax=axes[0])
    assert drawn is figure and ax is axes[0]
    assert {text.get_text() for text in ax.get_legend().get_texts()} >= {"electrolyte", "active"}


def test_slice_that_cannot_be_says_what_can(results: voxode.Results) -> None:
    for arguments, words in (
        ({"field": "stress"}, "no 'stress'; there are: phase, body"),
        ({"field": "stress_MPa"}, "give component, one of xx, yy, zz"),
        ({"field": "displacement_m", "component": "xx"}, "one of x, y, z"),
        ({"component": "x"}, "has no components"),
        ({"axis": "w"}, "must be"),
        ({"index": 16}, r"must lie in \[0, 16\)"),
    ):
        with pytest.raises(ValueError, match=words):
            voxode.plot.slice(results, **arguments)  # type: ignore[arg-type]


def test_cracks_lie_between_the_voxels_of_two_bodies(results: voxode.Results) -> None:
    _, ax = voxode.plot.cracks(results, "separation", "charged", index=7, limit=1.0)
    lines = ax.collections[0]
    ends = np.asarray(lines.get_segments())  # type: ignore[attr-defined]
    assert len(ends) == lines.get_array().size > 0
    assert ax.collections[0].get_clim() == (0, 1) and lines.colorbar.ax.get_ylabel() == "separation"
    body = results.fields("charged", arrays=["body"])["body"].isel(y=7).transpose("z", "x").values
    assert (np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1) < 0.5 * np.sqrt(3)).all()  # parts of smoothed voxel faces
    for x, z in np.floor(ends.mean(axis=1) / 0.5).astype(int):
        around = body[np.ix_(np.arange(z - 1, z + 2) % 16, np.arange(x - 1, x + 2) % 16)]  # the box goes on at its other side
        assert len(np.unique(around)) > 1


def test_cracks_that_cannot_be_say_what_can(results: voxode.Results) -> None:
    with pytest.raises(ValueError, match="no 'stress_MPa'; there are: opening_m"):
        voxode.plot.cracks(results, "stress_MPa")
    with pytest.raises(ValueError, match="normal has components"):
        voxode.plot.cracks(results, "normal")


def test_units_come_from_names() -> None:
    names = ("thickness_um", "ionic_conductivity_S_per_m", "active_surface_per_volume_per_m", "void_fraction", "opening_m", "normal_traction_Pa", "ionic_potential")
    assert [unit_of(name) for name in names] == ["um", "S/m", "1/m", "", "m", "Pa", "V"]
    assert label_of("von_mises_MPa") == "von Mises stress (MPa)"
    assert label_of("ionic_potential") == "ionic potential (V)"
    assert label_of("damage") == "damage"
