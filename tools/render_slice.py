#!/usr/bin/env python3
"""Picture of one state of a finished run: a slice (phase, stress, open faces) and the open faces in space.

    pip install numpy matplotlib vtk
    tools/render_slice.py out/ -o slice.png --state -1 --axis y

Needs no display. Reads fields.pvd and cracks.pvd of the output folder.
"""
import argparse
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402
from matplotlib.collections import LineCollection  # noqa: E402
from matplotlib.colors import ListedColormap  # noqa: E402
from mpl_toolkits.mplot3d.art3d import Poly3DCollection  # noqa: E402
from vtkmodules.util.numpy_support import vtk_to_numpy  # noqa: E402
from vtkmodules.vtkIOXML import vtkXMLImageDataReader, vtkXMLPolyDataReader  # noqa: E402

PORE = 255
MOST_TRIANGLES = 40000  # in the 3D panel; more are thinned evenly and the title says so
PHASE_COLOURS = ["#d9c48f", "#3f6fa3", "#2f2f2f", "#8a8a8a", "#7fb069", "#b56576", "#6d597a", "#e07a5f"]


def states(folder, stem):
    """[(time, path)] of a collection, empty if there is none."""
    path = folder / f"{stem}.pvd"
    if not path.exists():
        return []
    return [(float(entry.get("timestep")), folder / entry.get("file")) for entry in ElementTree.parse(path).iter("DataSet")]


def read(reader, path):
    reader.SetFileName(str(path))
    reader.Update()
    if reader.GetErrorCode():
        sys.exit(f"{path} cannot be read: is the run still writing, or did it end before this state was finished?")
    return reader.GetOutput()


def cell_array(data, name):
    array = data.GetCellData().GetArray(name)
    return None if array is None else vtk_to_numpy(array)


class Fields:
    """Cell arrays of a .vti, shape (n_z, n_y, n_x[, components])."""

    def __init__(self, path):
        self.data = read(vtkXMLImageDataReader(), path)
        self.n = [d - 1 for d in self.data.GetDimensions()]
        self.spacing_um = self.data.GetSpacing()[0] * 1e6
        text = self.data.GetFieldData().GetAbstractArray("state")
        self.state = text.GetValue(0) if text else path.stem

    def names(self):
        cells = self.data.GetCellData()
        return [cells.GetArrayName(i) for i in range(cells.GetNumberOfArrays())]

    def slice(self, name, axis, index):
        values = cell_array(self.data, name)
        if values is None:
            sys.exit(f"the fields hold no '{name}'; there are: {', '.join(self.names())}")
        if values.ndim > 1:
            sys.exit(f"'{name}' has {values.shape[1]} components; choose a field of one")
        return np.take(values.reshape(self.n[::-1]), index, axis=2 - axis)


class Faces:
    """Open faces of a .vtp, two triangles each: corners (n, 3, 3) in micrometres, opening in nm."""

    def __init__(self, path):
        data = read(vtkXMLPolyDataReader(), path)
        n = data.GetNumberOfCells()
        self.corners, self.opening_nm = np.zeros((0, 3, 3)), np.zeros(0)
        if n:
            points = vtk_to_numpy(data.GetPoints().GetData()).astype(float) * 1e6
            self.corners = points[vtk_to_numpy(data.GetPolys().GetConnectivityArray()).reshape(n, 3)]
            self.opening_nm = cell_array(data, "opening_m") * 1e9

    def lines(self, axis, position):
        """Segments where triangles cross the plane, in the two other axes (the lower one first), and their openings."""
        above = self.corners[:, :, axis] > position
        crossing = above.any(1) & ~above.all(1)
        corners, above = self.corners[crossing], above[crossing]
        alone = np.where(above.sum(1) == 1, above.argmax(1), (~above).argmax(1))  # the corner that has the two others on the far side
        row, across = np.arange(len(corners)), [a for a in range(3) if a != axis]
        ends = []
        for other in (1, 2):
            p, q = corners[row, alone], corners[row, (alone + other) % 3]
            share = (position - p[:, axis]) / (q[:, axis] - p[:, axis])
            ends.append((p + share[:, None] * (q - p))[:, across])
        return np.stack(ends, axis=1), self.opening_nm[crossing]


def draw_slice(axes, values, extent, names, title, **options):
    picture = axes.imshow(values, origin="lower", extent=extent, interpolation="nearest", **options)
    axes.set(xlabel=f"{names[0]} / µm", ylabel=f"{names[1]} / µm", title=title)
    return picture


def draw_phase(axes, phase, extent, names, title):
    colours = ListedColormap(PHASE_COLOURS).with_extremes(bad="white")
    return draw_slice(axes, np.ma.masked_equal(phase, PORE), extent, names, title, cmap=colours, vmin=-0.5, vmax=len(PHASE_COLOURS) - 0.5)


def draw_space(figure, place, faces, size, limit):
    axes = figure.add_subplot(place, projection="3d")
    every = -(-len(faces.corners) // MOST_TRIANGLES) or 1
    collection = Poly3DCollection(faces.corners[::every], array=faces.opening_nm[::every], cmap="inferno", clim=(0, limit))
    if len(faces.corners):
        axes.add_collection3d(collection)
    axes.set(xlim=(0, size[0]), ylim=(0, size[1]), zlim=(0, size[2]), xlabel="x / µm", ylabel="y / µm", zlabel="z / µm")
    axes.set_box_aspect(size)
    axes.set_title(f"{len(faces.corners) // 2} open faces" + (f", one triangle in {every} drawn" if every > 1 else ""))
    return collection


def render(arguments):
    folder = pathlib.Path(arguments.folder)
    field_states, crack_states = states(folder, "fields"), states(folder, "cracks")
    if not field_states or not crack_states:
        sys.exit(f"{folder} holds no states: no fields.pvd or cracks.pvd, or empty ones. Was the run's output.fields \"none\"?")
    try:
        time, path = field_states[arguments.state]
    except IndexError:
        sys.exit(f"there is no state {arguments.state}: {folder}/fields.pvd lists {len(field_states)}")
    same_time = [p for t, p in crack_states if t == time]
    if not same_time:
        sys.exit(f"{folder}/cracks.pvd has no state at time {time:g}")
    fields, faces = Fields(path), Faces(same_time[0])

    axis = "xyz".index(arguments.axis)
    index = fields.n[axis] // 2 if arguments.index is None else arguments.index
    if not 0 <= index < fields.n[axis]:
        sys.exit(f"--index {index} lies outside 0 ... {fields.n[axis] - 1} along {arguments.axis}")
    size = [n * fields.spacing_um for n in fields.n]
    across = [a for a in range(3) if a != axis]
    extent = (0, size[across[0]], 0, size[across[1]])
    names = ["xyz"[a] for a in across]
    phase, field = (fields.slice(name, axis, index) for name in ("phase", arguments.field))
    field = np.ma.masked_where((phase == PORE) | ~np.isfinite(field), field)
    limits = np.percentile(field.compressed(), [1, 99]) if field.count() else (0, 1)
    limit = max(float(np.percentile(faces.opening_nm, 99)) if len(faces.opening_nm) else 0, 1e-3)

    figure = plt.figure(figsize=(13, 11), layout="constrained")
    figure.suptitle(f"{fields.state}, slice {arguments.axis} = {(index + 0.5) * fields.spacing_um:.2f} µm")
    draw_phase(figure.add_subplot(221), phase, extent, names, "phase (white: pore)")
    axes = figure.add_subplot(222)
    picture = draw_slice(axes, field, extent, names, arguments.field, cmap="viridis", vmin=limits[0], vmax=limits[1])
    figure.colorbar(picture, ax=axes, shrink=0.8)
    axes = figure.add_subplot(223)
    draw_phase(axes, phase, extent, names, "open faces in the slice").set_alpha(0.35)
    segments, opening = faces.lines(axis, (index + 0.5) * fields.spacing_um)
    axes.add_collection(LineCollection(segments, array=opening, cmap="inferno", clim=(0, limit), linewidths=2))
    collection = draw_space(figure, 224, faces, size, limit)
    figure.colorbar(collection, ax=axes, shrink=0.8, label="opening / nm")
    figure.savefig(arguments.output, dpi=arguments.dpi)
    print(f"{arguments.output}: {fields.state}, {len(faces.corners) // 2} open faces, {len(segments)} of their triangles cut by the slice")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="output folder of a run")
    parser.add_argument("-o", "--output", default="slice.png")
    parser.add_argument("--state", type=int, default=-1, help="number of the state, negative from the end (default: the last)")
    parser.add_argument("--axis", choices="xyz", default="y", help="normal of the slice (default: y)")
    parser.add_argument("--index", type=int, help="voxel layer (default: the middle)")
    parser.add_argument("--field", default="von_mises_MPa")
    parser.add_argument("--dpi", type=int, default=110)
    render(parser.parse_args())


if __name__ == "__main__":
    main()
