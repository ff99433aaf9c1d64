"""The data that fits take: which columns there are, their units, and what their numbers may be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scl_fem.errors import InputError
from scl_fem.physics.types import Array


@dataclass(frozen=True)
class Column:
    """A column of data.

    Attributes:
        name: with its unit, as in the CSV file and as the argument of a fit.
        quantity: the name without the unit.
        unit: that the fits work in.
        low: least number that is allowed.
        high: largest.
        low_is_allowed: whether `low` itself is.
        hint: what a number out of range is likely to be.
    """

    name: str
    quantity: str
    unit: str
    low: float
    high: float = np.inf
    low_is_allowed: bool = False
    hint: str = ""

    @property
    def allowed(self) -> str:
        """The range in words."""
        at_least = f"{'at least' if self.low_is_allowed else 'more than'} {self.low:g}"
        unit = f" {self.unit}" if self.unit else ""
        words = f"numbers {at_least}{f' and at most {self.high:g}' if np.isfinite(self.high) else ''}{unit}"
        return f"{words}; {self.hint}" if self.hint else words

    def problem(self, value: float) -> str | None:
        """What is wrong with a number, None if nothing is."""
        if not np.isfinite(value):
            return "is not a finite number"
        if value < self.low or (value == self.low and not self.low_is_allowed) or value > self.high:
            return "is out of range"
        return None


COLUMNS = {
    column.name: column
    for column in (
        Column("temperature_K", "temperature", "K", 0.0, hint="temperature_degC takes degrees Celsius"),
        Column("mixing_time_s", "mixing_time", "s", 0.0, low_is_allowed=True),
        # noise may carry an intensity a little below 0 or above 1
        Column("intensity", "intensity", "", -0.5, 1.5, True, "intensity_percent takes percent"),
        Column("T2_s", "T2", "s", 0.0),
        Column("D_cm2_per_s", "D", "cm^2/s", 0.0),
    )
}
"""Every column of every fit by its name."""


def checked(**data: npt.ArrayLike) -> list[Array]:
    """Data as arrays of floats, once it is sure that they are data.

    Args:
        data: (n,) by the names of `COLUMNS`, all of one length.

    Returns:
        The arrays in the order of the arguments.

    Raises:
        InputError: fewer than two data, different lengths, or a number that cannot be; names the column.
    """
    arrays = []
    for name, given in data.items():
        try:
            array = np.atleast_1d(np.asarray(given, dtype=float))
        except (TypeError, ValueError):
            raise InputError("holds something that is not a number", key=name) from None
        for place, number in enumerate(array.ravel()):
            problem = COLUMNS[name].problem(number)
            if problem:
                raise InputError(
                    f"{number:g} {problem}", key=f"{name}[{place}]", allowed=COLUMNS[name].allowed
                )
        arrays.append(array)
    if len({array.shape for array in arrays}) > 1 or arrays[0].ndim > 1:
        raise InputError(f"{', '.join(data)} must be lists of equal length")
    if arrays[0].size < 2:
        raise InputError(f"{arrays[0].size} row of data is too little for a fit", allowed="two or more")
    return arrays
