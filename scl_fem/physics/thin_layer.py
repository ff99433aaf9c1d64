"""An ohmic interphase or grain boundary, thin against everything else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from scl_fem.physics.interface import CurrentDensity, SideState
from scl_fem.physics.types import Array


@dataclass(frozen=True)
class ThinLayer:
    """Ohm's law, i = G [mu~]/(|z| e), and a step of phi.

    Attributes:
        electrical_conductance: G = sigma/thickness in e/(V s nm^2), barrier included.
        dipole: jump of phi in V.
        charge_number: z of what passes.
    """

    electrical_conductance: float
    dipole: float = 0.0
    charge_number: int = 1
    name: ClassVar[str] = "layer"
    follows_occupancies: ClassVar[bool] = False

    @property
    def conductance(self) -> float:
        """G/|z|."""
        return self.electrical_conductance / abs(self.charge_number)

    def current(self, jump: Array, first: SideState, second: SideState) -> CurrentDensity:
        """See `InterfaceLaw`."""
        return CurrentDensity(self.conductance * jump, np.full_like(jump, self.conductance))
