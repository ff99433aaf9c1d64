"""Profiles, fields and summaries of any phases, carriers and components: that they agree."""

import csv
import json

import scl_fem._stack
import numpy as np
import pytest

import scl_fem
from scl_fem.case import case_from_dict
from scl_fem.constants import SIEMENS_PER_CM, thermal_energy
from scl_fem.mesh.write import write_msh
from scl_fem.results.text import short_lines, summary_lines
from scl_fem.sweeps.table import default_quantity

NO_OUTPUT = {"fields": False, "figures": False}
COARSE = {"interface_size": 0.05, "growth": 1.4}
LATTICE = {"c_max": 20.0, "occupancy": 0.4, "permittivity": 15.0, "diffusivity": 1e-9}
LINE = ["z_nm", "phase", "phi_V", "c_per_nm3", "occupancy", "mu_e_eV", "sigma_S_per_cm"]


def carrier(name, component, **keys):
    return {"name": name, "component": component, "sites": 10.0, "diffusivity": 1e-9, **keys}


MIXED = {
    "permittivity": 20.0,
    "levels": {"e-": -0.5},
    "carriers": [
        carrier("Li_i", "Li+", occupancy=0.1),
        carrier("V_Li", "Li+", amount=-1, occupancy=0.05, diffusivity=1e-10),
        carrier("n", "e-", statistics="dilute", sites=None, concentration=0.05),
    ],
}
MIXED["carriers"][2].pop("sites")
MATERIALS = {"M": LATTICE, "X": MIXED}
PHASES = {
    "A": {"material": "M", "voltage": 3.2},
    "B": {"material": "X", "voltage": 3.1},
    "C": {"material": "M", "voltage": 3.0},
}


def stack(*layers, dimension=1, phases=PHASES, **tables):
    mesh = {"kind": "stack", "dimension": dimension, **COARSE}
    mesh["layers"] = [{"phase": name, "thickness": size} for name, size in layers]
    if dimension > 1:
        mesh["lateral_elements"] = 2
    return case_from_dict(
        {
            "study": {"kind": "equilibrium"},
            "output": NO_OUTPUT,
            "mesh": mesh,
            "phase": {name: phases[name] for name, _ in layers},
            "materials": MATERIALS,
            **tables,
        }
    )


LAYERS = ("A", 3.0), ("B", 2.0), ("C", 3.0)


@pytest.fixture(scope="module")
def three():
    return scl_fem.run(stack(*LAYERS))


def of_phase(table, phase, name):
    return np.asarray(table[name])[np.asarray(table["phase"]) == phase]


def test_each_carrier_and_component_has_its_columns(three):
    table = three.tables["profile.csv"]
    carriers, components = ("Li+", "Li_i", "V_Li", "n"), ("Li+", "e-")
    assert list(table) == [
        *LINE,
        "mu_e-_eV",
        *(f"occupancy_{name}" for name in carriers),
        *(f"c_{name}_per_nm3" for name in components),
        *(f"sigma_{name}_S_per_cm" for name in components),
    ]
    # one carrier: the named columns repeat the others, and those of what it lacks are empty
    for name in "AC":
        for named, plain in (
            ("occupancy_Li+", "occupancy"),
            ("c_Li+_per_nm3", "c_per_nm3"),
            ("sigma_Li+_S_per_cm", "sigma_S_per_cm"),
        ):
            assert of_phase(table, name, named) == pytest.approx(of_phase(table, name, plain), rel=1e-14)
        for lacking in ("mu_e-_eV", "occupancy_n", "occupancy_V_Li", "c_e-_per_nm3", "sigma_e-_S_per_cm"):
            assert np.isnan(of_phase(table, name, lacking)).all()
    assert np.isnan(of_phase(table, "B", "occupancy_Li+")).all()


def test_columns_of_a_phase_of_several_follow_from_its_potential(three):
    table, phase = three.tables["profile.csv"], three.study.equilibrium.phases["B"]
    phi = of_phase(table, "B", "phi_V")
    found = phase.occupancies(phi)
    for name, values in found.items():
        assert of_phase(table, "B", f"occupancy_{name}") == pytest.approx(values, rel=1e-10)
    sites = {each.name: each.site_density for each in phase.carriers}
    held = sites["Li_i"] * found["Li_i"] - sites["V_Li"] * found["V_Li"]
    assert of_phase(table, "B", "c_Li+_per_nm3") == pytest.approx(held, rel=1e-10)
    assert of_phase(table, "B", "c_per_nm3") == pytest.approx(sites["Li_i"] * found["Li_i"], rel=1e-10)
    for component in phase.components:
        sigma = phase.conductivity(phi, component) * SIEMENS_PER_CM
        assert of_phase(table, "B", f"sigma_{component.name}_S_per_cm") == pytest.approx(sigma, rel=1e-10)
    total = phase.conductivity(phi) * SIEMENS_PER_CM
    assert of_phase(table, "B", "sigma_S_per_cm") == pytest.approx(total, rel=1e-10)
    assert np.asarray(table["mu_e_eV"]) == pytest.approx(-3.0, abs=1e-12)


@pytest.mark.parametrize(("amount", "name"), [(1, "n"), (-1, "h")])
def test_the_potentials_of_components_are_those_that_are_found(amount, name):
    """Between metals the total of Li+ is kept: its mu~ is found, and with phi gives the occupancies."""
    other = {**carrier(name, "e-", statistics="dilute", concentration=0.5), "amount": amount}
    del other["sites"]
    material = {"permittivity": 20.0, "carriers": [carrier("i", "Li+", occupancy=0.05), other]}
    case = stack(
        ("A", 4.0),
        phases={"A": {"material": "Y", "voltage": 3.0}},
        materials={"Y": material | {"levels": {"e-": -0.7}}},
        boundary={"kind": "metal", "left": {"kind": "metal", "potential": 0.3}, "right": {"kind": "metal"}},
    )
    table = scl_fem.run(case).tables["profile.csv"]
    kT = thermal_energy(298.15)
    phi, x = np.asarray(table["phi_V"]), np.asarray(table["occupancy_i"])
    level = -3.0 + kT * (np.log(x / (1.0 - x)) - np.log(0.05 / 0.95))
    assert np.asarray(table["mu_e_eV"]) == pytest.approx(level + phi, abs=1e-9)
    concentration = np.asarray(table["c_e-_per_nm3"]) / (0.5 * amount)
    level = -0.7 + amount * kT * np.log(concentration)
    assert np.asarray(table["mu_e-_eV"]) == pytest.approx(level - phi, abs=1e-9)
    assert np.ptp(np.asarray(table["mu_e_eV"])) < 1e-12


def test_a_single_carrier_has_the_columns_of_before():
    table = scl_fem.run(stack(("A", 3.0), ("C", 3.0))).tables["profile.csv"]
    assert list(table) == LINE


@pytest.mark.parametrize(("dimension", "order"), [(2, 1), (2, 2), (3, 1)])
def test_the_line_goes_through_every_phase(dimension, order):
    solver = {"order": order}
    table = scl_fem.run(stack(*LAYERS, dimension=dimension, solver=solver)).tables["profile.csv"]
    exact = scl_fem.run(stack(*LAYERS, solver=solver)).tables["profile.csv"]
    assert list(table) == list(exact)
    assert (np.diff(table["z_nm"]) >= 0.0).all()
    for name, ends in (("A", (-3.0, 0.0)), ("B", (0.0, 2.0)), ("C", (2.0, 5.0))):
        z = of_phase(table, name, "z_nm")
        assert z[[0, -1]] == pytest.approx(ends, abs=1e-6)
        for column, error in (("phi_V", 2e-3), ("occupancy", 2e-2)):
            expected = np.interp(z, of_phase(exact, name, "z_nm"), of_phase(exact, name, column))
            assert of_phase(table, name, column) == pytest.approx(expected, abs=error)
        # where there is an interface, it is resolved
        distance = np.sort(np.abs(z - ends[0 if name != "A" else 1]))
        assert distance[1] < 1e-2 * COARSE["interface_size"] * 5.0


def test_a_line_through_one_phase_begins_at_its_contact():
    metal = {"kind": "bulk", "left": {"kind": "metal", "potential": -0.5}}
    tables = [
        scl_fem.run(stack(("A", 5.0), dimension=d, boundary=metal)).tables["profile.csv"] for d in (1, 2)
    ]
    line, plane = tables
    assert plane["z_nm"][[0, -1]] == pytest.approx([0.0, 5.0], abs=1e-6)
    expected = np.interp(plane["z_nm"], line["z_nm"], line["phi_V"])
    assert plane["phi_V"] == pytest.approx(expected, abs=1e-2)
    # as fine at a metal at the other end
    right = {"kind": "bulk", "right": {"kind": "metal", "potential": -0.5}}
    z = scl_fem.run(stack(("A", 5.0), dimension=2, boundary=right)).tables["profile.csv"]["z_nm"]
    assert 5.0 - np.sort(z)[-2] < 1e-2


def coated(dimension):
    return case_from_dict(
        {
            "study": {"kind": "equilibrium"},
            "output": NO_OUTPUT,
            "mesh": {
                "kind": "particle",
                "dimension": dimension,
                "radius": 2.0,
                "box_size": 8.0,
                "coating": {"phase": "C", "thickness": 1.0},
                "interface_size": 0.1 if dimension == 2 else 0.4,
                "growth": 1.6,
            },
            "phase": {
                "electrode": {"material": "M", "voltage": 3.2},
                "C": {"material": "M", "voltage": 3.1},
                "electrolyte": {"material": "M", "voltage": 3.0},
            },
            "materials": MATERIALS,
        }
    )


@pytest.mark.parametrize("dimension", [2, 3])
def test_the_line_through_a_coated_particle(dimension):
    table = scl_fem.run(coated(dimension)).tables["profile.csv"]
    names = np.asarray(table["phase"])
    starts = np.flatnonzero(np.concatenate([[True], names[1:] != names[:-1]]))
    assert list(names[starts]) == ["electrode", "C", "electrolyte"]
    # half of the chord, the coating, what is left of the box
    ends = [of_phase(table, name, "z_nm")[[0, -1]] for name in names[starts]]
    assert ends[0] == pytest.approx([-2.0, 0.0], abs=0.15)
    assert ends[1] == pytest.approx([0.0, 1.0], abs=0.15)
    assert ends[2] == pytest.approx([1.0, 2.0], abs=0.2)


@pytest.mark.parametrize("dimension", [1, 2])
def test_a_phase_that_the_line_meets_twice_is_there_twice(tmp_path, dimension):
    """A core between two grains of one name, in a mesh file."""
    path = tmp_path / "cell.msh"
    write_msh(stack(*((name, 2.0) for name in "ABC"), dimension=dimension).mesh.build(), path)
    groups = {"grain": ["A", "C"], "core": "B"}
    from_file = case_from_dict(
        {
            "study": {"kind": "equilibrium"},
            "output": NO_OUTPUT,
            "mesh": {"kind": "file", "path": str(path), "groups": groups},
            "phase": {
                "grain": {"material": "M", "voltage": 3.0},
                "core": {"material": "M", "voltage": 3.1},
            },
            "materials": MATERIALS,
        }
    )
    table = scl_fem.run(from_file).tables["profile.csv"]
    names = np.asarray(table["phase"])
    starts = np.flatnonzero(np.concatenate([[True], names[1:] != names[:-1]]))
    assert list(names[starts]) == ["grain", "core", "grain"]
    assert (np.diff(table["z_nm"]) >= 0.0).all()
    assert np.ptp(table["z_nm"]) == pytest.approx(6.0, abs=1e-6)
    # the cell is its own mirror image about the middle of the core
    z, phi = np.asarray(table["z_nm"]), np.asarray(table["phi_V"])
    assert np.interp(z[0] + z[-1] - z, z, phi) == pytest.approx(phi, abs=1e-3)


def test_entries_of_what_a_phase_lacks_are_empty(tmp_path):
    result = scl_fem.run(stack(*LAYERS), tmp_path / "r")
    with (tmp_path / "r" / "profile.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert all((row["occupancy_n"] == "") == (row["phase"] != "B") for row in rows)
    assert all((row["occupancy_Li+"] == "") == (row["phase"] == "B") for row in rows)
    read = scl_fem.load_result(tmp_path / "r").tables["profile.csv"]
    for name, values in result.tables["profile.csv"].items():
        np.testing.assert_array_equal(read[name], values, err_msg=name)


# Summaries ------------------------------------------------------------------------------------


def planar(**tables):
    return case_from_dict(
        {
            "study": {"kind": "equilibrium"},
            "output": NO_OUTPUT,
            "mesh": {"kind": "planar", "electrode_thickness": 4.0, "electrolyte_thickness": 4.0, **COARSE},
            "phase": {
                "electrode": {"material": "LVO", "composition": 0.2},
                "electrolyte": {"material": "LAGP"},
            },
            **tables,
        }
    )


@pytest.mark.parametrize("boundary", ["closed", "bulk"])
def test_two_phases_have_their_parts_too(boundary):
    summary = scl_fem.run(planar(boundary={"kind": boundary})).summary
    interface = summary["interfaces"]["electrode|electrolyte"]
    for key, at_top in (
        ("area", "interface_area"),
        ("potential_V", "interface_potential_V"),
        ("potential_min_V", "interface_potential_min_V"),
        ("potential_max_V", "interface_potential_max_V"),
        *(
            (key, key)
            for key in ("layer_thickness_nm", "layer_resistance_ohm_cm2", "excess_resistance_ohm_cm2")
        ),
    ):
        assert interface[key] == summary[at_top], key
    for name in ("electrode", "electrolyte"):
        side = dict(interface[name])
        components, carriers = side.pop("components"), side.pop("carriers")
        assert side == summary[name]
        assert carriers["Li+"] == {key: side[key] for key in ("occupancy_bulk", "occupancy_interface")}
        lithium = components["Li+"]
        assert lithium["excess_per_nm2"] == side["layer_charge_e_per_nm2"]
        assert lithium["excess_resistance_ohm_cm2"] == side["excess_resistance_ohm_cm2"]
        assert lithium["excess_conductance_S"] != 0.0
        phase = summary["phases"][name]
        assert phase["material"] == side["material"]
        assert phase["bulk_potential_V"] == side["bulk_potential_V"]
        assert phase["carriers"]["Li+"]["occupancy_bulk"] == side["occupancy_bulk"]
    assert summary["cell_voltage_V"] == summary["potential_step_V"]
    assert set(summary["contacts"]) == ({"left", "right"} if boundary == "bulk" else set())


@pytest.mark.parametrize("boundary", ["closed", "bulk"])
def test_a_stack_of_two_has_the_numbers_of_planar(boundary):
    """Where a bulk goes on beyond a contact there is no layer there that would take its part of a side."""
    two = scl_fem.run(planar(boundary={"kind": boundary})).summary["interfaces"]["electrode|electrolyte"]
    case = planar(boundary={"kind": boundary})
    layers = [{"phase": "A", "thickness": 4.0}, {"phase": "B", "thickness": 4.0}]
    named = case_from_dict(
        {
            "study": {"kind": "equilibrium"},
            "output": NO_OUTPUT,
            "mesh": {"kind": "stack", "layers": layers, **COARSE},
            "phase": {"A": {"material": "LVO", "composition": 0.2}, "B": {"material": "LAGP"}},
            "boundary": {"kind": case.boundary.kind},
        }
    )
    result = scl_fem.run(named)
    found = result.summary["interfaces"]["A|B"]
    for name, charge in result.study.equilibrium.charges.items():  # the whole side, to its contact
        assert found[name]["layer_charge_e_per_nm2"] == pytest.approx(charge, rel=1e-12)
    for name, side in (("A", "electrode"), ("B", "electrolyte")):
        for key in ("thickness_nm", "layer_charge_e_per_nm2", "excess_resistance_ohm_cm2"):
            assert found[name][key] == pytest.approx(two[side][key], rel=1e-12)


@pytest.mark.parametrize(
    "study",
    [
        {"kind": "conduction"},
        {"kind": "impedance", "points_per_decade": 1},
        {"kind": "transient", "duration": 1e-10},
    ],
    ids=lambda table: table["kind"],
)
def test_the_other_studies_have_them_as_well(study):
    summary = scl_fem.run(planar(study=study)).summary
    side = summary["interfaces"]["electrode|electrolyte"]["electrode"]
    assert {key: side[key] for key in summary["electrode"]} == summary["electrode"]
    assert side["components"]["Li+"]["excess_per_nm2"] == side["layer_charge_e_per_nm2"]
    assert set(summary["phases"]) == {"electrode", "electrolyte"}
    assert summary["contacts"] is not None
    assert summary["cell_voltage_V"] == summary["potential_step_V"]


def test_charges_are_those_of_the_components(three):
    """To the error of the integrals: the charge is the solver's, the excesses are of linear potentials."""
    for name, interface in three.summary["interfaces"].items():
        for side in name.split("|"):
            components = interface[side]["components"]
            total = sum(
                (1 if component == "Li+" else -1) * numbers["excess_per_nm2"]
                for component, numbers in components.items()
            )
            assert total == pytest.approx(interface[side]["layer_charge_e_per_nm2"], rel=2e-2)


# What is shown --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def five():
    names = "ABCDE"
    phases = {name: {"material": "X" if n % 2 else "M", "voltage": 3.0} for n, name in enumerate(names)}
    for number, name in enumerate(names):
        phases[name]["voltage"] = 3.0 + 0.05 * number
    return scl_fem.run(stack(*((name, 2.0) for name in names), phases=phases))


def test_five_phases_fit_a_screen(five):
    summary = five.summary | {"remarks": []}
    lines = summary_lines(summary)
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 110
    for name, interface in summary["interfaces"].items():
        at = next(number for number, line in enumerate(lines) if line.startswith(name))
        assert f"{interface['excess_resistance_ohm_cm2']:.4g}" in lines[at]
        for line, side in zip(lines[at + 1 : at + 3], name.split("|"), strict=True):
            assert line.split()[0] == side
            assert line.split()[1] == f"{interface[side]['occupancy_interface']:.4g}"
    for name, phase in summary["phases"].items():
        (line,) = (each for each in lines if each.startswith(f"{name} "))
        assert f"{phase['bulk_potential_V']:.4g}" in line
        assert all(each in line for each in phase["carriers"])


def test_the_short_form_names_interfaces(five):
    lines = short_lines(five.summary)
    assert len(lines) <= 10
    assert any(line.strip().startswith("layer resistance at A|B (ohm cm^2)") for line in lines)
    # of two phases there is one voltage, under the name of before
    two = "\n".join(short_lines(scl_fem.run(planar()).summary))
    assert "potential step (V)" in two
    assert "cell voltage" not in two


def test_a_sweep_shows_the_first_interface_where_there_are_several(five):
    assert default_quantity(list(five)) == "interfaces.A|B.layer_resistance_ohm_cm2"
    assert (
        five["interfaces.A|B.A.components.Li+.excess_per_nm2"]
        == (five.summary["interfaces"]["A|B"]["A"]["components"]["Li+"]["excess_per_nm2"])
    )
    assert default_quantity(list(scl_fem.run(planar()))) == "layer_resistance_ohm_cm2"


def test_check_prints_what_a_run_would_remark(tmp_path, capsys):
    from scl_fem.case import dump_case
    from scl_fem.cli.check import check

    phase = {"material": "LVO", "composition": 0.2, "thermodynamics": "open-circuit", "voltage": 3.2}
    case = planar(phase={"electrode": phase, "electrolyte": {"material": "LAGP"}})
    path = tmp_path / "case.toml"
    path.write_text(dump_case(case))
    check(path)
    notes = [line for line in capsys.readouterr().out.splitlines() if line.startswith("# note: electrode:")]
    remarks = [text for text in scl_fem.run(case).remarks if text.startswith("electrode:")]
    assert notes == [f"# note: {text}" for text in remarks] != []


# Fields ---------------------------------------------------------------------------------------


def test_fields_of_any_phases_by_their_names(tmp_path):
    phases = {"A/1": PHASES["A"], "B": PHASES["B"]}
    case = stack(("A/1", 2.0), ("B", 2.0), phases=phases, output={"fields": True, "figures": False})
    written = scl_fem.run(case, tmp_path / "r")
    read = scl_fem.load_result(tmp_path / "r")
    assert written.fields.keys() == read.fields.keys() == ["A/1", "B"]
    for name in phases:
        mine, other = written.fields[name], read.fields[name]
        assert set(mine.array_names) == set(other.array_names)
        for array in mine.array_names:
            assert mine[array] == pytest.approx(other[array])
    assert {path.name for path in (tmp_path / "r" / "fields").iterdir()} == {
        "A_1_1_000000.vtu",
        "B_000000.vtu",
    }
    # each phase has the arrays of what it holds, and no other
    arrays = {name: set(read.fields[name].point_data) for name in phases}
    assert {"occupancy_n", "occupancy_V_Li", "c_e-_per_nm3", "mu_e-_eV", "sigma_e-_S_per_cm"} <= arrays["B"]
    assert arrays["A/1"] - arrays["B"] == {"occupancy_Li+"}
    assert not any(np.isnan(read.fields[name][array]).any() for name in phases for array in arrays[name])
    table = written.tables["profile.csv"]
    grid = read.fields["B"]
    order = np.argsort(grid.points[:, 0])
    for array in arrays["B"] & set(table):
        assert grid[array][order] == pytest.approx(of_phase(table, "B", array), rel=1e-12), array
    # all components count: dilute electrons beside both carriers of Li+
    charge = grid["c_Li+_per_nm3"] - grid["c_e-_per_nm3"]
    at_rest = 10.0 * (0.1 - 0.05) - 0.05
    assert grid["charge_density_e_per_nm3"] == pytest.approx(charge - at_rest, abs=1e-2)
    script = (tmp_path / "r" / "view_in_paraview.py").read_text()
    assert 'PHASES = ("A1", "B")' in script
    assert json.loads((tmp_path / "r" / "summary.json").read_text())["phases"].keys() == phases.keys()


@pytest.mark.parametrize("name", ["electrode", "A/1", "2nd", "_x", "Li-Al", "α", "a b", "é1"])
def test_selectors_are_those_of_vtk(name):
    from vtkmodules.vtkCommonDataModel import vtkDataAssembly

    from scl_fem.output.paraview import selector_of

    assert selector_of(name) == vtkDataAssembly.MakeValidNodeName(name)
