"""How figures look: on a screen, or in print, in one column of a page or across two."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from scl_fem.registry import Registry

_MM_PER_INCH = 25.4


@dataclass(frozen=True)
class Look:
    """Sizes of a figure and of what is in it.

    Attributes:
        width_mm: of every figure; None: each as wide as it likes.
        letters: size of the letters, points; ticks and legends are a little smaller.
        title: size of the title's letters, points.
        curves: width of curves, points.
        frames: width of axes and their ticks, points.
        dots_per_inch: of a PNG, and of maps inside a PDF or SVG.
        columns: how many panels stand side by side at most; others go below each other.
    """

    width_mm: float | None
    letters: float
    title: float
    curves: float
    frames: float
    dots_per_inch: int
    columns: int

    @property
    def width(self) -> float | None:
        """Inches."""
        return None if self.width_mm is None else self.width_mm / _MM_PER_INCH


LOOKS: Registry[Look] = Registry("style")
"""By the name that --style takes."""

SCREEN = "screen"
LOOKS.register(SCREEN)(Look(None, 8.0, 8.5, 1.5, 0.7, 200, 2))
LOOKS.register("one-column")(Look(85.0, 7.5, 8.0, 1.1, 0.6, 300, 1))
LOOKS.register("two-columns")(Look(170.0, 8.0, 8.5, 1.2, 0.6, 300, 2))


@dataclass(frozen=True)
class _Drawing:
    """What holds for the figures that are being drawn."""

    look: Look
    titles: bool


_current: ContextVar[_Drawing] = ContextVar("figures")


def current_look() -> Look:
    """The look of the figures that are being drawn; that of a screen outside of `house_style`."""
    drawing = _current.get(None)
    return LOOKS[SCREEN] if drawing is None else drawing.look


def wide_as(width: float) -> float:
    """Width of a figure that would like to be `width` inches wide: the look's, where that has one."""
    return current_look().width or width


def titles_wanted() -> bool:
    """Whether figures have titles."""
    drawing = _current.get(None)
    return drawing is None or drawing.titles


@contextmanager
def house_style(style: str = SCREEN, *, titles: bool = True) -> Iterator[None]:
    """Matplotlib with the look of every figure; the caller's settings come back afterwards.

    Args:
        style: name of a look: "screen", "one-column" (85 mm), "two-columns" (170 mm).
        titles: whether figures have a title, with its remark.

    Raises:
        InputError: there is no such style.
    """
    import matplotlib

    look = LOOKS[style]
    token = _current.set(_Drawing(look, titles))
    try:
        with matplotlib.rc_context():
            matplotlib.rcdefaults()
            matplotlib.rcParams.update(_parameters(look))
            yield
    finally:
        _current.reset(token)


def _parameters(look: Look) -> Any:
    """Matplotlib's settings of a look."""
    smaller, frames = look.letters - 0.5, look.frames
    return {
        "figure.dpi": SCREEN_DPI,
        "savefig.dpi": look.dots_per_inch,
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans"],
        "font.size": look.letters,
        "axes.titlesize": look.letters,
        "axes.labelsize": look.letters,
        "axes.linewidth": frames,
        "axes.axisbelow": True,
        "xtick.labelsize": smaller,
        "ytick.labelsize": smaller,
        "xtick.direction": "in",
        "ytick.direction": "in",
        "xtick.top": True,
        "ytick.right": True,
        "xtick.major.width": frames,
        "ytick.major.width": frames,
        "xtick.minor.width": frames - 0.2,
        "ytick.minor.width": frames - 0.2,
        "legend.fontsize": smaller,
        "legend.frameon": False,
        "lines.linewidth": look.curves,
        "mathtext.fontset": "dejavusans",
        "mathtext.default": "regular",
        # letters that remain letters; the same names in every file
        "pdf.fonttype": 42,
        "svg.hashsalt": "scl_fem",
    }


SCREEN_DPI = 200
"""In which figures measure themselves."""
