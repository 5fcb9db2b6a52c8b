"""The standard view of a finished run: a cut with its stress, and behind it pores and open interfaces.

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


def colour(display, view, name, title, low, high, preset):
    ColorBy(display, ("CELLS", name))
    table = GetColorTransferFunction(name)
    table.ApplyPreset(preset, True)
    table.RescaleTransferFunction(low, high if high > low else low + 1)
    table.NanColor = [0.85, 0.85, 0.85]
    bar = GetScalarBar(table, view)
    bar.Title, bar.ComponentTitle = title, ""
    bar.TitleColor = bar.LabelColor = [0, 0, 0]
    display.SetScalarBarVisibility(view, True)
    return bar


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="output folder of a run")
    parser.add_argument("-o", "--output", default="picture.png")
    parser.add_argument("--time", type=float, help="half cycles since pristine; default: the last state")
    parser.add_argument("--animation", help="pictures of all states, numbered after this name")
    parser.add_argument("--size", type=int, nargs=2, default=[1600, 1000], metavar=("WIDTH", "HEIGHT"))
    args = parser.parse_args()
    paths = [os.path.join(args.folder, name) for name in ("fields.pvd", "cracks.pvd")]
    for path in paths:
        if not os.path.isfile(path):
            sys.exit(f"{path} is not there: name the output folder of a run with output.fields = \"half-cycle\" or \"step\"")

    fields, cracks = (PVDReader(FileName=path) for path in paths)
    times = list(fields.TimestepValues)
    if not times:
        sys.exit(f"{paths[0]} lists no state: let the run write one first")
    time = times[-1] if args.time is None else min(times, key=lambda t: abs(t - args.time))
    fields.UpdatePipeline(time)
    bounds = [MICROMETRES * b for b in fields.GetDataInformation().GetBounds()]
    middle = [(bounds[2 * a] + bounds[2 * a + 1]) / 2 for a in range(3)]

    view = CreateRenderView()
    view.ViewSize = args.size
    view.UseColorPaletteForBackground = 0
    view.Background = [1, 1, 1]
    view.OrientationAxesLabelColor = [0, 0, 0]

    cut = Slice(Input=fields, SliceType="Plane")
    cut.SliceType.Origin = [m / MICROMETRES for m in middle]
    cut.SliceType.Normal = [0, 1, 0]
    cut_shown = Show(scaled(cut), view)
    stress = values(cut, "von_mises_MPa", time)
    bar = colour(cut_shown, view, "von_mises_MPa", "von Mises stress, MPa", 0, float(np.percentile(stress, 99)) if stress.size else 1, "Viridis (matplotlib)")
    bar.WindowLocation = "Lower Right Corner"

    opening = Calculator(Input=cracks, AttributeType="Cell Data", ResultArrayName="opening_nm", Function="opening_m*1e9")
    widths = values(opening, "opening_nm", time)
    if widths.size:
        shown = Show(behind(scaled(opening), middle[1]), view)
        bar = colour(shown, view, "opening_nm", "opening, nm", 0, float(np.percentile(widths, 99)), "Inferno (matplotlib)")
        bar.WindowLocation = "Upper Right Corner"

    pores = Threshold(Input=fields, Scalars=["CELLS", "phase"], LowerThreshold=PORE, UpperThreshold=PORE, ThresholdMethod="Between")
    if values(pores, "phase", time).size:
        shown = Show(behind(scaled(pores), middle[1]), view)
        ColorBy(shown, None)
        shown.DiffuseColor = [0.35, 0.55, 0.75]

    frame = Outline(Input=scaled(fields))
    shown = Show(frame, view)
    shown.DiffuseColor = shown.AmbientColor = [0, 0, 0]

    stamp = Show(AnnotateTimeFilter(Input=fields, Format="{time:.2f} half cycles"), view)
    stamp.Color = [0, 0, 0]
    stamp.WindowLocation = "Upper Left Corner"

    size = max(bounds[2 * a + 1] - bounds[2 * a] for a in range(3))
    view.CameraFocalPoint = middle
    view.CameraPosition = [middle[0] - 0.9 * size, middle[1] - 2.4 * size, middle[2] + 1.0 * size]
    view.CameraViewUp = [0, 0, 1]
    view.ViewTime = time
    Render(view)
    if args.animation:
        os.makedirs(os.path.dirname(args.animation) or ".", exist_ok=True)
        scene = GetAnimationScene()
        scene.UpdateAnimationUsingDataTimeSteps()
        SaveAnimation(args.animation, view, ImageResolution=args.size)
        print(f"{len(times)} pictures beside {args.animation}")
    else:
        SaveScreenshot(args.output, view, ImageResolution=args.size)
        print(args.output)


main()
