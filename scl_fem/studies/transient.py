"""The study "transient": how the layer forms, and what a current does to it."""

from __future__ import annotations

import time as clock
import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np
from dolfinx import fem

from scl_fem.case import dump_case
from scl_fem.case.parts import is_pair
from scl_fem.case.transport import TransientStudy as TransientSettings
from scl_fem.constants import MILLIAMPERE_PER_CM2
from scl_fem.equations.state import State
from scl_fem.equations.system import Group
from scl_fem.errors import ConvergenceError, InputError, Interrupted
from scl_fem.output.names import HISTORY_FILE, PROFILE_FILE
from scl_fem.output.tables import Column
from scl_fem.parallel import on_root
from scl_fem.postprocess.fields import nodal_fields
from scl_fem.postprocess.profile import profile_columns
from scl_fem.postprocess.state import CellState
from scl_fem.postprocess.transient import transient_state, transient_summary
from scl_fem.progress import Decades, share_of_decades
from scl_fem.regular import check_regular
from scl_fem.solvers.course import (
    Accepted,
    Progress,
    StepControl,
    free_energy,
    neutral_start,
    start_from,
)
from scl_fem.solvers.equilibrium import solve_equilibrium
from scl_fem.solvers.terminals import HeldUnknowns, Terminals
from scl_fem.solvers.transient import TransientSolver
from scl_fem.studies.checkpointing import Checkpointer
from scl_fem.studies.ends import contacts_of_case, kept_totals
from scl_fem.studies.kept_course import KeptCourse
from scl_fem.studies.kinds import STUDIES, FieldStep, InterfaceStudy
from scl_fem.studies.metadata import HISTORY, TransientMetadata
from scl_fem.studies.terminals import kinks_of_case, terminals_of_case

_NET_CHARGE = 1e-8
"""Of the charge of the layers: more is not round-off."""


@STUDIES.register("transient")
class TransientStudy(InterfaceStudy):
    """The coupled equations in time.

    Attributes:
        progress: where the run stands.
        history: one row a step, columns as in history.csv.
        snapshots: states at the output times.
    """

    progress: Progress

    @property
    def settings(self) -> TransientSettings:
        """The table [study]."""
        return cast(TransientSettings, self.case.study)

    @cached_property
    def control(self) -> StepControl:
        """How long steps may be."""
        table = self.settings
        return StepControl(
            first=min(table.first_step, table.duration),
            tolerance=table.tolerance,
            method=table.method,
            longest=table.duration,
        )

    @cached_property
    def terminals(self) -> Terminals:
        """What happens at the contacts."""
        return terminals_of_case(self.case, self.cell, self.domain.layout)

    @cached_property
    def held(self) -> HeldUnknowns:
        """The contacts on the nodes."""
        return HeldUnknowns(self.system, self.terminals)

    def _kinks(self) -> list[float]:
        """Times at which a signal at the contacts changes its slope, s."""
        return kinks_of_case(self.case, self.domain.layout)

    def solve(self) -> None:
        """See `Study`."""
        self.reporter.stage("transient")
        self.history: list[list[float]] = []
        self.snapshots: list[tuple[float, State]] = []
        self.progress = self._start()
        table = self.settings
        solver = TransientSolver(self.system, self.held, self.case.solver, self.control)
        self._decades = Decades()
        self.reporter.fraction(self._share_done)
        saved = clock.monotonic()
        outputs = [*table.output_times, table.duration]
        question = solver.unit_question(table.duration, self._kinks())
        if question:
            self.reporter.note(question)
        if not self.history:
            self._note_net_charge()
            self._record_start()
        self.has_state = True
        solver.pause = lambda: self.interruption.heed(f"interrupted at t = {self.progress.time:.4g} s")
        # Steps end where a current or voltage has a kink: none of them sees both sides of it.
        for accepted in solver.advance(self.progress, table.duration, outputs, self._kinks()):
            self._record(accepted)
            now = accepted.progress.time
            if any(abs(now - stop) <= 1e-12 * stop for stop in outputs):
                self.snapshots.append((now, accepted.progress.state.copy()))
            due = clock.monotonic() - saved >= table.checkpoint_interval
            if self.space.comm.bcast(due):
                self.keep_for_restart()
                saved = clock.monotonic()

    # Start ---------------------------------------------------------------------------------

    def _start(self) -> Progress:
        """Neutral phases, an equilibrium, or a checkpoint."""
        resumed = self._resumed(self.checkpointer)
        if resumed is not None:
            return resumed
        initial = self.case.own_tables["initial"]
        if initial.state == "neutral":
            return neutral_start(self.system, self.control)
        if initial.state == "checkpoint":
            try:
                state = self._state_in(Path(initial.checkpoint))
            except InputError as error:
                raise error.as_value_of("initial.checkpoint") from None
            return start_from(self.system, state, self.control, self.held.first_nodes)
        layout = self.domain.layout
        contacts = contacts_of_case(self.case, self.cell, layout)
        try:
            found = solve_equilibrium(
                self.space,
                self.phases,
                contacts,
                self.case.solver,
                self._before_start,
                interfaces=self.charges,
                totals=kept_totals(self.cell, contacts, self.case.mesh.contact_phases()),
                shifts=self.shifts,
            )
        except (ConvergenceError, Interrupted) as error:
            error.state = None  # no transient can go on from it
            raise
        state = self.system.state(found.phi_in_given_bulks, found.offsets)
        return start_from(self.system, state, self.control, self.held.first_nodes)

    def _before_start(self, iteration: int, residual: float) -> None:
        """A Newton step towards the equilibrium to start from was taken."""
        self.interruption.heed("interrupted in the equilibrium to start from")

    def _note_net_charge(self) -> None:
        """Say so where a cell that nothing enters begins with a charge, which it then keeps."""
        if self.held.held:
            return
        amounts = self.progress.levels[-1].amounts
        net = sum(self.system.charge_sums(amounts).values())
        net += self.space.sum(self.system.surface_charges) + self.held.charge
        layer = self.system.moduli(amounts)
        if abs(net) > _NET_CHARGE * layer:
            share = f" ({abs(net) / layer:.1e} of that of its layers)" if layer else ""
            self.reporter.note(
                f"the start has a net charge of {net / self.space.interface_area:.2e} e/nm^2{share}, which "
                f'stays: boundary.kind = "{self.case.boundary.kind}" lets none in or out'
            )

    def _state_in(self, path: Path) -> State:
        """The unknowns in a checkpoint: the last ones of a transient, or an equilibrium.

        Raises:
            InputError: it is missing, of another mesh, or makes no sense.
        """
        on_root(self.space.comm, check_regular, path, "initial.checkpoint")
        space = self.space.space
        kept = self.checkpointer.read_from(path, {"phi": space})
        if "history" not in kept.metadata:
            return self.system.state(kept.functions["phi"].x.array)
        return self.kept.last_state(self.checkpointer, path, TransientMetadata.read(kept.metadata, path))

    @cached_property
    def kept(self) -> KeptCourse:
        """States as the functions of a checkpoint."""
        return KeptCourse(self.system)

    # Restart -------------------------------------------------------------------------------

    def state(self) -> dict[str, fem.Function]:
        """phi, the mu~ of all phases at the last and at the output times; amounts."""
        # phi by its plain name is what other studies start from.
        states = [state for _, state in self.snapshots]
        phi = {"phi": self.kept.function(self.progress.state.phi)}
        return phi | self.kept.functions(self.progress.levels, states)

    def state_metadata(self) -> dict[str, Any]:
        """What goes with the functions of the state."""
        return {
            "times": [level.time for level in self.progress.levels],
            "contact": [level.contact for level in self.progress.levels],
            "field_fluxes": [level.field_flux for level in self.progress.levels],
            "solved": self._solved,
            "next_step": self.progress.next_step,
            "steps": self.progress.steps,
            "rejected": self.progress.rejected,
            "newton_iterations": self.progress.newton_iterations,
            "history": self.history,
            "output_times": [time for time, _ in self.snapshots],
        }

    @cached_property
    def _solved(self) -> dict[str, Any]:
        """What may not change in the middle of a history: physics, boundaries, start and method."""
        tables = tomllib.loads(dump_case(self.case))
        free = ("title", "study", "mesh", "solver", "output")
        return {"study.method": self.settings.method} | {
            name: table for name, table in tables.items() if name not in free
        }

    def _resumed(self, checkpointer: Checkpointer) -> Progress | None:
        """The state of a run that was broken off."""
        start, space = checkpointer.start, self.space.space
        if start is None:
            return None
        found = checkpointer.read_from(start, {"phi": space}).metadata
        if "history" not in found:
            raise InputError("not the checkpoint of a transient study", file=str(start))
        metadata = TransientMetadata.read(found, start)
        others = [name for name, table in self._solved.items() if metadata.solved.get(name) != table]
        if others:
            raise InputError(
                f"the checkpoint is of a run with another {', '.join(others)}",
                file=str(start),
                allowed="what a restart may change: study.duration, study.output_times, study.tolerance, "
                "study.checkpoint_interval, solver, output",
            )
        last, states = self.kept.read(checkpointer, start, metadata)
        self.history = [list(row) for row in metadata.history]
        self.snapshots = list(zip(metadata.output_times, states, strict=True))
        counts = {key: getattr(metadata, key) for key in ("steps", "rejected", "newton_iterations")}
        return Progress(last, metadata.next_step, **counts)

    # History -------------------------------------------------------------------------------

    def _record_start(self) -> None:
        physics = self.system.evaluate(self.progress.state)
        energy = free_energy(self.system, self.progress.state, physics)
        if self.case.own_tables["initial"].state == "neutral":
            # Before contact nothing has moved; the nodes of the interface belong to both phases.
            energy = 0.0
        self._append(0.0, energy, 0.0, 0.0)

    def _record(self, accepted: Accepted) -> None:
        energy = free_energy(self.system, accepted.progress.state, accepted.physics)
        self._append(accepted.length, energy, accepted.current, accepted.error)
        now = accepted.progress.time
        self.reporter.fraction(self._share_done)
        self.reporter.step(
            f"t = {now:.3e} s  step {accepted.length:.1e} s  error {accepted.error:.1e}",
            milestone=self._decades.begins(now) or now >= self.settings.duration,
        )

    @property
    def _share_done(self) -> float:
        """Of the decades from the first step to the end: each takes about as many steps."""
        first = next((row[0] for row in self.history if row[0]), self.control.first)
        return share_of_decades(self.progress.time, first, self.settings.duration)

    def _append(self, length: float, energy: float, current: float, error: float) -> None:
        area, progress = self.space.interface_area, self.progress
        amounts = progress.levels[-1].amounts
        row = (
            progress.time,
            length,
            energy / area,
            self._totals[self._main] / area,
            current / area * MILLIAMPERE_PER_CM2,
            self.held.terminal_voltage(progress.state),
            next(iter(self.system.charge_sums(amounts).values())) / area,
            error,
            *(self._totals[name] / area for name in self._others),
        )
        self.history.append([float(value) for value in row])

    @property
    def _main(self) -> str:
        """Name of the main component of the first phase."""
        return next(iter(self.phases.values())).main.component.name

    @property
    def _others(self) -> list[str]:
        """Names of the other components."""
        return [each.name for each in self.system.components if each.name != self._main]

    @property
    def _totals(self) -> dict[str, float]:
        """What there is of each component in all phases."""
        amounts, found = self.progress.levels[-1].amounts, dict.fromkeys((self._main, *self._others), 0.0)
        for group in self.system.groups:
            found[group.component.name] += self._neutral_total(group) + self.system.total(amounts, group)
        return found

    def _neutral_total(self, group: Group) -> float:
        """What the neutral bulks of a group hold."""
        return self._neutral_totals[group]

    @cached_property
    def _neutral_totals(self) -> dict[Group, float]:
        return {group: self.system.neutral_total(group) for group in self.system.groups}

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of the history."""
        return (*HISTORY, *(f"total_{name}_per_nm2" for name in self._others))

    # Results -------------------------------------------------------------------------------

    def numbers(self) -> dict[str, Any]:
        """See `Study`."""
        return {
            **transient_summary(
                self.system,
                self._at(self.progress.state),
                self.progress,
                self.case.output.layer_level,
                self.reporter,
                pair=is_pair(self.case.phase, self.case.mesh) and not self.system.surface_charges.any(),
            ),
            "lithium_error": self._lithium_error(),
            "time_final_s": self.progress.time,
            "steps": self.progress.steps,
            "rejected_steps": self.progress.rejected,
            "newton_iterations": self.progress.newton_iterations,
        }

    def _lithium_error(self) -> float:
        """Largest relative change of total Li over the run."""
        lithium = np.array(self.history)[:, HISTORY.index("total_lithium_per_nm2")]
        return float(np.max(np.abs(lithium - lithium[0])) / lithium[0])

    def tables(self) -> dict[str, Mapping[str, Column]]:
        """See `Study`."""
        columns = np.array(self.history).T
        profile = self.derived(PROFILE_FILE, lambda: profile_columns(self._at(self.progress.state)))
        tables = {} if profile is None else {PROFILE_FILE: profile}
        return {**tables, HISTORY_FILE: dict(zip(self.columns, columns, strict=True))}

    def field_steps(self) -> Iterator[FieldStep]:
        """See `Study`."""
        for time, state in self.snapshots:
            yield time, nodal_fields(self._at(state))

    def _at(self, state: State) -> CellState:
        return transient_state(self.system, self.cell, state, self.shifts)
