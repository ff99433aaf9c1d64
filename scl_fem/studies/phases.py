"""From the tables of a case to the physics of its phases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from scl_fem.case.components import carriers_of
from scl_fem.case.energy_profile import read_profile
from scl_fem.case.interface import BETWEEN
from scl_fem.case.model import Case
from scl_fem.case.parts import interfaces_of
from scl_fem.case.phases import PhaseSettings
from scl_fem.constants import NM2_PER_CM2, ROOM_TEMPERATURE, thermal_energy
from scl_fem.errors import InputError
from scl_fem.materials import Material
from scl_fem.materials.carrier import CarrierSettings
from scl_fem.mesh.domain import Pair
from scl_fem.physics.bulk import CarrierBulk, PhaseBulk
from scl_fem.physics.cell import Cell, cell_of
from scl_fem.physics.components import LITHIUM, Component
from scl_fem.physics.defects import DEFECT_LAWS
from scl_fem.physics.diffusivity import DIFFUSIVITY_LAWS, DiffusivityLaw, arrhenius
from scl_fem.physics.energies import LocalEnergies
from scl_fem.physics.open_circuit import OpenCircuitThermodynamics

if TYPE_CHECKING:  # `scl-fem check` builds the phases, and loads no solver for it
    from scl_fem.discretisation.space import Phases


_OFF_THE_CURVE = 1e-3
"""V between a phase's voltage and its open-circuit curve that are worth a remark."""


def phases_of(case: Case) -> Phases:
    """The physics of the phases, in the gauge phi = 0 in the neutral bulk of the reference phase.

    Args:
        case: resolved.

    Raises:
        InputError: a phase separates at the temperature of the case, lacks a property or cannot be neutral.
    """
    return cell_of_case(case).phases


def cell_of_case(case: Case) -> Cell:
    """The phases with the groups of their components, and the bulks that moved.

    The solvers' phi is continuous: the steps that dipoles make are in the phases' own `dipole`.

    Args:
        case: resolved.

    Raises:
        InputError: as `phases_of`.
    """
    bulks = [_bulk(case, name) for name in case.phase.names]
    pairs = pairs_of(case)
    mobile = {bulk.name: {each.component.name for each in bulk.carriers if each.moves} for bulk in bulks}
    crossing = {pair: sorted(mobile[pair[0]] & mobile[pair[1]]) for pair in pairs}
    cell = cell_of(bulks, crossing, case.temperature)
    steps = _dipoles(case, pairs)
    phases = {
        name: replace(phase, bulk_potential=phase.bulk_potential - steps[name], dipole=steps[name])
        if steps[name]
        else phase
        for name, phase in cell.phases.items()
    }
    slopes = {name: _slope_of_curve(case, name) for name in phases}
    phases = {name: replace(phase, open_circuit_slope=slopes[name]) for name, phase in phases.items()}
    return replace(cell, phases=phases)


def _slope_of_curve(case: Case, name: str) -> float | None:
    """dU/dx of the open-circuit curve at the bulk of a phase, V; None where there is none."""
    table = case.phase[name]
    curve = case.materials[table.material].open_circuit
    if curve is None or not isinstance(table.occupancy, float):
        return None
    return curve.slope_at(table.occupancy)


def phase_remarks(case: Case) -> list[str]:
    """What is to be said of the phases of a resolved case before anything is solved."""
    remarks = []
    for name, table in case.phase.tables.items():
        material = case.materials[table.material]
        if not table.follows_its_curve(material) or table.voltage is None:
            continue
        occupancy, voltage = carriers_of(material, table.occupancy)[0].bulk_occupancy, table.voltage
        if occupancy is None:  # an energy says it, and it changes with the temperature
            continue
        curve = _open_circuit(occupancy, material, thermal_energy(case.temperature)).bulk_voltage
        moved = voltage - curve
        if abs(moved) > _OFF_THE_CURVE:
            remarks.append(
                f"{name}: the voltage of the phase is {voltage:.4g} V, and that of the open-circuit curve of "
                f"{table.material} at x_0 = {occupancy:.4g} is {curve:.4g} V: the curve is moved by "
                f"{1e3 * moved:+.4g} mV and gives the shape of mu(x) alone; leave the voltage out, or take "
                'occupancy = "from-voltage", for a state on the curve'
            )
    return remarks


def pairs_of(case: Case) -> list[Pair]:
    """The pairs of phases that touch, or may where only the built mesh will tell."""
    names = (name.split(BETWEEN) for name in interfaces_of(case.phase, case.mesh))
    return [(first, second) for first, second in names]


def _dipoles(case: Case, pairs: Sequence[Pair]) -> dict[str, float]:
    """By how much dipoles raise the potential of each phase over that of the last one, V."""
    steps = {pair: case.law_between(pair).potential_step for pair in pairs}
    found: dict[str, float] = {}
    waiting = list(reversed(case.phase.names))
    while waiting:
        name = next((each for each in waiting if _from_neighbour(each, steps, found) is not None), waiting[0])
        waiting.remove(name)
        found[name] = _from_neighbour(name, steps, found) or 0.0
    return found


def _from_neighbour(name: str, steps: Mapping[Pair, float], found: Mapping[str, float]) -> float | None:
    """The step of a phase by that of a neighbour, None where none is known."""
    for (first, second), step in steps.items():
        if name == first and second in found:
            return found[second] + step
        if name == second and first in found:
            return found[first] - step
    return None


def local_energies(case: Case) -> dict[str, LocalEnergies]:
    """What raises energies of carriers by their place, of each phase that has any.

    Args:
        case: resolved.

    Raises:
        InputError: a table of energies cannot be read.
    """
    found = {}
    for name, table in case.phase.tables.items():
        if table.energy_decay is None and table.energy_profile is None:
            continue
        profile = None
        if table.energy_profile is not None:
            try:
                profile = read_profile(table.energy_profile)
            except InputError as error:
                raise error.as_value_of(f"phase.{name}.energy_profile") from None
        found[name] = LocalEnergies(table.energy_decay or {}, profile)
    return found


def _bulk(case: Case, name: str) -> PhaseBulk:
    """What the case gives of a phase."""
    table = case.phase[name]
    material = case.materials[table.material]
    levels = dict(material.levels or {})
    if table.voltage is not None:
        levels[LITHIUM.name] = -table.voltage
    permittivity = material.require("permittivity")
    settings = carriers_of(material, table.occupancy)
    carriers = [_carrier(each, table, permittivity, case.temperature) for each in settings]
    if table.follows_its_curve(material):
        carriers[0] = replace(
            carriers[0], thermodynamics=lambda occupancy, kT: _open_circuit(occupancy, material, kT)
        )
    return PhaseBulk(
        name,
        table.material,
        permittivity,
        tuple(carriers),
        levels,
        material.fixed_charge,
        table.reference or "",
        table.energy_shift or {},
    )


def _carrier(
    carrier: CarrierSettings, table: PhaseSettings, permittivity: float, temperature: float
) -> CarrierBulk:
    """What the case gives of a carrier; J = E_M/eps_r, D* at the temperature of the case."""
    charge = carrier.charge or 0
    defects = DEFECT_LAWS[carrier.defect_law or "none"](
        (carrier.defect_energy or 0.0) / permittivity, carrier.defect_floor or 0.0
    )
    sites, factor = carrier.sites, table.sites_factor or 1.0
    return CarrierBulk(
        carrier.name,
        Component(carrier.component_name, carrier.amount * charge),
        # as full as the carrier gives it, whatever the number of its sites
        None if sites is None else factor * sites,
        amount=carrier.amount,
        statistics=carrier.statistics,
        group=carrier.shared or "",
        occupancy=None if sites is None else carrier.bulk_occupancy,
        concentration=factor * (carrier.concentration or 0.0) if sites is None else None,
        energy=carrier.energy,
        regular_solution=carrier.regular_solution or 0.0,
        defects=defects,
        diffusivity=_diffusivity(carrier, table.diffusivity_factor or 1.0, temperature),
        frozen=bool(carrier.frozen),
        frozen_at=carrier.frozen_at,
    )


def _open_circuit(occupancy: float, material: Material, thermal_energy: float) -> OpenCircuitThermodynamics:
    """mu(x) of the curve of a material."""
    curve = material.require("open_circuit")
    law = OpenCircuitThermodynamics(occupancy, thermal_energy, curve.occupancy, curve.voltage)
    try:
        law.check_stable()
    except InputError as error:
        raise error.located(key=f"materials.{material.name}.open_circuit") from None
    return law


def _diffusivity(
    carrier: CarrierSettings, factor: float, temperature: float
) -> Callable[[float], DiffusivityLaw]:
    """The law of D for what is vacant in the bulk; a frozen carrier has D = 0."""
    activation = arrhenius(
        carrier.diffusivity_activation_energy or 0.0,
        temperature,
        carrier.reference_temperature or ROOM_TEMPERATURE,
    )
    star = (carrier.diffusivity or 0.0) * NM2_PER_CM2 * activation * factor
    least = (carrier.diffusivity_min or 0.0) * NM2_PER_CM2 * factor
    law = DIFFUSIVITY_LAWS[carrier.diffusivity_law or "constant"]
    return lambda vacancy: law(star, least, vacancy)
