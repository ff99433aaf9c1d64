"""What follows pointwise from the potentials in a phase: for pictures and for the profile.

Without a name a column is of the main carrier of its phase (c, occupancy), of the main component of the cell
(mu_e), or of all of them (sigma). Where the cell has more than one carrier, each has columns of its own.
"""

from __future__ import annotations

import numpy as np

from scl_fem.constants import SIEMENS_PER_CM
from scl_fem.physics.components import LITHIUM, Component
from scl_fem.physics.phase import Phase
from scl_fem.physics.types import Array
from scl_fem.postprocess.state import CellState

POTENTIAL = "mu_e_eV"
"""mu~ of the main component."""


def main_component(state: CellState) -> Component:
    """Whose mu~ has the column without a name: Li+ where a phase holds it, else that of the reference phase.

    Args:
        state: of the cell.
    """
    held = {each for phase in state.phases.values() for each in phase.components}
    return LITHIUM if LITHIUM in held else state.phases[state.reference].main.component


def has_several(state: CellState) -> bool:
    """Whether there is more than one carrier in the cell, or one that is known by two names.

    Args:
        state: of the cell.
    """
    carriers = (each for phase in state.phases.values() for each in phase.carriers)
    return len({(each.name, each.component, each.amount) for each in carriers}) > 1


def fields_at(
    state: CellState, tag: str, phi: Array, offsets: Array | None = None, shift: Array | None = None
) -> dict[str, Array]:
    """Everything that follows from the potentials at points of a phase, by name with its unit.

    Args:
        state: of the cell.
        tag: the phase.
        phi: (n,) continuous potential in V, without the dipole of the phase.
        offsets: (n_components, n) mu~ of its components less that of its bulk, eV; None: none, equilibrium.
        shift: energies of its carriers there, as `Phase.evaluate` takes them; None for none.
    """
    phase, main = state.phases[tag], main_component(state)
    potentials = np.repeat(state.potentials[tag][:, None], phi.size, axis=1)
    w = -phase.charge_numbers[:, None] * phase.excess_potential(phi)
    if offsets is not None:
        w, potentials = w + offsets, potentials + offsets
    at_points = phase.evaluate(w, shift)
    occupancies = phase.carrier_occupancies(at_points)
    conductivities = phase.charge_numbers[:, None] ** 2 * phase.mobilities(at_points) * SIEMENS_PER_CM
    by_name = dict(zip((each.name for each in phase.components), potentials, strict=True))
    found = {
        "phi_V": phi + phase.dipole,
        "c_per_nm3": phase.main.site_density * occupancies[phase.main.name],
        "occupancy": occupancies[phase.main.name],
        **({POTENTIAL: by_name.pop(main.name)} if main.name in by_name else {}),
        "charge_density_e_per_nm3": at_points.charge,
        "sigma_S_per_cm": conductivities.sum(axis=0),
    }
    # a component called "e" would take the column of the main one
    found = {f"mu_{name}_eV": values for name, values in by_name.items()} | found
    if has_several(state):
        found |= _of_each(phase, occupancies, conductivities)
    return found


def _of_each(phase: Phase, occupancies: dict[str, Array], conductivities: Array) -> dict[str, Array]:
    """The columns of every carrier and component of a phase."""
    held = dict.fromkeys(phase.components, np.zeros(conductivities.shape[1:]))
    for carrier in phase.carriers:
        amount = carrier.amount * carrier.site_density * occupancies[carrier.name]
        held[carrier.component] = held[carrier.component] + amount
    return {
        **{f"occupancy_{name}": values for name, values in occupancies.items()},
        **{f"c_{component.name}_per_nm3": values for component, values in held.items()},
        **{
            f"sigma_{component.name}_S_per_cm": values
            for component, values in zip(phase.components, conductivities, strict=True)
        },
    }


def nodal_fields(state: CellState) -> dict[str, dict[str, Array]]:
    """Fields of each phase at all local nodes; those outside the phase are NaN.

    Args:
        state: of the cell.
    """
    phi = state.phi.x.array
    found: dict[str, dict[str, Array]] = {}
    for tag in state.phases:
        nodes = state.space.dofs(tag)
        offsets = [each.x.array[nodes] for each in state.offsets.get(tag, ())]
        shift = state.shifts[tag][:, nodes] if tag in state.shifts else None
        fields = fields_at(state, tag, phi[nodes], np.array(offsets) if offsets else None, shift)
        found[tag] = {name: np.full(phi.shape, np.nan) for name in fields}
        for name, values in fields.items():
            found[tag][name][nodes] = values
    return found
