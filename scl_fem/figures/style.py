"""One look for every figure: sizes for a two-column page, colours that colour-blind readers tell apart."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from scl_fem.output.files import write_atomically
from scl_fem.output.names import FIGURE_SOFTWARE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

SINGLE_COLUMN = 3.4
"""Width of a figure in one column, inches."""

DOUBLE_COLUMN = 7.0
"""Width of a figure across both columns, inches."""

DPI = 200

PHASE_COLOURS = {"electrode": "#D55E00", "electrolyte": "#0072B2"}
"""Vermilion and blue of Okabe and Ito's palette (Color Universal Design, 2008)."""

GUIDE_COLOUR = "#6E6E6E"
"""Bulk levels, the interface line, remarks."""

POTENTIAL_MAP = "cividis"
CONCENTRATION_MAP = "viridis"

_FEW_DECADES = 2.5
"""Below this a logarithmic axis names more than the decades."""

_LETTERS_PER_INCH = 14.5
"""Of a title; averaged over words."""

_PARAMETERS: Any = {
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 8.0,
    "axes.titlesize": 8.0,
    "axes.labelsize": 8.0,
    "axes.linewidth": 0.7,
    "axes.axisbelow": True,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "xtick.minor.width": 0.5,
    "ytick.minor.width": 0.5,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "lines.linewidth": 1.5,
    "mathtext.fontset": "dejavusans",
    "mathtext.default": "regular",
}

_FORMULA = re.compile(r"\b(?:[A-Z][a-z]?(?:\d+(?:\.\d+)?)?)+\b")


@contextmanager
def house_style() -> Iterator[None]:
    """Matplotlib with the look of every figure; the caller's settings come back afterwards."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_PARAMETERS)
        yield


def new_figure(width: float, height: float, *, fixed_aspect: bool = False) -> Figure:
    """An empty figure, drawn by Agg: no window system, no global state.

    Args:
        width: inches.
        height: inches.
        fixed_aspect: whether the panels keep their proportions, and move together instead.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    layout = ConstrainedLayoutEngine(w_pad=0.06, compress=fixed_aspect)
    figure = Figure(figsize=(width, height), layout=layout)
    FigureCanvasAgg(figure)
    return figure


def save(figure: Figure, path: Path) -> Path:
    """Write a figure as a PNG that tells its origin; whole or not at all.

    Args:
        figure: the figure.
        path: the file.

    Raises:
        OutputError: it cannot be written.
    """

    def write(file: IO[bytes]) -> None:
        figure.savefig(
            file,
            format="png",
            dpi=DPI,
            facecolor="white",
            # panels that keep their proportions leave margins; cutting them off draws everything twice
            bbox_inches="tight" if _keeps_proportions(figure) else None,
            pad_inches=0.05,
            metadata={"Software": FIGURE_SOFTWARE},
        )

    write_atomically(path, write)
    return path


def _keeps_proportions(figure: Figure) -> bool:
    return any(axes.get_aspect() != "auto" for axes in figure.axes)


def with_subscripts(text: str) -> str:
    """Text with the numbers of chemical formulas set as subscripts (mathtext): Li0.2V2O5.

    >>> with_subscripts("Li0.2V2O5 | LAGP")
    'Li$_{0.2}$V$_{2}$O$_{5}$ | LAGP'
    """
    escaped = text.replace("$", r"\$")
    return _FORMULA.sub(lambda match: re.sub(r"(\d+(?:\.\d+)?)", r"$_{\1}$", match.group()), escaped)


def engineering(value: float, unit: str) -> str:
    """A number with a prefix to its unit, in three digits.

    >>> engineering(2e-5, "s")
    '20 µs'
    """
    from matplotlib.ticker import EngFormatter

    return EngFormatter(unit)(float(f"{value:.3g}"))


def label_panel(axes: Axes, letter: str) -> None:
    """Put a bold letter above the upper left corner of a panel."""
    axes.set_title(letter, loc="left", fontweight="bold", pad=4)


def name_decades(axis: Axis, low: float, high: float) -> None:
    """Ticks of a logarithmic axis: 1, 2 and 5 of each decade in plain numbers where there are few.

    Args:
        axis: the axis, already logarithmic.
        low: smallest value shown.
        high: largest value shown.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis.set_minor_formatter(NullFormatter())
    if np.log10(high / low) < _FEW_DECADES and low > 1e-3 and high < 1e4:
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.set_minor_locator(LogLocator(subs=tuple(np.arange(1.0, 10.0))))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def add_title(figure: Figure, title: str, remark: str = "") -> None:
    """Put a title, and a smaller remark under it, above all panels.

    Args:
        figure: the figure.
        title: chemical formulas get their subscripts.
        remark: one line, or lines; broken where they are wider than the figure.
    """
    letters = int(_LETTERS_PER_INCH * figure.get_figwidth())
    lines = [part for line in remark.splitlines() for part in textwrap.wrap(line, letters)]
    figure.suptitle("\n".join(line for line in (with_subscripts(title), *lines) if line), fontsize=8.5)
