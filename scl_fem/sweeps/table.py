"""The table of a sweep: one row a point, a column for every number of the summaries."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scl_fem.errors import unknown_name
from scl_fem.output.files import OutputError, writing
from scl_fem.output.folder import holds_result
from scl_fem.output.names import SUMMARY_FILE
from scl_fem.output.tables import read_summary, write_table
from scl_fem.sweeps.axes import Axis
from scl_fem.sweeps.folder import SweepFolder
from scl_fem.sweeps.points import Point
from scl_fem.sweeps.solving import read_failure

OK, FAILED, PENDING = "ok", "failed", "pending"

_DEFAULT_QUANTITIES = ("layer_resistance_ohm_cm2", "interface_resistance_ohm_cm2", "exchanged_final")
"""What to show of a study, the first that it has."""

_LAST_WORDS = "remarks"
"""The column after which those of the numbers begin."""

_BETWEEN_REMARKS = " // "

type Numbers = dict[str, float]


@dataclass(frozen=True)
class SweepTable:
    """What a sweep found.

    Attributes:
        axes: keys and values, numbers in the unit of their key.
        columns: (n,) values by header, one row a point, the last key varying fastest: the swept keys, status
            ("ok", "failed", "pending"), message, point (its directory), remarks (of its result, one after the
            other), then the numbers of summary.json, nested keys joined with dots; nan where there is none.
        directory: of the sweep.
    """

    axes: tuple[Axis, ...]
    columns: dict[str, npt.NDArray[Any]]
    directory: Path

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
    return dict(_flat_numbers(read_summary(directory / SUMMARY_FILE)))


def default_quantity(known: Sequence[str]) -> str | None:
    """What to show of a study where the user does not say, None where there is nothing."""
    return next((name for name in _DEFAULT_QUANTITIES if name in known), None)


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
        return _State(OK, "", tuple(summary.get("remarks", ())), dict(_flat_numbers(summary)))
    failure = read_failure(directory)
    return _State(PENDING) if failure is None else _State(FAILED, failure.message)


def _flat_numbers(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat_numbers(value, f"{prefix}{name}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield f"{prefix}{name}", value
        elif value is None:  # a number that was not finite
            yield f"{prefix}{name}", math.nan
