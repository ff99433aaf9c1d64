"""The study "conduction": equilibrium, then a small current through its frozen conductivity."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scl_fem.postprocess.summary import conduction_summary
from scl_fem.solvers.conduction import Conduction, solve_conduction
from scl_fem.studies.equilibrium import EquilibriumStudy
from scl_fem.studies.kinds import STUDIES, FieldStep


@STUDIES.register("conduction")
class ConductionStudy(EquilibriumStudy):
    """An equilibrium and its resistance.

    Attributes:
        conduction: once solved.
    """

    conduction: Conduction

    def solve(self) -> None:
        """See `Study`."""
        super().solve()
        self.reporter.stage("conduction")
        self.conduction = solve_conduction(self.equilibrium, self.case.solver)

    def numbers(self) -> dict[str, Any]:
        """See `Study`."""
        return {**super().numbers(), **conduction_summary(self.conduction)}

    def field_steps(self) -> Iterator[FieldStep]:
        """The fields of equilibrium and psi, the relative driving potential."""
        psi = self.conduction.psi.x.array
        for time, phases in super().field_steps():
            yield time, {tag: {**fields, "psi": psi} for tag, fields in phases.items()}
