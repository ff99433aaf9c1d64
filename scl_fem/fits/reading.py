"""Measured data from CSV files: columns with their unit in the header, `#` for remarks."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scl_fem.errors import InputError
from scl_fem.fits.data import COLUMNS, Column
from scl_fem.physics.types import Array
from scl_fem.units import convert

_POWER = re.compile(r"(?<=[A-Za-z])(\d)")


@dataclass(frozen=True)
class DataTable:
    """Columns of a data file in the units that fits work in.

    Attributes:
        columns: (n,) numbers by the names of `COLUMNS`.
        ignored: headers that no fit asked for.
    """

    columns: dict[str, Array]
    ignored: tuple[str, ...]


@dataclass(frozen=True)
class _Source:
    """Where a column is in the file, and the unit it has there."""

    index: int
    header: str
    unit: str


def read_data(path: Path, names: Sequence[str]) -> DataTable:
    """Read columns of a CSV file, in any unit that the header names: mixing_time_ms, D_m2_per_s.

    Args:
        path: the file; the first line that is no remark holds the headers.
        names: columns wanted, of `COLUMNS`.

    Raises:
        InputError: there is no such file, column or unit, or something in it is not a number that can be;
            names file, line and column.
    """
    lines = _lines(path)
    _, headers = next(lines, (0, []))
    if not any(headers):
        raise InputError("is empty", file=str(path), allowed=_wanted(names))
    headers = [header.strip() for header in headers]
    if len(headers) == 1 < len(names):
        raise InputError(f"has one column, {headers[0]}", file=str(path), allowed=_wanted(names))
    sources = {name: _source(COLUMNS[name], headers, names, path) for name in names}
    values: dict[str, list[float]] = {name: [] for name in names}
    for line, cells in lines:
        if len(cells) != len(headers):
            raise InputError(
                f"has {len(cells)} cells, the header has {len(headers)}", file=str(path), key=f"line {line}"
            )
        for name, source in sources.items():
            values[name].append(_number(COLUMNS[name], source, cells[source.index], line, path))
    used = {source.header for source in sources.values()}
    return DataTable(
        columns={name: np.array(column) for name, column in values.items()},
        ignored=tuple(header for header in headers if header not in used),
    )


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Numbers (from 1) and cells of the lines that are neither blank nor remarks."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError("there is no such file", file=str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read as text ({error})", file=str(path)) from error
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            yield number, next(csv.reader([line], strict=True))
        except csv.Error as error:
            raise InputError(f"cannot be read ({error})", file=str(path), key=f"line {number}") from error


def _source(column: Column, headers: Sequence[str], names: Sequence[str], path: Path) -> _Source:
    """Where a column is: under its name, or under its quantity with another unit."""
    if headers.count(column.name) == 1:
        return _Source(headers.index(column.name), column.name, column.unit)
    similar = [
        _Source(index, header, _unit(header, column))
        for index, header in enumerate(headers)
        if header == column.quantity or header.startswith(f"{column.quantity}_")
    ]
    fitting = [source for source in similar if _converts(source.unit, column.unit)]
    if len(fitting) == 1:
        return fitting[0]
    found = fitting or similar
    if len(found) > 1:
        problem = f"has more than one column of {column.quantity}: {', '.join(each.header for each in found)}"
    elif found:
        problem = f"has no column {column.name}, and {found[0].header} does not end in a unit of its kind"
    else:
        problem = f"has no column {column.name} among {', '.join(headers)}"
    raise InputError(problem, file=str(path), allowed=_wanted(names))


def _unit(header: str, column: Column) -> str:
    """The unit that a header names, as `units.convert` reads it: D_m2_per_s is in m^2/s."""
    suffix = header.removeprefix(column.quantity).removeprefix("_")
    return _POWER.sub(r"^\1", suffix).replace("_per_", "/")


def _converts(unit: str, wanted: str) -> bool:
    """Whether a column in a unit can be brought to the one wanted."""
    try:
        convert(f"1 {unit}", wanted)
    except ValueError:
        return False
    # a quantity without its unit must not pass for one with it
    return bool(unit)


def _number(column: Column, source: _Source, cell: str, line: int, path: Path) -> float:
    """One cell in the unit of the fits."""
    place = f"line {line}, column {source.header}"
    try:
        value = float(cell)
    except ValueError:
        found = f"'{cell.strip()}' is not a number" if cell.strip() else "is empty"
        raise InputError(found, file=str(path), key=place, allowed=column.allowed) from None
    if source.unit != column.unit and np.isfinite(value):
        value = convert(f"{value!r} {source.unit}", column.unit)
    problem = column.problem(value)
    if problem:
        raise InputError(f"{cell.strip()} {problem}", file=str(path), key=place, allowed=column.allowed)
    return value


def _wanted(names: Sequence[str]) -> str:
    return f"columns {', '.join(names)} separated by commas; the unit at the end of a name may be another"
