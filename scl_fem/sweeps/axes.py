"""What a sweep varies: a key of the case and the values it takes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from scl_fem.case.overrides import parse_override
from scl_fem.errors import InputError
from scl_fem.units import convert

Value = str | bool | int | float
"""What a key may be set to."""

OVER = "--over"
"""Stands for the file in a message about the option."""

_FORMS = "KEY=START:STOP:N, KEY=START:STOP:N:log or KEY=A,B,C"
_LOGARITHMIC = "log"
_DIGITS = 12
"""Significant digits of the values of a range: 2.5, without the dust of the division."""

_BOUND = re.compile(r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(?P<unit>\S.*)?")


@dataclass(frozen=True)
class Axis:
    """One key and its values.

    Attributes:
        key: dotted path into the case file.
        values: in order, no two alike.
        unit: of the numbers among them; None where it is not known, or where they have none.
    """

    key: str
    values: tuple[Value, ...]
    unit: str | None = None

    @classmethod
    def of(cls, key: str, values: Iterable[Value]) -> Self:
        """An axis with values as a case file may hold them, NumPy's numbers included.

        Raises:
            InputError: there are none, one comes twice or is not a plain value.
        """
        plain = tuple(value.item() if isinstance(value, np.generic) else value for value in values)
        for value in plain:
            if not isinstance(value, Value):
                problem = f"a sweep cannot set it to {value!r}"
                raise InputError(problem, key=key, allowed="numbers, strings, true and false")
        axis = cls(key, plain)
        axis._check_values()
        return axis

    def in_unit(self, unit: str | None) -> Self:
        """The axis with plain numbers in place of strings that carry a unit.

        Args:
            unit: of the key; None where it has none.

        Raises:
            InputError: two values turn out to be the same.
        """
        if unit is None:
            return self
        axis = replace(self, values=tuple(_in_unit(value, unit) for value in self.values), unit=unit)
        axis._check_values()
        return axis

    @property
    def is_numeric(self) -> bool:
        """Whether every value is a number."""
        return all(isinstance(value, int | float) and not isinstance(value, bool) for value in self.values)

    def _check_values(self) -> None:
        if not self.values:
            raise InputError("a sweep needs a value at least", key=self.key)
        for value in self.values:
            if self.values.count(value) > 1:
                raise InputError(f"the sweep has the value {value} more than once", key=self.key)


def parse_axis(text: str) -> Axis:
    """The axis that an option --over describes.

    Args:
        text: KEY=START:STOP:N (linear, both ends included), KEY=START:STOP:N:log or KEY=A,B,C; bounds and
            values may carry units.

    Raises:
        InputError: it is not of these forms.
    """
    key, equals, values = text.partition("=")
    if not equals or not key.strip() or not values.strip():
        raise InputError(f"cannot read '{text}'", file=OVER, allowed=_FORMS)
    parts = values.split(",")
    ranged = len(parts) == 1 and ":" in values and not values.lstrip().startswith(("'", '"'))
    try:
        if ranged:
            parts = _range(values)
        read = [parse_override(f"{key}={part}") for part in parts]
        return Axis.of(".".join(read[0][0]), [value for _, value in read])
    except InputError as error:
        raise InputError(
            error.problem, file=OVER, key=error.key or key.strip(), allowed=error.allowed
        ) from None


def _range(text: str) -> list[str]:
    """The values of START:STOP:N[:log], each with the unit of the bounds."""
    start_text, stop_text, *rest = (part.strip() for part in text.split(":"))
    if len(rest) not in (1, 2) or rest[1:] not in ([], [_LOGARITHMIC]):
        raise InputError(f"cannot read the range '{text}'", allowed=_FORMS)
    start, stop = _BOUND.fullmatch(start_text), _BOUND.fullmatch(stop_text)
    if start is None or stop is None:
        wrong = start_text if start is None else stop_text
        raise InputError(f"cannot read '{wrong}' as the end of a range", allowed=_FORMS)
    # "10:100 nm" is meant as it reads; a unit at the start alone is not
    unit = stop["unit"] or ""
    if start["unit"] and start["unit"] != unit:
        raise InputError(f"the ends of the range '{text}' have different units", allowed="one unit for both")
    if not rest[0].isdecimal() or int(rest[0]) < 2:
        raise InputError(f"'{rest[0]}' is no number of values", allowed="a whole number, 2 or more")
    low, high, count = float(start["number"]), float(stop["number"]), int(rest[0])
    if len(rest) == 2:
        if low * high <= 0.0:
            raise InputError(
                f"a logarithmic range cannot go from {low:g} to {high:g}", allowed="ends above zero"
            )
        numbers = np.geomspace(low, high, count)
    else:
        numbers = np.linspace(low, high, count)
    return [f"{number:.{_DIGITS}g} {unit}".strip() for number in numbers]


def _in_unit(value: Value, unit: str) -> Value:
    """A string with a unit as a number; anything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        number = convert(value, unit)
    except ValueError:
        return value
    return number if math.isfinite(number) else value
