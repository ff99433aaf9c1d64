"""The base of every table of a case file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ModelWrapValidatorHandler, SerializeAsAny
from pydantic import ValidationError, model_validator

from scl_fem.complaints import complaint, complaints, field_unit, worded
from scl_fem.errors import InputError
from scl_fem.registry import Registry


class Settings(BaseModel):
    """A table of a case file: unknown keys are errors, values do not change once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @model_validator(mode="wrap")
    @classmethod
    def _word_complaints(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Say what is wrong in terms of this table; a validator of a model may raise InputError."""
        try:
            return handler(data)
        except ValidationError as error:
            raise worded(error, cls) from None
        except InputError as error:
            raise complaints(cls.__name__, [((), error)]) from None

    @classmethod
    def unit_of(cls, key: str) -> str | None:
        """Unit of a bare number at `key`, None where it has none."""
        return field_unit(cls.model_fields[key])

    def relative_to(self, directory: Path) -> Self:
        """The same settings with relative paths taken from the folder of the case file.

        Tables that hold paths override this.
        """
        return self


def chosen_from(registry: Registry[Any], key: str = "kind") -> Any:
    """The type of a table whose `key` names the model that reads it.

    Args:
        registry: the models, `Settings` each, by name.
        key: the key of the table that holds the name.
    """

    def choose(value: Any) -> Any:
        known = [registry[name] for name in registry]
        if isinstance(value, Settings) and type(value) in known:
            return value
        if not isinstance(value, Mapping):
            raise complaint("must be a table", f"a table with {key} = {', '.join(registry)}")
        name = value.get(key)
        if not isinstance(name, str):
            problem = "is missing" if name is None else "must be a string"
            raise complaints(registry.kind, [((key,), InputError(problem, allowed=", ".join(registry)))])
        try:
            model = registry[name]
        except InputError as error:
            raise complaints(registry.kind, [((key,), error)]) from None
        return model.model_validate(dict(value))

    return Annotated[SerializeAsAny[Settings], BeforeValidator(choose), Field(json_schema_extra={"allowed": "a table"})]
