"""Fields of a two-dimensional result: potential and concentration, the interface magnified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from scl_fem.figures.blocks import Quantity, add_colour_bar, colour_scale, quantities, read_blocks
from scl_fem.figures.looks import current_look, wide_as
from scl_fem.figures.phases import LETTERS, MISSING_COLOUR
from scl_fem.figures.result import ResultData
from scl_fem.figures.style import (
    DOUBLE_COLUMN,
    add_title,
    label_panel,
    new_figure,
    with_subscripts,
)

if TYPE_CHECKING:
    import pyvista as pv
    from matplotlib.axes import Axes
    from matplotlib.collections import TriMesh
    from matplotlib.colors import Normalize
    from matplotlib.figure import Figure

_ZOOM = 2.0
"""Half-width of the magnified view, in thicknesses of the layer."""

_LONGEST = 2.0
"""Largest ratio of length to width that is shown; a longer sample is cut off on both sides."""

_LOWEST = 1.0
"""Inches of a row: a colour bar with its label needs them."""

_LETTERS_ABREAST = 5.0
"""Half the letters of a name: it is so much wider than high."""

_SAME_POINT = 1e-9

_FEW_TRIANGLES = 30_000


@dataclass(frozen=True)
class Window:
    """A rectangle: (left, right, bottom, top) in nm."""

    left: float
    right: float
    bottom: float
    top: float

    @property
    def aspect(self) -> float:
        """Height over width."""
        return (self.top - self.bottom) / (self.right - self.left)


def draw_plane(result: ResultData) -> Figure | None:
    """Potential above concentration; everything at the left, a piece of the interface at the right."""
    blocks = {phase: triangles(block) for phase, block in read_blocks(result.directory).items()}
    shown = quantities(blocks)
    if not shown:
        return None
    edges = interface_edges(blocks)
    blocks = {phase: refined(block) for phase, block in blocks.items()}
    windows = windows_of(blocks, edges, result.layer_thickness)
    if current_look().columns == 1:  # the surroundings of the layer, where there is one
        windows = windows[-1:]
    width = wide_as(DOUBLE_COLUMN if len(windows) > 1 else 0.6 * DOUBLE_COLUMN + 1.2)
    column = (width - 1.2) / len(windows)
    height = 0.7 + len(shown) * (0.35 + max(column * windows[0].aspect, _LOWEST))
    figure = new_figure(width, height, fixed_aspect=True)
    grid = figure.subplots(len(shown), len(windows), squeeze=False, sharex="col", sharey="col")
    for quantity, row in zip(shown, grid, strict=True):
        scale = colour_scale(blocks, quantity)
        for window, axes in zip(windows, row, strict=True):
            picture = draw_field(axes, blocks, quantity, scale)
            draw_interface(axes, edges)
            axes.set(xlim=(window.left, window.right), ylim=(window.bottom, window.top), aspect="equal")
            axes.tick_params(direction="out", top=False, right=False)
            axes.locator_params(nbins=5)
        row[0].set_ylabel("y (nm)")
        add_colour_bar(list(row), picture, quantity)
    for axes in grid[:, 0]:
        name_blocks(axes, result, blocks, windows[0])
    for axes in grid[-1]:
        axes.set_xlabel("x (nm)")
    for axes, letter in zip(grid.ravel(), LETTERS, strict=False):
        label_panel(axes, letter)
    if len(windows) > 1:
        for axes in grid[:, 0]:
            _mark(axes, windows[1])
    add_title(figure, result.title, result.remark)
    return figure


def triangles(block: pv.UnstructuredGrid) -> pv.PolyData:
    """Linear triangles of a phase, whatever its cells.

    Args:
        block: a two-dimensional grid with fields.
    """
    return block.extract_surface(algorithm="dataset_surface", nonlinear_subdivision=1).triangulate()


def refined(surface: pv.PolyData) -> pv.PolyData:
    """Triangles split until it does not show that Matplotlib mixes colours, not values.

    Args:
        surface: triangles with fields.
    """
    while 0 < surface.n_cells < _FEW_TRIANGLES:
        surface = surface.subdivide(1, "linear")
    return surface


def draw_field(axes: Axes, blocks: dict[str, pv.PolyData], quantity: Quantity, scale: Normalize) -> TriMesh:
    """Draw the field of all phases, grey where one lacks it; returns what a colour bar describes.

    Args:
        axes: where.
        blocks: triangles by phase.
        quantity: the field.
        scale: of the colours.
    """
    from matplotlib.colors import ListedColormap
    from matplotlib.tri import Triangulation

    for block in blocks.values():
        shape = Triangulation(block.points[:, 0], block.points[:, 1], block.regular_faces)
        if quantity.name not in block.point_data:
            axes.tripcolor(
                shape, np.zeros(block.n_cells), cmap=ListedColormap([MISSING_COLOUR]), rasterized=True
            )
            continue
        picture = axes.tripcolor(
            shape,
            np.asarray(block[quantity.name]),
            shading="gouraud",
            cmap=quantity.colours,
            norm=scale,
            rasterized=True,
        )
    return picture


def interface_edges(blocks: dict[str, pv.PolyData]) -> npt.NDArray[np.float64]:
    """(n, 2, 2) ends of the element edges where phases meet, nm.

    Args:
        blocks: triangles by phase, as in the mesh.
    """
    surfaces = list(blocks.values())
    pairs = [(one, other) for place, one in enumerate(surfaces) for other in surfaces[place + 1 :]]
    return np.concatenate([np.empty((0, 2, 2)), *(_edges_between(one, other) for one, other in pairs)])


def _edges_between(one: pv.PolyData, other: pv.PolyData) -> npt.NDArray[np.float64]:
    """The same of two phases."""
    resolution = _SAME_POINT * max(other.length, one.length)
    known = {tuple(point) for point in _rounded(other.points, resolution)}
    shared = np.array([tuple(point) in known for point in _rounded(one.points, resolution)])
    faces = one.regular_faces
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    edges, count = np.unique(edges, axis=0, return_counts=True)
    edges = edges[(count == 1) & shared[edges].all(axis=1)]
    return one.points[edges][:, :, :2].astype(float)


def _rounded(points: npt.NDArray[np.float64], resolution: float) -> npt.NDArray[np.int64]:
    return np.round(points[:, :2] / resolution).astype(np.int64)


def draw_interface(axes: Axes, edges: npt.NDArray[np.float64]) -> None:
    """Draw the interface as a white line.

    Args:
        axes: where.
        edges: from `interface_edges`.
    """
    from matplotlib.collections import LineCollection

    axes.add_collection(LineCollection(list(edges), colors="white", linewidths=0.6), autolim=False)


def windows_of(
    blocks: dict[str, pv.PolyData], edges: npt.NDArray[np.float64], thickness: float
) -> list[Window]:
    """What to show: everything (or the middle of a long sample), and a piece of the interface.

    Args:
        blocks: triangles by phase.
        edges: of the interface, from `interface_edges`.
        thickness: of the layer, nm; 0: no piece of the interface.
    """
    points = np.concatenate([block.points for block in blocks.values()])[:, :2]
    (left, bottom), (right, top) = points.min(axis=0), points.max(axis=0)
    middle = edges.mean(axis=(0, 1)) if len(edges) else points.mean(axis=0)
    if right - left > _LONGEST * (top - bottom):
        centre, half = middle[0], 0.5 * _LONGEST * (top - bottom)
        if len(blocks) > 2:  # every interface, and as much beside them
            first, last = edges[:, :, 0].min(), edges[:, :, 0].max()
            centre, half = 0.5 * (first + last), max(half, 0.5 * (last - first + top - bottom))
        left, right = max(left, centre - half), min(right, centre + half)
    whole = Window(left, right, bottom, top)
    half = _ZOOM * thickness
    if not len(edges) or not 0.0 < 2.0 * half < 0.5 * min(right - left, top - bottom):
        return [whole]
    # the piece of the interface farthest along the first axis, at the height of its middle
    ends = edges.mean(axis=1)
    at_middle = ends[np.abs(ends[:, 1] - middle[1]) <= np.abs(ends[:, 1] - middle[1]).min() + half / 10]
    x, y = at_middle[np.argmax(at_middle[:, 0])]
    x = min(max(x, left + half), right - half)
    return [whole, Window(x - half, x + half, y - half * whole.aspect, y + half * whole.aspect)]


def name_blocks(axes: Axes, result: ResultData, blocks: dict[str, pv.PolyData], window: Window) -> None:
    """Write the outer material's name in the corner, the inner or left one's in its middle.

    Of more than two phases each has its name where it is farthest from the others.

    Args:
        axes: where.
        result: knows the names.
        blocks: triangles by phase.
        window: what the panel shows.
    """
    from matplotlib.patheffects import withStroke

    corner = np.array([window.right, window.top])
    distance = {
        phase: np.linalg.norm(block.points[:, :2] - corner, axis=1).min() for phase, block in blocks.items()
    }
    outer = min(distance, key=lambda phase: distance[phase])
    for phase, block in blocks.items():
        left, right, bottom, top = block.bounds[:4]
        middle = 0.5 * (max(left, window.left) + min(right, window.right))
        place, align = (middle, 0.5 * (bottom + top)), ("center", "center")
        if len(blocks) > 2:
            found = _roomiest(phase, blocks, window)
            if found is None:
                continue
            place = found
        elif phase == outer:
            inset = 0.04 * (window.right - window.left)
            place, align = (window.right - inset, window.top - inset), ("right", "top")
        axes.text(
            *place,
            with_subscripts(result.material(phase)),
            color="white",
            fontweight="bold",
            ha=align[0],
            va=align[1],
            path_effects=[withStroke(linewidth=1.5, foreground="#303030")],
        )


def _roomiest(phase: str, blocks: dict[str, pv.PolyData], window: Window) -> tuple[float, float] | None:
    """The place in a phase that is farthest from the others and the ends of the window; None outside."""
    from scipy.spatial import cKDTree

    places = blocks[phase].cell_centers().points[:, :2]
    others = np.concatenate([block.points[:, :2] for name, block in blocks.items() if name != phase])
    ends = np.stack(
        [
            (places[:, 0] - window.left) / _LETTERS_ABREAST,
            (window.right - places[:, 0]) / _LETTERS_ABREAST,
            places[:, 1] - window.bottom,
            window.top - places[:, 1],
        ]
    )
    room = np.minimum(cKDTree(others).query(places)[0], ends.min(axis=0))
    if room.max() <= 0.0:
        return None
    x, y = places[np.argmax(room)]
    return float(x), float(y)


def _mark(axes: Axes, window: Window) -> None:
    """Frame what the panel at the right magnifies."""
    from matplotlib.patches import Rectangle

    size = (window.right - window.left, window.top - window.bottom)
    axes.add_patch(Rectangle((window.left, window.bottom), *size, fill=False, color="white", linewidth=0.8))
