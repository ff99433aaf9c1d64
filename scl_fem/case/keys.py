"""Every key that a case may have, found in the models that read it: for completion and for lists of keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from scl_fem.case.boundary import BOUNDARY_KINDS
from scl_fem.case.interface import BETWEEN, INTERFACE_LAWS
from scl_fem.case.model import Case
from scl_fem.case.phases import ELECTRODE, ELECTROLYTE, PhaseSettings
from scl_fem.case.studies import STUDY_KINDS
from scl_fem.mesh.group_names import GroupNames
from scl_fem.registry import Registry
from scl_fem.settings import ChosenFrom, Settings

ANY = "NAME"
"""Stands in a key for a name that the user gives: "materials.NAME.c_max"."""

_OWN_TABLES = "own_tables"

_BY_PART: dict[str, tuple[Registry[Any], str]] = {
    "interfaces": (INTERFACE_LAWS, f"interface.{ANY}{BETWEEN}{ANY}."),
    "contacts": (BOUNDARY_KINDS, f"boundary.{ANY}."),
}
"""Tables of one interface or contact: their models, and where their keys are."""


def case_keys() -> dict[str, tuple[str, ...]]:
    """Dotted paths of all keys, of every kind of study, mesh, law and boundary together.

    Returns:
        By path the words that may stand there, where the model counts them; empty for numbers and free text.
    """
    found: dict[str, tuple[str, ...]] = {}
    for path, words in _keys_of(Case, ""):
        found[path] = tuple(dict.fromkeys((*found.get(path, ()), *words)))
    return found


def _keys_of(model: type[Settings], prefix: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    if model is GroupNames:
        yield f"{prefix}{ANY}", ()
    for name, field in model.model_fields.items():
        chosen = next((each for each in field.metadata if isinstance(each, ChosenFrom)), None)
        if model is Case and name in _BY_PART:
            registry, inside = _BY_PART[name]
            for kind in registry:
                yield from _keys_of(registry[kind], inside)
        elif model is Case and name == "phase":
            for each in (ELECTRODE, ELECTROLYTE, ANY):
                yield from _keys_of(PhaseSettings, f"{name}.{each}.")
        elif model is Case and name == _OWN_TABLES:
            for kind in STUDY_KINDS:
                for table, settings in STUDY_KINDS[kind].own_tables.items():
                    yield from _keys_of(settings, f"{table}.")
        elif chosen is not None:
            for kind in chosen.registry:
                yield from _keys_of(chosen.registry[kind], f"{prefix}{name}.")
        else:
            yield from _keys_at(field, f"{prefix}{name}")


def _keys_at(field: FieldInfo, path: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The key itself, or those of the table that stands there."""
    within = list(_settings_in(field.annotation, path))
    for model, prefix in within:
        yield from _keys_of(model, prefix)
    if not within:
        yield path, _words(field.annotation)


def _settings_in(annotation: Any, path: str) -> Iterator[tuple[type[Settings], str]]:
    """Models of tables in the type of a field, with the prefix of their keys."""
    if isinstance(annotation, type) and issubclass(annotation, Settings):
        yield annotation, f"{path}."
    elif get_origin(annotation) is dict:
        yield from _settings_in(get_args(annotation)[1], f"{path}.{ANY}")
    elif get_origin(annotation) is tuple:
        yield from _settings_in(get_args(annotation)[0], f"{path}.{ANY}")
    elif get_origin(annotation) is not Literal:
        for each in get_args(annotation):
            yield from _settings_in(each, path)


def _words(annotation: Any) -> tuple[str, ...]:
    """What a type counts up: its literal texts, true and false."""
    if annotation is bool:
        return ("true", "false")
    if get_origin(annotation) is Literal:
        return tuple(str(each) for each in get_args(annotation))
    return tuple(word for each in get_args(annotation) for word in _words(each))
