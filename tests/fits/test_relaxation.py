"""NMR relaxation: the closed forms, and the numbers of Cheng et al. (2020) that follow from them."""

import numpy as np
import pytest

from scl_fem.physics.exchange import exchange_current_density, interface_resistance
from scl_fem.physics.relaxation import (
    LARMOR_FREQUENCY_LI6_HZ,
    bpp_spectral_sum,
    correlation_time,
    correlation_time_at_break,
    jump_diffusivity,
    tau_inf_from_break,
    transverse_relaxation_time,
)

ROOM = 298.15

# Ea (eV), tau_inf (s), tau_c at room temperature (s), break point (s, K), D (cm^2/s) as printed
PAPER = {
    0.2: (0.13, 230e-9, 36.2e-6, 27.1e-6, 317.0, 1.79e-11),
    1.0: (0.17, 52e-9, 38.6e-6, 12.4e-6, 360.0, 1.68e-11),
    2.0: (0.08, 950e-9, 21.3e-6, 11.4e-6, 373.0, 3.04e-11),
}


@pytest.mark.parametrize("row", PAPER.values(), ids=PAPER)
class TestPaper:
    def test_diffusivity_to_the_last_digit(self, row):
        assert float(f"{float(jump_diffusivity(row[2])):.3g}") == row[5]

    def test_correlation_time_at_room_temperature(self, row):
        assert correlation_time(row[1], row[0], ROOM) == pytest.approx(row[2], rel=0.01)

    def test_tau_inf_from_the_break_point(self, row):
        # tau_inf is printed to two digits, T_b with "about"
        tau_inf = tau_inf_from_break(row[3] * np.sqrt(2.0), row[0], row[4])
        assert tau_inf == pytest.approx(row[1], rel=0.02)


def test_interface_resistances_of_the_paper():
    resistance = interface_resistance(np.array([0.77, 0.41, 0.13]), ROOM)
    assert np.round(resistance[:2]).tolist() == [33.0, 63.0]
    # the paper prints 188, which its own 0.13 mA/cm^2 does not give
    assert resistance[2] == pytest.approx(197.6, abs=0.05)


def test_exchange_current_densities_of_the_paper():
    # c_max/2 of LVO, half a 20 nm particle, 1 s
    current = exchange_current_density(np.array([0.57, 0.30]), 1.0, 16.856 / 2, 10.0)
    assert current == pytest.approx([0.770, 0.405], abs=5e-4)


def test_bpp_in_its_limits():
    w0 = 2.0 * np.pi * LARMOR_FREQUENCY_LI6_HZ
    slow, fast = 1e5 / w0, 1e-5 / w0
    assert bpp_spectral_sum(slow, LARMOR_FREQUENCY_LI6_HZ) == pytest.approx(1.5 * slow, rel=1e-9)
    assert bpp_spectral_sum(fast, LARMOR_FREQUENCY_LI6_HZ) == pytest.approx(5.0 * fast, rel=1e-9)
    assert bpp_spectral_sum(1.0 / w0, LARMOR_FREQUENCY_LI6_HZ) == pytest.approx((1.5 + 1.25 + 0.2) / w0)


def test_bpp_grows_with_the_correlation_time():
    tau = np.geomspace(1e-13, 1e-3, 2000)
    assert np.all(np.diff(bpp_spectral_sum(tau, LARMOR_FREQUENCY_LI6_HZ)) > 0.0)


def test_relaxation_time_is_rigid_below_and_activated_above_the_break_point():
    rigid, point, energy = 4e-5, 320.0, 0.15
    temperature = np.array([250.0, 320.0, 400.0])
    found = transverse_relaxation_time(temperature, rigid, point, energy)
    assert found[:2] == pytest.approx([rigid, rigid], rel=1e-12)
    tau_inf = tau_inf_from_break(rigid, energy, point)
    ratio = correlation_time_at_break(rigid) / correlation_time(tau_inf, energy, 400.0)
    # w0 tau_c of order 5000: the other terms of BPP are below 1e-6
    assert found[2] == pytest.approx(rigid * ratio, rel=1e-6)


def test_another_lattice_has_another_diffusivity():
    assert jump_diffusivity(1e-6, 0.3, 6) == pytest.approx(0.09e-14 / 6e-6)
