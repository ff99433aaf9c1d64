"""The JSON schema of a case file: what editors complete and check TOML by.

It says what may stand at each key, with its unit and its meaning. What several keys say together (layers
that are thick enough, a voltage that a curve has) only reading the case can tell.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from scl_fem.case.boundary import BOUNDARY_KINDS
from scl_fem.case.components import ComponentSettings
from scl_fem.case.interface import INTERFACE_LAWS
from scl_fem.case.model import Case
from scl_fem.case.output import OutputSettings
from scl_fem.case.phases import ELECTRODE, ELECTROLYTE, PhaseSettings
from scl_fem.case.studies import STUDY_KINDS, StudySettings
from scl_fem.complaints import allowed_at, field_extra
from scl_fem.descriptions import meaning
from scl_fem.materials import Material, library
from scl_fem.materials.carrier import CarrierSettings
from scl_fem.mesh import MESH_KINDS, MeshSettings
from scl_fem.physics.defects import DEFECT_LAWS
from scl_fem.physics.diffusivity import DIFFUSIVITY_LAWS
from scl_fem.registry import Registry
from scl_fem.settings import Settings
from scl_fem.solvers.settings import SolverSettings

type Schema = dict[str, Any]

_VERSION = "http://json-schema.org/draft-07/schema#"
"""What editors of TOML know."""

_CHOSEN: dict[str, tuple[Registry[Any], str]] = {
    "study": (STUDY_KINDS, "kind"),
    "mesh": (MESH_KINDS, "kind"),
    "interface": (INTERFACE_LAWS, "law"),
    "boundary": (BOUNDARY_KINDS, "kind"),
}
"""Tables one of whose keys names the model that reads the rest."""

_LAWS: dict[str, Registry[Any]] = {"defect_law": DEFECT_LAWS, "diffusivity_law": DIFFUSIVITY_LAWS}


_BOUNDS = {"gt": "exclusiveMinimum", "ge": "minimum", "lt": "exclusiveMaximum", "le": "maximum"}
"""What pydantic calls a bound behind a reader of units, and what it is called in a schema."""

_NOT_IN_A_FILE = {"title", "unit", "allowed", "also"}


def schema_text() -> str:
    """The schema as a file."""
    return json.dumps(case_schema(), indent=1, ensure_ascii=False) + "\n"


def case_schema() -> Schema:
    """The schema of a case file, with the laws that are entered at the moment."""
    found: dict[str, Schema] = {}
    tables: dict[str, Schema] = {}
    for name, (registry, key) in _CHOSEN.items():
        tables[name] = {"oneOf": [_kind_of_table(registry[kind], key, found) for kind in registry]}
    _add_parts(tables, found)
    plain: dict[str, type[Settings]] = {
        "output": OutputSettings,
        "solver": SolverSettings,
        **_own_tables(),
    }
    tables |= {name: _table(model, found) for name, model in plain.items()}
    by_name: dict[str, type[Settings]] = {
        "phase": PhaseSettings,
        "components": ComponentSettings,
        "materials": Material,
    }
    tables |= {
        name: {"type": "object", "additionalProperties": _table(model, found)}
        for name, model in by_name.items()
    }
    top = {
        "title": {"type": "string", "description": "One line for people."},
        "temperature": _key(Case, "temperature", {"type": "number", "unit": "K", "gt": 0}, {}),
    }
    return {
        "$schema": _VERSION,
        "title": "A case of scl_fem",
        "type": "object",
        "additionalProperties": False,
        "required": ["study", "mesh"],
        "properties": {**top, **tables},
        "allOf": [*(_tables_of(kind) for kind in STUDY_KINDS), _two_phases()],
        "$defs": dict(sorted(found.items())),
    }


def _add_parts(tables: dict[str, Schema], found: dict[str, Schema]) -> None:
    """Let the tables [interface] and [boundary] hold those of single interfaces and contacts.

    One that does not name its law or kind has that of the table for all.
    """
    for name, inside in (("interface", "patternProperties"), ("boundary", "additionalProperties")):
        registry, key = _CHOSEN[name]
        kinds = [{"$ref": f"#/$defs/{registry[kind].__name__}"} for kind in registry]
        one = f"One{name.capitalize()}"
        any_key = {"type": "object", "not": {"required": [key]}}
        found[one] = {"anyOf": [*kinds, any_key]}
        within: Schema = {"$ref": f"#/$defs/{one}"}
        parts: Schema = {inside: {r"\|": within} if inside == "patternProperties" else within}
        for kind in registry:
            found[registry[kind].__name__] |= parts
        alone = {"type": "object", "additionalProperties": False, **parts}
        tables[name]["oneOf"].append({**alone, "not": {"required": [key]}, "minProperties": 1})


def _two_phases() -> Schema:
    """Which phases a mesh has that is not made of phases by name."""
    kinds = [kind for kind in MESH_KINDS if MESH_KINDS[kind].phase_names is MeshSettings.phase_names]
    is_one = {
        "properties": {"mesh": {"properties": {"kind": {"enum": kinds}}, "required": ["kind"]}},
        "required": ["mesh"],
    }
    phases = {
        "required": [ELECTRODE, ELECTROLYTE],
        "propertyNames": {"enum": [ELECTRODE, ELECTROLYTE]},
    }
    return {"if": is_one, "then": {"properties": {"phase": phases}}}


def _own_tables() -> dict[str, type[Settings]]:
    """The tables that only some study takes."""
    return {name: model for kind in STUDY_KINDS for name, model in STUDY_KINDS[kind].own_tables.items()}


def _tables_of(kind: str) -> Schema:
    """Which tables a kind of study needs, and which it does not take."""
    study: type[StudySettings] = STUDY_KINDS[kind]
    refused = {*study.unused_tables, *(_own_tables().keys() - study.own_tables.keys())}
    needed = [] if "phase" in refused else ["phase"]
    needed += [name for name, model in study.own_tables.items() if not _does_without(model)]
    is_kind = {
        "properties": {"study": {"properties": {"kind": {"const": kind}}, "required": ["kind"]}},
        "required": ["study"],
    }
    return {
        "if": is_kind,
        "then": {"required": needed, "properties": {name: False for name in sorted(refused)}},
    }


def _does_without(model: type[Settings]) -> bool:
    """Whether a table may be left out."""
    try:
        model()
    except ValidationError:
        return False
    return True


def _kind_of_table(model: type[Settings], key: str, found: dict[str, Schema]) -> Schema:
    """One kind of a table; a file always names it."""
    reference = _table(model, found)
    table = found[model.__name__]
    table["required"] = sorted({*table["required"], key})
    return reference


def _table(model: type[Settings], found: dict[str, Schema]) -> Schema:
    """Enter a table and those inside it among those that were found; what refers to it."""
    if model.__name__ not in found:
        written = model.model_json_schema()
        inside: dict[str, Schema] = written.pop("$defs", {})
        tables = {each.__name__: each for each in _all_tables(Settings)}
        for name in inside.keys() & tables.keys():
            found[name] = _finished(tables[name], inside[name], inside)
        found[model.__name__] = _finished(model, written, inside)
    return {"$ref": f"#/$defs/{model.__name__}"}


def _all_tables(base: type[Settings]) -> Iterator[type[Settings]]:
    for each in base.__subclasses__():
        yield each
        yield from _all_tables(each)


def _finished(model: type[Settings], written: Schema, inside: Mapping[str, Schema]) -> Schema:
    """What pydantic wrote of a table, in terms of a file."""
    description = inspect.cleandoc(model.__doc__ or "").partition("\nAttributes:")[0].strip()
    return {
        "type": "object",
        "description": description,
        "additionalProperties": _further(written.get("additionalProperties", False), inside),
        "properties": {
            key: _key(model, key, node, inside) for key, node in written.get("properties", {}).items()
        },
        "required": sorted(written.get("required", ())),
    }


def _key(model: type[Settings], key: str, written: Schema, inside: Mapping[str, Schema]) -> Schema:
    """One key: what may stand there, its meaning and its unit."""
    field = model.model_fields[key]
    schema: Schema = _in_a_file(written, inside)
    if key in _LAWS and model in (Material, CarrierSettings):
        schema = {"enum": list(_LAWS[key])}
    if key == "material" and model is PhaseSettings:
        schema |= {"examples": library()}
    if schema.get("type") != "object":  # of a table its values say so themselves
        schema = _or(schema, field_extra(field, "also"))
    about = [meaning(model, key), f"Allowed: {allowed}" if (allowed := allowed_at(field)) else ""]
    return {"description": "\n".join(part for part in about if part), **schema}


def _in_a_file(node: Any, inside: Mapping[str, Schema]) -> Any:
    """What pydantic wrote without null, which TOML has not, and with strings where a number has a unit."""
    if isinstance(node, list):
        return [_in_a_file(each, inside) for each in node if each != {"type": "null"}]
    if not isinstance(node, dict):
        return node
    name = str(node.get("$ref", "")).rpartition("/")[2]
    if name in inside and "properties" not in inside[name]:  # the name of a type, not a table
        return _or(_in_a_file(inside[name], inside), inside[name].get("also"))
    has_unit = "unit" in node
    schema = {
        _BOUNDS.get(key, key): _in_a_file(value, inside)
        for key, value in node.items()
        if key not in _NOT_IN_A_FILE and not (key == "default" and value is None)
    }
    for within in schema.keys() & {"additionalProperties", "items"}:
        if isinstance(node[within], dict):
            schema[within] = _or(schema[within], node[within].get("also"))
    if "prefixItems" in schema:  # as draft 7 writes it
        schema["items"] = schema.pop("prefixItems")
    if "anyOf" in schema and len(schema["anyOf"]) == 1:
        schema |= schema.pop("anyOf")[0]
    return {"anyOf": [schema, {"type": "string"}]} if has_unit and "type" in schema else schema


def _further(written: Any, inside: Mapping[str, Schema]) -> Any:
    """What may stand at keys that the user names; False where there are none."""
    if not isinstance(written, dict):
        return False
    return _or(_in_a_file(written, inside), written.get("also"))


def _or(schema: Schema, types: str | list[str] | None) -> Schema:
    """A schema, or values of further types."""
    return schema if types is None else {"anyOf": [schema, {"type": types}]}
