"""What every study is, and the registry of their kinds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
from dolfinx import fem

from scl_fem.case import Case
from scl_fem.discretisation.energies import Shifts, nodal_shifts
from scl_fem.discretisation.space import PotentialSpace
from scl_fem.errors import unknown_name
from scl_fem.mesh.distribute import Domain
from scl_fem.mesh.domain import Pair
from scl_fem.output.tables import Column
from scl_fem.parallel import Interruption
from scl_fem.physics.cell import Cell
from scl_fem.physics.interface_charge import InterfaceCharge
from scl_fem.physics.phase import Phase
from scl_fem.physics.types import Array
from scl_fem.postprocess.derived import Derived
from scl_fem.progress import Reporter
from scl_fem.registry import Registry
from scl_fem.studies.checkpointing import Checkpointer
from scl_fem.studies.ends import interface_charges
from scl_fem.studies.interfaces import Laws, interface_laws
from scl_fem.studies.phases import cell_of_case, local_energies, phase_remarks

if TYPE_CHECKING:  # an equilibrium needs no equations in time
    from scl_fem.equations.system import System

type FieldStep = tuple[float, dict[str, dict[str, Array]]]


class Study(ABC):
    """A case on its mesh: solved once, then asked for what it found.

    Attributes:
        case: resolved.
        domain: the distributed mesh.
        reporter: takes the news.
        checkpointer: keeps states and gives back the one to start from.
        derived: computes what the result can do without.
        unsolved: why the numbers that the study is for are missing though its state has converged; empty
            where they are not.
        interruption: to be asked wherever a long computation can stop.
        has_state: whether there is a state to keep.
    """

    def __init__(self, case: Case, domain: Domain, reporter: Reporter, checkpointer: Checkpointer) -> None:
        """Nothing is solved yet."""
        self.case, self.domain = case, domain
        self.reporter, self.checkpointer = reporter, checkpointer
        self.derived = Derived(domain.comm, reporter)
        self.unsolved = ""
        self.interruption = Interruption(domain.comm)
        self.has_state = False

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
            ConvergenceError: a solve failed; what is worth keeping of it is in the error, or is the state.
            Interrupted: by Ctrl-C or SIGTERM; the same.
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
    """A study of phases in contact."""

    @cached_property
    def cell(self) -> Cell:
        """The phases in one gauge, and what their components are in equilibrium with."""
        return cell_of_case(self.case)

    @cached_property
    def phases(self) -> Mapping[str, Phase]:
        """Physics of the phases; what is to be said of them is noted."""
        for remark in phase_remarks(self.case):
            self.reporter.note(remark)
        return self.cell.phases

    @cached_property
    def shifts(self) -> Shifts:
        """Energies of the carriers that depend on the place, at the nodes. Collective."""
        return nodal_shifts(self.space, self.phases, local_energies(self.case), self.case.mesh.depths)

    @cached_property
    def laws(self) -> Laws:
        """Physics of the interfaces where a component's mu~ may jump."""
        return interface_laws(self.case, self.cell)

    @cached_property
    def charges(self) -> dict[Pair, InterfaceCharge]:
        """Charges and sites of the interfaces that have any."""
        return interface_charges(self.case, self.cell, self.domain.layout)

    @cached_property
    def system(self) -> System:
        """The equations of the cell."""
        from scl_fem.equations.system import System

        return System(self.space, self.phases, self.laws, self.charges, self.shifts)


class StudyRegistry(Registry[type[Study]]):
    """Kinds of study by name; what is not there yet is loaded when it is asked for.

    A case needs one kind, and loading all of them takes a fifth of a second.
    """

    def __init__(self) -> None:
        """Start empty."""
        super().__init__("study")
        self._modules: dict[str, str] = {}

    def provide(self, name: str, module: str) -> None:
        """Say which module enters a kind of study in the registry when it is loaded.

        Args:
            name: of the kind.
            module: dotted name.
        """
        self._modules[name] = module

    def __getitem__(self, name: str) -> type[Study]:
        """The kind of study called `name`.

        Raises:
            InputError: there is none; names the nearest.
        """
        if name in self._modules and name not in self._entries:
            import_module(self._modules[name])
        elif name not in self._entries:
            raise unknown_name(self.kind, name, self)
        return super().__getitem__(name)

    def __iter__(self) -> Iterator[str]:
        """The names, loaded or not."""
        return iter({**self._modules, **self._entries})


STUDIES = StudyRegistry()
STUDIES.provide("equilibrium", "scl_fem.studies.equilibrium")
STUDIES.provide("conduction", "scl_fem.studies.conduction")
STUDIES.provide("impedance", "scl_fem.studies.impedance")
STUDIES.provide("transient", "scl_fem.studies.transient")
STUDIES.provide("exsy", "scl_fem.studies.exsy")
