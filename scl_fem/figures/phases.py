"""Colours and names of the phases of a cell in figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scl_fem.figures.style import PALETTE, PHASE_COLOURS

LETTERS = "abcdefghijklmnopqrstuvwxyz"
"""Of panels."""

MISSING_COLOUR = "#C8C8C8"
"""Of a phase that does not have what is shown."""


def colours_of(phases: Iterable[str]) -> dict[str, str]:
    """A colour for each phase: those of electrode and electrolyte are theirs in every figure.

    Args:
        phases: names, in the order of the cell.
    """
    names = list(phases)
    free = _cycled([colour for colour in PALETTE if colour not in map(PHASE_COLOURS.get, names)])
    return {name: PHASE_COLOURS.get(name) or next(free) for name in names}


def _cycled(colours: list[str]) -> Iterator[str]:
    while True:
        yield from colours
