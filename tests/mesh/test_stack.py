"""Meshes of any number of layers: stacks and coated particles."""

import math

import numpy as np
import pytest
from pydantic import ValidationError

from scl_fem.errors import InputError
from scl_fem.mesh import MESH_KINDS
from scl_fem.mesh.topology import LOCAL_FACETS, jacobians

ARRAYS = ("points", "cells", "cell_phase", "facets", "facet_tag")


def layers(*each):
    return [{"phase": phase, "thickness": thickness} for phase, thickness in each]


def stack(*each, **keys):
    return MESH_KINDS["stack"](layers=layers(*each), **keys)


THREE = (("A", 4.0), ("B", "0.5 nm"), ("C", 7.0))
SHAPES = [
    stack(*THREE),
    stack(*THREE, dimension=2, lateral_size=1.5, lateral_elements=2),
    stack(*THREE, dimension=3, growth=1.6, lateral_size=1.5, lateral_elements=2),
    stack(("A", 3), ("B", 1), ("A", 2), ("C", 1), dimension=2),
    stack(("A", 3), dimension=2, interface_size=0.5),
    MESH_KINDS["particle"](dimension=2, coating={"phase": "coat", "thickness": "1 nm"}),
    MESH_KINDS["particle"](
        dimension=3, tangential_size=2, coating=layers(("A", 1), ("B", 0.06)), core_radius=2
    ),
]


def volume(data, phase):
    chosen = data.cells[data.cell_phase == data.layout.number(phase)]
    return jacobians(data.points, chosen, data.cell_type).sum() / math.factorial(data.dimension)


def facets(data, role):
    return data.facets[data.facet_tag == data.layout.number(role)]


def sizes(settings):
    """Sizes of the cells of a mesh of one dimension."""
    return np.diff(settings.build().points[:, 0])


@pytest.mark.parametrize("dimension", [1, 2, 3])
@pytest.mark.parametrize("thickness", [(10, 10), (3.3, 17.7), (4, 0.3)])
def test_a_stack_of_two_is_the_planar_mesh_to_the_last_bit(dimension, thickness):
    keys = {"dimension": dimension, "growth": 1.3} if dimension == 3 else {"dimension": dimension}
    first, second = thickness
    planar = MESH_KINDS["planar"](electrode_thickness=first, electrolyte_thickness=second, **keys)
    of_layers = stack(("electrode", first), ("electrolyte", second), **keys)
    one, other = planar.build(), of_layers.build()
    for name in ARRAYS:
        assert getattr(one, name).dtype == getattr(other, name).dtype
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()
    assert one.layout == other.layout
    assert planar.size() == of_layers.size()


@pytest.mark.parametrize("settings", SHAPES, ids=lambda s: f"{s.kind}{s.dimension}")
def test_every_facet_between_phases_is_tagged_and_counted_before(settings):
    data, size = settings.build(), settings.size()
    assert (len(data.cells), len(data.points)) == (size.cells, size.points)
    assert (jacobians(data.points, data.cells, data.cell_type) > 0).all()
    local = np.array(LOCAL_FACETS[data.cell_type])
    phases_of = {}
    for cell, phase in zip(data.cells, data.cell_phase, strict=True):
        for facet in cell[local]:
            phases_of.setdefault(tuple(sorted(facet.tolist())), []).append(data.layout.phases[phase - 1])
    expected = {}
    for facet, phases in phases_of.items():
        assert len(phases) <= 2
        if len(set(phases)) == 2:
            pair = tuple(sorted(phases, key=data.layout.phases.index))
            expected.setdefault(pair, set()).add(facet)
    assert set(expected) == set(data.layout.interfaces)
    for pair in data.layout.interfaces:
        found = [tuple(sorted(facet)) for facet in facets(data, pair).tolist()]
        assert len(set(found)) == len(found)
        assert set(found) == expected[pair]
    for contact, phase in settings.contact_phases().items():
        tagged = [tuple(sorted(facet)) for facet in facets(data, contact).tolist()]
        assert tagged
        assert {name for facet in tagged for name in phases_of[facet]} == {phase}


def test_layers_are_where_they_are_said_to_be():
    data = SHAPES[1].build()
    assert data.layout.phases == ("A", "B", "C")
    assert data.layout.interfaces == (("A", "B"), ("B", "C"))
    assert data.layout.contacts == ("left", "right")
    for phase, thickness in (("A", 4), ("B", 0.5), ("C", 7)):
        assert volume(data, phase) == pytest.approx(1.5 * thickness, rel=1e-12)
    for role, z in (("left", -4), (("A", "B"), 0), (("B", "C"), 0.5), ("right", 7.5)):
        assert (data.points[facets(data, role), 0] == z).all()


def test_a_phase_in_several_layers_is_one():
    data = SHAPES[3].build()
    assert data.layout.phases == ("A", "B", "C")
    assert data.layout.interfaces == (("A", "B"), ("A", "C"))
    assert volume(data, "A") == pytest.approx(2 * (3 + 2), rel=1e-12)
    assert set(data.points[facets(data, ("A", "B")), 0].ravel()) == {0, 1}
    assert set(data.points[facets(data, "right"), 0].ravel()) == {4}


def test_a_layer_between_two_faces_is_graded_from_both():
    h = sizes(stack(("A", 4), ("B", 2), ("C", 7), interface_size=0.01, growth=1.1))
    first = np.searchsorted(np.cumsum(h), 4 + 1e-9)
    middle = h[first : np.searchsorted(np.cumsum(h), 6 + 1e-9)]
    np.testing.assert_allclose(middle, middle[::-1], rtol=1e-10)
    half = len(middle) // 2
    np.testing.assert_allclose(middle[1:half] / middle[: half - 1], 1.1, rtol=1e-9)
    assert 0.009 < middle[0] <= 0.01
    assert middle[half] == pytest.approx(middle[half - 1], rel=1e-10)
    # beside it, towards the interface alone
    assert (np.diff(h[:first]) < 0).all()
    assert (np.diff(h[first + len(middle) :]) > 0).all()


def test_a_single_layer_is_uniform_until_a_contact_or_a_step_asks_for_more():
    one = stack(("A", 5), interface_size=0.05, growth=1.2)
    data = one.build()
    assert data.layout.interfaces == ()
    assert data.points[:, 0].min() == 0
    np.testing.assert_allclose(sizes(one), 0.05, rtol=1e-10)
    left = sizes(one.graded_towards(["left"]))
    assert left[0] <= 0.05
    np.testing.assert_allclose(left[1:] / left[:-1], 1.2, rtol=1e-9)
    right = sizes(one.graded_towards(["right"]))
    np.testing.assert_allclose(right, left[::-1], rtol=1e-9)
    both = sizes(one.graded_towards(["left", "right"]))
    np.testing.assert_allclose(both, both[::-1], rtol=1e-9)
    assert both.argmax() in (len(both) // 2, len(both) // 2 - 1)
    stepped = one.graded_towards((), {"A": [2.0, 2.0, 0.0, 5.0, 9.0]})
    z = stepped.build().points[:, 0]
    assert np.isclose(z, 2.0, rtol=0, atol=1e-12).sum() == 1
    at = np.searchsorted(z, 2.0 - 1e-9)
    h = np.diff(z)
    assert max(h[at - 1], h[at]) <= 0.05
    assert h[0] > h[at - 1]
    assert h[-1] > h[at]
    assert stepped.size().cells == len(h)


def test_steps_count_from_the_first_face_of_each_layer_of_their_phase():
    steps = stack(("A", 2), ("B", 1), ("A", 3)).graded_towards((), {"A": [2.5], "C": [1]})
    z = steps.build().points[:, 0]
    assert np.isclose(z, 3.5, rtol=0, atol=1e-12).any()
    whole = stack(("A", 2), ("B", 1), ("A", 3))
    assert len(z) > len(whole.build().points)


@pytest.mark.parametrize("kind", ["planar", "rough", "particle"])
def test_other_layers_are_graded_towards_contacts_too(kind):
    settings = MESH_KINDS[kind](dimension=2)
    graded = settings.graded_towards(settings.contact_phases())
    assert graded.size().cells > settings.size().cells
    assert len(graded.build().cells) == graded.size().cells
    assert settings.graded_towards().build().points.tobytes() == settings.build().points.tobytes()


def test_the_default_size_fits_the_thinnest_layer():
    thin = stack(("A", 1), ("B", 0.06), ("C", 1), dimension=3).resolved()
    assert thin.interface_size == pytest.approx(0.03)
    assert stack(*THREE, dimension=3).resolved().interface_size == 0.05
    assert SHAPES[-1].resolved().interface_size == pytest.approx(0.03)
    thin.size()


def test_resolved_settings_say_everything_and_build_the_same():
    for settings in SHAPES:
        resolved = settings.resolved()
        again = type(settings).model_validate(resolved.model_dump(exclude_none=True))
        assert again == resolved
        assert again.build().points.tobytes() == settings.build().points.tobytes()


def test_shells_of_a_coated_particle_are_round_and_thick_as_said():
    data = SHAPES[-1].build()
    assert data.layout.phases == ("electrode", "A", "B", "electrolyte")
    assert data.layout.contacts == ("core", "outer")
    for role, radius in (
        ("core", 2),
        (("electrode", "A"), 5),
        (("A", "B"), 6),
        (("B", "electrolyte"), 6.06),
    ):
        on = data.points[np.unique(facets(data, role))]
        np.testing.assert_allclose(np.linalg.norm(on, axis=1), radius, rtol=1e-13)
    assert np.abs(data.points).max() == pytest.approx(0.5 * (20 + 2 * 1.06))


def test_one_coating_may_stand_without_a_list_and_none_leaves_no_trace():
    particle = MESH_KINDS["particle"]
    coat = {"phase": "A", "thickness": 1.0}
    assert particle(coating=coat) == particle(coating=[coat])
    assert "coating" not in particle().resolved().model_dump()


@pytest.mark.parametrize(
    ("kind", "keys", "key"),
    [
        ("stack", {"layers": []}, "layers"),
        ("stack", {"layers": layers(("A", 1), ("A", 2))}, "layers"),
        ("stack", {"layers": layers(("left", 1), ("A", 2))}, "layers"),
        ("stack", {"layers": layers(("A|B", 1))}, "layers"),
        ("stack", {"layers": layers(("A", 0))}, "layers"),
        ("stack", {"layers": layers(("A", 1), ("B", 0.3), ("C", 1)), "interface_size": 0.2}, "mesh.layers"),
        ("stack", {"layers": layers(("A", 1)), "interface_size": 2}, "mesh.layers"),
        ("stack", {"layers": layers(("A", 1)), "growth": 0.9}, "mesh.growth"),
        ("stack", {"layers": layers(("A", 1)), "lateral_size": 2}, "mesh.lateral_size"),
        ("particle", {"coating": layers(("electrode", 1))}, "coating"),
        ("particle", {"coating": layers(("A", 1), ("A", 1))}, "coating"),
        ("particle", {"coating": layers(("core", 1))}, "coating"),
        ("particle", {"coating": layers(("A", 0.01)), "interface_size": 0.02}, "mesh.coating"),
        ("particle", {"coating": layers(("A", 3)), "box_size": 15}, "mesh.box_size"),
    ],
)
def test_layers_that_cannot_be_name_their_key(kind, keys, key):
    with pytest.raises((InputError, ValidationError), match=rf"(^|\n){key}"):
        MESH_KINDS[kind](**keys).build()
