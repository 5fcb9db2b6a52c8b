"""The standard view of a finished run: a cut with its stress and open interfaces as red lines; beside it the half behind the cut, its open interfaces and pores.

    pvpython standard_view.py OUT                              # picture.png of the last state
    pvpython standard_view.py OUT --time 1 -o charged.png      # half cycles since pristine: 1 is the first charged state
    pvpython standard_view.py OUT --animation frames/view.png  # one picture a state, for a film

OUT is a folder with fields.pvd and cracks.pvd. With ParaView 5.11; `xvfb-run pvpython ...` where there is no display and pvpython asks for one.
"""
import argparse
import os
import sys

from paraview.simple import *  # noqa: F403: as ParaView's own scripts do
from paraview.servermanager import Fetch
from vtkmodules.util.numpy_support import vtk_to_numpy
import numpy as np

MICROMETRES = 1e6
PORE = 255


def scaled(source):
    """In micrometres: ParaView's tolerances are not made for coordinates of 1e-5."""
    transform = Transform(Input=source)
    transform.Transform.Scale = [MICROMETRES] * 3
    return transform


def behind(source, y):
    clip = Clip(Input=source, ClipType="Plane")
    clip.ClipType.Origin = [0, y, 0]
    clip.ClipType.Normal = [0, 1, 0]
    clip.Invert = 0
    return clip


def values(source, name, time):
    source.UpdatePipeline(time)
    data = Fetch(source).GetCellData().GetArray(name)
    array = vtk_to_numpy(data) if data else np.zeros(0)
    return array[np.isfinite(array)]


def highest(source, name, times):
    """What 99 % of the values lie below in the state that has the largest; None: there are none."""
    states = [values(source, name, time) for time in times]
    return max((float(np.percentile(state, 99)) for state in states if state.size), default=None)


def colour(display, view, name, title, low, high, preset):
    ColorBy(display, ("CELLS", name))
    table = GetColorTransferFunction(name)
    table.ApplyPreset(preset, True)
    table.RescaleTransferFunction(low, high if high > low else low + 1)
    table.NanColor = [0.85, 0.85, 0.85]
    bar = GetScalarBar(table, view)
    bar.Title, bar.ComponentTitle = title, ""
    bar.LabelFormat = bar.RangeLabelFormat = "%.3g"
    bar.AutomaticLabelFormat = 0
    bar.TitleColor = bar.LabelColor = [0, 0, 0]
    display.SetScalarBarVisibility(view, True)
    return bar


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="output folder of a run")
    parser.add_argument("-o", "--output", default="picture.png")
    parser.add_argument("--time", type=float, help="half cycles since pristine; default: the last state")
    parser.add_argument("--animation", help="pictures of all states, numbered after this name")
    parser.add_argument("--size", type=int, nargs=2, default=[1800, 900], metavar=("WIDTH", "HEIGHT"))
    args = parser.parse_args()
    paths = [os.path.join(args.folder, name) for name in ("fields.pvd", "cracks.pvd")]
    for path in paths:
        if not os.path.isfile(path):
            sys.exit(f"{path} is not there: name the output folder of a run with output.fields = \"half-cycle\" or \"step\"")

    fields, cracks = (PVDReader(FileName=path) for path in paths)
    times = list(fields.TimestepValues)
    if not times:
        sys.exit(f"{paths[0]} lists no state: let the run write one first")
    if args.animation:
        shown_times, time = times, times[0]
    else:
        time = times[-1] if args.time is None else min(times, key=lambda t: abs(t - args.time))
        shown_times = [time]
    fields.UpdatePipeline(time)
    bounds = [MICROMETRES * b for b in fields.GetDataInformation().GetBounds()]
    middle = [(bounds[2 * a] + bounds[2 * a + 1]) / 2 for a in range(3)]

    size = [bounds[2 * a + 1] - bounds[2 * a] for a in range(3)]
    voxel = size[0] / (fields.GetDataInformation().DataInformation.GetExtent()[1] or 1)
    y = middle[1] + voxel / 2  # through the middles of voxels: no face lies in the cut
    layout = CreateLayout("standard view")
    layout.SplitHorizontal(0, 0.5)
    flat, deep = CreateRenderView(), CreateRenderView()
    for place, view in ((1, flat), (2, deep)):
        layout.AssignView(place, view)
        view.UseColorPaletteForBackground = 0
        view.Background = [1, 1, 1]
        view.OrientationAxesLabelColor = [0, 0, 0]
        view.ViewTime = time

    # left: the cut, and the open interfaces that it meets as lines
    cut = Slice(Input=scaled(fields), SliceType="Plane")
    cut.SliceType.Origin = [middle[0], y, middle[2]]
    cut.SliceType.Normal = [0, 1, 0]
    colour(Show(cut, flat), flat, "von_mises_MPa", "von Mises stress, MPa", 0, highest(cut, "von_mises_MPa", shown_times) or 1, "Viridis (matplotlib)")
    opening = Calculator(Input=cracks, AttributeType="Cell Data", ResultArrayName="opening_nm", Function="opening_m*1e9")
    widest = highest(opening, "opening_nm", shown_times)
    if widest is not None:
        lines = Slice(Input=scaled(opening), SliceType="Plane")
        lines.SliceType.Origin = [middle[0], y, middle[2]]
        lines.SliceType.Normal = [0, 1, 0]
        shown = Show(lines, flat)
        shown.ColorArrayName = ["POINTS", ""]
        shown.DiffuseColor = shown.AmbientColor = [1, 0.25, 0.1]
        shown.LineWidth = 3
    flat.CameraParallelProjection = 1
    flat.CameraParallelScale = 0.58 * max(size[2], size[0])
    flat.CameraFocalPoint = middle
    flat.CameraPosition = [middle[0], middle[1] - 3 * size[1], middle[2]]
    flat.CameraViewUp = [0, 0, 1]

    # right: the half behind the cut, its open interfaces and pores
    if widest is not None:
        colour(Show(behind(scaled(opening), y), deep), deep, "opening_nm", "opening, nm", 0, widest, "Inferno (matplotlib)")
    pores = Threshold(Input=fields, Scalars=["CELLS", "phase"], LowerThreshold=PORE, UpperThreshold=PORE, ThresholdMethod="Between")
    if values(pores, "phase", time).size:
        shown = Show(behind(scaled(pores), y), deep)
        shown.ColorArrayName = ["POINTS", ""]
        shown.DiffuseColor = [0.35, 0.55, 0.75]
    shown = Show(Outline(Input=behind(scaled(fields), y)), deep)
    shown.DiffuseColor = shown.AmbientColor = [0, 0, 0]
    deep.CameraFocalPoint = [middle[0], middle[1] + size[1] / 4, middle[2]]
    deep.CameraPosition = [middle[0] - 1.1 * size[0], middle[1] - 2.3 * size[1], middle[2] + 1.0 * size[2]]
    deep.CameraViewUp = [0, 0, 1]

    stamp = Show(AnnotateTimeFilter(Input=fields, Format="{time:.2f} half cycles"), flat)
    stamp.Color = [0, 0, 0]
    stamp.WindowLocation = "Upper Left Corner"
    layout.SetSize(args.size)
    RenderAllViews()
    if args.animation:
        os.makedirs(os.path.dirname(args.animation) or ".", exist_ok=True)
        scene = GetAnimationScene()
        scene.UpdateAnimationUsingDataTimeSteps()
        scene.GoToFirst()
        SaveAnimation(args.animation, layout, ImageResolution=args.size)
        print(f"{len(times)} pictures beside {args.animation}")
    else:
        SaveScreenshot(args.output, layout, ImageResolution=args.size)
        print(args.output)


main()
