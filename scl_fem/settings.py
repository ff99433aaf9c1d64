"""The base of every table of a case file."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """A table of a case file: unknown keys are errors, values do not change once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @classmethod
    def unit_of(cls, key: str) -> str | None:
        """Unit of a bare number at `key`, None where it has none."""
        extra: Any = cls.model_fields[key].json_schema_extra
        return extra.get("unit") if isinstance(extra, dict) else None
