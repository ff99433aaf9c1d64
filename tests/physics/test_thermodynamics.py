"""Chemical potential, its inverse and derivatives, against sixty-digit arithmetic and differences."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scl_fem.constants import thermal_energy
from scl_fem.errors import InputError
from scl_fem.physics.defects import ExcessCubeRoot, NoDefects
from scl_fem.physics.thermodynamics import SiteThermodynamics
from tests.support import exact

RARE = st.floats(-12.0, -0.31).map(lambda power: 10.0**power)
OCCUPANCIES = st.one_of(RARE, RARE.map(lambda x: 1.0 - x), st.floats(0.01, 0.99))
# logit(x) from x = 1e-14 to 1 - 1e-14 and beyond
LOGITS = st.floats(-45.0, 45.0)


@st.composite
def sites(draw, spinodal_fraction=0.95, omega_below=-5.0, defects=None):
    """A stable phase: Omega from strongly ordering up to a fraction of the spinodal's 2 kT."""
    kT = thermal_energy(draw(st.floats(150.0, 1200.0)))
    omega = 2.0 * kT * draw(st.floats(omega_below, spinodal_fraction))
    with_defects = draw(st.booleans()) if defects is None else defects
    strength = draw(st.floats(1e-4, 3.0)) if with_defects else 0.0
    floor = 10.0 ** draw(st.floats(-9.0, -2.0))
    law = ExcessCubeRoot(strength, floor) if with_defects else NoDefects()
    return SiteThermodynamics(draw(OCCUPANCIES), kT, omega, law)


def exact_energy(site, y):
    law = site.defects
    return exact.energy(
        y, site.bulk_occupancy, site.thermal_energy, site.regular_solution, law.strength, law.floor
    )


@settings(max_examples=150, deadline=None)
@given(sites(), st.floats(-200.0, 200.0))
def test_inverse_undoes_energy(site, eta):
    assume(abs(eta) > 1e-12)
    assert site.logit_excess(site.energy(np.array(eta))) == pytest.approx(eta, rel=1e-11)


@settings(max_examples=200, deadline=None)
@given(sites(), LOGITS)
def test_occupancy_and_vacancy_of_the_inverse_are_exact(site, logit):
    """x and 1-x right to 1e-12 relative down to 1e-14, from mu alone."""
    y = Decimal(logit)
    occupancy, vacancy = exact.occupancy_and_vacancy(y)
    eta = site.logit_excess(np.array(float(exact_energy(site, y))))
    assert exact.relative(site.occupancy(eta), occupancy) < 1e-12
    assert exact.relative(site.vacancy(eta), vacancy) < 1e-12


@settings(max_examples=200, deadline=None)
@given(sites(), st.floats(-14.0, 1.5), st.sampled_from([-1.0, 1.0]))
def test_energy_and_excess_are_exact_however_close_to_the_bulk(site, power, sign):
    eta = sign * 10.0**power
    y = exact.logit(site.bulk_occupancy) + Decimal(eta)
    excess = exact.occupancy_and_vacancy(y)[0] - Decimal(site.bulk_occupancy)
    assert exact.relative(site.excess(np.array(eta)), excess) < 1e-13
    # where the terms of mu cancel (Omega > 0), round-off counts against the largest of them
    energy = exact_energy(site, y)
    terms = max(
        abs(site.thermal_energy * eta), abs(2.0 * site.regular_solution * float(excess)), abs(float(energy))
    )
    assert abs(float(Decimal(float(site.energy(np.array(eta)))) - energy)) < 1e-13 * terms


@settings(max_examples=150, deadline=None)
@given(sites(), LOGITS)
def test_slopes_against_differences(site, logit):
    """du/d(eta) against central differences in sixty digits; dx/d(mu) follows."""
    h = Decimal("1e-18")
    y = Decimal(logit)
    slope = (exact_energy(site, y + h) - exact_energy(site, y - h)) / (2 * h)
    x, vacancy = exact.occupancy_and_vacancy(y)
    eta = np.array(float(y - exact.logit(site.bulk_occupancy)))
    # eta is rounded: where the defects' term bends within that, so does its slope
    bend = abs(site.energy_slope(eta * (1 + 1e-15)) - site.energy_slope(eta * (1 - 1e-15)))
    assume(bend < 1e-10 * site.energy_slope(eta))
    assert exact.relative(site.energy_slope(eta), slope) < 1e-9
    assert exact.relative(site.occupancy_slope(eta), x * vacancy / slope) < 1e-9


@settings(max_examples=60, deadline=None)
@given(sites(), st.integers(0, 2**32 - 1))
def test_vectorised_inverse_is_the_inverse_of_each(site, seed):
    energies = np.random.default_rng(seed).normal(0.0, 0.7, (5, 7)) * 10.0 ** -np.arange(7.0)
    energies[0, 0] = 0.0
    together = site.logit_excess(energies)
    alone = [float(site.logit_excess(np.array(each))) for each in energies.ravel()]
    np.testing.assert_allclose(together.ravel(), alone, rtol=1e-13)
    assert together[0, 0] == 0.0
    # monotone, and on the same side of the bulk
    order = np.argsort(energies.ravel())
    assert (np.diff(together.ravel()[order]) >= 0.0).all()
    assert (np.sign(together) == np.sign(energies)).all()


@pytest.mark.parametrize("energy", [-2e3, -150.0, 150.0, 2e3])
def test_inverse_of_energies_that_no_voltage_reaches(energy):
    """Stray iterates of Newton's method get there: mu is kT eta and a constant."""
    site = SiteThermodynamics(0.3, 0.0257, 0.01, ExcessCubeRoot(0.15, 1e-6))
    eta = site.logit_excess(np.array(energy))
    assert site.energy(eta) == pytest.approx(energy, rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.floats(150.0, 1200.0), OCCUPANCIES, st.floats(1e-6, 3.0))
def test_spinodal_of_the_regular_solution(temperature, occupancy, beyond):
    """Just below 2 kT every composition is stable; above, the spinodal is (1 +- sqrt(1 - 2kT/Omega))/2."""
    kT = thermal_energy(temperature)
    below = SiteThermodynamics(occupancy, kT, 2.0 * kT * (1.0 - 1e-9))
    assert below.spinodal is None
    below.check_stable()

    omega = 2.0 * kT * (1.0 + beyond)
    above = SiteThermodynamics(occupancy, kT, omega)
    root = np.sqrt(1.0 - 2.0 * kT / omega)
    found = above.spinodal
    # found among compositions 0.01 apart in logit
    assert found == pytest.approx((0.5 * (1.0 - root), 0.5 * (1.0 + root)), abs=0.0051 * 0.5)
    assert found[0] >= 0.5 * (1.0 - root) - 1e-9
    assert found[1] <= 0.5 * (1.0 + root) + 1e-9
    with pytest.raises(InputError, match="the phase separates") as raised:
        above.logit_excess(np.array(0.1))
    assert f"{found[0]:.3g}" in str(raised.value)
    assert "regular_solution < 2 kT" in str(raised.value)


def test_defects_hold_a_phase_together():
    """The repulsion of defects adds to d(mu)/dx: strong enough, it makes up for Omega > 2 kT."""
    kT = thermal_energy(298.15)
    assert SiteThermodynamics(0.5, kT, 2.5 * kT).spinodal is not None
    assert SiteThermodynamics(0.5, kT, 2.5 * kT, ExcessCubeRoot(1.0, 1e-6)).spinodal is None
    weak = SiteThermodynamics(0.01, kT, 2.5 * kT, ExcessCubeRoot(1e-3, 1e-6))
    with pytest.raises(InputError, match="the phase separates"):
        weak.check_stable()


@settings(max_examples=100, deadline=None)
@given(OCCUPANCIES, LOGITS)
def test_cost_of_mixing_is_exact_where_an_empty_lattice_fills(occupancy, logit):
    """kT [x ln(x/x_0) + (1-x) ln((1-x)/(1-x_0))] to a rounding of its terms, from x_0 = 1e-12 to full."""
    site = SiteThermodynamics(occupancy, 0.03125)
    eta = float(Decimal(logit) - exact.logit(occupancy))
    x, vacancy = exact.occupancy_and_vacancy(exact.logit(occupancy) + Decimal(eta))
    x0 = Decimal(occupancy)
    terms = x * (x / x0).ln(), vacancy * (vacancy / (1 - x0)).ln()
    found = Decimal(float(site.free_energy(np.array(eta)))) / Decimal(site.thermal_energy)
    assert float(abs(found - sum(terms))) < 1e-14 * (1.0 + float(sum(map(abs, terms))))
