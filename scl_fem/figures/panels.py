"""Stacked panels of quantities along the normal: the layer magnified at the left, everything at the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from scl_fem.figures.looks import current_look
from scl_fem.figures.phases import colours_of
from scl_fem.figures.result import ResultData
from scl_fem.figures.style import (
    DOUBLE_COLUMN,
    GUIDE_COLOUR,
    PHASE_COLOURS,
    SINGLE_COLUMN,
    add_title,
    label_panel,
    name_decades,
    new_figure,
    with_subscripts,
)

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ZOOM = 3.0
"""Half-width of the magnified view, in thicknesses of the layer."""

_LOG_FROM = 30.0
"""Ratio of the largest to the smallest value from which an axis is logarithmic."""

_DECADES = 8
"""Most that a logarithmic axis shows."""

_DASHES = (0, (4, 3))
_ROW_HEIGHT = 1.9
_MARGIN = 0.06
"""Part of an axis left free beyond the curves."""


@dataclass(frozen=True)
class Row:
    """One quantity.

    Attributes:
        label: of the axis, with the unit.
        values: (n,) at the rows of the profile.
        bulk: levels of the bulks by phase, where they are known.
        smallest_span: an axis shows at least this much, so that round-off does not fill it.
        ratio: whether ratios of the values matter: logarithmic where they span decades, else from zero.
    """

    label: str
    values: npt.NDArray[np.float64]
    bulk: Mapping[str, float | None]
    smallest_span: float
    ratio: bool = False


def draw_rows(result: ResultData, rows: Sequence[Row]) -> Figure:
    """Draw quantities of the profile above each other.

    Args:
        result: where the profile, the thicknesses and the title come from.
        rows: the quantities.
    """
    z = result.profile.z_nm
    windows = [(float(z.min()), float(z.max()))]
    middle = middle_of(result, windows[0])
    if middle != windows[0]:
        windows.insert(0, middle)
    windows = windows[: current_look().columns]
    width = DOUBLE_COLUMN if len(windows) > 1 else SINGLE_COLUMN + 0.6
    figure = new_figure(width, 0.7 + _ROW_HEIGHT * len(rows))
    grid = figure.subplots(
        len(rows),
        len(windows),
        sharex="col",
        sharey="row",
        squeeze=False,
        width_ratios=[3, 2][: len(windows)],
    )
    for row, line in zip(rows, grid, strict=True):
        for axes in line:
            _draw_row(axes, result, row)
        scale_axis(line[0], row)
        line[0].set_ylabel(row.label)
    figure.align_ylabels(grid[:, 0])
    for window, top, bottom in zip(windows, grid[0], grid[-1], strict=True):
        bottom.set_xlim(*window)
        bottom.set_xlabel("Distance from the interface (nm)")
        name_phases(top, result, window)
    for axes, letter in zip(grid.ravel(), "abcdefgh", strict=False):
        label_panel(axes, letter)
    _add_legend(grid[0][-1], has_layer=_thickness(result) > 0.0)
    add_title(figure, result.title, result.remark)
    return figure


def middle_of(result: ResultData, whole: tuple[float, float]) -> tuple[float, float]:
    """The part of the normal around the interface that shows the layer (nm); all where there is none.

    Args:
        result: tells the thickness of the layer.
        whole: both ends of the sample.
    """
    half = _ZOOM * _thickness(result)
    if not 0.0 < 2.0 * half < whole[1] - whole[0]:
        return whole
    return max(-half, whole[0]), min(half, whole[1])


def _thickness(result: ResultData) -> float:
    return sum(result.thickness(phase) for phase in PHASE_COLOURS)


def _draw_row(axes: Axes, result: ResultData, row: Row) -> None:
    """Curves of both phases, the levels of their bulks, the layer and the interface."""
    profile = result.profile
    for phase, colour in PHASE_COLOURS.items():
        rows = profile.phase == phase
        axes.plot(profile.z_nm[rows], row.values[rows], color=colour, zorder=3)
        level = row.bulk.get(phase)
        if level is not None and rows.any():
            ends = profile.z_nm[rows][[0, -1]]
            axes.plot(ends, [level, level], color=colour, linewidth=0.8, linestyle=_DASHES, zorder=2)
        thickness = result.thickness(phase) * (-1 if phase == "electrode" else 1)
        if thickness:
            axes.axvspan(*sorted((0.0, thickness)), color=colour, alpha=0.12, linewidth=0, zorder=0)
    axes.axvline(0.0, color=GUIDE_COLOUR, linewidth=0.7, zorder=1)


def scale_axis(axes: Axes, row: Row) -> None:
    """Logarithmic where ratios matter and span decades, else linear; never magnify round-off.

    Args:
        axes: whose vertical axis to scale.
        row: what it shows.
    """
    values = row.values[np.isfinite(row.values)]
    low, high = float(values.min()), float(values.max())
    if row.ratio and low > 0.0 and high > _LOG_FROM * low:
        _scale_logarithmically(axes, max(low, high / 10**_DECADES), high)
        return
    if row.ratio:
        axes.set_ylim(0.0, (1.0 + 2.0 * _MARGIN) * max(high, row.smallest_span))
        return
    missing = max(row.smallest_span - (high - low), 0.0)
    low, high = low - 0.5 * missing, high + 0.5 * missing
    axes.set_ylim(low - _MARGIN * (high - low), high + _MARGIN * (high - low))


def _scale_logarithmically(axes: Axes, low: float, high: float) -> None:
    """Decades, with ticks that name numbers where there are few."""
    margin = (high / low) ** _MARGIN
    axes.set_yscale("log")
    axes.set_ylim(low / margin, high * margin)
    name_decades(axes.yaxis, low, high)


def name_phases(
    axes: Axes,
    result: ResultData,
    window: tuple[float, float],
    ends: Mapping[str, tuple[float, float]] | None = None,
) -> None:
    """Write the materials above their sides, or the names of phases above them, in their colours.

    Args:
        axes: the uppermost panel.
        result: knows the names.
        window: ends of the panel, nm.
        ends: of each phase, nm; None: electrode and electrolyte, that meet at 0.
    """
    if ends is None or result.is_pair:
        ends = dict(zip(PHASE_COLOURS, ((window[0], 0.0), (0.0, window[1])), strict=True))
    colours = colours_of(ends)
    for phase, (first, last) in ends.items():
        first, last = max(first, window[0]), min(last, window[1])
        if not first < last:
            continue
        axes.text(
            0.5 * (first + last),
            1.03,
            with_subscripts(result.material(phase)),
            color=colours[phase],
            fontweight="bold",
            ha="center",
            va="bottom",
            transform=axes.get_xaxis_transform(),
        )


def _add_legend(axes: Axes, *, has_layer: bool) -> None:
    """What the dashes and the shades mean."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    entries: list[Artist] = [
        Line2D([], [], color=GUIDE_COLOUR, linewidth=0.8, linestyle=_DASHES, label="neutral bulk")
    ]
    if has_layer:
        entries.append(Patch(color=GUIDE_COLOUR, alpha=0.2, linewidth=0, label="layer"))
    axes.legend(handles=entries, loc="best", handlelength=2.2)
