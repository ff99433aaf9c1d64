"""The facts of a solve that failed, for `advice`: gathered from problem, boundary conditions and error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import scl_fem._stack  # noqa: F401  (MPI before PETSc)

# isort: split
import numpy as np

from scl_fem.constants import MILLIAMPERE_PER_CM2
from scl_fem.discretisation.space import Phases, PotentialSpace
from scl_fem.errors import ConvergenceError
from scl_fem.solvers.advice import Trouble
from scl_fem.solvers.newton import NewtonFailure
from scl_fem.solvers.terminals import Terminals

_NODES_PER_CELL = {1: 2.0, 2: 6.0}
"""Length of a cell over the share of it that belongs to a node at its end, by the order of the elements."""


def trouble_of_newton(
    space: PotentialSpace, phases: Phases, error: ConvergenceError | None = None, *, direct: bool = True
) -> Trouble:
    """What a cell and Newton's method tell. Collective.

    Args:
        space: of the potential.
        phases: both.
        error: what ended the solve, None where it was no solve.
        direct: whether linear solves factorise.
    """
    potentials = [phase.bulk_potential for phase in phases.values()]
    found = Trouble(
        direct=direct,
        potential_step=max(potentials) - min(potentials),
        cell=max(_cell_size(space, tag) / _screening_length(phases, tag) for tag in phases),
    )
    if not isinstance(error, NewtonFailure):
        return replace(found, inaccurate=error is None)
    return replace(
        found,
        residual=error.residual,
        round_off=error.round_off,
        tolerance=error.tolerance,
        steps_used_up=error.falling,
        linear=error.linear,
    )


def trouble_of_course(
    found: Trouble,
    space: PotentialSpace,
    phases: Phases,
    terminals: Terminals,
    time: float,
    times: Sequence[float],
    *,
    at_rest: bool,
) -> Trouble:
    """What the boundary conditions of a transient add. Collective.

    Args:
        found: what else is known.
        space: of the potential.
        phases: both.
        terminals: conditions at the ends.
        time: of the step that failed, s.
        times: at which voltage or current may be largest, s.
        at_rest: whether the cell has not seen the voltage yet, so that it begins with a jump.
    """
    found = replace(found, transient=True)
    voltages = [each.voltage for each in terminals.values() if each.voltage is not None]
    if voltages:
        largest = max((voltage(each) for voltage in voltages for each in (*times, time)), key=abs)
        now = max((voltage(time) for voltage in voltages), key=abs)
        found = replace(found, voltage=largest, jump=now if at_rest else 0.0)
    currents = [each.current for each in terminals.values() if each.current is not None]
    if currents:
        current = max((currents[0](each) for each in (*times, time)), key=abs)
        resistance = sum(
            space.sum(space.phase_weights[name]) / space.interface_area / phase.bulk_conductivity
            for name, phase in phases.items()
        )
        found = replace(found, current=current * MILLIAMPERE_PER_CM2, ohmic=abs(current) * resistance)
    return found


def _cell_size(space: PotentialSpace, tag: str) -> float:
    """Mean size of a phase's cells at the interface, along its normal, nm."""
    at_interface = space.interface_weights > 1e-12 * space.interface_area
    share = space.sum(space.phase_weights[tag][at_interface]) / space.interface_area
    return _NODES_PER_CELL[space.order] * share


def _screening_length(phases: Phases, tag: str) -> float:
    """Of carriers that do not interact, at the occupancies of the bulk, nm."""
    phase, screening = phases[tag], 0.0
    for carrier in phase.carriers:
        law = carrier.thermodynamics
        free = 1.0 - law.bulk_occupancy if law.fills_its_sites else 1.0
        screening += carrier.charge_number**2 * carrier.bulk_concentration * free
    energy = phase.permittivity * phase.main.thermodynamics.thermal_energy
    return float(np.sqrt(energy / screening)) if screening > 0.0 else np.inf
