"""Energies that change with the place in a case: what is refused, and what a run makes of them."""

import re
from pathlib import Path

import numpy as np
import pytest

import scl_fem
from scl_fem.case import resolve
from scl_fem.case.not_yet import refuse_unsolved
from scl_fem.errors import InputError
from tests.support.cores import DOPANT, VACANCY, case_of, table

ROOT = Path(scl_fem.__file__).parents[1]
ION = {"c_max": 10.0, "occupancy": 0.1, "permittivity": 20.0, "diffusivity": 1e-9}


def refusal(case):
    with pytest.raises(InputError) as caught:
        refuse_unsolved(resolve(case))
    return str(caught.value)


def two(mesh, **phase):
    phases = {name: {"material": "M", "voltage": 3.0} for name in ("electrode", "electrolyte")}
    phases["electrode"] |= phase
    return {
        "mesh": mesh,
        "phase": phases,
        "materials": {"M": ION},
        "output": {"fields": False, "figures": False},
        "study": {"kind": "equilibrium"},
    }


def test_a_frozen_carrier_has_no_energy(tmp_path):
    for core in (
        {"energy_shift": {"Gd": 0.1}},
        {"energy_decay": {"Gd": [0.1, 1.0]}},
        {"energy_profile": table(tmp_path, [(0, 0.1), (0.8, 0.1)], carriers="Gd")},
    ):
        message = refusal(case_of(core, tmp_path))
        key = next(iter(core))
        assert re.match(rf"phase\.core\.{key}(\.Gd)?: Gd is frozen", message)
        assert message.endswith("(allowed: V_O)")


def test_a_carrier_frozen_at_a_temperature_has_one_all_through_the_phase_alone():
    hot = {key: value for key, value in DOPANT.items() if key != "frozen"} | {"frozen_at": 1500.0}
    material = {"permittivity": 30.0, "carriers": [VACANCY, hot]}
    assert "frozen_at" in refusal(case_of({"energy_decay": {"Gd": [0.1, 1.0]}}, material=material))
    refuse_unsolved(resolve(case_of({"energy_shift": {"Gd": 0.1}}, material=material)))


def test_a_phase_that_touches_none_has_no_distance():
    tables = two({"kind": "stack", "layers": [{"phase": "grain", "thickness": 5.0}]})
    tables["phase"] = {"grain": {"material": "M", "energy_decay": {"Li+": [0.1, 1.0]}}}
    message = refusal(scl_fem.Case(**tables))
    assert message.startswith("phase.grain.energy_decay: grain touches no other phase")


@pytest.mark.parametrize(
    "mesh",
    [
        {"kind": "particle", "dimension": 2},
        {"kind": "file", "path": "x.msh", "groups": {"electrode": "a", "electrolyte": "b"}},
    ],
)
def test_a_profile_needs_layers(tmp_path, mesh):
    name = table(tmp_path, [(0, 0.1), (50, 0.1)], carriers="Li+")
    with pytest.raises(
        InputError, match=r"energy_profile: .*energies\.csv: runs over the depth of layers"
    ) as caught:
        resolve(scl_fem.Case(**two(mesh, energy_profile=str(tmp_path / name))))
    assert "planar, stack or rough" in str(caught.value)


def test_a_decay_is_in_what_conducts_and_in_what_starts():
    """Conduction and a transient from equilibrium of a cell whose energies rise towards the interface."""
    mesh = {"kind": "planar", "interface_size": 0.01, "growth": 1.2}
    with_decay, without = two(mesh, energy_decay={"Li+": [0.1, 1.0]}), two(mesh)
    found = []
    for tables in (with_decay, without):
        summary = scl_fem.run(scl_fem.Case(**tables | {"study": {"kind": "conduction"}})).summary
        excess = summary["excess_resistance_ohm_cm2"]
        assert summary["interface_resistance_ohm_cm2"] == pytest.approx(excess, rel=1e-3)
        study = {"kind": "transient", "duration": 1e-12}
        tables |= {"study": study, "initial": {"state": "equilibrium"}}
        rested = scl_fem.run(scl_fem.Case(**tables)).summary
        key = "layer_charge_e_per_nm2"
        assert rested["electrolyte"][key] == pytest.approx(summary["electrolyte"][key], rel=1e-6)
        found.append(excess)
    assert abs(found[0] - found[1]) > 0.05 * abs(found[1])


def test_a_rough_slab_whose_profile_is_flat_is_shifted(tmp_path):
    """A profile in a phase that is its own bulk: far from its step nothing happens."""
    mesh = {"kind": "rough", "dimension": 2, "interface_size": 0.05, "growth": 1.4}
    name = table(tmp_path, [(0, 0.0), (9.0, 0.0), (9.0, -0.1), (10.0, -0.1)], carriers="Li+")
    summary = scl_fem.run(scl_fem.Case(**two(mesh, energy_profile=str(tmp_path / name)))).summary
    found = summary["electrode"]
    # what has -0.1 eV takes up Li and is charged, both sides of it are depleted
    assert summary["interface_potential_V"] > 0.02
    assert found["layer_charge_e_per_nm2"] > 0.05
    assert summary["lithium_error"] < 1e-10
    assert summary["remarks"] == []


def test_a_particle_with_energies_at_its_surface_and_its_fields():
    """Each node of the particle is as full as its own potential and distance make it."""
    mesh = {"kind": "particle", "dimension": 2, "radius": 3.0, "interface_size": 0.05, "growth": 1.4}
    case = scl_fem.Case(**two(mesh, energy_decay={"Li+": [-0.2, 0.5]}))
    result = scl_fem.run(case)
    study = result.study
    fields = next(iter(study.field_steps()))[1]["electrode"]
    nodes = study.space.dofs("electrode")
    radius = np.linalg.norm(study.space.space.tabulate_dof_coordinates()[nodes], axis=1)
    kT = 8.617333262e-5 * 298.15
    u = -(fields["phi_V"][nodes] - 0.2 * np.exp(-(3.0 - radius) / 0.5)) / kT
    expected = 0.1 * np.exp(u) / (1.0 + 0.1 * np.expm1(u))
    # polygons are not circles: distances are off by 1 % of the radius at most
    np.testing.assert_allclose(fields["occupancy"][nodes], expected, rtol=0.3, atol=2e-3)
    at_surface = np.isclose(radius, 3.0)
    np.testing.assert_allclose(fields["occupancy"][nodes][at_surface], expected[at_surface], rtol=1e-9)
    mean = result.summary["electrode"]["occupancy_interface"]
    assert mean == pytest.approx(expected[at_surface].mean(), rel=0.05)


def test_the_table_of_the_page(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    import grain_boundary

    page = (ROOT / "docs" / "grain_boundary.md").read_text(encoding="utf-8")
    assert "| " + " | ".join(grain_boundary.row(500)) + " |" in page.splitlines()


def test_the_boundary_of_the_case():
    """Vacancies are depleted beside the core, and in it there are as many as make up for that."""
    summary = scl_fem.run(scl_fem.load_case(ROOT / "cases" / "ceria_grain_boundary_1d.toml")).summary
    boundary = summary["interfaces"]["grain_1|core"]
    grain, core = (boundary[name]["components"]["O2-"]["excess_per_nm2"] for name in ("grain_1", "core"))
    assert grain > 0.08  # O2- where vacancies are gone
    assert summary["charge_error"] < 1e-9
    assert core == pytest.approx(-grain, rel=0.05)  # but for electrons, and half a cell in the middle
    assert summary["remarks"] == []


def test_the_tables_of_what_contacts_measure(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    import grain_boundary

    page = (ROOT / "docs" / "grain_boundary.md").read_text(encoding="utf-8")
    assert grain_boundary.conduction_table() in page
    assert grain_boundary.arcs_table() in page


def test_what_the_boundary_adds_between_contacts_is_its_excess_resistance(monkeypatch):
    """Of both components; the bulk of a core is its reference's, whatever its energies."""
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    import grain_boundary

    path = ROOT / "cases" / "ceria_grain_boundary_1d.toml"
    summary = scl_fem.run(scl_fem.load_case(path, ["study.kind=conduction"])).summary
    for name, numbers in summary["components"].items():
        excess = grain_boundary.excess(summary, name)
        assert numbers["interface_resistance_ohm_cm2"] == pytest.approx(excess, rel=1e-7)
        sigma, length = (
            summary["interfaces"]["grain_1|core"]["grain_1"]["conductivity_bulk_S_per_cm"],
            31.5e-7,
        )
    together = sum(1.0 / each["bulk_resistance_ohm_cm2"] for each in summary["components"].values())
    assert 1.0 / together == pytest.approx(length / sigma, rel=1e-6)


def test_conduction_of_one_phase_whose_energies_depend_on_the_place(tmp_path):
    """One component, one phase: the integral of 1/sigma over the profile."""
    (tmp_path / "energies.csv").write_text("z_nm,V\n0,0\n4,0\n5,0.1\n6,0\n10,0\n")
    carriers = [{"name": "V", "component": "O2-", "amount": -1, "sites": 40.0, "occupancy": 0.05}]
    carriers[0]["diffusivity"] = 1e-8
    tables = {
        "study": {"kind": "conduction"},
        "mesh": {"kind": "stack", "interface_size": 0.02, "layers": [{"phase": "A", "thickness": 10.0}]},
        "phase": {"A": {"material": "M"}},
        "materials": {"M": {"permittivity": 30.0, "carriers": carriers}},
        "boundary": {"kind": "bulk"},
    }
    plain = scl_fem.run(scl_fem.case_from_dict(tables)).summary
    tables["phase"]["A"]["energy_profile"] = str(tmp_path / "energies.csv")
    result = scl_fem.run(scl_fem.case_from_dict(tables))
    summary = result.summary
    assert summary["bulk_resistance_ohm_cm2"] == pytest.approx(plain["total_resistance_ohm_cm2"], rel=1e-6)
    z, sigma = (np.asarray(result.tables["profile.csv"][key]) for key in ("z_nm", "sigma_S_per_cm"))
    exact = np.trapezoid(1e-7 / sigma, z)
    assert summary["total_resistance_ohm_cm2"] == pytest.approx(exact, rel=1e-4)
    assert exact > 1.0005 * plain["total_resistance_ohm_cm2"]
