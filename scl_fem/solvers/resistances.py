"""Resistances between the contacts: what every solve for a small steady current gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scl_fem.physics.types import Array


@dataclass(frozen=True)
class Resistances:
    """Area-specific resistances, V s nm^2/e, and the potential that drives the current.

    Attributes:
        total: between the contacts, layers and interface laws included.
        bulk: of the phases without layers or interfaces.
        psi: deviation of mu~/(z e) of the main component at the local nodes of each phase, relative to that
            between the contacts: 1 to 0. Phases whose main component does not pass have none.
        uncertainty: share of the total that the linear solver could not settle.
        components: of each component that passes from contact to contact, where the cell has several: they
            conduct side by side. psi is that component's, of each phase that holds it.
        obstacles: why each of the others does not pass, by its name.
    """

    total: float
    bulk: float
    psi: Mapping[str, Array]
    uncertainty: float = 0.0
    components: Mapping[str, Resistances] = field(default_factory=dict)
    obstacles: Mapping[str, str] = field(default_factory=dict)

    @property
    def interface(self) -> float:
        """What layers and interfaces add."""
        return self.total - self.bulk
