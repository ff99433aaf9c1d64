"""Energies that depend on the place: against phases of their own, first integrals, closed forms."""

import numpy as np
import pytest
from scipy.integrate import solve_bvp

import scl_fem
from scl_fem.case import case_from_dict
from scl_fem.constants import VACUUM_PERMITTIVITY
from tests.support.cores import MIXED, PERMITTIVITY, numbers, pressure, run, table

EPS = VACUUM_PERMITTIVITY * PERMITTIVITY


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"solver": {"order": 2}, "mesh": {"interface_size": 0.01, "growth": 1.1}},
        {"boundary": {"kind": "bulk"}},
        {"mesh": {"dimension": 2, "interface_size": 0.05, "growth": 1.5, "lateral_elements": 2}},
    ],
    ids=["1D", "quadratic", "reservoirs", "2D"],
)
def test_a_profile_that_is_the_same_everywhere_is_a_shift(tmp_path, keys):
    constant = run({"energy_shift": {"V_O": -0.5}}, **keys)
    name = table(tmp_path, [(-1.0, -0.5), (0.8, -0.5)])
    profile = run({"energy_profile": name}, tmp_path, **keys)
    expected, found = numbers(constant.summary), numbers(profile.summary)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-13)
    assert found["interfaces.grain|core.potential_V"] == pytest.approx(0.17, abs=0.03)
    if "mesh" not in keys:
        for column, values in constant.tables["profile.csv"].items():
            if column != "phase":
                np.testing.assert_allclose(
                    profile.tables["profile.csv"][column], values, rtol=1e-9, atol=1e-13
                )


def test_a_profile_is_a_shift_where_totals_are_kept(tmp_path):
    """Closed, with electrons: their total is that of the compositions, in the core as in the grain."""
    layers = [("grain", 3.0), ("core", 0.8), ("grain", 3.0)]
    keys = {"material": MIXED, "layers": layers}
    constant = run({"energy_shift": {"V_O": -0.5, "e": -0.2}}, **keys)
    name = table(tmp_path, [(0, -0.5, -0.2), (0.8, -0.5, -0.2)], carriers="V_O,e")
    profile = run({"energy_profile": name}, tmp_path, **keys)
    # what a bulk of no neutral phase would be is the grain's, moved a little by what the core takes
    assert numbers(profile.summary) == pytest.approx(numbers(constant.summary), rel=1e-8, abs=1e-12)
    sides = constant.summary["interfaces"]["grain|core"]
    gained = [sides[name]["components"]["e-"]["excess_per_nm2"] for name in ("grain", "core")]
    moved = sides["grain"]["carriers"]["e"]["occupancy_bulk"] - 1.0
    assert sum(gained) + moved * 0.02 * 3.4 == pytest.approx(0.0, abs=1e-4 * abs(gained[0]))
    assert abs(moved) > 1e-3


@pytest.mark.parametrize("order", [1, 2])
def test_a_step_is_a_phase_of_its_own(tmp_path, order):
    """One core with a step in it, and two cores side by side; and a core with none in its right half."""
    keys = {"solver": {"order": order}, "mesh": {"interface_size": 0.001, "growth": 1.05}}
    # integrals by quadrature see the width of the cell that the step takes; sums over nodes do not
    tolerance = {1: 1e-8, 2: 1e-5}[order]
    for right in (0.2, 0.0):
        shift = {"core": {"energy_shift": {"V_O": -0.5}}, "core2": {"energy_shift": {"V_O": right}}}
        layers = [("grain", 12.0), ("core", 0.5), ("core2", 0.3), ("grain", 12.0)]
        two = run(shift, layers=layers, **keys).summary["interfaces"]
        name = table(tmp_path, [(0, -0.5), (0.5, -0.5), (0.5, right), (0.8, right)])
        one = run({"energy_profile": name}, tmp_path, **keys).summary["interfaces"]["grain|core"]
        assert one["potential_max_V"] == pytest.approx(two["grain|core"]["potential_V"], rel=tolerance)
        assert one["potential_min_V"] == pytest.approx(two["grain|core2"]["potential_V"], rel=tolerance)
        for key in ("excess_per_nm2", "excess_conductance_S", "excess_resistance_ohm_cm2"):
            cores = total("core", two, key) + total("core2", two, key)
            assert total("core", {"": one}, key) == pytest.approx(cores, rel=5e-5), key
            assert total("grain", {"": one}, key) == pytest.approx(total("grain", two, key), rel=1e-5), key


def total(phase, interfaces, key):
    """What a phase holds, or adds, at all its interfaces."""
    sides = [(each["area"], each[phase]) for each in interfaces.values() if phase in each]
    return sum(area * side["components"]["O2-"][key] for area, side in sides)


def test_pressures_across_a_step(tmp_path):
    """eps/2 E^2 changes as the pressure does between two places of one energy."""
    rows = [(0, -0.5), (0.5, -0.5), (0.5, 0.1), (0.8, 0.1)]
    result = run({"energy_profile": table(tmp_path, rows)}, tmp_path)
    z, phi = (np.array(result.tables["profile.csv"][key]) for key in ("z_nm", "phi_V"))
    first, step, second = (float(np.interp(place, *_unique(z, phi))) for place in (0.0, 0.5, 0.8))
    across = pressure(first) - pressure(0.0) + pressure(step, -0.5) - pressure(first, -0.5)
    across += pressure(second, 0.1) - pressure(step, 0.1)
    assert across == pytest.approx(pressure(second) - pressure(0.0), rel=1e-4)
    # and the charge of both grains together follows from their potentials
    charges = [np.sqrt(2.0 * EPS * (pressure(each) - pressure(0.0))) for each in (first, second)]
    grain = result.summary["interfaces"]["grain|core"]["grain"]
    assert grain["layer_charge_e_per_nm2"] == pytest.approx(-0.5 * sum(charges), rel=1e-4)


def _unique(z, phi):
    order = np.argsort(z, kind="stable")
    return z[order], phi[order]


def test_a_long_decay_is_a_shift():
    constant = run({"energy_shift": {"V_O": -0.5}}).summary["interfaces"]["grain|core"]
    for length, tolerance in ((1e3, 1e-3), (1e6, 1e-6)):
        decay = run({"energy_decay": {"V_O": [-0.5, length]}}).summary["interfaces"]["grain|core"]
        expected, found = numbers(constant), numbers(decay)
        for key in (
            "potential_V",
            "grain.excess_resistance_ohm_cm2",
            "core.components.O2-.excess_per_nm2",
        ):
            assert found[key] == pytest.approx(expected[key], rel=tolerance), key
    assert found["potential_V"] != expected["potential_V"]


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(("energy", "length"), [(-0.4, 0.3), (0.3, 2.0)])
def test_a_decay_against_a_boundary_value_problem(energy, length, order):
    """Both sides of an interface between two halves of one material, of which one has the energies."""
    mesh = {"interface_size": 0.002, "growth": 1.05} if order == 2 else {}
    phase = {
        "electrode": {"material": "M", "voltage": 3.0, "energy_decay": {"Li+": [energy, length]}},
        "electrolyte": {"material": "M", "voltage": 3.0},
    }
    material = {"c_max": 10.0, "occupancy": 0.02, "permittivity": 20.0, "diffusivity": 1e-9}
    case = case_from_dict(
        {
            "study": {"kind": "equilibrium"},
            "mesh": {"kind": "planar", **mesh},
            "phase": phase,
            "materials": {"M": material},
            "output": {"fields": False, "figures": False},
            "solver": {"order": order},
        }
    )
    result = scl_fem.run(case)
    kT, eps = 8.617333262e-5 * 298.15, VACUUM_PERMITTIVITY * 20.0

    def slopes(s, y):
        """Of the left and the right half, both over the distance s from the interface."""
        left, field, right, other = y
        u = -np.array([left + energy * np.exp(-s / length), right]) / kT
        occupancy = 0.02 * np.exp(u) / (1.0 + 0.02 * np.expm1(u))
        rho = 10.0 * (occupancy - 0.02)
        return np.array([field, -rho[0] / eps, other, -rho[1] / eps])

    def ends(a, b):
        return np.array([a[0] - a[2], a[1] + a[3], b[1], b[3]])

    s = np.concatenate([[0.0], np.geomspace(1e-3, 10.0, 400)])
    start = np.zeros((4, s.size))
    exact = solve_bvp(slopes, ends, s, start, tol=1e-9, max_nodes=100_000)
    assert exact.success
    at_interface, field = exact.sol(0.0)[:2]
    summary = result.summary
    assert summary["interface_potential_V"] == pytest.approx(at_interface, rel=1e-4)
    assert summary["electrode"]["layer_charge_e_per_nm2"] == pytest.approx(eps * field, rel=3e-4)
    profile = result.tables["profile.csv"]
    z, phi = np.array(profile["z_nm"]), np.array(profile["phi_V"])
    left = np.array(profile["phase"]) == "electrode"
    np.testing.assert_allclose(phi[left], exact.sol(-z[left])[0], atol=3e-4 * abs(at_interface))
    # the occupancies, and what is integrated of them, are those at the energies of the place
    u = -(exact.sol(s)[0] + energy * np.exp(-s / length)) / kT
    occupancy = 0.02 * np.exp(u) / (1.0 + 0.02 * np.expm1(u))
    found = np.interp(s, -z[left][::-1], np.array(profile["occupancy"])[left][::-1])
    np.testing.assert_allclose(found[s < 9.0], occupancy[s < 9.0], rtol=2e-3)
    resistance = (
        np.trapezoid(0.02 / occupancy - 1.0, s) * 1e-7 / summary["electrode"]["conductivity_bulk_S_per_cm"]
    )
    assert summary["electrode"]["excess_resistance_ohm_cm2"] == pytest.approx(resistance, rel=2e-3)
    beyond = np.abs(occupancy / 0.02 - 1.0) > 0.25
    assert summary["electrode"]["thickness_nm"]["25%"] == pytest.approx(s[beyond].max(), rel=0.03)
    assert summary["electrode"]["occupancy_interface"] == pytest.approx(occupancy[0], rel=2e-3)


@pytest.mark.parametrize("zeta", [100.0, 1e4])
def test_gouy_chapman_beside_a_core(zeta):
    """Kim, Fleig, Maier 2003: 4W/(1 - W), of what is enriched and of the resistance of what is depleted."""
    c0, eps_r, kT = 0.01, 20.0, 8.617333262e-5 * 600.0
    length = np.sqrt(VACUUM_PERMITTIVITY * eps_r * kT / (2.0 * c0))
    dilute = {"statistics": "dilute", "concentration": c0}
    carriers = [
        {"name": "p", "component": "P", "charge": 1, "diffusivity": 1e-8, **dilute},
        {"name": "n", "component": "N", "charge": -1, "diffusivity": 1e-6, **dilute},
    ]
    # the core takes up the positive one: as much as the layers of both sides need
    shift = -2.0 * kT * np.log(zeta)
    layers = [("grain", 30.0 * length), ("core", 0.4), ("grain", 30.0 * length)]
    material = {"permittivity": eps_r, "carriers": carriers}
    keys = {"layers": layers, "material": material, "temperature": 600.0, "boundary": {"kind": "bulk"}}
    found = run({"energy_shift": {"p": shift}}, **keys).summary["interfaces"]["grain|core"]
    enriched = np.exp(found["potential_V"] / kT)
    assert 0.1 * zeta < enriched < zeta
    root = np.sqrt(enriched)
    w = (root - 1.0) / (root + 1.0)
    exact, components = 4.0 * w / (1.0 - w), found["grain"]["components"]
    assert components["N"]["excess_per_nm2"] == pytest.approx(exact * length * c0, rel=2e-4)
    bulk = c0 * 1e-8 * 1e14 / kT * 1.602176634e-19 * 1e7
    assert components["P"]["excess_resistance_ohm_cm2"] == pytest.approx(
        exact * length * 1e-7 / bulk, rel=2e-4
    )
    conductance = exact * length * 1e-7 * 100.0 * bulk
    assert components["N"]["excess_conductance_S"] == pytest.approx(conductance, rel=2e-4)
    if zeta == 100.0:  # the formula itself, by the numbers that are printed
        assert pytest.approx(18.0) == 4.0 * (9.0 / 11.0) / (1.0 - 9.0 / 11.0)


@pytest.mark.parametrize("temperature", [300.0, 773.0])
@pytest.mark.parametrize("energy", [-3.0, 1.0])
def test_deep_wells_take_few_steps(tmp_path, energy, temperature):
    """However full the core is at the bulk's potential: Newton's method starts where the core is neutral."""
    for core in (
        {"energy_profile": table(tmp_path, [(0, energy), (0.8, energy)])},
        {"energy_decay": {"V_O": [energy, 0.2]}},
    ):
        summary = run(core, tmp_path, temperature=temperature).summary
        assert summary["newton_iterations"] <= 15
        assert summary["continuation_stages"] == [1.0]
        assert np.sign(summary["interfaces"]["grain|core"]["potential_V"]) == -np.sign(energy)
