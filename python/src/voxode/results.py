"""A folder that the program wrote."""
from __future__ import annotations

import io
import json
import os
import tomllib
import warnings
import zlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
import pandas as pd

from .errors import InputError
from .extras import need
from .units import unit_of

if TYPE_CHECKING:
    import pyvista
    import xarray

PORE = 255
_micrometres = 1e6
_components = {3: ("direction", ["x", "y", "z"]), 6: ("component", ["xx", "yy", "zz", "xy", "yz", "xz"])}


class UnfinishedWarning(UserWarning):
    """The results are those of a run that is still going on, or that ended before its end."""


def open(folder: str | os.PathLike[str]) -> Results:
    """The results in a folder. Throws InputError if it holds none; warns (UnfinishedWarning) if the run has not finished, and what there is can be used."""
    results = Results(folder)
    if not results.finished:
        warnings.warn(f"{results.folder}: {results.unfinished}", UnfinishedWarning, stacklevel=2)
    return results


class Results:
    """What a run wrote. Every CSV file is an attribute, a pandas DataFrame: `results.steps`, `results.cycles`; `results.tables` names them.

    Two tables come from summary.json: `results.phases`, whose row numbers are the phase numbers of the fields, and `results.interfaces`.
    Units are in the names of columns (`thickness_um`); what does not apply is NaN. Files are read when asked for.
    """

    folder: Path

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        if not self.folder.is_dir():
            raise InputError(f"{self.folder} is no folder" if self.folder.exists() else f"there is no folder {self.folder}", folder=self.folder)
        if not any((self.folder / name).is_file() for name in ("resolved.toml", "steps.csv", "summary.json", "properties.json")):
            raise InputError(f"{self.folder} holds no results of voxode: no resolved.toml, no summary.json, no steps.csv", folder=self.folder)

    # what the run was, and how it ended

    @cached_property
    def config(self) -> dict[str, Any]:
        """Every key and value that the program used, from resolved.toml; {} if there is none."""
        path = self.folder / "resolved.toml"
        try:
            return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        except ValueError as error:
            raise InputError(f"{path} cannot be read: {error}", folder=self.folder) from error

    @property
    def job(self) -> str:
        """"cycle" or "properties"."""
        return str(self.config.get("job", "cycle"))

    @property
    def summary(self) -> dict[str, Any]:
        """summary.json, or properties.json with `job = "properties"`; {} while the run goes on."""
        path = self.folder / ("properties.json" if self.job == "properties" else "summary.json")
        try:
            content = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        except ValueError as error:
            raise InputError(f"{path} cannot be read: {error}", folder=self.folder) from error
        if "steps_done" in content and (self.folder / "steps.csv").is_file() and content["steps_done"] != max(len(self.table("steps")) - 1, 0):
            return {}  # of an earlier run in this folder
        return dict(content)

    @property
    def unfinished(self) -> str:
        """Why the results are not those of a whole run, "" if they are."""
        summary = self.summary
        if not summary:
            return "the run has not finished: it goes on, or was ended without a summary; the tables hold the steps so far"
        if self.job == "properties" or summary.get("finished", True):
            return ""
        ended, done = str(summary.get("ended", "")), summary.get("steps_done", 0)
        if ended == "done":
            return f"the run was stopped after {done} steps, as --steps asked"
        return f"the run did not finish, {done} steps are there: {ended}"

    @property
    def finished(self) -> bool:
        """Whether these are the results of a whole run."""
        return not self.unfinished

    # tables

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables."""
        names = sorted(path.stem for path in self.folder.glob("*.csv") if path.stem.isidentifier())
        summary = self.summary
        return (*names, *(name for name in ("interfaces", "phases") if name not in names and summary.get(name)))

    def table(self, name: str) -> pd.DataFrame:
        """A table by its name. Throws InputError."""
        path = self.folder / f"{name}.csv"
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            try:
                return pd.read_csv(io.StringIO(text[: text.rfind("\n") + 1]))  # a run that goes on may be within a row
            except (ValueError, pd.errors.ParserError) as error:
                raise InputError(f"{path} cannot be read: {error}", folder=self.folder) from error
        if name in ("interfaces", "phases") and self.summary.get(name):
            table = pd.DataFrame(self.summary[name])
            if "between" in table:
                table["between"] = [" - ".join(pair) for pair in table["between"]]
            return table
        raise InputError(f"{self.folder} has no table {name}; there are: {', '.join(self.tables) or 'none'}", folder=self.folder)

    def __getattr__(self, name: str) -> pd.DataFrame:
        if not name.startswith("_") and "folder" in self.__dict__:
            if name in self.tables:
                return self.table(name)
            raise AttributeError(f"{self.folder} has no table {name}; there are: {', '.join(self.tables) or 'none'}")
        raise AttributeError(name)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.tables]

    def __repr__(self) -> str:
        state = "finished" if self.finished else "unfinished"
        return f"<voxode results {str(self.folder)!r}: {state}, tables {', '.join(self.tables) or 'none'}; {len(self.states)} states with fields>"

    # fields

    @property
    def states(self) -> tuple[str, ...]:
        """Names of the states with fields, in order: "pristine", "cycle 1 charged step 5", ..."""
        return tuple(_state_of(path) for path in self._series("fields"))

    @property
    def phase_names(self) -> list[str]:
        """Names of the phases; the position is the phase number in `labels` and in the field `phase`."""
        return list(self.config.get("phase", {}))

    @property
    def image(self) -> npt.NDArray[np.unsignedinteger[Any]]:
        """The array that was given to `voxode.run`, its axes. Throws InputError if none was."""
        path = self.folder / "labels.npy"
        if not path.is_file():
            raise InputError(f"{self.folder} has no labels.npy: the run was given no array", folder=self.folder)
        return np.asarray(np.load(path))

    @property
    def labels(self) -> npt.NDArray[np.uint8]:
        """Phase number of every voxel that was computed (after crop, coarsen, flip), shape (n_z, n_y, n_x), 255: pore. Throws InputError without fields."""
        return np.asarray(self.fields(0, arrays=["phase"])["phase"].values, dtype=np.uint8)

    @overload
    def fields(self, state: int | str = -1, as_: Literal["xarray"] = "xarray", *, arrays: Sequence[str] | None = None) -> xarray.Dataset: ...
    @overload
    def fields(self, state: int | str, as_: Literal["pyvista"], *, arrays: Sequence[str] | None = None) -> pyvista.ImageData: ...
    @overload
    def fields(self, state: int | str = -1, *, as_: Literal["pyvista"], arrays: Sequence[str] | None = None) -> pyvista.ImageData: ...
    def fields(self, state: int | str = -1, as_: str = "xarray", *, arrays: Sequence[str] | None = None) -> Any:
        """What every voxel carries at one state.

        state: a position in `states`, or a name; "charged" is the last one whose name has that word, "cycle 1 charged" that of a cycle.
        as_: "xarray": a Dataset, arrays of shape (z, y, x), vectors with `direction` x y z behind, stresses with `component` xx yy zz xy yz xz;
            coordinates of the voxels' centres in micrometres, the attribute `units` on each array; point arrays, if there are, on
            (z_node, y_node, x_node). "pyvista": an ImageData, edges in micrometres.
        arrays: read these alone, for large runs; default: all.
        Arrays keep the units of their names (`displacement_m`). NaN: does not apply there.
        Throws InputError, ValueError (an array that is not there), ImportError (extra "fields").
        """
        if as_ not in ("xarray", "pyvista"):
            raise ValueError(f"as_ = {as_!r} must be \"xarray\" or \"pyvista\"")
        path = self._path_of("fields", state)
        image = self._read(path, arrays)
        image.spacing = tuple(edge * _micrometres for edge in image.spacing)
        image.origin = tuple(at * _micrometres for at in image.origin)
        return image if as_ == "pyvista" else self._dataset(image, _state_of(path))

    def cracks(self, state: int | str = -1) -> pyvista.PolyData:
        """The faces that are open or broken at a state (as for `fields`), a smooth surface: cells 2i and 2i + 1, triangles, are the i-th face and have its data. Coordinates in
        micrometres, arrays in the units of their names. `field_data["interfaces"]` names the entries that the array `interface` numbers. Throws as `fields`."""
        faces = self._read(self._path_of("cracks", state))
        faces.points = np.asarray(faces.points, dtype=np.float64) * _micrometres
        return faces

    def _series(self, stem: str) -> list[Path]:
        path = self.folder / f"{stem}.pvd"
        if not path.is_file():
            return []
        try:
            return [self.folder / entry.attrib["file"] for entry in ElementTree.parse(path).iter("DataSet")]
        except (ElementTree.ParseError, KeyError) as error:
            raise InputError(f"{path} cannot be read: {error}", folder=self.folder) from error

    def _path_of(self, stem: str, state: int | str) -> Path:
        paths = self._series(stem)
        if not paths:
            raise InputError(f"{self.folder} has no {stem}: none is finished yet, output.fields is \"none\", or job is \"properties\"", folder=self.folder)
        names = [_state_of(path) for path in paths]
        if isinstance(state, str):
            exact = [path for path, name in zip(paths, names, strict=True) if name == state]
            named = exact or [path for path, name in zip(paths, names, strict=True) if f" {state} " in f" {name} "]
            if named:
                return named[-1]
        elif -len(paths) <= state < len(paths):
            return paths[state]
        raise InputError(f"{self.folder} has no {stem} of the state {state!r}; there are: " + ", ".join(f"{i} {name!r}" for i, name in enumerate(names)), folder=self.folder)

    def _read(self, path: Path, arrays: Sequence[str] | None = None) -> Any:
        pyvista = need("pyvista", "fields", "reading fields and cracks")
        if not path.is_file():
            raise InputError(f"{path} is missing", folder=self.folder)
        if arrays is None:
            return pyvista.read(path)
        reader = pyvista.get_reader(path)
        there = {name: reader.enable_cell_array for name in reader.cell_array_names} | {name: reader.enable_point_array for name in reader.point_array_names}
        for name in arrays:
            if name not in there:
                raise ValueError(f"the fields hold no {name!r}; there are: {', '.join(there)}")
        reader.disable_all_cell_arrays()
        reader.disable_all_point_arrays()
        for name in arrays:
            there[name](name)
        return reader.read()

    def _dataset(self, image: Any, state: str) -> xarray.Dataset:
        xarray = need("xarray", "fields", "fields as a Dataset")
        nodes = image.dimensions
        cells = [max(n - 1, 1) for n in nodes]
        coordinates: dict[str, Any] = {}
        variables = dict(_variables(image.cell_data, cells, ""))
        points = dict(_variables(image.point_data, nodes, "_node"))
        for axis, name in enumerate("xyz"):
            start, edge = image.origin[axis], image.spacing[axis]
            attributes = {"units": "um", "long_name": name}
            coordinates[name] = (name, start + edge * (np.arange(cells[axis]) + 0.5), attributes)
            if points:
                coordinates[f"{name}_node"] = (f"{name}_node", start + edge * np.arange(nodes[axis]), attributes)
        variables |= points
        for dimension, names in _components.values():
            if any(dimension in entry[0] for entry in variables.values()):
                coordinates[dimension] = names
        described: dict[str, Any] = {"title": str(self.config.get("title", "")), "state": state, "voxel_size_um": float(image.spacing[0]), "phases": self.phase_names}
        return xarray.Dataset(variables, coordinates, described)


def _variables(arrays: Any, n: Sequence[int], ending: str) -> Iterator[tuple[str, tuple[list[str], npt.NDArray[Any], dict[str, str]]]]:
    """Arrays whose x runs fastest, shape (n_x n_y n_z[, components]), as (z, y, x[, components])."""
    dimensions = [f"{axis}{ending}" for axis in "zyx"]
    for name in arrays.keys():
        values = np.asarray(arrays[name])
        shape = (n[2], n[1], n[0])
        attributes = {"units": unit_of(name), "long_name": name}
        if values.ndim == 1:
            yield name, (dimensions, values.reshape(shape), attributes)
        else:
            last = _components.get(values.shape[1], (f"{name}_component", []))[0]
            yield name, ([*dimensions, last], values.reshape(*shape, values.shape[1]), attributes)


def _state_of(path: Path) -> str:
    """The state that a VTK file of the program begins with, the file's name if it does not."""
    try:
        with path.open("rb") as file:
            start = file.read(1 << 16)
        marker = b'<AppendedData encoding="raw">'
        at = start.index(b"_", start.index(marker) + len(marker)) + 1
        width = 8 if b'header_type="UInt64"' in start else 4
        if b'Name="state"' not in start[:at] or b'compressor="vtkZLibDataCompressor"' not in start[:at]:
            return path.stem
        blocks, _, _, *sizes = (int.from_bytes(start[at + i * width : at + (i + 1) * width], "little") for i in range(4))
        text = zlib.decompress(start[at + 4 * width : at + 4 * width + sizes[0]]) if blocks == 1 else b""
        return text.split(b"\0")[0].decode() or path.stem
    except (OSError, ValueError, zlib.error):
        return path.stem
