"""A phase of several carriers: derivatives, first integrals known in closed form, shifts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scl_fem.constants import MICROFARAD_PER_CM2, VACUUM_PERMITTIVITY, thermal_energy
from scl_fem.errors import InputError
from scl_fem.physics.carrier import Carrier
from scl_fem.physics.components import KNOWN_COMPONENTS, LITHIUM, Component
from scl_fem.physics.defects import ExcessCubeRoot, NoDefects
from scl_fem.physics.diffusivity import Constant, VacancyBulk
from scl_fem.physics.dilute import Dilute
from scl_fem.physics.fermi import Fermi
from scl_fem.physics.phase import Phase
from scl_fem.physics.thermodynamics import SiteThermodynamics

KT = thermal_energy(300.0)
OXYGEN, ELECTRON = KNOWN_COMPONENTS["O2-"], KNOWN_COMPONENTS["e-"]
PER_NM2 = 6.241509
"""e/nm^2 in 1 C/m^2."""


def carrier(name, component, occupancy, density=10.0, amount=1, group="", omega=0.0, strength=0.0):
    defects = ExcessCubeRoot(strength, 1e-3) if strength else NoDefects()
    law = SiteThermodynamics(occupancy, KT, omega, defects)
    return Carrier(name, component, density, law, VacancyBulk(1e5, 0.0, 1.0 - occupancy), amount, group)


def mixed_phase():
    """Interstitials and vacancies of Li+, two ions on shared sites, electrons and holes."""
    still = Constant(3e4, 0.0, 0.5)
    return Phase(
        "electrolyte",
        "X",
        20.0,
        0.1,
        (
            carrier("Li_i", LITHIUM, 0.2, strength=0.05),
            carrier("V_Li", LITHIUM, 0.1, 7.0, amount=-1, omega=0.01),
            carrier("O", OXYGEN, 0.3, 12.0, group="anions", omega=-0.02),
            carrier("Li_s", LITHIUM, 0.2, 12.0, group="anions"),
            Carrier("e", ELECTRON, 0.5, Fermi(1.0, KT), still),
            Carrier("h", ELECTRON, 0.4, Dilute(0.02, KT), still, -1),
        ),
    )


def points(seed=0, count=20, size=3):
    return np.random.default_rng(seed).normal(0.0, 0.1, (size, count))


def test_components_in_order_of_appearance():
    phase = mixed_phase()
    assert phase.components == (LITHIUM, OXYGEN, ELECTRON)
    assert phase.main.name == "Li_i"
    assert [each.charge_number for each in phase.carriers] == [1, -1, -2, 1, -1, 1]


def test_slopes_of_several_carriers_against_differences():
    phase, w, h = mixed_phase(), points(), 1e-6
    state = phase.evaluate(w)
    mobility_slopes = phase.mobility_slopes(state)
    for j in range(3):
        step = np.zeros((3, 1))
        step[j] = h
        ahead, behind = phase.evaluate(w + step), phase.evaluate(w - step)
        np.testing.assert_allclose(
            state.slope[:, j], (ahead.excess - behind.excess) / (2 * h), rtol=1e-5, atol=1e-7
        )
        np.testing.assert_allclose(
            mobility_slopes[:, j],
            (phase.mobilities(ahead) - phase.mobilities(behind)) / (2 * h),
            rtol=1e-5,
            atol=1e-2,
        )
        gained = ahead.excess - behind.excess
        np.testing.assert_allclose(
            phase.free_energy_density(ahead) - phase.free_energy_density(behind),
            (w * gained).sum(axis=0),
            rtol=1e-4,
            atol=1e-13,
        )
    np.testing.assert_array_equal(state.slope, state.slope.transpose(1, 0, 2))
    assert np.linalg.eigvalsh(np.moveaxis(state.slope, -1, 0)).min() > 0.0
    z = np.array([1, -2, -1])
    np.testing.assert_allclose(state.charge, z @ state.excess, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(state.charge_slope, np.einsum("i,ijn,j->n", z, state.slope, z), rtol=1e-13)
    np.testing.assert_array_equal(phase.mobilities_at(w), phase.mobilities(state))
    np.testing.assert_array_equal(phase.evaluate(np.zeros((3, 2))).charge, 0.0)


def test_amounts_by_hand():
    """A vacancy more is one of the component less, and moves it the other way."""
    vacancies = Phase("a", "X", 20.0, 0.0, (carrier("V", OXYGEN, 0.1, amount=-1),))
    w = np.array([[0.05, -0.02]])
    law = vacancies.main.thermodynamics
    eta = law.logit_excess(-w[0])
    state = vacancies.evaluate(w)
    np.testing.assert_array_equal(state.excess[0], -10.0 * law.excess(eta))
    np.testing.assert_array_equal(state.charge, 2.0 * 10.0 * law.excess(eta))
    np.testing.assert_array_equal(state.charge_slope, 4.0 * 10.0 * law.occupancy_slope(eta))
    np.testing.assert_array_equal(vacancies.mobilities(state)[0], vacancies.main.mobility(eta))
    np.testing.assert_array_equal(vacancies.mobility_slopes(state)[0, 0], -vacancies.main.mobility_slope(eta))
    with pytest.raises(InputError, match="holds 2 of"):
        carrier("x", LITHIUM, 0.1, amount=2)


def test_the_potential_form_is_the_general_one():
    phase = mixed_phase()
    phi = 0.1 + np.linspace(-0.4, 0.4, 9)
    z = np.array([[1.0], [-2.0], [-1.0]])
    state = phase.evaluate(-z * (phi - 0.1))
    density, slope = phase.charge_density_and_slope(phi)
    np.testing.assert_allclose(density, state.charge, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(slope, state.charge_slope, rtol=1e-12)
    np.testing.assert_allclose(
        phase.conductivity(phi), (z**2 * phase.mobilities(state)).sum(axis=0), rtol=1e-12
    )
    each = [phase.conductivity(phi, component) for component in phase.components]
    np.testing.assert_allclose(each, z**2 * phase.mobilities(state), rtol=1e-12)
    found = phase.occupancies(phi)
    assert list(found) == [each.name for each in phase.carriers]
    for name, values in phase.carrier_occupancies(state).items():
        np.testing.assert_allclose(found[name], values, rtol=1e-12)
    np.testing.assert_array_equal(phase.occupancy(phi), found["Li_i"])
    np.testing.assert_array_equal(phase.concentration(phi), 10.0 * found["Li_i"])


def test_pressure_is_the_integral_of_the_charge():
    phase, h = mixed_phase(), 1e-5
    phi = np.array([-0.3, -0.05, 0.09, 0.2, 0.5])
    slope = (phase.pressure_excess(phi + h) - phase.pressure_excess(phi - h)) / (2 * h)
    np.testing.assert_allclose(-slope, phase.charge_density(phi), rtol=1e-6)
    assert phase.pressure_excess(np.array(0.1)) == 0.0
    assert phase.pressure_excess(np.array(0.3)).shape == ()


def test_shifts_move_energies():
    """A shift of a carrier is its energy: u less the shift, counted against the bulk without."""
    phase = mixed_phase()
    w = points(1, 6)
    shift = np.random.default_rng(2).normal(0.0, 0.05, (6, 6))
    one = np.zeros((6, 1))
    one[0] = 0.03
    state = phase.evaluate(w, shift)
    law = phase.main.thermodynamics
    occupancy = law.occupancy(law.logit_excess(w[0] - shift[0]))
    np.testing.assert_allclose(phase.carrier_occupancies(state)["Li_i"], occupancy, rtol=1e-12)
    np.testing.assert_allclose(phase.mobilities_at(w, shift), phase.mobilities(state), rtol=1e-13)
    # d(cost) = sum of w_i dc_i, what lies on shifted places included
    h = 1e-6
    ahead, behind = (phase.evaluate(w + sign * h, shift) for sign in (1.0, -1.0))
    costs = [phase.free_energy_density(each, shift) for each in (ahead, behind)]
    np.testing.assert_allclose(
        costs[0] - costs[1], (w * (ahead.excess - behind.excess)).sum(axis=0), rtol=1e-4, atol=1e-13
    )
    phi = np.linspace(-0.2, 0.2, 6)
    alone = Phase("a", "X", 20.0, 0.0, phase.carriers[:1])
    moved = alone.charge_density(phi, one[:1])
    np.testing.assert_allclose(moved, alone.charge_density(phi + 0.03), rtol=1e-12)
    assert abs(alone.pressure_excess(phi, one[:1])[0]) > 0.0
    np.testing.assert_allclose(
        alone.conductivity(phi, shift=one[:1]), alone.conductivity(phi + 0.03), rtol=1e-12
    )
    np.testing.assert_allclose(alone.occupancy(phi, one[:1]), alone.occupancy(phi + 0.03), rtol=1e-12)
    charged = Phase("a", "X", 20.0, 0.0, phase.carriers[:1], charge_at_bulk=0.5)
    np.testing.assert_allclose(charged.charge_density(phi), alone.charge_density(phi) + 0.5, rtol=1e-13)
    np.testing.assert_allclose(charged.evaluate(-phi[None]).charge, charged.charge_density(phi), rtol=1e-13)


@pytest.mark.parametrize("level", [0.05, 0.25])
def test_levels_of_a_carrier_that_shares_sites(level):
    """Of the two potentials, those where it is down and up by the level; the other ion follows."""
    anion = Component("X-", -1)
    pair = (carrier("Li", LITHIUM, 0.1, group="s"), carrier("X", anion, 0.2, group="s"))
    phase = Phase("a", "X", 20.0, 0.3, pair)
    found = phase.potentials_of_level(level)
    reached = phase.occupancy(0.3 + np.array(found)) / 0.1
    np.testing.assert_allclose(reached, [1.0 - level, 1.0 + level], rtol=1e-12)
    full = Phase(
        "a", "X", 20.0, 0.0, (carrier("Li", LITHIUM, 0.7, group="s"), carrier("X", anion, 0.2, group="s"))
    )
    assert len(full.potentials_of_level(0.9)) == 1


# First integrals: eps E^2/2 is the pressure ----------------------------------------------------


def field_charge(phase, phi):
    """Charge per area of a half-space whose surface is at phi: eps E, e/nm^2."""
    excess = phase.pressure_excess(np.array(phi))
    return -np.sign(phi - phase.bulk_potential) * np.sqrt(2.0 * phase.permittivity * float(excess))


def differential(phase, phi):
    """d(charge of a metal at phi)/d(phi), e/(nm^2 V): rho over the field."""
    return abs(float(phase.charge_density(np.array(phi))) * phase.permittivity / field_charge(phase, phi))


def test_one_lattice_carrier_against_a_metal():
    phase = Phase("a", "X", 15.0, 0.0, (carrier("Li+", LITHIUM, 0.5, 20.0),))
    assert -field_charge(phase, 1.0) / PER_NM2 == pytest.approx(0.640567774, rel=2e-7)
    assert differential(phase, 1.0) / PER_NM2 == pytest.approx(0.332189038, rel=2e-7)


@pytest.mark.parametrize(
    ("sites", "energy", "permittivity", "potential", "charge"),
    [
        (3.27455, KT * np.log(0.1) + 0.0143907397384, 50.0, -1.6216363422810787, -5.32713),
        (1.64940788011, KT * np.log(0.1) + 0.9110166485045346, 5.64, -1.844417907251016, -1.01041),
    ],
)
def test_interstitials_and_vacancies(sites, energy, permittivity, potential, charge):
    """Poisson-Fermi-Dirac (Swift, Swift and Qi 2021), against its first integral and published numbers."""
    occupancy = 1.0 / (1.0 + np.exp(energy / KT))
    pair = [carrier(f"c{amount}", LITHIUM, occupancy, sites, amount) for amount in (1, -1)]
    phase = Phase("a", "X", permittivity, 0.0, tuple(pair))
    b, f = np.exp(energy / KT), -potential / KT
    exact = KT * sites * (np.logaddexp(f, np.log(b)) + np.logaddexp(-f, np.log(b)) - 2.0 * np.log1p(b))
    assert float(phase.pressure_excess(np.array(potential))) == pytest.approx(exact, rel=1e-12)
    assert -field_charge(phase, potential) == pytest.approx(charge, abs=6e-6)
    if permittivity == 50.0:
        assert differential(phase, potential) * MICROFARAD_PER_CM2 == pytest.approx(27.2130, rel=2e-6)


@pytest.mark.parametrize(
    ("potential", "charge", "capacitance"),
    [(0.1, 9.13021249e-2, 1.07368877), (1.0, 4.97597506e-1, 0.269545126)],
)
def test_two_ions_on_shared_sites(potential, charge, capacitance):
    """Bikerman's double layer (Kilic, Bazant and Ajdari 2007), nu = 2 c_0/c_max = 0.1."""
    kT = thermal_energy(298.15)
    c0 = 0.0602214076
    cmax = 2.0 * c0 / 0.1
    pair = tuple(
        Carrier(ion.name, ion, cmax, SiteThermodynamics(c0 / cmax, kT), Constant(1.0, 0.0, 0.9), 1, "liquid")
        for ion in (Component("+", 1), Component("-", -1))
    )
    phase = Phase("a", "X", 78.5, 0.0, pair)
    half = potential / (2.0 * kT)
    exact = 2.0 * c0 * kT / 0.1 * np.log1p(0.2 * np.sinh(half) ** 2)
    assert float(phase.pressure_excess(np.array(potential))) == pytest.approx(exact, rel=1e-12)
    # ORACLES.md has the constants of 2018 to fewer digits
    assert -field_charge(phase, potential) / PER_NM2 == pytest.approx(charge, rel=3e-7)
    assert differential(phase, potential) / PER_NM2 == pytest.approx(capacitance, rel=3e-7)


@pytest.mark.parametrize("ratio", [100.0, 1e4])
def test_excess_of_a_gouy_chapman_layer(ratio):
    """4W/(1-W) of what is enriched (Kim, Fleig and Maier 2003), from the first integral."""
    c0, kT = 1e-3, thermal_energy(500.0)
    pair = tuple(
        Carrier(ion.name, ion, 1.0, Dilute(c0, kT), Constant(1.0, 0.0, 1.0))
        for ion in (Component("-", -1), Component("+", 1))
    )
    phase = Phase("a", "X", 10.0, 0.0, pair)
    surface = kT * np.log(ratio)
    # dphi = E dz: the integral of (c - c_0) dz over t = sqrt(phi), where the integrand is smooth at 0
    nodes, weights = np.polynomial.legendre.leggauss(60)
    t = 0.5 * np.sqrt(surface) * (nodes + 1.0)
    phi = t**2
    fields = np.sqrt(2.0 * phase.pressure_excess(phi) / phase.permittivity)
    excess = phase.evaluate(np.stack([phi, -phi])).excess[0]
    amount = 0.5 * np.sqrt(surface) * np.sum(weights * excess / fields * 2.0 * t)
    debye = np.sqrt(10.0 * VACUUM_PERMITTIVITY * kT / (2.0 * c0))
    w = (np.sqrt(ratio) - 1.0) / (np.sqrt(ratio) + 1.0)
    assert amount / (debye * c0) == pytest.approx(4.0 * w / (1.0 - w), rel=1e-9)


@settings(deadline=None, max_examples=40)
@given(st.floats(0.01, 0.98), st.floats(-0.8, 0.8))
def test_a_carrier_and_its_vacancy_are_one_thing(occupancy, potential):
    """Li on its lattice with x, and vacancies of Li with 1 - x: the same charge and the same slopes."""
    filled = Phase("a", "X", 20.0, 0.0, (carrier("Li", LITHIUM, occupancy),))
    empty = Phase("a", "X", 20.0, 0.0, (carrier("V", LITHIUM, 1.0 - occupancy, amount=-1),))
    phi = np.array([potential])
    for one, other in zip(
        filled.charge_density_and_slope(phi), empty.charge_density_and_slope(phi), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-14)
