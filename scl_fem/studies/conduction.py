"""The study "conduction": equilibrium, then a small current through its frozen conductivity."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scl_fem.postprocess.summary import conduction_summary
from scl_fem.solvers.conduction import solve_conduction
from scl_fem.solvers.resistances import Resistances
from scl_fem.studies.equilibrium import EquilibriumStudy
from scl_fem.studies.kinds import STUDIES, FieldStep


@STUDIES.register("conduction")
class ConductionStudy(EquilibriumStudy):
    """An equilibrium and its resistance.

    Attributes:
        conduction: once solved.
    """

    conduction: Resistances

    def solve(self) -> None:
        """See `Study`."""
        super().solve()
        self.reporter.stage("conduction")
        if self.law.conductance is None:
            self.conduction = solve_conduction(self.equilibrium, self.case.solver)
        else:
            # mu_e may jump: the unknowns of transport
            from scl_fem.discretisation.transport import TransportSystem
            from scl_fem.solvers.impedance import LinearResponse

            system = TransportSystem(self.space, self.phases, self.law)
            phi = self.equilibrium.phi.x.array
            self.conduction = LinearResponse(system, phi, self.case.solver).resistances()

    def numbers(self) -> dict[str, Any]:
        """See `Study`."""
        return {**super().numbers(), **conduction_summary(self.conduction)}

    def field_steps(self) -> Iterator[FieldStep]:
        """The fields of equilibrium and psi, the relative driving potential of each phase."""
        for time, phases in super().field_steps():
            yield (
                time,
                {tag: {**fields, "psi": self.conduction.psi[tag]} for tag, fields in phases.items()},
            )
