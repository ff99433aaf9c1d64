"""The table of a sweep: one row a point, a column for every number of the summaries."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from scl_fem.errors import InputError, UnknownKeyError, nearest, unknown_name
from scl_fem.output.files import OutputError, writing
from scl_fem.output.folder import holds_result
from scl_fem.output.names import SUMMARY_FILE
from scl_fem.output.tables import flattened, read_summary, write_table
from scl_fem.results.frames import has_pandas
from scl_fem.results.html import table as html_table
from scl_fem.sweeps.axes import Axis
from scl_fem.sweeps.folder import SweepFolder
from scl_fem.sweeps.points import Point
from scl_fem.sweeps.solving import read_failure

if TYPE_CHECKING:
    import pandas as pd

OK, FAILED, PENDING = "ok", "failed", "pending"

_DEFAULT_QUANTITIES = ("layer_resistance_ohm_cm2", "interface_resistance_ohm_cm2", "exchanged_final")
"""What to show of a study, the first that it has."""

_OF_CONTACTS = ".capacitance_uF_per_cm2"
"""What to show where it has none of these, of the first contact that has it."""

_LAST_WORDS = "remarks"
"""The column after which those of the numbers begin."""

_BETWEEN_REMARKS = " // "

_MOST_ROWS = 20
"""Of a table that is looked at."""

type Numbers = dict[str, float]


@dataclass(frozen=True, repr=False)
class SweepTable:
    """What a sweep found.

    Attributes:
        axes: keys and values, numbers in the unit of their key.
        columns: (n,) values by header, one row a point, the last key varying fastest: the swept keys, status
            ("ok", "failed", "pending"), message, point (its directory), remarks (of its result, one after the
            other), then the numbers of summary.json, nested keys joined with dots; nan where there is none.
        directory: of the sweep; None where it was given none.
    """

    axes: tuple[Axis, ...]
    columns: dict[str, npt.NDArray[Any]]
    directory: Path | None

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        """A column.

        Raises:
            UnknownKeyError: there is none, which is a `KeyError`; names the nearest.
        """
        if name not in self.columns:
            raise UnknownKeyError(
                f"the sweep has no column '{name}'{nearest(name, self.columns)}",
                allowed="list(table.columns) has every name",
            )
        return self.columns[name]

    def _ipython_key_completions_(self) -> list[str]:
        """What a notebook offers after table[."""
        return list(self.columns)

    def to_dataframe(self) -> pd.DataFrame:
        """The table as pandas has it, one row a point.

        Raises:
            InputError: there is no pandas.
        """
        if not has_pandas():
            raise InputError(
                "there is no pandas in this environment",
                allowed="pip install pandas; or table.columns, which has the same as arrays",
            )
        import pandas as pd

        return pd.DataFrame(dict(self.columns))

    def __repr__(self) -> str:
        """The swept keys, what became of the points and the number that matters most, as text."""
        header, rows = self._shown()
        widths = [max(len(row[number]) for row in (header, *rows)) for number in range(len(header))]
        lines = ["  ".join(map(str.rjust, row, widths)) for row in (header, *rows)]
        left = len(self.columns["point"]) - len(rows)
        more = [f"... and {left} points more"] if left else []
        columns = f"{len(self.columns)} columns: .columns, .to_dataframe()"
        return "\n".join([f"sweep of {len(self.columns['point'])} points, {columns}", *lines, *more])

    def _repr_html_(self) -> str:
        """The same for a notebook."""
        return html_table(*self._shown())

    def _shown(self) -> tuple[list[str], list[list[str]]]:
        """Header and first rows of what is to be looked at."""
        quantity = default_quantity(self.quantities)
        names = [*(axis.key for axis in self.axes), "status", *([quantity] if quantity else [])]
        units = {axis.key: f" ({axis.unit})" for axis in self.axes if axis.unit}
        columns = [self.columns[name][:_MOST_ROWS].tolist() for name in names]
        rows = [[_cell(value) for value in row] for row in zip(*columns, strict=True)]
        return [f"{name}{units.get(name, '')}" for name in names], rows

    @property
    def failures(self) -> dict[str, str]:
        """Message of each point that failed, by the name of the point."""
        rows = self.columns["status"] == FAILED
        names, messages = self.columns["point"][rows], self.columns["message"][rows]
        return dict(zip(names.tolist(), messages.tolist(), strict=True))

    @property
    def remarks(self) -> dict[str, list[str]]:
        """What results say of themselves, by the name of the point; points without remarks are left out."""
        pairs = zip(self.columns["point"].tolist(), self.columns[_LAST_WORDS].tolist(), strict=True)
        return {name: text.split(_BETWEEN_REMARKS) for name, text in pairs if text}

    def count(self, status: str) -> int:
        """Number of points with a status."""
        return int(np.count_nonzero(self.columns["status"] == status))

    @property
    def quantities(self) -> list[str]:
        """Names of the columns of numbers that were computed."""
        names = list(self.columns)
        return names[names.index(_LAST_WORDS) + 1 :]

    def on_grid(self, quantity: str) -> npt.NDArray[np.float64]:
        """A column with an axis for each key.

        Args:
            quantity: one of `quantities`.
        """
        return np.asarray(self.columns[quantity], dtype=np.float64).reshape(
            [len(axis.values) for axis in self.axes]
        )


def read_points(folder: SweepFolder, axes: tuple[Axis, ...], points: Sequence[Point]) -> SweepTable:
    """The table of what the directory of a sweep holds so far.

    Args:
        folder: the directory.
        axes: of the sweep.
        points: of it, in order.

    Raises:
        InputError: a summary cannot be read.
    """
    states = [_state(folder.point(point.name)) for point in points]
    columns: dict[str, npt.NDArray[Any]] = {
        axis.key: np.array([point.values[axis.key] for point in points], dtype=object) for axis in axes
    }
    columns["status"] = np.array([state.status for state in states])
    columns["message"] = np.array([state.message for state in states])
    columns["point"] = np.array([point.name for point in points])
    columns[_LAST_WORDS] = np.array([_BETWEEN_REMARKS.join(state.remarks) for state in states])
    for name in dict.fromkeys(name for state in states for name in state.numbers):
        columns[name] = np.array([state.numbers.get(name, math.nan) for state in states])
    for axis in axes:
        if axis.is_numeric:
            columns[axis.key] = columns[axis.key].astype(np.float64)
    return SweepTable(axes, columns, folder.path)


def summary_numbers(directory: Path) -> Numbers:
    """The numbers of a result by key, nested ones joined with dots.

    Args:
        directory: a result folder.

    Raises:
        InputError: its summary cannot be read.
    """
    return _numbers(read_summary(directory / SUMMARY_FILE))


def default_quantity(known: Sequence[str]) -> str | None:
    """What to show of a study where the user does not say, None where there is nothing."""
    of_contacts = (name for name in known if name.startswith("contacts.") and name.endswith(_OF_CONTACTS))
    return next((name for name in (*_DEFAULT_QUANTITIES, *of_contacts) if name in known), None)


def check_quantity(name: str, known: Sequence[str]) -> None:
    """See that a study has a number.

    Raises:
        InputError: it has not; names the nearest.
    """
    if name not in known:
        raise unknown_name("quantity", name, known)


def write_sweep_table(table: SweepTable, path: Path) -> None:
    """Write the CSV file, whole or not at all.

    Args:
        table: the table.
        path: the file.

    Raises:
        OutputError: it cannot be written; an older file is as it was.
    """
    temporary = path.with_name(f".{path.name}")
    try:
        write_table(temporary, table.columns)
        with writing(path):
            temporary.replace(path)
    except OutputError:
        temporary.unlink(missing_ok=True)
        raise


@dataclass(frozen=True)
class _State:
    """What became of a point."""

    status: str
    message: str = ""
    remarks: tuple[str, ...] = ()
    numbers: Numbers = field(default_factory=dict)


def _state(directory: Path) -> _State:
    """What the directory of a point says of it."""
    if holds_result(directory):
        summary = read_summary(directory / SUMMARY_FILE)
        return _State(OK, "", tuple(summary.get("remarks", ())), _numbers(summary))
    failure = read_failure(directory)
    return _State(PENDING) if failure is None else _State(FAILED, failure.message)


def _numbers(summary: Mapping[str, Any]) -> Numbers:
    """The numbers of a summary; null stands for one that was not finite."""
    return {
        name: math.nan if value is None else value
        for name, value in flattened(summary).items()
        if value is None or (isinstance(value, int | float) and not isinstance(value, bool))
    }


def _cell(value: object) -> str:
    """A value of the table, for people."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
