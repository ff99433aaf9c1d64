"""Figures of a result folder."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

from scl_fem.figures import conductivity as conductivity
from scl_fem.figures import decay as decay
from scl_fem.figures import fields as fields
from scl_fem.figures import formation as formation
from scl_fem.figures import history as history
from scl_fem.figures import impedance as impedance
from scl_fem.figures import profiles as profiles
from scl_fem.figures.kinds import FIGURES, Note, figure
from scl_fem.figures.result import ResultData
from scl_fem.figures.style import house_style, save
from scl_fem.output.ownership import is_own_figure

__all__ = ["FIGURES", "ResultData", "figure", "plot_result"]


def plot_result(directory: Path, note: Note = warnings.warn) -> list[Path]:
    """Draw every figure for which a result folder has the data.

    Args:
        directory: a result folder, or the stage of one; at least summary.json is there.
        note: takes remarks, such as that three-dimensional fields cannot be drawn on this machine.

    Returns:
        The PNG files, written into the folder.

    Raises:
        InputError: a file of the result is missing or broken.
        OutputError: a figure cannot be written.
    """
    result = ResultData(Path(directory))
    written = []
    with house_style():
        for name in FIGURES:
            kind = FIGURES[name]
            if not (result.directory / kind.data).exists():
                continue
            path = result.directory / f"{name}.png"
            if os.path.lexists(path) and not is_own_figure(path):
                note(f"{path} is no figure of scl_fem: it is left as it is, and ours is not drawn")
                continue
            drawn = kind.draw(result, note)
            if drawn is not None:
                written.append(save(drawn, path))
    return written
