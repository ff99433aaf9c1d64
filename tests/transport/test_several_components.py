"""Two mobile components in time: observed orders, free energy, and what a frozen carrier leaves as it is."""

from itertools import pairwise, product

import numpy as np
import pytest

import scl_fem
from scl_fem.solvers.course import free_energy
from tests.transport.support import Cell

LITHIUM = {"name": "Li+", "component": "Li+", "sites": 2.0, "occupancy": 0.5, "diffusivity": 1e-9}
SODIUM = {"name": "Na+", "component": "Na+", "sites": 1.5, "occupancy": 0.4, "diffusivity": 4e-9}
HOLE = {"name": "e-", "component": "e-", "statistics": "dilute", "concentration": 0.4, "diffusivity": 2e-9}
MATERIALS = {
    "M": {"permittivity": 30.0, "voltage": 3.05, "carriers": [LITHIUM, HOLE], "levels": {"e-": "-1.0 eV"}},
    "N": {
        "permittivity": 40.0,
        "voltage": 3.0,
        "carriers": [{**LITHIUM, "sites": 3.0, "occupancy": 0.4}, {**HOLE, "concentration": 0.3}],
        "levels": {"e-": "-1.04 eV"},
    },
}


def cell_of(mesh, *, study=None, materials=MATERIALS, **tables):
    first, second = materials
    return scl_fem.Case(
        temperature=298.15,
        study=study or {"kind": "transient", "duration": 1.0},
        mesh=mesh,
        phase={"electrode": {"material": first}, "electrolyte": {"material": second}},
        materials=materials,
        **tables,
    )


def planar(size, thickness=4.0):
    return {
        "kind": "planar",
        "dimension": 1,
        "electrode_thickness": thickness,
        "electrolyte_thickness": thickness,
        "interface_size": size,
        "growth": 1.000001,
    }


def rough(dimension, number):
    return {
        **planar(0.5 / number, 2.0),
        "kind": "rough",
        "dimension": dimension,
        "lateral_size": 2.0,
        "lateral_elements": 4 * number,
        "roughness_amplitude": 0.4,
    }


def amounts_of(accepted):
    return np.concatenate([each.ravel() for each in accepted.progress.levels[-1].amounts.values()])


def orders(found):
    differences = [np.abs(one - other).sum(axis=-1) for one, other in pairwise(found)]
    return np.log2(np.array(differences[:-1]) / differences[1:])


def test_second_order_in_time():
    cell = Cell(cell_of(planar(0.1)))
    end = 1e-5

    def wave(time):
        return 0.05 * np.sin(np.pi * time / end) ** 3

    start = cell.equilibrium("bulk")
    found = [
        amounts_of(cell.last(end / steps, end, terminals=cell.reservoirs(wave), start=start))
        for steps in (20, 40, 80, 160)
    ]
    assert np.abs(found[0] - found[1]).sum() > 1e-5
    rates = orders(found)
    assert (rates > 1.7).all(), rates


@pytest.mark.parametrize(
    "meshes",
    [
        [planar(size) for size in (0.2, 0.1, 0.05, 0.025)],
        [rough(2, number) for number in (2, 4, 8)],
        [rough(3, number) for number in (1, 2, 4)],
    ],
    ids=["1D", "2D", "3D"],
)
def test_second_order_in_space(meshes):
    """Of what the electrode gained of each component, at a time of the formation."""
    found = []
    for mesh in meshes:
        cell = Cell(cell_of(mesh))
        amounts = cell.last(2e-6, 1e-5).progress.levels[-1].amounts["electrode"]
        found.append(np.array([cell.space.sum(each) for each in amounts]))
    differences = np.abs(np.diff(np.array(found) / cell.space.interface_area, axis=0))
    assert (differences[0] > 1e-6).all()
    rates = np.log2(differences[:-1] / differences[1:])
    assert (rates > 1.8).all(), rates


GADOLINIUM = {"name": "Gd", "component": "Gd", "charge": -1, "sites": 20.0, "occupancy": 0.2, "frozen": True}
STUDIES = {
    "equilibrium": {"kind": "equilibrium"},
    "transient": {"kind": "transient", "duration": 1e-6, "tolerance": 0.01},
    "impedance": {
        "kind": "impedance",
        "frequency_start": 1.0,
        "frequency_stop": 1e10,
        "points_per_decade": 1,
    },
    "conduction": {"kind": "conduction"},
}
LAWS = [{"law": "perfect"}, {"law": "exchange", "exchange_current_density": 0.5, "kinetics": "butler-volmer"}]


@pytest.mark.parametrize("law", LAWS, ids=["perfect", "butler-volmer"])
@pytest.mark.parametrize(
    ("study", "kind"),
    # through metals no ion is conducted
    [pair for pair in product(STUDIES, ("closed", "bulk", "metal")) if pair != ("conduction", "metal")],
)
def test_a_frozen_carrier_changes_nothing(study, kind, law):
    """To the last bit: every column that both have."""
    found = []
    for more in ([], [GADOLINIUM]):
        materials = {
            name: {**table, "carriers": [table["carriers"][0], *more], "levels": {}}
            for name, table in MATERIALS.items()
        }
        mesh = {**planar(0.05), "growth": 1.3}
        boundary = {"kind": kind, "potential": 0.1} if kind == "metal" else {"kind": kind}
        found.append(
            scl_fem.run(
                cell_of(mesh, study=STUDIES[study], materials=materials, boundary=boundary, interface=law)
            )
        )
    alone, beside = found
    assert set(alone.tables) == set(beside.tables)
    for file, columns in alone.tables.items():
        for name, values in columns.items():
            np.testing.assert_array_equal(beside.tables[file][name], values, err_msg=f"{file}: {name}")


SHARED = {
    "P": {
        "permittivity": 20.0,
        "voltage": 3.2,
        "carriers": [{**LITHIUM, "sites": 6.0, "shared": "A"}, {**SODIUM, "sites": 6.0, "shared": "A"}],
    },
    "Q": {
        "permittivity": 30.0,
        "voltage": 3.0,
        "carriers": [
            {"name": "Li_i", "component": "Li+", "sites": 4.0, "energy": 0.05, "diffusivity": 1e-8},
            {
                "name": "V_Li",
                "component": "Li+",
                "amount": -1,
                "sites": 4.0,
                "energy": 0.05,
                "diffusivity": 3e-9,
            },
            {**SODIUM, "statistics": "dilute", "concentration": 0.2},
        ],
    },
}
for _carrier in SHARED["P"]["carriers"]:
    _carrier["occupancy"] = 0.3
del SHARED["Q"]["carriers"][2]["occupancy"]
SITES = {"sites": {"component": "Li+", "density": "2 1/nm^2", "energy": "-0.05 eV"}}


@pytest.mark.parametrize(
    "law",
    [
        {"law": "perfect", **SITES},
        {"law": "exchange", "exchange_current_density": 0.5, "kinetics": "butler-volmer", **SITES},
        {
            "law": "exchange",
            "exchange_current_density": 0.5,
            "kinetics": "coupled-ion-electron",
            "transfer_coefficient": 0.3,
        },
    ],
    ids=["perfect", "butler-volmer", "coupled-ion-electron"],
)
def test_free_energy_falls_and_every_component_stays(law):
    """Sites that are shared, vacancies, sites of the interface, laws that follow occupancies."""
    levels = {
        "Q": {**SHARED["Q"], "levels": {"Na+": "-3.1 eV"}},
        "P": {**SHARED["P"], "levels": {"Na+": "-3.0 eV"}},
    }
    mesh = {**planar(0.05), "growth": 1.4}
    cell = Cell(cell_of(mesh, materials={"P": levels["P"], "Q": levels["Q"]}, interface=law))
    system = cell.system
    for length in (1e-12, 1e-8, 1e-3):
        energies = []
        for accepted in cell.steps(length, 8 * length, method="euler"):
            amounts = accepted.progress.levels[-1].amounts
            for group in system.groups:
                assert abs(system.total(amounts, group)) < 1e-12 * system.neutral_total(group)
            energies.append(free_energy(system, accepted.progress.state, accepted.physics))
        assert energies[0] < 0.0
        assert (np.diff(energies) <= 1e-12 * np.abs(energies).max()).all()
        assert np.ptp(energies) > 0.0
