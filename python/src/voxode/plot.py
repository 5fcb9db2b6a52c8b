"""The usual figures. Each function returns (figure, axes); `ax=` draws into axes of yours."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .errors import InputError
from .extras import need
from .results import PORE, Results
from .units import label_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ionic, _electronic, _third = "#3f6fa3", "#c8553d", "#5b8c5a"
_phase_colours = ["#d9c48f", "#3f6fa3", "#2f2f2f", "#8a8a8a", "#7fb069", "#b56576", "#6d597a", "#e07a5f"]
_no_value = "#e6e6e6"


def void_fraction(results: Results, ax: Axes | None = None) -> tuple[Figure, Axes]:
    """Void fraction over cycles, percent of the cell's volume now."""
    figure, ax = _axes(ax)
    steps = results.table("steps")
    ax.plot(_cycles(results, steps), 100 * steps["void_fraction"], "o-", color=_ionic)
    ax.set_ylabel("void fraction (%)")
    return _over_cycles(figure, ax)


def conductivities(results: Results, ax: Axes | None = None) -> tuple[Figure, Axes]:
    """Effective ionic and electronic conductivity over cycles, S/m."""
    return _carriers(results, ax, "conductivity_S_per_m", "effective conductivity (S/m)")


def tortuosity(results: Results, ax: Axes | None = None) -> tuple[Figure, Axes]:
    """Ionic and electronic tortuosity factor over cycles. States without a path from plate to plate have none."""
    return _carriers(results, ax, "tortuosity_factor", "tortuosity factor")


def contact(results: Results, ax: Axes | None = None) -> tuple[Figure, Axes]:
    """Open and broken shares of all cohesive area, and the share of active-electrolyte area in contact, over cycles, percent."""
    figure, ax = _axes(ax)
    steps = results.table("steps")
    x = _cycles(results, steps)
    for quantity, label, colour in (("contact", "active - electrolyte in contact", _third), ("open", "open", _electronic), ("broken", "broken", "#2f2f2f")):
        ax.plot(x, 100 * steps[f"{quantity}_area_fraction"], "o-", color=colour, label=label)
    ax.set_ylabel("share of area (%)")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False, fontsize="small")
    return _over_cycles(figure, ax)


def thickness_and_pressure(results: Results, ax: Axes | None = None) -> tuple[Figure, tuple[Axes, Axes]]:
    """Thickness (left axis, um) and stack pressure (right axis, MPa) over cycles."""
    figure, ax = _axes(ax)
    steps = results.table("steps")
    x = _cycles(results, steps)
    right = ax.twinx()
    for axes, column, colour, marker in ((ax, "thickness_um", _ionic, "o-"), (right, "stack_pressure_MPa", _electronic, "s--")):
        axes.plot(x, steps[column], marker, color=colour)
        axes.set_ylabel(label_of(column), color=colour)
        axes.tick_params(axis="y", labelcolor=colour)
        axes.ticklabel_format(axis="y", useOffset=False)
    pressure = steps["stack_pressure_MPa"]
    if np.ptp(pressure) <= 1e-6 * abs(pressure.max()):
        right.set_ylim(0, 1.25 * pressure.max() or 1)
    _over_cycles(figure, ax)
    return figure, (ax, right)


def slice(
    results: Results,
    field: str = "phase",
    state: int | str = -1,
    axis: str = "y",
    index: int | None = None,
    component: str | None = None,
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """A field on a plane of voxels.

    field: an array of `results.fields(state)`. axis: the plane's normal, "x", "y" or "z". index: voxel along it, default: the middle.
    component: of a vector ("x") or a stress ("zz"). Throws InputError, ValueError naming what there is.
    """
    if axis not in ("x", "y", "z"):
        raise ValueError(f"axis = {axis!r} must be \"x\", \"y\" or \"z\"")
    data = results.fields(state, arrays=[field])
    values = data[field]
    inner = [str(dimension) for dimension in values.dims if dimension in ("direction", "component")]
    if inner:
        choices = [str(name) for name in values[inner[0]].values]
        if component not in choices:
            raise ValueError(f"{field} has components: give component, one of {', '.join(choices)}")
        values = values.sel({inner[0]: component})
    elif component is not None:
        raise ValueError(f"{field} has no components")
    n = data.sizes[axis]
    index = n // 2 if index is None else index
    if not -n <= index < n:
        raise ValueError(f"index = {index} must lie in [0, {n})")
    figure, ax = _axes(ax)
    plane = values.isel({axis: index})
    across, up = [name for name in "xyz" if name != axis]
    edge = data.attrs["voxel_size_um"]
    extent = [float(data[name][end] + side * edge / 2) for name in (across, up) for end, side in ((0, -1), (-1, 1))]
    if field == "phase":
        _draw_phases(figure, ax, plane.transpose(up, across).values, data.attrs["phases"], extent)
    else:
        _draw_values(figure, ax, plane.transpose(up, across).values, field, component, extent)
    ax.set_xlabel(f"{across} (µm)")
    ax.set_ylabel(f"{up} (µm)")
    ax.set_title(f"{data.attrs['state']}, {axis} = {float(data[axis][index]):.4g} µm", fontsize="medium")
    return figure, ax


def cracks(
    results: Results,
    field: str = "opening_m",
    state: int | str = -1,
    axis: str = "y",
    index: int | None = None,
    limit: float | None = None,
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """The open and broken faces that a plane of voxels meets, as lines on its pale phases.

    field: an array of `results.cracks(state)` with one value a face, e.g. "opening_m" or "separation". limit: end of the colour scale; default: the largest value here.
    axis, index: as for `slice`. Throws InputError, ValueError naming what there is.
    """
    collections = need("matplotlib.collections", "plot", "voxode.plot")
    faces = results.cracks(state)
    if field not in faces.cell_data:
        raise ValueError(f"the open faces hold no {field!r}; there are: {', '.join(faces.cell_data.keys())}")
    if np.ndim(faces.cell_data[field]) != 1:
        raise ValueError(f"{field} has components: only fields with one value a face can be drawn")
    figure, ax = slice(results, "phase", state, axis, index, ax=ax)
    ax.images[-1].set_alpha(0.35)
    data = results.fields(state, arrays=["phase"])
    n = data.sizes[axis]
    middle = float(data[axis][n // 2 if index is None else index])
    plane = "xyz".index(axis)
    across, up = [i for i in range(3) if i != plane]
    corners = np.asarray(faces.points, dtype=np.float64)[np.asarray(faces.faces, dtype=np.int64).reshape(-1, 4)[:, 1:]]  # of triangles
    nexts = np.roll(corners, -1, axis=1)
    before, after = corners[:, :, plane] - middle, nexts[:, :, plane] - middle
    crossed = (before < 0) != (after < 0)  # two edges of a triangle that the plane cuts
    met = crossed.any(axis=1)
    share = before[crossed] / (before[crossed] - after[crossed])
    ends = (corners[crossed] + share[:, None] * (nexts[crossed] - corners[crossed]))[:, [across, up]].reshape(-1, 2, 2)
    values = np.asarray(faces.cell_data[field], dtype=np.float64)[met] * (1e9 if field.endswith("_m") else 1.0)
    most = limit if limit is not None else float(values.max(initial=0.0)) or 1.0
    lines = collections.LineCollection(ends, array=values, cmap="plasma", clim=(0.0, most), linewidths=2.0, capstyle="projecting")
    ax.add_collection(lines, autolim=False)
    label = f"{field.removesuffix('_m').replace('_', ' ')} (nm)" if field.endswith("_m") else label_of(field)
    figure.colorbar(lines, ax=ax, label=label, extend="max" if values.size and values.max() > most else "neither")
    if (legend := ax.get_legend()) is not None:
        legend.remove()
    return figure, ax


def overview(results: Results) -> tuple[Figure, npt.NDArray[Any]]:
    """Void fraction, conductivities, areas, thickness and pressure in one figure; axes of shape (2, 2)."""
    pyplot = need("matplotlib.pyplot", "plot", "voxode.plot")
    figure, axes = pyplot.subplots(2, 2, figsize=(10, 7), layout="constrained")
    for draw, ax in zip((void_fraction, conductivities, contact, thickness_and_pressure), axes.flat, strict=True):
        draw(results, ax)
    title = str(results.config.get("title", ""))
    if title:
        figure.suptitle(title)
    return figure, axes


def _axes(ax: Axes | None) -> tuple[Any, Any]:
    pyplot = need("matplotlib.pyplot", "plot", "voxode.plot")
    if ax is not None:
        return ax.figure, ax
    figure, ax = pyplot.subplots(figsize=(5.5, 3.8), layout="constrained")
    return figure, ax


def _cycles(results: Results, table: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Where the rows stand, in cycles: 0 pristine, 0.5 charged, 1 discharged, ..."""
    n_steps = max(int(results.config.get("cycling", {}).get("steps_per_half_cycle", 0)), int(table["step"].max()), 1)
    begin = table["state"].map({"pristine": 1.0, "charging": 0.0, "charged": 0.0, "discharging": 0.5, "discharged": 0.5})
    at = table["cycle"] - 1 + begin + 0.5 * table["step"] / n_steps
    return np.asarray(at if begin.notna().all() else np.arange(len(table)), dtype=np.float64)


def _over_cycles(figure: Any, ax: Any) -> tuple[Any, Any]:
    ticker = need("matplotlib.ticker", "plot", "voxode.plot")
    ax.set_xlabel("cycle (whole: discharged, half: charged)")
    for line in [line for line in ax.lines if len(line.get_xdata()) > 60]:
        line.set_marker("")
    low, high = ax.get_xlim()
    ax.xaxis.set_major_locator(ticker.MultipleLocator(0.5) if high - low < 4 else ticker.MaxNLocator(integer=True))
    ax.grid(alpha=0.3)
    return figure, ax


def _carriers(results: Results, ax: Axes | None, quantity: str, label: str) -> tuple[Any, Any]:
    figure, ax = _axes(ax)
    assert ax is not None
    table = results.table("steps")
    if f"ionic_{quantity}" not in table and f"electronic_{quantity}" not in table:
        table = results.table("cycles")
    drawn = False
    for carrier, style, colour in (("ionic", "o-", _ionic), ("electronic", "s--", _electronic)):
        column = f"{carrier}_{quantity}"
        if column in table and table[column].notna().any():
            ax.plot(_cycles(results, table), table[column], style, color=colour, label=carrier)
            drawn = True
    if not drawn:
        raise InputError(f"{results.folder} has no {quantity}: effective.ionic and effective.electronic are off, or nothing conducts from plate to plate", folder=results.folder)
    ax.set_ylabel(label)
    ax.set_ylim(bottom=-0.04 * ax.get_ylim()[1])  # from zero, whose markers are whole
    ax.legend()
    return _over_cycles(figure, ax)


def _draw_phases(figure: Any, ax: Any, plane: npt.NDArray[Any], names: list[str], extent: list[float]) -> None:
    colors = need("matplotlib.colors", "plot", "voxode.plot")
    patches = need("matplotlib.patches", "plot", "voxode.plot")
    shown = [_phase_colours[i % len(_phase_colours)] for i in range(len(names))]
    picture = np.ones((*plane.shape, 3))
    handles = []
    for number, (name, colour) in enumerate(zip(names, shown, strict=True)):
        picture[plane == number] = colors.to_rgb(colour)
        handles.append(patches.Patch(color=colour, label=name))
    if (plane == PORE).any():
        handles.append(patches.Patch(facecolor="white", edgecolor="black", label="pore"))
    ax.imshow(picture, origin="lower", extent=extent, interpolation="nearest")
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.02, 1), borderaxespad=0, frameon=False)


def _draw_values(figure: Any, ax: Any, plane: npt.NDArray[Any], field: str, component: str | None, extent: list[float]) -> None:
    values = np.ma.masked_invalid(np.asarray(plane, dtype=np.float64))
    signed = values.count() > 0 and values.min() < 0 < values.max()
    bound = float(abs(values).max()) if signed else 0.0
    limits = {"cmap": "RdBu_r", "vmin": -bound, "vmax": bound} if signed else {"cmap": "viridis"}
    ax.set_facecolor(_no_value)
    shown = ax.imshow(values, origin="lower", extent=extent, interpolation="nearest", **limits)
    text = label_of(field)
    if component:
        name, _, unit = text.partition(" (")
        text = f"{name} {component}" + (f" ({unit}" if unit else "")
    figure.colorbar(shown, ax=ax, label=text)
