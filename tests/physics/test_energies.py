"""Tables of energies over the depth, and energies that decay."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scl_fem.physics.energies import EnergyProfile, LocalEnergies

STEPS = EnergyProfile((0.0, 0.0, 0.25, 0.25, 0.5, 0.5), {"V": (9.0, 0.0, -0.5, -0.4, 0.1, 7.0)})


def test_at_a_face_it_is_that_inside():
    depth = np.array([-1e-14, 0.0, 0.1, 0.25 - 1e-9, 0.25 + 1e-9, 0.4, 0.5, 0.5 + 1e-14])
    found = STEPS.at("V", depth, np.full(depth.shape, 0.5))
    np.testing.assert_allclose(found, [0, 0, -0.2, -0.5, -0.4, -0.1, 0.1, 0.1], atol=1e-7)
    # of a thinner layer the step at its last face is beyond it
    np.testing.assert_allclose(STEPS.at("V", np.array([0.2, 0.25]), np.full(2, 0.25)), [-0.4, -0.5])
    assert (STEPS.at("e", depth, np.full(depth.shape, 0.5)) == 0.0).all()


@given(
    st.lists(st.floats(0.0, 1.0), min_size=2, max_size=8, unique=True).map(sorted),
    st.lists(st.floats(-1.0, 1.0), min_size=8, max_size=8),
    st.lists(st.floats(0.001, 0.999), min_size=1, max_size=20),
)
def test_between_rows_it_is_linear(rows, energies, shares):
    profile = EnergyProfile((-1.0, *rows, 2.0), {"V": (0.0, *energies[: len(rows)], 0.0)})
    depth = np.array(shares)
    expected = np.interp(depth, profile.depth, profile.energies["V"])
    np.testing.assert_allclose(profile.at("V", depth, np.ones(depth.shape)), expected, atol=1e-9)


def test_a_mesh_has_nodes_where_energies_step_or_bend():
    assert STEPS.places([0.5], 0.01) == pytest.approx([0.245, 0.255])
    assert STEPS.places([0.5, 0.7], 0.01) == pytest.approx([0.245, 0.255, 0.495, 0.505])
    # a row on a straight line is none, nor are two rows that say the same
    assert EnergyProfile((0.0, 0.1, 0.3), {"V": (0.0, 0.1, 0.3)}).places([0.3], 0.01) == []
    bends = EnergyProfile((0.0, 0.1, 0.1, 0.2, 0.3), {"V": (0.0, 1.0, 1.0, 1.0, 2.0), "e": (0.0,) * 5})
    assert bends.places([0.3], 0.01) == [0.2]
    assert EnergyProfile((-1.0, 0.0, 1.0), {"V": (0.0, 1.0, 0.0)}).places([1.0], 0.01) == []


def test_energies_decay_with_the_distance():
    local = LocalEnergies({"V": (-0.5, 0.3)})
    np.testing.assert_allclose(
        local.decaying("V", np.array([0.0, 0.3, 3.0])), -0.5 * np.exp([0.0, -1.0, -10.0]), rtol=1e-15
    )
    assert (local.decaying("e", np.ones(2)) == 0.0).all()
