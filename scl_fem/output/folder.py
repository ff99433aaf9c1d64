"""The result folder: published whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from scl_fem.errors import InputError
from scl_fem.output.claim import Claim
from scl_fem.output.files import OutputError, opening, writing
from scl_fem.output.names import FIELDS_DIRECTORY, OWN_NAMES, SUMMARY_FILE
from scl_fem.output.origin import FIGURE_SUFFIXES
from scl_fem.output.ownership import check_foreign, foreign_fields, own_entries
from scl_fem.parallel import on_root

if TYPE_CHECKING:
    from collections.abc import Callable

    from mpi4py import MPI

_NEW, _OLD = "new", "old"


def holds_result(path: Path) -> bool:
    """Whether a directory holds a finished result."""
    return os.path.isfile(path / SUMMARY_FILE)


class ResultFolder:
    """Where a run writes, and what it leaves: everything under the final name, or nothing.

    A context manager, on every rank alike. Files go to `stage`; leaving the block without an
    error publishes them, leaving it with one publishes only what `keep` names. A directory that
    is not there yet appears in one rename; one that is there (an older result, a mounted volume)
    is filled entry by entry, with what the older result had removed, files of other origin left
    alone, and summary.json last. Inside the block the folder is claimed: whoever else wants to work in
    it is refused. Stages of runs that died are removed by the next one; what is to outlive a run that
    dies goes by `publish_early`.

    Attributes:
        path: the final name.
        replaces: whether there is an older result; known inside the block.

        with ResultFolder(Path("results/x"), comm, overwrite=True) as folder:
            folder.on_root(write_summary, folder.stage / SUMMARY_FILE, summary)
    """

    def __init__(
        self, path: Path, comm: MPI.Comm, *, overwrite: bool = False, writes: frozenset[str] = OWN_NAMES
    ) -> None:
        """Nothing happens on the disk before the block is entered.

        Args:
            path: the result folder.
            comm: communicator; rank 0 alone touches the disk.
            overwrite: replace a result that is there, once the new one is complete.
            writes: names that may not be a user's own: what will be written, as far as it is known.
        """
        self.path = path
        self._comm = comm
        self._overwrite = overwrite
        self._writes = writes
        self.replaces = False
        self._kept: list[str] = []
        self._staging: Path | None = None
        self._claim: Claim | None = None

    @property
    def stage(self) -> Path:
        """Where to write until the result is published.

        Raises:
            RuntimeError: outside the block.
        """
        if self._staging is None:
            raise RuntimeError("the stage of a result folder exists only inside its with block")
        return self._staging / _NEW

    def keep(self, *names: str) -> None:
        """Name files that are published even if the run fails (checkpoint, log), where they exist."""
        self._kept += names

    def publish_early(self, name: str) -> None:
        """Move a file of the stage to its final name now: it outlives whatever ends the run. Collective.

        What an older result has under that name is lost; its rest stays until the run is done.

        Raises:
            OutputError: it cannot be moved; an older file of that name is as it was.
        """
        self.on_root(self._move_now, name)

    def _move_now(self, name: str) -> None:
        """See `publish_early` (rank 0)."""
        target = self.path.resolve()
        target.mkdir(exist_ok=True)
        check_foreign(target, [name])
        (self.stage / name).replace(target / name)

    def on_root(self, write: Callable[..., Any], *arguments: Any) -> None:
        """Call something on rank 0 alone. Collective.

        Raises:
            OutputError: it could not write; on every rank.
            SclFemError: whatever else it raised; on every rank.
        """

        def guarded() -> None:
            with writing(self.path):
                write(*arguments)

        on_root(self._comm, guarded)

    def __enter__(self) -> ResultFolder:
        """Make the stage. Collective.

        Raises:
            InputError: the path cannot be written to, holds a result that is not to be overwritten or
                files of other origin under the names that are to be written, or another run is at work in it.
            OutputError: the disk is full.
        """
        self._staging, self.replaces = self._comm.bcast(on_root(self._comm, self._open))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Publish or discard. Collective where there is no error.

        Raises:
            OutputError: publishing failed; an older result is as it was.
        """
        if error is None:
            on_root(self._comm, self._close, self._publish)
        elif self._comm.rank == 0:
            # No communication here: an error may have struck this rank alone.
            try:
                self._close(self._publish_kept)
            except (InputError, OutputError) as failure:
                error.add_note(f"nothing is kept: {failure}")
        self._staging = None

    def _open(self) -> tuple[Path, bool]:
        """Claim the folder; the stage, and whether there is a result (rank 0)."""
        with opening(self.path):
            self._check_target()
            # Of a symbolic link what it stands for: a rename would put a directory in its place.
            self._claim = Claim.on(self.path.resolve())
            try:
                self._check_target()  # somebody may have finished there meanwhile
                check_foreign(self.path, self._writes)
                (self._claim.staging / _NEW).mkdir()
            except BaseException:
                self._claim.release()
                raise
        return self._claim.staging, holds_result(self.path)

    def _check_target(self) -> None:
        """See that the final name is free, or may be taken."""
        if self.path.exists() and not self.path.is_dir():
            raise InputError(f"{self.path} is a file, not a directory: give another output directory")
        if holds_result(self.path) and not self._overwrite:
            raise InputError(f"{self.path} holds a result already: overwrite it or give another directory")

    def _close(self, publish: Callable[[], None]) -> None:
        """Publish, then let others in (rank 0)."""
        try:
            with writing(self.path):
                publish()
        finally:
            if self._claim is not None:
                self._claim.release()

    def _publish(self) -> None:
        """Move the stage to its final name."""
        target = self.path.resolve()
        if not target.exists():
            self.stage.rename(target)
            return
        incoming = sorted(entry.name for entry in self.stage.iterdir())
        check_foreign(target, incoming)
        kept = foreign_fields(target)
        self._replace(
            [
                name
                for name in own_entries(target)
                if name in OWN_NAMES or Path(name).suffix in FIGURE_SUFFIXES
            ],
            incoming,
        )
        self._return_to_fields(kept)

    def _return_to_fields(self, names: list[str]) -> None:
        """Put files of other origin back among the fields: their directory was replaced as a whole."""
        for name in names:
            home = self.path / FIELDS_DIRECTORY
            home.mkdir(exist_ok=True)
            if not (home / name).exists():
                (self.stage.parent / _OLD / FIELDS_DIRECTORY / name).rename(home / name)

    def _publish_kept(self) -> None:
        """Move only the files to keep."""
        names = [name for name in self._kept if (self.stage / name).exists()]
        if names:
            target = self.path.resolve()
            target.mkdir(exist_ok=True)
            check_foreign(target, names)
            self._replace([name for name in names if (target / name).exists()], names)

    def _replace(self, outgoing: list[str], incoming: list[str]) -> None:
        """Exchange entries of the final directory; undo it if that fails midway.

        Args:
            outgoing: entries of the final directory that go.
            incoming: entries of the stage that come.
        """
        old, target = self.stage.parent / _OLD, self.path.resolve()
        old.mkdir()
        # Never new numbers beside an old summary, or a summary beside half of its files.
        outgoing = sorted({*outgoing, *_clashes(target, incoming)}, key=lambda name: name != SUMMARY_FILE)
        incoming = sorted(incoming, key=lambda name: name == SUMMARY_FILE)
        moves = [(target / name, old / name) for name in outgoing]
        moves += [(self.stage / name, target / name) for name in incoming]
        done: list[tuple[Path, Path]] = []
        try:
            for source, destination in moves:
                source.rename(destination)
                done.append((source, destination))
        except BaseException:
            for source, destination in reversed(done):
                destination.rename(source)
            raise


def _clashes(directory: Path, names: list[str]) -> list[str]:
    """Those names that the directory has."""
    return [name for name in names if os.path.lexists(directory / name)]
