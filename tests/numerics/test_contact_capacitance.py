"""Differential capacitances of contacts: exact answers, differences of two runs, capacitors in series."""

import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest

import scl_fem
from tests.numerics.test_stack import LATTICE, PER_COULOMB, carrier, solved

kT = 8.617333262e-5 * 300.0
PER_VOLT = 100.0 / PER_COULOMB
"""uF/cm^2 of 1 e/(V nm^2)."""

METAL = {"kind": "metal"}
ION = carrier("Li+", 1, sites=10.0, occupancy=0.3)
ELECTRON = carrier("e-", -1, sites=10.0, occupancy=0.2)
SALT = [carrier(name, charge, sites=10.0, occupancy=0.1) for name, charge in (("Li+", 1), ("X-", -1))]
SITES = {"law": "perfect", "A|B": {"law": "perfect", "sites": {"density": 1.0, "energy": 0.02}}}
MATERIALS = {
    "M": LATTICE,
    "salt": {"permittivity": 15.0, "carriers": SALT},
    "mixed": {"permittivity": 10.0, "levels": {"e-": 0.0}, "carriers": [ION, ELECTRON]},
    "other": {"permittivity": 20.0, "levels": {"e-": 0.03}, "carriers": [ION, ELECTRON]},
}


def contact_of(layers, boundary, name="left", **tables):
    summary = solved(layers, temperature=300.0, boundary=boundary, **{"materials": MATERIALS, **tables})
    return summary["contacts"][name]


def cell(*materials, thickness=6.0):
    """Layers A, B ... of materials, and their table of phases."""
    names = "ABC"[: len(materials)]
    phase = {name: {"material": each, "voltage": 3.0} for name, each in zip(names, materials, strict=True)}
    return [(name, thickness) for name in names], {"phase": phase}


def exact_lattice(step):
    """Charge (e/nm^2) and capacitance (uF/cm^2) of N = 20, x_0 = 1/2, eps_r = 15 at 300 K: first integral."""
    u = step / kT
    slope = 20.0 * 0.5 * (math.exp(u) - 1.0) / (1.0 + math.exp(u))
    energy = 20.0 * kT * (math.log(0.5 + 0.5 * math.exp(u)) - 0.5 * u)
    permittivity = 0.0552634936 * 15.0
    charge = math.sqrt(2.0 * permittivity * energy)
    return charge, permittivity * slope / charge * PER_VOLT


def test_one_lattice_carrier():
    layers, tables = cell("M", thickness=20.0)
    found = contact_of(layers, {"kind": "closed", "left": {**METAL, "potential": -1.0}}, **tables)
    assert exact_lattice(1.0)[1] == pytest.approx(33.2189038, rel=1e-6)
    assert found["capacitance_uF_per_cm2"] == pytest.approx(33.2189038, rel=5e-5)


def test_interstitials_and_vacancies():
    """LLZO at lithium (Swift, Swift & Qi 2021): differential, and integral over the potential."""
    defect = {"component": "Li+", "sites": 3.27455, "diffusivity": 1e-9}
    defect["energy"] = kT * math.log(0.1) + 0.0143907397384
    material = {
        "permittivity": 50.0,
        "carriers": [{"name": "i", **defect}, {"name": "v", "amount": -1, **defect}],
    }
    step = -1.6216363422810787
    found = contact_of(
        [("E", 40.0)],
        {"kind": "bulk", "left": {**METAL, "potential": step}},
        phase={"E": {"material": "S", "voltage": 0.0}},
        materials={"S": material},
    )
    assert found["capacitance_uF_per_cm2"] == pytest.approx(27.2130, rel=1e-4)
    assert found["charge_e_per_nm2"] / step * PER_VOLT == pytest.approx(52.6321, rel=1e-4)


@pytest.mark.parametrize(("potential", "exact"), [(0.1, 107.368877), (1.0, 26.9545126)])
def test_two_ions_on_shared_sites(potential, exact):
    number = 0.0602214
    ion = {"sites": 20.0 * number, "occupancy": 0.05, "shared": "water", "diffusivity": 1e-5}
    carriers = [{"name": name, "component": name, "charge": z, **ion} for name, z in (("K+", 1), ("Cl-", -1))]
    found = solved(
        [("E", 60.0)],
        temperature=298.15,
        mesh={"interface_size": 0.002},
        phase={"E": {"material": "S"}},
        boundary={"kind": "bulk", "left": {**METAL, "potential": potential}},
        materials={"S": {"permittivity": 78.5, "carriers": carriers}},
    )["contacts"]
    assert found["left"]["capacitance_uF_per_cm2"] == pytest.approx(exact, rel=2e-4)
    assert "capacitance_uF_per_cm2" not in found["right"]


@pytest.mark.parametrize("given", ["potential", "surface_charge"])
def test_a_stern_layer_is_in_series(given):
    """1/C = 1/C_Stern + 1/C of the layer at the potential that is left to it."""
    layers, tables = cell("M", thickness=20.0)
    stern, across = 20.0, 0.4
    charge, of_layer = exact_lattice(across)
    held = {"potential": -across - charge / stern * PER_VOLT, "surface_charge": -charge}
    left = {**METAL, given: held[given], "stern_capacitance": stern}
    found = contact_of(layers, {"kind": "closed", "left": left}, **tables)
    assert found["capacitance_uF_per_cm2"] == pytest.approx(1.0 / (1.0 / stern + 1.0 / of_layer), rel=5e-5)


def test_a_floating_metal():
    """No charge at the potential of the bulk: the layer's eps/lambda."""
    layers, tables = cell("M", thickness=20.0)
    found = contact_of(layers, {"kind": "closed", "left": {**METAL, "floating": True}}, **tables)
    permittivity = 0.0552634936 * 15.0
    assert found["charge_e_per_nm2"] == 0.0
    assert found["potential_V"] == pytest.approx(0.0, abs=1e-12)
    assert found["capacitance_uF_per_cm2"] == pytest.approx(
        math.sqrt(permittivity * 20.0 * 0.25 / kT) * PER_VOLT, rel=1e-4
    )


def test_two_metals_on_an_insulator_are_a_plate_capacitor():
    """Next to nothing moves: eps/thickness, and with charges given there is nothing to take them up."""
    material = {"permittivity": 10.0, "carriers": [carrier("Li+", 1, sites=10.0, occupancy=1e-15)]}
    tables = {"phase": {"E": {"material": "S"}}, "materials": {"S": material}}
    both = {**METAL, "left": {**METAL, "potential": 0.1}, "right": {**METAL, "potential": 0.0}}
    plate = 0.0552634936 * 10.0 / 5.0 * PER_VOLT
    assert contact_of([("E", 5.0)], both, **tables)["capacitance_uF_per_cm2"] == pytest.approx(
        plate, rel=1e-6
    )
    charged = {**METAL, "left": {**METAL, "surface_charge": 0.0}, "right": {**METAL, "floating": True}}
    taken_up = 10.0 * 1e-15 * 5.0 / kT * PER_VOLT
    found = contact_of([("E", 5.0)], charged, **tables)["capacitance_uF_per_cm2"]
    assert found == pytest.approx(taken_up, rel=1e-6)


DIFFERENCES = {
    "a metal beside a closed end": (("M",), {"kind": "closed"}, {}),
    "a metal beside a reservoir, three phases": (("M", "salt", "M"), {"kind": "bulk"}, {}),
    "two metals, one ion": (("M",), {"kind": "metal", "potential": 0.1}, {}),
    "two metals, two ions": (("salt",), {"kind": "metal", "potential": 0.1}, {}),
    "two metals, ions and electrons": (("mixed", "other"), {"kind": "metal", "potential": 0.1}, {}),
    "two metals and sites": (("salt", "salt"), {"kind": "metal", "potential": 0.1}, {"interface": SITES}),
    "sites of their own, closed": (("salt", "M"), {"kind": "closed"}, {"interface": SITES}),
    "a charged metal at the other end": (
        ("salt", "M"),
        {"kind": "closed", "right": {**METAL, "surface_charge": 0.2}},
        {},
    ),
    "both in series with Stern layers": (
        ("salt",),
        {"kind": "metal", "potential": -0.1, "stern_capacitance": 40.0},
        {},
    ),
}


@pytest.mark.parametrize("given", ["potential", "surface_charge"])
@pytest.mark.parametrize("mesh", [{}, {"dimension": 2}, {"order": 2}], ids=["1D", "2D", "P2"])
@pytest.mark.parametrize("name", DIFFERENCES)
def test_the_difference_of_two_runs(name, mesh, given):
    materials, boundary, more = DIFFERENCES[name]
    layers, tables = cell(*materials, thickness=2.0)
    if given == "surface_charge" and boundary["kind"] == "metal":
        boundary = {**boundary, "kind": "metal"} | {"surface_charge": -0.1}
        boundary.pop("potential")
    tables |= more | {"solver": {"order": mesh.get("order", 1), "tolerance": 1e-13}}
    coarse = {"interface_size": 0.05, "growth": 1.4, "dimension": mesh.get("dimension", 1)}
    if coarse["dimension"] == 2:
        coarse["lateral_elements"] = 2

    def contact_at(value):
        left = {key: each for key, each in boundary.items() if key == "stern_capacitance"}
        left |= {"kind": "metal", given: value}
        return contact_of(layers, {**boundary, "left": left}, mesh=coarse, **tables)

    middle, step = 0.3, 1e-4
    low, here, high = (contact_at(middle + s) for s in (-step, 0.0, step))
    charge = high["charge_e_per_nm2"] - low["charge_e_per_nm2"]
    potential = 2.0 * step if given == "potential" else high["potential_V"] - low["potential_V"]
    assert here["capacitance_uF_per_cm2"] == pytest.approx(charge / potential * PER_VOLT, rel=2e-6)
    assert here["capacitance_uF_per_cm2"] > 0.0


ROOT = Path(__file__).parents[2]


def script(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shipped(name, **overrides):
    case = scl_fem.load_case(ROOT / "cases" / f"{name}.toml")
    return case.with_overrides({"output.figures": False, "output.fields": False, **overrides})


@pytest.mark.parametrize("potential", [-0.8, -0.05, 0.0, 0.3])
def test_the_shipped_blocking_contact_has_its_closed_form(potential):
    case = shipped("metal_lagp_blocking_1d", **{"boundary.left.potential": potential})
    found = scl_fem.run(case).summary["contacts"]["left"]["capacitance_uF_per_cm2"]
    closed = script("blocking").closed_form
    kT = 8.617333262e-5 * 298.15
    exact = closed(np.array([potential]), 13.06, 5.372 / 13.06, 41.0, kT)[0]
    assert found == pytest.approx(exact, rel=1e-4)
    # the closed form is the derivative of the charge
    step, eps = 1e-5, 0.0552634936 * 41.0

    def charge(volts):
        x, u = 5.372 / 13.06, -volts / kT
        energy = 13.06 * kT * (math.log(1.0 - x + x * math.exp(u)) - x * u)
        return math.copysign(math.sqrt(2.0 * eps * energy), volts)

    middle = potential or step
    slope = (charge(middle + step) - charge(middle - step)) / (2.0 * step)
    assert exact == pytest.approx(slope * PER_VOLT, rel=1e-3)


@pytest.mark.parametrize(
    ("phase", "charge", "differential"), [("LLZO", -5.32713, 27.2130), ("Li2CO3", -1.01041, None)]
)
def test_the_shipped_interlayer_has_the_limits_of_both_phases(phase, charge, differential):
    page = script("interlayers")
    case = shipped("li_li2co3_llzo_1d")
    exact = page.exact(case, phase)
    assert exact[0] == pytest.approx(charge, abs=5e-6)
    if differential is not None:
        assert exact[1:] == pytest.approx((differential, 52.6321), rel=2e-6)
    alone = page.alone(case, phase).with_overrides({"mesh.layers.LLZO.thickness": 500.0})
    found = scl_fem.run(alone).summary["contacts"]["left"]
    assert found["charge_e_per_nm2"] == pytest.approx(exact[0], rel=1e-4)
    assert found["capacitance_uF_per_cm2"] == pytest.approx(exact[1], rel=1e-4)


def test_an_interlayer_takes_the_layer_off_llzo():
    """5 nm of Li2CO3: the metal has the charge of Li2CO3 alone, LLZO less than a hundredth of its own."""
    summary = scl_fem.run(shipped("li_li2co3_llzo_1d")).summary
    assert summary["contacts"]["left"]["charge_e_per_nm2"] == pytest.approx(-1.0112, rel=1e-3)
    assert 0.0 < summary["interfaces"]["Li2CO3|LLZO"]["LLZO"]["layer_charge_e_per_nm2"] < 0.0533
    assert summary["charge_error"] < 1e-9
