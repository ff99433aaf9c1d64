"""The registry of figures: a new one is a new small file with one decorated function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scl_fem.figures.result import ResultData
from scl_fem.registry import Registry

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Note = Callable[[str], None]
Draw = Callable[[ResultData, Note], "Figure | None"]


@dataclass(frozen=True)
class FigureKind:
    """A figure that a result may have.

    Attributes:
        data: the file of the result folder that it shows; without that there is no such figure.
        draw: makes it from the result; takes a function for remarks to the user, and returns None
            where the result has nothing to show.
    """

    data: str
    draw: Draw


FIGURES: Registry[FigureKind] = Registry("figure")
"""By the stem of the PNG file."""


def figure(name: str, data: str) -> Callable[[Draw], Draw]:
    """Decorator that registers a function as a figure.

    Args:
        name: stem of the PNG file.
        data: file of the result folder that it shows.
    """

    def enter(draw: Draw) -> Draw:
        FIGURES.register(name)(FigureKind(data, draw))
        return draw

    return enter
