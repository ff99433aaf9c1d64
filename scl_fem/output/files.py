"""Files that are written whole or not at all, and plain words where that fails."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from scl_fem.errors import InputError, SclFemError

_ADVICE = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EACCES: "no permission to write there",
    errno.EPERM: "no permission to write there",
    errno.EROFS: "the file system is read-only",
    errno.EEXIST: "a part of the path is a file, not a directory",
    errno.ENOTDIR: "a part of the path is a file, not a directory",
    errno.ENAMETOOLONG: "the name is too long for the file system",
}


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class OutputError(SclFemError):
    """A result cannot be written: says which file and why."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the operating system's errors into one message that names the file.

    Args:
        path: what is being written, for the message where the error names no file itself.

    Raises:
        OutputError: instead of any `OSError` inside the block.
    """
    try:
        yield
    except OSError as error:
        if error.errno is None and "requested and" in str(error):  # what NumPy knows of a full disk
            error.errno = errno.ENOSPC
        reason = _ADVICE.get(error.errno or 0, error.strerror or str(error))
        raise OutputError(f"cannot write {path}: {reason}") from error


@contextmanager
def opening(path: Path) -> Iterator[None]:
    """The same for a folder before anything is computed for it: one that cannot be used is a wrong input.

    Args:
        path: of the folder.

    Raises:
        InputError: it cannot be written to, and never could be.
        OutputError: the disk is full.
    """
    try:
        with writing(path):
            yield
    except OutputError as error:
        if getattr(error.__cause__, "errno", None) in _FULL:
            raise
        raise InputError(str(error)) from error


def write_text(path: Path, text: str) -> None:
    """Replace a file by a text, in UTF-8, in one step.

    Args:
        path: the file; its directory exists.
        text: its content.

    Raises:
        OutputError: it cannot be written; an older file of that name is as it was.
    """

    def write(file: IO[bytes]) -> None:
        file.write(text.encode())

    write_atomically(path, write)


def write_atomically(path: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Replace a file in one step: a reader, or a crash, sees the old file or the new one.

    What is no file (a device, a pipe) is written to, never replaced.

    Args:
        path: the file; its directory exists.
        write: writes the content to the binary file it is given.

    Raises:
        OutputError: it cannot be written; an older file of that name is as it was.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with writing(path):
        if path.exists() and not path.is_file():
            with path.open("wb") as special:
                write(special)
            return
        try:
            with temporary.open("wb") as file:
                write(file)
                file.flush()
                # Renamed before its content is on the disk, a file may come out of a power cut empty.
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
