"""Views of a three-dimensional result, rendered by VTK with a piece cut out.

Rendering runs in a process of its own: where the graphics libraries are missing VTK does not
raise but crashes, and a crash must not take a finished computation with it.

    python -m scl_fem.figures.volume RESULT_FOLDER DIRECTORY_FOR_IMAGES
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from ctypes.util import find_library
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scl_fem.figures.blocks import (
    add_colour_bar,
    colour_scale,
    quantities,
    quantities_of,
    range_of,
    read_blocks,
    scale_between,
)
from scl_fem.figures.cutaway import VIEW, lay_open
from scl_fem.figures.kinds import Note
from scl_fem.figures.phases import LETTERS, MISSING_COLOUR
from scl_fem.figures.result import ResultData
from scl_fem.figures.style import DOUBLE_COLUMN, add_title, label_panel, new_figure

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WINDOW = (1200, 1110)
"""Pixels: about twice what the figure shows, which smooths the edges."""

_ABREAST = 2
"""Views side by side."""

_TIME_LIMIT = 600.0
_SCENE_FILE = "scene.json"
_MODULE = "scl_fem.figures.volume"

_RENDER_WINDOWS = {"EGL": "vtkEGLRenderWindow", "OSMesa": "vtkOSOpenGLRenderWindow"}
_HELP = "install libegl1 or libosmesa6 for it (Debian: apt-get install libegl1)"


def draw_volume(result: ResultData, note: Note) -> Figure | None:
    """Potential and concentration side by side; None, with a note, where nothing can be rendered."""
    with tempfile.TemporaryDirectory() as directory:
        problem = _render_apart(result.directory, Path(directory))
        if problem:
            note(f"three-dimensional fields are not drawn: {problem}")
            return None
        return _compose(result, Path(directory))


def _render_apart(source: Path, target: Path) -> str:
    """Render in a process of its own; returns why that failed, "" where it did not."""
    environment = dict(os.environ)
    if "VTK_DEFAULT_OPENGL_WINDOW" not in environment:
        found = [name for name in _RENDER_WINDOWS if find_library(name)]
        if found:
            environment["VTK_DEFAULT_OPENGL_WINDOW"] = _RENDER_WINDOWS[found[0]]
        elif "DISPLAY" not in environment:
            return f"there is no library to render without a window; {_HELP}"
    command = [sys.executable, "-m", _MODULE, str(source.resolve()), str(target)]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=_TIME_LIMIT, check=False
        )
    except subprocess.TimeoutExpired:
        return f"the renderer did not finish within {_TIME_LIMIT:.0f} s"
    if done.returncode < 0:
        return f"the renderer crashed; {_HELP}"
    if done.returncode > 0:
        lines = done.stderr.strip().splitlines()
        return f"the renderer failed: {lines[-1] if lines else done.returncode}"
    return ""


def _compose(result: ResultData, images: Path) -> Figure | None:
    """Put the images beside each other, with colour bars and a scale."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.image import imread

    # what the renderer has read: VTK, which takes a second to import, is not loaded here
    scene = json.loads((images / _SCENE_FILE).read_text(encoding="utf-8"))
    shown = quantities_of(scene["ranges"], scene["phases"])
    if not shown:
        return None
    pixels_per_nm = scene["pixels_per_nm"]
    pictures = [imread(images / f"{number}.png")[:, :, :3] for number in range(len(shown))]
    rows, columns = _occupied(pictures)
    shape = (rows.stop - rows.start) / (columns.stop - columns.start)
    panel = 0.5 * DOUBLE_COLUMN - 0.75
    abreast = min(len(shown), _ABREAST)
    below = -(-len(shown) // abreast)
    figure = new_figure(
        0.5 * DOUBLE_COLUMN * abreast, 0.9 + (panel * shape + 0.3) * below - 0.3, fixed_aspect=True
    )
    grid = figure.subplots(below, abreast, squeeze=False).ravel()
    for axes in grid[len(shown) :]:
        axes.set_axis_off()
    for axes, quantity, picture, letter in zip(grid, shown, pictures, LETTERS, strict=False):
        axes.imshow(picture[rows, columns], interpolation="antialiased")
        axes.set_axis_off()
        low, high = scene["ranges"][quantity.name]
        scale = scale_between(low, high, quantity)
        mappable = ScalarMappable(scale, quantity.colours)
        add_colour_bar([axes], mappable, quantity)
        label_panel(axes, letter)
        _add_scale_bar(axes, pixels_per_nm, columns.stop - columns.start)
    add_title(figure, result.title, result.remark)
    return figure


def _occupied(pictures: list[npt.NDArray[np.float32]]) -> tuple[slice, slice]:
    """Rows and columns that are not white in all pictures."""
    drawn = np.any([(picture < 1.0).any(axis=2) for picture in pictures], axis=0)
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _add_scale_bar(axes: Axes, pixels_per_nm: float, width: int) -> None:
    """A bar of a round length, about a fifth of the picture, below it at the left."""
    target = 0.2 * width / pixels_per_nm
    decade = 10.0 ** np.floor(np.log10(target))
    length = max(step * decade for step in (1.0, 2.0, 5.0) if step * decade <= target)
    bar = axes.get_xaxis_transform()
    axes.plot(
        [0, length * pixels_per_nm], [0.02, 0.02], color="black", linewidth=2, transform=bar, clip_on=False
    )
    axes.text(
        0.5 * length * pixels_per_nm,
        0.035,
        f"{length:g} nm",
        ha="center",
        va="bottom",
        transform=bar,
        fontsize=7.5,
    )


def render(source: Path, target: Path) -> None:
    """Render every quantity of a result into an image, and write what a pixel measures.

    Args:
        source: the result folder.
        target: directory for the images and scene.json.
    """
    import pyvista as pv

    pv.OFF_SCREEN = True
    blocks = read_blocks(source)
    skins = lay_open(list(blocks.values()))
    scene: dict[str, Any] = {"ranges": {}, "phases": list(blocks)}
    for number, quantity in enumerate(quantities(blocks)):
        plotter: Any = pv.Plotter(off_screen=True, window_size=list(_WINDOW), lighting="light kit")
        plotter.set_background("white")
        scale = colour_scale(blocks, quantity)
        for skin in skins:
            coloured = {
                "scalars": quantity.name,
                "cmap": quantity.colours,
                "clim": (scale.vmin, scale.vmax),
                "log_scale": type(scale).__name__ == "LogNorm",
                "show_scalar_bar": False,
            }
            known = quantity.name in skin.surface.point_data
            # nearly flat: a colour must mean the same on every face
            plotter.add_mesh(
                skin.surface,
                **(coloured if known else {"color": MISSING_COLOUR}),
                ambient=0.9,
                diffuse=0.12,
                specular=0.0,
            )
            if skin.edges.n_points:
                plotter.add_mesh(skin.edges, color="#303030", line_width=3.0, lighting=False)
        plotter.enable_parallel_projection()
        plotter.view_vector(VIEW, viewup=(0, 0, 1))
        plotter.reset_camera()
        plotter.camera.zoom(1.1)
        scene["pixels_per_nm"] = _WINDOW[1] / (2.0 * plotter.camera.parallel_scale)
        scene["ranges"][quantity.name] = range_of(blocks, quantity)
        plotter.screenshot(target / f"{number}.png")
        plotter.close()
    (target / _SCENE_FILE).write_text(json.dumps(scene), encoding="utf-8")


if __name__ == "__main__":
    render(Path(sys.argv[1]), Path(sys.argv[2]))
