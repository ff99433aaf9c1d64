"""Any number of phases, components, interfaces and contacts in a case file: read, and written again."""

import copy
import tomllib
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scl_fem as scl
from scl_fem.case import case_from_dict, dump_case, load_case, resolve
from scl_fem.case.components import carriers_of, charge_numbers
from scl_fem.case.differences import differences, unit_at
from scl_fem.case.keys import case_keys
from scl_fem.case.overrides import set_value
from scl_fem.case.parts import interfaces_of
from scl_fem.complaints import listed
from scl_fem.errors import InputError
from scl_fem.studies.phases import phase_remarks, phases_of

STACK = """
title = "three layers"
[study]
kind = "equilibrium"
[mesh]
kind = "stack"
layers = [
  { phase = "LCO", thickness = "20 nm" },
  { phase = "LNO", thickness = "5 nm" },
  { phase = "LPS", thickness = 30 },
]
[phase.LNO]
material = "coating"
energy_shift = { V = "0.1 eV" }
[phase.LPS]
material = "Li3PS4"
voltage = 2.5
[phase.LCO]
material = "LiCoO2"
composition = 0.6
[interface]
law = "perfect"
[interface."LNO|LPS"]
law = "exchange"
exchange_current_density = "0.5 mA/cm^2"
surface_charge = "0.1 e/nm^2"
sites = { density = "3 1/nm^2", energy = "-0.2 eV" }
orders = { LNO = [0.5, 1], LPS = [0.5, 0] }
[boundary]
kind = "closed"
[boundary.left]
kind = "metal"
potential = "0.3 V"
stern_capacitance = "20 uF/cm^2"
[boundary.right]
kind = "bulk"
exchanges = ["Li+"]
[components.Q]
charge = 2
[materials.coating]
permittivity = 55
voltage = 3
carriers = [
  { name = "V", component = "Li+", amount = -1, sites = 43.6, occupancy = 0.05, diffusivity = "1e-12 m^2/s" },
  { name = "i", component = "Li+", sites = 43.6, energy = 0.5, diffusivity = 1e-8, diffusivity_min = 1e-14 },
  { name = "Gd", component = "Gd", charge = -1, sites = 21.8, occupancy = 0.2, frozen = true },
]
"""

CERIA = """
[study]
kind = "equilibrium"
[mesh]
kind = "stack"
layers = [
  { phase = "grain", thickness = 10 },
  { phase = "core", thickness = 0.5 },
  { phase = "other", thickness = 10 },
]
[phase.grain]
material = "CGO"
[phase.core]
material = "CGO"
reference = "grain"
energy_shift = { V_O = -0.5 }
[phase.other]
material = "CGO"
[materials.CGO]
permittivity = 55
fixed_charge = "-8.72 e/nm^3"
[[materials.CGO.carriers]]
name = "V_O"
component = "O2-"
amount = -1
sites = 43.6
occupancy = 0.1
diffusivity = 1e-8
"""


def tables_of(text=STACK, **values):
    """The tables of a case with keys set by path, dots as double underscores."""
    tables = tomllib.loads(text)
    for path, value in values.items():
        set_value(tables, path.split("__"), value)
    return tables


def resolved(text=STACK, **values):
    return resolve(case_from_dict(tables_of(text, **values)))


def with_keys(values, text=STACK):
    """The tables with keys set by path, as --set does."""
    tables = tomllib.loads(text)
    for path, value in values.items():
        set_value(tables, path.split("."), value)
    return tables


def mistakes(values, text=STACK):
    """What is wrong with the case so changed, one text a mistake."""
    with pytest.raises(InputError) as caught:
        resolve(case_from_dict(with_keys(values, text)))
    texts = [str(each) for each in listed(caught.value)]
    assert not any("pydantic" in text or "Input should" in text for text in texts)
    return texts


def mistake(values, text=STACK):
    found = mistakes(values, text)
    assert len(found) == 1, found
    return found[0]


# What is read ------------------------------------------------------------------------------------


def test_phases_stand_in_the_order_of_the_layers():
    case = resolved()
    assert case.phase.names == ("LCO", "LNO", "LPS")
    assert case.phase["LPS"].voltage == case.phase.LPS.voltage == 2.5
    assert "LNO" in case.phase
    assert "LNo" not in case.phase
    assert interfaces_of(case.phase, case.mesh) == ["LCO|LNO", "LNO|LPS"]
    assert case.mesh.contact_phases() == {"left": "LCO", "right": "LPS"}


def test_electrode_and_electrolyte_come_in_their_order_whatever_that_of_the_file():
    tables = {
        "study": {"kind": "equilibrium"},
        "mesh": {"kind": "planar"},
        "phase": {"electrolyte": {"material": "LAGP"}, "electrode": {"material": "LVO", "composition": 1}},
    }
    assert resolve(scl.Case(**tables)).phase.names == ("electrode", "electrolyte")


def test_an_interface_and_a_contact_have_their_own_table_or_the_one_for_all():
    case = resolved()
    assert case.law_between(("LCO", "LNO")).law == "perfect"
    own = case.law_between(("LNO", "LPS"))
    assert (own.law, own.exchange_current_density, own.surface_charge) == ("exchange", 0.5, 0.1)
    assert own.sites.component == "Li+"
    assert own.orders == {"LNO": (0.5, 1.0), "LPS": (0.5, 0.0)}
    assert (case.contact("left").kind, case.contact("left").held_potential) == ("metal", 0.3)
    assert case.contact("right").exchanges == ("Li+",)
    assert case.boundary.kind == "closed"


def test_a_table_without_a_law_or_kind_takes_that_of_the_one_for_all():
    tables = with_keys(
        {
            "interface": {
                "law": "exchange",
                "exchange_current_density": 2.0,
                "LNO|LPS": {"surface_charge": 0.3},
            },
            "boundary": {"kind": "metal", "stern_capacitance": 20, "left": {"potential": 0.1}},
        }
    )
    case = case_from_dict(tables)
    own = case.law_between(("LNO", "LPS"))
    assert (own.law, own.exchange_current_density, own.surface_charge) == ("exchange", 2.0, 0.3)
    assert case.interface.surface_charge is None
    left = case.contact("left")
    assert (left.kind, left.potential, left.stern_capacitance) == ("metal", 0.1, 20)
    assert case.contact("right").potential is None


def test_an_interface_alone_leaves_the_others_perfect():
    tables = tables_of()
    del tables["interface"]["law"]
    assert case_from_dict(tables).interface.law == "perfect"


@pytest.mark.parametrize(
    ("table", "potential", "charge"),
    [
        ({}, 0.0, None),
        ({"potential": "0.2 V"}, 0.2, None),
        ({"surface_charge": -0.1}, None, -0.1),
        ({"floating": True}, None, 0.0),
        ({"floating": False}, 0.0, None),
    ],
)
def test_what_a_metal_holds(table, potential, charge):
    case = case_from_dict(with_keys({"boundary.left": {"kind": "metal", **table}}))
    assert (case.contact("left").held_potential, case.contact("left").held_charge) == (potential, charge)


def test_a_carrier_defines_its_component_and_charges_are_written_out():
    case = resolved()
    charges = charge_numbers(case.components, case.materials)
    assert (charges["Gd"], charges["Q"], charges["Li+"], charges["O2-"], charges["e-"]) == (-1, 2, 1, -2, -1)
    vacancy, interstitial, dopant = case.materials["coating"].carriers
    assert (vacancy.charge, interstitial.charge, dopant.charge) == (-1, 1, -1)
    assert (interstitial.diffusivity_law, vacancy.diffusivity_law) == ("vacancy-bulk", "constant")
    assert vacancy.diffusivity == pytest.approx(1e-8)
    assert dopant.diffusivity is None
    assert case.materials["coating"].components == ("Li+", "Gd")
    assert case.materials["coating"].mobile_components == ("Li+",)


def test_a_vacancy_that_gives_its_charge_defines_the_opposite():
    table = {"name": "V_X", "component": "X", "amount": -1, "charge": 2, "sites": 5, "occupancy": 0.1}
    case = resolved(
        **{"materials__coating__carriers": [{**table, "diffusivity": 1e-8}]}
        | {"interface": {"law": "perfect"}, "phase__LNO": {"material": "coating"}}
    )
    assert charge_numbers({}, case.materials)["X"] == -2


def test_a_carrier_with_a_charge_alone_is_a_component_of_its_own():
    case = resolved(
        **{
            "materials__coating__carriers__Gd": {
                "name": "Y",
                "charge": 3,
                "sites": 1,
                "occupancy": 0.5,
                "frozen": True,
            }
        }
    )
    assert case.materials["coating"].carriers[2].component == "Y"


def test_a_dilute_carrier_with_a_concentration_needs_no_sites():
    electron = {
        "name": "n",
        "component": "e-",
        "statistics": "dilute",
        "concentration": 1e-4,
        "diffusivity": 1,
    }
    case = resolved(**{"materials__coating__carriers__Gd": electron})
    carrier = case.materials["coating"].carriers[2]
    assert (carrier.sites, carrier.concentration, carrier.bulk_occupancy) == (None, 1e-4, 1.0)


def test_the_short_form_is_one_carrier_of_lithium():
    case = resolved()
    (lithium,) = carriers_of(case.materials["LiCoO2"], case.phase.LCO.occupancy)
    assert (lithium.name, lithium.component, lithium.charge) == ("Li+", "Li+", 1)
    assert (lithium.sites, lithium.occupancy) == (case.materials["LiCoO2"].c_max, case.phase.LCO.occupancy)
    assert "carriers" not in case.to_dict()["materials"]["LiCoO2"]


def test_the_phase_says_how_full_the_first_carrier_is():
    case = resolved(phase__LNO__occupancy=0.3)
    first, second, _ = carriers_of(case.materials["coating"], case.phase.LNO.occupancy)
    assert (first.occupancy, second.energy) == (0.3, 0.5)


def test_a_list_of_carriers_replaces_the_short_form_of_the_library():
    table = {"name": "Li", "component": "Li+", "sites": 10, "occupancy": 0.5, "diffusivity": 1e-9}
    case = resolved(
        phase__LCO={"material": "LiCoO2"}, materials__LiCoO2={"carriers": [table], "voltage": 3.9}
    )
    material = case.materials["LiCoO2"]
    assert (material.c_max, material.diffusivity, material.permittivity) == (None, None, 12.9)
    assert "c_max" not in material.sources


def test_voltages_are_needed_where_phases_of_two_materials_share_lithium():
    glass = {"permittivity": 5, "c_max": 10, "occupancy": 0.5, "diffusivity": 1e-9}
    alone = {
        "study": {"kind": "equilibrium"},
        "mesh": {"kind": "stack", "layers": [{"phase": "a", "thickness": 5}, {"phase": "b", "thickness": 5}]},
        "phase": {"a": {"material": "glass"}, "b": {"material": "glass"}},
        "materials": {"glass": glass},
    }
    assert resolve(scl.Case(**alone)).phase.a.voltage == 0.0
    one_told = copy.deepcopy(alone)
    one_told["phase"]["a"]["voltage"] = 3.0
    with pytest.raises(InputError, match=r"phase\.b\.voltage: is missing"):
        resolve(scl.Case(**one_told))
    two = copy.deepcopy(alone)
    two["phase"]["b"]["material"] = "LAGP"
    with pytest.raises(InputError, match=r"phase\.a\.voltage: is missing"):
        resolve(scl.Case(**two))


def test_a_material_without_lithium_has_no_voltage():
    case = resolved(CERIA)
    assert [each.voltage for each in case.phase.tables.values()] == [None] * 3
    assert "no Li+" in mistake({"phase.grain.voltage": 3}, CERIA)


def test_a_core_takes_the_occupancy_of_its_reference():
    tables = {
        "study": {"kind": "equilibrium"},
        "mesh": {
            "kind": "stack",
            "layers": [{"phase": name, "thickness": 5} for name in ("grain", "core", "grain")],
        },
        "phase": {
            "grain": {"material": "LLZO", "occupancy": 0.4},
            "core": {"material": "LLZO", "reference": "grain"},
        },
    }
    case = resolve(scl.Case(**tables))
    assert (case.phase.core.occupancy, case.phase.core.voltage) == (0.4, None)
    assert case.mesh.touching() == (("grain", "core"),)


# Written again ------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [STACK, CERIA], ids=["stack", "ceria"])
def test_a_case_that_was_written_is_the_same(text, tmp_path):
    case = resolved(text)
    path = tmp_path / "case.toml"
    path.write_text(dump_case(case), encoding="utf-8")
    again = load_case(path)
    assert resolve(again) == case
    assert again == case
    assert dump_case(resolve(again)) == dump_case(case)


NAMES = st.text("abcXYZ019_+-é µ", min_size=1, max_size=6).map(str.strip).filter(bool)
NUMBER = st.floats(0.01, 0.45)


@st.composite
def carrier_tables(draw, name):
    """A carrier that is right whatever the others are."""
    component = draw(st.sampled_from(["Li+", "O2-", "e-", "Na+"]))
    table = {"name": name, "component": component, "amount": draw(st.sampled_from([1, -1]))}
    statistics = draw(st.sampled_from(["lattice", "dilute", "fermi"]))
    measure = draw(st.sampled_from(["occupancy", "energy", "concentration"]))
    table |= {"statistics": statistics, "sites": draw(st.floats(1.0, 50.0)), measure: draw(NUMBER)}
    mobile = draw(st.sampled_from([{"diffusivity": 1e-9}, {"frozen": True}, {"frozen_at": 900.0}]))
    table |= mobile
    if draw(st.booleans()):
        table["diffusivity_activation_energy"] = draw(NUMBER)
    return table


@st.composite
def case_tables(draw):
    """A stack of phases of one to three carriers each, with tables of its interfaces and contacts."""
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    materials, phases = {}, {}
    components = ("Li+", "O2-", "e-", "Na+")
    for number, name in enumerate(names):
        carriers = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
        material = {"permittivity": draw(st.floats(1.0, 100.0)), "voltage": draw(NUMBER)}
        material["carriers"] = [draw(carrier_tables(each)) for each in carriers]
        held = {each["component"] for each in material["carriers"]}
        material["levels"] = {each: draw(NUMBER) for each in components[1:] if each in held}
        materials[f"m{number}"] = {key: value for key, value in material.items() if value != {}}
        phases[name] = {"material": f"m{number}", "sites_factor": draw(NUMBER)}
        if draw(st.booleans()):
            phases[name]["energy_decay"] = {carriers[0]: [draw(NUMBER), draw(NUMBER)]}
    tables = {
        "study": {"kind": "equilibrium"},
        "mesh": {
            "kind": "stack",
            "layers": [{"phase": name, "thickness": 1 + draw(NUMBER)} for name in names],
        },
        "phase": dict(draw(st.permutations(list(phases.items())))),
        "materials": materials,
        "boundary": {"kind": "closed"},
        "interface": {"law": "perfect", "surface_charge": draw(NUMBER)},
    }
    for first, second in pairwise(names):
        if draw(st.booleans()):
            tables["interface"][f"{first}|{second}"] = {"law": "perfect", "surface_charge": draw(NUMBER)}
    for contact in ("left", "right"):
        held = draw(st.sampled_from([None, {"potential": 0.2}, {"surface_charge": 0.1}, {"floating": True}]))
        if held is not None:
            tables["boundary"][contact] = {"kind": "metal", **held}
    return tables


@settings(max_examples=60, deadline=None)
@given(case_tables())
def test_any_case_that_is_read_and_written_is_the_same(tables):
    case = resolve(case_from_dict(tables))
    text = dump_case(case)
    again = case_from_dict(tomllib.loads(text))
    assert again == case
    assert resolve(again) == case
    assert dump_case(again) == text
    assert list(case.phase.names) == [layer["phase"] for layer in tables["mesh"]["layers"]]


# Paths ------------------------------------------------------------------------------------------


def test_elements_of_lists_are_set_by_their_names(tmp_path):
    path = tmp_path / "case.toml"
    path.write_text(STACK, encoding="utf-8")
    case = load_case(
        path,
        [
            "materials.coating.carriers.V.diffusivity=2e-8",
            "materials.coating.carriers.i.regular_solution=10 meV",
            "mesh.layers.LNO.thickness=3 nm",
            "mesh.layers.0.thickness=11",
            "interface.LNO|LPS.transfer_coefficient=0.4",
            'interface."LCO|LNO".law=perfect',
            "boundary.left.potential=0.1",
            "phase.LCO.energy_shift.Li+=0.05",
        ],
    )
    first, second, _ = case.materials["coating"].carriers
    assert (first.diffusivity, second.regular_solution) == (2e-8, pytest.approx(0.01))
    assert [layer.thickness for layer in case.mesh.layers] == [11.0, 3.0, 30.0]
    assert case.law_between(("LNO", "LPS")).transfer_coefficient == 0.4
    assert set(case.interfaces) == {"LNO|LPS", "LCO|LNO"}
    assert case.contact("left").potential == 0.1
    assert case.phase.LCO.energy_shift == {"Li+": 0.05}


def test_the_same_in_python_on_a_resolved_case():
    case = resolved().with_overrides(
        {
            "materials.coating.carriers.V.occupancy": 0.07,
            "mesh.layers.LNO.thickness": "2 nm",
            "interface.LNO|LPS.surface_charge": 0.2,
            "boundary.right.exchanges": [],
        }
    )
    assert case.materials["coating"].carriers[0].occupancy == 0.07
    assert case.mesh.layers[1].thickness == 2.0
    assert case.law_between(("LNO", "LPS")).surface_charge == 0.2
    assert case.contact("right").exchanges == ()


def test_a_message_about_a_carrier_names_the_override_that_set_it(tmp_path):
    path = tmp_path / "case.toml"
    path.write_text(STACK, encoding="utf-8")
    override = "materials.coating.carriers.V.diffusivity=-1"
    with pytest.raises(InputError) as caught:
        load_case(path, [override])
    message = "materials.coating.carriers.V.diffusivity: must be at least 0 cm^2/s, not -1"
    assert f"{path} with --set {override}: {message}" in str(caught.value)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("materials.coating.carriers.W.sites", "unknown element 'W'"),
        ("materials.LVO.carriers.Li.diffusivity", "material LVO has no list of carriers"),
        ("mesh.layers.LNo.thickness", "did you mean LNO"),
        ("mesh.layers.7.thickness", "unknown element '7'"),
        ("boundary.right.exchanges.x.y", "boundary.right.exchanges: is not a table"),
    ],
)
def test_paths_that_lead_nowhere(path, words):
    assert words in mistake({path: 1})


def test_a_name_that_two_layers_have_is_none():
    layers = [{"phase": name, "thickness": 5} for name in ("grain", "core", "grain")]
    text = mistake({"mesh.layers": layers, "mesh.layers.grain.thickness": 3}, CERIA)
    assert "mesh.layers: has more than one 'grain' (allowed: 0 or 2)" in text


def test_units_and_words_of_such_keys():
    case = resolved(phase__LCO__energy_shift={"Li+": 0.0}, materials__CO={"c_max": 1})
    assert unit_at(case, "materials.coating.carriers.V.diffusivity") == "cm^2/s"
    assert unit_at(case, "mesh.layers.LNO.thickness") == "nm"
    assert unit_at(case, "interface.LNO|LPS.exchange_current_density") == "mA/cm^2"
    assert unit_at(case, "boundary.left.stern_capacitance") == "uF/cm^2"
    assert unit_at(case, "phase.LCO.energy_shift.Li+") == "eV"
    assert unit_at(case, "materials.coating.carriers.W.diffusivity") is None
    thick = case.with_overrides({"mesh.layers.LNO.thickness": 3})
    assert differences([case, thick]) == ["layers LNO thickness 5 nm", "layers LNO thickness 3 nm"]


def test_the_keys_are_listed():
    keys = case_keys()
    for key in (
        "phase.NAME.energy_shift",
        "phase.electrode.material",
        "interface.NAME|NAME.law",
        "boundary.NAME.potential",
        "components.NAME.charge",
        "materials.NAME.carriers.NAME.diffusivity",
        "mesh.layers.NAME.thickness",
    ):
        assert key in keys
    assert set(keys["materials.NAME.carriers.NAME.statistics"]) == {"lattice", "dilute", "fermi"}


# What is wrong ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        # names
        ({"materials.coating.carriers.V.name": "a|b"}, ['carriers.a|b.name: "a|b" cannot be a name']),
        ({"materials.coating.carriers.V.name": " V"}, ["cannot be a name"]),
        ({"components.a|b": {"charge": 1}}, ['components: "a|b" cannot be a name']),
        ({"phase": {"a|b": {"material": "LVO"}}}, ['phase: "a|b" cannot be a name']),
        ({"mesh.layers.LNO.phase": "L" * 61}, ["a name of 61 characters is too long"]),
        # phases
        ({"phase.LN0": {"material": "LVO"}}, ["phase.LN0: ", "no phase of the mesh", "did you mean LNO"]),
        ({"mesh.layers.LNO.phase": "X", "interface": {}}, ["phase.LNO: ", "phase.X: is missing"]),
        ({"phase.LNO.reference": "grain"}, ["phase.LNO.reference: grain is no phase", "(allowed: LPS, LCO)"]),
        ({"phase.LNO.energy_shift.W": 1}, ["phase.LNO.energy_shift.W: unknown carrier", "Gd, V, i"]),
        ({"phase.LNO.energy_decay": {"W": [1, 1]}}, ["phase.LNO.energy_decay.W: unknown carrier"]),
        ({"phase.LNO.thermodynamics": "open-circuit"}, ["open"]),
        # layers
        ({"mesh.layers.LNO.thicknes": 1}, ["mesh.layers.LNO.thicknes: unknown key"]),
        ({"mesh.layers": []}, ["mesh.layers: has 0 values, needs 1 or more"]),
        # interfaces
        (
            {"interface.LCO|LPS": {"law": "perfect"}},
            ["interface.LCO|LPS: ", "do not touch", "LCO|LNO, LNO|LPS"],
        ),
        ({"interface.LPS|LNO": {"law": "perfect"}}, ["interface.LPS|LNO: ", "wrong order"]),
        ({"interface.LCO|LN": {"law": "perfect"}}, ["interface.LCO|LN: ", "'LN' is no phase", "mean LNO"]),
        ({"interface.LCO": {"law": "perfect"}}, ["interface.LCO: "]),
        ({"interface.LNO|LPS.component": "Na+"}, ["interface.LNO|LPS.component: Na+ does not cross", "Li+"]),
        ({"interface.LNO|LPS.component": "Lit"}, ["interface.LNO|LPS.component: unknown component 'Lit'"]),
        ({"interface.LNO|LPS.sites.component": "O2-"}, ["interface.LNO|LPS.sites.component: neither side"]),
        (
            {"interface.LNO|LPS.orders.LCO": [1, 1]},
            ["interface.LNO|LPS.orders: 'LCO' is no side", "LNO and LPS"],
        ),
        ({"interface.LNO|LPS.orders": {"LNO": [1, 1]}}, ["interface.LNO|LPS.orders: one side is missing"]),
        ({"interface.LNO|LPS.kinetics": "butler-volmer"}, ["interface.LNO|LPS.orders: kinetics says them"]),
        ({"interface.LNO|LPS.transfer_coefficient": 1}, ["transfer_coefficient: must be less than 1"]),
        (
            {
                "interface.law": "exchange",
                "interface.exchange_current_density": 1,
                "interface.orders": {"LCO": [0, 1]},
            },
            ["interface.orders: one side is missing"],
        ),
        # contacts
        (
            {"boundary.core": {"kind": "bulk"}},
            ["boundary.core: 'core' is no contact of the mesh", "left, right"],
        ),
        (
            {"boundary.left": {"kind": "current", "current_density": 1}},
            ["cannot do kind 'current'"],
        ),
        ({"boundary.left.surface_charge": 1}, ["boundary.left.surface_charge: potential and surface_charge"]),
        ({"boundary.left.floating": True}, ["boundary.left.floating: potential and floating cannot both"]),
        ({"boundary.right.exchanges": ["e-"]}, ["boundary.right.exchanges: LPS cannot exchange e-", "Li+"]),
        ({"boundary.right.exchanges": ["Li"]}, ["boundary.right.exchanges: unknown component 'Li'"]),
        ({"boundary.left.stern_capacitance": 0}, ["boundary.left.stern_capacitance: must be greater than 0"]),
        # components
        ({"components.Li+": {"charge": 2}}, ["components.Li+.charge: Li+ has charge 1, not 2"]),
        ({"components.Q.charge": 0}, ["components.Q.charge: cannot be 0"]),
        # carriers
        (
            {"materials.coating.carriers.V.component": "Lix"},
            ["carriers.V.component: unknown component 'Lix'"],
        ),
        (
            {"materials.coating.carriers.V.charge": 1},
            ["carriers.V.charge: is 1, but component Li+", "-1, or leave"],
        ),
        ({"materials.coating.carriers.V.energy": 1}, ["carriers.V.energy: occupancy and energy both"]),
        ({"materials.coating.carriers.V.concentration": 1}, ["carriers.V.concentration: occupancy and conc"]),
        ({"materials.coating.carriers.i.concentration": 1}, ["carriers.i.concentration: energy and conc"]),
        ({"materials.coating.carriers.V.occupancy": 1}, ["carriers.V.occupancy: must be less than 1, not 1"]),
        ({"materials.coating.carriers.V.amount": 2}, ["carriers.V.amount: cannot be 2", "1, -1"]),
        (
            {"materials.coating.carriers.V.shared": "x", "materials.coating.carriers.V.statistics": "dilute"},
            ["shared: goes with"],
        ),
        ({"materials.coating.carriers.V.name": "i"}, ['materials.coating.carriers: two are called "i"']),
        ({"materials.coating.carriers.V.defect_law": "cube"}, ["carriers.V.defect_law: unknown defect law"]),
        (
            {"materials.coating.carriers.V.frozen_at": 900, "materials.coating.carriers.V.frozen": False},
            ["frozen: contradicts"],
        ),
        ({"materials.coating.c_max": 3}, ["materials.coating.c_max: is of a material with one carrier"]),
        ({"materials.coating.levels": {"Li+": 1}}, ["materials.coating.levels.Li+: is told by the voltage"]),
        ({"materials.coating.levels": {"O2-": 1}}, ["materials.coating.levels.O2-: material coating has no"]),
        (
            {"materials.coating.fixed_charge": 1e3},
            ["materials.coating.fixed_charge: the bulk cannot be neutral"],
        ),
    ],
)
def test_wrong_parts(values, parts):
    text = "\n".join(mistakes(values))
    for part in parts:
        assert part in text


@pytest.mark.parametrize("key", ["component", "sites", "diffusivity", "occupancy"])
def test_what_a_carrier_cannot_do_without(key):
    tables = tables_of()
    del tables["materials"]["coating"]["carriers"][0][key]
    with pytest.raises(InputError) as caught:
        resolve(case_from_dict(tables))
    assert str(caught.value).startswith(f"materials.coating.carriers.V.{key}: is missing")


def test_carriers_that_share_sites_have_as_many_and_fill_less_than_all():
    shared = {f"materials.coating.carriers.{name}.shared": "A" for name in ("V", "i")}
    assert resolve(case_from_dict(with_keys(shared)))
    text = mistake({**shared, "materials.coating.carriers.i.sites": 40})
    assert "materials.coating.carriers.i.sites: 40 1/nm^3 are not the sites of V" in text
    other = {
        "name": "i",
        "component": "Li+",
        "sites": 43.6,
        "shared": "A",
        "occupancy": 0.96,
        "diffusivity": 1e-8,
    }
    text = mistake({**shared, "materials.coating.carriers.i": other})
    assert "materials.coating.carriers.i.occupancy: the occupancies of the group 'A' add up to 1.01" in text


def test_a_level_is_needed_where_a_component_goes_between_two_materials():
    electron = {
        "name": "n",
        "component": "e-",
        "statistics": "dilute",
        "concentration": 1e-4,
        "diffusivity": 1,
    }
    lithium = {"name": "Li", "component": "Li+", "sites": 10, "occupancy": 0.5, "diffusivity": 1e-9}
    other = {"permittivity": 5, "voltage": 3, "carriers": [lithium, electron], "levels": {"e-": -4.2}}
    values = {
        "materials.coating.carriers.Gd": electron,
        "materials.mixed": other,
        "phase.LCO": {"material": "mixed"},
    }
    text = mistake(values)
    assert "materials.coating.levels.e-: is missing, and e- goes between phases" in text
    assert resolve(case_from_dict(with_keys({**values, "materials.coating.levels": {"e-": -4}})))
    # the coating between them holds none: each has a level of its own
    apart = {"materials.mixed": {**other, "levels": {}}, "phase.LCO": {"material": "mixed"}}
    apart |= {"materials.third": {**other, "levels": {}}, "phase.LPS": {"material": "third"}}
    assert resolve(case_from_dict(with_keys(apart)))


def test_something_must_go_from_contact_to_contact_in_conduction():
    assert resolve(case_from_dict(with_keys({"study.kind": "conduction", "boundary": {"kind": "bulk"}})))
    blocking = {"kind": "bulk", "left": {"kind": "metal"}}
    text = mistake({"study.kind": "conduction", "boundary": blocking})
    assert "study.kind: nothing goes from left to right: left exchanges nothing, right Li+" in text


def test_conduction_through_a_middle_that_lacks_the_component_names_it():
    only_electrons = {"permittivity": 5.0, "carriers": [copy.deepcopy(ELECTRON)]}
    values = {"study.kind": "conduction", "boundary": {"kind": "bulk"}, "interface": {"law": "perfect"}}
    values |= {"materials.E": only_electrons, "phase.LNO": {"material": "E"}}
    text = mistake(values)
    assert "study.kind: nothing goes from left to right: left exchanges Li+, right Li+" in text
    assert "and Li+ is not mobile in LNO" in text


ELECTRON = {
    "name": "n",
    "component": "e-",
    "statistics": "dilute",
    "concentration": 1e-4,
    "diffusivity": 1.0,
}
TRANSIENT = {"kind": "transient", "duration": 1e-9}


@pytest.mark.parametrize(
    ("boundary", "message"),
    [
        ({"left": {"kind": "current", "current_density": 2}}, "2 mA/cm^2 enter at left, and the other"),
        ({"right": {"kind": "current", "current_density": 2}}, "2 mA/cm^2 leave at right, and the other"),
        (
            {
                "left": {"kind": "current", "current_density": [[0, 1], [1e-9, 4]]},
                "right": {"kind": "current", "current_density": 1},
            },
            "3 mA/cm^2 enter at left and right",
        ),
        (
            {
                "left": {"kind": "current", "current_density": 2},
                "right": {"kind": "metal", "floating": True},
            },
            "2 mA/cm^2 enter at left",
        ),
    ],
)
def test_a_current_that_leaves_nowhere_is_refused(boundary, message):
    text = mistake({"study": TRANSIENT, "boundary": {"kind": "closed", **boundary}})
    first = next(iter(boundary))
    assert text.startswith(f"boundary.{first}.current_density: ")
    assert message in text


@pytest.mark.parametrize(
    "boundary",
    [
        {"kind": "current", "current_density": 2},
        {"left": {"kind": "current", "current_density": 2}, "right": {"kind": "bulk"}},
        {"left": {"kind": "current", "current_density": 2}, "right": {"kind": "metal", "potential": 0.1}},
        {"left": {"kind": "current", "current_density": 2}, "right": {"kind": "voltage", "voltage": 0}},
    ],
)
def test_a_current_that_leaves_again_is_not(boundary):
    assert resolve(case_from_dict(with_keys({"study": TRANSIENT, "boundary": boundary})))


@pytest.mark.parametrize(
    ("charge", "fits"), [(-4.36, True), (-43.5, True), (-87.3, False), (1e-3, False), (0.0, False)]
)
def test_a_fixed_charge_that_the_carriers_can_make_up_for(charge, fits):
    values = {"materials.CGO.fixed_charge": charge}
    if fits:
        assert resolve(case_from_dict(with_keys(values, CERIA)))
    else:
        assert "cannot be neutral" in mistake(values, CERIA)


# Profiles ---------------------------------------------------------------------------------------


def with_profile(folder, text):
    """Resolve a case whose core has this profile."""
    (folder / "p.csv").write_text(text, encoding="utf-8")
    tables = with_keys({"phase.core.energy_profile": "p.csv"}, CERIA)
    return resolve(case_from_dict(tables, folder))


def test_a_profile_is_found_from_the_folder_of_the_case(tmp_path):
    case = with_profile(tmp_path, "z_nm,V_O\n0,0\n0.25,-0.5\n0.25,-0.4\n0.5,0\n")
    assert case.phase.core.energy_profile == str(tmp_path / "p.csv")
    assert case_from_dict(tomllib.loads(dump_case(case)), "/").phase == case.phase


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("z_nm,V_O\n0,0\n0.4,1\n", "reaches from 0 to 0.4 nm and does not cover the phase"),
        ("z_nm,V_O\n0.1,0\n0.5,1\n", "does not cover"),
        ("z_nm,V\n0,0\n0.5,1\n", "unknown carrier 'V'; did you mean V_O?"),
        ("z,V_O\n0,0\n0.5,1\n", "has the header z, V_O"),
        ("z_nm,V_O\n0,0\n", "has 1 rows"),
        ("z_nm,V_O\n0,0\n0.5,1\n0.4,1\n", "z_nm falls from 0.5 to 0.4"),
        ("z_nm,V_O\n0,0\n0,1\n0,2\n0.5,0\n", "three rows at z_nm = 0"),
        ("z_nm,V_O\n0,a\n0.5,0\n", "row 2 has what is no number"),
        ("z_nm,V_O\n0,nan\n0.5,0\n", "row 2 does not fit"),
        ("z_nm,V_O\n0\n0.5,0\n", "row 2 does not fit"),
        ("", "has the header nothing"),
    ],
)
def test_profiles_that_do_not_fit(tmp_path, text, words):
    with pytest.raises(InputError) as caught:
        with_profile(tmp_path, text)
    message = str(caught.value)
    assert message.startswith("phase.core.energy_profile: ")
    assert words in message
    assert str(tmp_path / "p.csv") in message


def test_a_profile_that_is_not_there(tmp_path):
    tables = with_keys({"phase.core.energy_profile": "none.csv"}, CERIA)
    with pytest.raises(InputError, match=r"phase\.core\.energy_profile: .*no such file"):
        resolve(case_from_dict(tables, tmp_path))


# From Python --------------------------------------------------------------------------------------


def test_a_stack_from_python_is_the_case_of_the_file():
    coating = scl.Material(
        permittivity=55,
        voltage=3,
        carriers=[
            scl.Carrier(
                "V", component="Li+", amount=-1, sites=43.6, occupancy=0.05, diffusivity="1e-12 m^2/s"
            ),
            scl.Carrier(
                "i", component="Li+", sites=43.6, energy=0.5, diffusivity=1e-8, diffusivity_min=1e-14
            ),
            scl.Carrier("Gd", component="Gd", charge=-1, sites=21.8, occupancy=0.2, frozen=True),
        ],
    )
    case = scl.stack(
        [("LCO", "20 nm"), ("LNO", 5), ("LPS", 30)],
        {
            "LCO": scl.Phase("LiCoO2", composition=0.6),
            "LNO": scl.Phase("coating", energy_shift={"V": 0.1}),
            "LPS": scl.Phase("Li3PS4", voltage=2.5),
        },
        title="three layers",
        interface=scl.Perfect(),
        interfaces={
            "LNO|LPS": scl.Exchange(
                0.5,
                surface_charge=0.1,
                sites=scl.Sites(3, -0.2),
                orders={"LNO": (0.5, 1), "LPS": (0.5, 0)},
            )
        },
        boundary=scl.Closed(),
        contacts={
            "left": scl.Metal(potential=0.3, stern_capacitance=20),
            "right": scl.Bulk(exchanges=["Li+"]),
        },
        components={"Q": 2},
        materials={"coating": coating},
    )
    assert resolve(case) == resolved()
    assert case_from_dict(case.to_dict()) == case


# The physics of it -------------------------------------------------------------------------------


def test_bulk_potentials_are_those_of_the_voltages_from_the_last_phase():
    case = resolved(phase__LNO={"material": "coating"})
    phases = phases_of(case)
    for name, table in case.phase.tables.items():
        assert phases[name].bulk_potential == pytest.approx(table.voltage - 2.5, abs=1e-12)
    assert [each.name for each in phases["LNO"].carriers] == ["V", "i"]
    assert [each.amount for each in phases["LNO"].carriers] == [-1, 1]


def test_factors_multiply_sites_and_diffusivities():
    plain = phases_of(resolved())["LCO"].main
    scaled = phases_of(resolved(phase__LCO__sites_factor=0.5, phase__LCO__diffusivity_factor=0.25))[
        "LCO"
    ].main
    assert scaled.site_density == 0.5 * plain.site_density
    assert scaled.thermodynamics.bulk_occupancy == plain.thermodynamics.bulk_occupancy
    vacancy = np.array([0.4])
    assert scaled.diffusivity(vacancy) == pytest.approx(0.25 * plain.diffusivity(vacancy))


def test_dipoles_add_up_along_a_stack():
    film = {"law": "layer", "thickness": 0.5, "conductivity": 1e-6}
    plain = phases_of(resolved(interface={"law": "perfect"}))
    own = {"law": "perfect", "LCO|LNO": {**film, "dipole": 0.1}, "LNO|LPS": {**film, "dipole": 0.2}}
    phases = phases_of(resolved(interface=own))
    assert {name: phase.dipole for name, phase in phases.items()} == pytest.approx(
        {"LCO": 0.3, "LNO": 0.2, "LPS": 0.0}
    )
    for name, phase in phases.items():
        assert phase.bulk_potential + phase.dipole == pytest.approx(plain[name].bulk_potential)


def test_a_core_has_the_fixed_charge_of_its_reference():
    phases = phases_of(resolved(CERIA))
    assert phases["core"].charge_at_bulk > 1.0  # vacancies gain 0.5 eV there
    assert phases["grain"].charge_at_bulk == 0.0
    assert phases["core"].bulk_potential == phases["grain"].bulk_potential


def test_a_core_of_another_material_needs_no_level():
    core = {"permittivity": 30, "carriers": tomllib.loads(CERIA)["materials"]["CGO"]["carriers"]}
    values = {"materials.segregated": core, "phase.core.material": "segregated"}
    assert resolve(case_from_dict(with_keys(values, CERIA)))
    without = with_keys(values, CERIA)
    del without["phase"]["core"]["reference"]
    with pytest.raises(InputError, match=r"materials\.CGO\.levels\.O2-: is missing"):
        resolve(case_from_dict(without))


CURVE = {"occupancy": [0.01, 0.5], "voltage": [3.5, 3.0]}


def test_the_first_carrier_may_follow_the_open_circuit_curve():
    lithium = {"name": "Li", "component": "Li+", "sites": 20, "occupancy": 0.2, "diffusivity": 1e-9}
    glass = {"permittivity": 55, "open_circuit": CURVE, "carriers": [lithium]}
    values = {
        "materials.coating": {**glass, "thermodynamics": "open-circuit"},
        "phase.LNO": {"material": "coating"},
    }
    case = resolve(case_from_dict(with_keys(values)))
    assert case.phase.LNO.voltage == pytest.approx(3.5 - 0.5 * 0.19 / 0.49)
    assert phase_remarks(case) == []
    moved = case.with_overrides({"phase.LNO.voltage": 3.0})
    (remark,) = phase_remarks(resolve(moved))
    assert remark.startswith("LNO: the voltage of the phase is 3 V")


@pytest.mark.parametrize(
    "change", [{"amount": -1}, {"statistics": "dilute"}, {"component": "Na+"}, {"shared": "s"}]
)
def test_what_an_open_circuit_curve_is_not_of(change):
    lithium = {"name": "Li", "component": "Li+", "sites": 20, "occupancy": 0.2, "diffusivity": 1e-9}
    glass = {"permittivity": 55, "open_circuit": CURVE, "voltage": 3, "carriers": [{**lithium, **change}]}
    values = {
        "materials.coating": glass,
        "interface": {"law": "perfect"},
        "phase.LNO": {"material": "coating"},
    }
    text = mistake({**values, "phase.LNO.thermodynamics": "open-circuit"})
    assert 'phase.LNO.thermodynamics: "open-circuit" is of Li+ on its sites' in text
