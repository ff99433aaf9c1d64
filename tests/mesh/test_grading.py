import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scl_fem.errors import InputError
from scl_fem.mesh.grading import graded_offsets
from scl_fem.mesh.layers import Layers

sizes = st.floats(1e-4, 1.0)


@settings(deadline=None)
@given(thickness=st.floats(1.0, 1e3), first=sizes, growth=st.floats(1.005, 2.0))
def test_offsets_are_a_geometric_series_that_ends_exactly(thickness, first, growth):
    offsets = graded_offsets(thickness, first, growth)
    steps = np.diff(offsets)
    assert offsets[0] == 0.0
    assert offsets[-1] == thickness
    assert (steps > 0).all()
    assert steps[0] <= first * (1 + 1e-9)
    # never a needless layer: one fewer would not reach the end
    assert first * (growth ** np.arange(steps.size - 1)).sum() < thickness
    np.testing.assert_allclose(steps[1:] / steps[:-1], growth, rtol=1e-6)


@settings(deadline=None)
@given(thickness=st.floats(1.0, 100.0), count=st.integers(1, 500))
def test_growth_of_one_is_uniform(thickness, count):
    offsets = graded_offsets(thickness, thickness / count, 1.0)
    np.testing.assert_allclose(offsets, np.linspace(0, thickness, count + 1), atol=1e-12 * thickness)


def test_interface_is_a_node_of_both_sides():
    z = Layers(("A", "B"), (3.0, 7.0)).nodes(0.01, 1.1)
    assert z[0] == -3.0
    assert z[-1] == 7.0
    assert (z == 0.0).sum() == 1


@pytest.mark.parametrize(
    ("thickness", "first", "growth", "key"),
    [
        (1.0, 2.0, 1.1, "mesh.interface_size"),
        (1.0, 0.1, 0.9, "mesh.growth"),
        (10.0, 1e-9, 1.0, "mesh.interface_size"),
    ],
)
def test_impossible_gradings_name_their_key(thickness, first, growth, key):
    with pytest.raises(InputError) as raised:
        graded_offsets(thickness, first, growth)
    assert raised.value.key == key
