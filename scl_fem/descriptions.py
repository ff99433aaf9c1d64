"""What the keys of a case mean, as their sources say it: for the reference, and for editors."""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import cache
from itertools import pairwise
from typing import Any


def meaning(model: type[Any], key: str) -> str:
    """What a key means, in the words below it or in the docstring of its table.

    Args:
        model: a table.
        key: of it.
    """
    for parent in model.__mro__:
        if parent.__module__.startswith("scl_fem.") and key in (meanings := _meanings(parent)):
            return meanings[key]
    return ""


@cache
def _meanings(model: type[Any]) -> dict[str, str]:
    """What the strings below the fields and the docstring's list of attributes say, by field."""
    body = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0].body  # type: ignore[attr-defined]
    found = _listed_attributes(inspect.cleandoc(model.__doc__ or ""))
    for statement, below in pairwise(body):
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
        ):
            found[ast.unparse(statement.target)] = inspect.cleandoc(str(below.value.value))
    return found


def _listed_attributes(docstring: str) -> dict[str, str]:
    """The section "Attributes:" of a docstring, by name."""
    found: dict[str, str] = {}
    name = ""
    for line in docstring.partition("\nAttributes:\n")[2].splitlines():
        depth = len(line) - len(line.lstrip())
        if depth == 4 and ": " in line:
            name, _, meaning = line.strip().partition(": ")
            found[name] = meaning
        elif name and line.strip():
            found[name] += f" {line.strip()}"
    return found
