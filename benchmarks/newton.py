"""Newton's method for potential steps from -2 to 2 V, by line search."""

from __future__ import annotations

from benchmarks.measuring import ROOT, print_table

CASE = ROOT / "cases" / "lvo_lagp_x0.2_1d.toml"
STEPS = (-2.0, -1.5, -1.0, -0.6, -0.2, 0.01, 0.2, 0.4, 1.0, 1.5, 2.0)
LINE_SEARCHES = {
    "critical point (default)": {},
    "backtracking": {"snes_linesearch_type": "bt"},
    "backtracking, order 2": {"snes_linesearch_type": "bt", "snes_linesearch_order": 2},
    "none": {"snes_linesearch_type": "basic"},
}


def main() -> None:
    """Print Newton steps by potential step, with and without the defects' interaction."""
    for defects in (True, False):
        print("with the interaction of defects\n" if defects else "\nwithout\n")
        rows = [
            (f"{step:g}", *(_newton_steps(step, options, defects) for options in LINE_SEARCHES.values()))
            for step in STEPS
        ]
        print_table(("potential step (V)", *LINE_SEARCHES), rows)
    print(
        "\nNewton steps; +n: in n more stages of a smaller potential step, those of failed solves counted too"
    )


def _newton_steps(step: float, options: dict, defects: bool) -> str:
    """Newton steps in all, and how many stages it took."""
    from mpi4py import MPI

    from scl_fem.case import load_case, resolve
    from scl_fem.discretisation.space import PotentialSpace
    from scl_fem.errors import ConvergenceError
    from scl_fem.mesh.distribute import build_domain
    from scl_fem.solvers.equilibrium import solve_equilibrium
    from scl_fem.studies.phases import phases_of

    overrides = [f"phase.electrode.voltage={3.0 + step}"]
    if not defects:
        overrides += ["materials.LVO.defect_law=none", "materials.LAGP.defect_law=none"]
    case = resolve(load_case(CASE, overrides))
    space = PotentialSpace(build_domain(case.mesh, MPI.COMM_SELF))
    settings = case.solver.model_copy(update={"petsc": options})
    taken = []
    try:
        solved = solve_equilibrium(
            space, phases_of(case), "closed", settings, lambda iteration, residual: taken.append(iteration)
        )
    except ConvergenceError:
        return "fails"
    steps = sum(iteration > 0 for iteration in taken)
    more = len(solved.stages) - 1
    return f"{steps} +{more}" if more else str(steps)
