from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import EXAMPLE, SMALL

import voxode


@pytest.fixture
def copied(results: voxode.Results, tmp_path: Path) -> Path:
    return Path(shutil.copytree(results.folder, tmp_path / "copy"))


def test_tables_are_data_frames(results: voxode.Results) -> None:
    assert {"steps", "cycles", "interfaces", "phases"} <= set(results.tables)
    assert set(results.tables) <= set(dir(results))
    assert isinstance(results.steps, pd.DataFrame)
    assert results.cycles["void_fraction"].iloc[-1] == pytest.approx(results.summary["final"]["void_fraction"], rel=1e-11)
    assert np.isnan(results.cycles["electronic_tortuosity_factor"][1])  # charged: no path, an empty field
    assert list(results.phases["name"]) == results.phase_names == ["electrolyte", "active"]
    assert results.interfaces["between"][0] == "active - electrolyte"
    with pytest.raises(AttributeError, match="no table stepps; there are: cycles, steps"):
        results.stepps  # noqa: B018
    with pytest.raises(voxode.InputError, match="no table stepps"):
        results.table("stepps")


def test_fields_are_labelled_arrays(results: voxode.Results) -> None:
    assert results.states == ("pristine", "cycle 1 charged step 2", "cycle 1 discharged step 2")
    fields = results.fields("charged")
    assert fields.attrs["state"] == "cycle 1 charged step 2"
    assert fields["stress_MPa"].dims == ("z", "y", "x", "component")
    assert fields["displacement_m"].dims == ("z", "y", "x", "direction")
    assert fields["stress_MPa"].attrs["units"] == "MPa" and fields["ionic_potential"].attrs["units"] == "V" and fields["phase"].attrs["units"] == ""
    assert fields["x"].attrs["units"] == "um"
    np.testing.assert_allclose(fields["z"], 0.5 * (np.arange(16) + 0.5), rtol=1e-12)
    assert (results.labels == fields["phase"].values).all()
    assert results.labels.dtype == np.uint8
    some = results.fields("charged", arrays=["von_mises_MPa"])
    assert list(some.data_vars) == ["von_mises_MPa"]
    assert some["von_mises_MPa"].equals(fields["von_mises_MPa"])


@pytest.mark.parametrize("name", ["xx", "yy", "zz", "xy", "yz", "xz"])
def test_stress_components_have_their_names(results: voxode.Results, name: str) -> None:
    """The table's mean over the box, pores counted as zero."""
    stress = results.fields("charged")["stress_MPa"].sel(component=name)
    row = results.cycles.iloc[1]
    assert float(stress.fillna(0).mean()) == pytest.approx(row[f"mean_stress_{name}_MPa"], rel=1e-3, abs=1e-3)


def test_axes_are_those_of_the_coordinates(results: voxode.Results) -> None:
    """Potential falls along z, and pyvista's cell at a point has the Dataset's value there."""
    fields, image = results.fields(0), results.fields(0, as_="pyvista")
    mean = fields["ionic_potential"].mean(("y", "x"))
    assert abs(float(mean[0] - mean[-1])) > 0.8
    cell = image.find_containing_cell((1.3, 2.8, 6.1))
    assert fields["body"].sel(x=1.25, y=2.75, z=6.25) == image.cell_data["body"][cell]
    assert image.bounds == pytest.approx((0, 8, 0, 8, 0, 8))


def test_cracks_are_triangles_near_voxel_faces_in_micrometres(results: voxode.Results) -> None:
    assert results.cracks("pristine").n_cells == 0
    cracks = results.cracks(1)
    assert cracks.n_cells > 100
    assert cracks.is_all_triangles and cracks.n_cells % 2 == 0
    off_grid = np.abs(cracks.points / 0.5 - np.round(cracks.points / 0.5)).max(axis=1)
    assert (off_grid > 0.01).mean() > 0.5
    for name in cracks.cell_data:
        values = np.asarray(cracks.cell_data[name])
        np.testing.assert_array_equal(values[::2], values[1::2], err_msg=name)
    data = cracks.cell_data
    assert data["opening_m"].max() < 1e-6
    np.testing.assert_allclose((data["jump_m"] * data["normal"]).sum(axis=1), data["opening_m"], atol=1e-3 * data["opening_m"].max())
    assert 0 <= data["mode_mix"].min() and data["mode_mix"].max() <= 1.00001
    assert list(cracks.field_data["interfaces"]) == ["active - electrolyte, any, bilinear", "active - active, any, bilinear"]


def test_state_that_is_none_lists_those_there_are(results: voxode.Results) -> None:
    assert results.fields("cycle 1 discharged").attrs["state"] == results.fields().attrs["state"] == "cycle 1 discharged step 2"
    for state in ("cycle 2 charged", "charge", 3, -4):
        with pytest.raises(voxode.InputError, match=f"no fields of the state {state!r}; there are: 0 'pristine', 1 'cycle 1 charged step 2'"):
            results.fields(state)
    with pytest.raises(ValueError, match="must be"):
        results.fields(as_="vtk")  # type: ignore[call-overload]


def test_folder_without_results_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(voxode.InputError, match="there is no folder"):
        voxode.open(tmp_path / "none")
    with pytest.raises(voxode.InputError, match="holds no results of voxode"):
        voxode.open(tmp_path)
    with pytest.raises(voxode.InputError, match="is no folder"):
        voxode.open(EXAMPLE)


def test_finished_run_opens_without_a_word(results: voxode.Results, recwarn: pytest.WarningsRecorder) -> None:
    assert voxode.open(str(results.folder)).finished
    assert not recwarn.list
    assert "finished, tables cycles, steps" in repr(results)


def test_stopped_run_says_so_and_is_usable(tmp_path: Path) -> None:
    voxode.run(EXAMPLE, out=tmp_path, threads=1, steps=1, progress=False, **SMALL)
    with pytest.warns(voxode.UnfinishedWarning, match="stopped after 1 steps"):
        results = voxode.open(tmp_path)
    assert len(results.steps) == 2
    assert results.states == ("pristine",)


def test_run_that_goes_on_says_so_and_is_usable(copied: Path) -> None:
    (copied / "summary.json").unlink()
    with (copied / "steps.csv").open("a") as file:
        file.write("2,charging,1,0.5")  # a row under way
    with pytest.warns(voxode.UnfinishedWarning, match="has not finished"):
        results = voxode.open(copied)
    assert len(results.steps) == 5
    assert results.summary == {}
    assert results.tables == ("cycles", "steps")


def test_summary_of_an_earlier_run_is_not_taken(copied: Path) -> None:
    rows = (copied / "steps.csv").read_text().splitlines(keepends=True)
    (copied / "steps.csv").write_text("".join(rows[:3]))
    assert voxode.Results(copied).unfinished.startswith("the run has not finished")


def test_run_without_fields_says_so(copied: Path) -> None:
    (copied / "fields.pvd").unlink()
    with pytest.raises(voxode.InputError, match='has no fields: .*output.fields is "none"'):
        _ = voxode.open(copied).labels
    with pytest.raises(voxode.InputError, match="given no array"):
        _ = voxode.open(copied).image


@pytest.mark.parametrize(("module", "use"), [("pyvista", "fields"), ("xarray", "fields"), ("pyvista", "cracks"), ("matplotlib.pyplot", "plot")])
def test_missing_package_is_named(results: voxode.Results, monkeypatch: pytest.MonkeyPatch, module: str, use: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=rf'needs {module.partition(".")[0]}.*pip install "voxode\[{"plot" if use == "plot" else "fields"}\]"'):
        if use == "plot":
            voxode.plot.void_fraction(results)
        else:
            getattr(results, use)()


def test_version_and_licence_are_the_projects() -> None:
    root = EXAMPLE.parents[2]
    assert f"project(voxode VERSION {voxode.__version__} " in (root / "CMakeLists.txt").read_text()
    assert (root / "python" / "LICENSE").read_text() == (root / "LICENSE").read_text()
