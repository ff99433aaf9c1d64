"""The numbers of a cell of any phases, under the names that scripts rely on: phases, interfaces, contacts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np

from scl_fem.constants import MICROFARAD_PER_CM2, OHM_CM2
from scl_fem.discretisation.space import Phases
from scl_fem.mesh.domain import INTERFACE, Pair, role_label
from scl_fem.physics.components import Component
from scl_fem.physics.neutral import neutral_carrier
from scl_fem.physics.phase import Phase
from scl_fem.physics.types import Array
from scl_fem.postprocess.derived import Derived
from scl_fem.postprocess.layer import LayerSide, interface_statistics
from scl_fem.postprocess.sides import sides_of
from scl_fem.postprocess.state import CellState
from scl_fem.postprocess.summary import (
    equilibrium_summary,
    is_simple,
    potential_of,
    side_summary,
    slopes_of,
    solve_summary,
    summed,
)
from scl_fem.postprocess.validity import remark_layers
from scl_fem.progress import Reporter
from scl_fem.solvers.equilibrium import Equilibrium


def cell_summary(
    equilibrium: Equilibrium, layer_level: float, reporter: Reporter, *, pair: bool = False
) -> dict[str, Any]:
    """Everything that an equilibrium amounts to. Collective; the same on every rank.

    Args:
        equilibrium: the solved cell.
        layer_level: what counts as the layer.
        reporter: takes remarks on numbers that are missing or not to be trusted.
        pair: whether it is an electrode with one contact and an electrolyte with the other.
    """
    state = CellState.of(equilibrium)
    sides = sides_of(state, equilibrium.nodal_charges)
    derived = Derived(equilibrium.space.comm, reporter)
    contacts = _contacts(equilibrium, derived)
    if pair and is_simple(equilibrium):
        both = sides[INTERFACE]
        numbers = equilibrium_summary(equilibrium, layer_level, reporter, both)
        return {**numbers, **parts_of_pair(state, both, numbers, contacts, derived)}
    parts = parts_of_cell(state, sides, contacts, layer_level, reporter)
    interface = parts["interfaces"].get(role_label(INTERFACE))
    return {
        **solve_summary(equilibrium),
        **(_of_two(interface, state.phases) if interface and len(state.phases) == len(INTERFACE) else {}),
        "layer_level": layer_level,
        **parts,
        "charge_error": _charge_error(equilibrium),
    }


def parts_of_cell(
    state: CellState,
    sides: Mapping[Pair, Mapping[str, LayerSide]],
    contacts: Mapping[str, Any],
    layer_level: float,
    reporter: Reporter,
) -> dict[str, Any]:
    """Numbers by part of a cell: `phases`, `interfaces`, `contacts`, and the cell's voltage. Collective.

    Args:
        state: of the cell, at equilibrium or not.
        sides: of each interface (`sides_of`).
        contacts: numbers of each contact at which something happens.
        layer_level: what counts as the layer.
        reporter: takes remarks on numbers that are missing or not to be trusted.
    """
    derived = Derived(state.space.comm, reporter)
    interfaces = {
        role_label(pair): _interface(state, pair, of, layer_level, derived, reporter)
        for pair, of in sides.items()
    }
    return _parts(state, interfaces, contacts)


def parts_of_pair(
    state: CellState,
    sides: Mapping[str, LayerSide],
    numbers: Mapping[str, Any],
    contacts: Mapping[str, Any],
    derived: Derived,
) -> dict[str, Any]:
    """The same of electrode and electrolyte, from their numbers at the top of a summary. Collective.

    Args:
        state: of the cell.
        sides: both layers.
        numbers: as in a summary.
        contacts: see `parts_of_cell`.
        derived: computes what is not among the numbers.
    """
    interface = {key: numbers[_AT_THE_TOP.get(key, key)] for key in _OF_INTERFACE}
    interface |= {name: numbers[name] | _carriers(side, derived) for name, side in sides.items()}
    return _parts(state, {role_label(INTERFACE): interface}, contacts)


def _parts(state: CellState, interfaces: Mapping[str, Any], contacts: Mapping[str, Any]) -> dict[str, Any]:
    phases = list(state.phases.values())
    return {
        "phases": {phase.name: _phase(phase) for phase in phases},
        "interfaces": interfaces,
        "contacts": contacts,
        "cell_voltage_V": potential_of(phases[0]) - potential_of(phases[-1]),
    }


_AT_THE_TOP = {"area": "interface_area"} | {
    key: f"interface_{key}" for key in ("potential_V", "potential_min_V", "potential_max_V")
}
"""Keys of an interface that have another name at the top of a summary of two phases."""

_OF_INTERFACE = (
    *_AT_THE_TOP,
    "layer_thickness_nm",
    "layer_resistance_ohm_cm2",
    "excess_resistance_ohm_cm2",
)
"""Keys of an interface, but for its sides."""


def _of_two(interface: Mapping[str, Any], phases: Phases) -> dict[str, Any]:
    """The keys of a cell of two at the top as well."""
    electrode, electrolyte = phases.values()
    return {
        "potential_step_V": potential_of(electrode) - potential_of(electrolyte),
        **{_AT_THE_TOP.get(key, key): value for key, value in interface.items()},
    }


def _phase(phase: Phase) -> dict[str, Any]:
    carriers = {
        each.name: {"occupancy_bulk": neutral_carrier(phase, each).thermodynamics.bulk_occupancy}
        for each in phase.carriers
    }
    return {
        "material": phase.material,
        "bulk_potential_V": potential_of(phase),
        "carriers": carriers,
        **slopes_of(phase),
    }


def _interface(
    state: CellState,
    pair: Pair,
    sides: Mapping[str, LayerSide],
    layer_level: float,
    derived: Derived,
    reporter: Reporter,
) -> dict[str, Any]:
    space, phi = state.space, state.phi
    mean, low, high = interface_statistics(space, phi, lambda phi: phi, pair)
    by_side = {
        name: side_summary(side, layer_level, derived) | _carriers(side, derived)
        for name, side in sides.items()
    }
    key = f"the check of the layers of {role_label(pair)}"
    derived(key, lambda: remark_layers(sides, layer_level, reporter))
    return {
        "area": space.area(pair),
        "potential_V": mean,
        "potential_min_V": low,
        "potential_max_V": high,
        **summed(by_side, layer_level),
        **by_side,
    }


def _carriers(side: LayerSide, derived: Derived) -> dict[str, Any]:
    """Occupancies of each carrier, and what each component amounts to on this side."""
    carriers = {}
    for carrier in side.phase.carriers:
        bulk = neutral_carrier(side.phase, carrier).thermodynamics.bulk_occupancy
        if carrier is side.phase.main:
            mean = side.interface["occupancy"][0]
        else:
            mean = side.at_interface(partial(_occupancy, side.phase, carrier.name))[0]
        carriers[carrier.name] = {"occupancy_bulk": bulk, "occupancy_interface": mean}
    components = {}
    for number, component in enumerate(side.phase.components):
        numbers = {
            "excess_per_nm2": partial(side.excess_amount, number),
            "excess_resistance_ohm_cm2": partial(_excess_resistance, side, component),
            "excess_conductance_S": partial(side.excess_conductance_of, component),
        }
        place = f"interfaces.{role_label(side.pair)}.{side.tag}.components.{component.name}"
        components[component.name] = {
            key: derived(f"{place}.{key}", compute) for key, compute in numbers.items()
        }
    return {"carriers": carriers, "components": components}


def _excess_resistance(side: LayerSide, component: Component) -> float:
    return side.excess_resistance_of(component) * OHM_CM2


def _occupancy(phase: Phase, carrier: str, phi: Array, shift: Array | None = None) -> Array:
    return phase.occupancies(phi, shift)[carrier]


def _contacts(equilibrium: Equilibrium, derived: Derived) -> dict[str, Any]:
    """Charge, potential and capacitance of the contacts at which something happens."""
    space, ends = equilibrium.space, equilibrium.problem.ends
    found: dict[str, Any] = {}
    for name, charge in equilibrium.contact_charges.items():
        area, contact = space.area(name), ends.contacts[name]
        phase = equilibrium.phases[next(iter(ends.weights[name]))]
        if contact.potential is not None:
            potential = phase.bulk_potential + contact.potential
        else:
            potential = space.sum(space.facet_weights(name) * equilibrium.phi.x.array[: space.owned]) / area
            potential += (contact.surface_charge or 0.0) / (contact.stern_capacitance or np.inf)
        found[name] = {"potential_V": potential, "charge_e_per_nm2": charge / area}
        if contact.has_capacitance:
            key, compute = "capacitance_uF_per_cm2", partial(equilibrium.contact_response.capacitance, name)
            value = derived(f"contacts.{name}.{key}", compute)
            found[name][key] = None if value is None else value * MICROFARAD_PER_CM2 / area
    return found


def _charge_error(equilibrium: Equilibrium) -> float:
    """Net charge of all there is, over the sum of the moduli of the phases' nodal charges."""
    space, problem = equilibrium.space, equilibrium.problem
    moduli = sum(space.sum(np.abs(each)) for each in equilibrium.nodal_charges.values())
    net = sum(equilibrium.charges.values()) + sum(equilibrium.contact_charges.values())
    if problem.interfaces:
        net += space.sum(problem.surface_charges(problem.counted(problem.charge)))
    return abs(net) / moduli if moduli > 0.0 else 0.0
