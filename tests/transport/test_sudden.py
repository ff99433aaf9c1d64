"""Starts that Newton's method or the tolerance of steps does not like: a jump of voltage, some contacts."""

import numpy as np
import pytest

import scl_fem
from scl_fem.solvers.course import StepControl, neutral_start
from scl_fem.solvers.sudden import SuddenVoltage
from scl_fem.solvers.terminals import HeldUnknowns
from tests.support.half_space import LAGP, LVO
from tests.transport.support import Cell, transient

SHEET = {"dimension": 2, "interface_size": 0.1, "growth": 1.6, "lateral_elements": 2}
VOLTAGE = {"kind": "voltage", "voltage": 10.0}


@pytest.mark.parametrize(
    "mesh", [{}, {"dimension": 2, "interface_size": 0.1, "growth": 1.6, "lateral_elements": 2}]
)
def test_ten_volts_at_once(mesh):
    """In 0.1 ns ions pile up until the field is gone from the layers' outside."""
    case = transient(LVO, LAGP, duration=1e-10, boundary=VOLTAGE, mesh=mesh)
    run = scl_fem.run(case)
    assert run.summary["time_final_s"] == pytest.approx(1e-10)
    voltage = run.tables["history.csv"]["terminal_voltage_V"]
    assert voltage[1:] == pytest.approx(10.0)
    profile = run.tables["profile.csv"]
    step = run.summary["potential_step_V"]
    assert profile["phi_V"][0] - profile["phi_V"][-1] == pytest.approx(10.0 + step)


def test_a_voltage_carried_along_moves_no_ion():
    cell = Cell(transient(LVO, LAGP, duration=1e-9, boundary=VOLTAGE))
    held = HeldUnknowns(cell.system, cell.reservoirs(lambda time: 10.0))
    before = neutral_start(cell.system, StepControl()).state
    after = SuddenVoltage(cell.system, held, cell.case.solver).carried_along(before, 0.0)
    charges = [cell.system.evaluate(state) for state in (before, after)]
    for tag in charges[0]:
        region = cell.system.regions[tag]
        scale = cell.phases[tag].main.bulk_concentration * region.weights.max()
        inside = ~np.isin(region.nodes, np.flatnonzero(cell.space.interface_weights))
        assert np.abs(charges[1][tag].charges - charges[0][tag].charges)[inside].max() < 1e-9 * scale
    applied = after.copy()
    held.apply(applied, 0.0)
    assert applied.phi == pytest.approx(after.phi, abs=1e-12)
    field = cell.system.displacement(after.phi)
    free = np.setdiff1d(
        np.arange(cell.space.owned), np.concatenate([held.owned_nodes(name) for name in held.weights])
    )
    assert np.abs(field[free]).max() < 1e-10 * np.abs(field).max()


CONTACT = {
    "c_max": 3.0,
    "permittivity": 228.0,
    "regular_solution": -0.034,
    "defect_energy": 9.4,
    "defect_law": "excess-cube-root",
    "diffusivity": 9.12e-8,
    "diffusivity_law": "vacancy-bulk",
}
GLASS = {
    "c_max": 6.27,
    "permittivity": 4.03,
    "regular_solution": -0.089,
    "defect_energy": 7.54,
    "defect_law": "excess-cube-root",
    "diffusivity": 2.27e-10,
}


@pytest.mark.parametrize("boundary", ["closed", "bulk"])
def test_contact_whose_first_steps_miss_the_tolerance(boundary):
    case = scl_fem.Case(
        temperature=446.66,
        study={"kind": "transient", "duration": 1e-9},
        mesh={"kind": "planar", "dimension": 1, "electrode_thickness": 50.0, "electrolyte_thickness": 20.0},
        phase={
            "electrode": {"material": "A", "occupancy": 0.99526, "voltage": 3.5666},
            "electrolyte": {"material": "B", "occupancy": 0.00268, "voltage": 3.0},
        },
        boundary={"kind": boundary},
        materials={"A": CONTACT, "B": GLASS},
    )
    run = scl_fem.run(case)
    history = run.tables["history.csv"]
    assert run.summary["time_final_s"] == pytest.approx(1e-9)
    assert np.all(np.diff(history["layer_charge_e_per_nm2"]) > 0.0)
    # From where steps are held to the tolerance again it does not matter where one begins.
    later = scl_fem.run(case.with_overrides({"study.first_step": 1e-11}))
    charges = [each.summary["electrode"]["layer_charge_e_per_nm2"] for each in (run, later)]
    assert charges[0] == pytest.approx(charges[1], rel=2e-3)
