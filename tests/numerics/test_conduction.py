"""Conduction: slabs in series, the excess integral in one dimension, any orientation and solver."""

import json

import scl_fem._stack
import numpy as np
import pytest

import scl_fem
from scl_fem.constants import OHM_CM2, SIEMENS_PER_CM
from scl_fem.errors import ConvergenceError
from scl_fem.mesh import BOTH
from scl_fem.output.tables import read_summary
from scl_fem.solvers.conduction import solve_conduction
from tests.support.cases import case_of
from tests.support.half_space import LAGP, LVO_1, LVO_2, HalfSpace, Side
from tests.support.pairs import PAIRS
from tests.support.planar import solved
from tests.support.radial import Ball, interface_resistance

SIDES = ("electrode", "electrolyte")


def excess_scale(summary):
    return sum(abs(summary[side]["excess_resistance_ohm_cm2"]) for side in SIDES)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("pair", [name for name in PAIRS if name != "LVO 1 | LAGP"])
def test_interface_resistance_is_the_excess_integral(pair, order):
    """To what quadrature leaves of it: two points a cell of one, five an edge of the other."""
    case = case_of(*PAIRS[pair], study="conduction", solver={"order": order})
    summary = scl_fem.run(case).summary
    expected = summary["excess_resistance_ohm_cm2"]
    difference = abs(summary["interface_resistance_ohm_cm2"] - expected)
    assert difference < {1: 1e-7, 2: 1e-11}[order] * excess_scale(summary)


@pytest.mark.parametrize(
    "pair",
    [
        "LVO 0.2 | LAGP",
        "LVO 2 | LAGP",
        # where the resistivity rises by orders of magnitude within a few of the finest cells
        "+0.8 V, vacancy law, weak defects",
        "-0.8 V, 99.9 % full electrode",
    ],
)
def test_it_converges_at_second_order(pair):
    """Half the cells, a quarter of the error. A half space would add tails as large as the error."""
    found = []
    for halvings in range(3):
        mesh = {"interface_size": 0.002 / 2**halvings, "growth": 1.08 ** (0.5**halvings)}
        result = scl_fem.run(case_of(*PAIRS[pair], study="conduction", mesh=mesh))
        found.append(result.summary["interface_resistance_ohm_cm2"])
    slabs = Ball(1, radius=10.0, core=0.0, outer=20.0)
    errors = np.array(found) - interface_resistance(result.study.phases, slabs) * OHM_CM2
    orders = np.log2(errors[:-1] / errors[1:])
    assert orders[-1] == pytest.approx(2.0, abs=0.15)


def test_to_the_last_digits_on_the_finest_elements():
    """P1 in one dimension is slabs in series, each with the mean resistivity of its linear potential."""
    result = scl_fem.run(case_of(LVO_2, LAGP, study="conduction"))
    space, phi, found = result.study.space, result.study.equilibrium.phi.x.array, result.study.conduction
    z = space.space.tabulate_dof_coordinates()[:, 0]
    points, weights = np.polynomial.legendre.leggauss(7)
    layered = bulk = 0.0
    for tag, phase in result.study.phases.items():
        ends = space.space.dofmap.list[space.cells(tag)]
        lengths = np.abs(np.diff(z[ends], axis=1)).ravel()
        along = phi[ends].mean(axis=1, keepdims=True) + 0.5 * np.diff(phi[ends], axis=1) * points
        layered += np.sum(lengths * ((1.0 / phase.conductivity(along)) @ weights) / 2.0)
        bulk += np.sum(lengths) / phase.bulk_conductivity
    assert found.total == pytest.approx(layered, rel=1e-12)
    assert found.bulk == pytest.approx(bulk, rel=1e-13)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(
    "pair", ["LVO 0.2 | LAGP", "LVO 2 | LAGP, no defects", "-0.8 V, 99.9 % full electrode"]
)
def test_a_disc_against_the_radial_equation(pair, order):
    """One value a cell is 20 % off here; straight facets and the mesh cost a percent or two."""
    disc = {"kind": "particle", "dimension": 2, "radius": 5.0}
    result = scl_fem.run(case_of(*PAIRS[pair], study="conduction", mesh=disc, solver={"order": order}))
    expected = interface_resistance(result.study.phases, Ball(2)) * OHM_CM2
    found = result.summary["interface_resistance_ohm_cm2"]
    assert abs(found - expected) < 2.2e-2 * excess_scale(result.summary)


@pytest.mark.slow
@pytest.mark.parametrize("pair", ["LVO 2 | LAGP, no defects", "+0.8 V, vacancy law, weak defects"])
def test_a_sphere_against_the_radial_equation(pair):
    """In the second pair a fifth of the cells are obtuse ones whose edges alone would let current uphill."""
    sphere = {"kind": "particle", "dimension": 3, "radius": 5.0}
    result = scl_fem.run(case_of(*PAIRS[pair], study="conduction", mesh=sphere))
    expected = interface_resistance(result.study.phases, Ball(3)) * OHM_CM2
    found = result.summary["interface_resistance_ohm_cm2"]
    assert abs(found - expected) < 0.08 * excess_scale(result.summary)


@pytest.mark.parametrize("dimension", [1, 2, 3])
@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("linear", ["direct", "iterative"])
def test_slabs_in_series(dimension, order, linear):
    """No layer: total = bulk = L_1/sigma_1 + L_2/sigma_2, and psi is linear in each slab."""
    lateral = {} if dimension == 1 else {"lateral_size": 0.7, "lateral_elements": 3}
    mesh = {"electrode_thickness": 2.0, "electrolyte_thickness": 3.0, "interface_size": 0.1, "growth": 1.3}
    case = case_of(
        LVO_1,
        LAGP,
        study="conduction",
        mesh=mesh | lateral | {"dimension": dimension},
        solver={"order": order, "linear": linear},
    )
    result = scl_fem.run(case)
    slabs = [length * HalfSpace(side).resistivity(0.0) for length, side in ((2.0, LVO_1), (3.0, LAGP))]
    for key in ("total_resistance_ohm_cm2", "bulk_resistance_ohm_cm2"):
        assert result.summary[key] == pytest.approx(sum(slabs) * OHM_CM2, rel=1e-9)
    interface = slabs[1] / sum(slabs)
    space, psi = result.study.space, result.study.conduction.psi
    for tag in BOTH:
        nodes = space.dofs(tag)
        z = space.space.tabulate_dof_coordinates()[nodes, 0]
        exact = np.where(z < 0.0, interface - (1.0 - interface) * z / 2.0, interface * (1.0 - z / 3.0))
        np.testing.assert_allclose(psi[tag][nodes], exact, atol=1e-9)


@pytest.mark.parametrize("order", [1, 2])
def test_total_is_bulk_and_interface(order):
    summary = scl_fem.run(case_of(LVO_2, LAGP, study="conduction", solver={"order": order})).summary
    bulk, total = summary["bulk_resistance_ohm_cm2"], summary["total_resistance_ohm_cm2"]
    assert total == pytest.approx(bulk + summary["interface_resistance_ohm_cm2"], rel=1e-12)
    # the two slabs by the conductivities of the profile's ends, which are nearly the bulk's
    slabs = sum(10.0 * HalfSpace(side).resistivity(0.0) for side in (LVO_2, LAGP))
    assert bulk == pytest.approx(slabs * OHM_CM2, rel=1e-10)
    assert HalfSpace(LAGP).resistivity(0.0) ** -1 * SIEMENS_PER_CM == pytest.approx(3.35e-5, rel=2e-3)


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("order", [1, 2])
def test_layers_in_more_dimensions_turned_or_not(dimension, order):
    mesh = {"electrode_thickness": 3.0, "electrolyte_thickness": 3.0, "interface_size": 0.02, "growth": 1.2}
    lateral = {"lateral_size": 1.0, "lateral_elements": 2}
    one = solved(case_of(LVO_2, LAGP, mesh=mesh, solver={"order": order}))
    case = case_of(LVO_2, LAGP, mesh=mesh | lateral | {"dimension": dimension}, solver={"order": order})
    straight, turned = (solved(case, turned=turned) for turned in (False, True))
    settings = scl_fem.resolve(case).solver
    line, found, again = (solve_conduction(each, settings) for each in (one, straight, turned))
    assert found.total == pytest.approx(again.total, rel=1e-8)
    assert found.bulk == pytest.approx(line.bulk, rel=1e-9)
    assert found.interface == pytest.approx(line.interface, rel={1: 3e-2, 2: 5e-3}[order])


def test_a_layer_that_takes_all_of_the_voltage_by_an_iterative_solver():
    """Fifteen orders above the bulk: the power that is left is less than the residual it began with."""
    sides = (
        Side(26.0, 0.55, 4.2, 31.0, 0.01, 0.0, 1e-6, 1e-9, 1e-14, "vacancy-bulk"),
        Side(6.1, 0.38, 3.0, 10.2, -0.04, 0.0, 1e-6, 1e-9, 1e-14, "vacancy-bulk"),
    )
    mesh = {"dimension": 2, "electrode_thickness": 3.0, "electrolyte_thickness": 3.0, "lateral_elements": 2}
    direct, iterative = (
        scl_fem.run(case_of(*sides, study="conduction", mesh=mesh, solver={"linear": linear}))
        for linear in ("direct", "iterative")
    )
    key = "interface_resistance_ohm_cm2"
    assert direct.summary[key] > 1e13 * direct.summary["bulk_resistance_ohm_cm2"]
    assert iterative.summary[key] == pytest.approx(direct.summary[key], rel=1e-5)
    assert iterative.remarks == []


def test_a_solver_that_does_not_settle_is_remarked(monkeypatch):
    from scl_fem.solvers.resistances import Resistances
    from scl_fem.studies import conduction as study

    monkeypatch.setattr(study, "solve_conduction", lambda *given: Resistances(2.0, 1.0, {}, 0.05))
    (remark,) = [text for text in scl_fem.run(case_of(study="conduction")).remarks if "uncertain" in text]
    assert "by 5 %" in remark


def test_a_failure_keeps_the_equilibrium_and_says_what_is_likely(tmp_path, monkeypatch):
    """The result is whole but for the resistances, which the study is for: so the run ends with status 3."""
    from scl_fem.studies import conduction as study

    def fail(equilibrium, settings):
        equilibrium.phi.x.array[:] += 60.0  # far from any phase's bulk
        raise ConvergenceError("a linear solve stopped")

    monkeypatch.setattr(study, "solve_conduction", fail)
    with pytest.raises(
        ConvergenceError, match=r"conduction: a linear solve stopped; .*layer so depleted"
    ) as raised:
        scl_fem.run(case_of(study="conduction"), tmp_path / "r")
    assert "the state is kept in" in str(raised.value)
    written = {path.name for path in (tmp_path / "r").iterdir()}
    assert {"checkpoint.npz", "log.txt", "case.toml", "summary.json", "profile.csv"} <= written
    summary = read_summary(tmp_path / "r" / "summary.json")
    assert summary == json.loads(json.dumps(raised.value.result.summary))
    assert summary["total_resistance_ohm_cm2"] is summary["interface_resistance_ohm_cm2"] is None
    assert summary["converged"]
    assert summary["layer_thickness_nm"] is not None
    assert any(remark.startswith("conduction is missing: a linear") for remark in summary["remarks"])
    monkeypatch.undo()
    scl_fem.run(case_of(study="conduction"), tmp_path / "r", restart=True)


@pytest.mark.parametrize(("interface_size", "noted"), [(0.3, True), (0.005, False)])
def test_a_mesh_too_coarse_for_conduction_is_noted(tmp_path, interface_size, noted):
    mesh = {
        "dimension": 2,
        "electrode_thickness": 3.0,
        "electrolyte_thickness": 3.0,
        "interface_size": interface_size,
        "lateral_elements": 2,
    }
    case = case_of(study="conduction", mesh=mesh, output={"figures": False, "fields": False})
    scl_fem.run(case, tmp_path / "r")
    log = (tmp_path / "r" / "log.txt").read_text()
    assert ("conduction and excess integral differ by" in log) == noted
