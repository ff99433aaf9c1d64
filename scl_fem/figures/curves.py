"""Curves that are told apart by colour and by dash, their key beside the panels, and axes for any values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from scl_fem.figures.looks import current_look
from scl_fem.figures.style import PALETTE, grow, lines_that_fit, name_decades, text_width

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.2, 1.4)), (0, (6, 2, 1.2, 2)), (0, (8, 2, 2, 2, 2, 2)))

LOG_FROM = 30.0
"""Ratio of the largest to the smallest size from which an axis is logarithmic."""

_DECADES = 8
"""Most that a logarithmic axis shows."""

_DECADES_EITHER_SIDE = 6
"""Most on each side of zero, of an axis that shows both signs."""

_FAR_APART = 0.03
"""Typical size of values of both signs, relative to the largest, below which differences hide them."""

_SMALLEST_SPAN = 0.01
"""An axis shows at least this much of the largest value, so that round-off does not fill it."""

_MARGIN = 0.05

_HANDLE = 0.7
"""Inches that the line before a name takes, with what is free around both."""


def dash(number: int) -> Any:
    """Matplotlib's line style of a curve.

    Args:
        number: of the curve, from 0.
    """
    return _DASHES[number % len(_DASHES)]


def distinct(count: int) -> list[dict[str, Any]]:
    """Colour and dash of each of some curves; no two alike, up to 35.

    Args:
        count: of curves.
    """
    return [{"color": PALETTE[number % len(PALETTE)], "linestyle": dash(number)} for number in range(count)]


def add_key(figure: Figure, handles: Sequence[Artist], names: Sequence[str]) -> None:
    """Name curves below all panels, which keep their size.

    Args:
        figure: the figure.
        handles: what stands for each curve.
        names: of them; broken where they are wider than the figure.
    """
    size = current_look().letters - 0.5
    broken = [lines_that_fit(name, figure.get_figwidth() - _HANDLE, size) for name in names]
    widest = max(text_width(line, size) for lines in broken for line in lines)
    columns = max(min(int(figure.get_figwidth() / (widest + _HANDLE)), len(names), 3), 1)
    figure.legend(
        handles=list(handles),
        labels=["\n".join(lines) for lines in broken],
        loc="outside lower center",
        ncols=columns,
        handlelength=3.2,
        labelspacing=0.3,
        borderpad=0.1,
    )
    grow(figure, 1.1 * max(map(len, broken)) * -(-len(names) // columns) + 1.0, size)


def set_value_axis(axes: Axes, values: npt.NDArray[np.float64]) -> str:
    """Scale a vertical axis by what it shows, and return the name of the scale.

    Logarithmic where sizes span decades; where both signs, or only negative values do, logarithmic away from
    zero on both sides; else linear, and round-off is never magnified.

    Args:
        axes: whose axis.
        values: all that it shows; what is not finite does not count.
    """
    finite = values[np.isfinite(values)]
    sizes = np.abs(finite[finite != 0.0])
    if not sizes.size or sizes.max() <= LOG_FROM * sizes.min():
        return _set_linear(axes, finite)
    if finite.min() >= 0.0:
        low = max(float(sizes.min()), float(sizes.max()) / 10.0**_DECADES)
        margin = (float(sizes.max()) / low) ** _MARGIN
        axes.set_yscale("log", nonpositive="mask")
        axes.set_ylim(low / margin, float(sizes.max()) * margin)
        name_decades(axes.yaxis, low, float(sizes.max()))
        return "log"
    if np.median(np.abs(finite)) > _FAR_APART * sizes.max():
        return _set_linear(axes, finite)
    # a whole decade, so that the ticks are; what is smaller is linear
    smallest = max(float(sizes.min()), float(sizes.max()) / 10.0**_DECADES_EITHER_SIDE)
    axes.set_yscale("symlog", linthresh=10.0 ** np.floor(np.log10(smallest)), linscale=0.5)
    return "symlog"


def _set_linear(axes: Axes, finite: npt.NDArray[np.float64]) -> str:
    if finite.size:
        low, high = float(finite.min()), float(finite.max())
        missing = _SMALLEST_SPAN * max(abs(low), abs(high)) - (high - low)
        if missing > 0.0:
            axes.set_ylim(low - 0.5 * missing, high + 0.5 * missing)
    return "linear"
