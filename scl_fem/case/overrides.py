"""Keys of a case set from outside: `--set phase.electrode.voltage=3.2`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from scl_fem.errors import InputError, unknown_name

OVERRIDE = "--set"
"""Stands for the file in a message about an overridden key."""


_NAMES = ("name", "phase")
"""Keys by which the elements of a list are known."""

_PLAIN_KEY = re.compile(r"[^\s.\"'=\[\]{}#,]+(\.[^\s.\"'=\[\]{}#,]+)*")


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
        # the names of phases, interfaces and components may have what TOML wants in quotes: Li+, A|B
        if not _PLAIN_KEY.fullmatch(key.strip()):
            raise InputError(f"cannot read the key '{key}'", file=OVERRIDE, allowed=form) from None
        table = _nested(key.strip().split("."))
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
    """Set a key of nested tables, making those that are not there; an element of a list by its name.

    Args:
        tables: changed in place.
        path: keys from the outermost table inwards.
        value: plain value, list or table.

    Raises:
        InputError: the path leads through a key that is neither a table nor a list of named tables.
    """
    holder: Any = tables
    for depth, name in enumerate(path[:-1], start=1):
        if isinstance(holder, list):
            holder = holder[place_in(holder, name, ".".join(path[: depth - 1]))]
        else:
            if name not in holder:
                holder[name] = _carriers_of_library(path[:depth])
            holder = holder[name]
        if not isinstance(holder, dict | list):
            key = ".".join(path[:depth])
            raise InputError(f"is not a table, so it has no key '{path[depth]}'", key=key)
    last = path[-1]
    holder[place_in(holder, last, ".".join(path[:-1])) if isinstance(holder, list) else last] = value


def name_in_list(element: Any) -> str | None:
    """What an element of a list is known by: its name, or the phase that it is made of."""
    for key in _NAMES:
        name = element.get(key) if isinstance(element, Mapping) else getattr(element, key, None)
        if isinstance(name, str):
            return name
    return None


def place_in(elements: Sequence[Any], name: str, key: str = "") -> int:
    """Where in a list an element is.

    Args:
        elements: tables.
        name: of the element, or its number from 0 on.
        key: of the list.

    Raises:
        InputError: there is none of this name, or more than one.
    """
    names = [name_in_list(element) for element in elements]
    if names.count(name) == 1:
        return names.index(name)
    if name not in names and name.isdecimal() and int(name) < len(elements):
        return int(name)
    if name in names:
        numbers = [str(place) for place, each in enumerate(names) if each == name]
        raise InputError(f"has more than one '{name}'", key=key, allowed=" or ".join(numbers))
    known = [each for each in names if each is not None]
    if not known:
        raise InputError(f"is not a table, so it has no key '{name}'", key=key)
    raise unknown_name("element", name, known).located(key=key)


def _carriers_of_library(path: Sequence[str]) -> Any:
    """What a path that the case does not have leads to: the library's list of carriers, or a table.

    Raises:
        InputError: the material has no list.
    """
    if len(path) != 3 or path[0] != "materials" or path[2] != "carriers":
        return {}
    from scl_fem.materials import library, load_material

    carriers = load_material(path[1]).carriers if path[1] in library() else None
    if carriers is None:
        raise InputError(
            f"material {path[1]} has no list of carriers",
            key=".".join(path),
            allowed=f"materials.{path[1]}.diffusivity and the like, of its one carrier of Li+",
        )
    return [each.model_dump(mode="json", exclude_unset=True) for each in carriers]


def touches(path: Sequence[str], key: str | None) -> bool:
    """Whether a message about `key` may be about what was set at `path`: one leads to the other."""
    named = key.replace("[", ".").split(".") if key else []
    shared = min(len(named), len(path))
    return shared > 0 and named[:shared] == list(path[:shared])


def _nested(path: Sequence[str]) -> dict[str, Any]:
    """A table that holds only what a path leads to."""
    return {path[0]: _nested(path[1:]) if path[1:] else 0}


def _value(text: str) -> Any:
    try:
        read = read_toml(f"value = {text}")
    except tomllib.TOMLDecodeError:
        if text.startswith(tuple("[{\"'")):
            raise
        read = {"value": text}
    return read["value"]
