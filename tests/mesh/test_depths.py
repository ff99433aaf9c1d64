"""How deep points lie in the layers of a phase, and cells where an energy steps."""

import numpy as np
import pytest

from scl_fem.errors import InputError
from scl_fem.mesh import MESH_KINDS
from scl_fem.mesh.grading import Span


def points_of(data, phase):
    points = np.zeros((len(data.points), 3))
    points[:, : data.dimension] = data.points
    return points[np.unique(data.cells[data.cell_phase == data.layout.number(phase)])]


def test_depth_counts_from_the_first_face_of_each_layer():
    layers = [{"phase": name, "thickness": size} for name, size in (("A", 2.0), ("B", 1.0), ("A", 3.0))]
    settings = MESH_KINDS["stack"](layers=layers).resolved()
    z = np.zeros((6, 3))
    z[:, 0] = [-2.0, -0.5, 0.0, 1.0, 1.5, 4.0]
    depth, thickness = settings.depths("A", z)
    np.testing.assert_allclose(depth, [0.0, 1.5, 2.0, 0.0, 0.5, 3.0], atol=1e-15)
    np.testing.assert_allclose(thickness, [2.0, 2.0, 2.0, 3.0, 3.0, 3.0])
    np.testing.assert_allclose(settings.depths("B", z[2:4])[0], [0.0, 1.0])


@pytest.mark.parametrize("dimension", [2, 3])
def test_of_a_rough_slab_it_is_that_of_the_flat_one(dimension):
    keys = {"electrode_thickness": 3.0, "electrolyte_thickness": 4.0, "interface_size": 0.2, "growth": 1.5}
    settings = MESH_KINDS["rough"](dimension=dimension, roughness_amplitude=0.7, **keys).resolved()
    wavy, flat = settings.build(), settings.flat()
    for phase, thickness, first in (("electrode", 3.0, -3.0), ("electrolyte", 4.0, 0.0)):
        depth, found = settings.depths(phase, points_of(wavy, phase))
        np.testing.assert_allclose(depth, points_of(flat, phase)[:, 0] - first, atol=1e-12)
        assert (found == thickness).all()


@pytest.mark.parametrize("kind", ["particle", "file"])
def test_other_meshes_have_no_depth(kind):
    keys = {
        "particle": {"dimension": 2},
        "file": {"path": "x.msh", "groups": {"electrode": "a", "electrolyte": "b"}},
    }[kind]
    with pytest.raises(InputError, match="has no layers"):
        MESH_KINDS[kind](**keys).depths("electrode", np.zeros((1, 3)))


def test_a_piece_no_longer_than_a_cell_is_one():
    tiny = Span(0.0, 0.01, 0.01, (True, True))
    assert tiny.count(0.02, 1.2) == 1
    np.testing.assert_allclose(tiny.nodes(0.02, 1.2), [0.0, 0.01])
    assert Span(0.0, 0.03, 0.03, (True, True)).count(0.02, 1.2) == 2
