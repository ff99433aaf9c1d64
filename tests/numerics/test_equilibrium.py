"""The equilibrium solver: convergence from a flat start, conservation, reservoirs, capacitance, failure."""

from dataclasses import replace

import scl_fem._stack
import numpy as np
import pytest

# isort: split
from mpi4py import MPI

import scl_fem
from scl_fem.constants import MICROFARAD_PER_CM2, VACUUM_PERMITTIVITY, thermal_energy
from scl_fem.discretisation.space import PotentialSpace
from scl_fem.errors import ConvergenceError, InputError
from scl_fem.mesh.distribute import build_domain, distribute
from scl_fem.solvers.conduction import solve_conduction
from scl_fem.solvers.equilibrium import solve_equilibrium
from scl_fem.solvers.settings import SolverSettings
from scl_fem.studies.phases import phases_of
from tests.support.cases import case_of
from tests.support.half_space import LAGP, LVO, LVO_1, LVO_2, Side
from tests.support.pairs import PAIRS, without_defects
from tests.support.two_phases import INTERFACE_NUMBER

CLOSED_CASES = [name for name in PAIRS if "LVO 1" not in name]


def pieces(case, comm=MPI.COMM_SELF):
    """Space, phases and settings of a case."""
    case = scl_fem.resolve(case)
    return PotentialSpace(build_domain(case.mesh, comm), case.solver.order), phases_of(case), case.solver


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("defects", [True, False])
@pytest.mark.parametrize("step", [-2.0, -1.0, -0.3, -0.03, 0.03, 0.3, 1.0, 2.0])
def test_steps_converge_from_a_flat_start(step, defects, order):
    electrode, electrolyte = (LVO_1, LAGP) if defects else (without_defects(LVO_1), without_defects(LAGP))
    case = case_of(replace(electrode, voltage=3.0 + step), electrolyte, solver={"order": order})
    summary = scl_fem.run(case).summary
    assert summary["converged"]
    assert summary["continuation_stages"] == [1.0]
    assert summary["newton_iterations"] <= 40
    assert 0.0 < summary["interface_potential_V"] / step < 1.0
    assert summary["electrode"]["layer_charge_e_per_nm2"] * step > 0.0
    assert summary["lithium_error"] <= 1e-10
    assert summary["charge_error"] <= 1e-10


@pytest.mark.parametrize("pair", CLOSED_CASES)
@pytest.mark.parametrize("order", [1, 2])
def test_closed_cells_keep_lithium_and_charge(pair, order):
    summary = scl_fem.run(case_of(*PAIRS[pair], solver={"order": order})).summary
    assert summary["lithium_error"] <= 1e-10
    assert summary["charge_error"] <= 1e-10


@pytest.mark.parametrize("dimension", [2, 3])
def test_conservation_in_more_dimensions(dimension):
    mesh = {"dimension": dimension, "lateral_elements": 3, "interface_size": 0.05, "growth": 1.4}
    for linear in ("direct", "iterative"):
        summary = scl_fem.run(case_of(LVO_2, LAGP, mesh=mesh, solver={"linear": linear})).summary
        assert summary["lithium_error"] <= 1e-10
        assert summary["charge_error"] <= 1e-10


@pytest.mark.parametrize("boundary", ["closed", "bulk"])
@pytest.mark.parametrize("order", [1, 2])
def test_no_step_no_layer(order, boundary):
    """LVO at x = 1 has the voltage of LAGP: nothing at all happens."""
    case = case_of(LVO_1, LAGP, boundary={"kind": boundary}, solver={"order": order}, study="conduction")
    result = scl_fem.run(case)
    summary = result.summary
    assert summary["potential_step_V"] == 0.0
    for key in ("layer_resistance_ohm_cm2", "excess_resistance_ohm_cm2", "interface_resistance_ohm_cm2"):
        assert abs(summary[key]) < 1e-6, key
    for key in ("interface_potential_V", "layer_thickness_nm", "lithium_error", "charge_error"):
        assert summary[key] == 0.0, key
    for side, bulk in (("electrode", LVO_1), ("electrolyte", LAGP)):
        assert summary[side]["layer_charge_e_per_nm2"] == 0.0
        assert summary[side]["occupancy_interface"] == pytest.approx(bulk.occupancy, rel=1e-13)
        assert set(summary[side]["thickness_nm"].values()) == {0.0}
    assert (np.array(result.tables["profile.csv"]["phi_V"]) == 0.0).all()


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(
    "pair", ["LVO 0.2 | LAGP", "LVO 2 | LAGP", "+0.1 V, high permittivity, long Debye length"]
)
def test_reservoirs_say_what_they_gave(pair, order):
    electrode, electrolyte = PAIRS[pair]
    # thin, so that the reservoirs have something to do
    mesh = {"electrode_thickness": 1.0, "electrolyte_thickness": 2.0}
    case = case_of(electrode, electrolyte, mesh=mesh, boundary={"kind": "bulk"}, solver={"order": order})
    result = scl_fem.run(case)
    summary, reservoirs = result.summary, result.summary["reservoirs"]
    scale = abs(summary["electrode"]["layer_charge_e_per_nm2"])
    gained = reservoirs["lithium_gained_per_nm2"]
    assert abs(gained) > 1e-5 * scale
    sides = [summary[side]["layer_charge_e_per_nm2"] for side in ("electrode", "electrolyte")]
    assert sum(sides) == pytest.approx(gained, abs=1e-10 * scale)
    # Gauss: what the cell gained sits on the terminals with the other sign
    terminals = [reservoirs[f"{side}_terminal_charge_e_per_nm2"] for side in ("electrode", "electrolyte")]
    assert sum(terminals) == pytest.approx(-gained, abs=1e-10 * scale)
    volumes = (1.0 * electrode.c_max * electrode.occupancy, 2.0 * electrolyte.c_max * electrolyte.occupancy)
    assert summary["lithium_error"] == pytest.approx(abs(gained) / sum(volumes), rel=1e-10)
    assert summary["charge_error"] == pytest.approx(abs(gained) / max(map(abs, sides)), rel=1e-10)
    # the ends are at bulk composition
    table = result.tables["profile.csv"]
    occupancy = np.array(table["occupancy"])
    assert occupancy[[0, -1]] == pytest.approx([electrode.occupancy, electrolyte.occupancy], rel=1e-13)
    # the field at the terminals, from the profile
    z, phi = np.array(table["z_nm"]), np.array(table["phi_V"])
    slopes = [(phi[1] - phi[0]) / (z[1] - z[0]), (phi[-1] - phi[-2]) / (z[-1] - z[-2])]
    displacements = [
        -VACUUM_PERMITTIVITY * electrode.permittivity * slopes[0],
        VACUUM_PERMITTIVITY * electrolyte.permittivity * slopes[1],
    ]
    assert terminals == pytest.approx(displacements, abs=0.05 * max(map(abs, terminals)))


@pytest.mark.parametrize("boundary", ["closed", "bulk"])
@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("electrode", [LVO, LVO_2], ids=["0.2", "2"])
def test_capacitance_is_the_slope_of_the_charge(electrode, order, boundary):
    """Against central differences over the step."""
    h = 1e-4

    def charge(voltage):
        case = case_of(replace(electrode, voltage=voltage), LAGP, boundary={"kind": boundary}, solver=solver)
        return scl_fem.run(case).summary

    solver = {"order": order}
    at = charge(electrode.voltage)
    above, below = charge(electrode.voltage + h), charge(electrode.voltage - h)
    key = "layer_charge_e_per_nm2"
    difference = (above["electrode"][key] - below["electrode"][key]) / (2.0 * h)
    assert at["capacitance_uF_per_cm2"] == pytest.approx(difference * MICROFARAD_PER_CM2, rel=1e-6)
    low, high = at["capacitance_defect_floor_range_uF_per_cm2"]
    assert low <= at["capacitance_uF_per_cm2"] <= high


def test_an_iterative_capacitance_is_right_beyond_its_linear_solve():
    """To the square of the error of the response, some 1e-7: what is left of the residual is taken off."""
    mesh = {"dimension": 2, "lateral_elements": 3, "interface_size": 0.05, "growth": 1.4}
    found = {}
    for linear in ("direct", "iterative"):
        space, phases, settings = pieces(case_of(LVO_2, LAGP, mesh=mesh, solver={"linear": linear}))
        found[linear] = solve_equilibrium(space, phases, "closed", settings).capacitance()
    assert found["iterative"] == pytest.approx(found["direct"], rel=1e-10)


def test_capacitance_of_a_flat_band_is_set_by_the_floor():
    """No step: sqrt(eps k) tanh(L sqrt(k/eps)) of each side in series, k = c_max dx/dmu at the bulk."""

    def capacitance(side, thickness=10.0):
        x = side.occupancy
        stiffness = thermal_energy(298.15) / (x * (1.0 - x)) - 2.0 * side.regular_solution
        stiffness += side.defect_energy / side.permittivity * side.defect_floor ** (-2.0 / 3.0)
        permittivity, k = VACUUM_PERMITTIVITY * side.permittivity, side.c_max / stiffness
        return np.sqrt(permittivity * k) * np.tanh(thickness * np.sqrt(k / permittivity))

    summary = scl_fem.run(case_of(LVO_1, LAGP)).summary
    expected = MICROFARAD_PER_CM2 / (1.0 / capacitance(LVO_1) + 1.0 / capacitance(LAGP))
    assert summary["capacitance_uF_per_cm2"] == pytest.approx(expected, rel=2e-4)
    # nothing but a number of the regularisation, and the range says so
    low, high = summary["capacitance_defect_floor_range_uF_per_cm2"]
    assert high > 4.0 * low


def test_continuation_when_newton_gets_too_few_steps():
    """The potential step is raised in stages, and the answer is the same."""
    case = case_of(LVO_2, LAGP)
    direct = scl_fem.run(case).summary
    staged = scl_fem.run(
        case_of(LVO_2, LAGP, solver={"max_iterations": direct["newton_iterations"] - 3})
    ).summary
    stages = staged["continuation_stages"]
    assert len(stages) > 1
    assert stages[-1] == 1.0
    assert stages == sorted(stages)
    for key in ("interface_potential_V", "layer_resistance_ohm_cm2"):
        assert staged[key] == pytest.approx(direct[key], rel=1e-8)


@pytest.mark.parametrize("boundary", ["closed", "bulk"])
def test_failure_keeps_the_state(boundary):
    case = case_of(LVO_2, LAGP, boundary={"kind": boundary}, solver={"max_iterations": 1})
    space, phases, settings = pieces(case)
    with pytest.raises(ConvergenceError) as raised:
        solve_equilibrium(space, phases, boundary, settings)
    message = str(raised.value)
    assert "Newton's method stopped after 1 steps" in message
    assert "solver.max_iterations" in message
    assert raised.value.exit_status == 3
    phi = raised.value.state["phi"]
    assert phi.function_space == space.space
    assert np.isfinite(phi.x.array).all()
    # the state is a start for the next attempt
    found = solve_equilibrium(space, phases, boundary, SolverSettings(), start=phi)
    fresh = solve_equilibrium(space, phases, boundary, SolverSettings())
    np.testing.assert_allclose(found.phi.x.array, fresh.phi.x.array, atol=1e-10)


def test_a_restart_from_the_answer_takes_no_time():
    space, phases, settings = pieces(case_of(LVO, LAGP))
    solved = solve_equilibrium(space, phases, "closed", settings)
    again = solve_equilibrium(space, phases, "closed", settings, start=solved.phi)
    assert again.report.iterations <= 1
    np.testing.assert_allclose(again.phi.x.array, solved.phi.x.array, atol=1e-11)


def test_a_phase_that_separates_is_refused():
    side = Side(20.0, 0.5, 3.2, 15.0, 0.06)
    with pytest.raises(InputError, match="the phase separates") as raised:
        scl_fem.run(case_of(side, LAGP))
    assert "phase.electrode" in str(raised.value)


def test_turning_the_cell_round_changes_nothing():
    """Electrode and electrolyte exchanged: the same layers, mirrored."""
    forth = scl_fem.run(case_of(LVO_2, LAGP)).summary
    back = scl_fem.run(case_of(LAGP, LVO_2)).summary
    for one, other in (("electrode", "electrolyte"), ("electrolyte", "electrode")):
        for key in ("occupancy_interface", "layer_charge_e_per_nm2", "layer_resistance_ohm_cm2"):
            assert forth[one][key] == pytest.approx(back[other][key], rel=1e-8)
    assert forth["capacitance_uF_per_cm2"] == pytest.approx(back["capacitance_uF_per_cm2"], rel=1e-8)
    assert forth["interface_potential_V"] - forth["potential_step_V"] == pytest.approx(
        back["interface_potential_V"]
    )


@pytest.mark.parametrize("boundary", ["bulk", "closed"])
def test_what_is_held_needs_terminals(boundary):
    """Where a terminal must be held and the mesh has none: an error, not an answer to another question."""
    case = scl_fem.resolve(case_of(LVO_2, LAGP, boundary={"kind": boundary}))
    data = case.mesh.build()
    inside = data.facet_tag == INTERFACE_NUMBER
    bare = replace(data, facets=data.facets[inside], facet_tag=data.facet_tag[inside])
    space = PotentialSpace(distribute(bare, MPI.COMM_SELF))

    def solve():
        found = solve_equilibrium(space, phases_of(case), boundary, case.solver)
        assert boundary == "closed"
        solve_conduction(found, case.solver)

    with pytest.raises(InputError, match="the mesh has no electrode terminal") as raised:
        solve()
    assert raised.value.key == "mesh.groups"
