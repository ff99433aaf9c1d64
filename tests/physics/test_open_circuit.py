"""mu(x) from an open-circuit curve: against its table, quadrature, differences and exact arithmetic."""

from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from scl_fem.constants import thermal_energy
from scl_fem.errors import InputError
from scl_fem.materials import OpenCircuitCurve, load_material
from scl_fem.physics.open_circuit import OpenCircuitThermodynamics
from scl_fem.physics.thermodynamics import SiteThermodynamics
from tests.support import exact

kT = thermal_energy(298.15)
LVO = ((0.1, 0.55, 0.95), (3.4, 3.0, 2.4))


def logit(x):
    return np.log(x) - np.log1p(-x)


@st.composite
def curves(draw):
    """A falling table, from plateaus of 0.1 mV to 100 V per x, and a bulk on a point, between or beyond."""
    size = draw(st.integers(2, 9))
    gaps = [draw(st.floats(0.02, 1.0)) for _ in range(size + 1)]
    places = np.cumsum(gaps) / np.sum(gaps)
    x = places[:-1]
    fall = np.diff(x) * [10.0 ** draw(st.floats(-3.0, 2.0)) for _ in range(size - 1)]
    voltage = 4.0 - np.concatenate([[0.0], np.cumsum(fall)])
    bulk = draw(st.one_of(st.sampled_from(list(x)), st.floats(0.001, 0.999)))
    energy = thermal_energy(draw(st.floats(150.0, 1200.0)))
    return OpenCircuitThermodynamics(bulk, energy, tuple(x.tolist()), tuple(voltage.tolist()))


ETAS = st.one_of(st.floats(-60.0, 60.0), st.floats(-13.0, 0.0).map(lambda power: 10.0**power))


@settings(max_examples=200, deadline=None)
@given(curves(), ETAS, st.sampled_from([-1.0, 1.0]))
def test_inverse_undoes_energy(site, modulus, sign):
    assume(modulus == 0.0 or abs(modulus) > 1e-13)
    eta = np.array(sign * modulus)
    energy = site.energy(eta)
    # as well as a rounded energy tells it, 100 times less where d(mu)/dx jumps
    told = 1e-15 * abs(energy) / site.energy_slope(eta)
    assert site.logit_excess(energy) == pytest.approx(float(eta), rel=1e-11, abs=float(1e2 * told))


@settings(max_examples=60, deadline=None)
@given(curves(), st.integers(0, 2**32 - 1))
def test_vectorised_inverse_is_the_inverse_of_each(site, seed):
    energies = np.random.default_rng(seed).normal(0.0, 0.7, (5, 7)) * 10.0 ** -np.arange(7.0)
    energies[0, 0] = 0.0
    together = site.logit_excess(energies)
    alone = [float(site.logit_excess(np.array(each))) for each in energies.ravel()]
    np.testing.assert_array_equal(together.ravel(), alone)
    assert together[0, 0] == 0.0
    order = np.argsort(energies.ravel())
    assert (np.diff(together.ravel()[order]) >= 0.0).all()
    assert (np.sign(together) == np.sign(energies)).all()
    # eta and logit(x) are rounded: where mu is steep, that counts
    rounded = np.abs(energies) + site.energy_slope(together) * (np.abs(together) + abs(site.bulk_logit))
    assert (np.abs(site.energy(together) - energies) <= 1e-15 * rounded).all()


@settings(max_examples=100, deadline=None)
@given(curves())
def test_goes_through_the_points_and_rises_between(site):
    nodes = logit(np.array(site.table_occupancy)) - site.bulk_logit
    energy = site.energy(nodes)
    volts = -np.diff(site.table_voltage)
    # logit(x) is rounded: where mu is steep, that counts
    np.testing.assert_allclose(np.diff(energy), volts, rtol=1e-12, atol=1e-13 * np.ptp(site.table_voltage))
    eta = np.linspace(-40.0, 40.0, 4001)
    assert (np.diff(site.energy(eta)) > 0.0).all()
    assert (site.energy_slope(eta) > 0.0).all()
    assert (site.occupancy_slope(eta) > 0.0).all()


@settings(max_examples=100, deadline=None)
@given(curves())
def test_is_the_table_read_linearly_but_for_the_corners(site):
    """Nowhere further off than the ramps, a 200th of an interval, can take it."""
    x = np.array(site.table_occupancy)
    at = np.linspace(x[0], x[-1], 501)
    within = site.energy(logit(at) - site.bulk_logit) - site.energy(np.array(logit(x[0]) - site.bulk_logit))
    linear = site.table_voltage[0] - np.interp(at, x, site.table_voltage)
    ideal = site.thermal_energy / (x * (1.0 - x))
    chords = -np.diff(site.table_voltage) / np.diff(x)
    steepest = np.maximum(np.append(ideal[0], chords), np.append(chords, ideal[-1]))
    allowed = 0.005 * np.max(np.diff(x)[:, None] * np.stack([steepest[1:], steepest[:-1]], axis=1))
    assert np.abs(within - linear).max() <= allowed


@settings(max_examples=100, deadline=None)
@given(curves(), st.floats(-30.0, 30.0))
def test_slopes_against_differences(site, eta):
    step = 1e-6
    # one difference each side of the place: they bracket the slope where mu is quadratic in x
    eta = np.array(eta)
    energies = site.energy(eta + step * np.array([-1.0, 0.0, 1.0]))
    differences = np.diff(energies) / step
    slope, noise = site.energy_slope(eta), 1e-15 * max(1e-3, np.abs(energies).max()) / step
    assert differences.min() * (1 - 2e-6) - noise <= slope <= differences.max() * (1 + 2e-6) + noise
    x, vacancy = site.occupancy(eta), site.vacancy(eta)
    assert site.occupancy_slope(eta) == pytest.approx(x * vacancy / slope, rel=1e-12)


def test_the_slope_has_no_jump_where_the_table_has_a_corner():
    site = OpenCircuitThermodynamics(0.3, kT, *LVO)
    for x in LVO[0]:
        place = logit(x) - site.bulk_logit
        left, at, right = site.energy_slope(place + np.array([-1e-9, 0.0, 1e-9]))
        assert left == pytest.approx(at, rel=1e-5)
        assert right == pytest.approx(at, rel=1e-5)
    # at an end that of the ideal solution, within the mean of both sides
    at_points = site.energy_slope(logit(np.array(LVO[0])) - site.bulk_logit)
    assert at_points == pytest.approx([kT, 0.55 * 0.45 * 0.5 * (0.4 / 0.45 + 0.6 / 0.4), kT], rel=1e-9)
    assert site.occupancy_slope(np.zeros(1)) == pytest.approx(0.45 / 0.4, rel=5e-3)


def test_the_slope_jumps_at_the_end_of_a_table_that_ends_on_a_plateau():
    site = OpenCircuitThermodynamics(0.3, kT, (0.1, 0.5, 0.9), (3.4, 3.3999, 3.0))
    end = logit(0.1) - site.bulk_logit
    below, above = site.energy_slope(end + np.array([-1e-9, 1e-9]))
    assert below == pytest.approx(kT)
    assert above == pytest.approx(100.0 * 0.0001 / 0.4 * 0.09, rel=1e-4)
    assert site.energy_slope(np.linspace(-5.0, 5.0, 10001)).min() > 0.0


@settings(max_examples=40, deadline=None)
@given(curves(), st.floats(-8.0, 8.0))
def test_free_energy_against_quadrature(site, eta):
    cost = site.free_energy(np.array(eta))
    breaks = logit(np.array(site.table_occupancy)) - site.bulk_logit

    def integrand(place):
        return float(
            site.energy(np.array(place)) * site.occupancy(np.array(place)) * site.vacancy(np.array(place))
        )

    ramps = [breaks[:-1], breaks[1:]]
    x = np.array(site.table_occupancy)
    ramps += [logit(x[:-1] + 0.005 * np.diff(x)) - site.bulk_logit]
    ramps += [logit(x[1:] - 0.005 * np.diff(x)) - site.bulk_logit]
    low, high = sorted([0.0, eta])
    ends = [low, *sorted(each for each in np.concatenate(ramps) if low < each < high), high]
    expected = sum(quad(integrand, a, b)[0] for a, b in pairwise(ends))
    assert float(cost) == pytest.approx(expected if eta >= 0.0 else -expected, rel=1e-8, abs=1e-15)
    assert cost >= -1e-17


@pytest.mark.parametrize("bulk", [0.1, 0.3, 0.55, 0.95, 0.02, 0.999])
@pytest.mark.parametrize("power", [-3, -9, -15])
def test_occupancy_and_vacancy_are_exact_beyond_the_table(bulk, power):
    """x and 1 - x from mu alone, down to 1e-15: mu is the ideal solution's through the last point."""
    site = OpenCircuitThermodynamics(bulk, kT, *LVO)
    y = exact.logit(Decimal(10) ** power)
    end, far = exact.logit(Decimal(LVO[0][0])), exact.logit(Decimal(LVO[0][-1]))
    low, high = (float(site.energy(np.array(float(each) - site.bulk_logit))) for each in (end, far))
    below = site.logit_excess(np.array(low + kT * float(y - end)))
    above = site.logit_excess(np.array(high + kT * float(-y - far)))
    assert exact.relative(site.occupancy(below), Decimal(10) ** power) < 1e-12
    assert exact.relative(site.vacancy(above), Decimal(10) ** power) < 1e-12


@pytest.mark.parametrize("bulk", [0.5, 1e-9, 0.999])
def test_a_table_from_nearly_empty_to_nearly_full(bulk):
    """Points at 1e-14 and 1 - 1e-10: the inverse is as good as the energy tells it."""
    site = OpenCircuitThermodynamics(
        bulk, kT, (1e-14, 1e-12, 1e-6, 0.5, 1 - 1e-10), (4.1, 4.0, 3.7, 3.5, 3.0)
    )
    eta = np.concatenate([-np.geomspace(1e-12, 50.0, 500), np.geomspace(1e-12, 50.0, 500)])
    energy = site.energy(eta)
    told = 1e-15 * np.abs(energy) / site.energy_slope(eta) + 1e-14 * np.abs(eta)
    assert (np.abs(site.logit_excess(energy) - eta) <= 10.0 * told).all()


@settings(max_examples=50, deadline=None)
@given(st.floats(0.05, 0.95), st.floats(-2.0, 1.5), st.floats(-5.0, 5.0))
def test_a_fine_table_of_a_regular_solution_is_that_solution(bulk, omega, eta):
    law = SiteThermodynamics(bulk, kT, omega * kT)
    assume(0.001 < law.occupancy(np.array(eta)) < 0.999)  # where a function is taken as a table
    curve = OpenCircuitCurve.of_function(
        lambda x: 3.0 - float(law.energy(np.array(logit(x) - law.bulk_logit)))
    )
    site = OpenCircuitThermodynamics(bulk, kT, curve.occupancy, curve.voltage)
    # the table is right to 0.01 mV, and the bulk lies between two of its points
    assert site.energy(np.array(eta)) == pytest.approx(float(law.energy(np.array(eta))), abs=3e-5)
    assert site.free_energy(np.array(eta)) == pytest.approx(float(law.free_energy(np.array(eta))), abs=3e-5)


@settings(max_examples=60, deadline=None)
@given(curves(), st.floats(-20.0, 20.0), st.floats(-20.0, 20.0))
def test_counted_from_another_bulk_it_is_the_same_law(site, to, eta):
    energy = float(site.energy(np.array(to)))
    other = site.recentred(energy)
    at = site.bulk_logit + eta - other.bulk_logit  # the same x
    expected = float(site.energy(np.array(eta))) - energy
    # x_0 near 1 is known to 1 - x_0 to round-off of 1
    told = 1e-15 / (1.0 - other.bulk_occupancy) * site.energy_slope(np.array([to, eta])).max()
    assert other.energy(np.array(at)) == pytest.approx(expected, rel=1e-9, abs=1e-12 + 10.0 * told)
    occupancy = float(site.occupancy(np.array(eta)))
    assume(occupancy < 1.0)
    assert site.energy_of_occupancy(occupancy) == pytest.approx(float(site.energy(np.array(eta))), rel=1e-6)
    assert other.excess_and_slope(np.array(at))[0] == other.excess(np.array(at))
    assert other.excess_and_slope(np.array(at))[1] == other.occupancy_slope(np.array(at))
    assert (site.energy_of_occupancy(0.0), site.energy_of_occupancy(1.0)) == (None, None)


def test_an_ideal_table_is_continued_as_it_is():
    """Beyond the table nothing but the ideal solution."""
    ideal = SiteThermodynamics(0.3, kT)
    x = np.linspace(0.2, 0.8, 500)
    voltage = 3.0 - ideal.energy(logit(x) - ideal.bulk_logit)
    site = OpenCircuitThermodynamics(0.3, kT, tuple(x), tuple(voltage))
    eta = np.array([-40.0, -20.0, -5.0, 5.0, 20.0, 40.0])
    np.testing.assert_allclose(site.energy(eta), ideal.energy(eta), rtol=2e-5)
    np.testing.assert_allclose(site.free_energy(eta), ideal.free_energy(eta), rtol=1e-4)
    np.testing.assert_array_equal(site.energy_slope(eta), kT)


@pytest.mark.parametrize(
    ("bulk", "voltage"),
    [
        (0.1, 3.4),
        (0.55, 3.0),
        (0.325, 3.2),
        (0.05, 3.4 + kT * (logit(0.1) - logit(0.05))),
        (0.99, 2.4 - kT * (logit(0.99) - logit(0.95))),
    ],
)
def test_the_voltage_of_the_curve_at_the_bulk(bulk, voltage):
    assert OpenCircuitThermodynamics(bulk, kT, *LVO).bulk_voltage == pytest.approx(voltage, abs=1e-12)


@pytest.mark.parametrize(
    ("voltage", "words"),
    [
        (
            (3.4, 3.0, 3.0, 2.4),
            r"is flat from x = 0\.3 \(3 V\) to x = 0\.5 \(3 V\): there the phase separates",
        ),
        ((3.4, 3.0, 3.1, 2.4), r"rises from x = 0\.3 \(3 V\) to x = 0\.5 \(3\.1 V\): there"),
        ((3.4, 3.5, 3.1, 3.2), r"rises from x = 0\.1 .*, and between 1 more pairs of points: there"),
    ],
)
def test_a_table_that_does_not_fall_is_refused(voltage, words):
    site = OpenCircuitThermodynamics(0.4, kT, (0.1, 0.3, 0.5, 0.9), voltage)
    with pytest.raises(InputError, match=words) as caught:
        site.logit_excess(np.array(0.1))
    assert "leave out points that scatter" in caught.value.allowed


@pytest.mark.parametrize("name", ["LVO", "LiCoO2", "graphite"])
def test_the_curves_of_the_library_are_laws(name):
    curve = load_material(name).open_circuit
    for bulk in (*curve.occupancy, 0.5):
        OpenCircuitThermodynamics(bulk, kT, curve.occupancy, curve.voltage).check_stable()


def test_slope_of_a_curve():
    curve = OpenCircuitCurve(occupancy=LVO[0], voltage=LVO[1])
    assert curve.slope_at(0.3) == pytest.approx(-0.4 / 0.45)
    assert curve.slope_at(0.1) == pytest.approx(-0.4 / 0.45)
    assert curve.slope_at(0.95) == pytest.approx(-1.5)
    assert curve.slope_at(0.55) == pytest.approx(-0.5 * (0.4 / 0.45 + 1.5))
    assert (curve.slope_at(0.09), curve.slope_at(0.96)) == (None, None)
    # what docs/model.md quotes
    assert load_material("LiCoO2").open_circuit.slope_at(0.5) == pytest.approx(-1.72, abs=0.005)
