"""What a state on the way to equilibrium amounts to: the quantities of equilibrium, without mu_e constant."""

from __future__ import annotations

from typing import Any

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np
from dolfinx import fem

from scl_fem.equations.state import State
from scl_fem.equations.system import System
from scl_fem.physics.types import Array
from scl_fem.postprocess.fields import state_fields
from scl_fem.postprocess.layer import LayerSide
from scl_fem.postprocess.line import sample_line
from scl_fem.postprocess.profile import joined
from scl_fem.postprocess.summary import interface_summary
from scl_fem.progress import Reporter
from scl_fem.solvers.course import Progress


def occupying_potential(system: System, state: State, tag: str) -> fem.Function:
    """phi - mu_e/(z e): the potential that at equilibrium would give the occupancies of a phase, V."""
    function = system.space.function("occupying")
    charge_number = system.phases[tag].main.component.charge_number
    function.x.array[:] = state.phi - state.mu[tag][0] / charge_number
    return function


def transient_summary(
    system: System, progress: Progress, layer_level: float, reporter: Reporter
) -> dict[str, Any]:
    """The keys of equilibrium at the last time. Collective; the same on every rank.

    Args:
        system: unknowns and physics.
        progress: where the run ended.
        layer_level: what counts as the layer.
        reporter: takes remarks on numbers that are missing or not to be trusted.
    """
    space, state = system.space, progress.state
    charges = system.charge_sums(progress.levels[-1].amounts)
    sides = {
        tag: LayerSide(
            space,
            tag,
            system.phases[tag],
            occupying_potential(system, state, tag),
            charges[tag],
        )
        for tag in system.phases
    }
    phi = space.function("phi")
    phi.x.array[:] = state.phi
    return {
        "converged": True,
        "residual": progress.residual,
        **interface_summary(space, phi, sides, layer_level, reporter),
        # A differential capacitance belongs to an equilibrium.
        "capacitance_uF_per_cm2": None,
    }


def transient_fields(system: System, state: State, reference: float) -> dict[str, dict[str, Array]]:
    """Nodal fields of each phase at all local nodes; those outside the phase are NaN.

    Args:
        system: unknowns and physics.
        state: at one time.
        reference: mu_e of the electrolyte's neutral bulk, eV.
    """
    found: dict[str, dict[str, Array]] = {}
    for tag, phase in system.phases.items():
        nodes = system.regions[tag].nodes
        occupying = occupying_potential(system, state, tag).x.array[nodes]
        fields = state_fields(phase, state.phi[nodes], occupying, reference + state.mu[tag][0, nodes])
        found[tag] = {}
        for name, values in fields.items():
            found[tag][name] = np.full(state.phi.shape, np.nan)
            found[tag][name][nodes] = values
    return found


def transient_profile(system: System, state: State, reference: float) -> dict[str, Array | np.ndarray]:
    """Columns of profile.csv at one time. Collective.

    Args:
        system: unknowns and physics.
        state: at that time.
        reference: mu_e of the electrolyte's neutral bulk, eV.
    """
    phi = system.space.function("phi")
    phi.x.array[:] = state.phi
    occupying = {tag: occupying_potential(system, state, tag) for tag in system.phases}
    lines = sample_line(system.space, {tag: phi for tag in system.phases})
    others = sample_line(system.space, occupying)
    fields = {}
    for tag, line in lines.items():
        phase = system.phases[tag]
        mu_e = phase.main.charge_number * (line.values - others[tag].values) + reference
        fields[tag] = state_fields(phase, line.values, others[tag].values, mu_e)
    return joined(lines, fields)
