"""Jump rates from T2: known ones come back, and what the data do not tell is said."""

import numpy as np
import pytest

from scl_fem.errors import InputError
from scl_fem.fits import fit_t2
from scl_fem.physics.relaxation import (
    LARMOR_FREQUENCY_LI6_HZ,
    correlation_time,
    inverse_thermal_energy,
    jump_diffusivity,
    tau_inf_from_break,
    transverse_relaxation_time,
)

TEMPERATURE = np.arange(258.0, 439.0, 15.0)
PAPER = {
    "Li0.2V2O5": (0.13, 27.1e-6, 317.0),
    "LiV2O5": (0.17, 12.4e-6, 360.0),
    "Li2V2O5": (0.08, 11.4e-6, 373.0),
}


def synthetic(energy, tau, point, *, noise=0.0, seed=0, temperature=TEMPERATURE):
    exact = transverse_relaxation_time(temperature, tau * np.sqrt(2.0), point, energy)
    return temperature, exact * np.exp(noise * np.random.default_rng(seed).standard_normal(exact.size))


def truths(energy, tau, point):
    """True values by the names of the estimates."""
    tau_inf = tau_inf_from_break(tau * np.sqrt(2.0), energy, point)
    room = float(correlation_time(tau_inf, energy, 298.15))
    return {
        "activation_energy_eV": energy,
        "T2_rigid_s": tau * np.sqrt(2.0),
        "break_temperature_K": point,
        "tau_inf_s": tau_inf,
        "tau_room_s": room,
        "D_room_cm2_per_s": float(jump_diffusivity(room)),
    }


@pytest.mark.parametrize("parameters", PAPER.values(), ids=PAPER)
def test_exact_data_come_back(parameters):
    fit = fit_t2(*synthetic(*parameters))
    assert fit.regime == "break"
    assert fit.not_identifiable == ()
    for name, truth in truths(*parameters).items():
        assert getattr(fit, name).value == pytest.approx(truth, rel=1e-6), name
    assert fit.curve(TEMPERATURE) == pytest.approx(fit.fitted_s, rel=1e-9)


def test_noisy_data_come_back_within_their_limits():
    parameters = PAPER["LiV2O5"]
    fit = fit_t2(*synthetic(*parameters, noise=0.02, seed=1))
    for name, truth in truths(*parameters).items():
        estimate = getattr(fit, name)
        assert estimate.low <= truth <= estimate.high, name
        assert estimate.low < estimate.value < estimate.high


@pytest.mark.slow
@pytest.mark.timeout(1800)  # hundreds of fits
@pytest.mark.parametrize("material", ["Li0.2V2O5", "Li2V2O5"])
def test_intervals_hold_the_truth_at_the_stated_rate(material):
    seeds, exact = 200, truths(*PAPER[material])
    held, found = dict.fromkeys(exact, 0), 0
    for seed in range(seeds):
        fit = fit_t2(*synthetic(*PAPER[material], noise=0.03, seed=seed))
        if fit.regime != "break":
            continue
        found += 1
        for name, truth in exact.items():
            held[name] += getattr(fit, name).low <= truth <= getattr(fit, name).high
    assert found > 0.9 * seeds
    assert {name: count for name, count in held.items() if not 0.90 <= count / found <= 0.98} == {}


def test_data_above_the_break_point_give_the_activation_energy_alone():
    temperature = np.linspace(330.0, 440.0, 10)
    fit = fit_t2(*synthetic(0.15, 28e-6, 310.0, noise=0.02, temperature=temperature))
    assert fit.regime == "mobile"
    assert fit.activation_energy_eV.low <= 0.15 <= fit.activation_energy_eV.high
    assert fit.tau_inf_s is fit.T2_rigid_s is fit.D_room_cm2_per_s is None
    numbers = fit.numbers()
    assert "tau_inf_s" not in numbers
    assert any("tau_inf_s" in each for each in numbers["not_identifiable"])
    assert fit.curve(temperature) == pytest.approx(fit.fitted_s, rel=1e-9)


def test_a_bent_line_is_remarked():
    """Towards the minimum of T2 its logarithm bends: the line's slope is no activation energy."""
    temperature = np.linspace(330.0, 440.0, 12)
    straight = fit_t2(*synthetic(0.15, 28e-6, 310.0, noise=0.02, temperature=temperature))
    assert not any("bends" in each for each in straight.not_identifiable)
    beta = inverse_thermal_energy(temperature)
    tau = 1e-10 * np.exp(0.25 * (beta - beta[-1]))
    omega = 2.0 * np.pi * LARMOR_FREQUENCY_LI6_HZ
    rate = 3.0 * tau + 5.0 * tau / (1.0 + (omega * tau) ** 2) + 2.0 * tau / (1.0 + (2.0 * omega * tau) ** 2)
    bent = fit_t2(temperature, 1e-4 * rate.min() / rate)
    assert bent.regime == "mobile"
    assert any("bends" in each for each in bent.not_identifiable)


def test_data_below_the_break_point_give_the_rigid_lattice_alone():
    temperature = np.linspace(250.0, 310.0, 8)
    fit = fit_t2(*synthetic(0.15, 28e-6, 320.0, noise=0.02, temperature=temperature))
    assert fit.regime == "rigid"
    assert fit.T2_rigid_s.low <= 28e-6 * np.sqrt(2.0) <= fit.T2_rigid_s.high
    assert any("activation_energy_eV" in each for each in fit.not_identifiable)
    assert fit.curve(temperature) == pytest.approx(fit.fitted_s, rel=1e-9)


@pytest.mark.slow
@pytest.mark.timeout(1800)  # hundreds of fits
def test_noise_is_rarely_taken_for_a_slope():
    temperature = np.linspace(250.0, 370.0, 10)
    kinds = [
        fit_t2(temperature, 4e-5 * np.exp(0.03 * np.random.default_rng(seed).standard_normal(10))).regime
        for seed in range(100)
    ]
    assert kinds.count("rigid") >= 94


@pytest.mark.slow
@pytest.mark.timeout(1800)  # hundreds of fits
def test_noise_is_rarely_taken_for_a_break_point():
    temperature = np.linspace(330.0, 440.0, 10)
    kinds = [
        fit_t2(*synthetic(0.15, 28e-6, 310.0, noise=0.03, seed=seed, temperature=temperature)).regime
        for seed in range(100)
    ]
    assert kinds.count("mobile") >= 93


def test_another_jump_has_another_diffusivity():
    data = synthetic(*PAPER["LiV2O5"])
    one, other = fit_t2(*data), fit_t2(*data, jump_length_nm=0.18, dimension_factor=6)
    ratio = one.D_room_cm2_per_s.value / other.D_room_cm2_per_s.value
    assert ratio == pytest.approx(12.0)


@pytest.mark.parametrize(
    ("temperature", "relaxation", "message"),
    [
        ([300.0, 310.0], [4e-5, 5e-5], "T2 at 2 temperatures"),
        ([300.0, 310.0, 320.0], [4e-5, 0.0, 5e-5], "T2_s[1]"),
        (np.linspace(300.0, 400.0, 6), np.geomspace(8e-5, 4e-5, 6), "T2 falls with temperature"),
    ],
)
def test_data_that_cannot_be(temperature, relaxation, message):
    with pytest.raises(InputError) as error:
        fit_t2(temperature, relaxation)
    assert message in str(error.value)
