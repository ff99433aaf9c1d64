"""Laws of the current that passes an interface between two phases.

Every law but perfect contact lets mu~ of a component jump, and gives the current density as a function of
the jump [mu~] = mu~ of the first phase - mu~ of the second (eV), and of what both sides are like where it
follows their occupancies. Particles flow with the jump: their flux is what the law gives over |z|, its charge
z times that. A dipole makes phi jump by a constant, phi of the first phase - phi of the second.

A further law is a class with the members of `InterfaceLaw`, in a file of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, NamedTuple, Protocol

import numpy as np

from scl_fem.constants import thermal_energy
from scl_fem.errors import InputError, unknown_name
from scl_fem.physics.components import Component
from scl_fem.physics.phase import Phase, PhaseState
from scl_fem.physics.types import Array


class SideState:
    """What one side of an interface is like, at n points of it.

    Attributes:
        phase: of the side.
    """

    def __init__(self, phase: Phase, energies: Callable[[], Array], shift: Array | None = None) -> None:
        """Nothing is evaluated before it is asked for.

        Args:
            phase: of the side.
            energies: gives w.
            shift: (n_carriers, n) or (n_carriers, 1) of the carriers' energies there, eV; None for none.
        """
        self.phase, self._energies, self._shift = phase, energies, shift

    @classmethod
    def of_bulk(cls, phase: Phase) -> SideState:
        """One point like the neutral bulk of a phase.

        Args:
            phase: the one.
        """
        return cls(phase, lambda: np.zeros((len(phase.components), 1)))

    @cached_property
    def w(self) -> Array:
        """(n_components, n) chemical potentials counted from the bulk, eV."""
        return self._energies()

    @cached_property
    def state(self) -> PhaseState:
        """What the phase is like there."""
        return self.phase.evaluate(self.w, self._shift)


@dataclass(frozen=True)
class Between:
    """What a law is made for: one component between two phases.

    Attributes:
        component: what crosses.
        first: the first phase.
        second: the second.
        temperature: K.
    """

    component: Component
    first: Phase
    second: Phase
    temperature: float

    @property
    def thermal_energy(self) -> float:
        """kT in eV."""
        return thermal_energy(self.temperature)

    @property
    def pair(self) -> tuple[str, str]:
        """Names of the phases."""
        return self.first.name, self.second.name

    def carriers(self, names: Mapping[str, str] | None = None) -> tuple[int, int]:
        """Number of a carrier in each of the phases.

        Args:
            names: of the carriers by phase; the component's first where none is named.

        Raises:
            InputError: a phase lets no carrier of that name move.
        """
        first, second = (self._carrier(phase, (names or {}).get(phase.name)) for phase in self._phases)
        return first, second

    @property
    def _phases(self) -> tuple[Phase, Phase]:
        return self.first, self.second

    def _carrier(self, phase: Phase, name: str | None) -> int:
        for number, carrier in enumerate(phase.carriers):
            if carrier.name == name or (name is None and carrier.component == self.component):
                return number
        known = [carrier.name for carrier in phase.carriers]
        raise unknown_name("mobile carrier", name or self.component.name, known)


class CurrentDensity(NamedTuple):
    """A current density and its derivatives.

    Attributes:
        value: (n,) e/(nm^2 s), positive where particles go from the first phase to the second.
        by_jump: (n,) by the jump, e/(nm^2 s eV); not negative.
        by_first: (n_components, n) by w of the first side, None where it does not follow that.
        by_second: by w of the second side.
    """

    value: Array
    by_jump: Array
    by_first: Array | None = None
    by_second: Array | None = None


class InterfaceLaw(Protocol):
    """What happens at an interface to one component."""

    @property
    def name(self) -> str:
        """What a case calls it."""

    @property
    def follows_occupancies(self) -> bool:
        """Whether the current depends on what the sides are like, beside the jump."""

    @property
    def dipole(self) -> float:
        """Jump of phi in V."""

    @property
    def conductance(self) -> float | None:
        """d(current)/d(jump) without a jump, between the neutral bulks, e/(nm^2 s eV).

        None where mu~ does not jump. |z| times it is the electrical conductance, in e/(V s nm^2).
        """

    def current(self, jump: Array, first: SideState, second: SideState) -> CurrentDensity:
        """Current density at jumps of mu~ in eV.

        Args:
            jump: (n,) eV.
            first: the first side.
            second: the second.
        """


def small_signal_conductance(law: InterfaceLaw, first: SideState, second: SideState, points: int) -> Array:
    """(n,) d(current)/d(jump) without a jump where the sides are as they are, e/(nm^2 s eV).

    For a law that follows occupancies that is not `conductance`, which is between the neutral bulks. |z|
    times it is the electrical conductance of the interface, in e/(V s nm^2).

    Args:
        law: one that lets mu~ jump.
        first: the first side, in equilibrium with the second.
        second: the second.
        points: n.
    """
    return law.current(np.zeros(points), first, second).by_jump


@dataclass(frozen=True)
class PerfectContact:
    """phi and mu~ are continuous."""

    dipole: float = 0.0
    name: ClassVar[str] = "perfect"
    follows_occupancies: ClassVar[bool] = False

    @property
    def conductance(self) -> float | None:
        """None: there is no jump."""
        return None

    def current(self, jump: Array, first: SideState, second: SideState) -> CurrentDensity:
        """Not a function of a jump that is not there."""
        raise ValueError("mu~ does not jump at a perfect contact")


_ROUND_OFF = 1e-12
"""Share of the largest slope that one of a law that levels off may be below 0."""

_NO_JUMP = 1e-9
"""eV below which the sign of a difference of exponentials is round-off."""


def fault(law: InterfaceLaw, jump: Array, density: CurrentDensity) -> InputError | None:
    """What is to be said of a law that gives what no solver can use; None where there is nothing.

    It may be so on one rank only: `parallel.agree` makes all of them raise it. Jumps that are no numbers are
    no fault of the law, nor is what round-off leaves.

    Args:
        law: that was asked.
        jump: (n,) for what, eV.
        density: what it gave.
    """
    parts = [np.atleast_2d(part) for part in density if part is not None]
    finite = np.all([np.all(np.isfinite(part), axis=0) for part in parts], axis=0)
    asked = np.isfinite(jump)
    for problem, wrong in (
        ("is not finite", ~finite),
        ("falls with the jump", density.by_jump < -_ROUND_OFF * np.max(density.by_jump, initial=0.0)),
        ("lets particles flow against the jump", (density.value * jump < 0.0) & (np.abs(jump) > _NO_JUMP)),
    ):
        if np.any(wrong & asked):
            place = float(jump[np.argmax(wrong & asked)])
            return InputError(
                f"the interface law '{law.name}' {problem} at a jump of {place:.4g} eV",
                allowed="a current that is finite, has the sign of the jump and rises with it",
            )
    return None


def checked(law: InterfaceLaw, jump: Array, density: CurrentDensity) -> CurrentDensity:
    """What a law gave, once it is sure that it can be used. Not collective: see `fault`.

    Args:
        law: that was asked.
        jump: (n,) for what, eV.
        density: what it gave.

    Raises:
        InputError: it is not finite, not monotone or has the wrong sign.
    """
    found = fault(law, jump, density)
    if found is not None:
        raise found
    return density


def barrier_factor(barrier: float, thermal_energy: float) -> float:
    """exp(-E_b/kT): what a barrier leaves of an exchange current or a conductivity.

    Args:
        barrier: E_b in eV.
        thermal_energy: kT in eV.
    """
    return float(np.exp(-barrier / thermal_energy))
