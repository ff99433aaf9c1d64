"""The study "conduction": equilibrium, then a small current through its frozen conductivity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np
from mpi4py import MPI

from scl_fem.constants import SIEMENS_PER_CM
from scl_fem.physics.contacts import Contact
from scl_fem.physics.types import Array
from scl_fem.solvers.conduction import solve_conduction
from scl_fem.solvers.resistances import Resistances
from scl_fem.studies.kinds import STUDIES, FieldStep
from scl_fem.studies.probed import ProbedStudy

_LARGEST_SPREAD = 1e14
"""Ratio of conductivities from which on round-off may make a factorisation fail."""

_ROUND_OFF = 1e-9
"""Of the total resistance."""

_UNSETTLED = 1e-3
"""Share of the total resistance from which on a solver that did not settle is remarked."""

_SMALL_DIFFERENCE = 0.01
"""Between conduction and excess integral, relative to the excesses of both sides: not worth a note."""


@STUDIES.register("conduction")
class ConductionStudy(ProbedStudy):
    """An equilibrium and its resistance.

    Attributes:
        conduction: once solved, None where that failed.
    """

    conduction: Resistances | None

    def solve(self) -> None:
        """See `Study`."""
        super().solve()
        self.reporter.stage("conduction")
        self.conduction = self.derived("conduction", self._resistances, self._likely_cause)
        self.unsolved = self.derived.failures.get("conduction", "")

    def _resistances(self) -> Resistances:
        """What the frozen conductivity gives."""
        contacts = self.probed(closed_is_open=True)
        if self._is_plain(contacts):
            return solve_conduction(self.equilibrium, self.case.solver)
        # what has several components, or mu~ that may jump: the unknowns of all of them
        return self.response_between(contacts).resistances()

    def _is_plain(self, contacts: Mapping[str, Contact]) -> bool:
        """Whether one component passes everywhere, and every contact, and no energy depends on the place."""
        held = {component for phase in self.phases.values() for component in phase.components}
        jumps = any(law.conductance is not None for laws in self.laws.values() for law in laws.values())
        general = jumps or self.shifts or not all(phase.components for phase in self.phases.values())
        plain = len(held) == 1 and not general
        name = next(iter(held)).name if held else ""
        return plain and all(name in contact.exchanges for contact in contacts.values())

    def _likely_cause(self) -> str:
        """Whether conductivities too far apart explain a linear solve that failed. Collective."""
        phi, comm = self.equilibrium.phi.x.array, self.domain.comm
        sigma = np.concatenate(
            [phase.conductivity(phi[self.space.dofs(tag)]) for tag, phase in self.phases.items()]
        )
        low = SIEMENS_PER_CM * comm.allreduce(float(sigma.min(initial=np.inf)), op=MPI.MIN)
        high = SIEMENS_PER_CM * comm.allreduce(float(sigma.max(initial=0.0)), op=MPI.MAX)
        if low * _LARGEST_SPREAD > high:
            return ""
        spread = f"{high / low:.0e} times the smallest" if low > 0.0 else "and the smallest underflows to 0"
        return (
            f"; the largest conductivity is {high:.1e} S/cm, {spread}: a layer so depleted has no "
            "resistance in floating-point numbers"
        )

    def numbers(self) -> dict[str, Any]:
        """See `Study`."""
        found = self.with_resistances(super().numbers(), self.conduction, self.probed(closed_is_open=True))
        if self.conduction is None:
            return found
        if self.conduction.uncertainty > _UNSETTLED:
            percent = f"{100.0 * self.conduction.uncertainty:.1g} %"
            self.reporter.note(
                f"the total resistance is uncertain by {percent}: the linear solver did not settle"
                f'{self._likely_cause()}; take solver.linear = "direct"'
            )
        self._compare_with_excess(found)
        return found

    def _compare_with_excess(self, numbers: Mapping[str, Any]) -> None:
        """Note where the mesh is too coarse for the difference of two conduction solves.

        Across a flat interface in perfect contact it is the excess integral, whose error is another.
        """
        case = self.case
        if case.mesh.kind != "planar" or case.interface.law != "perfect":
            return
        excess = numbers["excess_resistance_ohm_cm2"]
        if excess is None or not np.isfinite(excess):
            return
        scale = sum(abs(numbers[tag]["excess_resistance_ohm_cm2"]) for tag in self.domain.phases)
        difference = abs(numbers["interface_resistance_ohm_cm2"] - excess)
        # Without a layer both are round-off.
        round_off = _ROUND_OFF * numbers["total_resistance_ohm_cm2"]
        if difference > max(_SMALL_DIFFERENCE * scale, round_off):
            self.reporter.note(
                f"conduction and excess integral differ by {100.0 * difference / scale:.1f} %: "
                "the mesh is too coarse at the interface (mesh.interface_size), or a layer too depleted for "
                "floating-point numbers"
            )

    def field_steps(self) -> Iterator[FieldStep]:
        """The fields of equilibrium and psi, the relative driving potential of each phase."""
        for time, phases in super().field_steps():
            yield time, {tag: {**fields, **self._driving(tag)} for tag, fields in phases.items()}

    def _driving(self, tag: str) -> dict[str, Array]:
        """psi in a phase, of its main component and of each where the cell has several."""
        found = self.conduction
        if found is None:
            return {}
        columns = {"psi": found.psi} | {f"psi_{name}": each.psi for name, each in found.components.items()}
        return {name: psi[tag] for name, psi in columns.items() if tag in psi}
