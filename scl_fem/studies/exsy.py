"""The study "exsy": how much tagged Li has left a particle, against the mixing time."""

from __future__ import annotations

import math
import time as clock
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np
from dolfinx import fem

from scl_fem.case.exsy import ExsySettings
from scl_fem.constants import NM2_PER_CM2
from scl_fem.discretisation.tagged import PARTICLE, SURROUNDINGS, TaggedLithium, TracerPhysics
from scl_fem.errors import InputError
from scl_fem.mesh.cube import CubeMesh
from scl_fem.mesh.planar import PlanarMesh
from scl_fem.output.names import DECAY_FILE
from scl_fem.output.tables import Column
from scl_fem.physics.exchange import (
    NM_PER_CM,
    diffusivity_from_remaining,
    exchange_current_density,
    interface_resistance,
    permeability_current_density,
    remaining_in_closed_cube,
    remaining_in_cube,
)
from scl_fem.physics.types import Array
from scl_fem.progress import Decades, share_of_decades
from scl_fem.solvers.fick import ExchangeSolver, ExchangeState, History, Snapshot, sharp_start
from scl_fem.studies.kinds import STUDIES, FieldStep, Study
from scl_fem.studies.metadata import ExchangeMetadata

_M, _RATE, _OUTPUT = "m", "rate", "output_{}"
"""Names of the functions in a checkpoint, the phase's label appended."""


@STUDIES.register("exsy")
class ExsyStudy(Study):
    """Exchange between a particle and what surrounds it.

    Attributes:
        solver: where the run stands, and its history.
    """

    solver: ExchangeSolver

    @property
    def exsy(self) -> ExsySettings:
        """The table [exsy]."""
        return self.case.own_tables["exsy"]

    @cached_property
    def system(self) -> TaggedLithium:
        """The discrete equation."""
        particle, surroundings = (D * NM2_PER_CM2 for D in self.exsy.diffusivities)
        return TaggedLithium(
            self.space,
            TracerPhysics(
                {PARTICLE: particle, SURROUNDINGS: surroundings},
                {PARTICLE: 1.0, SURROUNDINGS: self.exsy.concentration_ratio},
                self.exsy.interface_permeability * NM_PER_CM,
            ),
        )

    def solve(self) -> None:
        """See `Study`."""
        self.reporter.stage("exchange")
        study: Any = self.case.study
        settings, comm = self.case.solver, self.space.comm
        state, snapshots = self._resumed() or (sharp_start(self.system, settings), [])
        self.solver = ExchangeSolver(self.system, state, settings, study.tolerance)
        self.solver.snapshots += snapshots
        self.solver.pause = lambda: self.interruption.heed(
            f"interrupted at t = {self.solver.state.time:.4g} s"
        )
        self.has_state = True
        times = [time for time in study.output_times if time < study.duration]
        saved = clock.monotonic()
        decades, first = Decades(), next(filter(None, state.history.time), state.step)
        self.reporter.fraction(share_of_decades(state.time, first, study.duration))

        def keep_sometimes(now: ExchangeState) -> None:
            nonlocal saved
            left = now.history.remaining[-1]
            self.reporter.fraction(share_of_decades(now.time, first, study.duration))
            self.reporter.step(
                f"t = {now.time:.3e} s  {100.0 * left:.2f} % of the tagged Li remain",
                milestone=decades.begins(now.time) or now.time >= study.duration,
            )
            if comm.bcast(clock.monotonic() - saved >= study.checkpoint_interval):
                self.keep_for_restart()
                saved = clock.monotonic()

        self.solver.run(study.duration, times, keep_sometimes)

    @property
    def snapshots(self) -> list[Snapshot]:
        """m at the output times and at the end."""
        now = self.solver.state
        return [*self.solver.snapshots, (now.time, self.system.functions(now.tagged))]

    def state(self) -> dict[str, fem.Function]:
        """See `Study`: m and dm/dt of each phase, and m at the output times so far."""
        now = self.solver.state
        found = {_M: self.system.functions(now.tagged), _RATE: self.system.functions(now.rate)}
        found |= {_OUTPUT.format(number): m for number, (_, m) in enumerate(self.solver.snapshots)}
        return {f"{name}_{tag}": f for name, by_phase in found.items() for tag, f in by_phase.items()}

    def state_metadata(self) -> dict[str, Any]:
        """See `Study`: what happened so far, and to what."""
        now = self.solver.state
        return {
            "exsy": self.exsy.model_dump(mode="json"),
            "history": asdict(now.history),
            "step": now.step,
            "steps": now.steps,
            "rejected": now.rejected,
            "output_times": [time for time, _ in self.solver.snapshots],
        }

    def _resumed(self) -> tuple[ExchangeState, list[Snapshot]] | None:
        """Where a run that was broken off stood.

        Raises:
            InputError: the checkpoint is missing, does not fit, or is of other physics.
        """
        kept = self.checkpointer.read(self._spaces(_M))
        if kept is None:
            return None
        path = cast(Path, self.checkpointer.start)
        if "exsy" not in kept.metadata:
            raise InputError("not the checkpoint of an exsy study", file=str(path))
        metadata = ExchangeMetadata.read(kept.metadata, path)
        if metadata.exsy != self.exsy.model_dump(mode="json"):
            raise InputError("the checkpoint is of another table [exsy]", file=str(path))
        times = metadata.output_times
        outputs = [_OUTPUT.format(number) for number in range(len(times))]
        whole: Any = self.checkpointer.read(self._spaces(_M, _RATE, *outputs))
        found = {
            name: {tag: whole.functions[f"{name}_{tag}"] for tag in self.domain.phases}
            for name in (_M, _RATE, *outputs)
        }
        state = ExchangeState(
            self.system.unknowns_of(found[_M]),
            self.system.unknowns_of(found[_RATE]),
            metadata.step,
            History(**metadata.history.model_dump()),
            metadata.steps,
            metadata.rejected,
        )
        return state, [(time, found[name]) for time, name in zip(times, outputs, strict=True)]

    def _spaces(self, *names: str) -> dict[str, fem.FunctionSpace]:
        """The space of each function of a checkpoint."""
        return {f"{name}_{tag}": self.space.space for name in names for tag in self.domain.phases}

    @property
    def history(self) -> History:
        """Time, remaining and total tagged Li after each step."""
        return self.solver.state.history

    def numbers(self) -> dict[str, Any]:
        """See `Study`."""
        history, exsy = self.history, self.exsy
        time, remaining = history.time[-1], history.remaining[-1]
        numbers: dict[str, Any] = {
            "remaining_final": remaining,
            "exchanged_final": 1.0 - remaining,
            "analytic_remaining_final": None,
            "max_error_against_analytic": None,
            "time_final_s": time,
            "steps": self.solver.state.steps,
            "rejected_steps": self.solver.state.rejected,
            "linear_iterations": self.solver.stepper.iterations,
            "unknowns": self.system.unknowns,
            "tagged_error": float(np.abs(np.array(history.total) - 1.0).max()),
            "plateau_remaining": self._plateau,
            "exchanged_normalised_final": (1.0 - remaining) / (1.0 - self._plateau),
            "diffusivity_of_infinite_medium_cm2_per_s": self._apparent_diffusivity(remaining, time),
            "permeability_cm_per_s": exsy.interface_permeability,
        }
        if self._analytic is not None:
            exact = self._analytic(np.array(history.time))
            error = np.abs(np.array(history.remaining) - exact)
            numbers |= {
                "analytic_remaining_final": float(exact[-1]),
                "max_error_against_analytic": float(error.max()),
            }
        return numbers | self._currents(1.0 - remaining, time)

    def tables(self) -> dict[str, Mapping[str, Column]]:
        """See `Study`."""
        time, remaining = np.array(self.history.time), np.array(self.history.remaining)
        columns = {"time_s": time, "remaining": remaining, "exchanged": 1.0 - remaining}
        if self._plateau > 0.0:
            columns["exchanged_normalised"] = (1.0 - remaining) / (1.0 - self._plateau)
        if self._analytic is not None:
            columns["analytic"] = self._analytic(time)
        return {DECAY_FILE: columns}

    def field_steps(self) -> Iterator[FieldStep]:
        """m, and the tagged amount relative to the Li of the particle, from the sharp beginning on."""
        amount = {PARTICLE: 1.0, SURROUNDINGS: self.exsy.concentration_ratio}
        steps: list[tuple[float, Mapping[str, Array]]] = [(0.0, self.system.sharp())]
        steps += [(time, {tag: f.x.array for tag, f in found.items()}) for time, found in self.snapshots]
        for time, fractions in steps:
            yield (
                time,
                {
                    tag: {"tagged_fraction": m, "tagged_amount": amount[tag] * m}
                    for tag, m in fractions.items()
                },
            )

    @property
    def _plateau(self) -> float:
        """What remains at equilibrium; nothing in infinite surroundings."""
        return self.system.share if self.exsy.surroundings == "finite" else 0.0

    @property
    def _edge(self) -> tuple[float, int]:
        """Edge of the particle in nm, and along how many axes Li leaves it: a slab has one."""
        mesh = self.case.mesh
        if isinstance(mesh, CubeMesh):
            return mesh.particle_size, mesh.dimension
        return 2.0 * cast(PlanarMesh, mesh).electrolyte_thickness, 1

    @property
    def _analytic(self) -> Callable[[Array], Array] | None:
        """The closed form against time in s, None where there is none."""
        exsy, (edge, dimension) = self.exsy, self._edge
        particle, surroundings = exsy.diffusivities
        one_medium = particle == surroundings and exsy.concentration_ratio == 1.0
        if not one_medium or math.isfinite(exsy.interface_permeability):
            return None
        if exsy.surroundings == "infinite":
            return lambda time: remaining_in_cube(particle, time, edge, dimension)
        box = edge / self.system.share ** (1.0 / dimension)
        return lambda time: remaining_in_closed_cube(particle, time, edge, box, dimension)

    def _apparent_diffusivity(self, remaining: float, time: float) -> float | None:
        """The D that the closed form of an infinite medium needs to leave as much."""
        edge, dimension = self._edge
        if not 0.0 < remaining < 1.0:
            return None
        return diffusivity_from_remaining(remaining, time, edge, dimension)

    def _currents(self, exchanged: float, time: float) -> dict[str, float]:
        """Exchange current density and resistance, where the case tells the concentration."""
        concentration, (edge, dimension) = self.exsy.concentration, self._edge
        if concentration is None:
            return {}
        volume_per_area = edge / (2.0 * dimension)
        current = float(exchange_current_density(exchanged, time, concentration, volume_per_area))
        found = {
            "exchange_current_density_mA_per_cm2": current,
            "exchange_resistance_ohm_cm2": float(interface_resistance(current, self.case.temperature)),
        }
        permeability = self.exsy.interface_permeability
        if math.isfinite(permeability):
            own = permeability_current_density(permeability, concentration)
            found["permeability_resistance_ohm_cm2"] = float(interface_resistance(own, self.case.temperature))
        return found
