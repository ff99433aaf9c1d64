"""A time step of the EXSY study: seconds, and iterations of its two linear solves."""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.measuring import print_table

SIZES = (90_000, 910_000)
DURATION = 42.25
"""s: 4Dt = 4 d^2."""

DIFFUSIVITY = 100.0
"""nm^2/s"""

EDGE = 65.0
"""nm"""

TOLERANCE = 3e-4
"""Of a step."""


CONCENTRATION = 1.72
"""Of Li in LixV2O5 to that in LAGP (x = 0.55)."""

INCOMPLETE_CHOLESKY = {"pc_type": "bjacobi"}


@dataclass(frozen=True)
class Step:
    """A step of the run: its length, what it cost, whether it kept the matrix."""

    length: float
    seconds: float
    iterations: int
    same_matrix: bool


@dataclass(frozen=True)
class Run:
    """A run to the end.

    Attributes:
        unknowns: of the equation.
        steps: in order.
        seconds: CPU time of all steps.
        error: largest difference from the closed form, nan where there is none.
    """

    unknowns: int
    steps: list[Step]
    seconds: float
    error: float


def main(sizes: tuple[int, ...] = SIZES, until: float = DURATION) -> None:
    """Print the median CPU time of the steps that keep their matrix, and of those that do not.

    Args:
        sizes: about how many unknowns.
        until: end of the run, s; a shorter one sees the easy beginning alone.
    """
    cases = (
        ("equal", "fast diagonalisation", 1.0, {}),
        ("equal", "incomplete Cholesky", 1.0, INCOMPLETE_CHOLESKY),
        (f"c {CONCENTRATION} times", "fast diagonalisation", CONCENTRATION, {}),
        (f"c {CONCENTRATION} times", "incomplete Cholesky", CONCENTRATION, INCOMPLETE_CHOLESKY),
    )
    rows = [
        (*_summary(_run(size, until, ratio, petsc)), phases, by)
        for size in sizes
        for phases, by, ratio, petsc in cases
    ]
    header = "unknowns", "steps", "CPU s a step", "slowest", "with a new matrix", "iterations", "CPU s in all"
    print_table((*header, "error", "phases", "by"), rows)
    print("\nA step is two linear solves (TR-BDF2); one core.")


def _summary(run: Run) -> tuple[str, ...]:
    kept = [step.seconds for step in run.steps if step.same_matrix]
    changed = [step.seconds for step in run.steps if not step.same_matrix]
    return (
        f"{run.unknowns}",
        f"{len(run.steps)}",
        f"{statistics.median(kept):.3f}",
        f"{max(kept):.3f}",
        f"{statistics.median(changed):.3f}",
        f"{statistics.mean(step.iterations for step in run.steps):.1f}",
        f"{run.seconds:.1f}",
        "" if math.isnan(run.error) else f"{run.error:.2e}",
    )


def _run(size: int, until: float, concentration: float, petsc: Mapping[str, str]) -> Run:
    from mpi4py import MPI

    from scl_fem.discretisation.space import PotentialSpace
    from scl_fem.discretisation.tagged import PARTICLE, SURROUNDINGS, TaggedLithium, TracerPhysics
    from scl_fem.mesh.distribute import build_domain
    from scl_fem.solvers.fick import ExchangeSolver, sharp_start
    from scl_fem.solvers.settings import SolverSettings

    space = PotentialSpace(build_domain(_mesh(size), MPI.COMM_SELF))
    physics = TracerPhysics(
        {PARTICLE: DIFFUSIVITY, SURROUNDINGS: DIFFUSIVITY}, {PARTICLE: 1.0, SURROUNDINGS: concentration}
    )
    system = TaggedLithium(space, physics)
    settings = SolverSettings(petsc=dict(petsc))
    solver = ExchangeSolver(system, sharp_start(system, settings), settings, TOLERANCE)
    steps: list[Step] = []
    start = before = time.process_time()
    iterations = 0

    def keep(state) -> None:
        nonlocal before, iterations
        now, length = time.process_time(), state.history.time[-1] - state.history.time[-2]
        same = bool(steps) and abs(length / steps[-1].length - 1.0) < 1e-6
        steps.append(Step(length, now - before, solver.stepper.iterations - iterations, same))
        before, iterations = time.process_time(), solver.stepper.iterations

    solver.run(until, keep=keep)
    seconds = time.process_time() - start
    error = _error(solver.state.history) if concentration == 1.0 else math.nan
    return Run(system.unknowns, steps, seconds, error)


def _error(history) -> float:
    """Largest difference from the closed form of a cube in an infinite medium."""
    import numpy as np

    from scl_fem.constants import NM2_PER_CM2
    from scl_fem.physics.exchange import remaining_in_cube

    exact = remaining_in_cube(DIFFUSIVITY / NM2_PER_CM2, np.array(history.time[1:]), EDGE)
    return float(np.abs(np.array(history.remaining[1:]) - exact).max())


def _mesh(size: int):
    """The octant of a 65 nm cube in a medium that is infinite for the duration, graded more or less."""
    from scipy.optimize import brentq

    from scl_fem.case import Case, resolve
    from scl_fem.constants import NM2_PER_CM2

    tables = {
        "study": {"kind": "exsy", "duration": DURATION},
        "mesh": {"kind": "cube", "dimension": 3, "particle_size": EDGE},
        "exsy": {"diffusivity": DIFFUSIVITY / NM2_PER_CM2},
    }
    mesh = resolve(Case(**tables)).mesh

    def points_along_axis(growth: float) -> float:
        """Two graded layers, and a core of cells as large as the last of the inner one."""
        layers = (mesh.particle_size - mesh.core_size) / 2, (mesh.box_size - mesh.particle_size) / 2
        graded = sum(math.log1p((growth - 1.0) * layer / mesh.interface_size) for layer in layers)
        return graded / math.log(growth) + growth / (growth - 1.0) + 1.5

    growth = brentq(lambda g: points_along_axis(g) - size ** (1.0 / 3.0), 1.02, 3.0)
    return mesh.model_copy(update={"growth": growth})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, nargs="+", default=SIZES, help="about how many unknowns")
    parser.add_argument("--until", type=float, default=DURATION, help="end of the run, s")
    chosen = parser.parse_args()
    main(tuple(chosen.size), chosen.until)
