"""From the tables [interface] of a case to the laws of what crosses its interfaces."""

from __future__ import annotations

from collections.abc import Mapping

from scl_fem.case.interface import OneComponentLaw
from scl_fem.case.model import Case
from scl_fem.mesh.domain import Pair
from scl_fem.physics.cell import Cell
from scl_fem.physics.interface import Between, InterfaceLaw, PerfectContact
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
    table = case.law_between(pair)
    found: dict[str, InterfaceLaw] = {}
    for component in first.components:
        if component not in second.components:
            continue
        if isinstance(table, OneComponentLaw) and table.component_name != component.name:
            found[component.name] = PerfectContact(table.potential_step)
        else:
            found[component.name] = table.made_for(Between(component, first, second, case.temperature))
    return found
