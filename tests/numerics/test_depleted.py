"""The capacitance where a phase holds next to nothing that could move."""

import numpy as np
import pytest

import scl_fem
from scl_fem.constants import MICROFARAD_PER_CM2
from scl_fem.mesh import BOTH, ELECTROLYTE
from scl_fem.solvers.linear import solve_symmetric
from scl_fem.solvers.settings import SolverSettings
from scl_fem.solvers.step_response import StepResponse
from tests.support.cases import case_of
from tests.support.edge import depleted, few_carriers, pair
from tests.support.half_space import LAGP, LVO
from tests.support.planar import solved

STEP = 1e-3


def summary_of(case):
    return scl_fem.run(case).summary


def by_differences(case):
    """dQ/d(step) of a case by the charges of two others."""
    voltage = scl_fem.resolve(case).phase.electrode.voltage
    charges = [
        summary_of(case.with_overrides({"phase.electrode.voltage": voltage + sign * STEP}))["electrode"][
            "layer_charge_e_per_nm2"
        ]
        for sign in (-1.0, 1.0)
    ]
    return (charges[1] - charges[0]) / (2.0 * STEP) * MICROFARAD_PER_CM2


@pytest.mark.parametrize("linear", ["direct", "iterative"])
def test_a_particle_depleted_through_and_through(linear):
    found = summary_of(depleted(3, solver={"linear": linear}))
    assert found["electrode"]["layer_charge_e_per_nm2"] == pytest.approx(-0.0332388, rel=1e-5)
    assert found["capacitance_uF_per_cm2"] == pytest.approx(1.304e-6, rel=1e-3)
    low, high = found["capacitance_defect_floor_range_uF_per_cm2"]
    assert low <= found["capacitance_uF_per_cm2"] <= high


@pytest.mark.parametrize("linear", ["direct", "iterative"])
@pytest.mark.parametrize("dimension", [1, 2])
@pytest.mark.parametrize("order", [1, 2])
def test_the_capacitance_is_the_slope_of_the_charge(dimension, order, linear):
    """A kT/e of 26 mV: what a step of 1 mV leaves is of second order, 2e-4."""
    case = depleted(dimension, solver={"linear": linear, "order": order})
    found = summary_of(case)["capacitance_uF_per_cm2"]
    assert found > 0.0
    # the charge moves by 1e-9 of itself
    assert found == pytest.approx(by_differences(case), rel=2e-3)


@pytest.mark.parametrize("boundary", ["closed", "bulk"])
@pytest.mark.parametrize("order", [1, 2])
def test_an_ordinary_layer(boundary, order):
    case = case_of(
        LVO,
        LAGP,
        mesh={"interface_size": 0.01, "growth": 1.1},
        boundary={"kind": boundary},
        solver={"order": order},
    )
    assert summary_of(case)["capacitance_uF_per_cm2"] == pytest.approx(by_differences(case), rel=1e-3)


@pytest.mark.parametrize("linear", ["direct", "iterative"])
def test_two_sides_without_a_field_between_them_are_in_series(linear):
    """phi is next to constant in each phase, and either side takes up next to nothing."""
    case = pair(
        (1e-8, 3.4),
        (1e-8, 3.0),
        {"electrode_thickness": 1.0, "electrolyte_thickness": 1.0, "interface_size": 0.05, "growth": 1.2},
        solver={"linear": linear},
    )
    equilibrium = solved(case)
    equilibrium.problem.charge.evaluate(equilibrium.phi)
    slopes = [np.sum(equilibrium.problem.charge.slope(tag)) for tag in BOTH]
    series = slopes[0] * slopes[1] / sum(slopes)
    assert equilibrium.capacitance() == pytest.approx(series, rel=1e-5)


def test_few_carriers_take_up_next_to_nothing():
    """Those that are left sit where the potential is least: C is the slope of the electrolyte alone."""
    equilibrium = solved(few_carriers())
    problem = equilibrium.problem
    problem.charge.evaluate(equilibrium.phi)
    left = np.sum(problem.charge.slope(ELECTROLYTE))
    assert equilibrium.capacitance() == pytest.approx(left, rel=1e-3)


def test_a_constant_that_a_solve_leaves_does_no_harm(monkeypatch):
    """J hardly sees it: neither a factorisation nor conjugate gradients tell it from none."""
    equilibrium = solved(depleted(1))
    right = equilibrium.capacitance()
    solve = StepResponse._solve

    def careless(self, matrix, load, answer, tolerance):
        solve(self, matrix, load, answer, tolerance)
        answer.shift(0.3)

    monkeypatch.setattr(StepResponse, "_solve", careless)
    assert StepResponse(equilibrium.problem).capacitance(equilibrium.problem.charge) == pytest.approx(
        right, rel=1e-9
    )


def test_a_start_worse_than_none_is_not_taken(monkeypatch):
    starts = []
    solve = StepResponse._solve

    def watched(self, matrix, load, answer, tolerance):
        starts.append(answer.norm())
        solve(self, matrix, load, answer, tolerance)

    monkeypatch.setattr(StepResponse, "_solve", watched)
    equilibrium = solved(depleted(2))
    equilibrium.capacitance()
    equilibrium.capacitance()  # of another law as a rule: from the last response
    assert starts[0] == 0.0
    assert starts[1] > 0.0


def test_a_linear_solve_from_a_start_that_is_far_off():
    """Its residual is 1e8 times the load: no divergence, only a start."""
    problem = solved(depleted(2)).problem
    matrix = problem.linearised(problem.charge, problem.stiffness.duplicate())
    answer, load = matrix.createVecs()
    load.set(1e-8)
    answer.array[:] = np.random.default_rng(1).normal(size=answer.array.size)
    solve_symmetric(matrix, load, answer, SolverSettings(linear="iterative"), 2)
    assert (load - matrix * answer).norm() < 1e-6 * load.norm()
