"""A time step of the EXSY study: seconds, and iterations of its two linear solves."""

from __future__ import annotations

import argparse
import math
import statistics
import time
from dataclasses import dataclass

from benchmarks.measuring import print_table

SIZES = (90_000, 910_000)
DURATION = 42.25
"""s: 4Dt = 4 d^2."""


@dataclass(frozen=True)
class Step:
    """A step of the run: its length, what it cost, whether it kept the matrix."""

    length: float
    seconds: float
    iterations: int
    same_matrix: bool


def main(sizes: tuple[int, ...] = SIZES, until: float = DURATION) -> None:
    """Print the median CPU time of the steps that keep their matrix, and of those that do not.

    Args:
        sizes: about how many unknowns.
        until: end of the run, s; a shorter one sees the easy beginning alone.
    """
    rows = []
    for size in sizes:
        unknowns, steps, total = _steps(size, until)
        kept = [step.seconds for step in steps if step.same_matrix]
        changed = [step.seconds for step in steps if not step.same_matrix]
        rows.append(
            (
                f"{unknowns}",
                f"{len(steps)}",
                f"{statistics.median(kept):.3f}",
                f"{max(kept):.3f}",
                f"{statistics.median(changed):.3f}",
                f"{statistics.mean(step.iterations for step in steps):.1f}",
                f"{total:.0f}",
            )
        )
    header = "unknowns", "steps", "CPU s a step", "slowest", "with a new matrix", "iterations", "CPU s in all"
    print_table(header, rows)
    print("\nA step is two linear solves (TR-BDF2); one core, CG with incomplete Cholesky.")


def _steps(size: int, until: float) -> tuple[int, list[Step], float]:
    from mpi4py import MPI

    from scl_fem.discretisation.space import PotentialSpace
    from scl_fem.discretisation.tagged import PARTICLE, SURROUNDINGS, TaggedLithium, TracerPhysics
    from scl_fem.mesh.distribute import build_domain
    from scl_fem.solvers.fick import ExchangeSolver, sharp_start
    from scl_fem.solvers.settings import SolverSettings

    space = PotentialSpace(build_domain(_mesh(size), MPI.COMM_SELF))
    one, diffusivity = dict.fromkeys((PARTICLE, SURROUNDINGS), 1.0), 100.0
    system = TaggedLithium(space, TracerPhysics(dict.fromkeys(one, diffusivity), one))
    settings = SolverSettings()
    solver = ExchangeSolver(system, sharp_start(system, settings), settings, 3e-4)
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
    return system.unknowns, steps, time.process_time() - start


def _mesh(size: int):
    """The octant of a 65 nm cube in a medium that is infinite for the duration, graded more or less."""
    from scipy.optimize import brentq

    from scl_fem.case import Case, resolve

    tables = {
        "study": {"kind": "exsy", "duration": DURATION},
        "mesh": {"kind": "cube", "dimension": 3, "particle_size": 65.0},
        "exsy": {"diffusivity": 1e-12},
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
