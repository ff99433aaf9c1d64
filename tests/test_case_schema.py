"""The JSON schema of case files, by a validator of its own, against what reading a case says."""

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

import scl_fem as scl
from scl_fem.case.schema import case_schema
from scl_fem.cli.app import app
from scl_fem.materials import library
from scl_fem.mesh import MESH_KINDS

ROOT = Path(scl.__file__).parents[1]
CASES = sorted((ROOT / "cases").glob("*.toml"))
SCHEMA = json.loads((ROOT / "docs" / "case.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
BASE = tomllib.loads((ROOT / "cases" / "lvo_lagp_x0.2_1d.toml").read_text(encoding="utf-8"))


def with_value(path, value):
    tables = json.loads(json.dumps(BASE))
    *outer, last = path.split(".")
    table = tables
    for name in outer:
        table = table.setdefault(name, {})
    table[last] = value
    return tables


def is_a_case(tables):
    try:
        scl.case_from_dict(tables)
    except scl.InputError:
        return False
    return True


def test_it_is_a_schema():
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert scl.Case.model_json_schema() == case_schema() == SCHEMA


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_shipped_case_keeps_to_it_and_names_it(path):
    text = path.read_text(encoding="utf-8")
    assert not list(VALIDATOR.iter_errors(tomllib.loads(text)))
    directive, _, target = text.splitlines()[0].partition(" ")
    assert directive == "#:schema"
    assert (path.parent / target).resolve() == ROOT / "docs" / "case.schema.json"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_so_does_every_case_written_out(path):
    resolved = scl.resolve(scl.load_case(path))
    assert not list(VALIDATOR.iter_errors(tomllib.loads(scl.dump_case(resolved))))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("temperature", "25 degC"),
        ("temperature", -1),
        ("mesh.interface_size", "0.1 nm"),
        ("mesh.interface_size", 0),
        ("mesh.interface_sise", 0.1),
        ("mesh.dimension", 4),
        ("mesh.kind", "plane"),
        ("phase.electrode.occupancy", True),
        ("phase.electrolyte.voltage", [3.0]),
        ("phase.electrolyte.materiel", "LAGP"),
        ("boundary", {"kind": "bulk"}),
        ("boundary", {"kind": "open"}),
        ("interface", {"law": "exchange", "exchange_current_density": "1 mA/cm^2"}),
        ("interface", {"law": "exchange"}),
        ("study", {"kind": "transient", "duration": "1 us", "output_times": ["1 ns", 1e-7]}),
        ("study", {"kind": "transient"}),
        ("study", {"kind": "exsy", "duration": 1}),
        ("exsy", {"diffusivity": 1e-12}),
        ("initial", {"state": "neutral"}),
        ("output.layer_level", 1.5),
        ("output.fields", "yes"),
        ("solver.order", 3),
        ("solver.petsc", {"snes_rtol": 1e-9}),
        ("materials.LVO.defect_law", "none"),
        ("materials.LVO.defect_law", "cube-rot"),
        ("materials.LVO.diffusivity", "1e-9 cm^2/s"),
        ("materials.LVO.open_circuit", {"occupancy": [0.1, 0.9], "voltage": [4, "3 V"]}),
        ("materials.LVO.open_circuit", {"occupancy": [0.1]}),
        ("phase", {"electrode": {"material": "LVO"}}),
    ],
)
def test_it_takes_what_a_case_takes(path, value):
    tables = with_value(path, value)
    assert VALIDATOR.is_valid(tables) == is_a_case(tables)


@pytest.mark.parametrize(
    "boundary",
    [
        {"kind": "current", "current_density": 1},
        {"kind": "current", "current_density": "1 A/cm^2"},
        {"kind": "voltage", "voltage": [[0, 0], ["1 ns", "10 mV"]]},
        {"kind": "voltage", "voltage": [[0]]},
        {"kind": "voltage", "voltage": {}},
    ],
)
def test_a_course_in_time(boundary):
    tables = {**BASE, "study": {"kind": "transient", "duration": 1}, "boundary": boundary}
    assert VALIDATOR.is_valid(tables) == is_a_case(tables)


def test_groups_of_a_mesh_have_names_or_numbers():
    mesh = {"kind": "file", "path": "x.msh", "groups": {"electrode": 1, "electrolyte": "b", "interface": 3}}
    assert VALIDATOR.is_valid({**BASE, "mesh": mesh})
    several = {**mesh, "groups": {"electrode": [1, "c"], "electrolyte": "b"}, "contacts": {"left": "d"}}
    assert VALIDATOR.is_valid({**BASE, "mesh": several})
    assert is_a_case({**BASE, "mesh": several})
    for wrong in ({"groups": {"electrode": True, "electrolyte": "b"}}, {"contacts": {"left": {}}}):
        assert not VALIDATOR.is_valid({**BASE, "mesh": {**mesh, **wrong}})
        assert not is_a_case({**BASE, "mesh": {**mesh, **wrong}})
    assert not is_a_case({**BASE, "mesh": {**mesh, "groups": {"electrode": 1}}})


def test_editors_are_told_units_meanings_and_choices():
    tables = SCHEMA["$defs"]
    for kind in MESH_KINDS:
        model = MESH_KINDS[kind]
        assert set(tables[model.__name__]["properties"]) == set(model.model_fields)
    thickness = tables["PlanarMesh"]["properties"]["electrode_thickness"]["description"]
    assert "Thickness of the electrode (nm)." in thickness
    assert "a number in nm greater than 0 and at most 1e+09, or a string with its unit" in thickness
    assert tables["PhaseSettings"]["properties"]["material"]["examples"] == library()
    assert "excess-cube-root" in tables["Material"]["properties"]["defect_law"]["enum"]
    assert {each["$ref"] for each in SCHEMA["properties"]["study"]["oneOf"]} >= {"#/$defs/TransientStudy"}


def test_the_command_writes_it(tmp_path, capsys):
    import typer

    command = typer.main.get_command(app)
    command.main(["schema"], standalone_mode=False)
    assert json.loads(capsys.readouterr().out) == SCHEMA
    command.main(["schema", "-o", str(tmp_path / "x.json")], standalone_mode=False)
    assert json.loads((tmp_path / "x.json").read_text(encoding="utf-8")) == SCHEMA
