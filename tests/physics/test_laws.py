"""Laws of defects, of diffusivity and of temperature; a phase made of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scl_fem.constants import BOLTZMANN, ELEMENTARY_CHARGE, SIEMENS_PER_CM, thermal_energy
from scl_fem.errors import InputError
from scl_fem.physics.carrier import Carrier
from scl_fem.physics.components import LITHIUM, Component
from scl_fem.physics.defects import DEFECT_LAWS, ExcessCubeRoot, NoDefects
from scl_fem.physics.diffusivity import DIFFUSIVITY_LAWS, Constant, Vacancy, VacancyBulk, arrhenius
from scl_fem.physics.phase import Phase
from scl_fem.physics.thermodynamics import SiteThermodynamics

STRENGTHS = st.floats(1e-3, 10.0)
FLOORS = st.floats(-9.0, -2.0).map(lambda power: 10.0**power)
MODULI = st.floats(-12.0, 0.0).map(lambda power: 10.0**power)


@settings(deadline=None)
@given(STRENGTHS, FLOORS, MODULI)
def test_cube_root_law_is_odd_and_rises(strength, floor, excess):
    law = ExcessCubeRoot(strength, floor)
    energy = law.energy(np.array(excess))
    assert law.energy(np.array(-excess)) == -energy
    assert energy > 0.0
    assert law.slope(np.array(excess)) > 0.0
    assert law.slope(np.array(-excess)) == law.slope(np.array(excess))
    assert law.energy(np.array(0.0)) == 0.0


@settings(deadline=None)
@given(STRENGTHS, FLOORS, MODULI)
def test_slope_of_the_cube_root_law_by_complex_step(strength, floor, excess):
    """J g'(d) from the imaginary part of the law at d + i h: no cancellation however small d."""
    h = 1e-20
    d = complex(excess, h)
    energy = strength * d / (d * d + floor * floor) ** (1.0 / 3.0)
    assert ExcessCubeRoot(strength, floor).slope(np.array(excess)) == pytest.approx(
        energy.imag / h, rel=1e-12
    )


def test_limits_of_the_cube_root_law():
    law = ExcessCubeRoot(0.2, 1e-6)
    assert law.energy(np.array(0.3)) == pytest.approx(0.2 * 0.3 ** (1.0 / 3.0), rel=1e-10)
    # below the floor: linear and smooth
    assert law.energy(np.array(1e-9)) == pytest.approx(0.2 * 1e-9 / 1e-4, rel=1e-6)
    assert law.slope(np.array(0.0)) == pytest.approx(0.2 / 1e-4, rel=1e-12)


def test_defects_that_do_not_interact():
    law = DEFECT_LAWS["none"](1.0, 1e-6)
    assert isinstance(law, NoDefects)
    assert (law.energy(np.linspace(-1, 1, 5)) == 0.0).all()
    assert (law.slope(np.linspace(-1, 1, 5)) == 0.0).all()


def test_laws_of_diffusivity():
    vacancy = np.array([1.0, 0.5, 1e-3, 1e-9])
    prefactor, minimum, bulk = 2e5, 8.0, 0.05
    np.testing.assert_array_equal(Constant(prefactor, minimum, bulk)(vacancy), np.full(4, prefactor))
    np.testing.assert_allclose(Vacancy(prefactor, minimum, bulk)(vacancy), [2e5, 1e5, 200.0, 8.0])
    np.testing.assert_allclose(VacancyBulk(prefactor, minimum, bulk)(vacancy), [4e6, 2e6, 4e3, 8.0])
    # D* of the bulk is that of the bulk, and no minimum is legal
    assert VacancyBulk(prefactor, minimum, bulk)(np.array(bulk)) == pytest.approx(prefactor)
    assert VacancyBulk(prefactor, 0.0, bulk)(np.array(1e-12)) == pytest.approx(4e6 * 1e-12)


@pytest.mark.parametrize(("registry", "near"), [(DIFFUSIVITY_LAWS, "vacancy"), (DEFECT_LAWS, "none")])
def test_unknown_laws(registry, near):
    with pytest.raises(InputError, match=r"unknown (diffusivity|defect) law") as raised:
        registry["vacanc"]
    assert near in str(raised.value)


@settings(deadline=None)
@given(st.floats(0.0, 1.0), st.floats(200.0, 500.0), st.floats(200.0, 500.0))
def test_arrhenius(energy, temperature, reference):
    factor = arrhenius(energy, temperature, reference)
    assert np.log(factor) == pytest.approx(
        -energy / BOLTZMANN * (1.0 / temperature - 1.0 / reference), abs=1e-9
    )
    assert arrhenius(energy, reference, reference) == 1.0
    assert factor * arrhenius(energy, reference, temperature) == pytest.approx(1.0, rel=1e-9)
    if temperature > reference:
        assert factor >= 1.0


def phase_of(charge_number=1, occupancy=0.3, defects=None, bulk_potential=0.0):
    site = SiteThermodynamics(occupancy, thermal_energy(298.15), 0.01, defects or ExcessCubeRoot(0.1, 1e-6))
    law = VacancyBulk(1e5, 1.0, 1.0 - occupancy)
    carrier = Carrier("Li+", Component("Li+", charge_number), 15.0, site, law)
    return Phase("electrolyte", "X", 20.0, bulk_potential, (carrier,))


@settings(max_examples=50, deadline=None)
@given(st.sampled_from([-2, -1, 1, 2]), st.floats(0.05, 0.95), st.floats(-0.9, 0.9))
def test_charge_opposes_the_potential(charge_number, occupancy, potential):
    """rho has the sign of -(phi - phi_bulk) whatever the charge number, and falls with phi."""
    phase = phase_of(charge_number, occupancy, bulk_potential=0.1)
    phi = np.array([0.1 + potential])
    density, slope = phase.charge_density_and_slope(phi)
    assert density == phase.charge_density(phi)
    assert density[0] * potential <= 0.0
    assert slope[0] >= 0.0
    # mu + z e phi is that of the bulk
    eta = phase.main.logit_excess(phase.excess_potential(phi))
    energy = phase.main.thermodynamics.energy(eta)
    assert energy + charge_number * potential == pytest.approx(0.0, abs=1e-13)


def test_slope_of_the_charge_density_against_differences():
    phase = phase_of()
    phi = np.linspace(-0.5, 0.5, 41)
    phi = phi[phi != 0.0]
    h = 1e-6
    difference = (phase.charge_density(phi - h) - phase.charge_density(phi + h)) / (2 * h)
    _, slope = phase.charge_density_and_slope(phi)
    np.testing.assert_allclose(slope, difference, rtol=1e-6, atol=1e-9)


def test_two_carriers_add_up():
    one = phase_of()
    two = Phase("electrolyte", "X", 20.0, 0.0, (one.main, phase_of(charge_number=2, occupancy=0.6).main))
    other = phase_of(charge_number=2, occupancy=0.6)
    phi = np.linspace(-0.3, 0.3, 7)
    np.testing.assert_allclose(two.charge_density(phi), one.charge_density(phi) + other.charge_density(phi))
    np.testing.assert_allclose(two.conductivity(phi), one.conductivity(phi) + other.conductivity(phi))


def test_conductivity_in_the_units_of_the_user():
    """LAGP: e^2 D c_0/kT with D = 1e-9 cm^2/s and c_0 = 5.372/nm^3 is 0.0335 mS/cm."""
    kT = thermal_energy(298.15)
    site = SiteThermodynamics(5.372 / 13.06, kT)
    lithium = Carrier("Li+", LITHIUM, 13.06, site, Constant(1e-9 * 1e14, 0.0, 1.0 - 5.372 / 13.06))
    phase = Phase("electrolyte", "LAGP", 41.0, 0.0, (lithium,))
    by_hand = ELEMENTARY_CHARGE * 1e-9 * 5.372e21 / kT
    assert phase.bulk_conductivity * SIEMENS_PER_CM == pytest.approx(by_hand, rel=1e-12)
    assert by_hand == pytest.approx(0.0335e-3, rel=2e-3)


@pytest.mark.parametrize("charge_number", [-1, 1, 2, 3])
def test_conductivity_goes_with_the_square_of_the_charge_number(charge_number):
    """sigma = z^2 e^2 D c/kT; what moves at a unit gradient of mu_e, D c/kT, does not know z."""
    lithium = phase_of(charge_number).main
    eta = np.array([-2.0, 0.0, 1.0])
    occupancy = lithium.thermodynamics.occupancy(eta)
    moving = lithium.diffusivity(1.0 - occupancy) * 15.0 * occupancy / thermal_energy(298.15)
    np.testing.assert_allclose(lithium.conductivity(eta), charge_number**2 * moving, rtol=1e-12)
    np.testing.assert_allclose(lithium.mobility(eta), moving, rtol=1e-12)


@pytest.mark.parametrize("name", ["constant", "vacancy", "vacancy-bulk"])
@pytest.mark.parametrize("defects", [NoDefects(), ExcessCubeRoot(0.1, 1e-6)])
def test_slope_of_the_mobility_against_differences(name, defects):
    site = SiteThermodynamics(0.3, thermal_energy(298.15), 0.01, defects)
    # D_min takes over from a vacancy of 1e-3
    carrier = Carrier("Li+", LITHIUM, 15.0, site, DIFFUSIVITY_LAWS[name](1e5, 100.0, 0.7))
    eta = np.array([-30.0, -3.0, -0.1, 0.2, 2.0, 5.0, 12.0])
    h = 1e-5
    ahead, behind = eta + h, eta - h
    expected = (carrier.mobility(ahead) - carrier.mobility(behind)) / (
        site.energy(ahead) - site.energy(behind)
    )
    np.testing.assert_allclose(carrier.mobility_slope(eta), expected, rtol=1e-6)


@pytest.mark.parametrize("occupancy", [0.1, 0.5, 0.95])
@pytest.mark.parametrize("level", [0.01, 0.25, 0.9])
def test_levels_and_their_potentials(occupancy, level):
    phase = phase_of(occupancy=occupancy)
    bounds = phase.potentials_of_level(level)
    reached = phase.occupancy(np.array(bounds)) / occupancy
    expected = [1.0 - level] + ([1.0 + level] if (1.0 + level) * occupancy < 1.0 else [])
    np.testing.assert_allclose(reached, expected, rtol=1e-12)
