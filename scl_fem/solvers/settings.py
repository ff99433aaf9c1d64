"""The table [solver] of a case file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from scl_fem.complaints import complaints
from scl_fem.settings import Settings
from scl_fem.solvers.petsc_names import Value
from scl_fem.solvers.petsc_options import mistakes_in


class SolverSettings(Settings):
    """How the equations are discretised and solved.

    Attributes:
        order: polynomial degree of the elements; 1 lumps the charge at the nodes, 2 integrates it.
        linear: "direct" (MUMPS), "iterative" (preconditioned Krylov methods), or "auto": direct
            where that is the faster one.
        tolerance: Newton has converged when the sum of the moduli of the unbalanced nodal charges
            is below this fraction of the layer's charge (or at round-off); in a transient also
            when it is below 1e-6 of what a step may be off by.
        max_iterations: of one Newton solve.
        petsc: PETSc options for the nonlinear solve (exsy: for its linear solves), without the leading
            dash; they go before those that scl_fem chooses. Options of solvers and preconditioners only:
            none that write files, print or run code.
    """

    order: Literal[1, 2] = 1
    linear: Literal["auto", "direct", "iterative"] = "auto"
    tolerance: Annotated[float, Field(gt=0.0, lt=1e-3)] = 1e-11
    max_iterations: Annotated[int, Field(ge=1)] = 100
    petsc: dict[str, str | int | float | bool] = Field(default_factory=dict)

    @field_validator("petsc")
    @classmethod
    def _are_safe(cls, options: dict[str, Value]) -> dict[str, Value]:
        mistakes = mistakes_in(options)
        if mistakes:
            raise complaints("petsc", [((), mistake) for mistake in mistakes])
        return options
