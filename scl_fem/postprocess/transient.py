"""What a state on the way to equilibrium amounts to: the quantities of equilibrium, without mu_e constant."""

from __future__ import annotations

from typing import Any

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np
from dolfinx import fem

from scl_fem.discretisation.transport import TransportSystem
from scl_fem.discretisation.unknowns import State
from scl_fem.mesh.domain import ELECTROLYTE, INTERFACE
from scl_fem.physics.types import Array
from scl_fem.postprocess.cell_summary import parts_of_pair
from scl_fem.postprocess.derived import Derived
from scl_fem.postprocess.fields import nodal_fields
from scl_fem.postprocess.profile import profile_columns
from scl_fem.postprocess.sides import sides_of
from scl_fem.postprocess.state import CellState
from scl_fem.postprocess.summary import interface_summary
from scl_fem.progress import Reporter
from scl_fem.solvers.course import Progress


def transient_summary(
    system: TransportSystem, progress: Progress, layer_level: float, reporter: Reporter
) -> dict[str, Any]:
    """The keys of equilibrium at the last time. Collective; the same on every rank.

    Args:
        system: unknowns and physics.
        progress: where the run ended.
        layer_level: what counts as the layer.
        reporter: takes remarks on numbers that are missing or not to be trusted.
    """
    state = transient_state(system, progress.state, 0.0)
    sides = sides_of(state, progress.levels[-1].charges)[INTERFACE]
    numbers = interface_summary(system.space, state.phi, sides, layer_level, reporter)
    return {
        "converged": True,
        "residual": progress.residual,
        **numbers,
        # A differential capacitance belongs to an equilibrium.
        "capacitance_uF_per_cm2": None,
        **parts_of_pair(state, sides, numbers, {}, Derived(system.space.comm, reporter)),
    }


def transient_state(system: TransportSystem, state: State, reference: float) -> CellState:
    """The cell at one time.

    Args:
        system: unknowns and physics.
        state: at that time.
        reference: mu_e of the electrolyte's neutral bulk, eV.
    """

    def function(values: Array) -> fem.Function:
        made = system.space.function("state")
        made.x.array[:] = values
        return made

    return CellState(
        system.space,
        system.phases,
        function(state.phi),
        offsets={tag: (function(values),) for tag, values in state.mu_e.items()},
        potentials={tag: np.array([reference]) for tag in system.phases},
        reference=ELECTROLYTE,
    )


def transient_fields(system: TransportSystem, state: State, reference: float) -> dict[str, dict[str, Array]]:
    """Nodal fields of each phase at all local nodes; those outside the phase are NaN.

    Args:
        system: unknowns and physics.
        state: at one time.
        reference: mu_e of the electrolyte's neutral bulk, eV.
    """
    return nodal_fields(transient_state(system, state, reference))


def transient_profile(
    system: TransportSystem, state: State, reference: float
) -> dict[str, Array | np.ndarray]:
    """Columns of profile.csv at one time. Collective.

    Args:
        system: unknowns and physics.
        state: at that time.
        reference: mu_e of the electrolyte's neutral bulk, eV.
    """
    return profile_columns(transient_state(system, state, reference))
