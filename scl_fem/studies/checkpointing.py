"""The state of a run on disk: written as it goes, read back on any number of ranks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
from dolfinx import fem

from scl_fem import __version__
from scl_fem.case import Case
from scl_fem.output.checkpoint import Checkpoint, read_checkpoint, write_checkpoint


class Checkpointer:
    """Writes and reads the checkpoint of one case.

    Attributes:
        path: where to write, None where nothing is to be kept.
        start: checkpoint to start from, None to start anew.
        written: whether there is one.
    """

    def __init__(
        self,
        case: Case,
        path: Path | None,
        start: Path | None,
        publish: Callable[[], None] = lambda: None,
    ) -> None:
        """Nothing is read or written yet.

        Args:
            case: resolved.
            path: see the class.
            start: see the class.
            publish: moves what was written to where it outlives the run.
        """
        self.path, self.start = path, start
        self._publish = publish
        self.written = False
        # Equal for cases on the same mesh and elements, whose states fit one another.
        mesh = case.mesh.model_dump(mode="json", exclude={"max_cells"})
        text = json.dumps([mesh, case.solver.order], sort_keys=True)
        self._fingerprint = hashlib.sha256(text.encode()).hexdigest()

    def write(self, functions: Mapping[str, fem.Function], **metadata: Any) -> None:
        """Replace the checkpoint; atomic and collective.

        Args:
            functions: the state by name.
            metadata: what else it takes to go on.
        """
        if self.path is not None:
            write_checkpoint(
                self.path, functions, {"version": __version__, **metadata}, fingerprint=self._fingerprint
            )
            self.written = True

    def publish(self) -> None:
        """See that the checkpoint outlives whatever may end the run, SIGKILL included. Collective."""
        if self.path is not None:
            self._publish()

    def read(self, spaces: Mapping[str, fem.FunctionSpace]) -> Checkpoint | None:
        """The state to start from, None to start anew. Collective.

        Args:
            spaces: of the functions wanted.

        Raises:
            InputError: the checkpoint is missing or does not fit.
        """
        return None if self.start is None else self.read_from(self.start, spaces)

    def read_from(self, path: Path, spaces: Mapping[str, fem.FunctionSpace]) -> Checkpoint:
        """The state in a checkpoint of a case on the same mesh. Collective.

        Args:
            path: of the checkpoint.
            spaces: of the functions wanted.

        Raises:
            InputError: the checkpoint is missing or does not fit.
        """
        return read_checkpoint(path, spaces, fingerprint=self._fingerprint)
