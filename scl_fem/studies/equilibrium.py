"""The study "equilibrium": where Li and charge sit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
from dolfinx import fem

from scl_fem.case.parts import is_pair
from scl_fem.constants import thermal_energy
from scl_fem.output.names import PROFILE_FILE
from scl_fem.output.tables import Column
from scl_fem.postprocess.cell_summary import cell_summary
from scl_fem.postprocess.fields import nodal_fields
from scl_fem.postprocess.profile import profile_columns
from scl_fem.postprocess.state import CellState
from scl_fem.solvers.advice import unit_question
from scl_fem.solvers.equilibrium import Equilibrium, solve_equilibrium
from scl_fem.solvers.newton import NewtonEstimate
from scl_fem.solvers.trouble import trouble_of_newton
from scl_fem.studies.ends import contacts_of_case, kept_totals, refuse_unscreened
from scl_fem.studies.kinds import STUDIES, FieldStep, InterfaceStudy

_MOVED = 1e-3
"""Of an occupancy: a bulk that is off by more is remarked."""


@STUDIES.register("equilibrium")
class EquilibriumStudy(InterfaceStudy):
    """The space-charge layers at equilibrium.

    Attributes:
        equilibrium: once solved.
    """

    equilibrium: Equilibrium

    def solve(self) -> None:
        """See `Study`."""
        self.reporter.stage("equilibrium")
        contacts = contacts_of_case(self.case, self.cell, self.domain.layout)
        refuse_unscreened(self.space, self.phases, contacts, self.charges)
        potentials = {name: each.potential or 0.0 for name, each in contacts.items()}
        highest = max(potentials, key=lambda name: abs(potentials[name]), default="")
        facts = trouble_of_newton(self.space, self.phases)
        question = unit_question(
            replace(facts, contact=highest, contact_potential=potentials.get(highest, 0.0))
        )
        if question:
            self.reporter.note(question)
        kept = self.checkpointer.read({"phi": self.space.space})
        self.equilibrium = solve_equilibrium(
            self.space,
            self.phases,
            contacts,
            self.case.solver,
            self._newton,
            kept.functions["phi"] if kept else None,
            self.charges,
            kept_totals(self.cell, contacts, self.case.mesh.contact_phases()),
            self.shifts,
        )
        self._note_moved_bulks()
        report = self.equilibrium.report
        if report.round_off:
            self.reporter.note(
                f"round-off leaves a residual of {report.residual:.1e} of the layer's charge, above "
                f"solver.tolerance = {self.case.solver.tolerance:.0e}: numbers of the layer are right to "
                "about that, and no mesh or solver makes it less"
            )
        self.has_state = True

    def _note_moved_bulks(self) -> None:
        """Say which bulks are not as full as given: levels disagree, or what nothing exchanges has moved."""
        kT = thermal_energy(self.case.temperature)
        asked = {(move.phase, move.carrier): move.asked for move in self.cell.moves}
        for name, phase in self.equilibrium.phases.items():
            for before, after in zip(self.cell.phases[name].carriers, phase.carriers, strict=True):
                given = asked.get((name, after.name), before.thermodynamics.bulk_occupancy)
                found = after.thermodynamics.bulk_occupancy
                if abs(found - given) > _MOVED * given:
                    why = (
                        f"its {after.component.name} goes into the layers or comes from them, since what no "
                        "contact exchanges keeps its total; thicker phases, or contacts that exchange it, "
                        "keep the bulk as it is given"
                    )
                    if self.cell.moves:
                        size = kT * abs(_energy(found) - _energy(given))
                        why = (
                            "what it exchanges with its neighbours leaves no neutral bulk as it is given, "
                            f"voltages and levels of the phases disagreeing (by {size:.3g} eV for this "
                            "carrier); see whether they are meant so"
                        )
                    self.reporter.note(
                        f"phase {name}: the bulk holds {after.name} at an occupancy of {found:.4g}, not "
                        f"{given:.4g}: {why}"
                    )

    def _newton(self, iteration: int, residual: float) -> None:
        """A Newton step was taken: tell it, and how much of the solve it leaves to do; stop here if asked."""
        self.reporter.newton(iteration, residual)
        self.reporter.fraction(self._estimate(iteration, residual))
        self.interruption.heed(f"interrupted after {iteration} Newton steps")

    @cached_property
    def _estimate(self) -> NewtonEstimate:
        return NewtonEstimate(self.case.solver.tolerance)

    def state(self) -> dict[str, fem.Function]:
        """See `Study`."""
        return {"phi": self.equilibrium.phi}

    def numbers(self) -> dict[str, Any]:
        """See `Study`."""
        pair = is_pair(self.case.phase, self.case.mesh)
        return cell_summary(self.equilibrium, self.case.output.layer_level, self.reporter, pair=pair)

    def tables(self) -> dict[str, Mapping[str, Column]]:
        """See `Study`."""
        profile = self.derived(PROFILE_FILE, lambda: profile_columns(self._found))
        return {} if profile is None else {PROFILE_FILE: profile}

    def field_steps(self) -> Iterator[FieldStep]:
        """See `Study`."""
        yield 0.0, nodal_fields(self._found)

    @property
    def _found(self) -> CellState:
        return CellState.of(self.equilibrium, self.cell)


def _energy(occupancy: float) -> float:
    """What a carrier's energy changes by with its occupancy, in kT; a dilute one is not bounded by 1."""
    return math.log(occupancy) if occupancy >= 1.0 else math.log(occupancy) - math.log1p(-occupancy)
