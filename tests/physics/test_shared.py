"""Carriers that share sites: exact occupancies, the inverse, derivatives, convexity, limits."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scl_fem.constants import thermal_energy
from scl_fem.errors import InputError
from scl_fem.physics.carrier import Carrier, OwnSites
from scl_fem.physics.components import KNOWN_COMPONENTS, LITHIUM
from scl_fem.physics.defects import ExcessCubeRoot, NoDefects
from scl_fem.physics.diffusivity import Constant, VacancyBulk
from scl_fem.physics.dilute import Dilute
from scl_fem.physics.shared import SharedSites
from scl_fem.physics.thermodynamics import SiteThermodynamics
from tests.support import exact

KT = thermal_energy(298.15)
SITES = 12.0


def sites_of(occupancies, omegas=None, strengths=None, floor=1e-6):
    count = len(occupancies)
    carriers = []
    for k in range(count):
        strength = 0.0 if strengths is None else strengths[k]
        law = ExcessCubeRoot(strength, floor) if strength else NoDefects()
        omega = 0.0 if omegas is None else omegas[k]
        site = SiteThermodynamics(occupancies[k], KT, omega, law)
        carriers.append(Carrier(f"c{k}", LITHIUM, SITES, site, VacancyBulk(1e5, 0.0, 0.4), 1, "s"))
    return SharedSites(carriers)


@st.composite
def groups(draw, interacting=True):
    count = draw(st.integers(1, 4))
    logs = np.array([draw(st.floats(-30.0, 0.0)) for _ in range(count + 1)])
    bulk = np.exp(logs) / np.exp(logs).sum()
    assume(bulk[-1] > 1e-8)
    if not interacting:
        return sites_of(bulk[:-1].tolist())
    omegas = [KT * draw(st.floats(-6.0, 0.95)) for _ in range(count)]
    strengths = [draw(st.sampled_from([0.0, 0.05, 1.0])) for _ in range(count)]
    return sites_of(bulk[:-1].tolist(), omegas, strengths, 10.0 ** draw(st.floats(-8.0, -3.0)))


def coordinates(group, seed, points=12, spread=15.0):
    count = len(group.carriers)
    random = np.random.default_rng(seed)
    return random.normal(0.0, spread, (count, points)) * 10.0 ** -random.integers(0, 10, points)


def roundings(group, etas, energies):
    """What roundings of the coordinates, and of the largest term at a point, make of the energies."""
    shares = group.shares(etas)
    laws = [each.thermodynamics for each in group.carriers]
    pairs = zip(laws, shares.occupancies, shares.excesses, strict=True)
    stiffness = np.stack(
        [y * (law.defects.slope(d) + 2.0 * abs(law.regular_solution)) for law, y, d in pairs]
    )
    largest = np.abs(etas).max(axis=0)
    return 1e-14 * (np.abs(energies).max(axis=0) + (KT + stiffness) * largest)


SEEDS = st.integers(0, 2**32 - 1)


@settings(deadline=None, max_examples=100)
@given(groups(interacting=False), SEEDS)
def test_shares_are_exact(group, seed):
    """Each occupancy, the vacancy and each excess, against sixty digits."""
    etas = coordinates(group, seed)
    found = group.shares(etas)
    bulk = [Decimal(each.thermodynamics.bulk_occupancy) for each in group.carriers]
    vacancy = Decimal(group.vacancy)
    for point in range(etas.shape[1]):
        grown = [b * Decimal(float(eta)).exp() for b, eta in zip(bulk, etas[:, point], strict=True)]
        total = vacancy + sum(grown)
        at_rest = vacancy + sum(bulk)
        assert exact.relative(found.vacancy[point], vacancy / total) < 1e-14
        for k, share in enumerate(grown):
            assert exact.relative(found.occupancies[k, point], share / total) < 1e-14
            terms = [
                bulk[k] * other * (Decimal(float(etas[k, point])).exp() - Decimal(eta).exp()) / total
                for other, eta in zip([*bulk, vacancy], [*map(float, etas[:, point]), 0.0], strict=True)
            ]
            error = abs(Decimal(float(found.excesses[k, point])) - sum(terms))
            # the terms may cancel: that is in the coordinates, not in the arithmetic
            assert float(error) <= 1e-14 * float(max(abs(term) for term in terms))
        assert float(abs(at_rest - 1)) < 1e-15


@settings(deadline=None, max_examples=200)
@given(groups(), SEEDS)
def test_the_inverse_undoes_the_energies(group, seed):
    etas = coordinates(group, seed)
    energies = group.energies(etas)
    found = group.logit_excesses(energies)
    assert np.all(np.abs(group.energies(found) - energies) <= roundings(group, found, energies))
    np.testing.assert_array_equal(group.logit_excesses(np.zeros_like(etas)), 0.0)


@settings(deadline=None, max_examples=60)
@given(groups(), st.floats(-18.0, 0.5).map(lambda power: 10.0**power))
def test_energies_that_potentials_reach(group, potential):
    """From a flat start to layers of 3 V, all carriers of one charge or of both: finite and solved."""
    signs = np.array([(-1.0) ** k for k in range(len(group.carriers))])
    energies = np.stack([potential * signs, np.full(signs.size, potential)], axis=1)
    found = group.logit_excesses(energies)
    assert np.all(np.abs(group.energies(found) - energies) <= roundings(group, found, energies))


@settings(deadline=None, max_examples=100)
@given(groups(), SEEDS)
def test_slopes_are_those_of_the_occupancies(group, seed):
    """dy/du du/d(eta) = dy/d(eta), which is diag(y) - y y^T whatever the interactions."""
    etas = coordinates(group, seed, spread=3.0)
    shares = group.shares(etas)
    slopes = group.response(etas)[1] / SITES
    h = 1e-4
    count = len(group.carriers)
    for point in range(etas.shape[1]):
        y = np.append(shares.occupancies[:, point], shares.vacancy[point])
        # y (1 - y) without the difference
        expected = -np.outer(y, y)[:count, :count]
        for k in range(count):
            expected[k, k] = y[k] * np.delete(y, k).sum()
        rise = np.empty((count, count))
        for j, (law, d) in enumerate(
            zip([each.thermodynamics for each in group.carriers], shares.excesses[:, point], strict=True)
        ):
            stiffness = float(law.defects.slope(np.array(d))) - 2.0 * law.regular_solution
            rise[j] = KT * np.eye(count)[j] + stiffness * expected[j]
        size = np.abs(slopes[:, :, point]) @ np.abs(rise)
        assert np.all(np.abs(slopes[:, :, point] @ rise - expected) <= 1e-10 * size + 1e-300)
        np.testing.assert_array_equal(slopes[:, :, point], slopes[:, :, point].T)
        scale = np.sqrt(np.diag(slopes[:, :, point]))
        scaled = slopes[:, :, point] / np.outer(scale, scale)
        assert np.all(np.diag(slopes[:, :, point]) > 0.0)
        assert np.linalg.eigvalsh(scaled).min() > -1e-12
    # and by differences, where the interactions bend slowly
    smooth = sites_of([0.2, 0.3], [0.01, -0.03])
    eta = np.array([[0.3], [-0.8]])
    u = smooth.energies(eta)
    for j in range(2):
        step = np.zeros((2, 1))
        step[j] = h
        ahead, behind = (smooth.shares(smooth.logit_excesses(u + s * step)).occupancies for s in (1, -1))
        np.testing.assert_allclose(
            smooth.response(eta)[1][:, j] / SITES, (ahead - behind) / (2 * h), rtol=1e-5
        )


def test_slopes_where_the_sites_are_full():
    """dy/du = y v/kT of a single carrier, however little is vacant: no cancellation."""
    group = sites_of([0.3])
    eta = np.array([[50.0]])
    vacancy = group.shares(eta).vacancy
    assert vacancy < 1e-21
    np.testing.assert_allclose(group.response(eta)[1][0, 0] / SITES, vacancy / KT, rtol=1e-13)


@settings(deadline=None, max_examples=50)
@given(st.floats(1e-6, 0.99), st.floats(-6.0, 0.95), st.sampled_from([0.0, 0.3]), st.floats(-1.0, 1.0))
def test_a_group_of_one_is_a_lattice(occupancy, omega, strength, energy):
    group = sites_of([occupancy], [omega * KT], [strength])
    alone = OwnSites(group.carriers[0])
    u = np.array([[energy, 0.1 * energy]])
    etas, expected = group.logit_excesses(u), alone.logit_excesses(u)
    np.testing.assert_allclose(etas, expected, rtol=1e-10, atol=1e-300)
    np.testing.assert_allclose(group.occupancies(etas), alone.occupancies(expected), rtol=1e-9)
    np.testing.assert_allclose(group.excesses(etas), alone.excesses(expected), rtol=1e-9, atol=1e-300)
    np.testing.assert_allclose(group.response(etas)[1], alone.response(expected)[1], rtol=1e-7)
    np.testing.assert_allclose(group.mobilities(etas), alone.mobilities(expected), rtol=1e-8)
    np.testing.assert_allclose(group.mobility_slopes(etas), alone.mobility_slopes(expected), rtol=1e-6)
    np.testing.assert_allclose(group.free_energy(etas), alone.free_energy(expected), rtol=1e-8, atol=1e-14)


def test_mobilities_and_cost_by_differences():
    group = sites_of([0.2, 0.3, 0.1], [0.01, -0.03, 0.0], [0.0, 0.1, 0.0])
    u = np.array([[0.05, -0.02], [-0.03, 0.1], [0.2, -0.3]])
    h = 1e-6
    slopes = group.mobility_slopes(group.logit_excesses(u))
    for j in range(3):
        step = np.zeros((3, 1))
        step[j] = h
        ahead, behind = (group.logit_excesses(u + sign * step) for sign in (1, -1))
        np.testing.assert_allclose(
            slopes[:, j], (group.mobilities(ahead) - group.mobilities(behind)) / (2 * h), rtol=1e-5
        )
        gained = group.excesses(ahead) - group.excesses(behind)
        np.testing.assert_allclose(
            group.free_energy(ahead) - group.free_energy(behind), (u * gained).sum(axis=0), rtol=1e-4
        )


def test_another_bulk_changes_nothing():
    group = sites_of([0.2, 0.3], [0.01, -0.03], [0.1, 0.2])
    moved_by = np.array([0.05, -0.1])
    laws = group.recentred(moved_by.tolist())
    moved = SharedSites(
        [
            Carrier(c.name, LITHIUM, SITES, law, c.diffusivity, 1, "s")
            for c, law in zip(group.carriers, laws, strict=True)
        ]
    )
    u = np.array([[-0.3, 0.0, 0.2], [0.1, 1e-6, -0.2]])
    np.testing.assert_allclose(
        moved.occupancies(moved.logit_excesses(u)),
        group.occupancies(group.logit_excesses(u + moved_by[:, None])),
        rtol=1e-11,
    )


@pytest.mark.parametrize(
    ("omegas", "stable"),
    [
        ([1.9, 0.0], True),  # alone among ideal ones: the lattice's 2 kT
        ([2.1, 0.0], False),
        ([0.95, 0.95], True),  # one against the other: kT
        ([1.05, 1.05], False),
        ([1.9, 1.9], False),
    ],
)
def test_groups_that_separate(omegas, stable):
    group = sites_of([0.2, 0.3], [omega * KT for omega in omegas])
    if stable:
        u = np.array([[0.3], [0.25]])
        np.testing.assert_allclose(group.energies(group.logit_excesses(u)), u, rtol=1e-12)
    else:
        with pytest.raises(InputError, match="the phase separates: c0, c1 share sites"):
            group.logit_excesses(np.zeros((2, 1)))


def test_groups_that_cannot_be():
    with pytest.raises(InputError, match=r"c0, c1, which share sites, add up to 1\.1"):
        sites_of([0.5, 0.6])
    one = sites_of([0.2]).carriers[0]
    other = Carrier(
        "x", KNOWN_COMPONENTS["Na+"], 5.0, SiteThermodynamics(0.1, KT), Constant(1.0, 0.0, 0.1), 1, "s"
    )
    with pytest.raises(InputError, match="c0, x share sites and give different densities"):
        SharedSites([one, other])
    dilute = Carrier("d", LITHIUM, SITES, Dilute(0.1, KT), Constant(1.0, 0.0, 0.1), 1, "s")
    with pytest.raises(InputError, match="d shares sites, which is statistics of a lattice"):
        SharedSites([one, dilute])
