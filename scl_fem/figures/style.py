"""One look for every figure: sizes for a two-column page, colours that colour-blind readers tell apart."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
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

_TITLE_SIZE = 8.5
"""Points."""

_TITLE_LINES = 3
"""Most that a title may take; what is longer is cut."""

_MOST_LETTERS = 1000
"""Of a title that are looked at: more than the lines hold."""

_TITLE_MARGIN = 0.1
"""Inches at both sides of a title."""

_LINE = 1.2
"""Height of a line relative to the size of its letters: matplotlib's own."""

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

_POINTS_PER_INCH = 72.0

_FORMULA = re.compile(r"\b(?:[A-Z][a-z]?(?:\d+(?:\.\d+)?)?)+\b")


_ATOM = re.compile(r"\$[^$]*\$|\\\$|.")
"""What must not be broken in text from `with_subscripts`: mathematics, an escaped dollar sign, a letter."""


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
        with _without_warnings_of_glyphs():
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


@contextmanager
def _without_warnings_of_glyphs() -> Iterator[None]:
    """Letters that the font lacks, in a title or a name, are drawn as boxes: nothing that a user can mend."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def _keeps_proportions(figure: Figure) -> bool:
    return any(axes.get_aspect() != "auto" for axes in figure.axes)


def with_subscripts(text: str) -> str:
    """Text with the numbers of chemical formulas set as subscripts (mathtext): Li0.2V2O5.

    Whatever else a user may write stays what it is: a dollar sign begins no mathematics, and what cannot be
    printed becomes a space.

    >>> with_subscripts("Li0.2V2O5 | LAGP")
    'Li$_{0.2}$V$_{2}$O$_{5}$ | LAGP'
    """
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    escaped = printable.replace("$", r"\$")
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
    """Put a title, and a remark under it, above all panels, which keep their size.

    Args:
        figure: the figure.
        title: chemical formulas get their subscripts; broken where it is wider than the figure, and cut after
            a few lines.
        remark: one line, or lines; broken where they are wider than the figure.
    """
    width = figure.get_figwidth() - 2.0 * _TITLE_MARGIN
    lines = _broken(with_subscripts(title[:_MOST_LETTERS]), width)
    if len(lines) > _TITLE_LINES:
        lines = lines[:_TITLE_LINES]
        lines[-1] = f"{lines[-1]} …"
    more = _TITLE_SIZE / _POINTS_PER_INCH * _LINE * max(len(lines) - 1, 0)
    figure.set_figheight(figure.get_figheight() + more)
    lines += [part for line in remark.splitlines() for part in _broken(line, width)]
    figure.suptitle("\n".join(lines), fontsize=_TITLE_SIZE)


def _broken(text: str, width: float) -> list[str]:
    """Lines no wider than `width` inches, broken at spaces, and inside a word that is wider by itself."""
    measure = _measure()
    space = measure(" ")
    lines: list[str] = []
    used = 0.0
    # not at a no-break space
    words = [word for word in text.split(" ") if word]
    for word in [piece for each in words for piece in _pieces(each, width - 2.0 * space)]:
        if lines and used + space + measure(word) <= width:
            lines[-1] = f"{lines[-1]} {word}"
            used += space + measure(word)
        else:
            lines.append(word)
            used = measure(word)
    return lines


def _pieces(word: str, width: float) -> list[str]:
    """A word, or parts of it that are no wider than `width` inches, formulas and escaped signs kept whole."""
    measure = _measure()
    if measure(word) <= width:
        return [word]
    pieces, used = [""], 0.0
    for part in _ATOM.findall(word):
        if pieces[-1] and used + measure(part) > width:
            pieces.append("")
            used = 0.0
        pieces[-1] += part
        used += measure(part)
    return pieces


@cache
def _measure() -> Callable[[str], float]:
    """A function that tells the width of a piece of a title in inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(dpi=DPI)
    renderer = FigureCanvasAgg(figure).get_renderer()

    @cache
    def width(text: str) -> float:
        with _without_warnings_of_glyphs():
            drawn = figure.text(0.0, 0.0, text, fontsize=_TITLE_SIZE)
            extent = drawn.get_window_extent(renderer).width / DPI
        drawn.remove()
        return float(extent)

    return width
