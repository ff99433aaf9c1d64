"""What a case may be made of, before anything looks at what it says: so deep, so long, text as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator

from scl_fem.complaints import complaint, dotted
from scl_fem.errors import InputError

DEEPEST = 20
"""Tables and lists inside one another."""

_LARGEST_WHOLE = 2**63 - 1

LARGEST_FILE = 16 * 2**20
"""Bytes of a case file; a mesh or a table has a file of its own."""

LONGEST_TEXT = 300
"""Characters of a title or of the name of a material."""


def check_values(tables: Any) -> None:
    """See that tables and lists are not nested deeper than any case needs, and whole numbers are not huge.

    Args:
        tables: values as in a TOML file.

    Raises:
        InputError: they are.
    """
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), tables)]
    while waiting:
        path, value = waiting.pop()
        if len(path) > DEEPEST:
            raise InputError(
                "tables and lists are nested too deeply", key=dotted(path[:2]), allowed=f"{DEEPEST} levels"
            )
        if isinstance(value, int) and abs(value) > _LARGEST_WHOLE:
            problem = f"is a whole number of {value.bit_length()} bits"
            raise InputError(problem, key=dotted(path), allowed="whole numbers of 64 bits, as in TOML")
        if isinstance(value, Mapping):
            waiting += [((*path, str(name)), below) for name, below in value.items()]
        elif isinstance(value, list | tuple):
            waiting += [((*path, number), below) for number, below in enumerate(value)]


def check_text(text: str) -> str:
    """See that a text fits on a line and that people can read it.

    Args:
        text: from a case file.

    Raises:
        PydanticCustomError: it does not.
    """
    if len(text) > LONGEST_TEXT:
        raise complaint(f"has {len(text)} characters", f"up to {LONGEST_TEXT}")
    for character in text:
        if not character.isprintable():
            raise complaint(f"has the character U+{ord(character):04X}", "one line of printable characters")
    return text


Text = Annotated[str, AfterValidator(check_text)]
"""One line for people."""
