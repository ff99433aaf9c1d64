"""Laws that are plain functions of Python: entered under a name, checked, differentiated by complex steps.

    @diffusivity("vacancy-squared")
    def vacancy_squared(vacancy):
        return vacancy**2

A case then names the law, as it names any other.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from scl_fem.errors import InputError, nearest
from scl_fem.physics.defects import DEFECT_LAWS, DefectLaw
from scl_fem.physics.diffusivity import DIFFUSIVITY_LAWS, DiffusivityLaw
from scl_fem.physics.function_checks import called_name, check_derivative, checked_values, complex_step, unfit
from scl_fem.physics.types import Array
from scl_fem.registry import Registry

DiffusivityFunction = Callable[..., Any]
"""D/D* as a function of what its arguments are called: `vacancy`, `occupancy`, `bulk_vacancy`, ..."""

DefectFunction = Callable[..., Any]
"""g as a function of `excess` (d = x - x_0) and, if it has that argument, `floor` (s)."""

_ODD = 1e-9
"""How far g(-d) may be from -g(d), relative to it."""

_PANELS, _RATIO, _POINTS = 26, 4.0, 8
"""Of the quadrature of g: panels towards d = 0, each so much smaller than the one before, points in each."""


def diffusivity[F: DiffusivityFunction](
    name: str, *, derivative: DiffusivityFunction | None = None
) -> Callable[[F], F]:
    """Decorator that enters a function as a diffusivity law: `diffusivity_law = "name"`.

    The function gives D/D* (D_min bounds D from below) and takes arrays; the names of its arguments say of
    what: `vacancy` (1 - x, exact for nearly full lattices), `occupancy` (x), `bulk_vacancy`,
    `bulk_occupancy` (x_0).

    Args:
        name: of the law.
        derivative: d(D/D*)/d(1 - x) as a function of the same, for functions that take no complex numbers;
            otherwise it is had by complex steps.

    Raises:
        InputError: the name is that of a law of the program; or the function takes something else, is not
            finite and positive between x = 0 and 1, or cannot be differentiated.
    """

    def enter(function: F) -> F:
        law = _DiffusivityLaws(name, _of_sites(function), function, derivative and _of_sites(derivative))
        law.check()
        _enter(DIFFUSIVITY_LAWS, name, law, _DiffusivityLaws)
        return function

    return enter


def defect_law[F: DefectFunction](name: str, *, derivative: DefectFunction | None = None) -> Callable[[F], F]:
    """Decorator that enters a function as a law of interacting defects: `defect_law = "name"`.

    The function gives g of the term J g(d) of the chemical potential, J = E_M/eps_r. It takes arrays of
    `excess`, d = x - x_0, and, if it has that argument, `floor`, the defect_floor of the material; it is odd.

    Args:
        name: of the law.
        derivative: dg/dd as a function of the same, for functions that take no complex numbers; otherwise it
            is had by complex steps.

    Raises:
        InputError: the name is that of a law of the program; or the function takes something else, is not
            finite and odd, or cannot be differentiated.
    """

    def enter(function: F) -> F:
        law = _DefectLaws(name, _of_excess(function), function, derivative and _of_excess(derivative))
        law.check()
        _enter(DEFECT_LAWS, name, law, _DefectLaws)
        return function

    return enter


def law_name(laws: Registry[Any], function: Callable[..., Any]) -> str:
    """The name under which a function was entered as a law.

    Args:
        laws: where.
        function: what.

    Raises:
        InputError: it was not.
    """
    for name in laws:
        if getattr(laws[name], "written_as", None) is function:
            return name
    raise InputError(
        f"the function {called_name(function)} is no {laws.kind}",
        allowed='a name, or a function that was entered with @diffusivity("name") or @defect_law("name")',
    )


def _enter(laws: Registry[Any], name: str, law: Any, kind: type) -> None:
    """Enter a law; one of a user's own may be written anew, as a cell of a notebook is run again."""
    if name in laws and not isinstance(laws[name], kind):
        raise InputError(f"there is a {laws.kind} '{name}' already", allowed="another name")
    laws.register(name)(law)


@dataclass(frozen=True)
class _DiffusivityLaws:
    """Makes the law of D*, D_min and the bulk's vacancy.

    Attributes:
        name: of the law.
        ratio: D/D* of vacancy and bulk's vacancy.
        written_as: the function as the user wrote it.
        slope: derivative by the vacancy; None: by complex steps.
    """

    name: str
    ratio: Callable[[Array, float], Array]
    written_as: Callable[..., Any]
    slope: Callable[[Array, float], Array] | None

    def __call__(self, prefactor: float, minimum: float, bulk_vacancy: float) -> DiffusivityLaw:
        """The law of one phase."""
        return _DiffusivityOfFunction(self, prefactor, minimum, bulk_vacancy)

    def derivative(self, vacancy: Array, bulk_vacancy: float) -> Array:
        """d(D/D*)/d(1 - x)."""
        if self.slope is not None:
            return self.slope(vacancy, bulk_vacancy)
        return complex_step(lambda v: self.ratio(v, bulk_vacancy), vacancy)

    def check(self) -> None:
        """See that it can be used between x = 0 and 1.

        Raises:
            InputError: it cannot.
        """
        near = np.geomspace(1e-6, 0.45, 30)
        vacancy = np.concatenate([near, 1.0 - near[::-1]])
        for bulk in (0.05, 0.5, 0.9):

            def ratio(at: Array, bulk: float = bulk) -> Array:
                return self.ratio(at, bulk)

            def slope(at: Array, bulk: float = bulk) -> Array:
                return self.derivative(at, bulk)

            values = checked_values(self.name, "1 - x", vacancy, ratio)
            if not np.all(values > 0.0):
                worst = float(vacancy[np.argmin(values)])
                raise unfit(self.name, f"is not positive at 1 - x = {worst:.3g}", "D/D* above 0")
            check_derivative(self.name, vacancy, np.minimum(vacancy, 1.0 - vacancy), ratio, slope)


@dataclass(frozen=True)
class _DiffusivityOfFunction:
    """See `DiffusivityLaw`."""

    law: _DiffusivityLaws
    prefactor: float
    minimum: float
    bulk_vacancy: float

    def __call__(self, vacancy: Array) -> Array:
        """D in nm^2/s."""
        return np.maximum(self._unbounded(vacancy), self.minimum)

    def slope(self, vacancy: Array) -> Array:
        """dD/d(1 - x) in nm^2/s; none where D is D_min."""
        slope = self.prefactor * self.law.derivative(vacancy, self.bulk_vacancy)
        return np.where(self._unbounded(vacancy) > self.minimum, slope, 0.0)

    def _unbounded(self, vacancy: Array) -> Array:
        return self.prefactor * self.law.ratio(vacancy, self.bulk_vacancy)


@dataclass(frozen=True)
class _DefectLaws:
    """Makes the law of its strength and its floor.

    Attributes:
        name: of the law.
        shape: g of excess and floor.
        written_as: the function as the user wrote it.
        slope: dg/dd; None: by complex steps.
    """

    name: str
    shape: Callable[[Array, float], Array]
    written_as: Callable[..., Any]
    slope: Callable[[Array, float], Array] | None

    def __call__(self, strength: float, floor: float) -> DefectLaw:
        """The law of one phase."""
        return _DefectsOfFunction(self, strength, floor)

    def derivative(self, excess: Array, floor: float) -> Array:
        """dg/dd."""
        if self.slope is not None:
            return self.slope(excess, floor)
        return complex_step(lambda d: self.shape(d, floor), excess)

    def check(self) -> None:
        """See that it can be used between d = -1 and 1.

        Raises:
            InputError: it cannot.
        """
        positive = np.geomspace(1e-8, 0.98, 60)
        excess = np.concatenate([-positive[::-1], [0.0], positive])
        for floor in (1e-6, 1e-3):

            def shape(at: Array, floor: float = floor) -> Array:
                return self.shape(at, floor)

            def slope(at: Array, floor: float = floor) -> Array:
                return self.derivative(at, floor)

            values = checked_values(self.name, "d", excess, shape)
            uneven = np.abs(values + values[::-1]) > _ODD * np.abs(values)
            if values[positive.size] != 0.0 or np.any(uneven):
                problem = f"is not odd at d = {float(excess[np.argmax(uneven)]):.3g}"
                raise unfit(self.name, problem, "g(-d) = -g(d), g(0) = 0: a neutral bulk stays as it is")
            check_derivative(self.name, excess, np.maximum(np.abs(excess), 1e-3 * floor), shape, slope)


@dataclass(frozen=True)
class _DefectsOfFunction:
    """See `DefectLaw`."""

    law: _DefectLaws
    strength: float
    floor: float

    def energy(self, excess: Array) -> Array:
        """J g(d) in eV."""
        return self.strength * self.law.shape(excess, self.floor)

    def slope(self, excess: Array) -> Array:
        """d(J g)/dd in eV."""
        return self.strength * self.law.derivative(excess, self.floor)

    def integral(self, excess: Array) -> Array:
        """Integral of J g from 0 to d, in eV: Gauss's rule on panels graded towards 0."""
        nodes, weights = np.polynomial.legendre.leggauss(_POINTS)
        excess = np.asarray(excess)
        total = np.zeros_like(excess)
        ends = [*(_RATIO**-panel for panel in range(_PANELS)), 0.0]
        for high, low in pairwise(ends):
            for node, weight in zip(nodes, weights, strict=True):
                place = low + 0.5 * (high - low) * (1.0 + node)
                total += 0.5 * (high - low) * weight * self.law.shape(place * excess, self.floor)
        return self.strength * excess * total


def _of_sites(function: Callable[..., Any]) -> Callable[[Array, float], Array]:
    """A function of what its arguments are called as one of vacancy and bulk's vacancy."""
    known: dict[str, Callable[[Array, float], Any]] = {
        "vacancy": lambda vacancy, bulk: vacancy,
        "occupancy": lambda vacancy, bulk: 1.0 - vacancy,
        "x": lambda vacancy, bulk: 1.0 - vacancy,
        "bulk_vacancy": lambda vacancy, bulk: bulk,
        "bulk_occupancy": lambda vacancy, bulk: 1.0 - bulk,
        "x_0": lambda vacancy, bulk: 1.0 - bulk,
    }
    return _by_names(function, known)


def _of_excess(function: Callable[..., Any]) -> Callable[[Array, float], Array]:
    """A function of what its arguments are called as one of excess and floor."""
    known: dict[str, Callable[[Array, float], Any]] = {
        "excess": lambda excess, floor: excess,
        "d": lambda excess, floor: excess,
        "floor": lambda excess, floor: floor,
        "s": lambda excess, floor: floor,
    }
    return _by_names(function, known)


def _by_names(
    function: Callable[..., Any], known: Mapping[str, Callable[[Array, float], Any]]
) -> Callable[[Array, float], Array]:
    """Give a function what the names of its arguments ask for.

    Raises:
        InputError: a name says nothing.
    """
    names: Sequence[str] = list(inspect.signature(function).parameters)
    for name in names:
        if name not in known:
            problem = f"the law {called_name(function)} has an argument '{name}'{nearest(name, known)}"
            raise InputError(problem, allowed=", ".join(known))

    def called(variable: Array, parameter: float) -> Array:
        value = np.asarray(function(*(known[name](variable, parameter) for name in names)))
        return np.broadcast_to(value, np.shape(variable))

    return called
