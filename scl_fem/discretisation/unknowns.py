"""What a transport problem is solved for, what follows from it, and what a step is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scl_fem.physics.types import Array


@dataclass
class State:
    """Nodal values on this rank, ghosts included.

    Attributes:
        phi: potential in V.
        mu_e: electrochemical potential by phase, eV, counted from that of the electrolyte's neutral
            bulk; equal on both sides of the interface where it does not jump.
    """

    phi: Array
    mu_e: dict[str, Array]

    def copy(self) -> State:
        """An independent copy."""
        return State(self.phi.copy(), {tag: values.copy() for tag, values in self.mu_e.items()})


@dataclass(frozen=True)
class NodalPhysics:
    """What follows from the unknowns at the nodes of one phase; zero elsewhere, ghosts included.

    Attributes:
        charge: rho in e/nm^3.
        charge_slope: -d(rho)/d(phi) = z d(rho)/d(mu_e) in e/(nm^3 V).
        eta: logit excess at the phase's nodes alone.
    """

    charge: Array
    charge_slope: Array
    eta: Array


@dataclass(frozen=True)
class ImplicitStep:
    """q - history + length (div i - sources) = 0 in each phase.

    With the new charge's coefficient 1 and mobilities that do not depend on the unknowns, the system
    is symmetric: the gradient of a convex functional of phi and mu_e.

    Attributes:
        length: s; that of the step for implicit Euler, 2/3 of it for BDF2 with equal steps.
        history: what the older charges contribute, e, by phase, owned nodes.
        sources: current that enters at the terminals, e/s, by phase, owned nodes.
        mobilities: D c/kT of the cells of each phase, where they are given; None for those at the
            new time.
    """

    length: float
    history: Mapping[str, Array]
    sources: Mapping[str, Array]
    mobilities: Mapping[str, Array] | None = None
