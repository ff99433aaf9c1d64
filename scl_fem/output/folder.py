"""The result folder: published whole or not at all."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from scl_fem.errors import InputError
from scl_fem.output.files import OutputError, writing
from scl_fem.output.names import FIGURE_SOFTWARE, OWN_NAMES, SUMMARY_FILE
from scl_fem.parallel import on_root

if TYPE_CHECKING:
    from collections.abc import Callable

    from mpi4py import MPI

_STAGE = ".scl-fem-"
_LOCK = "lock"
_NEW, _OLD = "new", "old"


def holds_result(path: Path) -> bool:
    """Whether a directory holds a finished result."""
    return (path / SUMMARY_FILE).is_file()


class ResultFolder:
    """Where a run writes, and what it leaves: everything under the final name, or nothing.

    A context manager, on every rank alike. Files go to `stage`; leaving the block without an
    error publishes them, leaving it with one publishes only what `keep` names. A directory that
    is not there yet appears in one rename; one that is there (an older result, a mounted volume)
    is filled entry by entry, with what the older result had removed, files of other origin left
    alone, and summary.json last. Stages of runs that died are removed by the next one; what is to
    outlive a run that dies goes by `publish_early`.

        with ResultFolder(Path("results/x"), comm, overwrite=True) as folder:
            folder.on_root(write_summary, folder.stage / SUMMARY_FILE, summary)
    """

    def __init__(self, path: Path, comm: MPI.Comm, *, overwrite: bool = False) -> None:
        """Nothing happens on the disk before the block is entered.

        Args:
            path: the result folder.
            comm: communicator; rank 0 alone touches the disk.
            overwrite: replace a result that is there, once the new one is complete.
        """
        self.path = path
        self._comm = comm
        self._overwrite = overwrite
        self._kept: list[str] = []
        self._staging: Path | None = None
        self._lock: int | None = None

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
        self.path.mkdir(exist_ok=True)
        (self.stage / name).replace(self.path / name)

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
            InputError: the path cannot be written to, or holds a result that is not to be overwritten.
        """
        self._staging = self._comm.bcast(on_root(self._comm, self._open))
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
            except OutputError as failure:
                error.add_note(f"nothing is kept: {failure}")
        self._staging = None

    def _open(self) -> Path:
        """Make a locked stage beside the final directory, or inside it if that is there (rank 0)."""
        try:
            with writing(self.path):
                self._check_target()
                inside = self.path.is_dir()
                target = self.path.resolve()
                parent = target if inside else target.parent
                prefix = _STAGE if inside else f".{target.name}{_STAGE}"
                parent.mkdir(parents=True, exist_ok=True)
                _remove_dead_stages(parent, prefix)
                if inside:  # of a run that died after it had published something early
                    _remove_dead_stages(target.parent, f".{target.name}{_STAGE}")
                staging = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
                self._lock = _lock(staging)
                (staging / _NEW).mkdir()
        except OutputError as error:
            raise InputError(str(error)) from error
        return staging

    def _check_target(self) -> None:
        """See that the final name is free, or may be taken."""
        if self.path.exists() and not self.path.is_dir():
            raise InputError(f"{self.path} is a file, not a directory: give another output directory")
        if holds_result(self.path) and not self._overwrite:
            raise InputError(f"{self.path} holds a result already: overwrite it or give another directory")

    def _close(self, publish: Callable[[], None]) -> None:
        """Publish, then remove the stage and release its lock (rank 0)."""
        try:
            with writing(self.path):
                publish()
        finally:
            if self._staging is not None:
                shutil.rmtree(self._staging, ignore_errors=True)
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None

    def _publish(self) -> None:
        """Move the stage to its final name."""
        if not self.path.exists():
            self.stage.rename(self.path)
            return
        self._replace(_own_entries(self.path), sorted(entry.name for entry in self.stage.iterdir()))

    def _publish_kept(self) -> None:
        """Move only the files to keep."""
        names = [name for name in self._kept if (self.stage / name).exists()]
        if names:
            self.path.mkdir(exist_ok=True)
            self._replace([name for name in names if (self.path / name).exists()], names)

    def _replace(self, outgoing: list[str], incoming: list[str]) -> None:
        """Exchange entries of the final directory; undo it if that fails midway.

        Args:
            outgoing: entries of the final directory that go.
            incoming: entries of the stage that come.
        """
        old = self.stage.parent / _OLD
        old.mkdir()
        # Never new numbers beside an old summary, or a summary beside half of its files.
        outgoing = sorted({*outgoing, *_clashes(self.path, incoming)}, key=lambda name: name != SUMMARY_FILE)
        incoming = sorted(incoming, key=lambda name: name == SUMMARY_FILE)
        moves = [(self.path / name, old / name) for name in outgoing]
        moves += [(self.stage / name, self.path / name) for name in incoming]
        done: list[tuple[Path, Path]] = []
        try:
            for source, destination in moves:
                source.rename(destination)
                done.append((source, destination))
        except OSError:
            for source, destination in reversed(done):
                destination.rename(source)
            raise


def _clashes(directory: Path, names: list[str]) -> list[str]:
    """Those names that the directory has."""
    return [name for name in names if os.path.lexists(directory / name)]


def _own_entries(directory: Path) -> list[str]:
    """The entries of a result folder that a run wrote."""
    return [entry.name for entry in directory.iterdir() if entry.name in OWN_NAMES or _is_own_figure(entry)]


def _is_own_figure(path: Path) -> bool:
    """Whether a file is a PNG that this program wrote (its text entries come before the pixels)."""
    if path.suffix != ".png" or not path.is_file():
        return False
    with path.open("rb") as file:
        return b"Software\0" + FIGURE_SOFTWARE.encode() in file.read(4096)


def _lock(staging: Path) -> int:
    """Take the lock that tells other runs that this stage is alive; released with the process."""
    # Locked before it gets its name: a lock file that can be locked is a dead run's.
    temporary = staging / f"{_LOCK}.new"
    descriptor = os.open(temporary, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    temporary.rename(staging / _LOCK)
    return descriptor


def _remove_dead_stages(parent: Path, prefix: str) -> None:
    """Remove stages whose run is gone: nobody holds their lock."""
    if not os.access(parent, os.R_OK | os.W_OK | os.X_OK):  # beside a mounted volume
        return
    for staging in _stages(parent, prefix):
        try:
            descriptor = os.open(staging / _LOCK, os.O_RDWR)
        except OSError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(staging, ignore_errors=True)
        except OSError:
            continue
        finally:
            os.close(descriptor)


def _stages(parent: Path, prefix: str) -> Iterator[Path]:
    return (entry for entry in parent.iterdir() if entry.name.startswith(prefix) and entry.is_dir())
