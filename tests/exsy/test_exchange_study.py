"""The EXSY study against closed forms: accuracy, orders, conservation, finite mixtures, interfaces."""

import math
import tomllib
from itertools import pairwise

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)
import numpy as np
import pytest

from scl_fem.case import Case, dump_case, resolve
from scl_fem.case.reading import case_from_dict
from scl_fem.errors import ConvergenceError, InputError, Interrupted
from scl_fem.output.tables import read_summary, read_table
from scl_fem.physics.exchange import remaining_in_cube
from scl_fem.studies.run import run_case

EDGE = 65.0
ONE = EDGE**2 / 4 / 100.0
"""Time at which 4Dt = d^2, s, for D = 1e-12 cm^2/s."""


def case(duration=1.0, dimension=2, mesh=None, study=None, solver=None, output=None, **exsy):
    cube = {"kind": "cube", "dimension": dimension, "particle_size": EDGE}
    exsy = {"diffusivity": 1e-12, **exsy} if "particle_diffusivity" not in exsy else exsy
    return Case(
        study={"kind": "exsy", "duration": duration, **(study or {})},
        mesh=mesh if mesh and "kind" in mesh else {**cube, **(mesh or {})},
        exsy=exsy,
        solver=solver or {},
        output=output or {},
    )


def decay(result):
    return result.tables["decay.csv"]


def errors(result):
    """Largest error before 4Dt/d^2 = 1e-4 and from there on."""
    table = decay(result)
    error = np.abs(table["remaining"] - table["analytic"])
    early = table["time_s"] < 1e-4 * ONE
    return error[early].max(), error[~early].max()


# Accuracy -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_cube_in_an_infinite_medium_at_default_settings():
    result = run_case(case(4 * ONE, dimension=3))
    early, later = errors(result)
    assert result.summary["unknowns"] < 1e5
    assert later < 1e-3
    assert early < 2e-3
    assert result.summary["tagged_error"] < 1e-12


@pytest.mark.parametrize("dimension", [1, 2])
def test_a_slab_and_a_square_at_default_settings(dimension):
    slab = {"kind": "planar", "dimension": 1, "electrolyte_thickness": EDGE / 2}
    result = run_case(case(4 * ONE, mesh=slab if dimension == 1 else None))
    early, later = errors(result)
    assert early < 2e-3
    assert later < 1e-3
    assert result.summary["analytic_remaining_final"] == pytest.approx(
        float(remaining_in_cube(1e-12, 4 * ONE, EDGE, dimension))
    )
    assert result.summary["max_error_against_analytic"] == pytest.approx(max(early, later))


@pytest.mark.parametrize("cell", ["simplex", "tensor"])
@pytest.mark.parametrize(("order", "divisions"), [(1, (4, 8, 16)), (2, (1, 2))])
def test_observed_order_in_space(order, divisions, cell):
    """At least h^(p+1), p the order of the elements (an integral of m may converge as h^2p)."""
    found = []
    for division in divisions:
        mesh = {"interface_size": EDGE / 4 / division, "growth": 1.0, "cell": cell, "box_size": 2 * EDGE}
        result = run_case(
            case(
                0.3 * ONE,
                mesh=mesh,
                study={"tolerance": 1e-7},
                solver={"order": order, "linear": "direct"},
                surroundings="finite",
            )
        )
        found.append(abs(result.summary["remaining_final"] - result.summary["analytic_remaining_final"]))
    for coarse, fine in pairwise(found):
        assert math.log2(coarse / fine) > order + 1 - 0.15


def test_observed_order_in_time():
    # against a run with steps so small that space alone is left
    def final(tolerance):
        mesh = {"interface_size": 4.0}
        result = run_case(case(ONE, mesh=mesh, study={"tolerance": tolerance}, solver={"linear": "direct"}))
        return result.summary["remaining_final"], result.summary["steps"]

    exact, _ = final(1e-8)
    coarse, few = final(1e-3)
    fine, many = final(1e-5)
    order = math.log(abs(coarse - exact) / abs(fine - exact)) / math.log(many / few)
    assert order > 1.8


# Conservation ---------------------------------------------------------------------------------


@pytest.mark.parametrize("linear", ["direct", "iterative"])
@pytest.mark.parametrize("permeability", ["inf", 1e-6])
def test_tagged_li_is_conserved(permeability, linear):
    result = run_case(
        case(
            100.0,
            mesh={"interface_size": 1.0},
            solver={"linear": linear},
            surroundings="finite",
            surroundings_fraction=0.7,
            permeability=permeability,
            particle_concentration=5.0,
            surroundings_concentration=9.0,
        )
    )
    assert result.summary["tagged_error"] < 1e-12
    remains = 0.3 * 5 / (0.3 * 5 + 0.7 * 9)
    assert result.summary["plateau_remaining"] == pytest.approx(remains, rel=1e-9)
    assert result.summary["remaining_final"] == pytest.approx(remains, rel=1e-3)
    assert decay(result)["exchanged_normalised"][-1] == pytest.approx(1.0, abs=1e-3)
    # at the plateau long steps leave a ripple below their tolerance
    assert np.diff(decay(result)["remaining"]).max() < 1e-5


# Finite mixtures ------------------------------------------------------------------------------


def test_finite_mixture_against_its_closed_form():
    result = run_case(case(30.0, surroundings="finite", surroundings_fraction=0.8))
    assert result.summary["max_error_against_analytic"] < 1e-3
    assert result.summary["analytic_remaining_final"] == pytest.approx(0.2, abs=5e-3)


def test_surroundings_with_more_li_take_up_more():
    """At short times a plane between two media: m there is 1/(1 + r), r the ratio of c sqrt(D)."""
    time, ratio = 1e-3, 4.0
    slab = {"kind": "planar", "dimension": 1, "electrolyte_thickness": EDGE / 2}
    result = run_case(
        case(
            time,
            mesh=slab,
            particle_diffusivity=1e-12,
            surroundings_diffusivity=4e-12,
            particle_concentration=1.0,
            surroundings_concentration=2.0,
        )
    )
    # flux c sqrt(D/(pi t)) (1 - m_interface) integrated
    expected = 2 * math.sqrt(100.0 * time / math.pi) * ratio / (1 + ratio) / (EDGE / 2)
    assert result.summary["exchanged_final"] == pytest.approx(expected, rel=5e-3)
    assert result.summary["analytic_remaining_final"] is None
    assert result.summary["max_error_against_analytic"] is None


# Interfaces -----------------------------------------------------------------------------------


def permeable_plane(h, diffusivity, time):
    """What has crossed from one half-space to an equal one through a permeability P, per area and c.

    With the difference w = m_1 - m_2 across the plane, D w' = 2 P w is a half-space that radiates
    (Carslaw & Jaeger, section 2.7): with h = 2 P/D the surface value of w is exp(h^2 D t) erfc(h sqrt(D t)).
    """
    from scipy.special import erfcx

    s = h * np.sqrt(diffusivity * time)
    return ((erfcx(s) - 1.0) / h + 2.0 * np.sqrt(diffusivity * time / math.pi)) / 2.0


@pytest.mark.parametrize("permeability", [1e-7, 1e-6, 1e-5])
def test_permeable_plane_against_its_closed_form(permeability):
    time = 0.05
    slab = {"kind": "planar", "dimension": 1, "electrolyte_thickness": EDGE}
    result = run_case(case(time, mesh=slab, study={"tolerance": 1e-5}, permeability=permeability))
    crossed = permeable_plane(2 * permeability * 1e7 / 100.0, 100.0, time) / EDGE
    assert result.summary["exchanged_final"] == pytest.approx(crossed, rel=2e-3)


@pytest.mark.parametrize("cell", ["simplex", "tensor"])
@pytest.mark.parametrize("dimension", [2, 3])
def test_a_slow_interface_lets_two_well_mixed_phases_relax(dimension, cell):
    share, permeability = 0.2, 1e-10
    rate = permeability * 1e7 * 2 * dimension / EDGE / (1 - share)
    result = run_case(
        case(
            1 / rate,
            dimension=dimension,
            mesh={"interface_size": 2.0, "growth": 2.0, "cell": cell},
            study={"tolerance": 1e-5},
            surroundings="finite",
            surroundings_fraction=1 - share,
            permeability=permeability,
        )
    )
    expected = share + (1 - share) * math.exp(-1)
    assert result.summary["remaining_final"] == pytest.approx(expected, abs=2e-4)


def test_an_interphase_is_a_permeability():
    mesh = {"interface_size": 2.0}
    layer = case(mesh=mesh, interphase_thickness=2.0, interphase_diffusivity=1e-13)
    contact = case(mesh=mesh, permeability=5e-7)
    both = case(mesh=mesh, interphase_thickness=4.0, interphase_diffusivity=4e-13, permeability=1e-6)
    found = [run_case(each).summary["remaining_final"] for each in (layer, contact, both)]
    assert found[0] == pytest.approx(found[1], rel=1e-12)
    assert found[2] == pytest.approx(found[1], rel=1e-12)


def test_a_very_permeable_interface_is_a_perfect_one():
    study = {"tolerance": 1e-5}
    open_, perfect = (
        run_case(case(mesh={"interface_size": 1.0}, study=study, permeability=p)) for p in (1e3, "inf")
    )
    assert open_.summary["remaining_final"] == pytest.approx(perfect.summary["remaining_final"], abs=2e-5)
    assert open_.summary["unknowns"] > perfect.summary["unknowns"]


def test_resistances_where_the_concentration_is_known():
    summary = run_case(
        case(mesh={"interface_size": 2.0}, permeability=1e-6, particle_concentration=8.428)
    ).summary
    exchanged = summary["exchanged_final"]
    current = 1.602176634e-19 * 1e14 * 1e3 * 8.428 * EDGE / 4 * exchanged
    assert summary["exchange_current_density_mA_per_cm2"] == pytest.approx(current, rel=1e-9)
    volts = 8.617333262e-5 * 298.15
    assert summary["exchange_resistance_ohm_cm2"] == pytest.approx(1e3 * volts / current, rel=1e-6)
    own = 1.602176634e-19 * 1e14 * 1e3 * 8.428 * 10.0
    assert summary["permeability_resistance_ohm_cm2"] == pytest.approx(1e3 * volts / own, rel=1e-6)
    assert "exchange_resistance_ohm_cm2" not in run_case(case(mesh={"interface_size": 2.0})).summary


# Time steps, restart, files -------------------------------------------------------------------


def test_steps_grow_over_nine_decades_and_sizes_are_few():
    result = run_case(
        case(1e3, mesh={"interface_size": 0.05}, surroundings="finite", surroundings_fraction=0.5)
    )
    sizes = np.diff(decay(result)["time_s"])
    assert sizes[0] < 1e-6
    assert sizes.max() > 100
    assert result.summary["steps"] == len(sizes) < 200
    # powers of two of the first, but for the last one
    powers = np.log2(sizes[:-1] / sizes[0])
    np.testing.assert_allclose(powers, np.round(powers), atol=1e-3)


def test_restart_goes_on_with_the_history(tmp_path):
    output = {"fields": False, "figures": False}
    mesh = {"interface_size": 1.0, "box_size": 400.0}
    options = {"mesh": mesh, "output": output, "permeability": 1e-6, "solver": {"linear": "direct"}}
    study = {"output_times": [0.05]}
    first = run_case(case(0.1, study=study, **options), tmp_path / "result")
    continued = run_case(case(1.0, study=study, **options), tmp_path / "result", restart=True)
    whole = run_case(case(1.0, **options))
    (_, before, _), (_, after, _) = (list(result.study.field_steps()) for result in (first, continued))
    assert before[0] == after[0] == 0.05
    for tag, fields in before[1].items():
        np.testing.assert_array_equal(fields["tagged_fraction"], after[1][tag]["tagged_fraction"])
    table = read_table(tmp_path / "result" / "decay.csv")
    assert table["time_s"][0] == 0.0
    assert 0.1 in table["time_s"]
    assert table["time_s"][-1] == 1.0
    assert len(table["time_s"]) == continued.summary["steps"] + 1
    assert continued.summary["remaining_final"] == pytest.approx(whole.summary["remaining_final"], abs=5e-5)
    with pytest.raises(InputError, match="of another table"):
        run_case(case(2.0, **(options | {"permeability": 1e-5})), tmp_path / "result", restart=True)


def test_a_run_that_is_broken_off_keeps_its_state(tmp_path, monkeypatch):
    from scl_fem.solvers.timestepping import TrBdf2

    attempts = []
    attempt = TrBdf2.attempt

    def failing(self, step):
        attempts.append(step)
        if len(attempts) == 12:
            raise ConvergenceError("a linear solve stopped")
        return attempt(self, step)

    monkeypatch.setattr(TrBdf2, "attempt", failing)
    options = {"mesh": {"interface_size": 1.0}, "output": {"fields": False, "figures": False}}
    with pytest.raises(ConvergenceError):
        run_case(case(**options), tmp_path / "result")
    monkeypatch.undo()
    assert not (tmp_path / "result" / "summary.json").exists()
    continued = run_case(case(**options), tmp_path / "result", restart=True)
    whole = run_case(case(**options))
    np.testing.assert_allclose(decay(continued)["time_s"], decay(whole)["time_s"])
    np.testing.assert_allclose(decay(continued)["remaining"], decay(whole)["remaining"], atol=1e-6)


def test_an_interrupted_run_says_when_and_goes_on(tmp_path, monkeypatch):
    from scl_fem.parallel import Interruption

    asked = []
    monkeypatch.setattr(Interruption, "asked", lambda self: asked.append(1) or len(asked) == 8)
    options = {"mesh": {"interface_size": 1.0}, "output": {"fields": False, "figures": False}}
    with pytest.raises(Interrupted, match="interrupted at t = "):
        run_case(case(**options), tmp_path / "result")
    monkeypatch.undo()
    continued = run_case(case(**options), tmp_path / "result", restart=True)
    np.testing.assert_allclose(decay(continued)["time_s"], decay(run_case(case(**options)))["time_s"])


def test_result_folder(tmp_path):
    import pyvista as pv

    study = {"output_times": [0.1, "500 ms"]}
    run_case(case(mesh={"interface_size": 1.0}, study=study, permeability=1e-6), tmp_path / "result")
    summary = read_summary(tmp_path / "result" / "summary.json")
    for key in ("remaining_final", "steps", "rejected_steps", "time_final_s", "tagged_error", "unknowns"):
        assert isinstance(summary[key], int | float), key
    assert summary["permeability_cm_per_s"] == 1e-6
    table = read_table(tmp_path / "result" / "decay.csv")
    assert table["remaining"][0] == 1.0
    np.testing.assert_allclose(table["remaining"] + table["exchanged"], 1.0)
    assert (tmp_path / "result" / "decay.png").exists()
    reader = pv.PVDReader(tmp_path / "result" / "fields.pvd")
    assert reader.time_values == [0.0, 0.1, 0.5, 1.0]
    remaining = np.interp(reader.time_values, table["time_s"], table["remaining"])
    for time, expected in zip(reader.time_values, remaining, strict=True):
        reader.set_active_time_value(time)
        amounts = [block.integrate_data()["tagged_amount"][0] for block in reader.read()]
        # both phases together, and the particle (a quarter of the square is meshed)
        assert sum(amounts) == pytest.approx((EDGE / 2) ** 2, rel=1e-3)
        assert amounts[1] == pytest.approx(expected * (EDGE / 2) ** 2, rel=1e-3)


# Case files -----------------------------------------------------------------------------------


def test_infinite_surroundings_set_the_box():
    resolved = resolve(case(ONE, dimension=3))
    assert resolved.mesh.box_size == pytest.approx(EDGE * (1 + 2 * 3.6))
    assert resolved.mesh.cell == "tensor"
    assert resolve(resolved) == resolved
    assert resolve(case_from_dict(tomllib.loads(dump_case(resolved)))) == resolved
    fast = resolve(case(ONE, particle_diffusivity=1e-12, surroundings_diffusivity=4e-12))
    assert fast.mesh.box_size == pytest.approx(EDGE * (1 + 4 * 3.6))


def test_finite_surroundings_set_the_box():
    assert resolve(case(surroundings="finite", surroundings_fraction=0.75)).mesh.box_size == 2 * EDGE
    cube = resolve(case(dimension=3, surroundings="finite", surroundings_fraction=0.875)).mesh
    assert cube.box_size == pytest.approx(2 * EDGE)
    slab = {"kind": "planar", "electrolyte_thickness": 30.0}
    slab = resolve(case(mesh=slab, surroundings="finite", surroundings_fraction=0.75)).mesh
    assert slab.electrode_thickness == pytest.approx(90.0)
    result = run_case(case(mesh={"box_size": 2 * EDGE, "interface_size": 2.0}, surroundings="finite"))
    assert result.summary["plateau_remaining"] == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("tables", "key"),
    [
        ({"mesh": {"box_size": 100.0}}, "mesh.box_size"),
        ({"mesh": {"kind": "planar", "electrode_thickness": 1.0}}, "mesh.electrode_thickness"),
        ({"surroundings": "finite"}, "exsy.surroundings_fraction"),
        (
            {"surroundings": "finite", "surroundings_fraction": 0.5, "mesh": {"box_size": 70.0}},
            "mesh.box_size",
        ),
        ({"surroundings_fraction": 0.5}, "exsy.surroundings_fraction"),
        ({"particle_diffusivity": 1e-12}, "exsy.diffusivity"),
        ({"diffusivity": 1e-12, "surroundings_diffusivity": 1e-12}, "exsy.diffusivity"),
        ({"interphase_thickness": 1.0}, "exsy.interphase_thickness"),
        ({"permeability": 0.0}, "exsy.permeability"),
        ({"permeability": "none"}, "exsy.permeability"),
        ({"permeability": "1 nm"}, "exsy.permeability"),
        ({"study": {"output_times": [2.0]}}, "study.output_times"),
        ({"study": {"tolerance": 1.0}}, "study.tolerance"),
        ({"mesh": {"kind": "particle", "dimension": 2}}, "mesh.kind"),
    ],
)
def test_wrong_cases_name_the_key(tables, key):
    with pytest.raises(InputError) as raised:
        resolve(case(**tables))
    assert key in str(raised.value)


def test_tables_of_phases_are_refused():
    with pytest.raises(InputError, match="does not use it"):
        Case(
            study={"kind": "exsy", "duration": 1.0},
            mesh={"kind": "cube", "particle_size": EDGE},
            exsy={"diffusivity": 1e-12},
            boundary={"kind": "closed"},
        )


@pytest.mark.parametrize("value", ["inf", math.inf, "1e-6 cm/s", "10 nm/s", 1e-6])
def test_permeability_reads_with_units(value):
    read = case(permeability=value).own_tables["exsy"].interface_permeability
    assert read == (math.inf if value in ("inf", math.inf) else pytest.approx(1e-6))
