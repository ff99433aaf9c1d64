"""The study "conduction": equilibrium, then a small current through its frozen conductivity."""

from __future__ import annotations

from typing import Any

from scl_fem.mesh.domain import PhaseTag
from scl_fem.physics.types import Array
from scl_fem.postprocess.summary import conduction_summary
from scl_fem.solvers.conduction import solve_conduction
from scl_fem.studies.equilibrium import EquilibriumResult
from scl_fem.studies.kinds import STUDIES, Study


@STUDIES.register("conduction")
class ConductionResult(EquilibriumResult):
    """A solved equilibrium, and its resistance."""

    def __init__(self, study: Study) -> None:
        """Solve both.

        Args:
            study: the case on its mesh.

        Raises:
            ConvergenceError: see `solve_equilibrium` and `solve_conduction`.
        """
        super().__init__(study)
        study.reporter.stage("conduction")
        self.conduction = solve_conduction(self.equilibrium, study.case.solver)

    def numbers(self) -> dict[str, Any]:
        """See `StudyResult`."""
        return {**super().numbers(), **conduction_summary(self.conduction)}

    def fields(self) -> dict[PhaseTag, dict[str, Array]]:
        """The fields of equilibrium and psi, the relative driving potential."""
        psi = self.conduction.psi.x.array
        return {tag: {**fields, "psi": psi} for tag, fields in super().fields().items()}
