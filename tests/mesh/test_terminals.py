"""Terminals that a mesh has not, told before anything is solved."""

import pytest
from typer.testing import CliRunner

import scl_fem
from scl_fem.cli.app import app
from scl_fem.errors import InputError
from scl_fem.mesh import MESH_KINDS
from scl_fem.mesh.write import write_msh
from scl_fem.studies import run as running

CASE = """
[study]
kind = "equilibrium"
[mesh]
kind = "file"
path = "mesh.msh"
[mesh.groups]
electrode = "electrode"
electrolyte = "electrolyte"
[phase.electrode]
material = "LVO"
composition = 2.0
[phase.electrolyte]
material = "LAGP"
"""
TRANSIENT = ["study.kind=transient", "study.duration=1e-9"]


@pytest.fixture(scope="module")
def case_file(tmp_path_factory):
    """A particle inside another phase: the file tells of no terminals."""
    folder = tmp_path_factory.mktemp("particle")
    mesh = {"dimension": 2, "radius": 2.0, "interface_size": 0.1, "growth": 1.5, "tangential_size": 0.5}
    write_msh(MESH_KINDS["particle"](**mesh).build(), folder / "mesh.msh")
    path = folder / "case.toml"
    path.write_text(CASE)
    return path


class Solving(Exception):
    """A solver was asked."""


@pytest.fixture
def no_solver(monkeypatch):
    """Studies that must not be solved."""

    class Unsolved:
        def __init__(self, *arguments):
            raise Solving

    kinds = dict.fromkeys(("equilibrium", "conduction", "impedance", "transient"), Unsolved)
    monkeypatch.setattr(running, "STUDIES", kinds)


@pytest.mark.parametrize(
    ("overrides", "reason"),
    [
        (["study.kind=conduction"], 'study.kind = "conduction"'),
        (["study.kind=impedance"], 'study.kind = "impedance"'),
        (["study.kind=impedance", "boundary.kind=closed"], 'study.kind = "impedance"'),
        (["boundary.kind=bulk"], 'boundary.kind = "bulk"'),
        ([*TRANSIENT, "boundary.kind=bulk"], 'boundary.kind = "bulk"'),
        ([*TRANSIENT, "boundary={kind='voltage', voltage=0.1}"], 'boundary.kind = "voltage"'),
        ([*TRANSIENT, "boundary={kind='current', current_density=0.1}"], 'boundary.kind = "current"'),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_happens_at_terminals_needs_them_before_a_solve(case_file, no_solver, overrides, reason):
    with pytest.raises(InputError) as raised:
        scl_fem.run(scl_fem.load_case(case_file, overrides))
    text = str(raised.value)
    assert f"the mesh has no electrode terminal and no electrolyte terminal, which {reason} needs" in text
    assert raised.value.key == "mesh.groups"
    assert "electrode_terminal = a group of facets, electrolyte_terminal = a group of facets" in text
    options = [word for each in overrides for word in ("--set", each)]
    checked = CliRunner().invoke(app, ["check", str(case_file), *options])
    assert isinstance(checked.exception, InputError)
    assert reason in str(checked.exception)
    assert str(case_file) in str(checked.exception)


def test_the_one_that_is_missing_is_named(case_file, no_solver):
    with pytest.raises(InputError, match="the mesh has no electrolyte terminal, which") as raised:
        scl_fem.run(
            scl_fem.load_case(
                case_file, ["study.kind=conduction", "mesh.groups.electrode_terminal=electrode_terminal"]
            )
        )
    assert "electrode_terminal = " not in str(raised.value)


@pytest.mark.parametrize("overrides", [[], ["boundary.kind=closed"], TRANSIENT], ids=" ".join)
def test_nothing_at_the_ends_needs_none(case_file, no_solver, overrides):
    with pytest.raises(Solving):
        scl_fem.run(scl_fem.load_case(case_file, overrides))
    options = [word for each in overrides for word in ("--set", each)]
    assert CliRunner().invoke(app, ["check", str(case_file), *options]).exit_code == 0


@pytest.mark.parametrize("kind", ["conduction", "impedance"])
def test_terminals_that_are_named_are_enough(case_file, no_solver, kind):
    names = [f"mesh.groups.{name}_terminal={name}_terminal" for name in ("electrode", "electrolyte")]
    with pytest.raises(Solving):
        scl_fem.run(scl_fem.load_case(case_file, [f"study.kind={kind}", *names]))
