"""Limits with a closed form: Debye-Hueckel, a half-full lattice, Mott-Schottky."""

from dataclasses import replace

import numpy as np
import pytest

import scl_fem
from scl_fem.constants import MICROFARAD_PER_CM2, VACUUM_PERMITTIVITY, thermal_energy
from tests.support.cases import case_of
from tests.support.half_space import Side

KT = thermal_energy(298.15)


def debye_length(side):
    """sqrt(eps kT/(c_0 (1 - x_0))) in nm: on a lattice the vacancies screen as well as the ions."""
    concentration = side.c_max * side.occupancy * (1.0 - side.occupancy)
    return np.sqrt(VACUUM_PERMITTIVITY * side.permittivity * KT / concentration)


def run(side, step, **tables):
    return scl_fem.run(case_of(replace(side, voltage=3.0 + step), replace(side, voltage=3.0), **tables))


@pytest.mark.parametrize("occupancy", [1e-3, 0.5, 0.999])
@pytest.mark.parametrize("order", [1, 2])
def test_small_steps_decay_with_the_debye_length(occupancy, order):
    """Dilute or half full: phi = step/2 exp(-z/lambda) on the electrolyte's side."""
    side = Side(0.5 / (occupancy * (1.0 - occupancy)), occupancy, 3.0, 20.0)
    length, step = debye_length(side), 1e-5
    thickness = 25.0 * length
    mesh = {"electrode_thickness": thickness, "electrolyte_thickness": thickness, "interface_size": 5e-4}
    result = run(side, step, mesh=mesh, solver={"order": order})
    table = result.tables["profile.csv"]
    z, phi = np.array(table["z_nm"]), np.array(table["phi_V"])
    exact = np.where(z > 0.0, 0.5 * np.exp(-np.abs(z) / length), 1.0 - 0.5 * np.exp(-np.abs(z) / length))
    # second-order terms in e step/kT are 1e-4 of the step
    np.testing.assert_allclose(phi / step, exact, atol=1e-4)

    summary = result.summary
    capacitance = 0.5 * VACUUM_PERMITTIVITY * side.permittivity / length
    assert summary["interface_potential_V"] == pytest.approx(0.5 * step, rel=1e-4)
    assert summary["electrode"]["layer_charge_e_per_nm2"] == pytest.approx(capacitance * step, rel=1e-4)
    assert summary["capacitance_uF_per_cm2"] == pytest.approx(capacitance * MICROFARAD_PER_CM2, rel=1e-4)


@pytest.mark.parametrize("step", [0.05, 0.4, 1.5])
def test_half_full_lattice_at_any_step(step):
    """x_0 = 1/2: rho = -(c_max/2) tanh(v/2kT), Psi = c_max kT ln cosh(v/2kT) with v = step/2 by symmetry."""
    side = Side(12.0, 0.5, 3.0, 20.0)
    permittivity, v = VACUUM_PERMITTIVITY * side.permittivity, 0.5 * step
    psi = side.c_max * KT * np.log(np.cosh(0.5 * v / KT))
    charge = np.sqrt(2.0 * permittivity * psi)
    summary = run(side, step).summary
    assert summary["interface_potential_V"] == pytest.approx(v, rel=1e-6)
    assert summary["electrode"]["layer_charge_e_per_nm2"] == pytest.approx(charge, rel=2e-4)
    assert summary["electrolyte"]["surface_field_V_per_nm"] == pytest.approx(charge / permittivity, rel=2e-4)
    assert summary["electrolyte"]["occupancy_interface"] == pytest.approx(
        1.0 / (1.0 + np.exp(v / KT)), rel=1e-4
    )
    # dQ/d(step) = (c_max/2) tanh(v/2kT) eps / Q / 2
    slope = 0.5 * permittivity * 0.5 * side.c_max * np.tanh(0.5 * v / KT) / charge
    assert summary["capacitance_uF_per_cm2"] == pytest.approx(slope * MICROFARAD_PER_CM2, rel=2e-4)


def test_gouy_chapman_charge_of_one_dilute_carrier():
    """x_0 -> 0, fixed counter-charge: eps/2 E^2 = c_0 kT (exp(-v/kT) - 1 + v/kT) on either side."""
    side = Side(1e4, 1e-5, 3.0, 20.0)
    permittivity, c_0 = VACUUM_PERMITTIVITY * side.permittivity, side.c_max * side.occupancy
    length = debye_length(side)
    mesh = {"electrode_thickness": 30 * length, "electrolyte_thickness": 30 * length}
    for step in (-0.2, 0.2):
        summary = run(side, step, mesh=mesh).summary
        phi = summary["interface_potential_V"]
        for label, v in (("electrode", phi - step), ("electrolyte", phi)):
            psi = c_0 * KT * (np.expm1(-v / KT) + v / KT)
            charge = -np.sign(v) * np.sqrt(2.0 * permittivity * psi)
            # dilute to 1e-5 e^(v/kT), at most 3e-4 of the sites
            assert summary[label]["layer_charge_e_per_nm2"] == pytest.approx(charge, rel=4e-4)


def test_depletion_at_large_steps_is_a_mott_schottky_layer():
    """An emptied side is a slab of the bare counter-charge: width sqrt(2 eps (v - kT)/c_0)."""
    electrode, electrolyte = Side(20.0, 0.2, 3.0, 20.0), Side(20.0, 0.01, 3.0, 20.0)
    step = 1.5
    case = case_of(
        replace(electrode, voltage=3.0 + step),
        electrolyte,
        mesh={"electrolyte_thickness": 30.0},
        output={"layer_level": 0.5},
    )
    summary = scl_fem.run(case).summary
    v = summary["interface_potential_V"]
    assert v > 40 * KT
    c_0 = electrolyte.c_max * electrolyte.occupancy
    permittivity = VACUUM_PERMITTIVITY * electrolyte.permittivity
    charge = -np.sqrt(2.0 * permittivity * c_0 * (v - KT))
    assert summary["electrolyte"]["layer_charge_e_per_nm2"] == pytest.approx(charge, rel=1e-3)
    width = abs(charge) / c_0
    assert summary["electrolyte"]["thickness_nm"]["50%"] == pytest.approx(
        width, abs=debye_length(electrolyte)
    )
