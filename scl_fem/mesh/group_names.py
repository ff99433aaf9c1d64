"""The table `groups` of a mesh from a file: which of its groups is what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PlainSerializer,
    PrivateAttr,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from scl_fem.complaints import complaint
from scl_fem.errors import InputError
from scl_fem.mesh.domain import BOTH, ELECTRODE, ELECTROLYTE
from scl_fem.settings import Name, Settings

_NAMES: Final[dict[str, Any]] = {
    "allowed": "the name or number of a group, or a list of them",
    "also": ["string", "number"],
}
"""What a key that takes groups says of itself."""


def _as_name(value: object) -> object:
    """A number that names a group, as text."""
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if whole or (isinstance(value, int) and not isinstance(value, bool)) else value  # type: ignore[call-overload]


def _as_names(value: object) -> object:
    """One or more names or numbers of groups, as texts."""
    names = [_as_name(each) for each in (value if isinstance(value, list | tuple) else [value])]
    if not names or not all(isinstance(each, str) for each in names):
        raise complaint("must name a group of the file, or a list of them", _NAMES["allowed"])
    return names


def _as_written(names: Sequence[str]) -> str | list[str]:
    return names[0] if len(names) == 1 else list(names)


GroupName = Annotated[str, BeforeValidator(_as_name), Field(json_schema_extra={"also": "number"})]
"""A group of the file."""

GroupsOfFile = Annotated[
    tuple[GroupName, ...],
    BeforeValidator(_as_names),
    PlainSerializer(_as_written),
    Field(json_schema_extra=_NAMES),
]
"""One or more groups of the file, taken together."""

ContactGroups = dict[Name, GroupsOfFile]
"""Facets of the contacts, by the name of each; a name is as free as that of a phase."""


class GroupNames(Settings):
    """Which cells of the file are which phase: the name of a phase, and that of its group or groups.

    The phases come in the order in which they are named here; an electrode and an electrolyte alone in that
    order. The other keys name facets.
    """

    model_config = ConfigDict(extra="allow")

    __pydantic_extra__: dict[Name, GroupsOfFile]

    electrode: GroupsOfFile | None = None
    """Cells of the electrode; a phase of another name takes a key of that name."""
    electrolyte: GroupsOfFile | None = None
    """Cells of the electrolyte."""
    interface: GroupName | None = None
    """Facets between phases; found by themselves, and compared if named."""
    electrode_terminal: GroupName | None = None
    """Facets of the electrode's terminal, the contact left."""
    electrolyte_terminal: GroupName | None = None
    """Facets of the electrolyte's terminal, the contact right."""

    _order: tuple[str, ...] = PrivateAttr(default=())

    @property
    def phases(self) -> dict[str, tuple[str, ...]]:
        """Groups of each phase, in the order of the phases."""
        named = {**(self.__pydantic_extra__ or {}), ELECTRODE: self.electrode, ELECTROLYTE: self.electrolyte}
        order = BOTH if {name for name in named if named[name]} == set(BOTH) else self._order
        return {name: groups for name in order if (groups := named.get(name))}

    @model_validator(mode="wrap")
    @classmethod
    def _keep_order(cls, value: Any, read: ModelWrapValidatorHandler[Self]) -> Self:
        made = read(value)
        if isinstance(value, Mapping):
            made._order = tuple(value)
        if not made.phases:
            raise InputError("names no phase", allowed="NAME = the group of its cells, for every phase")
        return made

    @model_serializer(mode="wrap")
    def _in_order(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        table: dict[str, Any] = write(self)
        return {key: table[key] for key in dict.fromkeys([*self.phases, *table]) if key in table}


def every_group(phases: Mapping[str, Iterable[str]]) -> list[str]:
    """All groups of all phases.

    Args:
        phases: groups by phase.
    """
    return [name for groups in phases.values() for name in groups]
