"""From the tables of a case to the physics of its phases."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch
from typing import TYPE_CHECKING

from scl_fem.case.interface import ExchangeInterface, InterfaceSettings, LayerInterface
from scl_fem.case.interface import PerfectContact as PerfectInterface
from scl_fem.case.model import Case
from scl_fem.case.phases import PhaseSettings
from scl_fem.constants import MILLIAMPERE_PER_CM2, NM2_PER_CM2, SIEMENS_PER_CM, thermal_energy
from scl_fem.errors import InputError
from scl_fem.materials import Material
from scl_fem.mesh.domain import ELECTRODE, ELECTROLYTE
from scl_fem.physics.carrier import Carrier
from scl_fem.physics.components import LITHIUM
from scl_fem.physics.defects import DEFECT_LAWS
from scl_fem.physics.diffusivity import DIFFUSIVITY_LAWS, arrhenius
from scl_fem.physics.interface import (
    ExchangeKinetics,
    InterfaceLaw,
    PerfectContact,
    ThinLayer,
    barrier_factor,
)
from scl_fem.physics.phase import Phase
from scl_fem.physics.thermodynamics import SiteThermodynamics

if TYPE_CHECKING:  # `scl-fem check` builds the phases, and loads no solver for it
    from scl_fem.discretisation.space import Phases


def phases_of(case: Case) -> Phases:
    """The physics of both phases, in the gauge phi = 0 in the electrolyte's neutral bulk.

    Args:
        case: resolved.

    Raises:
        InputError: a phase separates at the temperature of the case, or lacks a property.
    """
    tables = {ELECTRODE: case.phase.electrode, ELECTROLYTE: case.phase.electrolyte}
    reference = case.phase.electrolyte.bulk_voltage
    phases = {
        tag: _phase(tag, table, case.materials[table.material], case.temperature, reference)
        for tag, table in tables.items()
    }
    electrode, dipole = phases[ELECTRODE], interface_law_of(case).dipole
    phases[ELECTRODE] = replace(electrode, bulk_potential=electrode.bulk_potential - dipole, dipole=dipole)
    return phases


def interface_law_of(case: Case) -> InterfaceLaw:
    """The physics of the interface at the temperature of the case."""
    return _law(case.interface, case.temperature)


@singledispatch
def _law(table: InterfaceSettings, temperature: float) -> InterfaceLaw:
    """The physics of one kind of table [interface]."""
    raise NotImplementedError(f"no physics for the interface law '{table.law}'")


@_law.register
def _(table: PerfectInterface, temperature: float) -> InterfaceLaw:
    return PerfectContact()


@_law.register
def _(table: ExchangeInterface, temperature: float) -> InterfaceLaw:
    factor = arrhenius(table.activation_energy, temperature, table.reference_temperature)
    density = table.exchange_current_density * factor / MILLIAMPERE_PER_CM2
    return ExchangeKinetics(density, thermal_energy(temperature))


@_law.register
def _(table: LayerInterface, temperature: float) -> InterfaceLaw:
    factor = barrier_factor(table.barrier, thermal_energy(temperature))
    return ThinLayer(table.conductivity / SIEMENS_PER_CM / table.thickness * factor, table.dipole)


def _phase(
    name: str, table: PhaseSettings, material: Material, temperature: float, reference: float
) -> Phase:
    lithium = _lithium(table, material, temperature)
    try:
        lithium.thermodynamics.check_stable()
    except InputError as error:
        raise error.located(key=f"phase.{name}") from None
    permittivity = material.require("permittivity")
    return Phase(name, table.material, permittivity, table.bulk_voltage - reference, (lithium,))


def _lithium(table: PhaseSettings, material: Material, temperature: float) -> Carrier:
    """Li+ in one phase; J = E_M/eps_r, D* at the temperature of the case."""
    occupancy, given = table.bulk_occupancy, material.require
    defects = DEFECT_LAWS[given("defect_law")](
        given("defect_energy") / given("permittivity"), given("defect_floor")
    )
    activation = arrhenius(
        given("diffusivity_activation_energy"), temperature, given("reference_temperature")
    )
    diffusivity = DIFFUSIVITY_LAWS[given("diffusivity_law")](
        given("diffusivity") * NM2_PER_CM2 * activation,
        given("diffusivity_min") * NM2_PER_CM2,
        1.0 - occupancy,
    )
    thermodynamics = SiteThermodynamics(
        occupancy, thermal_energy(temperature), given("regular_solution"), defects
    )
    return Carrier("Li+", LITHIUM, given("c_max"), thermodynamics, diffusivity)
