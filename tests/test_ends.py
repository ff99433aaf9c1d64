"""What the tables [boundary] and [interface] make of the ends and seams of a cell."""

import numpy as np
import pytest

# isort: split
from mpi4py import MPI

from scl_fem.case import case_from_dict, resolve
from scl_fem.discretisation.space import PotentialSpace
from scl_fem.mesh.distribute import build_domain
from scl_fem.physics.components import LITHIUM
from scl_fem.physics.interface_charge import InterfaceCharge, InterfaceSites
from scl_fem.solvers.trouble import trouble_of_newton
from scl_fem.studies.ends import contacts_of_case, kept_totals
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
