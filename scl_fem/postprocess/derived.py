"""Numbers that are computed from a state that has converged: one that fails costs itself, not the state.

It is null in the result, and a remark says why; so does a number that comes out infinite or undefined.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from scl_fem.errors import ConvergenceError
from scl_fem.progress import Reporter

if TYPE_CHECKING:
    from mpi4py import MPI

_REASONS = {
    "resistance": "1/sigma is beyond floating-point numbers where a layer is depleted so far, or its "
    "diffusivity is 0 there (see diffusivity_min of its material)",
    "capacitance": "the charge changes by more than floating-point numbers hold",
}
"""Why a number is not finite, by a part of its key."""

_ANY_REASON = (
    "it is beyond floating-point numbers; see whether thicknesses, voltages and concentrations are meant so"
)


class Derived:
    """Computes numbers one by one, whatever becomes of the others.

    Attributes:
        failures: why each number that failed did, by its name.
    """

    def __init__(self, comm: MPI.Comm, reporter: Reporter) -> None:
        """Nothing has failed yet.

        Args:
            comm: communicator of those who compute together.
            reporter: takes the remarks.
        """
        self._comm, self._reporter = comm, reporter
        self.failures: dict[str, str] = {}

    def __call__[T](
        self, name: str, compute: Callable[[], T], advice: Callable[[], str] = lambda: ""
    ) -> T | None:
        """A number, or None and a remark. Collective.

        Args:
            name: its key in the summary.
            compute: computes it; where it fails it fails on every rank, or outside of communication.
            advice: what to add to the reason where it fails. Collective.
        """
        reason, value = "", None
        try:
            with np.errstate(all="ignore"):
                value = compute()
        except ConvergenceError as error:
            reason = str(error)
        except np.linalg.LinAlgError as error:
            reason = f"a matrix cannot be inverted in floating-point numbers ({error})"
        except ArithmeticError:
            reason = _reason_of(name)
        # What failed on one rank alone is of no use to the others.
        reason = next(filter(None, self._comm.allgather(reason)), "")
        if not reason:
            return value
        self.failures[name] = reason = reason + advice()
        self._reporter.note(f"{name} is missing: {reason}; the state has converged and is kept")
        return None


def total_of(numbers: list[float | None]) -> float | None:
    """A sum; None where a part of it is missing."""
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None


def finite(numbers: Mapping[str, Any], reporter: Reporter) -> dict[str, Any]:
    """The same numbers, None instead of those that are not finite; a remark names them and the reason.

    Args:
        numbers: a summary.
        reporter: takes the remarks.
    """
    by_reason: dict[str, list[str]] = {}
    for key in _not_finite(numbers):
        by_reason.setdefault(_reason_of(key), []).append(key)
    for reason, keys in by_reason.items():
        verb = "is" if len(keys) == 1 else "are"
        reporter.note(f"{', '.join(keys)} {verb} missing: not finite, for {reason}")
    return {key: _finite(value) for key, value in numbers.items()} if by_reason else dict(numbers)


def _reason_of(key: str) -> str:
    """Why a number of that name may leave the range of floating-point numbers."""
    return next((text for part, text in _REASONS.items() if part in key), _ANY_REASON)


def _is_stray(value: Any) -> bool:
    return isinstance(value, float | np.floating) and not math.isfinite(value)


def _not_finite(value: Any, key: str = "") -> Iterator[str]:
    """Keys, with dots, of what is not finite."""
    if isinstance(value, Mapping):
        for name, entry in value.items():
            yield from _not_finite(entry, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list | tuple):
        if any(map(_is_stray, value)):
            yield key
    elif _is_stray(value):
        yield key


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _finite(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    return None if _is_stray(value) else value
