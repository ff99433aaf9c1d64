"""Dilute carriers and electrons in a band: exact values, derivatives, inverses; shifted interactions."""

from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scl_fem.constants import thermal_energy
from scl_fem.errors import InputError
from scl_fem.physics.defects import ExcessCubeRoot, NoDefects, shifted
from scl_fem.physics.dilute import Dilute
from scl_fem.physics.fermi import Fermi, fermi_integral, level_of
from scl_fem.physics.statistics import STATISTICS
from scl_fem.physics.thermodynamics import SiteThermodynamics
from tests.support import exact

KT = thermal_energy(300.0)


def by_quadrature(order, level):
    """F_j by adaptive quadrature, split at the Fermi level."""
    from scipy.integrate import quad
    from scipy.special import gamma

    def integrand(t):  # x = t^2
        return 2.0 * t ** (2.0 * order + 1.0) / (1.0 + np.exp(min(t * t - level, 700.0)))

    edge = np.sqrt(max(level, 1.0))
    ends = [0.0, 0.5 * edge, edge, edge + 2.0, np.sqrt(max(level, 0.0) + 60.0) + 3.0]
    parts = [quad(integrand, a, b, epsabs=0.0, epsrel=5e-14, limit=400)[0] for a, b in pairwise(ends)]
    return sum(parts) / gamma(order + 1.0)


@pytest.mark.parametrize("level", [-30.0, -2.01, -1.99, -0.3, 0.0, 0.7, 5.0, 17.3, 39.9, 40.1, 200.0])
@pytest.mark.parametrize("order", [-0.5, 0.5, 1.5])
def test_fermi_integrals_against_quadrature(order, level):
    found = float(fermi_integral(order, np.array(level)))
    assert found == pytest.approx(by_quadrature(order, level), rel=3e-13)


def test_fermi_integrals_in_closed_form():
    """F_j(0) = (1 - 2^-j) zeta(j + 1)."""
    values = {-0.5: 0.6048986434216304, 0.5: 0.7651470246254079, 1.5: 0.8671998890121841}
    for order, value in values.items():
        assert float(fermi_integral(order, np.array(0.0))) == pytest.approx(value, rel=2e-15)


@settings(deadline=None, max_examples=200)
@given(st.floats(-60.0, 300.0), st.sampled_from([0.5, 1.5]))
def test_fermi_integrals_are_each_the_slope_of_the_next(level, order):
    h = 3e-3 * max(1.0, 0.1 * abs(level))
    # fourth order: truncation stays below round-off over h
    ahead = fermi_integral(order, level + h * np.array([-2.0, -1.0, 1.0, 2.0]))
    difference = float((ahead[0] - 8.0 * ahead[1] + 8.0 * ahead[2] - ahead[3]) / (12.0 * h))
    assert float(fermi_integral(order - 1.0, np.array(level))) == pytest.approx(difference, rel=3e-11)


@settings(deadline=None, max_examples=100)
@given(st.floats(-80.0, 8.0))
def test_level_of_an_occupancy(power):
    occupancy = 10.0**power
    level = level_of(occupancy)
    # one rounding of the level is that much of the occupancy
    rounding = 4e-16 * max(1.0, abs(level))
    assert float(fermi_integral(0.5, np.array(level))) == pytest.approx(occupancy, rel=2 * rounding + 1e-15)


@settings(deadline=None, max_examples=100)
@given(st.floats(-12.0, 1.0), st.floats(-9.0, 0.5), st.sampled_from([-1.0, 1.0]))
def test_excess_of_a_band_is_exact_near_the_bulk(bulk, power, sign):
    """Against its Taylor series where that is exact, and against the difference elsewhere."""
    band = Fermi(bulk, KT)
    eta = sign * 10.0**power
    slope = float(fermi_integral(-0.5, np.array(bulk)))
    found = float(band.excess(np.array(eta)))
    if abs(eta) < 1e-5:
        h = 1e-4
        bend = float(
            (fermi_integral(-0.5, np.array(bulk + h)) - fermi_integral(-0.5, np.array(bulk - h))) / (2 * h)
        )
        assert found == pytest.approx(eta * slope + 0.5 * eta**2 * bend, rel=1e-9)
    difference = float(fermi_integral(0.5, np.array(bulk + eta)) - fermi_integral(0.5, np.array(bulk)))
    # each of the two integrals is right to 3e-15 of itself: the difference is no better than both together
    both = band.bulk_occupancy + float(band.occupancy(np.array(eta)))
    assert found == pytest.approx(difference, rel=1e-14, abs=3e-15 * both)


def test_a_band_at_low_density_is_dilute():
    band = Fermi.of_occupancy(1e-12, KT)
    dilute = Dilute(1e-12, KT)
    u = np.linspace(-0.4, 0.3, 15)
    for name in ("occupancy", "excess", "occupancy_slope", "free_energy"):
        of_band = getattr(band, name)(band.logit_excess(u))
        np.testing.assert_allclose(
            of_band, getattr(dilute, name)(dilute.logit_excess(u)), rtol=1e-6, atol=1e-27
        )


LAWS = [
    Fermi(3.0, KT),
    Fermi(-5.0, KT),
    Dilute(0.02, KT),
    Dilute(1e-18, KT, 0.0, ExcessCubeRoot(0.1, 1e-6)),
    Dilute(0.3, KT, -0.05, ExcessCubeRoot(0.1, 1e-6)),
    SiteThermodynamics(0.3, KT, 0.02, ExcessCubeRoot(0.1, 1e-6)),
]


@pytest.mark.parametrize("law", LAWS)
def test_every_law_is_the_derivative_of_its_cost(law):
    """dy/du and u = df/dy by differences, u -> eta -> u, and what is vacant where sites fill."""
    u = np.array([-0.3, -0.1, -0.02, 0.015, 0.1, 0.25])
    h = 1e-6
    eta, ahead, behind = (law.logit_excess(u + shift) for shift in (0.0, h, -h))
    np.testing.assert_allclose(law.energy(eta), u, rtol=1e-12)
    gained = law.excess(ahead) - law.excess(behind)
    np.testing.assert_allclose(law.occupancy_slope(eta), gained / (2 * h), rtol=1e-6)
    np.testing.assert_allclose(
        law.free_energy(ahead) - law.free_energy(behind), u * gained, rtol=2e-5, atol=2e-16
    )
    np.testing.assert_allclose(law.energy_slope(eta) * (ahead - behind) / (2 * h), 1.0, rtol=1e-6)
    excess, slope = law.excess_and_slope(eta)
    np.testing.assert_array_equal(excess, law.excess(eta))
    np.testing.assert_array_equal(slope, law.occupancy_slope(eta))
    vacancy = 1.0 - law.occupancy(eta) if law.fills_its_sites else np.ones(u.size)
    np.testing.assert_allclose(law.sites(eta).vacancy, vacancy, rtol=1e-12)
    assert law.free_energy(np.zeros(1)) == pytest.approx(0.0, abs=1e-15)
    np.testing.assert_allclose(law.energy_of_occupancy(float(law.occupancy(eta)[2])), u[2], rtol=1e-9)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("energy", [-0.2, -1e-9, 1e-4, 0.15])
def test_another_bulk_changes_nothing(law, energy):
    """The same occupancies at the same chemical potential, and excesses of the new bulk exact near it."""
    moved = law.recentred(energy)
    u = np.array([-0.4, -0.1, -1e-3, 0.0, 1e-5, 0.2])
    occupancy = law.occupancy(law.logit_excess(u + energy))
    np.testing.assert_allclose(moved.occupancy(moved.logit_excess(u)), occupancy, rtol=1e-11)
    slope = moved.occupancy_slope(moved.logit_excess(u))
    np.testing.assert_allclose(slope, law.occupancy_slope(law.logit_excess(u + energy)), rtol=1e-8)
    tiny = np.array([1e-13])
    eta = moved.logit_excess(tiny)
    np.testing.assert_allclose(moved.excess(eta), tiny * moved.occupancy_slope(np.zeros(1)), rtol=1e-6)
    # moved there and back
    back = moved.recentred(-energy)
    np.testing.assert_allclose(
        back.occupancy(back.logit_excess(u)), law.occupancy(law.logit_excess(u)), rtol=1e-11
    )


@settings(deadline=None, max_examples=200)
@given(
    st.floats(-7.0, -0.5), st.floats(-15.0, -0.5), st.sampled_from([-1.0, 1.0]), st.sampled_from([-1.0, 1.0])
)
def test_shifted_interactions_are_exact_however_small_the_excess(of_offset, of_excess, one, other):
    offset, excess = one * 10.0**of_offset, other * 10.0**of_excess
    law = ExcessCubeRoot(0.2, 1e-6)
    moved = shifted(law, offset)

    def g(d):
        d, s = Decimal(d), Decimal(law.floor)
        return Decimal(law.strength) * d / exact._cube_root(d * d + s * s)

    value = g(Decimal(offset) + Decimal(excess)) - g(Decimal(offset))
    assert exact.relative(moved.energy(np.array(excess)), value) < 1e-11
    np.testing.assert_allclose(
        moved.slope(np.array(excess)), law.slope(np.array(excess + offset)), rtol=1e-15
    )
    # its integral: Gauss's rule between two excesses within one smooth stretch
    nodes, weights = np.polynomial.legendre.leggauss(12)
    ends = one * np.array([0.3, 0.5])
    places = ends.mean() + 0.5 * np.diff(ends) * nodes
    between = 0.5 * float(np.diff(ends)[0]) * float(weights @ moved.energy(places))
    assert float(np.diff(moved.integral(ends))[0]) == pytest.approx(between, rel=1e-7)


def test_shifting_twice_is_shifting_by_the_sum():
    law = ExcessCubeRoot(0.2, 1e-6)
    twice = shifted(shifted(law, 0.1), -0.1)
    d = np.array([-0.2, 1e-8, 0.3])
    np.testing.assert_allclose(twice.energy(d), law.energy(d), rtol=1e-12)
    assert shifted(law, 0.0) is law
    assert isinstance(shifted(NoDefects(), 0.3), NoDefects)


@settings(deadline=None, max_examples=100)
@given(st.floats(-14.0, 1.4), st.sampled_from([-1.0, 1.0]))
def test_dilute_occupancies_are_exact(power, sign):
    eta = sign * 10.0**power
    law = Dilute(3e-17, KT)
    bulk = Decimal(law.bulk_occupancy)
    grown = Decimal(eta).exp()
    assert exact.relative(law.excess(np.array(eta)), bulk * (grown - 1)) < 1e-14
    assert exact.relative(law.occupancy(np.array(eta)), bulk * grown) < 1e-14


def test_occupancies_of_formation_energies():
    assert STATISTICS["lattice"].occupancy(0.4, KT) == pytest.approx(
        1.0 / (1.0 + np.exp(0.4 / KT)), rel=1e-13
    )
    assert STATISTICS["lattice"].occupancy(20.0, KT) == pytest.approx(np.exp(-20.0 / KT), rel=1e-12)
    assert STATISTICS["dilute"].occupancy(0.4, KT) == pytest.approx(np.exp(-0.4 / KT), rel=1e-13)
    band = STATISTICS["fermi"].occupancy(-0.1, KT)
    assert band == pytest.approx(by_quadrature(0.5, 0.1 / KT), rel=1e-12)


@pytest.mark.parametrize("kind", ["lattice", "dilute", "fermi"])
@pytest.mark.parametrize("occupancy", [0.0, -0.1, np.inf, np.nan])
def test_occupancies_that_no_bulk_has(kind, occupancy):
    with pytest.raises(InputError, match="occupancy"):
        STATISTICS[kind].law(occupancy, KT, 0.0, NoDefects())


def test_interactions_that_a_law_does_not_take():
    with pytest.raises(InputError, match="no regular solution"):
        STATISTICS["fermi"].law(0.1, KT, 0.01, NoDefects())
    with pytest.raises(InputError, match="no regular solution"):
        STATISTICS["fermi"].law(0.1, KT, 0.0, ExcessCubeRoot(0.1, 1e-6))
    with pytest.raises(InputError, match="dilute carrier"):
        STATISTICS["dilute"].law(0.1, KT, 0.01, NoDefects()).check_stable()
    STATISTICS["dilute"].law(0.1, KT, -0.01, NoDefects()).check_stable()
