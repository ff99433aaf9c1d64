"""The numbers of a result, under the names that scripts rely on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np
from dolfinx import fem

from scl_fem.constants import MICROFARAD_PER_CM2, OHM_CM2, SIEMENS_PER_CM
from scl_fem.discretisation.space import PotentialSpace
from scl_fem.physics.contacts import bulk
from scl_fem.physics.defects import ExcessCubeRoot
from scl_fem.physics.neutral import neutral_carrier, neutral_conductivity
from scl_fem.physics.phase import Phase
from scl_fem.physics.thermodynamics import SiteThermodynamics
from scl_fem.postprocess.derived import Derived, total_of
from scl_fem.postprocess.layer import LayerSide, interface_statistics
from scl_fem.postprocess.validity import remark_layers
from scl_fem.progress import Reporter, SilentReporter
from scl_fem.solvers.equilibrium import Equilibrium
from scl_fem.solvers.resistances import Resistances

THICKNESS_LEVELS = (0.01, 0.05, 0.10, 0.25)

_FLOOR_SPREAD = 10.0
"""Factor by which the floor of the defect law is moved to see what depends on it."""


_ROUND_OFF_OF_CHARGE = 1e-14
"""Of all mobile charge: a layer that holds less is made of round-off."""


def equilibrium_summary(
    equilibrium: Equilibrium,
    layer_level: float,
    reporter: Reporter | None = None,
    sides: Mapping[str, LayerSide] | None = None,
) -> dict[str, Any]:
    """Everything that an equilibrium of two amounts to. Collective; the same on every rank.

    Args:
        equilibrium: the solved cell.
        layer_level: what counts as the layer.
        reporter: takes remarks on numbers that are missing or not to be trusted.
        sides: both layers; None to make them.
    """
    reporter = reporter or SilentReporter()
    derived = Derived(equilibrium.space.comm, reporter)
    if sides is None:
        sides = {tag: LayerSide.of(equilibrium, tag) for tag in equilibrium.phases}
    return {
        **solve_summary(equilibrium),
        **interface_summary(equilibrium.space, equilibrium.phi, sides, layer_level, reporter),
        **_reservoirs(equilibrium, sides),
        **_capacitance(equilibrium, derived),
    }


def is_simple(equilibrium: Equilibrium) -> bool:
    """Whether the numbers of a cell of two hold: one component, the same at both contacts, no other charges.

    Args:
        equilibrium: the solved cell.
    """
    ends = equilibrium.problem.ends
    return (
        all(len(phase.components) == 1 for phase in equilibrium.phases.values())
        and len(set(ends.contacts.values())) == 1
        and all(not contact.held or contact == bulk(contact.exchanges) for contact in ends.contacts.values())
        and not any(contact.surface_charge is not None for contact in ends.contacts.values())
        and not equilibrium.problem.interfaces
    )


def solve_summary(equilibrium: Equilibrium) -> dict[str, Any]:
    """How an equilibrium was solved."""
    return {
        "converged": True,
        "newton_iterations": equilibrium.report.iterations,
        "linear_iterations": equilibrium.report.linear_iterations,
        "continuation_stages": list(equilibrium.stages),
        "residual": equilibrium.report.residual,
    }


def summed(by_side: Mapping[str, Mapping[str, Any]], layer_level: float) -> dict[str, float | None]:
    """What the sides of an interface add up to.

    Args:
        by_side: numbers of each side.
        layer_level: what counts as the layer.
    """
    label = level_label(layer_level)
    return {
        "layer_thickness_nm": total_of([side["thickness_nm"][label] for side in by_side.values()]),
        **{
            key: total_of([side[key] for side in by_side.values()])
            for key in ("layer_resistance_ohm_cm2", "excess_resistance_ohm_cm2")
        },
    }


def interface_summary(
    space: PotentialSpace,
    phi: fem.Function,
    sides: Mapping[str, LayerSide],
    layer_level: float,
    reporter: Reporter,
) -> dict[str, Any]:
    """What both sides of the interface amount to. Collective; the same on every rank.

    Args:
        space: of the potential.
        phi: potential, V, without dipole.
        sides: both layers.
        layer_level: what counts as the layer.
        reporter: takes remarks on numbers that are missing or not to be trusted.
    """
    derived = Derived(space.comm, reporter)
    mean, low, high = interface_statistics(space, phi, lambda phi: phi)
    by_side = {tag: side_summary(side, layer_level, derived) for tag, side in sides.items()}
    derived("the check of the layers", lambda: remark_layers(sides, layer_level, reporter))
    return {
        "potential_step_V": _step(sides),
        "interface_potential_V": mean,
        "interface_potential_min_V": low,
        "interface_potential_max_V": high,
        "interface_area": space.interface_area,
        **_conservation(space, sides, reporter),
        **by_side,
        "layer_level": layer_level,
        **summed(by_side, layer_level),
    }


def conduction_summary(conduction: Resistances | None) -> dict[str, Any]:
    """The three resistances of a conduction solve, None where it failed, and of each of its components."""
    if conduction is None:
        return dict.fromkeys(f"{part}_resistance_ohm_cm2" for part in ("total", "bulk", "interface"))
    each = {name: conduction_summary(found) for name, found in conduction.components.items()}
    return {
        **({"components": each} if each else {}),
        "total_resistance_ohm_cm2": conduction.total * OHM_CM2,
        "bulk_resistance_ohm_cm2": conduction.bulk * OHM_CM2,
        "interface_resistance_ohm_cm2": conduction.interface * OHM_CM2,
    }


def level_label(level: float) -> str:
    """A level as the key of a thickness: "25%"."""
    return f"{100.0 * level:g}%"


def side_summary(side: LayerSide, layer_level: float, derived: Derived) -> dict[str, Any]:
    """What one side of an interface amounts to. Collective; the same on every rank.

    Args:
        side: the layer.
        layer_level: what counts as the layer.
        derived: computes numbers one by one.
    """

    def in_ohm_cm2(key: str, resistance: Callable[[], float]) -> float | None:
        return derived(f"{side.tag}.{key}", lambda: resistance() * OHM_CM2)

    def thickness(level: float) -> float | None:
        key = f"{side.tag}.thickness_nm.{level_label(level)}"
        return derived(key, lambda: side.thickness(level))

    levels = sorted({*THICKNESS_LEVELS, layer_level})
    occupancy, concentration = side.interface["occupancy"], side.interface["concentration"]
    lithium = neutral_carrier(side.phase, side.phase.main)
    return {
        "material": side.phase.material,
        "bulk_potential_V": potential_of(side.phase),
        "occupancy_bulk": lithium.thermodynamics.bulk_occupancy,
        **slopes_of(side.phase),
        "occupancy_interface": occupancy[0],
        "occupancy_interface_min": occupancy[1],
        "occupancy_interface_max": occupancy[2],
        "concentration_bulk_per_nm3": lithium.bulk_concentration,
        "conductivity_bulk_S_per_cm": neutral_conductivity(side.phase) * SIEMENS_PER_CM,
        "concentration_interface_per_nm3": concentration[0],
        "concentration_interface_min_per_nm3": concentration[1],
        "concentration_interface_max_per_nm3": concentration[2],
        "thickness_nm": {level_label(level): thickness(level) for level in levels},
        "layer_charge_e_per_nm2": side.charge,
        "surface_field_V_per_nm": side.surface_field,
        "layer_resistance_ohm_cm2": in_ohm_cm2(
            "layer_resistance_ohm_cm2", lambda: side.resistance(layer_level)
        ),
        "excess_resistance_ohm_cm2": in_ohm_cm2("excess_resistance_ohm_cm2", lambda: side.excess_resistance),
    }


def slopes_of(phase: Phase) -> dict[str, float | None]:
    """dV/dx at x_0 by the law that is used and by the open-circuit curve, where there are both."""
    if phase.open_circuit_slope is None:
        return {}
    carrier = phase.main
    susceptibility = float(carrier.thermodynamics.occupancy_slope(np.zeros(1))[0])
    return {
        "thermodynamic_slope_V": -carrier.amount / susceptibility,
        "open_circuit_slope_V": phase.open_circuit_slope,
    }


def potential_of(phase: Phase) -> float:
    """Of the neutral bulk, dipole included, V."""
    return phase.bulk_potential + phase.dipole


def _step(sides: Mapping[str, LayerSide]) -> float:
    """Potential of the electrode's bulk against the electrolyte's, dipole included, V."""
    electrode, electrolyte = (side.phase for side in sides.values())
    return potential_of(electrode) - potential_of(electrolyte)


def _conservation(
    space: PotentialSpace, sides: Mapping[str, LayerSide], reporter: Reporter
) -> dict[str, Any]:
    """Relative change of total Li, and net charge over layer charge: 0 where there is no layer."""
    gained = sum(side.total_charge / side.phase.main.charge_number for side in sides.values())
    total = sum(
        side.phase.main.bulk_concentration * space.sum(space.phase_weights[tag])
        for tag, side in sides.items()
    )
    layer = max(abs(side.total_charge) for side in sides.values())
    net = sum(side.total_charge for side in sides.values())
    charge_error: float | None = abs(net) / layer if layer > 0.0 else 0.0
    if 0.0 < layer <= _ROUND_OFF_OF_CHARGE * total:
        charge_error = None
        reporter.note(
            f"charge_error is missing: the layer's charge is {layer / total:.0e} of all mobile charge, which "
            "is round-off: there is no layer to speak of"
        )
    return {"lithium_error": abs(gained) / total, "charge_error": charge_error}


def _reservoirs(equilibrium: Equilibrium, sides: Mapping[str, LayerSide]) -> dict[str, Any]:
    """With reservoirs at the terminals, what they gave."""
    if not equilibrium.problem.ends.any_held:
        return {}
    area = equilibrium.space.interface_area
    gained = sum(side.total_charge / side.phase.main.charge_number for side in sides.values())
    charges = {
        f"{tag}_terminal_charge_e_per_nm2": charge / area
        for tag, charge in zip(equilibrium.phases, equilibrium.contact_charges.values(), strict=True)
    }
    return {"reservoirs": {"lithium_gained_per_nm2": gained / area, **charges}}


def _capacitance(equilibrium: Equilibrium, derived: Derived) -> dict[str, Any]:
    """Differential capacitance, and its spread with the floor of the defect law.

    Near a flat band the floor alone sets it: the spread says how far to trust it.
    """
    scale = MICROFARAD_PER_CM2 / equilibrium.space.interface_area
    capacitance = derived("capacitance_uF_per_cm2", lambda: equilibrium.capacitance() * scale)

    def spread() -> list[float]:
        moved = [
            equilibrium.capacitance(_with_floor(equilibrium, factor)) * scale
            for factor in (1.0 / _FLOOR_SPREAD, _FLOOR_SPREAD)
        ]
        # Not monotone in the floor to the last digit: the range takes in the value itself.
        both = moved if capacitance is None else [capacitance, *moved]
        return [min(both), max(both)]

    key = "capacitance_defect_floor_range_uF_per_cm2"
    return {"capacitance_uF_per_cm2": capacitance, key: derived(key, spread)}


def _with_floor(equilibrium: Equilibrium, factor: float):  # type: ignore[no-untyped-def]
    """The charge of the cell with the floors of its cube-root laws multiplied."""

    def moved(phase):  # type: ignore[no-untyped-def]
        carriers = []
        for each in phase.carriers:
            mu = each.thermodynamics
            if isinstance(mu, SiteThermodynamics) and isinstance(mu.defects, ExcessCubeRoot):
                law = replace(mu.defects, floor=factor * mu.defects.floor)
                each = replace(each, thermodynamics=replace(mu, defects=law))
            carriers.append(each)
        return replace(phase, carriers=tuple(carriers))

    charge = equilibrium.problem.charge
    return charge.with_phases({tag: moved(phase) for tag, phase in charge.phases.items()})
