"""The points of a sweep: one case for each combination of values."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scl_fem.case import Case, resolve
from scl_fem.case.differences import unit_at
from scl_fem.errors import InputError
from scl_fem.sweeps.axes import Axis, Value

_LONGEST_NAME = 100


@dataclass(frozen=True)
class Point:
    """One run.

    Attributes:
        name: of its directory.
        values: by key, numbers in the unit of the key.
        case: resolved; None where the values do not make a valid case.
        problem: what is wrong with them then.
    """

    name: str
    values: Mapping[str, Value]
    case: Case | None
    problem: InputError | None = None

    def __str__(self) -> str:
        """The values, for people."""
        return ", ".join(f"{key} = {_shown(value)}" for key, value in self.values.items())


def points_of(case: Case, axes: Sequence[Axis]) -> tuple[tuple[Axis, ...], list[Point]]:
    """The points of a sweep, the last key varying fastest.

    Args:
        case: what all of them share.
        axes: one for each key.

    Returns:
        The axes with plain numbers in the units of their keys, and the points.

    Raises:
        InputError: a key is varied twice, or no point is a valid case: then what is wrong with the first.
    """
    keys = [axis.key for axis in axes]
    if not keys:
        raise InputError("a sweep needs a key to vary")
    for key in keys:
        if keys.count(key) > 1:
            raise InputError("is varied twice", key=key)
    combinations = list(itertools.product(*(axis.values for axis in axes)))
    cases = [_case_at(case, dict(zip(keys, values, strict=True))) for values in combinations]
    example = next((given for given, _, _ in cases if given is not None), None)
    if example is None or all(resolved is None for _, resolved, _ in cases):
        raise next(problem for _, _, problem in cases if problem is not None)
    axes = tuple(axis.in_unit(unit_at(example, axis.key)) for axis in axes)
    width = len(str(len(cases) - 1))
    points = []
    combinations = list(itertools.product(*(axis.values for axis in axes)))
    for index, (values, (_, resolved, problem)) in enumerate(zip(combinations, cases, strict=True)):
        by_key = dict(zip(keys, values, strict=True))
        points.append(Point(_name(index, width, by_key), by_key, resolved, problem))
    return axes, points


def fingerprint(points: Sequence[Point]) -> str:
    """A text that is equal for sweeps whose points are the same, materials and defaults included."""
    tables = [point.case.to_dict() if point.case else str(point.problem) for point in points]
    return hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()


def _case_at(case: Case, values: Mapping[str, Value]) -> tuple[Case | None, Case | None, InputError | None]:
    """The case with the values, the same resolved, and what prevents either."""
    given = None
    try:
        given = case.with_overrides(values)
        return given, resolve(given), None
    except InputError as error:
        return given, None, error


def _name(index: int, width: int, values: Mapping[str, Value]) -> str:
    """A readable name that no other point has: 03_voltage=2.7."""
    parts = [f"{key.rsplit('.', 1)[-1]}={_shown(value)}" for key, value in values.items()]
    # Plain letters: what else a file system takes, and how long that is there, differs.
    text = re.sub(r"[^A-Za-z0-9_.+=-]+", "-", "_".join([f"{index:0{width}d}", *parts]))
    return text[:_LONGEST_NAME]


def _shown(value: Value) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
