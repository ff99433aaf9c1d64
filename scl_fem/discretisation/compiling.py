"""Forms, compiled by FFCx and the C compiler: whatever state cache and machine are in, or one sentence."""

from __future__ import annotations

import contextlib
import shutil
from functools import cache
from typing import Any

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import ufl
from dolfinx import fem
from mpi4py import MPI

from scl_fem.discretisation.form_cache import (
    REMEDY,
    FormCache,
    compiler,
    python_header,
    see_that_options_are_readable,
)
from scl_fem.errors import InputError
from scl_fem.parallel import on_root
from scl_fem.progress import Reporter


def compiled(form: Any) -> fem.Form:
    """A form, compiled or taken from the cache. Collective.

    Args:
        form: of UFL.

    Raises:
        InputError: it cannot be compiled: says what the machine lacks.
    """
    domain: Any = ufl.domain.extract_unique_domain(form)
    comm: MPI.Comm = domain.ufl_cargo().comm
    see_that_options_are_readable()
    failure: Exception | None = None
    # once more without what may be broken in the cache, and once more without the cache
    for mend in (_leave, _remove_broken, _make_shift):
        on_root(comm, mend, failure)
        directory = comm.bcast(on_root(comm, _directory))
        try:
            with _the_cache().locked() if comm.rank == 0 else contextlib.nullcontext():
                return fem.form(form, jit_options={"cache_dir": directory})
        except Exception as error:  # on every rank alike, with the reason on rank 0
            failure = error
    raise InputError(comm.bcast(on_root(comm, _reason, failure))) from failure


def note_the_cache(comm: MPI.Comm, reporter: Reporter) -> None:
    """Say where forms cannot be kept. Collective.

    Args:
        comm: communicator.
        reporter: takes the remark.

    Raises:
        InputError: there is no place for them at all.
    """
    remark = comm.bcast(on_root(comm, lambda: _the_cache().remark))
    if remark is not None:
        reporter.note(remark)


@cache
def _the_cache() -> FormCache:
    """That of this process (asked for on rank 0)."""
    return FormCache()


def _directory() -> str:
    return str(_the_cache().directory)


def _leave(failure: Exception | None) -> None:
    """The first attempt."""


def _remove_broken(failure: Exception | None) -> None:
    with _the_cache().locked():
        _the_cache().remove_broken(at_once=True)


def _make_shift(failure: Exception | None) -> None:
    _the_cache().make_shift(_in_one_line(failure))


def _reason(failure: Exception | None) -> str:
    """Why nothing can be compiled (rank 0)."""
    command, header = compiler(), python_header()
    if shutil.which(command) is None:
        return (
            f"the C compiler {command} is not there, and forms that are not in the cache must be compiled: "
            "install one (package gcc, or c-compiler of conda-forge), or name another in CC"
        )
    if not header.is_file():
        return (
            f"{header} is not there, and compiled forms need it: install the headers of this Python (package "
            "python3-dev or python3-devel)"
        )
    return f"a form cannot be compiled by {command}: {_in_one_line(failure)}; {REMEDY} if it is the disk"


def _in_one_line(failure: BaseException | None) -> str:
    """What an error goes back to, in its last line."""
    while failure is not None and failure.__cause__ is not None:
        failure = failure.__cause__
    lines = str(failure).strip().splitlines()
    return lines[-1] if lines else type(failure).__name__
