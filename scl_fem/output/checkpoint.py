"""Checkpoints: nodal values by name in one .npz, for any number of ranks."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np
import numpy.typing as npt
from dolfinx import fem

from scl_fem.errors import InputError
from scl_fem.output.files import write_atomically
from scl_fem.output.numbering import InputNumbering
from scl_fem.parallel import on_root

_FORMAT = 1
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


def _load(
    path: Path, wanted: Mapping[str, npt.NDArray[np.float64]], fingerprint: str
) -> tuple[dict[str, Any], dict[str, npt.NDArray[np.float64]]]:
    """Metadata and values by name (rank 0).

    Args:
        path: the file.
        wanted: for each function the nodes that it must have, in the input's order.
        fingerprint: that it must have.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            header = json.loads(str(file["header"]))
            if header["format"] != _FORMAT:
                raise InputError(f"checkpoint of format {header['format']}; this version reads {_FORMAT}")
            if header["fingerprint"] != fingerprint:
                raise InputError("checkpoint of another case or mesh; run without --restart to start anew")
            missing = [name for name in wanted if name not in header["points"]]
            if missing:
                raise InputError(
                    f"checkpoint without {', '.join(missing)}", allowed=", ".join(header["points"])
                )
            for name, points in wanted.items():
                _check_nodes(file[f"points/{header['points'][name]}"], points)
            return header["metadata"], {name: file[f"values/{name}"] for name in wanted}
    except InputError as error:
        raise error.located(file=str(path)) from None
    except FileNotFoundError:
        raise no_checkpoint(path) from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"not a readable checkpoint ({error})", file=str(path)) from error


def no_checkpoint(path: Path) -> InputError:
    """The error for a checkpoint that is not there."""
    return InputError("there is no checkpoint to restart from", file=str(path))


def _check_nodes(stored: npt.NDArray[np.float64], present: npt.NDArray[np.float64]) -> None:
    """See that two lists of nodes are the same.

    Raises:
        InputError: they are not.
    """
    if stored.shape != present.shape:
        raise InputError(
            f"checkpoint of another mesh or order: {len(stored)} nodes instead of {len(present)}"
        )
    extent = float(np.ptp(present, axis=0).max())
    if float(np.abs(stored - present).max()) > _SAME_POINT * extent:
        raise InputError("checkpoint of another mesh: as many nodes, in other places")
