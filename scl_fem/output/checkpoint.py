"""Checkpoints: nodal values by name in one .npz, for any number of ranks."""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np
import numpy.typing as npt
from dolfinx import fem

from scl_fem.errors import InputError
from scl_fem.output.files import write_atomically
from scl_fem.output.numbering import InputNumbering
from scl_fem.parallel import on_root
from scl_fem.regular import check_regular

_FORMAT = 1
_UNREADABLE = (
    OSError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    EOFError,
    OverflowError,
    NotImplementedError,  # ways of zip that Python does not know
    RecursionError,
    RuntimeError,  # encrypted
    zipfile.BadZipFile,
)
"""What a file that is no checkpoint makes of the attempt to read it."""

_SAME_POINT = 1e-9
"""Distance, relative to the mesh's extent, below which two nodes are the same."""


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint holds.

    Attributes:
        functions: functions by name, ghosts set.
        metadata: what was stored beside them.
    """

    functions: dict[str, fem.Function]
    metadata: dict[str, Any]


def write_checkpoint(
    path: Path,
    functions: Mapping[str, fem.Function],
    metadata: Mapping[str, Any],
    *,
    fingerprint: str,
) -> None:
    """Write functions so that the file on the disk is always a whole checkpoint. Collective.

    The mesh is not stored (it is built again from its source), but where its nodes lie is.

    Args:
        path: the .npz file; its directory exists.
        functions: one or more by name, on scalar Lagrange spaces of order 1 or 2.
        metadata: what else it takes to continue (time, step): must be JSON.
        fingerprint: text that is equal for runs that may continue one another (of mesh and case).

    Raises:
        OutputError: it cannot be written; an older checkpoint of that name is as it was.
    """
    spaces = {name: function.function_space for name, function in functions.items()}
    numberings = _numberings(spaces)
    owner = {numbering: name for name, numbering in reversed(numberings.items())}
    points = {
        f"points/{name}": numbering.gather(numbering.space.tabulate_dof_coordinates())
        for numbering, name in owner.items()
    }
    values = {f"values/{name}": numberings[name].gather(functions[name].x.array) for name in functions}
    header = {
        "format": _FORMAT,
        "fingerprint": fingerprint,
        "metadata": dict(metadata),
        "points": {name: owner[numbering] for name, numbering in numberings.items()},
    }
    comm = next(iter(numberings.values())).comm
    on_root(comm, _save, path, header, points | values)


def read_checkpoint(path: Path, spaces: Mapping[str, fem.FunctionSpace], *, fingerprint: str) -> Checkpoint:
    """Read functions back, on any number of ranks. Collective.

    Args:
        path: the .npz file.
        spaces: the space of each function that is wanted.
        fingerprint: as it was given when writing.

    Raises:
        InputError: there is no such file, it is not a checkpoint, it belongs to another mesh or
            case, or it lacks a function.
    """
    numberings = _numberings(spaces)
    comm = next(iter(numberings.values())).comm
    here = {
        numbering: numbering.gather(numbering.space.tabulate_dof_coordinates())
        for numbering in dict.fromkeys(numberings.values())
    }
    wanted = {name: here[numbering] for name, numbering in numberings.items()}
    loaded = on_root(comm, _load, path, wanted, fingerprint)
    metadata, values = loaded if loaded is not None else ({}, {})
    functions = {}
    for name, numbering in numberings.items():
        functions[name] = fem.Function(numbering.space, name=name)
        numbering.scatter(values.get(name), functions[name])
    return Checkpoint(functions, comm.bcast(metadata, root=0))


def _numberings(spaces: Mapping[str, fem.FunctionSpace]) -> dict[str, InputNumbering]:
    """The numbering of each function's nodes; functions of one space share one."""
    made: list[InputNumbering] = []
    result = {}
    for name, space in spaces.items():
        known = next((numbering for numbering in made if numbering.space is space), None)
        if known is None:
            known = InputNumbering(space)
            made.append(known)
        result[name] = known
    return result


def _save(path: Path, header: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[np.float64]]) -> None:
    """Write the file (rank 0)."""
    text = np.array(json.dumps(header))
    write_atomically(path, lambda file: np.savez(file, header=text, **arrays))  # type: ignore[arg-type]


@dataclass(frozen=True)
class _Header:
    """What stands in a checkpoint beside its arrays: see `write_checkpoint`."""

    fingerprint: str
    metadata: dict[str, Any]
    points: dict[str, str]

    @classmethod
    def read(cls, found: Any) -> Self:
        """Make sure of it.

        Raises:
            InputError: it is of another format.
            TypeError: it is none.
        """
        if not isinstance(found, dict):
            raise TypeError("the header is no table")
        if found.get("format") != _FORMAT:
            raise InputError(f"checkpoint of format {found.get('format')}; this version reads {_FORMAT}")
        header = cls(found["fingerprint"], found["metadata"], found["points"])
        texts = [header.fingerprint, *header.points.values()]
        if not isinstance(header.metadata, dict) or not all(isinstance(text, str) for text in texts):
            raise TypeError("the header is not what scl_fem writes")
        return header


def _load(
    path: Path, wanted: Mapping[str, npt.NDArray[np.float64]], fingerprint: str
) -> tuple[dict[str, Any], dict[str, npt.NDArray[np.float64]]]:
    """Metadata and values by name (rank 0).

    Args:
        path: the file.
        wanted: for each function the nodes that it must have, in the input's order.
        fingerprint: that it must have.
    """
    with _opened(path) as (file, header):
        if header.fingerprint != fingerprint:
            raise InputError("checkpoint of another case or mesh; run without --restart to start anew")
        missing = [name for name in wanted if name not in header.points]
        if missing:
            raise InputError(f"checkpoint without {', '.join(missing)}", allowed=", ".join(header.points))
        for name, points in wanted.items():
            _check_nodes(_array(file, f"points/{header.points[name]}", points.shape), points)
        values = {name: _array(file, f"values/{name}", points.shape[:1]) for name, points in wanted.items()}
        return header.metadata, values


def expect_checkpoint(path: Path) -> None:
    """See that there is a checkpoint, before anything is built for it (rank 0).

    Args:
        path: the file.

    Raises:
        InputError: there is none, or it cannot be read.
    """
    with _opened(path):
        pass


@contextmanager
def _opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, _Header]]:
    """A checkpoint, and its header.

    Raises:
        InputError: there is none, it is not readable, or anything inside the block says so; names the file.
    """
    try:
        if not path.exists():
            raise no_checkpoint(path)
        check_regular(path)
        with zipfile.ZipFile(path) as file:
            yield file, _Header.read(json.loads(str(_array(file, "header", None))))
    except InputError as error:
        raise error.located(file=str(path)) from None
    except _UNREADABLE as error:
        raise InputError(f"not a readable checkpoint ({error})", file=str(path)) from error


def _array(file: zipfile.ZipFile, name: str, shape: tuple[int, ...] | None) -> npt.NDArray[Any]:
    """One array, as scl_fem writes it: never more than the file holds, no pickles, no NaN.

    Args:
        file: the checkpoint.
        name: of the array.
        shape: that numbers must have; None for a text.

    Raises:
        InputError: it has another shape, or values that are not finite.
        ValueError: it is something else than that.
    """
    member = file.getinfo(f"{name}.npy")
    if member.compress_size != member.file_size:
        raise ValueError(f"{name} is compressed")
    with file.open(member) as stream:
        version = np.lib.format.read_magic(stream)
        read_header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }
        if version not in read_header:
            raise ValueError(f"{name} is of another version")
        found, _, kind = read_header[version](stream)
    if kind.itemsize * math.prod(found) > member.file_size:
        raise ValueError(f"{name} is cut off")
    if (kind.kind, found) != ("U", ()) if shape is None else kind != np.float64:
        raise ValueError(f"{name} holds {kind} of shape {found}")
    if shape is not None and found != shape:
        raise InputError(f"checkpoint of another mesh or order: {name} has shape {found} instead of {shape}")
    with file.open(member) as stream:
        values = np.lib.format.read_array(stream, allow_pickle=False)
        if stream.read(1):  # and at its end the check sum is looked at
            raise ValueError(f"{name} is longer than its shape")
    if shape is not None and not np.isfinite(values).all():
        raise InputError(f"{name} has values that are not finite numbers")
    return values


def no_checkpoint(path: Path) -> InputError:
    """The error for a checkpoint that is not there."""
    return InputError("there is no checkpoint to restart from", file=str(path))


def _check_nodes(stored: npt.NDArray[np.float64], present: npt.NDArray[np.float64]) -> None:
    """See that two lists of nodes are the same.

    Raises:
        InputError: they are not.
    """
    extent = float(np.ptp(present, axis=0).max())
    if float(np.abs(stored - present).max()) > _SAME_POINT * extent:
        raise InputError("checkpoint of another mesh: as many nodes, in other places")
