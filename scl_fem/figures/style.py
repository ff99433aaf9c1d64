"""What every figure is made with: colours that colour-blind readers tell apart, titles, numbers, files."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from scl_fem.figures.looks import SCREEN_DPI, current_look, titles_wanted
from scl_fem.figures.looks import house_style as house_style
from scl_fem.output.files import OutputError, write_atomically, writing
from scl_fem.output.origin import FIGURE_METADATA, is_own_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox

SINGLE_COLUMN = 3.4
"""Width of a figure in one column, inches."""

DOUBLE_COLUMN = 7.0
"""Width of a figure across both columns, inches."""

PHASE_COLOURS = {"electrode": "#D55E00", "electrolyte": "#0072B2"}
"""Vermilion and blue of Okabe and Ito's palette (Color Universal Design, 2008)."""

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's palette (Color Universal Design, 2008) without its yellow, which is lost on white."""

GUIDE_COLOUR = "#6E6E6E"
"""Bulk levels, the interface line, remarks."""

POTENTIAL_MAP = "cividis"
CONCENTRATION_MAP = "viridis"

_FEW_DECADES = 2.5
"""Below this a logarithmic axis names more than the decades."""

_TITLE_LINES = 3
"""Most that a title may take; what is longer is cut."""

_MOST_LETTERS = 1000
"""Of a title that are looked at: more than the lines hold."""

_TITLE_MARGIN = 0.1
"""Inches at both sides of a title."""

_INSET = "\N{NO-BREAK SPACE}" * 2
"""Before each line of numbers below its heading."""

_GAP = 0.25
"""Inches between columns of numbers."""

_PADDING = 0.05
"""Inches around what is drawn, where margins are cut off."""

# zlib's level: a tenth larger than at its default, in a third of the time
_OF_FORMAT: dict[str, Any] = {"png": {"pil_kwargs": {"compress_level": 3}}}

_LINE = 1.2
"""Height of a line relative to the size of its letters: matplotlib's own."""

_POINTS_PER_INCH = 72.0

_FORMULA = re.compile(r"\b(?:[A-Z][a-z]?(?:\d+(?:\.\d+)?)?)+\b")


_ATOM = re.compile(r"\$[^$]*\$|\\\$|.")
"""What must not be broken in text from `with_subscripts`: mathematics, an escaped dollar sign, a letter."""


def new_figure(width: float, height: float, *, fixed_aspect: bool = False, abreast: int = 1) -> Figure:
    """An empty figure, drawn by Agg: no window system, no global state.

    A look that has a width of its own overrides the width; panels that keep their proportions then make the
    figure higher or lower.

    Args:
        width: inches.
        height: inches.
        fixed_aspect: whether the panels keep their proportions, and move together instead.
        abreast: panels side by side that `row_of_panels` may put below each other where the look is narrow.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    look = current_look()
    stacked = -(-abreast // look.columns)
    width, height = width / stacked, height * stacked
    if look.width is not None:
        height *= look.width / width if fixed_aspect else 1.0
        width = look.width
    layout = ConstrainedLayoutEngine(w_pad=0.06, compress=fixed_aspect)
    figure = Figure(figsize=(width, height), layout=layout)
    FigureCanvasAgg(figure)
    return figure


def row_of_panels(figure: Figure, count: int, *, sharex: bool = False, sharey: bool = False) -> list[Axes]:
    """Panels side by side, or below each other where the look is narrow.

    Args:
        figure: from `new_figure`, with `abreast` of the same number.
        count: of panels.
        sharex: whether they show the same range of the abscissa.
        sharey: of the ordinate; those side by side have its numbers once.
    """
    columns = min(current_look().columns, count)
    grid = figure.subplots(-(-count // columns), columns, sharex=sharex, sharey=sharey, squeeze=False)
    return list(grid.ravel()[:count])


def save(figure: Figure, path: Path) -> Path:
    """Write a figure as a PNG, PDF or SVG that tells its origin; whole or not at all.

    Args:
        figure: the figure.
        path: the file; its ending is the format.

    Raises:
        OutputError: it cannot be written, or there is a file of that name that is no figure of ours.
    """
    check_ours(path)
    form = path.suffix.removeprefix(".")

    def write(file: IO[bytes]) -> None:
        with _without_warnings_of_glyphs():
            settle(figure)
            figure.savefig(
                file,
                format=form,
                dpi=current_look().dots_per_inch,
                facecolor="white",
                bbox_inches=_without_margins(figure) if _keeps_proportions(figure) else None,
                metadata=FIGURE_METADATA[form],
                # most of the time went into squeezing out the last bytes
                **_OF_FORMAT.get(form, {}),
            )

    write_atomically(path, write)
    return path


def check_ours(path: Path) -> None:
    """See that a figure may be written: what others have made is not replaced.

    Args:
        path: of the figure.

    Raises:
        OutputError: there is a file of that name that is no figure of ours.
    """
    with writing(path):
        foreign = path.is_file() and not is_own_figure(path)
    if foreign:
        raise OutputError(f"{path} was not drawn by this program and is left as it is: give it another name")


def settle(figure: Figure) -> None:
    """Lay the panels out once and for all: with a layout `savefig` does it, and draws, twice.

    Args:
        figure: nothing is added to it afterwards.
    """
    layout = figure.get_layout_engine()
    if layout is not None:
        if figure.axes:
            with warnings.catch_warnings():
                # panels without room are seen: nothing that a user can mend
                warnings.filterwarnings("ignore", message="constrained_layout not applied")
                layout.execute(figure)
        figure.set_layout_engine(None)


def _without_margins(figure: Figure) -> Bbox:
    """The part of a figure to write, inches: panels that keep their proportions leave margins.

    A look's width is kept.
    """
    from matplotlib.transforms import Bbox

    drawn = figure.get_tightbbox().padded(_PADDING)
    if current_look().width is None:
        return drawn
    return Bbox([[0.0, drawn.y0], [figure.get_figwidth(), drawn.y1]])


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
    if not titles_wanted():
        return
    size = current_look().title
    width = figure.get_figwidth() - 2.0 * _TITLE_MARGIN
    lines = lines_that_fit(with_subscripts(title[:_MOST_LETTERS]), width, size)
    if len(lines) > _TITLE_LINES:
        lines = lines[:_TITLE_LINES]
        lines[-1] = f"{lines[-1]} …"
    grow(figure, max(len(lines) - 1, 0), size)
    lines += [part for line in remark.splitlines() for part in lines_that_fit(line, width, size)]
    figure.suptitle("\n".join(lines), fontsize=size)


def grow(figure: Figure, lines: float, size: float) -> None:
    """Make a figure higher, so that its panels keep their size.

    Args:
        figure: the figure.
        lines: of text that need room.
        size: of the letters, points.
    """
    figure.set_figheight(figure.get_figheight() + size / _POINTS_PER_INCH * _LINE * lines)


def add_numbers(figure: Figure, columns: Sequence[Sequence[str]]) -> None:
    """Put numbers below all panels, which keep their size: beside each other in columns where they fit.

    Args:
        figure: the figure.
        columns: lines of text of each column, the first a heading; a line may be broken.
    """
    from matplotlib.lines import Line2D

    columns = [column for column in columns if column]
    if not columns:
        return
    size = current_look().letters - 1.0
    measure = _measure(size)
    room = figure.get_figwidth() - 2.0 * _TITLE_MARGIN
    widest = max(measure(f"{_INSET}{line}") for column in columns for line in column)
    abreast = len(columns) * (widest + _GAP) <= room
    inset = measure(_INSET)
    broken = [
        [heading, *(f"{_INSET}{part}" for line in rest for part in lines_that_fit(line, room - inset, size))]
        for heading, *rest in columns
    ]
    height = max(map(len, broken)) if abreast else sum(map(len, broken))
    if abreast:
        lines = [line for column in broken for line in [*column, *[""] * (height - len(column))]]
    else:
        lines = [line for column in broken for line in column]
    figure.legend(
        handles=[Line2D([], [], linestyle="none", label=line or " ") for line in lines],
        loc="outside lower center",
        ncols=len(columns) if abreast else 1,
        fontsize=size,
        handlelength=0.0,
        handletextpad=0.0,
        labelspacing=0.2,
        columnspacing=_GAP * _POINTS_PER_INCH / size,
        borderpad=0.1,
    )
    grow(figure, height + 0.5, size)


def lines_that_fit(text: str, width: float, size: float) -> list[str]:
    """Lines no wider than `width` inches in letters of `size` points.

    Broken at spaces, and inside a word that is wider by itself.

    Args:
        text: for matplotlib, as `with_subscripts` makes it.
        width: inches.
        size: points.
    """
    measure = _measure(size)
    space = measure(" ")
    lines: list[str] = []
    used = 0.0
    # not at a no-break space
    words = [word for word in text.split(" ") if word]
    for word in [piece for each in words for piece in _pieces(each, width - 2.0 * space, measure)]:
        if lines and used + space + measure(word) <= width:
            lines[-1] = f"{lines[-1]} {word}"
            used += space + measure(word)
        else:
            lines.append(word)
            used = measure(word)
    return lines


def _pieces(word: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """A word, or parts of it that are no wider than `width` inches, formulas and escaped signs kept whole."""
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


def text_width(text: str, size: float) -> float:
    """Width of text in letters of `size` points, inches."""
    return _measure(size)(text)


@cache
def _measure(size: float) -> Callable[[str], float]:
    """A function that tells the width in inches of text in letters of `size` points."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(dpi=SCREEN_DPI)
    renderer = FigureCanvasAgg(figure).get_renderer()

    @cache
    def width(text: str) -> float:
        with _without_warnings_of_glyphs():
            drawn = figure.text(0.0, 0.0, text, fontsize=size)
            extent = drawn.get_window_extent(renderer).width / SCREEN_DPI
        drawn.remove()
        return float(extent)

    return width
