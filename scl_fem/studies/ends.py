"""From the tables [boundary] and [interface] of a case to what an equilibrium needs of its ends and seams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import singledispatch
from typing import TYPE_CHECKING

import numpy as np

from scl_fem.case.boundary import (
    BoundarySettings,
    BulkBoundary,
    ClosedBoundary,
    CurrentBoundary,
    MetalContact,
    VoltageBoundary,
)
from scl_fem.case.model import Case
from scl_fem.constants import MICROFARAD_PER_CM2, thermal_energy
from scl_fem.errors import InputError
from scl_fem.mesh.domain import Layout, Pair, role_label
from scl_fem.physics.cell import Cell, ComponentGroup
from scl_fem.physics.components import Component
from scl_fem.physics.contacts import CLOSED, Contact, bulk, keeps_levels
from scl_fem.physics.interface_charge import InterfaceCharge, InterfaceSites
from scl_fem.solvers.kept_totals import KeptTotal, KeptTotals

if TYPE_CHECKING:
    from scl_fem.discretisation.space import Phases, PotentialSpace

_ELECTRON = "e-"
"""What a metal exchanges."""


def contacts_of_case(case: Case, cell: Cell, layout: Layout) -> dict[str, Contact]:
    """What happens at each contact of the mesh, by its name.

    Args:
        case: resolved.
        cell: gives the components.
        layout: of the mesh.
    """
    components = {each.name for phase in cell.phases.values() for each in phase.components}
    return {name: contact_of(case.contact(name), frozenset(components)) for name in layout.contacts}


@singledispatch
def contact_of(table: BoundarySettings, components: frozenset[str]) -> Contact:
    """The condition of one kind of table [boundary] at equilibrium."""
    raise NotImplementedError(f"no equilibrium with boundary kind '{table.kind}'")


@contact_of.register
def _(table: ClosedBoundary, components: frozenset[str]) -> Contact:
    return CLOSED


@contact_of.register
def _(table: CurrentBoundary, components: frozenset[str]) -> Contact:
    return CLOSED  # before a current flows


@contact_of.register
def _(table: VoltageBoundary, components: frozenset[str]) -> Contact:
    return bulk(components)  # before a voltage is applied


@contact_of.register
def _(table: BulkBoundary, components: frozenset[str]) -> Contact:
    return bulk(components if table.exchanges is None else table.exchanges)


@contact_of.register
def _(table: MetalContact, components: frozenset[str]) -> Contact:
    capacitance = table.stern_capacitance
    return Contact(
        exchanges=components & {_ELECTRON},
        potential=table.held_potential,
        surface_charge=table.held_charge,
        stern_capacitance=None if capacitance is None else capacitance / MICROFARAD_PER_CM2,
    )


def probed_contacts(
    case: Case, cell: Cell, layout: Layout, *, closed_is_open: bool = False
) -> dict[str, Contact]:
    """What each contact exchanges when a small voltage is put between them.

    Args:
        case: resolved.
        cell: gives the components.
        layout: of the mesh.
        closed_is_open: whether contacts of kind "closed" exchange everything; else they block.
    """
    components = {each.name for phase in cell.phases.values() for each in phase.components}
    found = {}
    for name, contact in contacts_of_case(case, cell, layout).items():
        if contact == CLOSED and closed_is_open:
            contact = bulk(components)
        found[name] = replace(contact, potential=0.0, surface_charge=None)
    return found


def kept_totals(
    cell: Cell, contacts: Mapping[str, Contact], touched: Mapping[str, str | None]
) -> KeptTotals | None:
    """The components that keep their totals, and are not settled by neutrality; None where there are none.

    A metal whose potential is not held is no reservoir: electrons that it took would charge it.

    Args:
        cell: gives the groups.
        contacts: by name.
        touched: the phase that each contact touches; None where that is not known.
    """
    if keeps_levels(contacts):
        return None
    groups = [
        group
        for group in cell.groups
        if not any(
            contact.held
            and group.component.name in contact.exchanges
            and touched.get(name) in (None, *group.phases)
            for name, contact in contacts.items()
        )
    ]
    held = any(contact.held for contact in contacts.values())
    if not held and groups:
        # of all groups of a closed cell, whose net charge vanishes, one follows from the others
        groups.remove(_settled(groups, cell.reference))
    return KeptTotals(tuple(_kept(group, cell) for group in groups), cell.reference) if groups else None


def _settled(groups: list[ComponentGroup], reference: str) -> ComponentGroup:
    """The group that charge neutrality settles: of the reference phase, if that has one."""
    charged = [group for group in groups if group.component.charge_number]
    return next((group for group in charged if reference in group.phases), (charged or groups)[0])


def _kept(group: ComponentGroup, cell: Cell) -> KeptTotal:
    lacking: dict[str, float] = {}
    for move in cell.moves:
        phase = cell.phases[move.phase]
        carrier = next(each for each in phase.carriers if each.name == move.carrier)
        if carrier.component == group.component and move.phase in group.phases:
            amount = carrier.amount * carrier.site_density * (move.asked - move.got)
            lacking[move.phase] = lacking.get(move.phase, 0.0) + amount
    return KeptTotal(group.component.name, group.phases, lacking)


def interface_charges(case: Case, cell: Cell, layout: Layout) -> dict[Pair, InterfaceCharge]:
    """Charges of the interfaces that have any.

    Args:
        case: resolved.
        cell: gives the components.
        layout: of the mesh.
    """
    found = {}
    for pair in layout.interfaces:
        table = case.law_between(pair)
        first, sites = pair[0], None
        holders = [] if table.sites is None else _holders(cell, pair, table.sites.component)
        if table.sites is not None and holders:
            first, component = holders[0]
            kT = thermal_energy(case.temperature)
            sites = InterfaceSites(component, table.sites.density, table.sites.energy, kT)
        if table.surface_charge or sites is not None:
            found[pair] = InterfaceCharge(first, table.surface_charge or 0.0, sites)
    return found


def _holders(cell: Cell, pair: Pair, component: str) -> list[tuple[str, Component]]:
    """The phases of an interface that hold a component, and the component."""
    return [(name, each) for name in pair for each in cell.phases[name].components if each.name == component]


def refuse_unscreened(
    space: PotentialSpace,
    phases: Phases,
    contacts: Mapping[str, Contact],
    interfaces: Mapping[Pair, InterfaceCharge],
) -> None:
    """Refuse charges that the phases cannot take up where no contact holds a potential. Collective.

    Args:
        space: of the potential.
        phases: by name.
        contacts: by name.
        interfaces: charges that sit at interfaces.

    Raises:
        InputError: their sites would all be full, or all empty, and charge be left over.
    """
    if any(contact.held for contact in contacts.values()):
        return
    charges = {
        f"boundary.{name}.surface_charge": each.surface_charge * space.area(name)
        for name, each in contacts.items()
        if each.surface_charge
    } | {
        f"interface.{role_label(pair)}.surface_charge": each.fixed * space.area(pair)
        for pair, each in interfaces.items()
        if each.fixed
    }
    if not charges:
        return
    ranges = [
        space.sum(space.phase_weights[name]) * np.array(phase.charge_range) for name, phase in phases.items()
    ]
    ranges += [
        space.area(pair) * each.sites.density * np.sort([0.0, each.sites.component.charge_number])
        for pair, each in interfaces.items()
        if each.sites is not None
    ]
    least, most = np.sum(ranges, axis=0)
    net = sum(charges.values())
    if least < -net < most:
        return
    key = max(charges, key=lambda name: abs(charges[name]))
    area = space.interface_area
    raise InputError(
        f"brings {net / area:.4g} e/nm^2 in all, more than the phases can take up: every site would be full, "
        "or every one empty",
        key=key,
        allowed=f"between {-most / area:.4g} and {-least / area:.4g} e/nm^2, or a potential at a contact",
    )
