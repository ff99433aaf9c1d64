"""Advice fits the cause."""

import re

import numpy as np
import pytest

import scl_fem
from scl_fem.errors import ConvergenceError
from scl_fem.solvers.advice import Trouble, advice, unit_question
from tests.support.edge import few_carriers
from tests.transport.support import transient

RIGHT = {
    "round-off": (Trouble(residual=3e-9, round_off=1e-9, tolerance=1e-11), "what is left is round-off"),
    "ramp": (Trouble(voltage=10.0, jump=10.0, residual=1e2), "ramp it by"),
    "unit of a voltage": (Trouble(voltage=1e4, jump=1e4, residual=1e2), "boundary.voltage reaches 10000 V"),
    "unit of a step": (Trouble(potential_step=3400.0), "the bulks differ by 3400 V"),
    "unit of a current": (Trouble(current=1e6, ohmic=1e3), "takes 1e.03 V across the phases"),
    "tolerance": (Trouble(inaccurate=True, transient=True), "tolerance: steps are solved"),
    "mesh": (Trouble(cell=7.0, residual=1.0), "are 7.0 screening lengths long"),
    "limiting current": (Trouble(current=5.0, ohmic=3.0), "a layer that it depletes cannot carry it"),
    "small current": (Trouble(current=5.0, ohmic=1e-3), "in case it empties or fills a phase"),
    "linear solver": (Trouble(linear=True, direct=False), 'solver.linear = "direct"'),
    "spread": (Trouble(linear=True, spread=1e20), "conductivities differ by a factor of 1e.20"),
    "steps": (Trouble(steps_used_up=True, residual=1e-4), "max_iterations: the residual still fell"),
    "nothing known": (Trouble(), "try a finer mesh.interface_size or a larger solver.max_iterations"),
    "nothing known of a course": (Trouble(transient=True), "try a larger study.tolerance or a finer mesh"),
}


@pytest.mark.parametrize("cause", RIGHT)
def test_each_cause_has_its_own(cause):
    trouble, words = RIGHT[cause]
    text = advice(trouble)
    assert re.search(words, text), text
    others = [words for name, (_, words) in RIGHT.items() if name != cause and "nothing" not in name]
    assert not any(re.search(other, text) for other in others), text


def test_no_unit_is_asked_for_where_it_may_be_meant():
    assert unit_question(Trouble(voltage=10.0, potential_step=-4.0, current=100.0, ohmic=2.0)) == ""


def test_a_large_residual_is_not_blamed_on_round_off():
    assert "round-off" not in advice(Trouble(residual=1e-3, round_off=1e-9, tolerance=1e-11))


def refused(case):
    with pytest.raises(ConvergenceError) as raised:
        scl_fem.run(case)
    return str(raised.value)


def test_of_an_equilibrium_that_ran_out_of_steps():
    assert "solver.max_iterations" in refused(few_carriers(solver={"max_iterations": 2}))


def test_of_a_jump():
    case = transient(
        duration=1e-6,
        boundary={"kind": "voltage", "voltage": 10.0},
        solver={"max_iterations": 1, "tolerance": 1e-15},
    )
    text = refused(case)
    assert "the voltage jumps by 10 V at once: ramp it" in text
    assert "current" not in text


def test_of_a_current_that_no_cell_carries():
    text = refused(
        transient(
            duration=1e-6,
            boundary={"kind": "current", "current_density": 1e9},
            solver={"max_iterations": 3},
        )
    )
    assert "boundary.current_density is meant" in text
    assert "ramp" not in text


def test_a_voltage_without_its_unit_is_questioned_before_it_is_solved():
    case = transient(duration=1e-15, boundary={"kind": "voltage", "voltage": [[0.0, 0.0], [1.0, 3000.0]]})
    remarks = scl_fem.run(case).remarks
    assert any("boundary.voltage reaches 3000 V" in remark for remark in remarks)


def test_currents_are_compared_in_their_unit():
    """A slab of known conductivity: the voltage that a current takes is i L / sigma."""
    case = transient(duration=1e-15, boundary={"kind": "current", "current_density": 1.0})
    study = scl_fem.run(case).study
    from scl_fem.solvers.trouble import trouble_of_course, trouble_of_newton

    trouble = trouble_of_course(
        trouble_of_newton(study.space, study.phases),
        study.space,
        study.phases,
        study.terminals,
        0.0,
        [],
        at_rest=True,
    )
    assert trouble.current == pytest.approx(1.0)
    summary = scl_fem.run(
        case.with_overrides({"study": {"kind": "conduction"}, "boundary": {"kind": "bulk"}})
    ).summary
    assert trouble.ohmic == pytest.approx(1e-3 * summary["bulk_resistance_ohm_cm2"], rel=1e-9)
    assert np.isfinite(trouble.cell)
    assert trouble.cell > 0.0
