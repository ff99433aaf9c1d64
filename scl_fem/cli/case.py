"""Reading the case of a command."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from scl_fem.complaints import collected, listed
from scl_fem.errors import InputError

if TYPE_CHECKING:
    from scl_fem.case import Case
    from scl_fem.mesh import MeshData


def resolved_case(case_file: Path, overrides: Sequence[str], *, unsafe_petsc_options: bool = False) -> Case:
    """The case of a command with every default written out.

    Args:
        case_file: the file.
        overrides: "KEY=VALUE" each.
        unsafe_petsc_options: see `load_case`.

    Raises:
        InputError: something is wrong with it; names the file.
    """
    from scl_fem.case import load_case, resolve

    case = load_case(case_file, overrides, unsafe_petsc_options=unsafe_petsc_options)
    with blaming(case_file):
        return resolve(case)


def built_mesh(case: Case, case_file: Path) -> MeshData:
    """The mesh of a case.

    Args:
        case: resolved.
        case_file: where it came from.

    Raises:
        InputError: its geometry is impossible; names the file.
    """
    with blaming(case_file):
        return case.mesh.built()


@contextmanager
def blaming(case_file: Path) -> Iterator[None]:
    """Name the case file in mistakes that are found in what it says: those that name a key.

    Raises:
        InputError: as inside the block, with the file.
    """
    try:
        yield
    except InputError as error:
        raise collected(
            each.located(file=str(case_file)) if each.key else each for each in listed(error)
        ) from error
