"""Nodal fields of each phase, for pictures and for the profile."""

from __future__ import annotations

import numpy as np

from scl_fem.constants import SIEMENS_PER_CM
from scl_fem.physics.phase import Phase
from scl_fem.physics.types import Array
from scl_fem.solvers.equilibrium import Equilibrium


def fields_of(
    phase: Phase, phi: Array, electrochemical_potential: float, shift: Array | None = None
) -> dict[str, Array]:
    """Everything that follows pointwise from the potential, by name with its unit.

    Args:
        phase: the phase that the points lie in.
        phi: continuous potential in V, without the dipole of the phase.
        electrochemical_potential: mu_e in eV, a constant at equilibrium.
        shift: (n_carriers, n) energies of the carriers that depend on the place, eV.
    """
    # of a carrier on sites of its own an energy is a potential: u = -z (phi - phi_bulk) - shift
    occupying = phi if shift is None else phi + shift[0] / phase.main.charge_number
    return state_fields(phase, phi, occupying, np.full_like(phi, electrochemical_potential))


def state_fields(
    phase: Phase, phi: Array, occupying: Array, electrochemical_potential: Array
) -> dict[str, Array]:
    """The same away from equilibrium.

    Args:
        phase: the phase that the points lie in.
        phi: continuous potential in V, without the dipole of the phase.
        occupying: phi - mu_e/(z e), mu_e counted from the electrolyte's bulk: the potential that at
            equilibrium would give the occupancies, V.
        electrochemical_potential: mu_e in eV.
    """
    lithium = phase.main
    eta = lithium.logit_excess(phase.excess_potential(occupying))
    return {
        "phi_V": phi + phase.dipole,
        "c_per_nm3": lithium.concentration(eta),
        "occupancy": lithium.thermodynamics.occupancy(eta),
        "mu_e_eV": electrochemical_potential,
        "charge_density_e_per_nm3": lithium.charge_density(eta),
        "sigma_S_per_cm": lithium.conductivity(eta) * SIEMENS_PER_CM,
    }


def nodal_fields(equilibrium: Equilibrium, electrochemical_potential: float) -> dict[str, dict[str, Array]]:
    """Fields of each phase at all local nodes; those outside the phase are NaN."""
    phi = equilibrium.phi.x.array
    fields: dict[str, dict[str, Array]] = {}
    for tag, phase in equilibrium.phases.items():
        nodes = equilibrium.space.dofs(tag)
        fields[tag] = {}
        shift = equilibrium.shift(tag)
        at_nodes = None if shift is None else shift[:, nodes]
        for name, values in fields_of(phase, phi[nodes], electrochemical_potential, at_nodes).items():
            fields[tag][name] = np.full(phi.shape, np.nan)
            fields[tag][name][nodes] = values
    return fields
