"""The base of every table of a case file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    ValidationError,
    ValidatorFunctionWrapHandler,
)
from pydantic_core import CoreSchema, core_schema

from scl_fem.complaints import complaint, complaints, field_unit, relocated, shown, worded
from scl_fem.errors import InputError, unknown_name
from scl_fem.registry import Registry

LONGEST_NAME = 60
"""Characters of the name of a phase, component or carrier: columns and fields bear it."""


def check_name(name: str) -> str:
    """See that a name can stand in paths, in files and between the bars of an interface.

    Args:
        name: of a phase, component or carrier, as the user gave it.

    Raises:
        PydanticCustomError: it cannot.
    """
    if not name or name != name.strip() or not name.isprintable() or set(name) & set('.|"'):
        raise complaint(f"{shown(name)} cannot be a name", 'printable characters without ".", "|" and quotes')
    if len(name) > LONGEST_NAME:
        raise complaint(f"a name of {len(name)} characters is too long", f"up to {LONGEST_NAME}")
    return name


Name = Annotated[str, AfterValidator(check_name)]
"""What a phase, component or carrier may be called."""


class Settings(BaseModel):
    """A table of a case file: unknown keys are errors, values do not change once read."""

    # Deferred: of all the kinds of meshes, laws and studies a case uses one each, and start-up time counts.
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Say what is wrong in terms of this table; its validators may raise InputError.

        Wrapped around the schema rather than a validator of the model, which would stand inside
        those of the subclasses.
        """

        def validate(data: Any, validator: ValidatorFunctionWrapHandler) -> Any:
            try:
                return validator(data)
            except ValidationError as error:
                raise worded(error, cls) from None
            except InputError as error:
                raise complaints(cls.__name__, [((), error)]) from None

        # The wrapped schema takes the model's name: where a table stands twice, as the phases do, pydantic
        # looks the second up by it.
        schema: Any = dict(handler(source))
        name = schema.pop("ref", None)
        return core_schema.no_info_wrap_validator_function(validate, schema, ref=name)

    @classmethod
    def unit_of(cls, key: str) -> str | None:
        """Unit of a bare number at `key`, None where it has none."""
        return field_unit(cls.model_fields[key])


@dataclass(frozen=True)
class ChosenFrom:
    """Annotates a table one of whose keys names the model that reads it.

        mesh: Annotated[MeshSettings, ChosenFrom(MESH_KINDS)]

    Attributes:
        registry: the models, `Settings` each, by name.
        key: the key of the table that holds the name.
    """

    registry: Registry[Any]
    key: str = "kind"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """A plain function: how a value is written follows from the model that it became."""
        return core_schema.no_info_plain_validator_function(self._read)

    def _read(self, value: Any) -> Settings:
        known = {name: self.registry[name] for name in self.registry}
        if type(value) in known.values():
            # made in Python without its name: a case file cannot do without, so it counts as given
            return value if self.key in value.model_fields_set else _naming(value, self.key)
        if not isinstance(value, Mapping):
            raise complaint("must be a table", f"a table with {self.key} = {', '.join(known)}")
        name = value.get(self.key)
        if name is None:
            mistake = InputError("is missing", key=self.key, allowed=", ".join(known))
        elif not isinstance(name, str):
            mistake = InputError(f"cannot be {shown(name)}", key=self.key, allowed=", ".join(known))
        elif name not in known:
            mistake = unknown_name(self.registry.kind, name, known).located(key=self.key)
        else:
            table: Settings = known[name].model_validate(dict(value))
            return table
        raise complaints(self.registry.kind, [((), mistake)])


@dataclass(frozen=True)
class NamedBy:
    """Annotates a list of tables that are known by one of their keys, in messages and in paths.

        carriers: Annotated[tuple[CarrierSettings, ...], NamedBy("name")]

    Attributes:
        key: the key of each table that holds its name.
        once: whether no two may have the same name.
    """

    key: str
    once: bool = True

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The list's own schema, its complaints by name."""
        return core_schema.no_info_wrap_validator_function(self._read, handler(source))

    def _read(self, value: Any, read: ValidatorFunctionWrapHandler) -> Any:
        try:
            items = read(value)
        except ValidationError as error:
            raise relocated(error, lambda path: self._named(path, value)) from None
        names = [getattr(item, self.key) for item in items or ()]
        twice = next((name for name in names if names.count(name) > 1), None)
        if self.once and twice is not None:
            raise complaint(f"two are called {shown(twice)}", f"another {self.key} for each")
        return items

    def _named(self, path: tuple[str | int, ...], items: Any) -> tuple[str | int, ...]:
        """A path into the list with the name of the element in place of its number."""
        if not path or not isinstance(path[0], int):
            return path
        item = items[path[0]]
        name = item.get(self.key) if isinstance(item, Mapping) else None
        return (name, *path[1:]) if isinstance(name, str) and name else path


def _naming(settings: Settings, key: str) -> Settings:
    """The same settings, what names them counted among the keys that were given."""
    return settings.model_copy(update={key: getattr(settings, key)})
