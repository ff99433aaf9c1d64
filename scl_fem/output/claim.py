"""One at a time: who works in a folder holds a claim on it, which ends with the process, however it ends.

A claim is a hidden directory in the folder, or beside it where the folder is not there yet. It holds a lock
file, locked as long as the process lives; a claim whose lock can be taken is a dead run's, and is removed.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scl_fem.errors import InputError
from scl_fem.output.files import opening

_MARK = ".scl-fem-"
_LOCK = "lock"

_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL, errno.EBADF})
"""What a (network) file system answers that cannot lock files."""

_PATIENCE = 5.0
"""Seconds to wait for others who open the same folder at this moment."""

_UNNAMED = 60.0
"""Seconds after which a claim without a lock file is that of a run which died while it made it."""


class FolderBusyError(InputError):
    """Somebody else works in the folder."""


@dataclass
class Claim:
    """A folder that is ours alone until `release`.

    Attributes:
        staging: a hidden directory of this claim, on the file system of the folder; gone with the claim.
    """

    staging: Path
    _lock: int | None

    @classmethod
    def on(cls, folder: Path) -> Claim:
        """Claim a folder; where it is not there yet its parents are made.

        Args:
            folder: absolute, without symbolic links; a directory, or nothing.

        Raises:
            FolderBusyError: another process, or this one, works in it.
            OSError: it cannot be written to.
        """
        places = [(folder.parent, f".{folder.name}{_MARK}"), (folder, _MARK)]
        folder.parent.mkdir(parents=True, exist_ok=True)
        inside = folder.is_dir()
        with _mutex(folder.parent), _mutex(folder) if folder != folder.parent else nullcontext():
            for parent, prefix in places:
                for claim in _claims(parent, prefix):
                    if _is_alive(claim):
                        raise FolderBusyError(
                            f"{_holder(claim)} is at work in {folder}",
                            allowed="another directory, or waiting until it is done",
                        )
                    shutil.rmtree(claim, ignore_errors=True)
            parent, prefix = places[inside]
            staging = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
            try:
                return cls(staging, _lock(staging))
            except OSError:
                shutil.rmtree(staging, ignore_errors=True)
                raise

    def release(self) -> None:
        """Remove what is staged, and let others in."""
        shutil.rmtree(self.staging, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Keep others out of a folder inside the block.

    Raises:
        FolderBusyError: another process, or this one, works in it.
        InputError: it cannot be written to.
        OutputError: the disk is full.
    """
    with opening(folder):
        claim = Claim.on(folder.resolve())
    try:
        yield
    finally:
        claim.release()


@contextmanager
def _mutex(directory: Path) -> Iterator[None]:
    """Alone among those who make claims there, as far as the file system can lock directories."""
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:  # not there yet, or not ours to read
        yield
        return
    try:
        deadline = time.monotonic() + _PATIENCE
        while not _try_lock(descriptor) and time.monotonic() < deadline:
            time.sleep(0.01)
        yield
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    """Whether there is no need to wait: it is locked now, or cannot be locked."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _claims(parent: Path, prefix: str) -> list[Path]:
    """The claims in a directory; none where it cannot be told (beside a mounted volume)."""
    if not os.access(parent, os.R_OK | os.W_OK | os.X_OK):
        return []
    return [entry for entry in parent.iterdir() if entry.name.startswith(prefix) and entry.is_dir()]


def _lock(staging: Path) -> int:
    """Take the lock that tells others that a claim is alive; released with the process."""
    # Locked before it gets its name: a lock file that can be locked is a dead run's.
    temporary = staging / f"{_LOCK}.new"
    descriptor = os.open(temporary, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        owner: dict[str, Any] = {"host": socket.gethostname(), "process": os.getpid(), "locked": True}
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            owner["locked"] = False
        os.write(descriptor, json.dumps(owner).encode())
        temporary.rename(staging / _LOCK)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _is_alive(claim: Path) -> bool:
    """Whether the process that made a claim is still there."""
    try:
        descriptor = os.open(claim / _LOCK, os.O_RDWR)
    except FileNotFoundError:
        return _age(claim) < _UNNAMED
    except OSError:  # another user's
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return _process_is_alive(_owner(claim))
    finally:
        os.close(descriptor)
    owner = _owner(claim)
    return not owner.get("locked", True) and _process_is_alive(owner)


def _process_is_alive(owner: dict[str, Any]) -> bool:
    """Whether a process is there; one on another machine may be."""
    if owner.get("host") != socket.gethostname():
        return True
    try:
        os.kill(int(owner["process"]), 0)
    except PermissionError:
        return True
    except (OSError, KeyError, ValueError):
        return False
    return True


def _owner(claim: Path) -> dict[str, Any]:
    """Host and process that made a claim, as far as it tells."""
    try:
        owner = json.loads((claim / _LOCK).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return owner if isinstance(owner, dict) else {}


def _holder(claim: Path) -> str:
    """Who holds a claim, for people."""
    owner = _owner(claim)
    if not owner:
        return "another run"
    who = f"another run (process {owner.get('process')} on {owner.get('host')})"
    # Without locks nobody knows whether a process on another machine still is.
    return who if owner.get("locked", True) else f"{who}, or dead (then remove {claim}),"


def _age(path: Path) -> float:
    """Seconds since something happened there; 0 where it is gone."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0
