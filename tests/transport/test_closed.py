"""A closed cell: what stays, what falls, where it ends."""

import numpy as np
import pytest

import scl_fem
from scl_fem.solvers.course import free_energy
from tests.support.half_space import LAGP, LVO, LVO_2
from tests.transport.support import Cell, case_of, history, transient

LAWS = {
    "perfect": {"law": "perfect"},
    "exchange": {"law": "exchange", "exchange_current_density": 0.13},
    "layer": {"law": "layer", "thickness": 1.0, "conductivity": 1e-9, "dipole": 0.15},
}


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("electrode", [LVO, LVO_2], ids=["+0.4 V", "-0.6 V"])
def test_it_relaxes_to_equilibrium(electrode, law):
    """In steps that grow to 1e3 s, whatever slows the way there."""
    tables = {"interface": LAWS[law]}
    study = {"tolerance": 0.05, "method": "euler"}
    run = scl_fem.run(transient(electrode, LAGP, duration=1e3, study=study, **tables))
    end = scl_fem.run(case_of(electrode, LAGP, study={"kind": "equilibrium"}, **tables))
    for side in ("electrode", "electrolyte"):
        for key in ("layer_charge_e_per_nm2", "occupancy_interface", "layer_resistance_ohm_cm2"):
            assert run.summary[side][key] == pytest.approx(end.summary[side][key], rel=1e-8)
    for key in ("potential_step_V", "interface_potential_V"):
        assert run.summary[key] == pytest.approx(end.summary[key], rel=1e-8)
    for key in ("phi_V", "occupancy", "mu_e_eV"):
        np.testing.assert_allclose(
            run.tables["profile.csv"][key], end.tables["profile.csv"][key], rtol=1e-8, atol=1e-9
        )
    lithium = history(run, "total_lithium_per_nm2")
    assert np.abs(np.diff(lithium)).max() < 1e-12 * lithium[0]
    assert run.summary["lithium_error"] < 1e-11


@pytest.mark.parametrize("law", ["perfect", "exchange"])
@pytest.mark.parametrize("length", [1e-14, 1e-10, 1e-6, 1e-2, 1e3])
def test_lithium_stays_whatever_the_step(length, law):
    cell = Cell(transient(duration=1.0, interface=LAWS[law]))
    mobile = sum(
        phase.main.bulk_concentration * cell.space.sum(cell.system.regions[tag].weights)
        for tag, phase in cell.phases.items()
    )
    before = 0.0
    for accepted in cell.steps(length, 4 * length):
        charges = cell.system.charge_sums(accepted.progress.levels[-1].amounts)
        total = sum(charges.values())
        assert abs(total - before) < 1e-12 * mobile
        before = total


def energies(cell, accepted_steps):
    area = cell.space.interface_area
    for accepted in accepted_steps:
        yield free_energy(cell.system, accepted.progress.state, accepted.physics) / area


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("length", [1e-12, 1e-9, 1e-7, 1e-4])
def test_energy_falls_at_every_step_of_implicit_euler(length, law):
    cell = Cell(transient(duration=1.0, interface=LAWS[law]))
    found = np.array(list(energies(cell, cell.steps(length, 12 * length, method="euler"))))
    assert (np.diff(found) <= 1e-12 * np.abs(found).max()).all()
    assert found[0] < 0.0


@pytest.mark.parametrize("law", ["perfect", "exchange"])
def test_energy_rises_by_less_than_the_tolerance_of_bdf2(law):
    tolerance = 1e-3
    run = scl_fem.run(transient(duration=1e-3, study={"tolerance": tolerance}, interface=LAWS[law]))
    found = history(run, "free_energy_eV_per_nm2")
    layer = found.max() - found.min()
    assert layer > 0.1
    assert np.diff(found).max() <= tolerance * layer


def test_no_step_means_no_layer():
    run = scl_fem.run(transient(LAGP, LAGP, duration=1.0))
    assert np.abs(history(run, "layer_charge_e_per_nm2")).max() < 1e-14
    assert np.abs(run.tables["profile.csv"]["phi_V"]).max() < 1e-14
