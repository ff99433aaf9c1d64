"""Cells of any phases against exact answers: the two-phase cell, first integrals, phases cut in two."""

import math

import numpy as np
import pytest

import scl_fem
from scl_fem.case import case_from_dict
from scl_fem.errors import InputError

EQUILIBRIUM = {"kind": "equilibrium"}
LATTICE = {"c_max": 20.0, "occupancy": 0.5, "permittivity": 15.0, "diffusivity": 1e-9}
NO_OUTPUT = {"fields": False, "figures": False}
PER_COULOMB = 6.241509
"""e/nm^2 of 1 C/m^2."""


def solved(layers, **tables):
    mesh = {"kind": "stack", "layers": [{"phase": name, "thickness": size} for name, size in layers]}
    mesh |= tables.pop("mesh", {})
    case = case_from_dict({"study": EQUILIBRIUM, "output": NO_OUTPUT, **tables, "mesh": mesh})
    return scl_fem.run(case).summary


def first_integral(step):
    """Charge (e/nm^2) of one lattice carrier of c_max 20, x_0 1/2, eps_r 15 at 300 K at a step in V."""
    kT = 8.617333262e-5 * 300.0
    u = step / kT
    energy = 20.0 * kT * (math.log(0.5 + 0.5 * math.exp(u)) - 0.5 * u)
    return math.sqrt(2.0 * 0.0552634936 * 15.0 * energy)


def test_two_layers_are_the_planar_cell():
    phases = {"electrode": {"material": "LVO", "composition": 0.2}, "electrolyte": {"material": "LAGP"}}
    planar = case_from_dict(
        {"study": EQUILIBRIUM, "mesh": {"kind": "planar"}, "phase": phases, "output": NO_OUTPUT}
    )
    expected = scl_fem.run(planar).summary
    names = {"A": phases["electrode"], "B": phases["electrolyte"]}
    found = solved([("A", 10.0), ("B", 10.0)], phase=names)["interfaces"]["A|B"]
    for key in ("layer_thickness_nm", "layer_resistance_ohm_cm2", "excess_resistance_ohm_cm2"):
        assert found[key] == pytest.approx(expected[key], rel=1e-12)
    for name, side in (("A", "electrode"), ("B", "electrolyte")):
        assert found[name]["layer_charge_e_per_nm2"] == pytest.approx(
            expected[side]["layer_charge_e_per_nm2"], rel=1e-12
        )
    assert found["potential_V"] == pytest.approx(expected["interface_potential_V"], rel=1e-12)


def test_a_thick_middle_keeps_its_interfaces_apart():
    phases = {
        "A": {"material": "M", "voltage": 3.3},
        "B": {"material": "M", "voltage": 3.0},
        "C": {"material": "M", "voltage": 2.9},
    }
    materials = {"M": LATTICE}
    whole = solved([("A", 10.0), ("B", 20.0), ("C", 10.0)], phase=phases, materials=materials)
    for pair, size in ((("A", "B"), 10.0), (("B", "C"), 10.0)):
        two = {name: phases[name] for name in pair}
        alone = solved([(name, size) for name in pair], phase=two, materials=materials)
        label = "|".join(pair)
        for name in pair:
            assert whole["interfaces"][label][name]["layer_charge_e_per_nm2"] == pytest.approx(
                alone["interfaces"][label][name]["layer_charge_e_per_nm2"], rel=1e-6
            )
    assert whole["cell_voltage_V"] == pytest.approx(0.4, rel=1e-12)


@pytest.mark.parametrize("dimension", [1, 2])
def test_a_metal_takes_the_charge_of_the_first_integral(dimension):
    summary = solved(
        [("E", 20.0)],
        temperature=300.0,
        mesh={"dimension": dimension},
        phase={"E": {"material": "M"}},
        boundary={"kind": "closed", "left": {"kind": "metal", "potential": -1.0}},
        materials={"M": LATTICE},
    )
    charge = summary["contacts"]["left"]["charge_e_per_nm2"]
    assert first_integral(1.0) == pytest.approx(0.640567774 * PER_COULOMB, rel=1e-6)
    assert -charge == pytest.approx(first_integral(1.0), rel={1: 5e-5, 2: 2e-2}[dimension])


def test_a_charged_metal_has_the_potential_of_the_first_integral():
    charge = -first_integral(0.3)
    summary = solved(
        [("E", 20.0)],
        temperature=300.0,
        phase={"E": {"material": "M"}},
        boundary={"kind": "closed", "left": {"kind": "metal", "surface_charge": charge}},
        materials={"M": LATTICE},
    )
    assert summary["contacts"]["left"]["potential_V"] == pytest.approx(-0.3, rel=1e-4)
    assert summary["charge_error"] < 1e-10


def test_a_stern_capacitor_takes_its_share():
    stern = 20.0
    summary = solved(
        [("E", 20.0)],
        temperature=300.0,
        phase={"E": {"material": "M"}},
        boundary={"kind": "closed", "left": {"kind": "metal", "potential": -1.0, "stern_capacitance": stern}},
        materials={"M": LATTICE},
    )
    charge = -summary["contacts"]["left"]["charge_e_per_nm2"]
    across = charge / PER_COULOMB / (stern * 1e-2)
    assert charge == pytest.approx(first_integral(1.0 - across), rel=1e-4)


def test_a_charged_metal_behind_a_stern_capacitor():
    charge, stern = -first_integral(0.3), 20.0
    left = {"kind": "metal", "surface_charge": charge, "stern_capacitance": stern}
    summary = solved(
        [("E", 20.0)],
        temperature=300.0,
        phase={"E": {"material": "M"}},
        boundary={"kind": "closed", "left": left},
        materials={"M": LATTICE},
    )
    across = charge / PER_COULOMB / (stern * 1e-2)
    assert summary["contacts"]["left"]["potential_V"] == pytest.approx(-0.3 + across, rel=1e-4)


def test_a_charged_interface_is_screened_by_both_sides_alike():
    summary = solved(
        [("A", 10.0), ("B", 10.0)],
        temperature=300.0,
        phase={"A": {"material": "M"}, "B": {"material": "M"}},
        interface={"law": "perfect", "A|B": {"law": "perfect", "surface_charge": 2.0 * first_integral(0.2)}},
        materials={"M": LATTICE},
    )
    found = summary["interfaces"]["A|B"]
    assert found["potential_V"] == pytest.approx(0.2, rel=1e-4)
    for name in "AB":
        assert found[name]["layer_charge_e_per_nm2"] == pytest.approx(-first_integral(0.2), rel=1e-6)


def test_two_metals_keep_the_total_of_what_neither_exchanges():
    """Only the difference of their potentials counts: symmetric layers of opposite sign at x_0 = 1/2."""
    summary = solved(
        [("E", 30.0)],
        temperature=300.0,
        phase={"E": {"material": "M"}},
        boundary={
            "kind": "closed",
            "left": {"kind": "metal", "potential": 0.0},
            "right": {"kind": "metal", "potential": 0.4},
        },
        materials={"M": LATTICE},
    )
    left, right = (summary["contacts"][name]["charge_e_per_nm2"] for name in ("left", "right"))
    assert right == pytest.approx(first_integral(0.2), rel=1e-4)
    assert left == pytest.approx(-right, rel=1e-8)
    difference = summary["contacts"]["right"]["potential_V"] - summary["contacts"]["left"]["potential_V"]
    assert difference == pytest.approx(0.4, rel=1e-9)


def test_shared_sites_take_the_charge_of_bikerman():
    """Two ions on the same sites (Kilic, Bazant, Ajdari 2007): 0.1 V on 0.1 M, a tenth of the sites."""
    number, volts, kT = 0.0602214, 0.1, 8.617333262e-5 * 298.15
    sites = 2.0 * number / 0.1
    ion = {"sites": sites, "occupancy": 0.05, "shared": "water", "diffusivity": 1e-5}
    carriers = [
        {"name": "K", "component": "K+", "charge": 1, **ion},
        {"name": "Cl", "component": "Cl-", "charge": -1, **ion},
    ]
    summary = solved(
        [("E", 60.0)],
        temperature=298.15,
        mesh={"interface_size": 0.002},
        phase={"E": {"material": "M"}},
        boundary={"kind": "bulk", "left": {"kind": "metal", "potential": volts}},
        materials={"M": {"permittivity": 78.5, "carriers": carriers}},
    )
    length = np.sqrt(78.5 * 0.0552634936 * kT / (2.0 * number))
    u = volts / kT
    exact = 2.0 * number * length * np.sqrt((2.0 / 0.1) * np.log1p(0.2 * np.sinh(u / 2.0) ** 2))
    assert exact / PER_COULOMB == pytest.approx(9.13021249e-2, rel=1e-5)
    assert summary["contacts"]["left"]["charge_e_per_nm2"] == pytest.approx(exact, rel=1e-4)


def carrier(name, charge, **keys):
    return {"name": name, "component": name, "charge": charge, "diffusivity": 1e-9, **keys}


def test_dilute_ions_take_the_charge_of_gouy_and_chapman():
    number, volts, kT = 0.06, 0.1, 8.617333262e-5 * 298.15
    carriers = [
        carrier(name, charge, statistics="dilute", concentration=number)
        for name, charge in (("K+", 1), ("Cl-", -1))
    ]
    summary = solved(
        [("E", 60.0)],
        mesh={"interface_size": 0.002},
        phase={"E": {"material": "M"}},
        boundary={"kind": "bulk", "left": {"kind": "metal", "potential": volts}},
        materials={"M": {"permittivity": 78.5, "carriers": carriers}},
    )
    exact = np.sqrt(8.0 * 78.5 * 0.0552634936 * kT * number) * np.sinh(0.5 * volts / kT)
    assert summary["contacts"]["left"]["charge_e_per_nm2"] == pytest.approx(exact, rel=1e-4)


@pytest.mark.parametrize("right", ["closed", "bulk"])
def test_a_metal_at_one_end_of_electrode_and_electrolyte(right):
    """The keys of a cell of two are there, the metal has the first integral, the interface its own layers."""
    phases = {
        "electrode": {"material": "M", "voltage": 3.2},
        "electrolyte": {"material": "M", "voltage": 3.0},
    }
    tables = {"phase": phases, "materials": {"M": LATTICE}, "temperature": 300.0}
    layers = [("electrode", 20.0), ("electrolyte", 20.0)]
    alone = solved(layers, **tables)
    ends = {"kind": right, "left": {"kind": "metal", "potential": 0.3}}
    summary = solved(layers, boundary=ends, **tables)
    charge = summary["contacts"]["left"]["charge_e_per_nm2"]
    assert charge == pytest.approx(first_integral(0.3), rel=1e-4)
    assert summary["potential_step_V"] == pytest.approx(0.2, rel=1e-12)
    assert summary["interface_potential_V"] == pytest.approx(alone["interface_potential_V"], rel=1e-5)
    # the cells of the electrode are others: small at the metal, too
    assert summary["layer_thickness_nm"] == pytest.approx(alone["layer_thickness_nm"], rel=1e-4)
    assert summary["electrolyte"]["layer_charge_e_per_nm2"] == pytest.approx(
        alone["electrolyte"]["layer_charge_e_per_nm2"], rel=1e-6
    )
    assert "lithium_error" not in summary


def two_ions(level):
    """Two phases of ions and electrons that agree on the ions' level; the electrons' differ by `level`."""
    electron = {"name": "e", "component": "e-", "sites": 10.0, "occupancy": 0.2, "diffusivity": 1e-6}
    ion = {"name": "Li", "component": "Li+", "sites": 10.0, "occupancy": 0.5, "diffusivity": 1e-9}
    materials = {
        name: {"permittivity": 10.0, "levels": {"e-": value}, "carriers": [ion, electron]}
        for name, value in (("A", 0.0), ("B", level))
    }
    phase = {name: {"material": name, "voltage": 3.0} for name in "AB"}
    return {"phase": phase, "materials": materials}


def test_levels_that_disagree_move_the_bulks_keep_the_totals_and_are_remarked():
    case = case_from_dict(
        {
            "study": EQUILIBRIUM,
            "mesh": {"kind": "stack", "layers": [{"phase": name, "thickness": 20.0} for name in "AB"]},
            "output": NO_OUTPUT,
            **two_ions(0.05),
        }
    )
    result = scl_fem.run(case)
    assert sum("an occupancy of" in remark for remark in result.remarks) == 4
    amounts = result.study.equilibrium.problem.charge.amounts(result.study.equilibrium.phi)
    space, phases = result.study.space, result.study.equilibrium.phases
    for number, occupancy in ((0, 0.5), (1, 0.2)):
        total = sum(
            space.sum(amounts[name][0][number])
            + phase.carriers[number].bulk_concentration * space.sum(space.phase_weights[name])
            for name, phase in phases.items()
        )
        assert total == pytest.approx(2 * 20.0 * 10.0 * occupancy, rel=1e-12)


@pytest.mark.parametrize("boundary", ["closed", "metals"])
def test_what_sits_on_the_sites_of_an_interface_is_taken_from_the_phases(boundary):
    """The total of each component, its sites included, is that of the phases as the case gives them."""
    kT, energy, density, thickness, occupancy = 8.617333262e-5 * 300.0, 0.02, 0.8, 3.0, 0.1
    ions = [carrier(name, z, sites=10.0, occupancy=occupancy) for name, z in (("Li+", 1), ("X-", -1))]
    metals = {"kind": "metal", "left": {"kind": "metal", "potential": 0.3}}
    sites = {"density": density, "energy": energy}
    case = case_from_dict(
        {
            "study": EQUILIBRIUM,
            "temperature": 300.0,
            "mesh": {"kind": "stack", "layers": [{"phase": name, "thickness": thickness} for name in "AB"]},
            "phase": {name: {"material": "S", "voltage": 3.0} for name in "AB"},
            "interface": {"law": "perfect", "A|B": {"law": "perfect", "sites": sites}},
            "boundary": metals if boundary == "metals" else {"kind": "closed"},
            "materials": {"S": {"permittivity": 15.0, "carriers": ions}},
            "output": NO_OUTPUT,
        }
    )
    result = scl_fem.run(case)
    at_interface = result.summary["interfaces"]["A|B"]["A"]["carriers"]["Li+"]["occupancy_interface"]
    # in equilibrium with A: both lattices fill alike, counted from the bulk that the case gives
    given = math.log(occupancy / (1.0 - occupancy))
    logit = math.log(at_interface / (1.0 - at_interface)) - given - energy / kT
    on_sites = {"Li+": density / (1.0 + math.exp(-logit)), "X-": 0.0}
    equilibrium = result.study.equilibrium
    amounts, space = equilibrium.problem.charge.amounts(equilibrium.phi), result.study.space
    for number, name in enumerate(on_sites):
        in_phases = sum(
            space.sum(amounts[phase.name][0][number])
            + phase.carriers[number].bulk_concentration * space.sum(space.phase_weights[phase.name])
            for phase in equilibrium.phases.values()
        )
        assert on_sites["Li+"] > 0.02
        assert in_phases + on_sites[name] == pytest.approx(2.0 * thickness * 10.0 * occupancy, rel=1e-10)
    assert result.summary["charge_error"] < 1e-9


def test_levels_that_agree_are_not_remarked():
    summary = solved([("A", 20.0), ("B", 20.0)], **two_ions(0.0))
    assert not summary["remarks"]
    assert abs(summary["interfaces"]["A|B"]["A"]["layer_charge_e_per_nm2"]) < 1e-10


def test_sites_of_an_interface_are_charged_by_the_potential_found():
    """sigma = z N y at the potential found (a scalar equation), half of it screened by each side."""
    kT, density, energy = 8.617333262e-5 * 300.0, 3.0, 0.05
    sites = {"component": "Li+", "density": density, "energy": energy}
    summary = solved(
        [("A", 10.0), ("B", 10.0)],
        temperature=300.0,
        phase={"A": {"material": "M"}, "B": {"material": "M"}},
        interface={"law": "perfect", "A|B": {"law": "perfect", "sites": sites}},
        materials={"M": LATTICE},
    )
    potential = summary["interfaces"]["A|B"]["potential_V"]
    charge = density / (1.0 + math.exp((energy + potential) / kT))
    assert charge == pytest.approx(2.0 * first_integral(potential), rel=2e-4)
    assert -summary["interfaces"]["A|B"]["A"]["layer_charge_e_per_nm2"] == pytest.approx(
        0.5 * charge, rel=1e-9
    )


def refused(layers, **tables):
    with pytest.raises(InputError) as raised:
        solved(layers, **tables)
    return raised.value


def test_a_phase_without_mobile_carriers_is_refused():
    frozen = {"name": "Gd", "component": "Gd", "charge": -1, "sites": 20.0, "occupancy": 0.2, "frozen": True}
    error = refused(
        [("A", 10.0), ("D", 2.0)],
        phase={"A": {"material": "M"}, "D": {"material": "D"}},
        materials={"M": LATTICE, "D": {"permittivity": 9.0, "carriers": [frozen]}},
    )
    assert error.key == "materials.D.carriers"
    assert "no mobile carrier" in error.problem


def test_conduction_between_two_contacts_of_one_phase():
    """Layers in series: the excesses at both faces are what the interface adds."""
    phases = {"electrode": {"material": "LVO", "composition": 0.2}, "electrolyte": {"material": "LAGP"}}
    names = ("electrode", "electrolyte", "electrode")
    summary = solved([(name, 10.0) for name in names], study={"kind": "conduction"}, phase=phases)
    (interface,) = summary["interfaces"].values()
    # the interface has two faces, one behind the other: numbers per area count both of them
    excess = interface["excess_resistance_ohm_cm2"] * interface["area"]
    assert summary["interface_resistance_ohm_cm2"] / interface["area"] == pytest.approx(excess, rel=1e-4)


def test_a_phase_cut_into_two_is_the_uncut_one():
    phases = {"A": {"material": "LVO", "composition": 0.2}, "B": {"material": "LAGP"}}
    whole = solved([("A", 10.0), ("B", 10.0)], phase=phases)["interfaces"]["A|B"]
    cut = solved([("C", 5.0), ("A", 5.0), ("B", 10.0)], phase=phases | {"C": phases["A"]})["interfaces"]
    assert cut["A|B"]["potential_V"] == pytest.approx(whole["potential_V"], rel=1e-5)
    for key in ("layer_thickness_nm", "layer_resistance_ohm_cm2"):
        assert cut["A|B"][key] == pytest.approx(whole[key], rel=1e-3)
    parts = (cut["A|B"]["A"], cut["C|A"]["A"], cut["C|A"]["C"])
    excess = sum(part["excess_resistance_ohm_cm2"] for part in parts)
    assert excess == pytest.approx(whole["A"]["excess_resistance_ohm_cm2"], rel=1e-3)


def test_interstitials_and_vacancies_take_the_charge_of_poisson_fermi_dirac():
    """LLZO at lithium (Swift, Swift & Qi 2021): two carriers of one component, each on sites of its own."""
    defect = {"component": "Li+", "sites": 3.27455, "diffusivity": 1e-9}
    defect["energy"] = 8.617333262e-5 * 300.0 * math.log(0.1) + 0.0143907397384
    carriers = [{"name": "i", **defect}, {"name": "v", "amount": -1, **defect}]
    summary = solved(
        [("E", 40.0)],
        temperature=300.0,
        phase={"E": {"material": "M", "voltage": 0.0}},
        boundary={"kind": "bulk", "left": {"kind": "metal", "potential": -1.6216363422810787}},
        materials={"M": {"permittivity": 50.0, "carriers": carriers}},
    )
    assert summary["contacts"]["left"]["charge_e_per_nm2"] == pytest.approx(-5.32713, rel=5e-5)


@pytest.mark.parametrize(("enrichment", "excess"), [(100.0, 18.0), (1e4, 198.0)])
def test_excesses_of_a_charged_boundary_are_those_of_gouy_and_chapman(enrichment, excess):
    """Kim, Fleig & Maier 2003: what is enriched, and the resistance of what is depleted, in lambda c_0."""
    number, permittivity, kT = 0.06, 78.5, 8.617333262e-5 * 298.15
    field = 0.0552634936 * permittivity * kT
    charge = 2.0 * np.sqrt(8.0 * field * number) * np.sinh(0.5 * np.log(enrichment))
    length = np.sqrt(0.5 * field / number)
    carriers = [
        carrier(name, charge_number, statistics="dilute", concentration=number)
        for name, charge_number in (("+", 1), ("-", -1))
    ]
    found = solved(
        [("A", 60.0 * length), ("B", 60.0 * length)],
        mesh={"interface_size": 1e-5},
        phase={"A": {"material": "M"}, "B": {"material": "M"}},
        interface={"law": "perfect", "A|B": {"law": "perfect", "surface_charge": -charge}},
        boundary={"kind": "bulk"},
        materials={"M": {"permittivity": permittivity, "carriers": carriers}},
    )["interfaces"]["A|B"]
    for side in "AB":
        enriched, depleted = (found[side]["components"][name] for name in "+-")
        assert enriched["excess_per_nm2"] == pytest.approx(excess * length * number, rel=1e-3)
        conductivity = 1e-9 * number / kT * 1.602176634e-19 * 1e21
        resistance = excess * length * 1e-7 / conductivity
        assert depleted["excess_resistance_ohm_cm2"] == pytest.approx(resistance, rel=1e-3)
        conductance = conductivity * excess * length * 1e-7
        assert enriched["excess_conductance_S"] == pytest.approx(conductance, rel=1e-3)
