"""Which linear solver, as PETSc options.

Measured on one core (benchmarks/README.md): for the potential alone a factorisation is the better
choice in 1D always and in 2D up to some 4e5 unknowns (within a factor of two either way); in 3D
conjugate gradients with incomplete Cholesky win from a few thousand unknowns on, and for phi and mu_e
together in 2D as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count

import scl_fem._stack  # noqa: F401  (MPI before PETSc)
from petsc4py import PETSc

from scl_fem.errors import ConvergenceError, InputError
from scl_fem.solvers.advice import Trouble, advice
from scl_fem.solvers.settings import SolverSettings

type Options = dict[str, str | int | float | bool | None]

DIRECT: Options = {"ksp_type": "preonly", "pc_type": "cholesky", "pc_factor_mat_solver_type": "mumps"}

SYMMETRIC_ITERATIVE: Options = {
    "ksp_type": "cg",
    "ksp_max_it": 5000,
    "pc_type": "bjacobi",
    "sub_pc_type": "icc",
}

LINEAR_TOLERANCE = 1e-12
"""Relative residual that is next to none."""

ENERGY_TOLERANCE = 1e-7
"""Relative residual where only u.A u of the solution of A u = b is wanted.

That is off by the square of what u itself is off by (in the norm of A): half of the digits of u give
all of the energy's.
"""

_DIRECT_UP_TO = {1: 10_000_000, 2: 400_000, 3: 2_000}

_prefixes = count()

_OUT_OF_MEMORY = 55
"""PETSc's error code."""

_LONGEST_REASON = 200
"""Characters of what PETSc says."""


def symmetric_options(settings: SolverSettings, dimension: int, unknowns: int) -> Options:
    """Options for a symmetric positive definite system.

    Args:
        settings: the user's choice.
        dimension: of the mesh.
        unknowns: on all ranks.
    """
    direct = settings.linear == "direct" or (
        settings.linear == "auto" and unknowns <= _DIRECT_UP_TO[dimension]
    )
    return dict(DIRECT if direct else SYMMETRIC_ITERATIVE)


# What drift adds to a symmetric system takes a few steps of GMRES, preconditioned by conjugate gradients
# for that system. One method for the whole (BiCGStab, GMRES) is slower and loses steps where phases
# hardly exchange Li. From the right: the residual that falls is Newton's own, which its line search
# relies on. One level of fill halves the steps where two fields are coupled (benchmarks/README.md). The
# natural norm measures the error: the residual may rise by orders of magnitude on the way.
TRANSPORT_ITERATIVE: Options = {
    "ksp_type": "fgmres",
    "ksp_gmres_restart": 50,
    "ksp_max_it": 200,
    "pc_type": "ksp",
    **{f"ksp_{name}": value for name, value in SYMMETRIC_ITERATIVE.items()},
    "ksp_ksp_rtol": 0.03,
    "ksp_ksp_norm_type": "natural",
    "ksp_ksp_divtol": 1e30,
    "ksp_sub_pc_factor_levels": 1,
}

_TRANSPORT_DIRECT_UP_TO = {1: 10_000_000, 2: 4_000, 3: 4_000}

# Two phases that hardly exchange Li shift against one another at next to no cost: many more steps.
_SEPARATED_DIRECT_UP_TO = {1: 10_000_000, 2: 400_000, 3: 4_000}


def transport_options(settings: SolverSettings, dimension: int, unknowns: int, *, separated: bool) -> Options:
    """Options for the coupled system of phi and mu_e, preconditioned by what is symmetric of it.

    Args:
        settings: the user's choice.
        dimension: of the mesh.
        unknowns: on all ranks.
        separated: whether mu_e may jump at the interface.
    """
    up_to = _SEPARATED_DIRECT_UP_TO if separated else _TRANSPORT_DIRECT_UP_TO
    direct = settings.linear == "direct" or (settings.linear == "auto" and unknowns <= up_to[dimension])
    chosen = {**DIRECT, "pc_type": "lu"} if direct else TRANSPORT_ITERATIVE
    return {**chosen, "snes_linesearch_type": "bt"}


def is_direct(options: Options) -> bool:
    """Whether these options factorise."""
    return options["ksp_type"] == "preonly"


def solve_symmetric(
    matrix: PETSc.Mat,
    load: PETSc.Vec,
    answer: PETSc.Vec,
    settings: SolverSettings,
    dimension: int,
    tolerance: float = LINEAR_TOLERANCE,
) -> int:
    """Solve one symmetric positive definite system, starting from `answer`.

    Args:
        matrix: the system.
        load: its right-hand side.
        answer: start and solution.
        settings: the user's choice of a solver.
        dimension: of the mesh.
        tolerance: relative residual that an iterative solver may leave; by default next to none.

    Returns:
        The number of Krylov steps.

    Raises:
        ConvergenceError: the linear solver gave up.
    """
    solver = PETSc.KSP().create(matrix.comm)
    solver.setOperators(matrix)
    options = symmetric_options(settings, dimension, matrix.size[0])
    if not is_direct(options):
        # Relative to the load, what a start leaves may be large, and rise on the way.
        options |= {"ksp_rtol": tolerance, "ksp_initial_guess_nonzero": None, "ksp_divtol": 1e30}
    with configured(solver, options, {}):
        solver.solve(load, answer)
    reason, steps = solver.getConvergedReason(), solver.getIterationNumber()
    solver.destroy()
    if reason < 0:
        raise linear_failure(steps, reason, direct=is_direct(options))
    return steps


def linear_failure(steps: int, reason: int, *, direct: bool) -> ConvergenceError:
    """The error of a linear solve that gave up.

    Args:
        steps: of the Krylov method.
        reason: PETSc's.
        direct: whether it was a factorisation.
    """
    hint = "" if direct else f"; {advice(Trouble(linear=True, direct=False))}"
    return ConvergenceError(f"a linear solve stopped after {steps} steps (PETSc reason {reason}){hint}")


@contextmanager
def configured(
    solver: PETSc.SNES | PETSc.KSP, options: Options, user: Mapping[str, str | int | float | bool]
) -> Iterator[None]:
    """Give a solver its options under a prefix of its own while the block solves with it.

    Args:
        solver: has its operators and callbacks already.
        options: scl_fem's choice.
        user: the user's, which win.

    Raises:
        InputError: PETSc refuses a value of the user's, at once or in the block; or after the block, when
            it made no use of one of the options.
    """
    prefix = f"scl_fem_{next(_prefixes)}_"
    solver.setOptionsPrefix(prefix)
    # `used` wants the whole name, whatever the prefix of the database it is asked of.
    database, everything = PETSc.Options(prefix), PETSc.Options()
    merged = {**options, **user}
    for name, value in merged.items():
        database[name] = value
    try:
        with _explained(user):
            solver.setFromOptions()
            yield
        # Options of a preconditioner's parts are read as late as in the first linear solve.
        idle = isinstance(solver, PETSc.SNES) and solver.getIterationNumber() == 0
        unused = [name for name in user if not (idle or everything.used(prefix + name))]
    finally:
        for name in merged:
            database.delValue(name)
    if unused:
        raise InputError(
            f"PETSc made no use of {', '.join(unused)}",
            key="solver.petsc",
            allowed="options of the SNES, KSP and PC that solve this case, without the leading dash",
        )


@contextmanager
def _explained(user: Mapping[str, str | int | float | bool]) -> Iterator[None]:
    """Let PETSc's errors inside the block be about the user's options, where there are any.

    Raises:
        InputError: in place of them.
    """
    try:
        yield
    except PETSc.Error as error:
        # An error of a callback is the cause of PETSc's own; memory is short whatever the options.
        if not user or error.__cause__ is not None or error.ierr == _OUT_OF_MEMORY:
            raise
        given = ", ".join(f"{name} = {value}" for name, value in user.items())
        raise InputError(
            f"PETSc refuses {given}{_reason(error)}",
            key="solver.petsc",
            allowed="options and values that PETSc takes for this case",
        ) from error


def _reason(error: PETSc.Error) -> str:
    """What PETSc says about an error of its own, without the places in its sources."""
    lines = [re.sub(r"^\[\d+\] ", "", line).strip() for line in str(error).splitlines()]
    said = [line for line in lines[1:] if line and not re.match(r"\w+\(\) at |.*https?:", line)]
    return f": {'; '.join(said)[:_LONGEST_REASON]}" if said else ""
