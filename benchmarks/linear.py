"""A factorisation against conjugate gradients, by size, in two and three dimensions."""

from __future__ import annotations

from benchmarks.measuring import ROOT, Times, measured, print_table

# keys that make a mesh finer, coarse to fine
MESHES = {
    "particle, 2D": (
        "lvo_lagp_x2_particle_2d.toml",
        [f"mesh.tangential_size={size}" for size in (0.25, 0.1, 0.05, 0.025)],
    ),
    "particle, 3D": (
        "lvo_lagp_x2_particle_3d.toml",
        [f"mesh.tangential_size={size}" for size in (2.0, 1.3, 0.8, 0.6)],
    ),
}
REPEATS = 2


def main() -> None:
    """Print CPU times of the equilibrium (K assembled, Newton's method) and of one accurate solve."""
    rows = []
    for name, (file, finenesses) in MESHES.items():
        for fineness in finenesses:
            unknowns, newton, one = _compare(file, fineness)
            rows.append(
                (name, unknowns, newton["direct"], newton["iterative"], one["direct"], one["iterative"])
            )
    print_table(
        ("mesh", "unknowns", "equilibrium: direct", "iterative", "one solve to 1e-12: direct", "iterative"),
        rows,
    )
    print("\nCPU s")


def _compare(file: str, fineness: str) -> tuple[int, dict[str, float], dict[str, float]]:
    from mpi4py import MPI

    from scl_fem.case import load_case, resolve
    from scl_fem.discretisation.space import PotentialSpace
    from scl_fem.mesh.distribute import build_domain
    from scl_fem.solvers.equilibrium import solve_equilibrium
    from scl_fem.solvers.linear import solve_symmetric
    from scl_fem.studies.phases import phases_of

    case = resolve(load_case(ROOT / "cases" / file, [fineness]))
    space = PotentialSpace(build_domain(case.mesh, MPI.COMM_SELF))
    newton, one = {}, {}
    for linear in ("direct", "iterative"):
        settings = case.solver.model_copy(update={"linear": linear})

        def solve(settings=settings):
            return solve_equilibrium(space, phases_of(case), "closed", settings)

        times: Times = measured(solve, REPEATS)
        newton[linear] = times.cpu
        problem = solve().problem
        problem.charge.evaluate(problem.phi)
        matrix = problem.linearised(problem.charge, problem.stiffness.duplicate())

        def solve_once(matrix=matrix, settings=settings):
            answer, load = matrix.createVecs()
            load.set(1.0)
            answer.set(0.0)
            solve_symmetric(matrix, load, answer, settings, space.domain.dimension)

        one[linear] = measured(solve_once, REPEATS).cpu
    return space.unknowns, newton, one
