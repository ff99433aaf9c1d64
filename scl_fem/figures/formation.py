"""A layer on its way: fields at the output times, as curves in one dimension, as pictures in two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from scl_fem.figures.kinds import Note, figure
from scl_fem.figures.looks import current_look, wide_as
from scl_fem.figures.panels import Row, middle_of, name_phases, scale_axis
from scl_fem.figures.phases import LETTERS
from scl_fem.figures.result import ResultData
from scl_fem.figures.style import (
    CONCENTRATION_MAP,
    DOUBLE_COLUMN,
    GUIDE_COLOUR,
    add_title,
    engineering,
    label_panel,
    new_figure,
)
from scl_fem.output.names import FIELDS_FILE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Normalize
    from matplotlib.figure import Figure

    from scl_fem.figures.blocks import Blocks, Quantity

_MOST_NAMED = 6
"""Times up to which a legend names each; more have a colour bar."""

_MOST_PICTURES = 6
_PICTURES_ABREAST = {4: 2}
"""By their number; else up to three."""

_LOG_FROM = 30.0
"""Ratio of the last to the first time from which their colours go by the logarithm."""

_LIGHTEST = 0.88
"""Of the colour map: yellow on white cannot be read."""

_BULK_KEYS = {"phi_V": "bulk_potential_V", "c_per_nm3": "concentration_bulk_per_nm3"}
"""Where the summary of a phase tells the level of a field in its bulk."""

_ROW_HEIGHT = 1.9


@figure("formation", FIELDS_FILE)
def draw_formation(result: ResultData, note: Note) -> Figure | None:
    """The fields at all output times; None for a single time, and for three dimensions."""
    times = result.output_times
    if len(times) < 2:
        return None
    if result.summary.get("dimension") == 1:
        return _draw_curves(result, times)
    if result.summary.get("dimension") == 2:
        return _draw_pictures(result, times)
    return None


def _draw_curves(result: ResultData, times: Sequence[float]) -> Figure | None:
    """Every quantity along the normal, one curve a time."""
    from scl_fem.figures.blocks import quantities_at_all, read_blocks

    steps = [read_blocks(result.directory, time) for time in times]
    # concentration first: the layer is defined by it
    shown = quantities_at_all(steps)[::-1]
    if not shown:
        return None
    norm = _time_scale(times)
    drawn = new_figure(0.85 * DOUBLE_COLUMN, 0.8 + _ROW_HEIGHT * len(shown))
    panels = drawn.subplots(len(shown), sharex=True, squeeze=False)[:, 0]
    ends = {name: block.bounds[:2] for name, block in steps[-1].items()}
    bounds = np.array(list(ends.values()))
    window = middle_of(result, (float(bounds.min()), float(bounds.max())))
    for axes, quantity, letter in zip(panels, shown, LETTERS, strict=False):
        values = [_draw_steps(axes, steps, times, norm, quantity)]
        for place in np.unique(bounds)[1:-1]:
            axes.axvline(place, color=GUIDE_COLOUR, linewidth=0.7, zorder=1)
        bulk = {phase: _bulk_level(result, phase, quantity) for phase in ends}
        _draw_bulk(axes, bulk, ends)
        values.append(np.array([level for level in bulk.values() if level is not None]))
        row = Row(
            quantity.label,
            np.concatenate(values),
            bulk,
            smallest_span=quantity.smallest_span,
            ratio=quantity.ratio,
        )
        scale_axis(axes, row)
        axes.set(ylabel=quantity.label, xlim=window)
        label_panel(axes, letter)
    panels[-1].set_xlabel("Distance from the interface (nm)")
    name_phases(panels[0], result, window, ends)
    drawn.align_ylabels()
    _explain_colours(list(panels), times, norm)
    add_title(drawn, result.title, result.remark)
    return drawn


def _all_blocks(steps: Sequence[Blocks]) -> Blocks:
    """The grids of all times together."""
    return {f"{phase} {number}": block for number, step in enumerate(steps) for phase, block in step.items()}


def _draw_steps(
    axes: Axes, steps: Sequence[Blocks], times: Sequence[float], norm: Normalize, quantity: Quantity
) -> npt.NDArray[np.float64]:
    """Curves of a quantity at all times; returns its values."""
    drawn = []
    for time, blocks in zip(times, steps, strict=True):
        for number, block in enumerate(blocks.values()):
            order = np.argsort(block.points[:, 0])
            values = np.asarray(block[quantity.name])[order]
            label = engineering(time, "s") if number == 0 else None
            axes.plot(block.points[order, 0], values, color=_colour(norm, time), label=label, linewidth=1.2)
            drawn.append(values)
    return np.concatenate(drawn)


def _draw_bulk(axes: Axes, bulk: Mapping[str, float | None], ends: Mapping[str, tuple[float, float]]) -> None:
    """Levels of the neutral bulks, each over its phase."""
    for phase, level in bulk.items():
        if level is not None:
            axes.plot(ends[phase], [level, level], ":", color=GUIDE_COLOUR, linewidth=1.0, zorder=4)


def _bulk_level(result: ResultData, phase: str, quantity: Quantity) -> float | None:
    key = _BULK_KEYS.get(quantity.name, "")
    sides = [
        result.side(phase),
        *(each.get(phase, {}) for each in result.summary.get("interfaces", {}).values()),
    ]
    return next((side[key] for side in sides if key in side), None)


def _explain_colours(panels: list[Axes], times: Sequence[float], norm: Normalize) -> None:
    """A legend beside the first panel, or a colour bar where there are many times."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import ListedColormap
    from matplotlib.lines import Line2D

    if len(times) <= _MOST_NAMED:
        handles: list[Any] = panels[0].get_legend_handles_labels()[0]
        handles.append(Line2D([], [], color=GUIDE_COLOUR, linewidth=1.0, linestyle=":", label="neutral bulk"))
        panels[0].legend(handles=handles, loc="upper left", bbox_to_anchor=(1.01, 1.0))
        return
    shades = ListedColormap([_colour(norm, norm.inverse(part)) for part in np.linspace(0.0, 1.0, 256)])
    bar = panels[0].figure.colorbar(
        ScalarMappable(norm, shades), ax=panels, label="Time", fraction=0.05, pad=0.02
    )
    bar.ax.yaxis.set_major_formatter(lambda value, _: engineering(value, "s"))


def _time_scale(times: Sequence[float]) -> Normalize:
    from matplotlib.colors import LogNorm, Normalize

    if times[0] > 0.0 and times[-1] > _LOG_FROM * times[0]:
        return LogNorm(times[0], times[-1])
    return Normalize(times[0], times[-1])


def _colour(norm: Normalize, time: float) -> Any:
    import matplotlib

    return matplotlib.colormaps[CONCENTRATION_MAP](_LIGHTEST * (1.0 - float(norm(time))))


def _draw_pictures(result: ResultData, times: Sequence[float]) -> Figure | None:
    """The concentration at up to six of the times, on one scale."""
    from scl_fem.figures.blocks import add_colour_bar, colour_scale, quantities_at_all, read_blocks
    from scl_fem.figures.plane import (
        draw_field,
        draw_interface,
        interface_edges,
        name_blocks,
        refined,
        windows_of,
    )
    from scl_fem.figures.plane import triangles as triangles_of

    picked = np.unique(np.linspace(0, len(times) - 1, min(_MOST_PICTURES, len(times))).round().astype(int))
    chosen = [times[number] for number in picked]
    steps = [
        {phase: triangles_of(block) for phase, block in read_blocks(result.directory, time).items()}
        for time in chosen
    ]
    blocks = _all_blocks(steps)
    quantity = next((each for each in quantities_at_all(steps) if each.name != "phi_V"), None)
    if quantity is None:
        return None
    edges = interface_edges(steps[-1])
    window = windows_of(steps[-1], edges, result.layer_thickness)[-1]
    scale = colour_scale(blocks, quantity)
    is_narrow = current_look().columns == 1
    columns = 2 if is_narrow else _PICTURES_ABREAST.get(len(chosen), min(3, len(chosen)))
    rows = -(-len(chosen) // columns)
    across = wide_as(DOUBLE_COLUMN)
    width = (across - 1.2) / columns
    drawn = new_figure(across, 0.8 + rows * (0.4 + width * window.aspect), fixed_aspect=True)
    grid = drawn.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for axes, step, time in zip(grid.ravel(), steps, chosen, strict=False):
        picture = draw_field(axes, {phase: refined(block) for phase, block in step.items()}, quantity, scale)
        draw_interface(axes, edges)
        axes.set(xlim=(window.left, window.right), ylim=(window.bottom, window.top), aspect="equal")
        axes.tick_params(direction="out", top=False, right=False)
        axes.locator_params(nbins=2 if is_narrow else 4)
        axes.set_title(engineering(time, "s"))
    for axes in grid.ravel()[len(chosen) :]:
        axes.set_axis_off()
    for axes in grid[:, 0]:
        axes.set_ylabel("y (nm)")
    for column in grid.T:
        lowest = [axes for axes in column if axes.axison][-1]
        lowest.set_xlabel("x (nm)")
        lowest.tick_params(labelbottom=True)
    name_blocks(grid[0, 0], result, steps[0], window)
    add_colour_bar(list(grid.ravel()), picture, quantity)
    add_title(drawn, result.title, result.remark)
    return drawn
