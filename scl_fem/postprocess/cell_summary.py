"""The numbers of a cell of any phases, under the names that scripts rely on: phases, interfaces, contacts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np

from scl_fem.constants import OHM_CM2
from scl_fem.mesh.domain import INTERFACE, Pair, role_label
from scl_fem.physics.components import Component
from scl_fem.physics.neutral import neutral_carrier
from scl_fem.physics.phase import Phase
from scl_fem.physics.types import Array
from scl_fem.postprocess.derived import Derived
from scl_fem.postprocess.layer import LayerSide, interface_statistics
from scl_fem.postprocess.sides import sides_of
from scl_fem.postprocess.summary import side_summary, slopes_of, solve_summary, summed
from scl_fem.postprocess.validity import remark_layers
from scl_fem.progress import Reporter
from scl_fem.solvers.equilibrium import Equilibrium


def cell_summary(equilibrium: Equilibrium, layer_level: float, reporter: Reporter) -> dict[str, Any]:
    """Everything that an equilibrium of any phases amounts to. Collective; the same on every rank.

    Args:
        equilibrium: the solved cell.
        layer_level: what counts as the layer.
        reporter: takes remarks on numbers that are missing or not to be trusted.
    """
    derived = Derived(equilibrium.space.comm, reporter)
    sides = sides_of(equilibrium)
    phases = list(equilibrium.phases.values())
    interfaces = {
        role_label(pair): _interface(equilibrium, pair, of, layer_level, derived, reporter)
        for pair, of in sides.items()
    }
    return {
        **solve_summary(equilibrium),
        **_of_two(interfaces.get(role_label(INTERFACE)), phases),
        "layer_level": layer_level,
        "phases": {phase.name: _phase(phase) for phase in phases},
        "interfaces": interfaces,
        "contacts": _contacts(equilibrium),
        "cell_voltage_V": _potential(phases[0]) - _potential(phases[-1]),
        "charge_error": _charge_error(equilibrium),
    }


def _of_two(interface: Mapping[str, Any] | None, phases: list[Phase]) -> dict[str, Any]:
    """The keys of a cell of two at the top as well; nothing of any other cell."""
    if interface is None or len(phases) != len(INTERFACE):
        return {}
    electrode, electrolyte = phases
    of_interface = {"area": "interface_area"} | {
        key: f"interface_{key}" for key in ("potential_V", "potential_min_V", "potential_max_V")
    }
    return {
        "potential_step_V": _potential(electrode) - _potential(electrolyte),
        **{of_interface.get(key, key): value for key, value in interface.items()},
    }


def _potential(phase: Phase) -> float:
    """Of the neutral bulk, dipole included, V."""
    return phase.bulk_potential + phase.dipole


def _phase(phase: Phase) -> dict[str, Any]:
    carriers = {
        each.name: {"occupancy_bulk": neutral_carrier(phase, each).thermodynamics.bulk_occupancy}
        for each in phase.carriers
    }
    return {
        "material": phase.material,
        "bulk_potential_V": _potential(phase),
        "carriers": carriers,
        **slopes_of(phase),
    }


def _interface(
    equilibrium: Equilibrium,
    pair: Pair,
    sides: Mapping[str, LayerSide],
    layer_level: float,
    derived: Derived,
    reporter: Reporter,
) -> dict[str, Any]:
    space, phi = equilibrium.space, equilibrium.phi
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


def _contacts(equilibrium: Equilibrium) -> dict[str, Any]:
    """Charge and potential of the contacts at which something happens."""
    space, ends = equilibrium.space, equilibrium.problem.ends
    found: dict[str, Any] = {}
    for name, charge in equilibrium.contact_charges.items():
        area, contact = space.area(name), ends.contacts[name]
        phase = equilibrium.phases[next(iter(ends.weights[name]))]
        if contact.potential is not None:
            potential = phase.bulk_potential + contact.potential
        else:
            weights = sum(ends.weights[name].values(), np.zeros(space.owned))
            potential = space.sum(weights * equilibrium.phi.x.array[: space.owned]) / area
            potential += contact.surface_charge / (contact.stern_capacitance or np.inf)
        found[name] = {"potential_V": potential, "charge_e_per_nm2": charge / area}
    return found


def _charge_error(equilibrium: Equilibrium) -> float:
    """Net charge of all there is, over the sum of the moduli of the phases' nodal charges."""
    space, problem = equilibrium.space, equilibrium.problem
    moduli = sum(space.sum(np.abs(each)) for each in equilibrium.nodal_charges.values())
    net = sum(equilibrium.charges.values()) + sum(equilibrium.contact_charges.values())
    if problem.interfaces:
        net += space.sum(problem.surface_charges(problem.counted(problem.charge)))
    return abs(net) / moduli if moduli > 0.0 else 0.0
