"""Figures of a result folder."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path

from scl_fem.figures import conductivity as conductivity
from scl_fem.figures import decay as decay
from scl_fem.figures import fields as fields
from scl_fem.figures import formation as formation
from scl_fem.figures import history as history
from scl_fem.figures import impedance as impedance
from scl_fem.figures import profiles as profiles
from scl_fem.figures import stack as stack
from scl_fem.figures.kinds import FIGURES, Note, figure
from scl_fem.figures.looks import SCREEN, house_style
from scl_fem.figures.result import ResultData
from scl_fem.figures.style import save
from scl_fem.output.origin import is_own_figure

__all__ = ["FIGURES", "ResultData", "figure", "plot_result"]


def plot_result(
    directory: Path,
    note: Note = warnings.warn,
    *,
    formats: Sequence[str] = ("png",),
    style: str = SCREEN,
    titles: bool = True,
    target: Path | None = None,
) -> list[Path]:
    """Draw every figure for which a result folder has the data.

    Args:
        directory: a result folder, or the stage of one; at least summary.json is there.
        note: takes remarks, such as that three-dimensional fields cannot be drawn on this machine.
        formats: of each figure: "png", "pdf", "svg".
        style: "screen", or for print "one-column" (85 mm), "two-columns" (170 mm).
        titles: whether figures have a title.
        target: where they are written; None: into the result folder.

    Returns:
        The files.

    Raises:
        InputError: a file of the result is missing or broken, or there is no such style.
        OutputError: a figure cannot be written.
    """
    result = ResultData(Path(directory))
    written = []
    with house_style(style, titles=titles):
        for name in FIGURES:
            kind = FIGURES[name]
            if not (result.directory / kind.data).exists():
                continue
            free = [
                path
                for form in formats
                if _is_free(path := (target or result.directory) / f"{name}.{form}", note)
            ]
            drawn = kind.draw(result, note) if free else None
            if drawn is not None:
                written += [save(drawn, path) for path in free]
    return written


def _is_free(path: Path, note: Note) -> bool:
    """Whether nothing but a figure of ours has a name; a note, where something has."""
    if not os.path.lexists(path) or is_own_figure(path):
        return True
    note(f"{path} is no figure of scl_fem: it is left as it is, and ours is not drawn")
    return False
