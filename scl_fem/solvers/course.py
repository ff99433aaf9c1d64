"""The course of a transient: times, charges, steps, and what one starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scl_fem.discretisation.transport import TransportSystem
from scl_fem.discretisation.unknowns import NodalPhysics, State
from scl_fem.mesh.domain import ELECTRODE, ELECTROLYTE
from scl_fem.physics.types import Array
from scl_fem.solvers.newton import NewtonReport

type Charges = dict[str, Array]


@dataclass(frozen=True)
class StepControl:
    """How long the steps may be.

    Attributes:
        first: length of the first step, s.
        tolerance: what errors of steps may add up to, as a fraction of the layer's charge.
        method: "bdf2" or "euler".
        shortest: a step shorter than this gives up, s.
        longest: s.
    """

    first: float = 1e-12
    tolerance: float = 1e-3
    method: str = "bdf2"
    shortest: float = 1e-18
    longest: float = np.inf


@dataclass
class Level:
    """One accepted time.

    Attributes:
        time: s.
        charges: nodal charges by phase, e, owned nodes.
        state: unknowns.
        field_flux: of the displacement field that enters at the electrode's terminal, e.
        contact: whether the phases touched just then: nothing before it predicts what follows.
    """

    time: float
    charges: Charges
    state: State
    field_flux: float = 0.0
    contact: bool = False


@dataclass
class Progress:
    """Where a transient stands: all that a restart needs.

    Attributes:
        levels: the last accepted times, newest last, up to three.
        next_step: proposal, s.
        steps: accepted so far.
        rejected: taken again so far.
        newton_iterations: in all.
        residual: of the last step, relative to the layer's charge.
    """

    levels: list[Level]
    next_step: float
    steps: int = 0
    rejected: int = 0
    newton_iterations: int = 0
    residual: float = 0.0

    @property
    def time(self) -> float:
        """s."""
        return self.levels[-1].time

    @property
    def state(self) -> State:
        """Unknowns at that time."""
        return self.levels[-1].state


@dataclass(frozen=True)
class Accepted:
    """An accepted step.

    Attributes:
        progress: where the run stands now.
        length: of the step, s.
        physics: at the new state.
        current: through the terminals, electrode to electrolyte, e/s.
        error: estimate of the local error as a fraction of the layer's charge.
        report: of Newton's method.
    """

    progress: Progress
    length: float
    physics: Mapping[str, NodalPhysics]
    current: float
    error: float
    report: NewtonReport


def neutral_start(system: TransportSystem, control: StepControl) -> Progress:
    """Each phase at its bulk, just put in contact: no charge anywhere, phi = 0.

    Args:
        system: unknowns and physics.
        control: gives the first step.
    """
    phi = system.with_ghosts(np.zeros(system.space.owned))
    mu_e = {
        tag: np.full(phi.size, -phase.main.charge_number * phase.bulk_potential)
        for tag, phase in system.phases.items()
    }
    common = mu_e[ELECTROLYTE].copy()
    common[system.nodes[ELECTRODE]] = mu_e[ELECTRODE][system.nodes[ELECTRODE]]
    if not system.jump_nodes_anywhere:
        mu_e = {tag: common.copy() for tag in system.phases}
    neutral = {tag: np.zeros(system.space.owned) for tag in system.phases}
    return Progress([Level(0.0, neutral, State(phi, mu_e), contact=True)], control.first)


def start_from(system: TransportSystem, state: State, control: StepControl) -> Progress:
    """Start from given unknowns.

    Args:
        system: unknowns and physics.
        state: for example of an equilibrium.
        control: gives the first step.
    """
    return Progress([level_at(system, 0.0, state, system.evaluate(state))], control.first)


def level_at(
    system: TransportSystem, time: float, state: State, physics: Mapping[str, NodalPhysics]
) -> Level:
    """What later steps need of a time: charges, unknowns, mobilities, field at the terminal."""
    terminal = system.terminal_weights[ELECTRODE] > 0.0
    field_flux = system.space.sum(system.displacement(state.phi)[terminal])
    return Level(time, system.charges(physics), state, field_flux)


def extrapolated_state(newest: Level, older: Level, time: float, begun: float) -> State:
    """Unknowns at a new time: a start for Newton's method.

    On a straight line in the logarithm of the time since things began, as layers grow over decades of it.

    Args:
        newest: last accepted time.
        older: the one before.
        time: the new one, s.
        begun: when what happens now began, s.
    """
    if older.time > begun:
        since = np.log(np.array([older.time, newest.time, time]) - begun)
    else:
        since = np.array([older.time, newest.time, time])
    ratio = float((since[2] - since[1]) / (since[1] - since[0]))
    new, old = newest.state, older.state
    return State(
        new.phi + ratio * (new.phi - old.phi),
        {tag: new.mu_e[tag] + ratio * (new.mu_e[tag] - old.mu_e[tag]) for tag in new.mu_e},
    )


def free_energy(system: TransportSystem, state: State, physics: Mapping[str, NodalPhysics]) -> float:
    """Free energy of the cell against its neutral phases, eV: falls in a closed one.

    Sum of the cost of the occupancies, of moving Li between bulks of different potential, and of
    the field: integral of c_max f(x) - z phi_bulk (c - c_0) + eps |grad phi|^2/2.
    """
    total = 0.5 * system.space.sum(state.phi[: system.space.owned] * system.displacement(state.phi))
    for tag, phase in system.phases.items():
        nodes = system.nodes[tag]
        owned = nodes < system.space.owned
        weights = system.weights[tag][nodes[owned]]
        carrier = phase.main
        cost = carrier.site_density * carrier.thermodynamics.free_energy(physics[tag].eta[owned])
        charge = physics[tag].charge[nodes[owned]]
        total += system.space.sum(weights * (cost - phase.bulk_potential * charge))
    return total
