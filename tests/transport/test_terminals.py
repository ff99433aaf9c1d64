"""Currents and voltages at the terminals, and what the interface laws make of them."""

from dataclasses import replace

import scl_fem._stack
import numpy as np
import pytest

import scl_fem
from scl_fem.constants import BOLTZMANN, MILLIAMPERE_PER_CM2, thermal_energy
from scl_fem.discretisation.space import PotentialSpace
from scl_fem.equations.system import System
from scl_fem.errors import InputError
from scl_fem.mesh import BOTH, ELECTRODE, ELECTROLYTE
from scl_fem.mesh.distribute import distribute
from scl_fem.progress import SilentReporter
from scl_fem.solvers.terminals import HeldUnknowns
from scl_fem.studies.checkpointing import Checkpointer
from scl_fem.studies.interfaces import interface_laws
from scl_fem.studies.kinds import STUDIES
from scl_fem.studies.phases import cell_of_case
from tests.support.half_space import LAGP, LVO
from tests.support.two_phases import INTERFACE_NUMBER
from tests.transport.support import SMOOTH, Cell, case_of, history, transient

# isort: split
from mpi4py import MPI

KT = thermal_energy(298.15)
ONE_PAIR = {"frequency_start": 1.0, "frequency_stop": 10.0, "points_per_decade": 1}
EQUILIBRIUM = {"state": "equilibrium"}
MESHES = {
    "1D": {},
    "2D": {"dimension": 2, "interface_size": 0.1, "growth": 1.5, "lateral_elements": 3},
}


def exchange(density):
    return {"law": "exchange", "exchange_current_density": density}


@pytest.mark.parametrize("reference", [298.15, 350.0])
def test_exchange_kinetics_have_an_activation_energy(reference):
    """j_0 exp(-E_a/k (1/T - 1/T_0))."""
    law = {**exchange(0.2), "activation_energy": 0.6, "reference_temperature": reference}
    case = scl_fem.resolve(
        case_of(study={"kind": "conduction"}, interface=law).with_overrides({"temperature": 330.0})
    )
    factor = np.exp(-0.6 / BOLTZMANN * (1.0 / 330.0 - 1.0 / reference))
    found = interface_laws(case, cell_of_case(case))[BOTH]["Li+"]
    assert found.exchange_current_density * MILLIAMPERE_PER_CM2 == pytest.approx(0.2 * factor, rel=1e-12)
    assert found.thermal_energy == pytest.approx(thermal_energy(330.0))


def test_a_current_is_counted_by_the_area_of_the_interface():
    """Whatever those of the terminals are: of a trapezium, 0.5 nm at one end and 1.5 nm at the other."""
    current = 3e-3
    case = scl_fem.resolve(
        transient(
            LVO,
            LAGP,
            duration=1e-9,
            mesh=MESHES["2D"] | {"lateral_size": 1.0},
            boundary={"kind": "current", "current_density": current * MILLIAMPERE_PER_CM2},
        )
    )
    data = case.mesh.build()
    points = data.points.copy()
    points[:, 1] *= 1.0 + 0.1 * points[:, 0]
    domain = distribute(replace(data, points=points), MPI.COMM_SELF)
    space = PotentialSpace(domain, 1)
    assert space.interface_area == pytest.approx(1.0)
    study = STUDIES["transient"](case, domain, SilentReporter(), Checkpointer(case, None, None))
    held = HeldUnknowns(study.system, study.terminals)
    assert list(held.area.values()) == pytest.approx([0.5, 1.5])
    sources = held.sources(0.0)
    assert space.sum(sources[ELECTRODE]) == pytest.approx(current, rel=1e-12)
    assert space.sum(sources[ELECTROLYTE]) == pytest.approx(-current, rel=1e-12)
    study.solve()
    table = study.tables()["history.csv"]
    np.testing.assert_allclose(table["current_mA_per_cm2"][1:], current * MILLIAMPERE_PER_CM2, rtol=1e-12)


def interface_jump(run):
    """[mu_e] in eV, and its spread over the interface."""
    study = run.study
    (crossing,) = study.system.crossings
    jump = crossing.jump(study.progress.state.mu)
    return jump.mean(), np.ptp(jump)


@pytest.mark.parametrize("law", [{"law": "perfect"}, exchange(0.13)], ids=["perfect", "exchange"])
@pytest.mark.parametrize(
    "boundary",
    [
        {"kind": "closed"},
        {"kind": "bulk"},
        {"kind": "current", "current_density": 0.0},
        {"kind": "voltage", "voltage": 0.0},
    ],
    ids=lambda table: table["kind"],
)
def test_nothing_at_the_terminals_keeps_equilibrium(boundary, law):
    run = scl_fem.run(transient(duration=1e2, boundary=boundary, interface=law, initial=EQUILIBRIUM))
    charge = history(run, "layer_charge_e_per_nm2")
    assert np.abs(charge / charge[0] - 1.0).max() < 1e-9
    # against 1 mA/cm^2: what the layer may leak in a step of 1 ns
    assert np.abs(history(run, "current_mA_per_cm2")[-1]) < 1e-6
    assert np.ptp(history(run, "total_lithium_per_nm2")) < 1e-9


@pytest.mark.parametrize("law", [{"law": "perfect"}, exchange(0.5)], ids=["perfect", "exchange"])
def test_current_in_is_current_out(law):
    boundary = {"kind": "current", "current_density": [[0.0, 0.0], [1e-6, 2.0], [2e-6, 2.0], [2.5e-6, -1.0]]}
    run = scl_fem.run(transient(duration=5e-6, boundary=boundary, interface=law, initial=EQUILIBRIUM))
    lithium = history(run, "total_lithium_per_nm2")
    assert np.abs(np.diff(lithium)).max() < 1e-12 * lithium[0]
    times = history(run, "time_s")
    expected = np.interp(times[1:], [0.0, 1e-6, 2e-6, 2.5e-6], [0.0, 2.0, 2.0, -1.0])
    np.testing.assert_allclose(history(run, "current_mA_per_cm2")[1:], expected, rtol=1e-12, atol=1e-12)


def test_what_flows_through_one_side_arrives_at_the_other():
    """A current charges nothing in the long run: the same crosses every plane."""
    cell = Cell(transient(SMOOTH, SMOOTH, duration=1.0, interface=exchange(1.0)))
    current = 60.0
    accepted = cell.last(0.1, 1.0, terminals=cell.driven(lambda t: current))
    state, system = accepted.progress.state, cell.system
    (crossing,) = system.crossings
    assert cell.space.sum(crossing.flow(state).value) == pytest.approx(current, rel=1e-10)


@pytest.mark.parametrize("mesh", MESHES)
@pytest.mark.parametrize("sides", [(SMOOTH, SMOOTH), (LVO, LAGP)], ids=["no layer", "layer"])
def test_small_currents_meet_rt_over_f_j0(sides, mesh):
    j0 = 0.77
    boundary = {"kind": "current", "current_density": 1e-3 * j0}
    run = scl_fem.run(
        transient(
            *sides,
            duration=1.0,
            mesh=MESHES[mesh],
            boundary=boundary,
            interface=exchange(j0),
            initial=EQUILIBRIUM,
            study={"tolerance": 0.01},
        )
    )
    jump, spread = interface_jump(run)
    assert jump / (1e-3 * j0) == pytest.approx(KT / j0, rel=1e-4)
    assert spread < 1e-4 * abs(jump)


def test_large_currents_follow_the_hyperbolic_sine():
    for ratio in (-20.0, 3.0):
        boundary = {"kind": "current", "current_density": ratio * 0.1}
        run = scl_fem.run(
            transient(
                SMOOTH,
                SMOOTH,
                duration=1.0,
                boundary=boundary,
                interface=exchange(0.1),
                study={"tolerance": 0.01},
            )
        )
        jump, _ = interface_jump(run)
        assert jump == pytest.approx(2.0 * KT * np.arcsinh(ratio / 2.0), rel=1e-6)


@pytest.mark.parametrize("mesh", MESHES)
def test_conduction_adds_rt_over_f_j0(mesh):
    # columns of triangles share the current otherwise where the interface resists: a matter of the mesh
    fine = {"interface_size": 0.02, "growth": 1.2} if mesh == "2D" else {}
    common = {"study": {"kind": "conduction"}, "mesh": {**MESHES[mesh], **fine}}
    # the same discretisation with next to no resistance there
    perfect = scl_fem.run(case_of(interface=exchange(1e12), **common)).summary
    for j0 in (0.13, 1e4):
        found = scl_fem.run(case_of(interface=exchange(j0), **common)).summary
        added = found["total_resistance_ohm_cm2"] - perfect["total_resistance_ohm_cm2"]
        # V / (mA/cm^2) is 1000 ohm cm^2
        discretisation = 0.0 if mesh == "1D" else 1e-5 * found["total_resistance_ohm_cm2"]
        assert added == pytest.approx(1e3 * KT / j0, rel=1e-6, abs=discretisation)
        assert found["bulk_resistance_ohm_cm2"] == pytest.approx(perfect["bulk_resistance_ohm_cm2"], rel=1e-9)


def test_a_thin_layer_and_its_barrier():
    common = {"study": {"kind": "conduction"}}
    perfect = scl_fem.run(case_of(interface=exchange(1e12), **common)).summary["total_resistance_ohm_cm2"]
    for barrier in (0.0, 0.1):
        layer = {"law": "layer", "thickness": 2.0, "conductivity": 1e-9, "barrier": barrier}
        found = scl_fem.run(case_of(interface=layer, **common)).summary["total_resistance_ohm_cm2"]
        assert found - perfect == pytest.approx(2e-7 / 1e-9 * np.exp(barrier / KT), rel=1e-6)


@pytest.mark.parametrize("law", [{"law": "perfect"}, exchange(100.0)], ids=["perfect", "exchange"])
def test_a_small_voltage_drives_what_conduction_says(law):
    # mobilities of cells are means of nodes in time and those of centroids here: equal to second order
    voltage, mesh = 1e-5, {"growth": 1.1, "interface_size": 0.003}
    run = scl_fem.run(
        transient(
            duration=1e-2,
            mesh=mesh,
            boundary={"kind": "voltage", "voltage": voltage},
            interface=law,
            initial=EQUILIBRIUM,
            study={"tolerance": 1e-3},
        )
    )
    case = case_of(study={"kind": "impedance"} | ONE_PAIR, interface=law, mesh=mesh)
    resistance = scl_fem.run(case).summary["total_resistance_ohm_cm2"]
    assert history(run, "current_mA_per_cm2")[-1] == pytest.approx(1e3 * voltage / resistance, rel=2e-4)
    assert history(run, "terminal_voltage_V")[-1] == pytest.approx(voltage, rel=1e-9)


def test_a_voltage_ramp_charges_the_geometric_capacitance_first():
    """Too fast for ions to follow far, the current is that of a capacitor and a resistor in parallel."""
    voltage, end = 1e-4, 1e-9
    run = scl_fem.run(
        transient(
            SMOOTH,
            SMOOTH,
            duration=end,
            boundary={"kind": "voltage", "voltage": [[0.0, 0.0], [end, voltage]]},
            study={"first_step": 1e-11, "tolerance": 1e-3},
        )
    )
    cell = Cell(transient(SMOOTH, SMOOTH, duration=1.0))
    phase = cell.phases[ELECTRODE]
    displacement = phase.permittivity / 10.0 * voltage / end
    ohmic = phase.bulk_conductivity * voltage / 10.0
    found = history(run, "current_mA_per_cm2")[-1] / MILLIAMPERE_PER_CM2
    assert found == pytest.approx(displacement + ohmic, rel=1e-6)


def test_reservoirs_give_what_the_layer_takes():
    """Both ends at bulk composition: the layer forms as on two half spaces."""
    run = scl_fem.run(transient(duration=1e2, boundary={"kind": "bulk"}, study={"tolerance": 0.01}))
    end = scl_fem.run(case_of(study={"kind": "equilibrium"}, boundary={"kind": "bulk"}))
    for side in ("electrode", "electrolyte"):
        found, expected = (each.summary[side]["layer_charge_e_per_nm2"] for each in (run, end))
        assert found == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(
    "conditions", [lambda cell: cell.reservoirs(), lambda cell: cell.driven(lambda time: 1.0)]
)
def test_what_happens_at_terminals_needs_them(conditions):
    cell = Cell(transient(duration=1.0))
    data = cell.case.mesh.build()
    inside = data.facet_tag == INTERFACE_NUMBER
    bare = replace(data, facets=data.facets[inside], facet_tag=data.facet_tag[inside])
    space = PotentialSpace(distribute(bare, MPI.COMM_SELF))
    system = System(space, cell.phases)
    with pytest.raises(InputError, match="the mesh has no electrode terminal"):
        HeldUnknowns(system, conditions(cell))
    assert HeldUnknowns(system, {}).rows.size == 1
