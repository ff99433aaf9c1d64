"""From the tables of a case to the physics of its phases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from scl_fem.case.model import Case
from scl_fem.case.phases import PhaseSettings
from scl_fem.constants import MILLIAMPERE_PER_CM2, NM2_PER_CM2, SIEMENS_PER_CM, thermal_energy
from scl_fem.discretisation.space import Phases
from scl_fem.errors import InputError
from scl_fem.materials import Material
from scl_fem.mesh.domain import PhaseTag
from scl_fem.physics.defects import DEFECT_LAWS
from scl_fem.physics.diffusivity import DIFFUSIVITY_LAWS, arrhenius
from scl_fem.physics.interface import (
    ExchangeKinetics,
    InterfaceLaw,
    PerfectContact,
    ThinLayer,
    barrier_factor,
)
from scl_fem.physics.phase import MobileSpecies, Phase
from scl_fem.physics.thermodynamics import SiteThermodynamics


def phases_of(case: Case) -> Phases:
    """The physics of both phases, in the gauge phi = 0 in the electrolyte's neutral bulk.

    Args:
        case: resolved.

    Raises:
        InputError: a phase separates at the temperature of the case.
    """
    tables = {PhaseTag.ELECTRODE: case.phase.electrode, PhaseTag.ELECTROLYTE: case.phase.electrolyte}
    reference = case.phase.electrolyte.voltage
    phases = {
        tag: _phase(tag.label, table, case.materials[table.material], case.temperature, reference)
        for tag, table in tables.items()
    }
    electrode, dipole = phases[PhaseTag.ELECTRODE], interface_law_of(case).dipole
    phases[PhaseTag.ELECTRODE] = replace(
        electrode, bulk_potential=electrode.bulk_potential - dipole, dipole=dipole
    )
    return phases


def interface_law_of(case: Case) -> InterfaceLaw:
    """The physics of the interface at the temperature of the case."""
    return _LAWS[case.interface.law](case)


def _exchange(case: Case) -> InterfaceLaw:
    table = case.interface
    factor = arrhenius(table.activation_energy, case.temperature, table.reference_temperature)
    density = table.exchange_current_density * factor / MILLIAMPERE_PER_CM2
    return ExchangeKinetics(density, thermal_energy(case.temperature))


def _layer(case: Case) -> InterfaceLaw:
    table = case.interface
    factor = barrier_factor(table.barrier, thermal_energy(case.temperature))
    return ThinLayer(table.conductivity / SIEMENS_PER_CM / table.thickness * factor, table.dipole)


_LAWS: dict[str, Callable[[Case], InterfaceLaw]] = {
    "perfect": lambda case: PerfectContact(),
    "exchange": _exchange,
    "layer": _layer,
}


def _phase(
    name: str, table: PhaseSettings, material: Material, temperature: float, reference: float
) -> Phase:
    lithium = _lithium(table, material, temperature)
    try:
        lithium.thermodynamics.check_stable()
    except InputError as error:
        raise error.located(key=f"phase.{name}") from None
    return Phase(name, table.material, material.permittivity, table.voltage - reference, (lithium,))


def _lithium(table: PhaseSettings, material: Material, temperature: float) -> MobileSpecies:
    """Li+ in one phase; J = E_M/eps_r, D* at the temperature of the case."""
    occupancy = table.occupancy
    defects = DEFECT_LAWS[material.defect_law](
        material.defect_energy / material.permittivity, material.defect_floor
    )
    activation = arrhenius(
        material.diffusivity_activation_energy, temperature, material.reference_temperature
    )
    diffusivity = DIFFUSIVITY_LAWS[material.diffusivity_law](
        material.diffusivity * NM2_PER_CM2 * activation,
        material.diffusivity_min * NM2_PER_CM2,
        1.0 - occupancy,
    )
    thermodynamics = SiteThermodynamics(
        occupancy, thermal_energy(temperature), material.regular_solution, defects
    )
    return MobileSpecies("Li+", 1, material.c_max, thermodynamics, diffusivity)
