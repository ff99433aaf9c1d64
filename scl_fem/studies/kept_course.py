"""States and amounts of a transient as the functions of a checkpoint, and back again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np
from dolfinx import fem

from scl_fem.equations.state import Amounts, State
from scl_fem.equations.system import System
from scl_fem.physics.types import Array
from scl_fem.solvers.course import Level
from scl_fem.studies.checkpointing import Checkpointer
from scl_fem.studies.metadata import TransientMetadata

_SNAPSHOT = "output_{}_"
_LEVEL = "level_{}_"
"""Prefixes in a checkpoint: of what is kept of an output time, and of one of the last times."""


class KeptCourse:
    """What a checkpoint keeps of a system in time, by name.

    Attributes:
        system: unknowns and physics.
    """

    def __init__(self, system: System) -> None:
        """Name what there is.

        Args:
            system: unknowns and physics.
        """
        self.system = system
        self._components = {
            f"{phase}_{component.name}": (phase, number)
            for phase, region in system.regions.items()
            for number, component in enumerate(region.phase.components)
        }

    # To a checkpoint -------------------------------------------------------------------------

    def functions(self, levels: Iterable[Level], snapshots: Iterable[State]) -> dict[str, fem.Function]:
        """The functions of the last levels and of states at output times, by name. Collective."""
        found: dict[str, fem.Function] = {}
        for number, state in enumerate(snapshots):
            found |= self._of_state(state, _SNAPSHOT.format(number))
        for number, level in enumerate(levels):
            prefix = _LEVEL.format(number)
            found |= self._of_state(level.state, prefix) | self._of_amounts(level.amounts, prefix)
        return found

    def function(self, values: Array) -> fem.Function:
        """A function of nodal values, of all local nodes or the owned ones. Collective."""
        function = self.system.space.function("state")
        function.x.array[: values.size] = values
        function.x.scatter_forward()
        return function

    def _of_state(self, state: State, prefix: str) -> dict[str, fem.Function]:
        functions = {f"{prefix}phi": self.function(state.phi)}
        for name, (phase, number) in self._components.items():
            functions[f"{prefix}mu_{name}"] = self.function(state.mu[phase][number])
        return functions

    def _of_amounts(self, amounts: Amounts, prefix: str) -> dict[str, fem.Function]:
        functions = {}
        for name, (phase, number) in self._components.items():
            nodal, region = np.zeros(self.system.space.owned), self.system.regions[phase]
            nodal[region.nodes[: region.owned]] = amounts[phase][number]
            functions[f"{prefix}amount_{name}"] = self.function(nodal)
        return functions

    # From a checkpoint -----------------------------------------------------------------------

    def last_state(self, checkpointer: Checkpointer, path: Path, metadata: TransientMetadata) -> State:
        """The unknowns at the last time of a transient. Collective.

        Args:
            checkpointer: reads.
            path: of the checkpoint.
            metadata: of that.

        Raises:
            InputError: it is of another mesh, or lacks something.
        """
        prefix = _LEVEL.format(len(metadata.times) - 1)
        return self._state_of(self._values(checkpointer, path, self._unknowns(prefix)), prefix)

    def read(
        self, checkpointer: Checkpointer, path: Path, metadata: TransientMetadata
    ) -> tuple[list[Level], list[State]]:
        """The last levels, and the states at the output times. Collective.

        Args:
            checkpointer: reads.
            path: of the checkpoint.
            metadata: of that.

        Raises:
            InputError: it is of another mesh, or lacks something.
        """
        snapshots = [_SNAPSHOT.format(number) for number in range(len(metadata.output_times))]
        prefixes = [_LEVEL.format(number) for number in range(len(metadata.times))]
        names = [name for prefix in (*snapshots, *prefixes) for name in self._unknowns(prefix)]
        names += [f"{prefix}amount_{name}" for prefix in prefixes for name in self._components]
        values = self._values(checkpointer, path, names)
        levels = [
            Level(
                time,
                self._amounts_of(values, prefix),
                self._state_of(values, prefix),
                metadata.field_fluxes[number],
                metadata.contact[number],
            )
            for number, (time, prefix) in enumerate(zip(metadata.times, prefixes, strict=True))
        ]
        return levels, [self._state_of(values, prefix) for prefix in snapshots]

    def _unknowns(self, prefix: str) -> list[str]:
        return [f"{prefix}phi", *(f"{prefix}mu_{name}" for name in self._components)]

    def _values(self, checkpointer: Checkpointer, path: Path, names: Iterable[str]) -> dict[str, Array]:
        kept = checkpointer.read_from(path, dict.fromkeys(names, self.system.space.space))
        return {name: function.x.array.copy() for name, function in kept.functions.items()}

    def _state_of(self, values: Mapping[str, Array], prefix: str) -> State:
        state = self.system.state(values[f"{prefix}phi"])
        for name, (phase, number) in self._components.items():
            state.mu[phase][number] = values[f"{prefix}mu_{name}"]
        return state

    def _amounts_of(self, values: Mapping[str, Array], prefix: str) -> dict[str, Array]:
        found = {name: np.zeros((each.size, each.owned)) for name, each in self.system.regions.items()}
        for name, (phase, number) in self._components.items():
            region = self.system.regions[phase]
            found[phase][number] = values[f"{prefix}amount_{name}"][region.nodes[: region.owned]]
        return found
