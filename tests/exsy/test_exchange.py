"""The closed forms of exchange NMR: limits, numbers of the paper, agreement with one another."""

import math

import numpy as np
import pytest

from scl_fem.physics.exchange import (
    diffusivity_from_remaining,
    exchange_current_density,
    exchanged_from_cube,
    interface_resistance,
    interphase_permeability,
    permeability_current_density,
    plateau,
    remaining_in_closed_cube,
    remaining_in_cube,
    volume_share,
)

EDGE = 65.0


def test_check_value_of_the_model():
    assert round(float(remaining_in_cube(1e-12, 1.0, EDGE)), 3) == 0.564


def test_what_the_papers_diffusivities_exchange_in_a_second():
    assert np.round(exchanged_from_cube([1.0e-12, 4.4e-14], 1.0, EDGE), 3).tolist() == [0.436, 0.105]


@pytest.mark.parametrize(("exchanged", "diffusivity"), [(0.57, 2.0e-12), (0.30, 4.2e-13)])
def test_diffusivities_that_its_fractions_would_need(exchanged, diffusivity):
    assert diffusivity_from_remaining(1 - exchanged, 1.0, EDGE) == pytest.approx(diffusivity, rel=0.02)


@pytest.mark.parametrize(("exchanged", "current", "rounded"), [(0.57, 0.770, 0.77), (0.30, 0.405, 0.41)])
def test_exchange_current_densities_of_the_paper(exchanged, current, rounded):
    found = float(exchange_current_density(exchanged, 1.0, 16.856 / 2, 10.0))
    assert found == pytest.approx(current, abs=5e-4)
    assert round(found, 2) == rounded


@pytest.mark.parametrize(
    ("current", "resistance"), [(0.77, 33.4), (0.41, 62.7), (0.13, 197.6), (0.137, 187.5)]
)
def test_resistances_of_the_paper(current, resistance):
    assert round(float(interface_resistance(current, 298.15)), 1) == resistance


def test_limits_have_no_cancellation():
    a = np.array([1e-6, 1e-3, 1.0, 1e3, 1e6])
    time = (EDGE / a) ** 2 / 4 / 1e14
    remaining, exchanged = remaining_in_cube(1.0, time, EDGE), exchanged_from_cube(1.0, time, EDGE)
    np.testing.assert_allclose(remaining + exchanged, 1.0, rtol=1e-15)
    assert remaining[0] == pytest.approx((1e-6 / math.sqrt(math.pi)) ** 3, rel=1e-11)
    assert exchanged[-1] == pytest.approx(3 / (1e6 * math.sqrt(math.pi)), rel=1e-6)
    assert remaining_in_cube(1e-12, 0.0, EDGE) == 1.0
    assert exchanged_from_cube(1e-12, 0.0, EDGE) == 0.0
    assert remaining_in_cube(math.inf, 1.0, EDGE) == 0.0


def test_dimensions_are_powers_of_the_slab():
    slab = remaining_in_cube(1e-12, [0.1, 1, 10], EDGE, 1)
    np.testing.assert_allclose(remaining_in_cube(1e-12, [0.1, 1, 10], EDGE, 2), slab**2)
    np.testing.assert_allclose(remaining_in_cube(1e-12, [0.1, 1, 10], EDGE, 3), slab**3)


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_closed_box_begins_as_the_infinite_one_and_ends_at_the_share_of_the_volume(dimension):
    box = 120.0
    early = np.geomspace(1e-9, 1e-2, 20)
    np.testing.assert_allclose(
        remaining_in_closed_cube(1e-12, early, EDGE, box, dimension),
        remaining_in_cube(1e-12, early, EDGE, dimension),
        rtol=1e-13,
    )
    late = remaining_in_closed_cube(1e-12, 1e4, EDGE, box, dimension)
    assert late == pytest.approx((EDGE / box) ** dimension, rel=1e-12)


@pytest.mark.parametrize("ratio", [0.1, 0.5, 0.95])
def test_closed_box_is_smooth_where_one_series_takes_over_from_the_other(ratio):
    box = 100.0
    switch = 0.2 * (box / 2) ** 2 / 4 / 1e14 / 1e-12
    below, above = remaining_in_closed_cube(
        1e-12, [switch * (1 - 1e-12), switch * (1 + 1e-12)], ratio * box, box
    )
    assert below == pytest.approx(above, rel=1e-11)


def test_inverse_of_the_closed_form():
    for remaining in (1e-6, 0.1, 0.5, 0.999999):
        diffusivity = diffusivity_from_remaining(remaining, 0.3, EDGE)
        assert remaining_in_cube(diffusivity, 0.3, EDGE) == pytest.approx(remaining, rel=1e-9)
    for impossible in (0.0, 1.0, -0.1, 1.2):
        with pytest.raises(ValueError, match="reached at no time"):
            diffusivity_from_remaining(impossible, 1.0, EDGE)


def test_mixtures_and_layers():
    assert volume_share(0.25, 1.0) == pytest.approx(0.2)
    assert plateau(0.2) == pytest.approx(0.2)
    assert plateau(0.5, concentration_ratio=3.0) == pytest.approx(0.25)
    assert interphase_permeability(1e-13, 1.0) == pytest.approx(1e-6)
    # the flux e c P in other words: 1 nm/s times 1 Li/nm^3
    assert permeability_current_density(1e-7, 1.0) == pytest.approx(1.602176634e-19 * 1e14 * 1e3)
