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
from scl_fem.physics.open_circuit import OpenCircuitThermodynamics
from scl_fem.physics.phase import Phase
from scl_fem.physics.statistics import Statistics
from scl_fem.physics.thermodynamics import SiteThermodynamics

if TYPE_CHECKING:  # `scl-fem check` builds the phases, and loads no solver for it
    from scl_fem.discretisation.space import Phases


_OFF_THE_CURVE = 1e-3
"""V between a phase's voltage and its open-circuit curve that are worth a remark."""


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


def phase_remarks(case: Case) -> list[str]:
    """What is to be said of the phases of a resolved case before anything is solved."""
    remarks = []
    for name in type(case.phase).model_fields:
        table = getattr(case.phase, name)
        material = case.materials[table.material]
        if not table.follows_its_curve(material):
            continue
        occupancy, voltage = table.bulk_occupancy, table.bulk_voltage
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
        of_curve = f"materials.{table.material}.open_circuit"
        key = of_curve if table.follows_its_curve(material) else f"phase.{name}"
        raise error.located(key=key) from None
    permittivity = material.require("permittivity")
    curve = material.open_circuit
    return Phase(
        name,
        table.material,
        permittivity,
        table.bulk_voltage - reference,
        (lithium,),
        open_circuit_slope=None if curve is None else curve.slope_at(table.bulk_occupancy),
    )


def _lithium(table: PhaseSettings, material: Material, temperature: float) -> Carrier:
    """Li+ in one phase; D* at the temperature of the case."""
    occupancy, given = table.bulk_occupancy, material.require
    activation = arrhenius(
        given("diffusivity_activation_energy"), temperature, given("reference_temperature")
    )
    diffusivity = DIFFUSIVITY_LAWS[given("diffusivity_law")](
        given("diffusivity") * NM2_PER_CM2 * activation,
        given("diffusivity_min") * NM2_PER_CM2,
        1.0 - occupancy,
    )
    thermodynamics = _thermodynamics(table, material, thermal_energy(temperature))
    return Carrier("Li+", LITHIUM, given("c_max"), thermodynamics, diffusivity)


def _thermodynamics(table: PhaseSettings, material: Material, thermal_energy: float) -> Statistics:
    """mu(x) of Li+ in one phase: its open-circuit curve, or a regular solution with J = E_M/eps_r."""
    occupancy, given = table.bulk_occupancy, material.require
    if table.follows_its_curve(material):
        return _open_circuit(occupancy, material, thermal_energy)
    defects = DEFECT_LAWS[given("defect_law")](
        given("defect_energy") / given("permittivity"), given("defect_floor")
    )
    return SiteThermodynamics(occupancy, thermal_energy, given("regular_solution"), defects)


def _open_circuit(occupancy: float, material: Material, thermal_energy: float) -> OpenCircuitThermodynamics:
    """mu(x) of the curve of a material."""
    curve = material.require("open_circuit")
    return OpenCircuitThermodynamics(occupancy, thermal_energy, curve.occupancy, curve.voltage)
