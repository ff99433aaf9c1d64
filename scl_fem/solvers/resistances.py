"""Resistances between the terminals: what every solve for a small steady current gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scl_fem.physics.types import Array


@dataclass(frozen=True)
class Resistances:
    """Area-specific resistances, V s nm^2/e, and the potential that drives the current.

    Attributes:
        total: between the terminals, layer and interface law included.
        bulk: of both phases without layer or interface.
        psi: deviation of mu_e at the local nodes of each phase, relative to that between the
            terminals: 1 to 0.
        uncertainty: share of the total that the linear solver could not settle.
    """

    total: float
    bulk: float
    psi: Mapping[str, Array]
    uncertainty: float = 0.0

    @property
    def interface(self) -> float:
        """What layer and interface add."""
        return self.total - self.bulk
