"""Options for PETSc that come from a case file are safe, and such that PETSc takes them.

PETSc has options that write any file and run any program or Python module; a case file from somebody
else must not. Who knows what the file says may set this aside, on the command line or by a keyword.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from scl_fem.complaints import collected, shown
from scl_fem.errors import InputError
from scl_fem.solvers.petsc_names import OneOf, Value, kind_of, known_names

KEY = "solver.petsc"
"""Where they stand in a case file."""

UNLOCK = "--unsafe-petsc-options"
"""The option of the command line."""

_unlocked: ContextVar[bool] = ContextVar("unsafe PETSc options", default=False)

_NEAREST = 3
_LONGEST_SHOWN = 60
"""Characters of a name, or of a value, that a message repeats."""


@contextmanager
def unsafe_options(allowed: bool) -> Iterator[None]:
    """Let cases that are made inside the block have any option, or not.

    Args:
        allowed: whether they may.
    """
    token = _unlocked.set(allowed)
    try:
        yield
    finally:
        _unlocked.reset(token)


def mistakes_in(options: Mapping[str, Value]) -> list[InputError]:
    """What is wrong with options, the name as key; nothing inside `unsafe_options(True)`.

    Args:
        options: by name, without the leading dash.
    """
    if _unlocked.get():
        return []
    found = (_mistake(name, value) for name, value in options.items())
    return [mistake for mistake in found if mistake is not None]


def check_options(options: Mapping[str, Value]) -> None:
    """See that a case may set these options.

    Args:
        options: by name, without the leading dash.

    Raises:
        InputError: it may not, or a value is wrong; lists every mistake.
    """
    mistakes = mistakes_in(options)
    if mistakes:
        raise collected(
            InputError(mistake.problem, key=f"{KEY}.{mistake.key}", allowed=mistake.allowed)
            for mistake in mistakes
        )


def _mistake(name: str, value: Value) -> InputError | None:
    """What is wrong with one option."""
    kind = kind_of(name)
    if kind is None:
        near = difflib.get_close_matches(name[:_LONGEST_SHOWN], known_names(), n=_NEAREST, cutoff=0.4)
        nearest = f"the nearest are {', '.join(near)}; " if near else ""
        return InputError(
            "a case may not set this PETSc option",
            key=name if len(name) <= _LONGEST_SHOWN else f"{name[:_LONGEST_SHOWN]}...",
            allowed=f"options of the solvers and preconditioners of our systems: {nearest}"
            f"{UNLOCK} lets any through",
        )
    if kind.takes(value):
        return None
    near = (
        difflib.get_close_matches(str(value)[:_LONGEST_SHOWN], kind.names, n=1)
        if isinstance(kind, OneOf)
        else []
    )
    hint = f"; did you mean {shown(near[0])}?" if near else ""
    return InputError(f"cannot be {shown(value)}{hint}", key=name, allowed=kind.allowed)
