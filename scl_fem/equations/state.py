"""What the equations of a cell are solved for, and what an implicit step is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scl_fem.physics.types import Array

type Amounts = Mapping[str, Array]
"""Numbers of each component in each region: (n_components, n) by name of the region."""


@dataclass
class State:
    """Nodal values on this rank, ghosts included.

    Attributes:
        phi: (n,) potential in V.
        mu: (n_components, n) electrochemical potentials mu~ of the components of each phase, eV, counted from
            what they are at equilibrium with the neutral bulks; the same number on both sides of an
            interface where they do not jump. Outside the phase they mean nothing.
    """

    phi: Array
    mu: dict[str, Array]

    def copy(self) -> State:
        """An independent copy."""
        return State(self.phi.copy(), {name: values.copy() for name, values in self.mu.items()})


@dataclass(frozen=True)
class ImplicitStep:
    """n - history + length (div N - sources) = 0 for each component.

    With the new amount's coefficient 1 and mobilities that do not depend on the unknowns, the system
    is symmetric: the gradient of a convex functional of phi and the mu~.

    Attributes:
        length: s; that of the step for implicit Euler, 2/3 of it for BDF2 with equal steps.
        history: what the older amounts contribute, (n_components, owned).
        sources: what enters at the contacts, 1/s, (n_components, owned).
        mobilities: (n_components, n_cells) M of the cells of each region, 1/(nm eV s), where they are given;
            None for those at the new time.
    """

    length: float
    history: Amounts
    sources: Amounts
    mobilities: Amounts | None = None
