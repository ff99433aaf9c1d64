"""From the tables [interface] of a case to the laws of what crosses its interfaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import singledispatch

from scl_fem.case.interface import ExchangeInterface, InterfaceSettings, LayerInterface, OneComponentLaw
from scl_fem.case.interface import PerfectContact as PerfectInterface
from scl_fem.case.model import Case
from scl_fem.constants import MILLIAMPERE_PER_CM2, SIEMENS_PER_CM, thermal_energy
from scl_fem.mesh.domain import Pair
from scl_fem.physics.cell import Cell
from scl_fem.physics.components import Component
from scl_fem.physics.diffusivity import arrhenius
from scl_fem.physics.exchange_kinetics import ExchangeKinetics, FollowingExchange
from scl_fem.physics.filling import FillingFactor
from scl_fem.physics.interface import InterfaceLaw, PerfectContact, barrier_factor
from scl_fem.physics.phase import Phase
from scl_fem.physics.thin_layer import ThinLayer
from scl_fem.studies.phases import pairs_of

type Laws = Mapping[Pair, Mapping[str, InterfaceLaw]]
"""For each pair of phases that touch the law of each component that both hold, by its name."""


def interface_laws(case: Case, cell: Cell) -> Laws:
    """The physics of the interfaces at the temperature of the case.

    What no table says anything of crosses by perfect contact.

    Args:
        case: resolved.
        cell: its phases.
    """
    return {pair: _laws_between(case, cell, pair) for pair in pairs_of(case)}


def _laws_between(case: Case, cell: Cell, pair: Pair) -> dict[str, InterfaceLaw]:
    first, second = (cell.phases[name] for name in pair)
    common = [component for component in first.components if component in second.components]
    table = case.law_between(pair)
    found: dict[str, InterfaceLaw] = {}
    for component in common:
        is_of_law = not isinstance(table, OneComponentLaw) or table.component_name == component.name
        where = _Crossing(component, (first, second), case.temperature)
        found[component.name] = _law(table, where) if is_of_law else PerfectContact(table.potential_step)
    return found


@dataclass(frozen=True)
class _Crossing:
    """What crosses where.

    Attributes:
        component: the one.
        phases: of the two sides.
        temperature: K.
    """

    component: Component
    phases: tuple[Phase, Phase]
    temperature: float

    @property
    def pair(self) -> Pair:
        """Names of the phases."""
        first, second = self.phases
        return first.name, second.name

    def carrier(self, phase: Phase, name: str | None) -> int:
        """Number of a carrier of a phase, of the component's first where none is named."""
        for number, carrier in enumerate(phase.carriers):
            if carrier.name == name or (name is None and carrier.component == self.component):
                return number
        raise KeyError(f"{phase.name} has no mobile carrier {name or self.component.name}")


@singledispatch
def _law(table: InterfaceSettings, where: _Crossing) -> InterfaceLaw:
    """The physics of one kind of table [interface]."""
    raise NotImplementedError(f"no physics for the interface law '{table.law}'")


@_law.register
def _(table: PerfectInterface, where: _Crossing) -> InterfaceLaw:
    return PerfectContact()


@_law.register
def _(table: ExchangeInterface, where: _Crossing) -> InterfaceLaw:
    factor = arrhenius(table.activation_energy, where.temperature, table.reference_temperature)
    density = table.exchange_current_density * factor / MILLIAMPERE_PER_CM2
    a = 0.5 if table.transfer_coefficient is None else table.transfer_coefficient
    constant = ExchangeKinetics(density, thermal_energy(where.temperature), transfer_coefficient=a)
    if not table.follows_occupancies:
        return constant
    first, second = (
        FillingFactor(where.carrier(phase, (table.carriers or {}).get(phase.name)), *orders)
        for phase, orders in zip(where.phases, table.orders_of(where.pair), strict=True)
    )
    return FollowingExchange(constant, first, second)


@_law.register
def _(table: LayerInterface, where: _Crossing) -> InterfaceLaw:
    factor = barrier_factor(table.barrier, thermal_energy(where.temperature))
    conductance = table.conductivity / SIEMENS_PER_CM / table.thickness * factor
    return ThinLayer(conductance, table.dipole, where.component.charge_number)
