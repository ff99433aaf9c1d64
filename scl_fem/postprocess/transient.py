"""What a state on the way to equilibrium amounts to: the quantities of equilibrium, no mu~ constant."""

from __future__ import annotations

from typing import Any

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np

from scl_fem.discretisation.energies import Shifts
from scl_fem.equations.state import State
from scl_fem.equations.system import System
from scl_fem.mesh.domain import INTERFACE
from scl_fem.physics.cell import Cell
from scl_fem.physics.types import Array
from scl_fem.postprocess.cell_summary import parts_of_cell, parts_of_pair
from scl_fem.postprocess.derived import Derived
from scl_fem.postprocess.sides import sides_of
from scl_fem.postprocess.state import CellState, bulk_potentials
from scl_fem.postprocess.summary import interface_summary
from scl_fem.progress import Reporter
from scl_fem.solvers.course import Progress


def transient_summary(
    system: System,
    state: CellState,
    progress: Progress,
    layer_level: float,
    reporter: Reporter,
    *,
    pair: bool,
) -> dict[str, Any]:
    """The keys of equilibrium at the last time. Collective; the same on every rank.

    Args:
        system: unknowns and physics.
        state: at the last time.
        progress: where the run ended.
        layer_level: what counts as the layer.
        reporter: takes remarks on numbers that are missing or not to be trusted.
        pair: whether it is an electrode with one contact and an electrolyte with the other.
    """
    sides = sides_of(state, _nodal_charges(system, progress))
    # A differential capacitance belongs to an equilibrium.
    solved = {"converged": True, "residual": progress.residual, "capacitance_uF_per_cm2": None}
    if not pair:
        parts = parts_of_cell(state, sides, {}, layer_level, reporter)
        return {**solved, "layer_level": layer_level, **parts}
    both = sides[INTERFACE]
    numbers = {**interface_summary(system.space, state.phi, both, layer_level, reporter), **solved}
    derived = Derived(system.space.comm, reporter)
    return {**numbers, **parts_of_pair(state, both, numbers, {}, derived)}


def _nodal_charges(system: System, progress: Progress) -> dict[str, Array]:
    """Integral of rho v over each phase, e, owned v."""
    found = {}
    for name, region in system.regions.items():
        found[name] = np.zeros(system.space.owned)
        found[name][region.nodes[: region.owned]] = region.charges_of(progress.levels[-1].amounts[name])
    return found


def transient_state(system: System, cell: Cell, state: State, shifts: Shifts) -> CellState:
    """The cell at one time.

    Args:
        system: unknowns and physics.
        cell: its phases in one gauge.
        state: at that time.
        shifts: energies of carriers that depend on the place.
    """
    function = system.space.function
    return CellState(
        system.space,
        system.phases,
        function("phi", state.phi),
        offsets={name: tuple(function("mu", each) for each in values) for name, values in state.mu.items()},
        potentials=bulk_potentials(cell),
        reference=cell.reference,
        shifts=shifts,
    )
