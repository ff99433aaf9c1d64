"""What every study is, and the registry of their kinds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from dolfinx import fem

from scl_fem.case import Case
from scl_fem.discretisation.space import Phases, PotentialSpace
from scl_fem.mesh.distribute import Domain
from scl_fem.mesh.domain import PhaseTag
from scl_fem.output.tables import Column
from scl_fem.physics.interface import InterfaceLaw
from scl_fem.physics.types import Array
from scl_fem.progress import Reporter
from scl_fem.registry import Registry
from scl_fem.studies.checkpointing import Checkpointer
from scl_fem.studies.phases import interface_law_of, phases_of

type FieldStep = tuple[float, dict[PhaseTag, dict[str, Array]]]


class Study(ABC):
    """A case on its mesh: solved once, then asked for what it found.

    Attributes:
        case: resolved.
        domain: the distributed mesh.
        reporter: takes the news.
        checkpointer: keeps states and gives back the one to start from.
    """

    def __init__(self, case: Case, domain: Domain, reporter: Reporter, checkpointer: Checkpointer) -> None:
        """Nothing is solved yet."""
        self.case, self.domain = case, domain
        self.reporter, self.checkpointer = reporter, checkpointer

    @cached_property
    def space(self) -> PotentialSpace:
        """Space of the unknown; its nodes carry the fields."""
        return PotentialSpace(self.domain, self.case.solver.order)

    @property
    def cells(self) -> int:
        """Number of cells on all ranks."""
        return self.domain.mesh.topology.index_map(self.domain.dimension).size_global

    @abstractmethod
    def solve(self) -> None:
        """Solve. Collective.

        Raises:
            ConvergenceError: a solve failed; what is worth keeping of its state is in the error.
        """

    @abstractmethod
    def state(self) -> dict[str, fem.Function]:
        """What a restart needs, by name."""

    def state_metadata(self) -> dict[str, Any]:
        """What else a restart needs, as JSON."""
        return {}

    def keep(self) -> None:
        """Write the checkpoint. Collective."""
        self.checkpointer.write(self.state(), **self.state_metadata())

    def keep_for_restart(self) -> None:
        """Write the checkpoint where a run that dies leaves it behind. Collective."""
        self.keep()
        self.checkpointer.publish()

    @abstractmethod
    def numbers(self) -> dict[str, Any]:
        """The study's part of summary.json. Collective; the same on every rank."""

    @abstractmethod
    def tables(self) -> dict[str, Mapping[str, Column]]:
        """Columns of each CSV file, by its name. Collective; the same on every rank."""

    @abstractmethod
    def field_steps(self) -> Iterator[FieldStep]:
        """Times (s) and nodal fields of each phase for ParaView."""


class InterfaceStudy(Study):
    """A study of two phases in contact."""

    @cached_property
    def phases(self) -> Phases:
        """Physics of both phases."""
        return phases_of(self.case)

    @cached_property
    def law(self) -> InterfaceLaw:
        """Physics of the interface."""
        return interface_law_of(self.case)

    @property
    def electrochemical_potential(self) -> float:
        """mu_e of Li+ at equilibrium, eV: -e V of the electrolyte in the gauge."""
        return -self.case.phase.electrolyte.bulk_voltage


STUDIES: Registry[type[Study]] = Registry("study")
