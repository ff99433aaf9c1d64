"""Writes the reference of the case file from the models that read it.

The second part of docs/cases.md, for people, and docs/case.schema.json, for editors.

python docs/make_cases.py
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from scl_fem.case.boundary import BOUNDARY_KINDS
from scl_fem.case.components import ComponentSettings
from scl_fem.case.interface import INTERFACE_LAWS, InterfaceSites
from scl_fem.case.model import Case
from scl_fem.case.output import OutputSettings
from scl_fem.case.phases import PhaseSettings
from scl_fem.case.schema import schema_text
from scl_fem.case.studies import STUDY_KINDS, StudySettings
from scl_fem.complaints import allowed_at, field_unit
from scl_fem.descriptions import meaning
from scl_fem.materials.carrier import CarrierSettings
from scl_fem.materials.curves import CompositionTable, OpenCircuitCurve
from scl_fem.materials.material import Material
from scl_fem.mesh import MESH_KINDS
from scl_fem.mesh.group_names import GroupNames
from scl_fem.mesh.layers import Layer
from scl_fem.registry import Registry
from scl_fem.settings import Settings
from scl_fem.solvers.settings import SolverSettings

PAGE = Path(__file__).with_name("cases.md")
SCHEMA = Path(__file__).with_name("case.schema.json")
MARK = "<!-- From here on written by docs/make_cases.py from the models that read a case: do not edit. -->\n"


def reference() -> str:
    """The generated part of the page."""
    parts = [
        _section("At the top", [_table(Case, ("title", "temperature"))]),
        *_kinds("[study]", STUDY_KINDS, "kind"),
        *_own_tables(),
        *_kinds("[mesh]", MESH_KINDS, "kind"),
        _section("`groups` of a mesh from a file", [_summary(GroupNames), _table(GroupNames)], level=3),
        _section("Each of `layers` of a stack, and of `coating`", [_table(Layer)], level=3),
        _section("[phase.NAME]", [_table(PhaseSettings)]),
        *_kinds("[interface]", INTERFACE_LAWS, "law"),
        _section("`sites` of an interface", [_table(InterfaceSites)], level=3),
        *_kinds("[boundary]", BOUNDARY_KINDS, "kind"),
        _section("[components.NAME]", [_table(ComponentSettings)]),
        _section("[output]", [_table(OutputSettings)]),
        _section("[solver]", [_table(SolverSettings)]),
        _section("[materials.NAME]", [_table(Material)]),
        _section("Each of `carriers` of a material", [_table(CarrierSettings)], level=3),
        _section("[materials.NAME.composition]", [_table(CompositionTable)], level=3),
        _section("[materials.NAME.open_circuit]", [_table(OpenCircuitCurve)], level=3),
    ]
    return "\n".join(parts)


def page() -> str:
    """The whole page: its first part as it stands, the second anew."""
    written_by_hand = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    return f"{written_by_hand}{MARK}\n{reference()}"


def _kinds(table: str, registry: Registry[Any], key: str) -> Iterator[str]:
    for name in sorted(registry):
        model = registry[name]
        text = [_summary(model), _table(model, [field for field in model.model_fields if field != key])]
        yield _section(f'{table}, `{key} = "{name}"`', text)


def _own_tables() -> Iterator[str]:
    for kind in sorted(STUDY_KINDS):
        study: type[StudySettings] = STUDY_KINDS[kind]
        for name, model in study.own_tables.items():
            yield _section(f'[{name}], with `kind = "{kind}"`', [_summary(model), _table(model)])


def _section(title: str, parts: Iterable[str], level: int = 2) -> str:
    return "\n".join([f"{'#' * level} {title}\n", *(f"{part}\n" for part in parts if part)])


def _summary(model: type[Settings]) -> str:
    """The docstring but for the list of attributes, which the table holds."""
    return inspect.cleandoc(model.__doc__ or "").partition("\nAttributes:")[0].strip()


def _table(model: type[Settings], keys: Iterable[str] | None = None) -> str:
    rows = [_row(model, key) for key in (model.model_fields if keys is None else keys)]
    return (
        "\n".join(["| key | meaning | may be | default |", "| --- | --- | --- | --- |", *rows])
        if rows
        else ""
    )


def _row(model: type[Settings], key: str) -> str:
    field = model.model_fields[key]
    cells = (f"`{key}`", meaning(model, key), allowed_at(field) or "", _default(field))
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None or value in ("", (), {}):
        return ""
    if isinstance(value, bool | str):
        return f"`{str(value).lower()}`" if isinstance(value, bool) else f'`"{value}"`'
    unit = field_unit(field)
    return f"{value:g} {unit}".strip() if unit else f"{value:g}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    SCHEMA.write_text(schema_text(), encoding="utf-8")
