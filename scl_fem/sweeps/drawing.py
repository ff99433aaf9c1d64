"""Figures of sweeps that are done, or under way: read from their folders, alone or several in one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from scl_fem.case import Case
from scl_fem.case.differences import differences
from scl_fem.case.reading import case_from_dict
from scl_fem.errors import InputError
from scl_fem.output.tables import read_table
from scl_fem.sweeps.axes import Axis
from scl_fem.sweeps.folder import DEFINITION_FILE, TABLE_FILE, read_definition
from scl_fem.sweeps.table import OK, SweepTable, check_quantity, default_quantity

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_KEYS = 2
"""That a figure can show."""


@dataclass(frozen=True)
class FinishedSweep:
    """A sweep's folder, as read.

    Attributes:
        table: of its points, as far as they are done.
        title: of its case.
        case: what its points share; None where this version cannot read it.
    """

    table: SweepTable
    title: str
    case: Case | None


def holds_sweep(path: Path) -> bool:
    """Whether a directory is that of a sweep."""
    return os.path.isfile(path / DEFINITION_FILE)  # of a name that no folder can have too


def read_sweep(directory: Path) -> FinishedSweep:
    """Read what a sweep has found so far.

    Args:
        directory: of the sweep.

    Raises:
        InputError: it is none, or no point of it is done.
    """
    definition = read_definition(directory / DEFINITION_FILE)
    over, units = definition.get("over", {}), definition.get("units", {})
    axes = tuple(Axis(key, tuple(values), units.get(key)) for key, values in over.items())
    path = directory / TABLE_FILE
    columns = read_table(path)
    count = int(np.prod([len(axis.values) for axis in axes]))
    if "status" not in columns or "remarks" not in columns or len(columns["status"]) != count:
        raise InputError(f"is not the table of the {count} points of this sweep", file=str(path))
    try:
        case = case_from_dict(definition.get("case", {}), directory)
    except InputError:
        case = None
    return FinishedSweep(
        SweepTable(axes, dict(columns), directory), str(definition.get("case", {}).get("title") or ""), case
    )


def nothing_to_draw(table: SweepTable, quantity: str | None) -> str | None:
    """Why there is no figure of a sweep, None where there is one.

    Args:
        table: of the sweep.
        quantity: what the figure would show, None where nothing is named.
    """
    if not table.count(OK):
        return "no point has a result"
    if quantity is None:
        return "name a quantity to show (the columns of sweep.csv)"
    if len(table.axes) > _MOST_KEYS:
        return f"it shows one or two keys, not {len(table.axes)}"
    if not np.isfinite(_numbers(table, quantity)).any():
        return f"no point has a finite {quantity}"
    return None


def draw_table(table: SweepTable, quantity: str, title: str) -> Figure:
    """The figure of a sweep, points that failed marked.

    Args:
        table: of the sweep; `nothing_to_draw` says None of it.
        quantity: a column of numbers.
        title: above the figure.
    """
    from scl_fem.figures.sweep import Swept, draw_sweep

    keys = [Swept(axis.key, axis.values, axis.unit) for axis in table.axes]
    shape = [len(axis.values) for axis in table.axes]
    return draw_sweep(keys, quantity, _numbers(table, quantity).reshape(shape), title)


def draw_sweeps(directories: Sequence[Path], quantity: str | None = None) -> Figure:
    """The figure of a sweep, or of several that vary the same key.

    Args:
        directories: of the sweeps.
        quantity: a column of numbers of sweep.csv; None: the layer's resistance, or the like.

    Raises:
        InputError: a directory holds no sweep, there is nothing to draw, or sweeps do not fit together.
    """
    sweeps = [read_sweep(directory) for directory in directories]
    quantity = quantity or default_quantity(sweeps[0].table.quantities)
    for sweep in sweeps:
        if quantity is not None and sweep.table.count(OK):
            check_quantity(quantity, sweep.table.quantities)
        problem = nothing_to_draw(sweep.table, quantity)
        if problem is not None:
            raise InputError(f"no figure: {problem}", file=str(sweep.table.directory))
    assert quantity is not None  # or there would be a problem
    if len(sweeps) == 1:
        return draw_table(sweeps[0].table, quantity, sweeps[0].title)
    return _draw_together(sweeps, quantity)


def _draw_together(sweeps: Sequence[FinishedSweep], quantity: str) -> Figure:
    """Several sweeps as curves over one key."""
    from scl_fem.figures.sweep import Swept, draw_sweeps_together

    keys = {tuple(axis.key for axis in sweep.table.axes) for sweep in sweeps}
    if len(keys) > 1 or len(next(iter(keys))) > 1:
        varied = "; ".join(" and ".join(names) for names in sorted(keys))
        raise InputError(
            f"sweeps over {varied} do not fit into one figure", allowed="sweeps over one and the same key"
        )
    axes = [sweep.table.axes[0] for sweep in sweeps]
    swept = [Swept(axis.key, axis.values, axis.unit) for axis in axes]
    if not all(each.is_numeric for each in swept):
        raise InputError(f"the values of {axes[0].key} are words", allowed="sweeps over numbers")
    values = [_numbers(sweep.table, quantity) for sweep in sweeps]
    titles = {sweep.title for sweep in sweeps}
    return draw_sweeps_together(
        swept, _names(sweeps, axes[0].key), quantity, values, titles.pop() if len(titles) == 1 else ""
    )


def _names(sweeps: Sequence[FinishedSweep], key: str) -> list[str]:
    """What a legend calls the sweeps: by what differs between them, else by title or folder."""
    cases = [sweep.case for sweep in sweeps if sweep.case is not None]
    told = differences(cases, ignore=[key]) if len(cases) == len(sweeps) else None
    titles = [sweep.title for sweep in sweeps]
    pairs = zip(sweeps, titles, strict=True)
    if told is None and len(set(titles)) == len(titles):
        return titles
    return told or [sweep.table.directory.name if sweep.table.directory else title for sweep, title in pairs]


def _numbers(table: SweepTable, quantity: str) -> npt.NDArray[np.float64]:
    """A column of numbers."""
    return np.asarray(table.columns[quantity], dtype=np.float64)
