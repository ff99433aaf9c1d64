"""Activation energies from diffusivities."""

import numpy as np
import pytest

from scl_fem.errors import InputError
from scl_fem.fits import fit_arrhenius
from scl_fem.physics.relaxation import arrhenius_value

TEMPERATURE = np.array([273.0, 298.15, 323.0, 343.0, 363.0])
PREFACTOR, ENERGY = 2e-7, 0.315
EXACT = arrhenius_value(PREFACTOR, ENERGY, TEMPERATURE)


def test_exact_data_come_back():
    fit = fit_arrhenius(TEMPERATURE, EXACT)
    assert fit.activation_energy_eV.value == pytest.approx(ENERGY, rel=1e-10)
    assert fit.D_inf_cm2_per_s.value == pytest.approx(PREFACTOR, rel=1e-9)
    assert fit.D_room_cm2_per_s.value == pytest.approx(EXACT[1], rel=1e-10)
    assert fit.diffusivity(TEMPERATURE) == pytest.approx(EXACT, rel=1e-10)
    assert fit.goodness.r_squared == pytest.approx(1.0)


def test_interval_is_that_of_linear_regression():
    from scipy.stats import linregress, t

    data = EXACT * np.exp(0.1 * np.random.default_rng(0).standard_normal(5))
    fit = fit_arrhenius(TEMPERATURE, data)
    line = linregress(1.0 / (8.617333262e-5 * TEMPERATURE), np.log(data))
    half = t.ppf(0.975, 3) * line.stderr
    found = fit.activation_energy_eV
    assert [found.low, found.value, found.high] == pytest.approx(
        [-line.slope - half, -line.slope, -line.slope + half], rel=1e-8
    )
    low, high = fit.limits(np.array([298.15]))
    assert [low[0], high[0]] == pytest.approx([fit.D_room_cm2_per_s.low, fit.D_room_cm2_per_s.high])


@pytest.mark.parametrize("known", [False, True], ids=["from the scatter", "propagated"])
def test_intervals_hold_the_truth_at_the_stated_rate(known):
    errors = np.array([0.3, 0.1, 0.05, 0.05, 0.1]) if known else np.full(5, 0.1)
    held = np.zeros(2)
    for seed in range(400):
        data = EXACT * np.exp(errors * np.random.default_rng(seed).standard_normal(5))
        fit = fit_arrhenius(TEMPERATURE, data, relative_error=errors if known else None)
        held += [
            fit.activation_energy_eV.low <= ENERGY <= fit.activation_energy_eV.high,
            fit.D_room_cm2_per_s.low <= EXACT[1] <= fit.D_room_cm2_per_s.high,
        ]
    assert np.all((held / 400 > 0.92) & (held / 400 < 0.99))


def test_scatter_beyond_the_errors_widens_the_interval():
    bent = EXACT * np.array([1.5, 1.0, 0.7, 1.0, 1.5])
    tight = fit_arrhenius(TEMPERATURE, EXACT, relative_error=np.full(5, 0.01))
    wide = fit_arrhenius(TEMPERATURE, bent, relative_error=np.full(5, 0.01))
    width = [fit.activation_energy_eV.high - fit.activation_energy_eV.low for fit in (tight, wide)]
    assert width[1] > 10.0 * width[0]


def test_two_data_give_an_energy_without_interval():
    fit = fit_arrhenius(TEMPERATURE[:2], EXACT[:2])
    assert fit.activation_energy_eV.value == pytest.approx(ENERGY)
    assert fit.activation_energy_eV.high == np.inf
    assert "intervals" in fit.not_identifiable[0]


@pytest.mark.parametrize(
    ("temperature", "diffusivity", "message"),
    [
        ([300.0], [1e-12], "too little"),
        ([300.0, 300.0], [1e-12, 2e-12], "two temperatures"),
        ([300.0, 310.0], [1e-12, 0.0], "D_cm2_per_s[1]"),
        ([300.0, -5.0], [1e-12, 1e-12], "temperature_K[1]"),
        ([300.0, 310.0], [1e-12, np.nan], "not a finite number"),
        ([300.0, 310.0], [1e-12], "equal length"),
        ([300.0, "warm"], [1e-12, 1e-12], "not a number"),
    ],
)
def test_data_that_cannot_be(temperature, diffusivity, message):
    with pytest.raises(InputError) as error:
        fit_arrhenius(temperature, diffusivity)
    assert message in str(error.value)
