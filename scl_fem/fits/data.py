"""The data that fits take: which columns there are, their units, and what their numbers may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

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
        plausible: between which the numbers of an experiment lie; beyond, they are used and remarked.
    """

    name: str
    quantity: str
    unit: str
    low: float
    high: float = np.inf
    low_is_allowed: bool = False
    hint: str = ""
    plausible: tuple[float, float] = (-np.inf, np.inf)

    @property
    def error_name(self) -> str:
        """The name of the column that holds its standard errors: D_error_cm2_per_s."""
        return self.name.replace(self.quantity, f"{self.quantity}_error", 1)

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
        Column(
            "temperature_K",
            "temperature",
            "K",
            1.0,
            5000.0,
            low_is_allowed=True,
            hint="temperature_degC takes degrees Celsius",
            plausible=(100.0, 2000.0),
        ),
        Column("mixing_time_s", "mixing_time", "s", 0.0, 1e9, low_is_allowed=True, plausible=(0.0, 1e5)),
        # noise may carry an intensity a little below 0 or above 1
        Column("intensity", "intensity", "", -0.5, 1.5, True, "intensity_percent takes percent"),
        Column("diagonal", "diagonal", "", -1e30, 1e30, True),
        Column("T1_s", "T1", "s", 1e-12, 1e9, True, plausible=(1e-5, 1e5)),
        Column("T2_s", "T2", "s", 1e-15, 1e9, True, plausible=(1e-7, 1e3)),
        Column("D_cm2_per_s", "D", "cm^2/s", 1e-60, 1e6, True, plausible=(1e-35, 1e-2)),
    )
}
"""Every column of every fit by its name."""

UNSCALED = replace(COLUMNS["intensity"], low=-1e30, high=1e30, hint="")
"""Intensities that the diagonal will normalise: on any scale."""


def error_column(column: Column) -> Column:
    """The column of the standard errors of another."""
    return Column(column.error_name, f"{column.quantity}_error", column.unit, 0.0, 1e30)


def implausible(**data: Array) -> list[str]:
    """Remarks about numbers that can be, but hardly are: a wrong unit more likely.

    Args:
        data: (n,) by the names of `COLUMNS`.
    """
    remarks = []
    for name, array in data.items():
        column = COLUMNS[name]
        low, high = column.plausible
        outside = (array < low) | (array > high)
        if outside.any():
            hint = f" ({column.hint})" if column.hint else ""
            remarks.append(
                f"{name}: {np.count_nonzero(outside)} of {array.size} numbers, such as "
                f"{array[outside][0]:.4g} {column.unit}, are implausible, an experiment's lie between "
                f"{low:g} and {high:g} {column.unit}: see whether the unit is right{hint}"
            )
    return remarks


def checked(columns: Mapping[str, Column] = COLUMNS, /, **data: npt.ArrayLike) -> list[Array]:
    """Data as arrays of floats, once it is sure that they are data.

    Args:
        columns: what the numbers may be, by the names of the data.
        data: (n,) by those names, all of one length.

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
            problem = columns[name].problem(number)
            if problem:
                raise InputError(
                    f"{number:g} {problem}", key=f"{name}[{place}]", allowed=columns[name].allowed
                )
        arrays.append(array)
    if len({array.shape for array in arrays}) > 1 or arrays[0].ndim > 1:
        raise InputError(f"{', '.join(data)} must be lists of equal length")
    if arrays[0].size < 2:
        raise InputError(f"{arrays[0].size} row of data is too little for a fit", allowed="two or more")
    return arrays


def checked_errors(name: str, given: npt.ArrayLike | None, like: Array) -> Array | None:
    """Standard errors of a column as an array, None where there are none.

    Args:
        name: of the column that they belong to, of `COLUMNS`.
        given: (n,) or one number for all.
        like: (n,) the column.

    Raises:
        InputError: one is not a positive number, or there are too few or too many.
    """
    if given is None:
        return None
    column = error_column(COLUMNS[name])
    try:
        array = np.broadcast_to(np.asarray(given, dtype=float), like.shape)
    except (TypeError, ValueError):
        raise InputError("must be as many numbers as there are data", key=column.name) from None
    (array, _) = checked(
        {column.name: column, name: replace(COLUMNS[name], low=-np.inf, high=np.inf)},
        **{column.name: array, name: like},
    )
    return array
