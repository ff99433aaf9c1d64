"""What the tables [boundary] and [interface] make of the ends and seams of a cell."""

import numpy as np
import pytest

# isort: split
from mpi4py import MPI

import scl_fem
from scl_fem.case import case_from_dict, resolve
from scl_fem.discretisation.space import PotentialSpace
from scl_fem.errors import InputError
from scl_fem.mesh.distribute import build_domain
from scl_fem.physics.components import LITHIUM
from scl_fem.physics.interface_charge import InterfaceCharge, InterfaceSites
from scl_fem.results.text import key_numbers, summary_lines
from scl_fem.solvers.trouble import trouble_of_newton
from scl_fem.studies.ends import contacts_of_case, interface_charges, kept_totals
from scl_fem.studies.phases import cell_of_case, phases_of

ION = {"name": "Li", "component": "Li+", "sites": 10.0, "occupancy": 0.5, "diffusivity": 1e-9}
ELECTRON = {"name": "e", "component": "e-", "sites": 10.0, "occupancy": 0.2, "diffusivity": 1e-6}
MATERIALS = {
    "mixed": {"permittivity": 10.0, "levels": {"e-": 0.0}, "carriers": [ION, ELECTRON]},
    "ionic": {"permittivity": 10.0, "carriers": [ION]},
}


def case_of(phases, **tables):
    mesh = {"kind": "stack", "layers": [{"phase": name, "thickness": 5.0} for name in phases]}
    phase = {name: {"material": material, "voltage": 3.0} for name, material in phases.items()}
    study = {"kind": "equilibrium"}
    return resolve(
        case_from_dict({"study": study, "mesh": mesh, "phase": phase, "materials": MATERIALS, **tables})
    )


def kept(case):
    cell = cell_of_case(case)
    contacts = contacts_of_case(case, cell, case.mesh.layout)
    found = kept_totals(cell, contacts, case.mesh.contact_phases())
    return set() if found is None else {(total.component, total.phases) for total in found.totals}


WHOLE_CELL = {"A": "mixed", "B": "ionic", "C": "mixed"}


def test_a_reservoir_is_of_the_phases_in_contact_with_it_alone():
    """Electrons of cathode and anode are two groups: the contact of one does not feed the other."""
    boundary = {"kind": "bulk", "right": {"kind": "bulk", "exchanges": ["Li+"]}}
    assert kept(case_of(WHOLE_CELL, boundary=boundary)) == {("e-", ("C",))}
    assert kept(case_of(WHOLE_CELL, boundary={"kind": "bulk"})) == set()


def test_in_a_closed_cell_neutrality_settles_one_total():
    assert kept(case_of({"A": "ionic", "B": "ionic"})) == set()
    assert kept(case_of(WHOLE_CELL)) == {("e-", ("A",)), ("e-", ("C",))}


def test_a_metal_beside_a_closed_end_keeps_levels():
    boundary = {"kind": "closed", "left": {"kind": "metal", "potential": 0.1}}
    assert kept(case_of({"A": "ionic"}, boundary=boundary)) == set()
    both = {"kind": "metal", "potential": 0.1}
    assert kept(case_of({"A": "ionic"}, boundary=both)) == {("Li+", ("A",))}


def test_cells_are_small_where_a_contact_holds_something_back():
    def first_cell(exchanges):
        case = case_of({"A": "ionic", "B": "ionic"}, boundary={"kind": "bulk", **exchanges})
        z = np.sort(case.graded_mesh.build().points[:, 0])
        return z[1] - z[0]

    assert first_cell({"exchanges": []}) == pytest.approx(0.0005, rel=0.1)
    assert first_cell({}) > 0.05


def test_slope_of_the_charge_of_an_interface():
    charge = InterfaceCharge("A", 0.3, InterfaceSites(LITHIUM, 3.0, 0.05, 0.0257))
    excess, step = np.linspace(-1.0, 1.0, 41), 1e-6
    slope = charge.density_and_slope(excess, 0.02)[1]
    above, below = (charge.density_and_slope(excess + s, 0.02)[0] for s in (step, -step))
    np.testing.assert_allclose(slope, -(above - below) / (2.0 * step), rtol=1e-6, atol=1e-8)
    far = charge.density_and_slope(np.array([-50.0, 50.0]))
    np.testing.assert_allclose(far[0], [3.3, 0.3])
    np.testing.assert_allclose(far[1], 0.0, atol=1e-300)


def test_all_carriers_screen():
    """Cells at the interface in screening lengths: of two dilute ions that of Debye."""
    salt = {"statistics": "dilute", "concentration": 0.06, "diffusivity": 1e-5}
    carriers = [
        {"name": name, "component": name, "charge": charge, **salt}
        for name, charge in (("K+", 1), ("Cl-", -1))
    ]
    water = {"water": {"permittivity": 78.5, "carriers": carriers}}
    mesh = {"kind": "stack", "interface_size": 0.01, "layers": [{"phase": "E", "thickness": 5.0}]}
    tables = {"mesh": mesh, "phase": {"E": {"material": "water"}}, "materials": water}
    case = resolve(case_from_dict({"study": {"kind": "equilibrium"}, **tables}))
    space = PotentialSpace(build_domain(case.graded_mesh, MPI.COMM_SELF))
    debye = np.sqrt(78.5 * 0.0552634936 * 8.617333262e-5 * 298.15 / (2.0 * 0.06))
    assert trouble_of_newton(space, phases_of(case)).cell == pytest.approx(0.01 / debye, rel=1e-2)


def with_contacts(**boundary):
    """A at 10 ions per nm^3 half full, 10 nm of it: it can take up or give 50 e/nm^2."""
    tables = {"boundary": {"kind": "closed", **boundary}, "output": {"fields": False, "figures": False}}
    return case_of({"A": "ionic", "B": "ionic"}, **tables)


@pytest.mark.parametrize("charge", [50.5, -50.5])
def test_a_charge_that_no_site_is_left_for_is_refused(charge):
    case = with_contacts(left={"kind": "metal", "surface_charge": charge})
    with pytest.raises(InputError) as raised:
        scl_fem.run(case)
    assert raised.value.key == "boundary.left.surface_charge"
    assert "between -50 and 50 e/nm^2" in str(raised.value.allowed)


def test_a_charge_that_is_taken_up_is_not_refused():
    opposite = {"left": {"kind": "metal", "surface_charge": 60.0}, "right": {"kind": "metal"}}
    metals = {**opposite, "right": {"kind": "metal", "surface_charge": -59.0}}
    for boundary in (
        {"left": {"kind": "metal", "surface_charge": 5.0}},
        {**opposite, "right": {"kind": "bulk"}},
        metals,
    ):
        assert scl_fem.run(with_contacts(**boundary)).summary["converged"]


def test_sites_are_of_the_side_that_holds_their_component():
    salt = {"permittivity": 70.0, "carriers": [{**ION, "name": "K", "component": "K", "charge": 1}]}
    salt["carriers"].append({**ION, "name": "Cl", "component": "Cl", "charge": -1})
    tables = {
        "study": {"kind": "equilibrium"},
        "mesh": {"kind": "stack", "layers": [{"phase": name, "thickness": 2.0} for name in "ABC"]},
        "phase": {
            "A": {"material": "salt"},
            "B": {"material": "ionic", "voltage": 3.0},
            "C": {"material": "salt"},
        },
        "interface": {"law": "perfect", "sites": {"density": 1.0, "energy": 0.0}},
        "materials": {**MATERIALS, "salt": salt},
    }
    case = resolve(case_from_dict(tables))
    found = interface_charges(case, cell_of_case(case), case.mesh.layout)
    assert {pair: charge.first for pair, charge in found.items()} == {("A", "B"): "B", ("B", "C"): "B"}
    assert scl_fem.run(case).summary["charge_error"] < 1e-9


def test_a_potential_of_hundreds_of_volts_is_asked_about():
    remarks = scl_fem.run(with_contacts(left={"kind": "metal", "potential": 100.0})).remarks
    assert sum("boundary.left.potential is 100 V" in text for text in remarks) == 1


def test_contacts_are_a_table_on_the_screen():
    ends = {"left": {"kind": "metal", "potential": 0.1}, "right": {"kind": "bulk"}}
    summary = scl_fem.run(with_contacts(**ends)).summary
    short = dict(key_numbers(summary))
    assert [name for name in short if ":" in name] == ["left: charge (e/nm^2)", "left: C (uF/cm^2)"]
    lines = summary_lines(summary)
    head = next(number for number, line in enumerate(lines) if line.startswith("contacts"))
    assert lines[head].split("  ")[-1].strip() == "C (uF/cm^2)"
    name, potential, charge, capacitance = lines[head + 1].split()
    contact = summary["contacts"]["left"]
    assert (name, float(potential)) == ("left", 0.1)
    assert float(charge) == pytest.approx(contact["charge_e_per_nm2"], rel=1e-3)
    assert short["left: C (uF/cm^2)"] == capacitance
    assert float(capacitance) == pytest.approx(contact["capacitance_uF_per_cm2"], rel=1e-3)
    assert lines[head + 2].split()[0] == "right"
    assert lines[head + 2].split()[-1] == "-"


def test_what_is_left_of_a_layer_that_died_away_is_no_charge_on_the_screen():
    contacts = {"right": {"potential_V": 0.0, "charge_e_per_nm2": -2.6e-174}}
    run = {"title": "t", "study": "equilibrium", "dimension": 1, "dofs": 2, "wall_time_s": 0.0}
    line = summary_lines({**run, "contacts": contacts})[-1]
    assert line.split() == ["right", "0", "0", "-"]
