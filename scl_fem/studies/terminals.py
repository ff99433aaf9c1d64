"""From the table [boundary] of a case to what happens at its contacts in time."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch

import numpy as np

from scl_fem.case.boundary import BoundarySettings, CurrentBoundary, VoltageBoundary
from scl_fem.case.model import Case
from scl_fem.constants import MILLIAMPERE_PER_CM2
from scl_fem.mesh.domain import Layout
from scl_fem.physics.cell import Cell
from scl_fem.physics.contacts import bulk
from scl_fem.solvers.terminals import Signal, Terminal, Terminals
from scl_fem.studies.ends import contact_of


def terminals_of_case(case: Case, cell: Cell, layout: Layout) -> Terminals:
    """What happens at each contact of the mesh in time, by its name.

    A voltage or a current for all contacts is one between the first and the others: the first has the
    voltage, and the current enters there and leaves at the others.

    Args:
        case: resolved.
        cell: gives the components.
        layout: of the mesh.
    """
    components = frozenset(each.name for phase in cell.phases.values() for each in phase.components)
    first = next(iter(layout.contacts), None)
    found = {}
    for name in layout.contacts:
        terminal = _terminal(case.contact(name), components)
        if terminal.voltage is not None and name not in case.contacts and name != first:
            terminal = replace(terminal, voltage=None)
        if terminal.current is not None and name != first:
            terminal = replace(terminal, current=_reversed(terminal.current))
        found[name] = terminal
    return found


def _reversed(signal: Signal) -> Signal:
    return lambda time: -signal(time)


@singledispatch
def _terminal(table: BoundarySettings, components: frozenset[str]) -> Terminal:
    """The condition of one kind of table [boundary] in time."""
    return Terminal(contact_of(table, components))


@_terminal.register
def _(table: VoltageBoundary, components: frozenset[str]) -> Terminal:
    return Terminal(bulk(components), voltage=_signal(table.voltage))


@_terminal.register
def _(table: CurrentBoundary, components: frozenset[str]) -> Terminal:
    current = _signal(table.current_density)
    return Terminal(current=lambda time: current(time) / MILLIAMPERE_PER_CM2)


def _signal(pairs: tuple[tuple[float, float], ...]) -> Signal:
    """Straight lines between values at times, constant before and after."""
    times, values = np.array(pairs).T
    return lambda time: float(np.interp(time, times, values))


def kinks_of_case(case: Case, layout: Layout) -> list[float]:
    """Times at which the signal at some contact changes its slope, s."""
    times: set[float] = set()
    for name in layout.contacts:
        table = case.contact(name)
        if isinstance(table, CurrentBoundary):
            times.update(time for time, _ in table.current_density)
        if isinstance(table, VoltageBoundary):
            times.update(time for time, _ in table.voltage)
    return sorted(times)
