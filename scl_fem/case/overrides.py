"""Keys of a case set from outside: `--set phase.electrode.voltage=3.2`."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any

from scl_fem.errors import InputError

OVERRIDE = "--set"
"""Stands for the file in a message about an overridden key."""


def read_toml(text: str) -> dict[str, Any]:
    """The tables of a TOML text.

    Args:
        text: of a file, or of a line.

    Raises:
        tomllib.TOMLDecodeError: it is not TOML, or has what Python's reader of it cannot read.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise tomllib.TOMLDecodeError("tables and lists are nested too deeply") from None
    except ValueError as error:  # a whole number of thousands of digits, a date that does not exist
        raise tomllib.TOMLDecodeError(str(error)) from None


def parse_override(text: str) -> tuple[list[str], Any]:
    """The path and the value of KEY=VALUE.

    Args:
        text: KEY is a dotted path as in TOML; VALUE is a TOML value, or else taken as a string.

    Raises:
        InputError: it is not of this form.
    """
    key, equals, value = text.partition("=")
    form = "KEY=VALUE, for example phase.electrode.voltage=3.2"
    if not equals or "\n" in key:
        raise InputError(f"cannot read '{text}'", file=OVERRIDE, allowed=form)
    try:
        table = read_toml(f"{key} = 0")
    except tomllib.TOMLDecodeError:
        raise InputError(f"cannot read the key '{key}'", file=OVERRIDE, allowed=form) from None
    path: list[str] = []
    if not table:  # a comment
        raise InputError(f"cannot read the key '{key}'", file=OVERRIDE, allowed=form)
    while isinstance(table, dict):
        ((name, table),) = table.items()
        path.append(name)
    try:
        return path, _value(value.strip())
    except tomllib.TOMLDecodeError as error:
        problem = f"'{value.strip()}' is not a TOML value: {error}"
        raise InputError(problem, file=OVERRIDE, key=".".join(path)) from None


def set_value(tables: dict[str, Any], path: Sequence[str], value: Any) -> None:
    """Set a key of nested tables, making those that are not there.

    Args:
        tables: changed in place.
        path: keys from the outermost table inwards.
        value: plain value, list or table.

    Raises:
        InputError: the path leads through a key that is not a table.
    """
    table = tables
    for depth, name in enumerate(path[:-1], start=1):
        table = table.setdefault(name, {})
        if not isinstance(table, dict):
            key = ".".join(path[:depth])
            raise InputError(f"is not a table, so it has no key '{path[depth]}'", key=key)
    table[path[-1]] = value


def touches(path: Sequence[str], key: str | None) -> bool:
    """Whether a message about `key` may be about what was set at `path`: one leads to the other."""
    named = key.replace("[", ".").split(".") if key else []
    shared = min(len(named), len(path))
    return shared > 0 and named[:shared] == list(path[:shared])


def _value(text: str) -> Any:
    try:
        read = read_toml(f"value = {text}")
    except tomllib.TOMLDecodeError:
        if text.startswith(tuple("[{\"'")):
            raise
        read = {"value": text}
    return read["value"]
