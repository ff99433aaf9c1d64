"""The study "equilibrium": where Li and charge sit."""

from __future__ import annotations

from typing import Any

from scl_fem.mesh.domain import PhaseTag
from scl_fem.output.tables import Profile
from scl_fem.physics.types import Array
from scl_fem.postprocess.fields import fields_of, nodal_fields
from scl_fem.postprocess.line import sample_line
from scl_fem.postprocess.summary import equilibrium_summary
from scl_fem.solvers.equilibrium import solve_equilibrium
from scl_fem.studies.kinds import STUDIES, Study, StudyResult, joined_profile


@STUDIES.register("equilibrium")
class EquilibriumResult(StudyResult):
    """A solved equilibrium."""

    def __init__(self, study: Study) -> None:
        """Solve.

        Args:
            study: the case on its mesh.

        Raises:
            ConvergenceError: see `solve_equilibrium`.
        """
        self.study = study
        study.reporter.stage("equilibrium")
        self.equilibrium = solve_equilibrium(
            study.space,
            study.phases,
            study.case.boundary.kind,
            study.case.solver,
            study.reporter.newton,
            study.start,
        )

    def numbers(self) -> dict[str, Any]:
        """See `StudyResult`."""
        return equilibrium_summary(self.equilibrium, self.study.case.output.layer_level)

    def profile(self) -> Profile:
        """See `StudyResult`."""
        mu = self.study.electrochemical_potential
        return joined_profile(
            {
                tag: (line.z, fields_of(self.study.phases[tag], line.phi, mu))
                for tag, line in sample_line(self.equilibrium).items()
            }
        )

    def fields(self) -> dict[PhaseTag, dict[str, Array]]:
        """See `StudyResult`."""
        return nodal_fields(self.equilibrium, self.study.electrochemical_potential)
