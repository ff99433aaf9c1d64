"""Newton's method for potential steps from -2 to 2 V, by line search."""

from __future__ import annotations

import numpy as np

from benchmarks.measuring import ROOT, print_table

CASE = ROOT / "cases" / "lvo_lagp_x0.2_1d.toml"
STEPS = (-2.0, -1.5, -1.0, -0.6, -0.2, 0.01, 0.2, 0.4, 1.0, 1.5, 2.0)
RANDOM_PAIRS = 40
LINE_SEARCHES: dict[str, dict[str, str | int]] = {
    "critical point (default)": {},
    "backtracking": {"snes_linesearch_type": "bt"},
    "backtracking, order 2": {"snes_linesearch_type": "bt", "snes_linesearch_order": 2},
    "none": {"snes_linesearch_type": "basic"},
}


def main() -> None:
    """Print Newton steps by potential step for Li0.2V2O5 | LAGP, and statistics for random pairs."""
    rows = []
    for step in STEPS:
        found = [
            _newton_steps([f"phase.electrode.voltage={3.0 + step}"], how) for how in LINE_SEARCHES.values()
        ]
        rows.append((f"{step:g}", *map(_shown, found)))
    print_table(("potential step (V)", *LINE_SEARCHES), rows)
    print("\nNewton steps; +n: in n more stages of a smaller step, those of failed solves counted too\n")
    pairs = list(_random_pairs(RANDOM_PAIRS))
    rows = []
    for name, options in LINE_SEARCHES.items():
        found = [_newton_steps(pair, options) for pair in pairs]
        steps = [steps for steps, _ in found if steps is not None]
        staged = sum(stages > 0 for _, stages in found)
        rows.append((name, f"{np.median(steps):.0f}", max(steps), staged, len(found) - len(steps)))
    print(f"{RANDOM_PAIRS} random pairs of materials, steps from -2 to 2 V\n")
    print_table(("line search", "median Newton steps", "most", "pairs that needed stages", "failed"), rows)


def _random_pairs(number: int):
    """Overrides that make other materials of the case's: seldom real, always stable."""
    random = np.random.default_rng(1)
    for _ in range(number):
        bulk = 1.0 / (1.0 + np.exp(random.normal(0.0, 3.0, 2)))
        yield [
            f"phase.electrode.voltage={3.0 + random.uniform(-2.0, 2.0):.3f}",
            f"materials.LVO.composition={{x=[0, 0.2], occupancy=[{0.5 * bulk[0]:.6g}, {bulk[0]:.6g}]}}",
            f"materials.LAGP.occupancy={bulk[1]:.6g}",
            f"materials.LVO.defect_energy={random.choice([0.0, 0.5, 2.46, 6.0])}",
            f"materials.LAGP.defect_energy={random.choice([0.0, 0.5, 4.77])}",
            f"materials.LVO.permittivity={10 ** random.uniform(0.5, 2.5):.3g}",
            f"materials.LVO.c_max={10 ** random.uniform(-0.5, 1.5):.3g}",
            f"materials.LVO.regular_solution={random.uniform(-0.05, 0.04):.3g}",
        ]


def _shown(found: tuple[int | None, int]) -> str:
    steps, stages = found
    if steps is None:
        return "fails"
    return f"{steps} +{stages}" if stages else str(steps)


def _newton_steps(overrides: list[str], options: dict[str, str | int]) -> tuple[int | None, int]:
    """Newton steps in all, None where it fails, and how many stages it took besides the whole."""
    from mpi4py import MPI

    from scl_fem.case import load_case, resolve
    from scl_fem.discretisation.space import PotentialSpace
    from scl_fem.errors import ConvergenceError
    from scl_fem.mesh.distribute import build_domain
    from scl_fem.solvers.equilibrium import solve_equilibrium
    from scl_fem.studies.phases import phases_of

    case = resolve(load_case(CASE, overrides))
    space = PotentialSpace(build_domain(case.mesh, MPI.COMM_SELF))
    settings = case.solver.model_copy(update={"petsc": options})
    taken: list[int] = []
    try:
        solved = solve_equilibrium(
            space, phases_of(case), "closed", settings, lambda iteration, residual: taken.append(iteration)
        )
    except ConvergenceError:
        return None, 0
    return sum(iteration > 0 for iteration in taken), len(solved.stages) - 1
