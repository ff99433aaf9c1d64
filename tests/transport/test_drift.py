"""Strong currents: Li that a field drives carries its mobility along, and steps need not wait for that."""

import numpy as np
import pytest

import scl_fem
from scl_fem.errors import ConvergenceError
from scl_fem.solvers.course import Progress, StepControl, free_energy, level_at
from scl_fem.solvers.terminals import HeldUnknowns
from scl_fem.solvers.transient import TransientSolver
from tests.transport.support import Cell, history, transient

# fine cells: Li of the depleted layer crosses one in 1e-11 s
FINE = {"electrode_thickness": 10.0, "electrolyte_thickness": 10.0, "interface_size": 0.002, "growth": 1.1}


def cell_of(step, **tables):
    """Li0.2V2O5 | LAGP with a potential step of its own (V)."""
    case = transient(mesh=FINE, **{"duration": 2e-5, **tables})
    return case.with_overrides(
        {
            "phase.electrode.material": "LVO",
            "phase.electrode.composition": 0.2,
            "phase.electrode.voltage": 3.0 + step,
            "phase.electrolyte.material": "LAGP",
        }
    )


def swings(run):
    """How often the charge turns around by more than round-off."""
    change = np.diff(history(run, "layer_charge_e_per_nm2"))
    turns = change[1:] * change[:-1] < 0.0
    return np.sum(turns & (np.minimum(np.abs(change[1:]), np.abs(change[:-1])) > 1e-6))


@pytest.mark.parametrize("linear", ["direct", "iterative"])
@pytest.mark.parametrize("step", [1.0, -1.0, -0.6])
def test_contact_of_unlike_phases(step, linear):
    run = scl_fem.run(cell_of(step, duration=1.0, solver={"linear": linear}))
    assert run.summary["steps"] < 350
    assert run.summary["rejected_steps"] < 10
    assert swings(run) <= 2
    assert run.summary["lithium_error"] < 1e-11


@pytest.mark.parametrize("linear", ["direct", "iterative"])
@pytest.mark.parametrize("voltage", [-0.5, -0.2, 0.3, 1.0])
def test_voltage_on_an_equilibrium(voltage, linear):
    """Far from equilibrium for good: a steady current flows at the end."""
    run = scl_fem.run(
        cell_of(
            0.6,
            duration=1e3,
            initial={"state": "equilibrium"},
            boundary={"kind": "voltage", "voltage": voltage},
            solver={"linear": linear},
        )
    )
    assert run.summary["steps"] < 150
    assert run.summary["rejected_steps"] < 10
    assert swings(run) <= 2
    current = history(run, "current_mA_per_cm2")
    assert current[-1] == pytest.approx(current[-2], rel=1e-6)
    assert np.sign(current[-1]) == np.sign(voltage)


def test_a_coarse_tolerance_is_no_harder():
    runs = [scl_fem.run(cell_of(1.0, study={"tolerance": tolerance})).summary for tolerance in (1e-2, 1e-3)]
    assert runs[0]["steps"] < runs[1]["steps"]
    assert max(run["rejected_steps"] for run in runs) < 10


@pytest.mark.parametrize("length", [1e-11, 1e-8, 1e-5])
@pytest.mark.parametrize("step", [1.0, -1.0])
def test_energy_falls_in_steps_of_any_length(step, length):
    cell = Cell(cell_of(step))
    area = cell.space.interface_area
    energies = np.array(
        [
            free_energy(cell.system, accepted.progress.state, accepted.physics) / area
            for accepted in cell.steps(length, 8 * length, method="euler")
        ]
    )
    assert (np.diff(energies) <= 1e-12 * np.abs(energies).max()).all()


def test_current_is_the_same_through_every_cell_once_steady():
    """Of a voltage that goes on: what enters at one terminal leaves at the other."""
    cell = Cell(cell_of(0.6, boundary={"kind": "bulk"}))
    terminals = cell.reservoirs(lambda time: 0.2)
    last = cell.last(10.0, 1e2, method="euler", terminals=terminals, start=cell.equilibrium("bulk"))
    system, state = cell.system, last.progress.state
    out = system.currents(state.mu, system.conductances(system.mobilities(last.physics)))
    through = np.sort(np.abs(out))
    assert through[-2:] == pytest.approx(abs(last.current), rel=1e-9)
    assert through[-3] < 1e-8 * abs(last.current)


def test_from_depletion_to_accumulation():
    """On the way the layer has no charge for a moment: steps must not wait for that to be exact."""
    run = scl_fem.run(
        cell_of(
            0.4,
            duration=1e3,
            initial={"state": "equilibrium"},
            boundary={"kind": "voltage", "voltage": -0.5},
            interface={"law": "exchange", "exchange_current_density": 0.13},
        )
    )
    charge = history(run, "layer_charge_e_per_nm2")
    assert charge[0] > 1.0
    assert charge[-1] < 0.0
    # twice as many where the error is held against the layer's charge alone
    assert run.summary["steps"] < 300
    assert run.summary["rejected_steps"] < 0.2 * run.summary["steps"]


def test_nodes_that_fill_one_after_the_other():
    """With a diffusivity that vacancies do not limit rates change at once when a node is full."""
    phases = {
        "electrode": {"material": "LiCoO2", "occupancy": 0.95, "voltage": 3.9},
        "electrolyte": {"material": "LGPS", "occupancy": 0.95, "voltage": 2.5},
    }
    case = transient(duration=1e-6, mesh={"interface_size": 0.02, "growth": 1.2}).with_overrides(
        {"phase": phases}
    )
    run = scl_fem.run(case)
    assert run.summary["steps"] < 900
    assert run.summary["lithium_error"] < 1e-11
    assert swings(run) <= 2


def test_a_step_too_short_for_its_time_is_no_step(monkeypatch):
    """At 1 s nothing shorter than some 1e-15 s is a step, whatever the shortest one is said to be."""
    cell = Cell(cell_of(0.4))
    control = StepControl(first=1e-3, shortest=1e-30)
    held = HeldUnknowns(cell.system, {})
    solver = TransientSolver(cell.system, held, cell.case.solver, control)
    state = cell.equilibrium()
    progress = Progress(
        [level_at(cell.system, 1.0, state, cell.system.evaluate(state), held.first_nodes)], control.first
    )

    def fail(step, time, starts, monitor):
        raise ConvergenceError("no")

    monkeypatch.setattr(solver.step_solver, "solve", fail)
    with pytest.raises(ConvergenceError, match=r"a time step of .*e-1[56] s .* is too short to go on"):
        next(solver.advance(progress, 2.0))
    assert 15 < progress.rejected < 30
