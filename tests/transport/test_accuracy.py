"""Observed orders in time and space; the accuracy that a run states against a finer one."""

from itertools import pairwise

import numpy as np
import pytest

import scl_fem
from scl_fem.mesh import BOTH
from tests.support.half_space import LAGP, LVO, Side
from tests.transport.support import SMOOTH, Cell, history, transient

# 0.1 V apart, without defects: smooth in every variable
LEFT = Side(0.2, 0.6, 3.1, 30.0)
END = 2e-5


def wave(time):
    """A voltage that begins smoothly."""
    return 0.05 * np.sin(np.pi * time / END) ** 3


def charges_after(cell, steps, method):
    start = cell.equilibrium("bulk")
    accepted = cell.last(END / steps, END, method=method, terminals=cell.reservoirs(wave), start=start)
    amounts = accepted.progress.levels[-1].amounts
    return np.concatenate([amounts[tag][0] for tag in BOTH]), accepted.current


@pytest.mark.parametrize(("method", "order"), [("bdf2", 2), ("euler", 1)])
def test_order_in_time(method, order):
    cell = Cell(
        transient(LEFT, SMOOTH, duration=1.0, mesh={"interface_size": 0.1}, boundary={"kind": "bulk"})
    )
    found = [charges_after(cell, steps, method) for steps in (20, 40, 80, 160)]
    charges = [np.abs(one - other).sum() for (one, _), (other, _) in pairwise(found)]
    currents = [abs(one - other) for (_, one), (_, other) in pairwise(found)]
    assert charges[0] > 1e-5
    # the current's error changes its sign among the coarse runs of implicit Euler
    for differences in (charges, currents)[: 2 if method == "bdf2" else 1]:
        rates = np.log2(np.array(differences[:-1]) / differences[1:])
        assert (rates > order - 0.3).all(), rates


def test_order_in_space():
    """At a time of the formation, on uniform meshes: the charge of a side."""
    found = []
    for size in (0.2, 0.1, 0.05, 0.025):
        mesh = {"interface_size": size, "growth": 1.000001}
        cell = Cell(transient(LEFT, SMOOTH, duration=1.0, mesh=mesh))
        accepted = cell.last(1e-6, 1e-5)
        found.append(cell.charge(accepted.progress.levels[-1].amounts))
    differences = np.abs(np.diff(found))
    assert (np.log2(differences[:-1] / differences[1:]) > 1.8).all(), differences


@pytest.mark.parametrize(
    ("dimension", "refinements"), [(2, (1, 2, 4, 8)), pytest.param(3, (1, 2, 4), marks=pytest.mark.slow)]
)
def test_order_in_space_around_a_rough_interface(dimension, refinements):
    """On meshes refined in every direction alike."""
    found = []
    for number in refinements:
        mesh = {
            "kind": "rough",
            "dimension": dimension,
            "electrode_thickness": 3.0,
            "electrolyte_thickness": 3.0,
            "interface_size": 0.4 / number,
            "growth": 1.000001,
            "lateral_size": 2.0,
            "lateral_elements": 5 * number,
            "roughness_amplitude": 0.5,
        }
        cell = Cell(transient(LEFT, SMOOTH, duration=1.0, mesh=mesh))
        accepted = cell.last(1e-6, 1e-5)
        found.append(cell.charge(accepted.progress.levels[-1].amounts))
    differences = np.abs(np.diff(found))
    assert (np.log2(differences[:-1] / differences[1:]) > 1.8).all(), differences


@pytest.mark.parametrize(("method", "tolerance"), [("bdf2", 1e-2), ("bdf2", 1e-3), ("euler", 1e-2)])
def test_stated_accuracy(method, tolerance):
    """A run against one of a fiftieth of the tolerance, at times on the way."""
    times = [1e-9, 1e-8, 1e-7, 1e-6]
    mesh = {"interface_size": 0.02}

    def charge(tolerance, method):
        study = {"tolerance": tolerance, "output_times": times, "method": method}
        run = scl_fem.run(transient(LVO, LAGP, duration=1e-5, mesh=mesh, study=study))
        at = np.isin(history(run, "time_s"), times)
        assert at.sum() == len(times)
        return history(run, "layer_charge_e_per_nm2")[at]

    errors = np.abs(charge(tolerance, method) / charge(0.02 * tolerance, "bdf2") - 1.0)
    assert errors.max() < tolerance


def test_output_times_are_hit_exactly():
    times = [1e-12, 3.3e-10, 3.4e-10, 1e-7]
    run = scl_fem.run(transient(duration=1e-6, study={"output_times": times, "tolerance": 0.01}))
    assert set(times) <= set(history(run, "time_s"))
    assert [time for time, _ in run.study.field_steps()] == [*times, 1e-6]
    assert run.summary["time_final_s"] == 1e-6


def test_fine_cells_at_the_interface_take_no_shorter_steps():
    """There nodes follow their mobility at once."""
    runs = {
        size: scl_fem.run(
            transient(LVO, LAGP, duration=1e-6, mesh={"interface_size": size}, study={"tolerance": 1e-3})
        ).summary
        for size in (0.01, 0.0005)
    }
    fine, coarse = runs[0.0005], runs[0.01]
    assert fine["steps"] < 2 * coarse["steps"]
    assert fine["rejected_steps"] < 0.2 * fine["steps"]


@pytest.mark.parametrize("first_step", [1e-9, 1e-7])
def test_a_first_step_that_is_too_long_is_made_shorter(first_step):
    """After contact nothing is known from before: the first steps are held against their halves."""
    times = [2e-9, 1e-8, 2e-7]

    def charge(**study):
        run = scl_fem.run(
            transient(
                LVO,
                LAGP,
                duration=1e-6,
                mesh={"interface_size": 0.02},
                study={"output_times": times, **study},
            )
        )
        return history(run, "layer_charge_e_per_nm2")[np.isin(history(run, "time_s"), times)]

    found, exact = charge(first_step=first_step, tolerance=1e-3), charge(first_step=1e-15, tolerance=3e-5)
    assert np.abs(found / exact - 1.0).max() < 1e-3
