"""A script beside the fields that shows them in ParaView; unlike a state file it works in any version."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scl_fem.mesh.domain import BOTH
from scl_fem.output.files import write_text
from scl_fem.output.names import FIELDS_FILE

_SCRIPT = '''"""Show the fields of this folder in ParaView, written by scl_fem.

In ParaView: File > Load State, and choose this file. From a shell:

    paraview --script=view_in_paraview.py
    pvpython view_in_paraview.py picture.png       # no window; a picture of the last time

All phases are coloured by one field, on one scale; a solid is cut open; times are in the animation.
Move it with the folder: it opens the fields beside it.
"""

import os
import sys

from paraview import simple

PHASES = @PHASES@
"""The blocks, as ParaView's selectors name them."""

FIELDS = ("c_per_nm3", "tagged_fraction", "phi_V")
"""The first of these that there is gives the colour."""

TITLES = {
    "c_per_nm3": "Li concentration (1/nm^3)",
    "tagged_fraction": "Tagged fraction of Li",
    "phi_V": "Electric potential (V)",
}
LOG_FROM = 30.0
"""Ratio of the largest to the smallest value from which the colours are logarithmic."""


def folder():
    """Where this script is; ParaView's window does not always say."""
    here = globals().get("__file__") or sys._getframe().f_code.co_filename
    for directory in (os.path.dirname(os.path.abspath(here)), os.getcwd()):
        if os.path.isfile(os.path.join(directory, "@FIELDS@")):
            return directory
    raise SystemExit("view_in_paraview.py: @FIELDS@ is not beside this script, nor in the current directory")


def middle_of_the_smaller(source, time):
    """Centre of the phase that is narrower across the cut: of a particle, where it has one."""
    found = []
    for phase in PHASES:
        extract = simple.ExtractBlock(Input=source)
        extract.Selectors = ["/Root/" + phase]
        extract.UpdatePipeline(time)
        bounds = extract.GetDataInformation().GetBounds()
        simple.Delete(extract)
        centre = [0.5 * (bounds[2 * axis] + bounds[2 * axis + 1]) for axis in range(3)]
        found.append((bounds[3] - bounds[2], centre))
    return min(found)[1]


def show(path):
    """Open the fields, colour them, cut a solid open; returns the view."""
    source = simple.OpenDataFile(path)
    simple.RenameSource("scl_fem", source)
    source.UpdatePipelineInformation()
    times = source.TimestepValues
    times = list(times) if hasattr(times, "__iter__") else [times]
    source.UpdatePipeline(times[-1])
    view = simple.GetActiveViewOrCreate("RenderView")
    simple.GetAnimationScene().UpdateAnimationUsingDataTimeSteps()
    simple.GetAnimationScene().AnimationTime = times[-1]
    view.ViewTime = times[-1]
    information = source.GetDataInformation()
    bounds = information.GetBounds()
    spans = [bounds[2 * axis + 1] - bounds[2 * axis] for axis in range(3)]
    shown = source
    if min(spans) > 0.0:
        shown = simple.Clip(Input=source)
        shown.ClipType = "Plane"
        shown.ClipType.Origin = middle_of_the_smaller(source, times[-1])
        shown.ClipType.Normal = [0.0, 1.0, 0.0]
        shown.Invert = 0
        simple.Hide(source, view)
    display = simple.Show(shown, view)
    if spans[1] == 0.0 and spans[2] == 0.0:
        display.LineWidth = 4.0
    arrays = source.PointData.keys()
    name = next((each for each in FIELDS if each in arrays), arrays[0])
    simple.ColorBy(display, ("POINTS", name))
    low, high = source.PointData[name].GetRange()
    colours = simple.GetColorTransferFunction(name)
    colours.ApplyPreset("Viridis (matplotlib)", True)
    if name == "c_per_nm3" and low > 0.0 and high > LOG_FROM * low:
        colours.RescaleTransferFunction(max(low, 1e-6 * high), high)
        colours.MapControlPointsToLogSpace()
        colours.UseLogScale = 1
    elif high > low:
        colours.RescaleTransferFunction(low, high)
    display.SetScalarBarVisibility(view, True)
    bar = simple.GetScalarBar(colours, view)
    bar.Title, bar.ComponentTitle = TITLES.get(name, name), ""
    if min(spans) > 0.0:
        view.CameraPosition = [bounds[0] + spans[0], bounds[2] - 2.0 * spans[1], bounds[4] + 1.5 * spans[2]]
        view.CameraFocalPoint = [bounds[2 * axis] + 0.5 * spans[axis] for axis in range(3)]
        view.CameraViewUp = [0.0, 0.0, 1.0]
    view.ResetCamera()
    return view


view = show(os.path.join(folder(), "@FIELDS@"))
if len(sys.argv) > 1 and sys.argv[-1].endswith(".png"):
    view.ViewSize = [1200, 900]
    simple.SaveScreenshot(sys.argv[-1], view)
else:
    simple.Render(view)
'''


def selector_of(phase: str) -> str:
    """The name of a block in VTK's selectors: letters of ASCII, digits and -._ stay, no digit comes first.

    Args:
        phase: name of the phase.
    """
    kept = "".join(letter for letter in phase if letter.isascii() and (letter.isalnum() or letter in "-._"))
    return kept if kept[:1].isalpha() or kept.startswith("_") else f"_{kept}"


def write_view(path: Path, phases: Sequence[str] = BOTH) -> None:
    """Write the script.

    Args:
        path: the file, beside fields.pvd.
        phases: names of the blocks.

    Raises:
        OutputError: it cannot be written.
    """
    names = repr(tuple(map(selector_of, phases))).replace("'", '"')
    write_text(path, _SCRIPT.replace("@FIELDS@", FIELDS_FILE).replace("@PHASES@", names))
