"""Which header of a table holds which column of a fit, and its numbers in the unit of the fits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from scl_fem.errors import InputError
from scl_fem.fits.data import COLUMNS, Column
from scl_fem.fits.headers import ARBITRARY, Reading, converts, readings, without_error
from scl_fem.units import convert

_PERCENT = "%"
_BRACKETS = "()[] "


@dataclass(frozen=True)
class Source:
    """Where a column is in the file, and what its numbers are there.

    Attributes:
        index: of the cell.
        header: as in the file.
        reading: what it says.
        is_relative: errors that are a share of the value.
    """

    index: int
    header: str
    reading: Reading
    is_relative: bool = False


def sources_of(headers: Sequence[str], names: Iterable[str]) -> dict[str, Source] | None:
    """Where every column is; None unless each is found once.

    Args:
        headers: of the table.
        names: of `COLUMNS`.
    """
    sources: dict[str, Source] = {}
    for name in names:
        found = candidates(COLUMNS[name], headers, sources)
        if len(found) != 1:
            return None
        sources[name] = found[0]
    return sources


def candidates(column: Column, headers: Sequence[str], taken: Mapping[str, Source]) -> list[Source]:
    """The headers that name a column in a unit of its kind: those with the best claim.

    That is first the column's own name, then a name in its own unit, then any.

    Args:
        column: what is looked for.
        headers: of the table.
        taken: columns that have been found already.
    """
    indices = {source.index for source in taken.values()}
    found = []
    for index, header in enumerate(headers):
        if index in indices or (without_error(header) is not None and header != column.name):
            continue
        reading = next((each for each in readings(header, column) if _fits(each, column)), None)
        if reading is not None:
            found.append(Source(index, header, reading))
    named = [each for each in found if each.header == column.name]
    in_unit = [each for each in found if each.reading == Reading("plain", column.unit or None)]
    return named or in_unit or found


def similar(column: Column, headers: Sequence[str]) -> list[str]:
    """The headers that name a column, whether or not in a unit of its kind."""
    return [header for header in headers if without_error(header) is None and any(readings(header, column))]


def error_source(column: Column, headers: Sequence[str], sources: Mapping[str, Source]) -> Source | None:
    """Where the standard errors of a column are.

    Under its name (D_error_cm2_per_s, sigma D); or without a name ("error", "±") right of it, or anywhere
    but right of another column that is known.

    Args:
        column: whose errors.
        headers: of the table.
        sources: where the columns are.

    Raises:
        InputError: there are several columns of them, or their unit is not of the column's kind.
    """
    owners = {source.index: name for name, source in sources.items()}
    named, bare = [], []
    for index, header in enumerate(headers):
        parts = without_error(header) if index not in owners else None
        if parts is None:
            continue
        name, is_relative = parts
        if any(readings(name, column)):
            reading = _error_reading(readings(name, column), column)
            if reading is None:
                raise InputError(
                    f"{header} does not end in a unit of its kind", allowed=column.unit or "no unit"
                )
            named.append(_error(index, header, reading, is_relative, column))
        elif owners.get(index - 1) in (None, column.name):
            unit = name.strip(_BRACKETS)
            text = f"{column.quantity} ({unit})" if unit else column.quantity
            reading = _error_reading(readings(text, column), column)
            if reading is not None:
                bare.append(_error(index, header, reading, is_relative, column))
    found = named or bare
    if len(found) > 1:
        words = ", ".join(each.header for each in found)
        raise InputError(f"has more than one column of errors of {column.quantity}: {words}")
    return found[0] if found else None


def _error_reading(found: Iterable[Reading], column: Column) -> Reading | None:
    """The reading that errors can have: in a unit of the column's kind, in percent, or in none."""
    return next((each for each in found if each.unit in (None, _PERCENT) or _fits(each, column)), None)


def _error(index: int, header: str, reading: Reading, is_relative: bool, column: Column) -> Source:
    """Errors in percent are relative, but those of a fraction."""
    if reading.unit == _PERCENT and (column.unit or is_relative):
        return Source(index, header, Reading("plain", "", 0.01 * reading.factor), True)
    return Source(index, header, Reading("plain", "") if is_relative else reading, is_relative)


def _fits(reading: Reading, column: Column) -> bool:
    """Whether numbers of a reading can be brought to the column's unit."""
    if not column.unit:
        is_arbitrary = reading.unit == ARBITRARY
        return reading.transform == "plain" and (
            not reading.unit or is_arbitrary or converts(reading.unit, "")
        )
    if not reading.unit:
        return False
    inverse = f"1/{column.unit}"
    is_inverse = reading.transform == "inverse"
    return converts(reading.unit, column.unit) or (is_inverse and converts(reading.unit, inverse))


def value_of(number: float, reading: Reading, column: Column) -> float:
    """A number of a table in the unit of the fits.

    Args:
        number: as in the table.
        reading: what the header says of it.
        column: whose it is.
    """
    if reading.transform == "ln":
        number = _power(math.e, number)
    elif reading.transform == "log10":
        number = _power(10.0, number)
    value = _linear(number, reading, column)
    if reading.transform == "inverse":
        return 1.0 / value if value else math.inf
    return value


def error_of(number: float, errors: Source, value: float, source: Source, column: Column) -> float:
    """A standard error of a table as that of the value, in the unit of the fits.

    Args:
        number: as in the table.
        errors: what the header of the errors says.
        value: of the column, in the unit of the fits.
        source: where it came from.
        column: whose error it is.
    """
    if errors.is_relative:
        return number * errors.reading.factor * abs(value)
    reading = errors.reading
    if reading.unit is None:
        # in whatever the column itself is in
        reading = source.reading
    if reading.transform in ("ln", "log10"):
        return number * abs(value) * (math.log(10.0) if reading.transform == "log10" else 1.0)
    linear = _linear(number, reading, column)
    return linear * value**2 if reading.transform == "inverse" else linear


def _linear(number: float, reading: Reading, column: Column) -> float:
    """A number without its transform: in the column's unit, or its reciprocal."""
    unit, wanted = reading.unit or "", column.unit
    if not math.isfinite(number) or (unit in (wanted, "", ARBITRARY) and reading.factor == 1.0):
        return number
    if reading.transform == "inverse" and not converts(unit, wanted):
        wanted = f"1/{wanted}"
    offset, scale = _conversion(unit, wanted) if unit and unit != ARBITRARY else (0.0, 1.0)
    # fifteen digits: 10 ms is 0.01 s, without the dust of the conversion factors
    return float(f"{offset + scale * number * reading.factor:.15g}")


@cache
def _conversion(unit: str, wanted: str) -> tuple[float, float]:
    """Offset and factor from a unit to another."""
    offset = convert(f"0 {unit}", wanted)
    return offset, 1.0 if offset else convert(f"1 {unit}", wanted)


def _power(base: float, exponent: float) -> float:
    try:
        return base**exponent
    except OverflowError:
        return math.inf
