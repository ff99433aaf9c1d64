"""Numbers for people and scripts: tables as CSV, the summary as JSON."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scl_fem.errors import InputError
from scl_fem.mesh.domain import BOTH
from scl_fem.output.files import write_text, writing
from scl_fem.output.names import PROFILE_FILE

Column = npt.NDArray[np.float64] | npt.NDArray[np.str_]


@dataclass(frozen=True)
class Profile:
    """profile.csv: fields along the normal through the interfaces, two rows at each, one a phase.

    Attributes:
        z_nm: distance from the first interface, negative on the side of its first phase.
        phase: name of the phase.
        phi_V: electric potential.
        c_per_nm3: concentration of the main carrier; of Li.
        occupancy: x = c/c_max of it.
        mu_e_eV: electrochemical potential of the main component, Li+.
        sigma_S_per_cm: conductivity, of all components.
    """

    z_nm: npt.NDArray[np.float64]
    phase: npt.NDArray[np.str_]
    phi_V: npt.NDArray[np.float64]
    c_per_nm3: npt.NDArray[np.float64]
    occupancy: npt.NDArray[np.float64]
    mu_e_eV: npt.NDArray[np.float64]
    sigma_S_per_cm: npt.NDArray[np.float64]

    def of(self, phase: str) -> Profile:
        """The rows of one phase."""
        rows = self.phase == phase
        return Profile(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def read_profile(path: Path) -> Profile:
    """Read profile.csv.

    Args:
        path: the file.

    Raises:
        InputError: it is missing, or lacks a column.
    """
    table = read_table(path)
    missing = [field.name for field in fields(Profile) if field.name not in table]
    if missing:
        raise InputError(f"no column {', '.join(missing)}", file=str(path))
    return Profile(**{field.name: table[field.name] for field in fields(Profile)})  # type: ignore[arg-type]


def write_table(path: Path, columns: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write columns of equal length as CSV, numbers so that they read back the same.

    In a profile NaN, where a phase lacks what others hold, is an empty entry.

    Args:
        path: the file.
        columns: (n,) numbers or words by header; the header of a number says its unit.

    Raises:
        OutputError: it cannot be written.
        ValueError: columns of different lengths.
    """
    entries = [np.asarray(column) for column in columns.values()]
    listed = [_with_gaps(each) if path.name == PROFILE_FILE else each.tolist() for each in entries]
    with writing(path), path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(columns)
        table.writerows(zip(*listed, strict=True))


def read_table(path: Path) -> dict[str, Column]:
    """Columns of a CSV file by header: numbers where every entry is one or empty (NaN), else words.

    Args:
        path: the file.

    Raises:
        InputError: it is missing or not such a table.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        by_column = list(zip(*rows, strict=True)) or [()] * len(header)
        return dict(zip(header, map(_column, by_column), strict=True))
    except FileNotFoundError:
        raise InputError("there is no such file", file=str(path)) from None
    except (OSError, ValueError) as error:
        raise InputError(f"not a table of equal rows ({error})", file=str(path)) from error


def write_summary(path: Path, summary: Mapping[str, Any]) -> None:
    """Write summary.json, whole or not at all; a number that is not finite becomes null, which JSON can hold.

    Args:
        path: the file.
        summary: keys to numbers, words, lists or further mappings; NumPy's kinds too.

    Raises:
        OutputError: it cannot be written; an older file is as it was.
    """
    text = json.dumps(_plain(summary), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_text(path, text)


def read_summary(path: Path) -> dict[str, Any]:
    """Read summary.json.

    Args:
        path: the file.

    Raises:
        InputError: it is missing or not a summary.
    """
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError("there is no such file", file=str(path)) from None
    except (OSError, ValueError) as error:
        raise InputError(f"not readable as JSON ({error})", file=str(path)) from error
    if not isinstance(summary, dict):
        raise InputError("not a summary", file=str(path))
    return summary


def is_pair(summary: Mapping[str, Any]) -> bool:
    """Whether a result is of electrode and electrolyte and no other phase.

    Args:
        summary: its numbers.
    """
    return set(summary.get("phases") or BOTH) == set(BOTH)


def flattened(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """The values of nested tables by key, nested keys joined with dots.

    Args:
        table: of values and further tables.
        prefix: of every key.
    """
    flat: dict[str, Any] = {}
    for name, value in table.items():
        below = isinstance(value, Mapping)
        flat |= flattened(value, f"{prefix}{name}.") if below else {f"{prefix}{name}": value}
    return flat


def _with_gaps(column: npt.NDArray[Any]) -> list[Any]:
    """The entries of a column, None for NaN."""
    if column.dtype.kind != "f" or not np.isnan(column).any():
        return column.tolist()
    return [None if math.isnan(value) else value for value in column.tolist()]


def _column(entries: tuple[str, ...]) -> Column:
    try:
        found = [float(entry) if entry else math.nan for entry in entries]
        # a column without any number has words, of which all are empty
        return np.array(found if any(entries) or not entries else entries)
    except ValueError:
        return np.array(entries)


def _plain(value: Any) -> Any:
    """A value in terms that JSON has."""
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
