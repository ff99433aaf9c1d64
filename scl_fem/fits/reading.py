"""Measured data from text files: the columns that a fit wants, in its units."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from scl_fem.errors import InputError
from scl_fem.fits.columns import Source, candidates, error_of, error_source, similar, sources_of, value_of
from scl_fem.fits.data import COLUMNS, UNSCALED, Column, error_column
from scl_fem.fits.headers import ARBITRARY
from scl_fem.fits.text import (
    BLANKS,
    Decimals,
    Line,
    cells,
    header_cells,
    is_number,
    read_lines,
    separators,
    without_remarks,
)
from scl_fem.fits.topspin import refuse_report
from scl_fem.physics.types import Array

_HEADER_WITHIN = 60
"""Lines among which the headers are looked for."""

_LONGEST_LIST = 160
"""Characters of the headers that a message repeats."""


@dataclass(frozen=True)
class DataTable:
    """Columns of a data file in the units that fits work in.

    Attributes:
        columns: (n,) numbers by the names of `COLUMNS`, and of their errors.
        ignored: headers that no fit asked for.
        remarks: what was done to the numbers.
    """

    columns: dict[str, Array]
    ignored: tuple[str, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Layout:
    """Where the headers of a table are, and what stands between its cells."""

    line: Line
    separator: str
    headers: list[str]
    sources: dict[str, Source]
    passed_over: int = 0
    rows: list[Line] = field(default_factory=list)


def read_data(
    path: Path, names: Sequence[str], optional: Sequence[str] = (), errors_of: Sequence[str] = ()
) -> DataTable:
    """Read columns of a table of text, in any unit that headers name: mixing_time_ms, T (°C).

    Cells may be separated by commas, semicolons, tabs or blanks, decimals by points or (but between commas)
    by commas; units may stand in a line of their own below the headers; remarks begin with #, %, ! or //.

    Args:
        path: the file.
        names: columns wanted, of `COLUMNS`.
        optional: further ones that are read where the file has them.
        errors_of: columns whose standard errors are read where the file has them.

    Raises:
        InputError: there is no such file, column or unit, or something in it is not a number that can be;
            names file, line and column.
    """
    lines = read_lines(path)
    content = without_remarks(lines)
    if not content:
        raise InputError("is empty", file=str(path), allowed=_wanted(names))
    refuse_report([line.text for line in lines], path, names)
    layout = _layout(lines, content, names, path)
    sources = _with_optional(layout, optional, path, names)
    rows = [(line.number, _row(line, layout, path)) for line in layout.rows]
    rows = [(number, row) for number, row in rows if any(row)]
    decimals = Decimals.of([row for _, row in rows], layout.separator)
    columns: dict[str, Array] = {}
    used = [source.header for source in sources.values()]
    for name, source in sources.items():
        column = UNSCALED if name == "intensity" and "diagonal" in sources else COLUMNS[name]
        numbers = _Numbers(column, source, decimals, path).of(rows)
        columns[name] = numbers
    for name in errors_of:
        errors = _located(error_source, COLUMNS[name], layout, sources, path) if name in sources else None
        if errors is None:
            continue
        used.append(errors.header)
        columns[COLUMNS[name].error_name] = _Errors(
            error_column(COLUMNS[name]), errors, decimals, path, COLUMNS[name], sources[name], columns[name]
        ).of(rows)
    return DataTable(
        columns=columns,
        ignored=tuple(header for header in layout.headers if header and header not in used),
        remarks=tuple(_remarks(layout, sources)),
    )


def _with_optional(
    layout: _Layout, optional: Sequence[str], path: Path, names: Sequence[str]
) -> dict[str, Source]:
    """Where the columns are, those that a table need not have with the others."""
    sources = dict(layout.sources)
    for name in optional:
        found = candidates(COLUMNS[name], layout.headers, sources)
        if len(found) > 1:
            raise _several(COLUMNS[name], [each.header for each in found], path, names)
        if found:
            sources[name] = found[0]
    if (
        sources.get("intensity")
        and sources["intensity"].reading.unit == ARBITRARY
        and "diagonal" not in sources
    ):
        raise InputError(
            f"{sources['intensity'].header} is in arbitrary units, which tell no fraction",
            file=str(path),
            allowed="cross peaks over diagonal plus cross peaks, or a column diagonal in the same units",
        )
    return sources


def _layout(lines: list[Line], content: list[Line], names: Sequence[str], path: Path) -> _Layout:
    """The first line, and the separator, with which the headers say where every column is."""
    possible = separators(lines)
    # the headers may be a remark, as numpy.savetxt writes them
    remarks = [line for line in lines if line.is_remark]
    partial: _Layout | None = None
    for places in (content, remarks):
        for separator in possible:
            for line in places[:_HEADER_WITHIN]:
                layout = _layout_at(line, separator, content, names, path)
                if layout is None:
                    continue
                if layout.rows and len(cells(layout.rows[0], separator, path)) == len(layout.headers):
                    return layout
                partial = partial or (None if line.is_remark else layout)
    return partial or _refused(content, possible, names, path)


def _layout_at(
    line: Line, separator: str, content: list[Line], names: Sequence[str], path: Path
) -> _Layout | None:
    """The layout if a line holds the headers; None if it does not."""
    passed_over = bisect_left(content, line.number, key=lambda each: each.number)
    start = passed_over if line.is_remark else passed_over + 1
    try:
        first = cells(content[start], separator, path) if start < len(content) else []
        headers = header_cells(line, separator, len(first), path)
    except InputError:
        return None
    if len(headers) < len(names):
        return None
    sources = sources_of(headers, names)
    is_units = bool(first) and not any(map(is_number, first)) and any(first)
    if is_units:
        first += [""] * (len(headers) - len(first))
        units = [unit.strip("()[] ") for unit in first]
        with_units = [
            f"{header} ({unit})" if unit else header for header, unit in zip(headers, units, strict=False)
        ]
        combined = sources_of(with_units, names)
        if combined is not None:
            return _Layout(line, separator, with_units, combined, passed_over, content[start + 1 :])
        if sources is not None and _repeats(units, sources):
            return _Layout(line, separator, headers, sources, passed_over, content[start + 1 :])
    return (
        None if sources is None else _Layout(line, separator, headers, sources, passed_over, content[start:])
    )


def _repeats(units: list[str], sources: dict[str, Source]) -> bool:
    """Whether a line below headers with units says the same units again."""
    plain = [f"{COLUMNS[name].quantity} ({units[source.index]})" for name, source in sources.items()]
    again = sources_of(plain, list(sources))
    return again is not None and all(
        again[name].reading.unit == source.reading.unit for name, source in sources.items()
    )


def _refused(content: list[Line], possible: Sequence[str], names: Sequence[str], path: Path) -> _Layout:
    """Say what is wrong with the headers."""
    first, second = content[0], content[min(1, len(content) - 1)]

    def count(separator: str) -> int:
        return len(cells(second, separator, path))

    # blanks last: every text has them
    by_marks = [each for each in possible if each != BLANKS and len(cells(first, each, path)) > 1]
    separator = max(by_marks or possible, key=count)
    headers = header_cells(first, separator, count(separator), path)
    if all(map(is_number, headers)):
        raise InputError(
            "has no headers: its first line holds numbers", file=str(path), allowed=_wanted(names)
        )
    if len(headers) == 1 < len(names):
        raise InputError(f"has one column, {_short(headers)}", file=str(path), allowed=_wanted(names))
    taken: dict[str, Source] = {}
    for name in names:
        column = COLUMNS[name]
        found = candidates(column, headers, taken)
        if len(found) == 1:
            taken[name] = found[0]
            continue
        near = similar(column, headers)
        if len(found) > 1 or len(near) > 1:
            raise _several(column, [each.header for each in found] or near, path, names)
        what = f"has no column {name}"
        what += (
            f", and {_short(near)} does not end in a unit of its kind"
            if near
            else f" among {_short(headers)}"
        )
        raise InputError(what, file=str(path), allowed=_wanted(names))
    raise InputError("has headers that cannot be understood", file=str(path), allowed=_wanted(names))


def _several(column: Column, headers: Sequence[str], path: Path, names: Sequence[str]) -> InputError:
    return InputError(
        f"has more than one column of {column.quantity}: {_short(headers)}",
        file=str(path),
        allowed=_wanted(names),
    )


def _short(headers: Sequence[str]) -> str:
    text = ", ".join(headers)
    return text if len(text) <= _LONGEST_LIST else f"{text[:_LONGEST_LIST]}..."


def _wanted(names: Sequence[str]) -> str:
    return (
        f"columns {', '.join(names)} separated by commas, semicolons, tabs or blanks; another unit may stand "
        "at the end of a name or in brackets after it"
    )


def _located(
    find: Callable[..., Source | None],
    column: Column,
    layout: _Layout,
    sources: dict[str, Source],
    path: Path,
) -> Source | None:
    try:
        return find(column, layout.headers, sources)
    except InputError as error:
        raise error.located(file=str(path)) from error


def _row(line: Line, layout: _Layout, path: Path) -> list[str]:
    """The cells of a line of data, as many as there are headers."""
    row, count = cells(line, layout.separator, path), len(layout.headers)
    if len(row) > count and not any(row[count:]):
        row = row[:count]
    if len(row) == count or not any(row):
        return row
    hint = "; decimal commas need another separator than the comma" if layout.separator == "," else ""
    raise InputError(
        f"has {len(row)} cells, the header has {count}{hint if len(row) > count else ''}",
        file=str(path),
        key=f"line {line.number}",
    )


@dataclass(frozen=True)
class _Numbers:
    """Reads one column."""

    column: Column
    source: Source
    decimals: Decimals
    path: Path

    def of(self, rows: list[tuple[int, list[str]]]) -> Array:
        """Its numbers in the unit of the fits."""
        return np.array([self._number(place, *row) for place, row in enumerate(rows)], dtype=float)

    def _number(self, place: int, line: int, row: list[str]) -> float:
        where, cell = f"line {line}, column {self.source.header}", row[self.source.index]
        try:
            number = self.decimals.number(cell)
        except ValueError as error:
            raise InputError(
                str(error), file=str(self.path), key=where, allowed=self.column.allowed
            ) from None
        value = self._value(number, place)
        problem = self.column.problem(value)
        if problem:
            raise InputError(
                f"{cell[:40]} {problem}", file=str(self.path), key=where, allowed=self.column.allowed
            )
        return value

    def _value(self, number: float, place: int) -> float:
        return value_of(number, self.source.reading, self.column)


@dataclass(frozen=True)
class _Errors(_Numbers):
    """Reads the standard errors of a column."""

    owner: Column
    owner_source: Source
    values: Array

    def _value(self, number: float, place: int) -> float:
        return error_of(number, self.source, float(self.values[place]), self.owner_source, self.owner)


def _remarks(layout: _Layout, sources: dict[str, Source]) -> Iterator[str]:
    if layout.passed_over:
        yield f"lines above the headers, in line {layout.line.number}, were passed over"
    for name, source in sources.items():
        if source.reading.unit == "degC":
            yield f"{source.header}: degrees Celsius were converted to K"
        if source.reading.transform != "plain":
            yield f"{name} was computed from the column {source.header}"
