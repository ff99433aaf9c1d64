"""Where compiled forms are kept: the cache of DOLFINx, mended, or a temporary one where that does not do."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import shutil
import struct
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import ffcx.options
from dolfinx.jit import get_options

from scl_fem.errors import InputError

REMEDY = "set XDG_CACHE_HOME to a directory that can be written to"

_LOCK = ".scl-fem-lock"
_MODULE = "libffcx_"
_SOURCE, _READY = ".c", ".c.cached"

_FOREIGN_PATIENCE = 10.0
"""Seconds after which another program that compiles has given up, or is dead."""

_LEAST_FREE = 16 * 2**20
"""Bytes of room without which a cache counts as full: a compiled form takes a tenth of a megabyte."""


class FormCache:
    """The cache of one process.

    Attributes:
        directory: where DOLFINx keeps compiled forms.
        remark: what there is to say about it; None where all is well.
    """

    def __init__(self) -> None:
        """Find a directory that can be written to.

        Raises:
            InputError: there is none.
        """
        see_that_options_are_readable()
        self.remark: str | None = None
        self._is_mended = self._is_temporary = False
        self.directory = Path(get_options()["cache_dir"]).absolute()
        problem = _problem(self.directory)
        if problem is not None:
            former = self.directory
            self.make_shift(problem)
            _borrow(former, self.directory)

    def make_shift(self, problem: str) -> None:
        """Use a temporary directory from now on.

        Args:
            problem: of the present one.

        Raises:
            InputError: there is no place for one.
        """
        if self._is_temporary:
            return
        former, self.directory = self.directory, _temporary(f"{self.directory} ({problem})")
        self._is_temporary = True
        self.remark = (
            f"compiled forms cannot be kept in {former} ({problem}), so every run compiles anew what is not "
            f"there: {REMEDY}"
        )

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Alone among the processes of this program that compile; what others left unfinished is removed."""
        try:
            descriptor = os.open(self.directory / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError:
            yield
            return
        try:
            with contextlib.suppress(OSError):  # a file system without locks
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            # Something in it: whoever held it last did not come to the end.
            if os.read(descriptor, 1):
                self.remove_broken(at_once=True)
            elif not self._is_mended:
                self.remove_broken()
            self._is_mended = True
            _write(descriptor, b"compiling")
            yield
            _write(descriptor, b"")
        finally:
            os.close(descriptor)

    def remove_broken(self, *, at_once: bool = False) -> None:
        """Remove what would keep a form from being loaded or compiled.

        Args:
            at_once: even what another program may be at work on at this moment.
        """
        now = time.time()
        for files in _modules(self.directory).values():
            if _is_whole(files):
                continue
            with contextlib.suppress(OSError):
                age = now - max(file.stat().st_mtime for file in files.values())
                if at_once or age > _FOREIGN_PATIENCE or _READY in files:
                    for file in files.values():
                        file.unlink(missing_ok=True)


def compiler() -> str:
    """The command that compiles: that of the environment, of Python, or cc."""
    return (os.environ.get("CC") or str(sysconfig.get_config_var("CC") or "cc")).split()[0]


def python_header() -> Path:
    """The header that compiled forms include."""
    return Path(sysconfig.get_path("include")) / "Python.h"


@cache
def see_that_options_are_readable() -> None:
    """See that DOLFINx and FFCx can read their options, on every rank.

    Raises:
        InputError: one of their files is no JSON.
    """
    try:
        ffcx.options.get_options()
        get_options()
    except OSError:
        # A home that is a file, or another user's, holds no options; an empty directory says so.
        os.environ["XDG_CONFIG_HOME"] = str(_temporary("its home"))
    except ValueError as error:
        raise InputError(f"dolfinx_jit_options.json or ffcx_options.json is not JSON: {error}") from error


def _problem(directory: Path) -> str | None:
    """Why a directory does not do as a cache, None where it does."""
    probe = directory / f".scl-fem-{os.getpid()}"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        try:
            probe.write_bytes(b"x" * 4096)
        finally:
            probe.unlink(missing_ok=True)
        room = os.statvfs(directory)
    except OSError as error:
        return error.strerror or str(error)
    return None if room.f_bavail * room.f_frsize >= _LEAST_FREE else "the disk is full"


def _temporary(instead_of: Path | str) -> Path:
    """A directory that is gone when the process ends.

    Raises:
        InputError: none can be made.
    """
    try:
        made = Path(tempfile.mkdtemp(prefix="scl-fem-forms-"))
    except OSError as error:
        raise InputError(
            f"compiled forms can be kept neither in {instead_of} nor in a temporary directory ({error})",
            allowed=REMEDY,
        ) from error
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def _borrow(former: Path, directory: Path) -> None:
    """Link what is whole in a cache that cannot be written to into another directory."""
    with contextlib.suppress(OSError):
        for files in _modules(former).values():
            if _is_whole(files):
                for file in files.values():
                    (directory / file.name).symlink_to(file)


def _modules(directory: Path) -> dict[str, dict[str, Path]]:
    """The files of each module that somebody began to compile, by their ending."""
    found: dict[str, dict[str, Path]] = {}
    with contextlib.suppress(OSError):
        for file in directory.iterdir():
            if file.name.startswith(_MODULE):
                stem, dot, ending = file.name.partition(".")
                found.setdefault(stem, {})[dot + ending] = file
    return {stem: files for stem, files in found.items() if _SOURCE in files or _READY in files}


def _is_whole(files: dict[str, Path]) -> bool:
    """Whether DOLFINx can load a module, or would compile it."""
    libraries = [file for ending, file in files.items() if ending in EXTENSION_SUFFIXES]
    return {_SOURCE, _READY} <= set(files) and any(_is_library(file) for file in libraries)


def _is_library(path: Path) -> bool:
    """Whether a file is a whole library: to load one that was cut off may end the process."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(64)
            if head[:5] != b"\x7fELF\x02":  # of another system: only that there is something
                return bool(head.strip(b"\0"))
            # The table of sections is the end of the file.
            (start,) = struct.unpack_from("=Q", head, 0x28)
            width, count = struct.unpack_from("=HH", head, 0x3A)
            file.seek(start + width * max(count - 1, 0))
            last = file.read(width)
    except (OSError, struct.error):
        return False
    return size >= start + width * count and len(last) == width and bool(last.strip(b"\0"))


def _write(descriptor: int, content: bytes) -> None:
    """Replace what a file holds; a full disk is no reason not to compile."""
    with contextlib.suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, content, 0)
