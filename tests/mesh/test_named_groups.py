"""Meshes from files with any number of phases and contacts."""

import meshio
import numpy as np
import pytest
from pydantic import ValidationError

from scl_fem.errors import InputError
from scl_fem.mesh import MESH_KINDS
from scl_fem.mesh.write import write_msh

THREE = [{"phase": name, "thickness": 2} for name in ("LCO", "LNO", "LPS")]
WRITTEN = [
    ({"kind": "stack", "layers": THREE, "dimension": dimension, "growth": 1.6}, "left right")
    for dimension in (1, 2, 3)
] + [
    ({"kind": "stack", "layers": [*THREE, {"phase": "LCO", "thickness": 1}], "dimension": 2}, "left right"),
    ({"kind": "stack", "layers": THREE[:1], "dimension": 2, "interface_size": 0.2}, "left right"),
    ({"kind": "stack", "layers": THREE[:2], "dimension": 2}, "left right"),
    (
        {
            "kind": "particle",
            "dimension": 2,
            "tangential_size": 1,
            "coating": {"phase": "coat", "thickness": 1},
        },
        "core outer",
    ),
]

# three squares in a row, 1 | 2 | 3, of two triangles each
POINTS = np.array([[x, y, 0.0] for x in range(4) for y in range(2)])
CELLS = np.array([[2 * x + a for a in corners] for x in range(3) for corners in ((0, 2, 1), (2, 3, 1))])
SIDES = np.array([[0, 1], [6, 7]])


def strip(tmp_path, numbers=(1, 1, 2, 2, 3, 3), sides=(7, 8), points=POINTS, cells=CELLS, **keys):
    path = tmp_path / "strip.vtu"
    parts = [("triangle", cells), ("line", SIDES)]
    meshio.Mesh(points, parts, cell_data={"part": [np.array(numbers), np.array(sides)]}).write(path)
    keys.setdefault("groups", {"A": 1, "B": 2, "C": 3})
    return MESH_KINDS["file"](path=str(path), **keys)


def by_role(data):
    layout = data.layout
    return {
        role: sorted(sorted(f) for f in data.facets[data.facet_tag == layout.number(role)].tolist())
        for role in layout.roles
    }


@pytest.mark.parametrize(
    ("table", "contacts"), WRITTEN, ids=lambda t: t["kind"] if isinstance(t, dict) else ""
)
def test_what_is_written_is_read_back_the_same(table, contacts, tmp_path):
    data = MESH_KINDS[table["kind"]](**table).build()
    write_msh(data, tmp_path / "mesh.msh")
    names = meshio.read(tmp_path / "mesh.msh").field_data
    assert set(names) == {*data.layout.phases, *map(data.layout.group, data.layout.roles)}
    again = MESH_KINDS["file"](
        path=str(tmp_path / "mesh.msh"),
        groups={phase: phase for phase in data.layout.phases},
        contacts={name: name for name in contacts.split()},
    ).build()
    assert again.layout == data.layout
    assert again.points.tobytes() == data.points.tobytes()
    phases = [
        sorted((*sorted(cell), phase) for cell, phase in zip(d.cells.tolist(), d.cell_phase, strict=True))
        for d in (data, again)
    ]
    assert phases[0] == phases[1]
    assert by_role(again) == by_role(data)


def test_interfaces_are_written_by_the_names_of_their_phases(tmp_path):
    data = MESH_KINDS["stack"](layers=THREE).build()
    write_msh(data, tmp_path / "mesh.msh")
    assert {"LCO|LNO", "LNO|LPS", "left"} <= set(meshio.read(tmp_path / "mesh.msh").field_data)


def test_phases_come_in_the_order_of_the_file_and_keep_it(tmp_path):
    settings = strip(tmp_path, groups={"C": 3, "electrolyte": 2, "A": 1})
    assert settings.phase_names() == ("C", "electrolyte", "A")
    data = settings.build()
    assert data.layout.phases == ("C", "electrolyte", "A")
    assert data.layout.interfaces == (("C", "electrolyte"), ("electrolyte", "A"))
    written = settings.model_dump(mode="json", exclude_none=True)
    assert list(written["groups"].items()) == [("C", "3"), ("electrolyte", "2"), ("A", "1")]
    assert MESH_KINDS["file"].model_validate(written) == settings
    # the end of the phase that comes first is left, wherever it lies
    assert by_role(data)["left"] == [[6, 7]]
    assert by_role(data)["right"] == [[0, 1]]


def test_several_groups_are_one_phase_and_contacts_have_any_name(tmp_path):
    settings = strip(tmp_path, groups={"A": [1, "3"], "B": 2}, contacts={"foil": 7, "lithium": [8]})
    data = settings.build()
    assert data.layout.phases == ("A", "B")
    assert data.layout.contacts == ("foil", "lithium")
    assert sorted(data.cell_phase) == [1, 1, 1, 1, 2, 2]
    assert by_role(data) == {("A", "B"): [[2, 3], [4, 5]], "foil": [[0, 1]], "lithium": [[6, 7]]}
    assert settings.model_dump(mode="json")["groups"]["A"] == ["1", "3"]


def test_one_group_is_a_cell_and_a_contact_may_join_several(tmp_path):
    data = strip(tmp_path, numbers=[1] * 6, groups={"A": 1}, contacts={"all": [7, 8]}).build()
    assert data.layout.interfaces == ()
    assert by_role(data) == {"all": [[0, 1], [6, 7]]}


def test_old_terminals_are_the_contacts_left_and_right(tmp_path):
    groups = {"electrode": 1, "coat": 2, "electrolyte": 3}
    terminals = {"electrode_terminal": 7, "electrolyte_terminal": 8}
    data = strip(tmp_path, groups=groups | terminals).build()
    assert by_role(data)["left"] == [[0, 1]]
    assert by_role(data)["right"] == [[6, 7]]
    assert data.layout.phases == ("electrode", "coat", "electrolyte")


@pytest.mark.parametrize(
    ("keys", "key", "words"),
    [
        ({"groups": {"A": 1, "B": 2}}, "mesh.groups", "2 of 6 cells .* belong to no phase; .* 3 "),
        ({"groups": {"A": 1, "B": [2, 3], "C": 3}}, "mesh.groups", "2 cells belong to both phases, B and C"),
        ({"groups": {"A": 1, "B": 2, "C": "4"}}, "mesh.groups.C", "unknown group '4'"),
        ({"groups": {"A": 1, "B": 2, "C": 7}}, "mesh.groups", "line, triangle"),
        ({"groups": {"A": [1, 7], "B": 2, "C": 3}}, "mesh.groups", "line, triangle"),
        ({"contacts": {"foil": 1}}, "mesh.contacts.foil", "made of triangle"),
        ({"contacts": {"foil": 7, "lithium": [7, 8]}}, "mesh.contacts.lithium", "1 facets .* 'foil' too"),
        ({"contacts": {"foil": "none"}}, "mesh.contacts.foil", "unknown group"),
        ({"groups": {"A": 1, "B": 2, "C": 3, "interface": 7}}, "mesh.groups.interface", "phases meet in 2"),
        (
            {"groups": {"A": 1, "B": 2, "C": 3, "electrode_terminal": 7}},
            "mesh.groups.electrode_terminal",
            "no phase 'electrode'",
        ),
    ],
)
def test_wrong_groups_are_named(keys, key, words, tmp_path):
    with pytest.raises(InputError, match=words) as raised:
        strip(tmp_path, **keys).build()
    assert raised.value.key == key


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"groups": {}}, "names no phase"),
        ({"groups": {"left": 1, "B": 2}}, "cannot be called 'left'"),
        ({"groups": {"A": 1, "B": 2}, "contacts": {"A": 7}}, "cannot be called 'A'"),
        ({"groups": {"A|B": 1}}, "cannot be a name"),
        ({"groups": {"A": 1}, "contacts": {"a|b": 7}}, "cannot be a name"),
        ({"groups": {"A": []}}, "must name a group"),
        ({"groups": {"A": True}}, "must name a group"),
        ({"groups": {"electrode": 1, "electrode_terminal": 7}, "contacts": {"x": 8}}, "beside mesh.contacts"),
    ],
)
def test_names_that_cannot_be_are_told_before_the_file_is_read(keys, words):
    with pytest.raises(ValidationError, match=words):
        MESH_KINDS["file"](path="nowhere.msh", **keys)


def test_a_phase_that_touches_the_others_at_points_alone_is_told(tmp_path):
    points = np.vstack([POINTS, [[0, -1, 0], [-1, -1, 0]]])
    cells = np.vstack([CELLS, [[0, 9, 8]]])
    settings = strip(
        tmp_path,
        [*(1, 1, 2, 2, 3, 3), 4],
        points=points,
        cells=cells,
        groups={n: i for i, n in enumerate("ABCD", 1)},
    )
    with pytest.raises(InputError, match="phase D shares no facet"):
        settings.build()


def test_a_missing_contact_is_asked_for_where_it_is_named(tmp_path):
    from scl_fem.mesh.domain import lacks

    data = strip(tmp_path, groups={"A": [1, 3], "B": 2}).build()
    assert not data.has("left")
    error = lacks(["left"], data.layout, "a metal")
    assert error.key == "mesh.contacts"
    assert "left = a group of facets" in error.allowed
