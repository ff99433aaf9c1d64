"""Tables of a material that are read linearly between their points."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import fmean
from typing import Any, Self

from pydantic import Field, model_validator

from scl_fem.errors import InputError
from scl_fem.settings import Settings
from scl_fem.units import Number, Occupancy, Voltage

OpenCircuitFunction = Callable[[float], Any]
"""V against Li/Li+ as a function of the occupancy."""

_RANGE = (0.001, 0.999)
"""Occupancies between which a function is taken as a curve, unless told otherwise."""

_FIRST_POINTS = 33
_MOST_POINTS = 4000
_CLOSE = 1e-5
"""V that the straight lines between the points may be off by."""


def interpolate(abscissa: Sequence[float], ordinate: Sequence[float], at: float) -> float:
    """The ordinate at `at`, linear between the points.

    Args:
        abscissa: strictly increasing.
        ordinate: as many.
        at: where, within the table.

    Raises:
        ValueError: `at` lies outside the table.
    """
    within = min(max(at, abscissa[0]), abscissa[-1])
    # What was computed from the other column may miss the end by a rounding.
    if abs(within - at) > 1e-12 * max(abs(at), abscissa[-1] - abscissa[0]):
        raise ValueError(f"{at:g} lies outside the table, {abscissa[0]:g} to {abscissa[-1]:g}")
    right = min(bisect_right(abscissa, within), len(abscissa) - 1)
    low, high = abscissa[right - 1], abscissa[right]
    weight = (within - low) / (high - low)
    return (1.0 - weight) * ordinate[right - 1] + weight * ordinate[right]


def _check_points(first: str, abscissa: Sequence[float], second: str, ordinate: Sequence[float]) -> None:
    if len(abscissa) != len(ordinate):
        problem = f"{first} has {len(abscissa)} values and {second} {len(ordinate)}"
        raise InputError(problem, allowed="as many of both")
    if not all(low < high for low, high in pairwise(abscissa)):
        raise InputError("values must increase from each to the next", key=first)


class CompositionTable(Settings):
    """How the composition of a formula maps to the occupancy of the sites."""

    symbol: str = "x"
    """What x counts: "x in LixV2O5"."""
    x: tuple[Number, ...] = Field(min_length=2)
    """Composition, increasing."""
    occupancy: tuple[Occupancy, ...] = Field(min_length=2)
    """Occupancy x_0 at each."""

    @model_validator(mode="after")
    def _is_a_table(self) -> Self:
        _check_points("x", self.x, "occupancy", self.occupancy)
        return self

    def occupancy_at(self, composition: float) -> float:
        """x_0 at a composition.

        Raises:
            ValueError: it lies outside the table.
        """
        return interpolate(self.x, self.occupancy, composition)


class OpenCircuitCurve(Settings):
    """Voltage against Li/Li+ as a function of occupancy."""

    occupancy: tuple[Occupancy, ...] = Field(min_length=2)
    """Occupancy, increasing."""
    voltage: tuple[Voltage, ...] = Field(min_length=2)
    """V against Li/Li+ at each."""

    @model_validator(mode="after")
    def _is_a_table(self) -> Self:
        _check_points("occupancy", self.occupancy, "voltage", self.voltage)
        return self

    @classmethod
    def of_function(cls, function: OpenCircuitFunction, between: Sequence[float] = _RANGE) -> Self:
        """The curve of a function: points so close that straight lines between them are right to 0.01 mV.

        Args:
            function: V against Li/Li+ of an occupancy.
            between: the lowest and highest occupancy.

        Raises:
            InputError: it does not give finite numbers there, or jumps.
        """
        low, high = between
        if not 0.0 < low < high < 1.0:
            raise InputError(
                f"the range {low:g} to {high:g} is none of occupancies", allowed="0 < low < high < 1"
            )
        places = [low + (high - low) * number / (_FIRST_POINTS - 1) for number in range(_FIRST_POINTS)]
        points = [(places[0], _volt(function, places[0]))]
        waiting = [(place, _volt(function, place)) for place in places[:0:-1]]
        while waiting:
            (left, before), (right, after) = points[-1], waiting[-1]
            # not the middle: a function that is odd about it would look straight
            between_them = left + 0.4 * (right - left)
            found = _volt(function, between_them)
            if abs(found - (0.6 * before + 0.4 * after)) <= _CLOSE:
                points.append(waiting.pop())
                continue
            waiting.append((between_them, found))
            if len(points) + len(waiting) > _MOST_POINTS:
                raise InputError(
                    f"the open-circuit curve is too steep near an occupancy of {left:.4g}",
                    key="open_circuit",
                    allowed="a continuous function, or a table",
                )
        occupancy, voltage = zip(*points, strict=True)
        return cls(occupancy=occupancy, voltage=voltage)

    def voltage_at(self, occupancy: float) -> float:
        """V against Li/Li+ at an occupancy.

        Raises:
            ValueError: it lies outside the curve.
        """
        return interpolate(self.occupancy, self.voltage, occupancy)

    def slope_at(self, occupancy: float) -> float | None:
        """dU/dx at an occupancy, V; at a point the mean of both sides; None beyond the curve."""
        if not self.occupancy[0] <= occupancy <= self.occupancy[-1]:
            return None
        last = len(self.occupancy) - 1
        ends = (bisect(self.occupancy, occupancy) for bisect in (bisect_left, bisect_right))
        beside = [(right - 1, right) for right in (min(max(end, 1), last) for end in ends)]
        return fmean(
            (self.voltage[right] - self.voltage[left]) / (self.occupancy[right] - self.occupancy[left])
            for left, right in beside
        )

    def occupancy_at(self, voltage: float) -> float:
        """The occupancy at which the curve has this voltage.

        Raises:
            ValueError: the curve is not monotone, or the voltage lies outside it.
        """
        if all(low < high for low, high in pairwise(self.voltage)):
            return interpolate(self.voltage, self.occupancy, voltage)
        if all(low > high for low, high in pairwise(self.voltage)):
            return interpolate(self.voltage[::-1], self.occupancy[::-1], voltage)
        raise ValueError("the curve is not monotone: a voltage does not tell the occupancy")


def _volt(function: OpenCircuitFunction, occupancy: float) -> float:
    """A voltage that a function gives.

    Raises:
        InputError: it is no finite number.
    """
    try:
        voltage = float(function(occupancy))
    except Exception as error:  # it is a user's: it may raise anything
        problem = f"the open-circuit curve fails at an occupancy of {occupancy:.4g}: {error}"
        raise InputError(problem, key="open_circuit", allowed="a function of a number") from error
    if not math.isfinite(voltage):
        raise InputError(
            f"the open-circuit curve is not finite at an occupancy of {occupancy:.4g}",
            key="open_circuit",
            allowed="finite numbers there, or a narrower range of occupancies",
        )
    return voltage
