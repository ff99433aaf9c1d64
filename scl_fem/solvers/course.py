"""The course of a transient: times, charges, steps, and what one starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scl_fem.equations.region import NodalPhysics
from scl_fem.equations.state import Amounts, State
from scl_fem.equations.system import Physics, System
from scl_fem.physics.types import Indices
from scl_fem.solvers.newton import NewtonReport


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
        amounts: what the nodes of each region hold of its components beyond its bulk, (n_components, owned).
        state: unknowns.
        field_flux: of the displacement field that enters at the first contact, e.
        contact: whether the phases touched just then: nothing before it predicts what follows.
    """

    time: float
    amounts: Amounts
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
        current: into the first contact, e/s.
        error: estimate of the local error as a fraction of the layer's charge.
        report: of Newton's method.
    """

    progress: Progress
    length: float
    physics: Mapping[str, NodalPhysics]
    current: float
    error: float
    report: NewtonReport


def neutral_start(system: System, control: StepControl) -> Progress:
    """Each phase at its bulk, just put in contact: phi = 0, and no charge but that of a phase without bulk.

    Sites of interfaces are empty, and what local energies attract is not there yet: it comes from the phases.

    Args:
        system: unknowns and physics.
        control: gives the first step.
    """
    phi = np.zeros(system.unknowns.phi.size)
    bulks = {
        name: -region.phase.charge_numbers * region.phase.bulk_potential
        for name, region in system.regions.items()
    }
    state = system.state(phi, bulks)
    amounts = {name: np.zeros((each.size, each.owned)) for name, each in system.regions.items()}
    shared = system.unknowns.unpack(system.unknowns.pack(state))
    return Progress([Level(0.0, amounts, shared, contact=True)], control.first)


def start_from(system: System, state: State, control: StepControl, terminal: Indices) -> Progress:
    """Start from given unknowns.

    Args:
        system: unknowns and physics.
        state: for example of an equilibrium.
        control: gives the first step.
        terminal: owned nodes of the first contact.
    """
    return Progress([level_at(system, 0.0, state, system.evaluate(state), terminal)], control.first)


def level_at(system: System, time: float, state: State, physics: Physics, terminal: Indices) -> Level:
    """What later steps need of a time: amounts, unknowns, field at the first contact. Collective.

    Args:
        system: unknowns and physics.
        time: s.
        state: unknowns.
        physics: there.
        terminal: owned nodes of the first contact.
    """
    field_flux = system.space.sum(system.displacement(state.phi)[terminal])
    return Level(time, {name: each.amounts for name, each in physics.items()}, state, field_flux)


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
        {name: new.mu[name] + ratio * (new.mu[name] - old.mu[name]) for name in new.mu},
    )


def free_energy(system: System, state: State, physics: Physics) -> float:
    """Free energy of the cell against its neutral phases, eV: falls in a closed one. Collective.

    Sum of the cost of the occupancies, of moving components between bulks of different potential, and of
    the field: integral of f(y) - phi_bulk sum of z_i (c_i - c_i0) + eps |grad phi|^2/2.
    """
    space = system.space
    total = 0.5 * space.sum(state.phi[: space.owned] * system.displacement(state.phi))
    for name, region in system.regions.items():
        phase, here = region.phase, physics[name]
        cost = phase.free_energy_density(here.phase, region.shift)[: region.owned]
        moved = phase.charge_numbers @ here.amounts
        total += space.sum(region.weights * cost - phase.bulk_potential * moved)
        total += sum(space.sum(surface.free_energies(here.w)) for surface in region.surfaces)
    return total
