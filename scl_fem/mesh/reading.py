"""Reading a mesh file with the library that does it best, in silence."""

from __future__ import annotations

import contextlib
import io
import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from scl_fem.errors import InputError
from scl_fem.mesh.abaqus import read_abaqus
from scl_fem.mesh.gmsh_reader import read_with_gmsh
from scl_fem.mesh.references import check_references
from scl_fem.mesh.vtk_reader import read_with_vtk
from scl_fem.regular import check_regular

if TYPE_CHECKING:
    import meshio

type Reader = Callable[[Path], meshio.Mesh]

FORMATS = (
    "a mesh file: .msh (gmsh), .vtu, .vtk, .xdmf, .inp (Abaqus, CalculiX), .bdf (Nastran), .unv, .med, "
    ".e (Exodus), or another that meshio reads"
)


def _with_meshio(path: Path) -> meshio.Mesh:
    import meshio

    return meshio.read(path)


def _whole_universal(path: Path) -> meshio.Mesh:
    """By way of gmsh, which takes a data set that is cut short for its end."""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - 1024, 0))
        end = file.read().split()
    if end[-1:] != [b"-1"]:
        raise ValueError("it is cut short: its last data set does not end")
    return read_with_gmsh(path)


_READERS: dict[str, tuple[Reader, ...]] = {
    # meshio loses groups of MSH files (negative numbers, several of one cell) and some versions altogether
    ".msh": (read_with_gmsh, _with_meshio),
    ".bdf": (read_with_gmsh, _with_meshio),
    ".nas": (read_with_gmsh, _with_meshio),
    ".unv": (_whole_universal,),
    ".med": (_with_meshio, read_with_gmsh),
    ".inp": (read_abaqus,),
    ".vtu": (_with_meshio, read_with_vtk),
    ".vtk": (_with_meshio, read_with_vtk),
    # meshio drops the names and numbers of Exodus blocks
    **dict.fromkeys((".e", ".exo", ".ex2"), (read_with_vtk, _with_meshio)),
}


def read_mesh(path: Path) -> meshio.Mesh:
    """Points, blocks of cells, and what the file says about them.

    Args:
        path: the file; its ending names the format.

    Raises:
        InputError: there is none, or it cannot be read.
    """
    check_regular(path, "mesh.path")
    check_references(path)
    try:
        with path.open("rb") as file:
            head = file.read(256)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}", key="mesh.path") from error
    if not head.strip():
        raise InputError(f"{path} is empty", key="mesh.path", allowed=FORMATS)
    reasons = []
    for reader in _readers(path, head):
        try:
            with _silence():
                mesh = reader(path)
            if not len(mesh.points) or not any(len(block.data) for block in mesh.cells):
                raise ValueError("it holds no cells")
        except InputError:
            raise
        except (Exception, SystemExit) as error:
            reasons.append(_reason(error))
        else:
            return mesh
    # the first reader is the one that knows the format best
    raise InputError(f"cannot read {path}: {reasons[0]}", key="mesh.path", allowed=FORMATS)


def _readers(path: Path, head: bytes) -> tuple[Reader, ...]:
    """Readers to try for a file."""
    ending = path.suffix.lower()
    if ending == ".msh" and not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"$"):
        # Fluent's files have the same ending; gmsh would run a text that it does not know as a script
        return (_with_meshio,)
    return _READERS.get(ending, (_with_meshio,))


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """What libraries print on the way is of no use to who reads one clear message."""
    chatter = io.StringIO()
    with (
        _muted(2),
        contextlib.redirect_stdout(chatter),
        contextlib.redirect_stderr(chatter),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _muted(descriptor: int) -> Iterator[None]:
    """Send what C libraries print (that of MED) nowhere; nothing where the descriptor is closed."""
    try:
        former = os.dup(descriptor)
    except OSError:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(former, descriptor)
        os.close(former)


def _reason(error: BaseException) -> str:
    """One sentence of what a library raised: meshio ends the program without one."""
    lines = [] if isinstance(error, SystemExit) else str(error).strip().splitlines()
    if isinstance(error, MemoryError):
        return "it is damaged, or too large for the memory"
    return lines[0][:300] if lines else "not a mesh in the format that its name says, or cut short"
