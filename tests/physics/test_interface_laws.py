"""Laws of interfaces: values in closed form, derivatives against differences, what is exact near the ends."""

from decimal import Decimal, getcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scl_fem.constants import MILLIAMPERE_PER_CM2, thermal_energy
from scl_fem.physics.carrier import Carrier
from scl_fem.physics.components import KNOWN_COMPONENTS, LITHIUM
from scl_fem.physics.defects import ExcessCubeRoot, NoDefects
from scl_fem.physics.diffusivity import Constant
from scl_fem.physics.dilute import Dilute
from scl_fem.physics.exchange_kinetics import KINETICS, ExchangeKinetics, FollowingExchange
from scl_fem.physics.fermi import Fermi
from scl_fem.physics.filling import FillingFactor, filling
from scl_fem.physics.interface import SideState, small_signal_conductance
from scl_fem.physics.phase import Phase
from scl_fem.physics.thermodynamics import SiteThermodynamics
from scl_fem.physics.thin_layer import ThinLayer

KT = thermal_energy(298.15)
J_0 = 0.77 / MILLIAMPERE_PER_CM2
JUMPS = np.concatenate([-np.geomspace(20.0, 1e-9, 60), [0.0], np.geomspace(1e-9, 20.0, 60)])
ORDERS = st.floats(-1.0, 2.0)


def carrier(name, component, law, density=10.0, amount=1, group=""):
    return Carrier(name, component, density, law, Constant(1e4, 0.0, 0.5), amount, group)


def lattice(occupancy, omega=0.0, strength=0.0):
    return SiteThermodynamics(
        occupancy, KT, omega, ExcessCubeRoot(strength, 0.05) if strength else NoDefects()
    )


def phase(*carriers):
    return Phase("x", "X", 20.0, 0.0, carriers)


ONE = phase(carrier("Li", LITHIUM, lattice(0.3, 0.2 * KT)))
OTHER = phase(
    carrier("V", LITHIUM, lattice(0.1, strength=0.05), amount=-1),
    carrier("O", KNOWN_COMPONENTS["O2-"], lattice(0.3), group="anions"),
    carrier("Li_s", LITHIUM, lattice(0.2), group="anions"),
    carrier("h", KNOWN_COMPONENTS["e-"], Dilute(0.02, KT), amount=-1),
    carrier("e", KNOWN_COMPONENTS["e-"], Fermi(1.0, KT)),
)
NOWHERE = SideState(ONE, lambda: pytest.fail("a constant j_0 asks for no side"))


def side(of, w):
    return SideState(of, lambda: w)


def current(law, jump):
    return law.current(np.asarray(jump, dtype=np.float64), NOWHERE, NOWHERE)


def test_half_is_the_hyperbolic_sine_bit_for_bit():
    """Beyond 300 times 2kT it goes on straight, as nothing but a stray iterate gets there."""
    law = ExchangeKinetics(J_0, KT)
    half = JUMPS / (2.0 * KT)
    bent = np.clip(half, -300.0, 300.0)
    found = current(law, JUMPS)
    np.testing.assert_array_equal(
        found.value, 2.0 * J_0 * (np.sinh(bent) + np.cosh(bent) * (half - bent)), strict=True
    )
    np.testing.assert_array_equal(found.by_jump, J_0 / KT * np.cosh(bent), strict=True)
    assert found.by_first is None
    assert found.by_second is None


@pytest.mark.parametrize("a", [0.01, 0.3, 0.5, 0.77, 0.99])
def test_butler_volmer_in_decimals(a):
    """To 20 digits: no difference loses any, however small the jump."""
    getcontext().prec = 60
    jumps = JUMPS[np.abs(JUMPS) < 3.0]
    found = current(ExchangeKinetics(J_0, KT, transfer_coefficient=a), jumps)
    for jump, value, slope in zip(jumps, found.value, found.by_jump, strict=True):
        share, reduced = Decimal(a), Decimal(float(jump)) / Decimal(KT)
        forward, backward = (share * reduced).exp(), (-(1 - share) * reduced).exp()
        assert value == pytest.approx(float(Decimal(J_0) * (forward - backward)), rel=1e-13)
        expected = Decimal(J_0) / Decimal(KT) * (share * forward + (1 - share) * backward)
        assert slope == pytest.approx(float(expected), rel=1e-13)


@pytest.mark.parametrize("a", [1e-3, 0.2, 0.5, 0.9, 0.999])
def test_stray_jumps_stay_finite_and_rise(a):
    law = ExchangeKinetics(J_0, KT, transfer_coefficient=a)
    jumps = np.linspace(-1e4, 1e4, 4001)
    with np.errstate(all="raise", under="ignore"):
        found = current(law, jumps)
        followed = FollowingExchange(law, FillingFactor(0, 1.0, 1.0), FillingFactor(0, -2.0, 1.0)).current(
            jumps, side(ONE, jumps[None]), side(ONE, -jumps[None])
        )
    assert np.all(np.isfinite(found.value))
    assert np.all(np.isfinite(found.by_jump))
    assert np.all(np.diff(found.value) >= 0.0)
    assert np.all(found.by_jump >= 0.0)
    for part in followed:
        assert np.all(np.isfinite(part))
    assert np.all(followed.value * jumps >= 0.0)
    assert np.all(followed.by_jump >= 0.0)


def test_a_stray_occupancy_changes_no_more_than_it_can():
    """x^-2 where x is e^-1000: the factor ends at e^300, and with it its derivative."""
    law = FollowingExchange(
        ExchangeKinetics(J_0, KT), FillingFactor(0, -2.0, 0.0), FillingFactor(0, 0.0, 0.0)
    )
    nearly, empty = (
        law.current(np.array([0.1]), side(ONE, np.array([[w]])), SideState.of_bulk(ONE))
        for w in (-2.0, -25.0)
    )
    assert abs(nearly.by_first[0, 0]) > abs(nearly.value[0]) / KT
    np.testing.assert_allclose(
        empty.value, np.exp(300.0) * current(law.between_bulks, [0.1]).value, rtol=1e-13
    )
    assert empty.by_first[0, 0] == 0.0


def test_resistances_at_an_operating_point():
    """Of 0.77 mA/cm^2: di/dA = sqrt((i/2)^2 + j_0^2)/kT."""
    law = ExchangeKinetics(J_0, KT)
    resistances = []
    for density in (0.0, 0.1, 1.0, 10.0):
        jump = 2.0 * KT * np.arcsinh(density / (2.0 * 0.77))
        found = current(law, [jump])
        assert found.value[0] * MILLIAMPERE_PER_CM2 == pytest.approx(density, rel=1e-13)
        # e/(nm^2 s eV) in mA/(cm^2 V)
        resistances.append(1e3 / (found.by_jump[0] * MILLIAMPERE_PER_CM2))
    assert resistances == pytest.approx([33.367, 33.297, 27.985, 5.0786], rel=2e-5)


def test_a_layer_of_charge_two_has_half_the_jump():
    """A = z e V and i = sign(z) times what the law gives: |z| times the slope is the conductance."""
    law = ThinLayer(3.0, 0.1, -2)
    found = current(law, [-0.2, 0.4])
    np.testing.assert_allclose(found.value, [-0.3, 0.6], rtol=1e-15)
    assert abs(law.charge_number) * law.conductance == law.electrical_conductance
    assert not law.follows_occupancies
    assert law.dipole == 0.1


def random_w(of, seed, points=6):
    return np.random.default_rng(seed).normal(0.0, 0.15, (len(of.components), points))


@settings(max_examples=25, deadline=None)
@given(
    a=st.sampled_from([0.5, 0.2, 0.8]),
    numbers=st.tuples(st.integers(0, 4), ORDERS, ORDERS, ORDERS, ORDERS),
    seed=st.integers(0, 10_000),
)
def test_derivatives_against_differences(a, numbers, seed):
    other, *orders = numbers
    law = FollowingExchange(
        ExchangeKinetics(J_0, KT, transfer_coefficient=a),
        FillingFactor(0, *orders[:2]),
        FillingFactor(other, *orders[2:]),
    )
    jump = np.random.default_rng(seed).normal(0.0, 0.1, 6)
    first, second = random_w(ONE, seed), random_w(OTHER, seed + 1)

    def at(jump, first, second):
        return law.current(jump, side(ONE, first), side(OTHER, second))

    found, h = at(jump, first, second), 1e-6
    scale = np.abs(found.value) / KT + found.by_jump

    def same(slope, ahead, behind):
        assert np.all(np.abs(slope - (ahead.value - behind.value) / (2 * h)) < 1e-5 * scale)

    same(found.by_jump, at(jump + h, first, second), at(jump - h, first, second))
    same(found.by_first[0], at(jump, first + h, second), at(jump, first - h, second))
    assert np.all(found.by_jump >= 0.0)
    assert found.by_second.shape == (3, 6)
    for j in range(3):
        step = np.zeros((3, 1))
        step[j] = h
        same(found.by_second[j], at(jump, first, second + step), at(jump, first, second - step))


@pytest.mark.parametrize("number", range(5))
def test_occupancies_are_those_of_the_phase(number):
    w = random_w(OTHER, 7)
    state = OTHER.evaluate(w)
    found = filling(OTHER, number, state.etas)
    law = FillingFactor(number, 1.0, 1.0)
    # at equilibrium the phase gives occupancies by name
    phi = np.linspace(-0.3, 0.3, 7)
    at_phi = OTHER.at_potentials(phi)
    name = OTHER.carriers[number].name
    np.testing.assert_allclose(
        filling(OTHER, number, at_phi.etas).occupancy, OTHER.occupancies(phi)[name], rtol=1e-13
    )
    taken = {
        0: found.occupancy,
        1: filling(OTHER, 1, state.etas).occupancy + filling(OTHER, 2, state.etas).occupancy,
        2: filling(OTHER, 1, state.etas).occupancy + filling(OTHER, 2, state.etas).occupancy,
        3: 0.0,
        4: 0.0,
    }[number]
    np.testing.assert_allclose(found.vacancy + taken, 1.0, rtol=1e-14)
    bulk = filling(OTHER, number, np.zeros((5, 1)))
    expected = np.log(found.occupancy * found.vacancy / (bulk.occupancy * bulk.vacancy))
    np.testing.assert_allclose(law.logarithm(side(OTHER, w)).value, expected, rtol=1e-12, atol=1e-14)


def test_between_the_bulks_j_0_is_as_given():
    for orders in KINETICS.values():
        law = FollowingExchange(
            ExchangeKinetics(J_0, KT), FillingFactor(0, *orders[0]), FillingFactor(2, *orders[1])
        )
        bulks = SideState.of_bulk(ONE), SideState.of_bulk(OTHER)
        assert small_signal_conductance(law, *bulks, 1)[0] == law.conductance == J_0 / KT
        assert law.current(np.array([0.1]), *bulks).value == current(law.between_bulks, [0.1]).value


@pytest.mark.parametrize("excess", [-40.0, -5.0, 5.0, 40.0])
def test_j_0_is_exact_where_sites_are_all_but_empty_or_full(excess):
    """e^-40 of the sites is left: x^1/2 (1-x)^1 of a lattice, in decimals."""
    getcontext().prec = 60
    ideal = phase(carrier("Li", LITHIUM, lattice(0.3)))
    law = FollowingExchange(ExchangeKinetics(J_0, KT), FillingFactor(0, 0.5, 1.0), FillingFactor(0, 0.0, 0.0))
    found = small_signal_conductance(
        law, side(ideal, np.array([[KT * excess]])), SideState.of_bulk(ideal), 1
    )[0]
    x_0 = Decimal("0.3")
    odds = x_0 / (1 - x_0) * Decimal(excess).exp()
    x, vacancy = odds / (1 + odds), 1 / (1 + odds)
    factor = (x / x_0).sqrt() * (vacancy / (1 - x_0))
    assert found == pytest.approx(float(Decimal(J_0 / KT) * factor), rel=3e-14)


def test_a_shift_of_energies_counts():
    """What lies deeper is fuller: a side with a shift is that at a raised potential."""
    law = FillingFactor(0, 1.0, 0.0)
    w = np.array([[0.02, -0.01]])
    shifted = SideState(ONE, lambda: w, np.array([[-0.05]]))
    np.testing.assert_allclose(
        law.logarithm(shifted).value, law.logarithm(side(ONE, w + 0.05)).value, rtol=1e-12
    )
