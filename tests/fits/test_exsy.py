"""Diffusivities from cross peaks: known ones come back, within their limits at the stated rate."""

import numpy as np
import pytest

from scl_fem.errors import InputError
from scl_fem.fits import fit_exsy
from scl_fem.physics.exchange import exchanged_from_cube
from scl_fem.physics.relaxation import arrhenius_value

TEMPERATURES = np.array([273.0, 298.15, 343.0, 363.0])
TIMES = np.geomspace(5e-4, 1.0, 10)
ENERGY = 0.315
ROOM = 1.0e-12
DIFFUSIVITIES = ROOM * arrhenius_value(1.0, ENERGY, TEMPERATURES) / arrhenius_value(1.0, ENERGY, 298.15)


def synthetic(diffusivities, temperatures, *, times=TIMES, noise=0.0, amplitude=1.0, seed=0):
    temperature, time = np.meshgrid(temperatures, times, indexing="ij")
    exact = amplitude * exchanged_from_cube(np.asarray(diffusivities)[:, None], time, 65.0)
    noisy = exact + noise * np.random.default_rng(seed).standard_normal(exact.shape)
    return temperature.ravel(), time.ravel(), noisy.ravel()


def holds(estimate, truth):
    return estimate.low <= truth <= estimate.high


def test_exact_data_come_back():
    fit = fit_exsy(*synthetic(DIFFUSIVITIES, TEMPERATURES))
    assert [each.value for each in fit.D_cm2_per_s.values()] == pytest.approx(DIFFUSIVITIES, rel=1e-6)
    assert fit.activation_energy_eV.value == pytest.approx(ENERGY, rel=1e-6)
    assert fit.arrhenius.D_room_cm2_per_s.value == pytest.approx(ROOM, rel=1e-6)
    assert fit.not_identifiable == ()


def test_order_of_the_data_does_not_matter():
    data = synthetic(DIFFUSIVITIES, TEMPERATURES, noise=0.02)
    order = np.random.default_rng(5).permutation(data[0].size)
    one, other = fit_exsy(*data), fit_exsy(*(column[order] for column in data))
    assert one.activation_energy_eV.low == pytest.approx(other.activation_energy_eV.low, rel=1e-6)


def test_amplitude_and_diffusivity_come_back():
    data = synthetic([5e-12], [298.15], times=np.geomspace(1e-3, 5.0, 20), amplitude=0.6, noise=0.005, seed=1)
    curve = fit_exsy(*data, amplitude="free").curves[0]
    assert holds(curve.amplitude, 0.6)
    assert holds(curve.D_cm2_per_s, 5e-12)
    assert holds(curve.exchanged_fraction, 0.6 * exchanged_from_cube(5e-12, 5.0, 65.0))
    assert curve.amplitude.high - curve.amplitude.low < 0.05


def test_short_times_do_not_tell_the_amplitude():
    data = synthetic([1e-14], [298.15], amplitude=0.8, noise=0.002, seed=1)
    curve = fit_exsy(*data, amplitude="free").curves[0]
    assert curve.amplitude.high == 1.0
    assert curve.amplitude.low < 0.5
    # what was measured is known all the same
    assert curve.exchanged_fraction.high - curve.exchanged_fraction.low < 0.02


def test_no_exchange_gives_an_upper_limit():
    fit = fit_exsy(*synthetic([0.0], [298.15], noise=0.01))
    estimate = fit.D_cm2_per_s[298.15]
    assert estimate.low == 0.0
    assert 0.0 < estimate.high < 1e-13
    assert fit.activation_energy_eV is None
    assert any("upper limit" in remark for remark in fit.not_identifiable)
    numbers = fit.interface_numbers(8.428, 10.0)
    assert numbers["interface_resistance_ohm_cm2"]["298.15"]["high"] == np.inf
    assert numbers["interface_resistance_ohm_cm2"]["298.15"]["low"] > 100.0


def test_complete_exchange_gives_a_lower_limit():
    fit = fit_exsy(*synthetic([1e-5], [298.15], noise=0.01))
    estimate = fit.D_cm2_per_s[298.15]
    assert (estimate.value, estimate.high) == (np.inf, np.inf)
    assert estimate.low > 1e-10
    assert any("lower limit" in remark for remark in fit.not_identifiable)


def test_a_temperature_without_exchange_is_left_out_of_the_activation_energy():
    diffusivities = DIFFUSIVITIES * [0.0, 1.0, 1.0, 1.0]
    fit = fit_exsy(*synthetic(diffusivities, TEMPERATURES, noise=0.005))
    assert fit.arrhenius.temperature_K.tolist() == TEMPERATURES[1:].tolist()
    assert holds(fit.activation_energy_eV, ENERGY)


def test_noise_beyond_0_and_1_is_no_error():
    temperature, time, intensity = synthetic([1e-12], [298.15])
    intensity[0], intensity[-1] = -0.04, 1.03
    assert fit_exsy(temperature, time, intensity).D_cm2_per_s[298.15].value > 0.0


def test_exchange_current_density_and_resistance():
    # 43.6 % exchanged in 1 s: 0.57 would give the paper's 0.770 mA/cm^2 and 33.4 ohm cm^2
    fit = fit_exsy(*synthetic([1e-12], [298.15]))
    numbers = fit.interface_numbers(8.428, 10.0)
    current = numbers["exchange_current_density_mA_per_cm2"]["298.15"]["value"]
    assert current == pytest.approx(0.770 * 0.436 / 0.57, rel=2e-3)
    resistance = numbers["interface_resistance_ohm_cm2"]["298.15"]["value"]
    assert resistance == pytest.approx(25.693 / current, rel=1e-3)


def test_another_model_can_be_fitted():
    def slab(diffusivity, time):
        return exchanged_from_cube(diffusivity, time, 30.0, dimension=1)

    time = np.geomspace(1e-3, 1.0, 8)
    fit = fit_exsy(np.full(8, 300.0), time, slab(2e-12, time), model=slab)
    assert fit.D_cm2_per_s[300.0].value == pytest.approx(2e-12, rel=1e-6)


def test_intervals_hold_the_truth_at_the_stated_rate():
    seeds = 200
    held = 0
    for seed in range(seeds):
        fit = fit_exsy(*synthetic([ROOM], [298.15], noise=0.02, seed=seed))
        held += holds(fit.D_cm2_per_s[298.15], ROOM)
    assert 0.90 <= held / seeds <= 0.98


@pytest.mark.slow
@pytest.mark.timeout(1800)  # hundreds of fits
@pytest.mark.parametrize("amplitude", ["fixed", "free"])
def test_all_intervals_hold_the_truth_at_the_stated_rate(amplitude):
    seeds, size = 200, 1.0 if amplitude == "fixed" else 0.7
    times, temperatures = np.geomspace(5e-3, 3.0, 14), TEMPERATURES[1:]
    diffusivities = 3.0 * DIFFUSIVITIES[1:]
    held = {"D": 0, "Ea": 0, "exchanged": 0, "room": 0}
    for seed in range(seeds):
        data = synthetic(diffusivities, temperatures, times=times, noise=0.02, amplitude=size, seed=seed)
        fit = fit_exsy(*data, amplitude=amplitude)
        exchanged = size * exchanged_from_cube(diffusivities[0], times[-1], 65.0)
        held["D"] += holds(fit.curves[0].D_cm2_per_s, diffusivities[0])
        held["exchanged"] += holds(fit.curves[0].exchanged_fraction, exchanged)
        held["Ea"] += holds(fit.activation_energy_eV, ENERGY)
        held["room"] += holds(fit.arrhenius.D_room_cm2_per_s, diffusivities[0])
    assert {name: count for name, count in held.items() if not 0.90 <= count / seeds <= 0.99} == {}


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (([298.0] * 3, [0.1, 0.2, -0.1], [0.1, 0.2, 0.3]), {}, "mixing_time_s[2]: -0.1 is out of range"),
        (([298.0] * 3, [0.1, 0.2, 0.3], [10.0, 20.0, 30.0]), {}, "intensity_percent takes percent"),
        (([298.0, 310.0], [0.1, 0.2], [0.1, 0.2]), {}, "1 intensities at 298 K"),
        (([298.0] * 2, [0.0, 0.0], [0.1, 0.2]), {}, "at 0 mixing times above 0"),
        (([298.0] * 2, [0.1, 0.2], [0.1, 0.2]), {"amplitude": "free"}, "too few to fit 2 parameters"),
        (([298.0] * 2, [0.1, 0.2], [0.1, 0.2]), {"amplitude": "fre"}, "did you mean free"),
        (([298.0], [0.1], [0.1]), {}, "too little"),
    ],
)
def test_data_that_cannot_be(data, options, message):
    with pytest.raises(InputError) as error:
        fit_exsy(*data, **options)
    assert message in str(error.value)
