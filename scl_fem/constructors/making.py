"""What every constructor does: take what was given, name a misspelt argument, word what is wrong."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from scl_fem.case.boundary import BoundarySettings
from scl_fem.case.interface import InterfaceSettings
from scl_fem.case.limits import check_values
from scl_fem.case.model import Case
from scl_fem.case.phases import PhaseSettings
from scl_fem.case.studies import EquilibriumStudy, StudySettings
from scl_fem.complaints import complaints, input_error, listed, shown
from scl_fem.errors import InputError, UnknownArgumentError, nearest
from scl_fem.mesh.kinds import MeshSettings
from scl_fem.settings import Settings

type Quantity = float | str
"""A number in the key's own unit, or a string with its own: 10.0, "10 nm"."""


def constructor[**P, Made](function: Callable[P, Made]) -> Callable[P, Made]:
    """Decorator: an argument that does not exist is named, with the nearest that does.

    Python itself does that from 3.13 on only, and not for what a decorator hides.
    """
    known = set(inspect.signature(function).parameters)

    @functools.wraps(function)
    def checked(*arguments: P.args, **named: P.kwargs) -> Made:
        for name in named:
            if name not in known:
                raise UnknownArgumentError(
                    f"{function.__name__}() has no argument '{name}'{nearest(name, known)}",
                    allowed=", ".join(sorted(known)),
                )
        return function(*arguments, **named)

    return checked


def given(**values: Any) -> dict[str, Any]:
    """The values that were given: None stands for the default of the case file."""
    return {name: value for name, value in values.items() if value is not None}


def made[Table: Settings](model: type[Table], **values: Any) -> Table:
    """A table of the values that were given.

    Args:
        model: what a case file is read into.
        values: by key; None where nothing was given.

    Raises:
        InputError: something is wrong with them; lists every mistake.
    """
    tables = given(**values)
    check_values(tables)
    try:
        return model.model_validate(tables)
    except ValidationError as error:
        raise input_error(error) from None


def mesh_of(model: type[MeshSettings], **keys: Any) -> MeshSettings:
    """The table [mesh]; relative paths are taken from the current directory.

    Args:
        model: of the kind of mesh.
        keys: None where nothing was given.

    Raises:
        InputError: something is wrong with them, said of the keys of [mesh].
    """
    try:
        return made(model, **keys).relative_to(Path.cwd())
    except InputError as error:
        below = complaints("mesh", [(("mesh",), each) for each in listed(error)])
        raise input_error(below) from None


def case_of(
    mesh: MeshSettings,
    *,
    study: StudySettings | None,
    phases: Mapping[str, PhaseSettings],
    interface: InterfaceSettings | None,
    interfaces: Mapping[str, InterfaceSettings] | None,
    boundary: BoundarySettings | None,
    contacts: Mapping[str, BoundarySettings] | None,
    components: Mapping[str, int] | None,
    **tables: Any,
) -> Case:
    """The case of what was given.

    Args:
        mesh: where.
        study: what; None for the equilibrium.
        phases: by name; none where the study takes none.
        interface: law for all interfaces, None for the default.
        interfaces: laws of single ones, by "A|B".
        boundary: what happens at all contacts, None for the default.
        contacts: what happens at single ones, by name.
        components: charge numbers by name.
        tables: the others by name, None where nothing was given.

    Raises:
        InputError: something is wrong with them; lists every mistake.
    """
    parts = given(
        phase=dict(phases) or None,
        interface=_with_single(interface, interfaces, "law"),
        boundary=_with_single(boundary, contacts, "kind"),
        components={name: {"charge": charge} for name, charge in (components or {}).items()} or None,
    )
    return Case(mesh=mesh, study=study or EquilibriumStudy(), **parts, **given(**tables))


def _with_single(for_all: Settings | None, single: Mapping[str, Settings] | None, key: str) -> Any:
    """The table for all interfaces or contacts with those of single ones inside, as in a case file.

    Raises:
        InputError: a single one is no table of its kind.
    """
    if not single:
        return for_all
    for name, table in single.items():
        if not isinstance(table, Settings):
            raise InputError(f"cannot be {shown(table)}", key=name, allowed="what a constructor gives")
    shared = {}
    if for_all is not None:
        shared = {key: getattr(for_all, key), **for_all.model_dump(exclude_unset=True)}
    return {**shared, **single}
