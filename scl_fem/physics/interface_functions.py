"""Interface laws that are plain functions of Python: what they are asked, their derivatives, their checks."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, ClassVar, Final

import numpy as np

from scl_fem.constants import MILLIAMPERE_PER_CM2, ROOM_TEMPERATURE, thermal_energy
from scl_fem.errors import InputError
from scl_fem.physics.filling import Filling, filling
from scl_fem.physics.function_checks import (
    called_name,
    check_derivative,
    checked_values,
    complex_step,
    unfit,
)
from scl_fem.physics.interface import Between, CurrentDensity, SideState
from scl_fem.physics.phase import Phase
from scl_fem.physics.types import Array

KNOWN: Final = ("jump", "kT", "temperature", "first", "second")
"""Arguments that the program gives; the others are parameters, keys of the table [interface]."""

_FURTHEST = 600.0
"""kT of jumps beyond which a law goes on straight: only stray iterates get there."""

_CHECKED_JUMPS = np.geomspace(1e-4, 10.0, 25)
_CHECKED_OCCUPANCIES = (0.02, 0.5, 0.98)
_CHECKED_SHARES = np.linspace(0.03, 0.97, 13)
_STEP = 1e-20


@dataclass(frozen=True)
class OccupiedSide:
    """One side of an interface, as a function sees it.

    Attributes:
        occupancy: (n,) of the component's first carrier, or of that named in `carriers`.
        vacancy: (n,) what is vacant for it: 1 - occupancy, exact for nearly full sites of a lattice.
        bulk_occupancy: of the neutral bulk of the phase.
        bulk_vacancy: likewise.
    """

    occupancy: Any
    vacancy: Any
    bulk_occupancy: float
    bulk_vacancy: float


@dataclass(frozen=True)
class InterfaceFunction:
    """A function as a user wrote it.

    Attributes:
        name: of the law.
        written_as: the function: mA/cm^2 of what its arguments are called.
        derivative: by the jump, as a function of the same; None: by complex steps.
    """

    name: str
    written_as: Callable[..., Any]
    derivative: Callable[..., Any] | None = None

    def __post_init__(self) -> None:
        """See what it is a function of.

        Raises:
            InputError: not of the jump, or of arguments without names.
        """
        signature = inspect.signature(self.written_as).parameters
        named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        unnamed = [str(each) for each in signature.values() if each.kind not in named]
        if unnamed or "jump" not in signature:
            problem = f"the law {called_name(self.written_as)} "
            problem += f"has an argument '{unnamed[0]}'" if unnamed else "has no argument 'jump'"
            raise InputError(problem, allowed=f"{', '.join(KNOWN)}, and parameters by their names")

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """Names of its parameters, each with its default, `inspect.Parameter.empty` where it has none."""
        signature = inspect.signature(self.written_as).parameters
        return {name: each.default for name, each in signature.items() if name not in KNOWN}

    @cached_property
    def sides(self) -> tuple[bool, bool]:
        """Whether it depends on the first side, and on the second."""
        names = inspect.signature(self.written_as).parameters
        return "first" in names, "second" in names

    def check(self, values: Mapping[str, float], temperature: float = ROOM_TEMPERATURE) -> None:
        """See that it can be used, for jumps up to 10 kT between sides of many kinds.

        Args:
            values: of its parameters.
            temperature: K.

        Raises:
            InputError: it is not finite, has not the sign of the jump, falls, lets nothing pass at small
                jumps, or cannot be differentiated.
        """
        positive = _CHECKED_JUMPS * thermal_energy(temperature)
        jumps = np.concatenate([-positive[::-1], [0.0], positive])
        scale = np.maximum(np.abs(jumps), positive[0])
        followed = [_CHECKED_OCCUPANCIES if each else (0.5,) for each in self.sides]
        for filled in product(*followed):
            call = self._between(values, temperature, *filled)
            self._check_sign(jumps, checked_values(self.name, "jump", jumps, call.current))
            check_derivative(self.name, jumps, scale, call.current, call.slope)
            slopes = checked_values(self.name, "jump", jumps, call.slope)
            if np.any(slopes < -1e-12 * np.max(slopes)):
                raise unfit(self.name, f"falls at jump = {jumps[np.argmin(slopes)]:.3g} eV", _RISES)
            if slopes[positive.size] <= 0.0:
                raise unfit(self.name, "lets nothing pass at small jumps", "a slope above 0 at jump = 0")
        jump = np.full(_CHECKED_SHARES.size, thermal_energy(temperature))
        for number, looks in enumerate(self.sides):
            if looks:

                def at(share: Array, number: int = number) -> Array:
                    shares: list[Any] = [0.3, 0.3]
                    shares[number] = share
                    return self._between(values, temperature, *shares).current(jump)

                def slope(share: Array, at: Callable[[Array], Array] = at) -> Array:
                    return complex_step(at, share)

                scale = np.minimum(_CHECKED_SHARES, 1.0 - _CHECKED_SHARES)
                check_derivative(self.name, _CHECKED_SHARES, scale, at, slope)

    def _between(self, values: Mapping[str, float], temperature: float, first: Any, second: Any) -> _Call:
        """The function between sides of two occupancies."""
        sides = (OccupiedSide(x, 1.0 - x, 0.5, 0.5) for x in (first, second))
        return _Call(self, values, temperature, *sides)

    def _check_sign(self, jumps: Array, currents: Array) -> None:
        # what is left of a difference of exponentials at 0
        least = 1e-12 * np.max(np.abs(currents))
        wrong = np.where(jumps == 0.0, np.abs(currents) > least, currents * jumps <= 0.0)
        if np.any(wrong):
            place = jumps[np.argmax(wrong)]
            raise unfit(self.name, f"has not the sign of the jump at jump = {place:.3g} eV", _RISES)


_RISES = "a current that is 0 without a jump, has the sign of the jump and rises with it"


@dataclass(frozen=True)
class _Call:
    """A function with all but the jump given.

    Attributes:
        function: the one.
        values: of its parameters.
        temperature: K.
        first: one side.
        second: the other.
    """

    function: InterfaceFunction
    values: Mapping[str, float]
    temperature: float
    first: OccupiedSide | None
    second: OccupiedSide | None

    def current(self, jump: Any) -> Array:
        """What it gives, mA/cm^2."""
        return self._of(self.function.written_as, jump)

    def slope(self, jump: Array) -> Array:
        """Its derivative by the jump."""
        if self.function.derivative is not None:
            return self._of(self.function.derivative, jump)
        return complex_step(self.current, jump)

    def _of(self, function: Callable[..., Any], jump: Any) -> Array:
        known = {
            "jump": jump,
            "kT": thermal_energy(self.temperature),
            "temperature": self.temperature,
            "first": self.first,
            "second": self.second,
            **self.values,
        }
        names = inspect.signature(function).parameters
        value = np.asarray(function(**{name: known[name] for name in names}))
        return np.broadcast_to(value, np.shape(jump))


@dataclass(frozen=True)
class LawOfFunction:
    """See `InterfaceLaw`.

    Attributes:
        function: as the user wrote it.
        values: of its parameters.
        between: what crosses where.
        carriers: numbers of the carriers whose occupancies count.
    """

    function: InterfaceFunction
    values: Mapping[str, float]
    between: Between
    carriers: tuple[int, int]
    dipole: ClassVar[float] = 0.0

    @property
    def name(self) -> str:
        """What a case calls it."""
        return self.function.name

    @property
    def follows_occupancies(self) -> bool:
        """Whether the function looks at a side."""
        return any(self.function.sides)

    @cached_property
    def conductance(self) -> float:
        """Between the neutral bulks, e/(nm^2 s eV)."""
        bulks = SideState.of_bulk(self.between.first), SideState.of_bulk(self.between.second)
        return float(self.current(np.zeros(1), *bulks).by_jump[0])

    def current(self, jump: Array, first: SideState, second: SideState) -> CurrentDensity:
        """See `InterfaceLaw`."""
        jump = np.asarray(jump, dtype=np.float64)
        furthest = _FURTHEST * self.between.thermal_energy
        bent = np.clip(jump, -furthest, furthest)
        fillings = [
            filling(side.phase, carrier, side.state.etas) if looks else None
            for side, carrier, looks in zip((first, second), self.carriers, self.function.sides, strict=True)
        ]
        # what is wrong with the values is found and told by `fault`
        with np.errstate(all="ignore"):
            call = self._call(fillings)
            value, slope = call.current(bent), call.slope(bent)
            by_sides = [self._by_side(number, fillings, bent) for number in (0, 1)]
        scale = 1.0 / MILLIAMPERE_PER_CM2
        first_slopes, second_slopes = (None if each is None else scale * each for each in by_sides)
        value = value + slope * (jump - bent)
        return CurrentDensity(scale * value, scale * slope, first_slopes, second_slopes)

    def _by_side(self, number: int, fillings: list[Filling | None], jump: Array) -> Array | None:
        """(n_components, n) derivatives by w of one side: complex steps along the slopes of its filling."""
        here = fillings[number]
        if here is None:
            return None
        rows = []
        for of_occupancy, of_vacancy in zip(here.occupancy_by_w, here.vacancy_by_w, strict=True):
            moved: list[Filling | None] = list(fillings)
            moved[number] = here._replace(
                occupancy=here.occupancy + 1j * _STEP * of_occupancy,
                vacancy=here.vacancy + 1j * _STEP * of_vacancy,
            )
            rows.append(np.imag(self._call(moved).current(jump)) / _STEP)
        return np.stack(rows)

    def _call(self, fillings: list[Filling | None]) -> _Call:
        first, second = (
            None if here is None else OccupiedSide(here.occupancy, here.vacancy, *bulk)
            for here, bulk in zip(fillings, self._bulks, strict=True)
        )
        return _Call(self.function, self.values, self.between.temperature, first, second)

    @cached_property
    def _bulks(self) -> tuple[tuple[float, float], ...]:
        """Occupancy and vacancy of the neutral bulk of each side."""
        phases: tuple[Phase, Phase] = (self.between.first, self.between.second)
        found = []
        for phase, carrier in zip(phases, self.carriers, strict=True):
            bulk = filling(phase, carrier, np.zeros((len(phase.carriers), 1)))
            found.append((float(bulk.occupancy[0]), float(bulk.vacancy[0])))
        return tuple(found)
