"""What tells cases apart, in words for a legend; and the units of their keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from scl_fem.case.model import Case
from scl_fem.case.overrides import name_in_list, place_in
from scl_fem.case.reading import load_case
from scl_fem.errors import InputError
from scl_fem.output.names import CASE_FILE
from scl_fem.settings import Settings

_TOLD_APART_ELSEWHERE = {"title", "output", "solver"}
"""Tables and keys that do not change what is computed, or stand above the figure."""

_WORDS_ONLY = {"sources", "description", "name", "formula"}
"""Of a material: what it is called, not what it does."""

_OUTER_TABLES = {"phase", "materials", "mesh", "boundary", "interface", "study"}
"""Tables whose name says nothing that the key does not."""

_MOST_DIFFERENCES = 3
"""That a legend names; cases that differ in more are named otherwise."""


def unit_at(case: Case, key: str) -> str | None:
    """Unit of the numbers at a key of a case, None where they have none.

    Args:
        case: the case.
        key: dotted path.
    """
    *path, last = key.split(".")
    above: Any = None
    table: Any = case
    for name in path:
        above, table = table, _inside(case, table, name)
    if isinstance(table, Mapping) and isinstance(above, Settings) and _is_number(table.get(last)):
        table, last = above, path[-1]  # levels, shifts: the table has numbers of one kind
    known = isinstance(table, Settings) and last in type(table).model_fields
    return type(table).unit_of(last) if known else None


def _inside(case: Case, table: Any, name: str) -> Any:
    """What is at a name in a table, None where nothing is."""
    if table is case and name in case.own_tables:
        return case.own_tables[name]
    if isinstance(table, Mapping):
        return table.get(name)
    if isinstance(table, tuple):
        try:
            return table[place_in(table, name)]
        except InputError:
            return None
    for for_all, own in ((case.interface, case.interfaces), (case.boundary, case.contacts)):
        if table is for_all and name in own:
            return own[name]
    return getattr(table, name, None)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def differences(cases: Sequence[Case], ignore: Sequence[str] = ()) -> list[str] | None:
    """What each of several cases has otherwise than the others: "electrode voltage 3.2 V".

    Args:
        cases: as resolved.
        ignore: keys that do not count.

    Returns:
        A text for each; None where they do not differ, are not told apart by it, or differ in too much.
    """
    flat = [dict(_flat(case.to_dict())) for case in cases]
    keys = [
        key
        for key in dict.fromkeys(key for each in flat for key in each)
        if key not in ignore and any(each.get(key) != flat[0].get(key) for each in flat)
    ]
    if not 0 < len(keys) <= _MOST_DIFFERENCES:
        return None
    texts = [
        ", ".join(_words(key, each.get(key), unit_at(case, key)) for key in keys)
        for case, each in zip(cases, flat, strict=True)
    ]
    return texts if len(set(texts)) == len(texts) else None


def _flat(tables: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Values of nested tables by dotted path."""
    for name, value in tables.items():
        if (not prefix and name in _TOLD_APART_ELSEWHERE) or (prefix and name in _WORDS_ONLY):
            continue
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, list) and all(name_in_list(each) for each in value) and value:
            yield from _flat({str(name_in_list(each)): each for each in value}, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _words(key: str, value: Any, unit: str | None) -> str:
    """A key and its value as people say it."""
    *tables, name = key.split(".")
    words = [*(table for table in tables if table not in _OUTER_TABLES), name.replace("_", " ")]
    if value is None:
        return f"no {' '.join(words)}"
    from scl_fem.figures.sweep import printed_unit

    shown = f"{value:.6g}" if isinstance(value, float) else str(value)
    return f"{' '.join(words)} {shown} {printed_unit(unit or '')}".rstrip()


def names_of_results(directories: Sequence[Path]) -> list[str]:
    """What a legend calls several results: by what differs between their cases, else by title or folder.

    Args:
        directories: result folders.
    """
    try:
        cases = [load_case(directory / CASE_FILE) for directory in directories]
    except InputError:  # of another version, or not there
        return _folders(directories)
    titles = [case.title for case in cases]
    if len(set(titles)) < len(titles):
        titles = _folders(directories)
    return differences(cases) or titles


def _folders(directories: Sequence[Path]) -> list[str]:
    """Last parts of the paths, or all where those are the same."""
    names = [directory.resolve().name for directory in directories]
    return names if len(set(names)) == len(names) else [str(directory) for directory in directories]
