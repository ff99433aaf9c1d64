"""The family of errors: each says what is wrong and carries the exit status of the command line.

Errors of this family are raised on every rank alike (the input that causes them is the same
everywhere); anything else that is raised on one rank must abort the communicator.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any

_LONGEST_PART = 400
"""Characters of a file's name, of a key, of what is wrong."""


class SclFemError(Exception):
    """Base of every error that scl_fem raises on purpose."""

    exit_status = 1

    alone = False
    """Whether it was found that this rank alone raised it."""

    def add_kept(self, where: str) -> None:
        """Add to the message where the state is kept."""
        self.args = (f"{self.args[0]}; {where}",)


class InputError(SclFemError):
    """The input is wrong: says in which file, at which key, what is wrong and what is allowed."""

    exit_status = 2

    def __init__(
        self,
        problem: str,
        *,
        file: str | None = None,
        key: str | None = None,
        allowed: str | None = None,
    ) -> None:
        """Keep the parts apart, so that a caller can fill in the file or prefix the key.

        Args:
            problem: what is wrong, one phrase.
            file: the file that holds it.
            key: dotted path of the key in that file.
            allowed: what may stand there instead.
        """
        self.problem, self.file, self.key, self.allowed = problem, file, key, allowed
        super().__init__(problem)

    def located(self, file: str | None = None, key: str | None = None) -> InputError:
        """The same error with file and key filled in where it does not have them."""
        return InputError(self.problem, file=self.file or file, key=self.key or key, allowed=self.allowed)

    def as_value_of(self, key: str) -> InputError:
        """The same error about a file that a key of the case names."""
        if self.file is None:
            return self.located(key=key)
        return InputError(f"{self.file}: {self.problem}", key=key, allowed=self.allowed)

    def __str__(self) -> str:
        """One message: file: key: problem (allowed: ...)."""
        place = ": ".join(_cut(part) for part in (self.file, self.key) if part)
        problem = _cut(self.problem)
        message = f"{place}: {problem}" if place else problem
        return printable(f"{message} (allowed: {self.allowed})" if self.allowed else message)


class UnknownKeyError(InputError, KeyError):
    """A key that does not exist: a `KeyError` too, for who asks a result for it."""


class UnknownArgumentError(InputError, TypeError):
    """A keyword argument that does not exist: a `TypeError` too, as Python's own."""


class ConvergenceError(SclFemError):
    """A solve did not converge: says where it stood, what is kept and what to try.

    Attributes:
        state: what is worth keeping of it (finite-element functions by name), None where nothing is.
        result: what was found all the same (a `studies.run.Result`): the state has converged, and what the
            study is for could not be computed from it. None where there is no state.
    """

    exit_status = 3

    def __init__(self, message: str, state: dict[str, Any] | None = None) -> None:
        """Keep the state beside the message."""
        super().__init__(message)
        self.state = state
        self.result: Any = None


class Interrupted(SclFemError):
    """The run was interrupted; a checkpoint is kept.

    Attributes:
        state: what is worth keeping of a solve that it struck, as in `ConvergenceError`.
    """

    exit_status = 130

    def __init__(self, message: str, state: dict[str, Any] | None = None) -> None:
        """Keep the state beside the message."""
        super().__init__(message)
        self.state = state


def _cut(text: str) -> str:
    """A part of a message that may repeat what a file says, however long that is."""
    return text if len(text) <= _LONGEST_PART else f"{text[: _LONGEST_PART - 3]}..."


def printable(text: str) -> str:
    """A text on one line, without what a terminal would act on: control characters as escapes.

    Args:
        text: may come from anywhere: the name of a key, of a file.
    """
    text = re.sub(r"\s+", " ", text) if re.search(r"[\t\n\r\v\f]", text) else text
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text
    )


def nearest(name: str, known: Iterable[str]) -> str:
    """What to add to a message about an unknown name: the nearest that exist, if any is near.

    Args:
        name: the unknown name.
        known: every name there is.
    """
    near = difflib.get_close_matches(name, sorted(known), n=2, cutoff=0.5)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def unknown_name(kind: str, name: str, known: Iterable[str]) -> InputError:
    """An `InputError` for a name that does not exist, with the nearest ones that do.

    Args:
        kind: what the name names ("material", "key", ...).
        name: the unknown name.
        known: every name there is.
    """
    known = sorted(known)
    return InputError(f"unknown {kind} '{name}'{nearest(name, known)}", allowed=", ".join(known))
