"""Cells whose electrode follows its open-circuit curve, against the first integral of Poisson's equation."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

import scl_fem
from scl_fem.errors import InputError
from scl_fem.materials import load_material
from scl_fem.studies.phases import phases_of
from tests.support.half_space import EPS0, LAGP, LVO, CurveHalfSpace, solve
from tests.support.pairs import without_defects

LVO_CURVE = ((0.1, 3.4), (0.55, 3.0), (0.95, 2.4))
IDEAL = without_defects(LAGP)


def case(occupancy, voltage=None, material="LVO", study="equilibrium", electrolyte=IDEAL, **tables):
    state = {"occupancy": occupancy} | ({} if voltage is None else {"voltage": voltage})
    return scl_fem.Case(
        study={"kind": study, **tables.pop("study_keys", {})},
        mesh={"kind": "planar", "dimension": 1},
        phase={
            "electrode": {"material": material, "thermodynamics": "open-circuit", **state},
            "electrolyte": {"material": "IDEAL"},
        },
        materials={"IDEAL": electrolyte.table(), **tables.pop("materials", {})},
        **tables,
    )


@pytest.mark.parametrize(
    ("occupancy", "thickness", "resistance"), [(0.1, 0.895, 0.00675), (0.95, 0.414, 0.00057)]
)
def test_the_paper_by_three_voltages(occupancy, thickness, resistance):
    """LVO by its curve, LAGP ideal, no defects: exact integration of the table, linear between its points.

    The rounded corners, of which the bulk is one, make 0.1 % of the thickness and 0.4 % of the resistance.
    """
    voltage = dict(LVO_CURVE)[occupancy]
    side = replace(without_defects(LVO), occupancy=occupancy, voltage=voltage, regular_solution=0.0)
    expected = solve(CurveHalfSpace(side, points=LVO_CURVE), IDEAL)
    found = scl_fem.run(case(occupancy)).summary
    for key, printed in (("layer_thickness_nm", thickness), ("layer_resistance_ohm_cm2", resistance)):
        assert expected[key] == pytest.approx(printed, abs=5.1e-6 if printed < 0.1 else 5.1e-4)
        assert found[key] == pytest.approx(expected[key], rel=0.006)
    assert found["excess_resistance_ohm_cm2"] == pytest.approx(
        expected["excess_resistance_ohm_cm2"], abs=0.01 * expected["layer_resistance_ohm_cm2"]
    )
    for side in ("electrode", "electrolyte"):
        key = "layer_charge_e_per_nm2"
        assert found[side][key] == pytest.approx(expected[side][key], rel=0.005)
    assert found["remarks"] == []


@pytest.mark.parametrize(
    ("material", "occupancy", "voltage"),
    [
        ("LVO", 0.1, None),
        ("LVO", 0.55, 3.4),
        ("LVO", 0.7, None),
        ("LVO", 0.97, 2.3),
        ("LiCoO2", 0.5, None),
        ("LiCoO2", 0.9989, None),
        ("graphite", 0.01, None),
        ("graphite", 0.45, 3.4),
        ("graphite", 0.8, None),
    ],
)
def test_the_field_is_that_of_the_first_integral(material, occupancy, voltage):
    """(eps/2) E^2 = N [(x - x0) mu(x) - g(x)], g the integral of mu(x) - mu(x0), by quadrature."""
    run = case(occupancy, voltage, material)
    found = scl_fem.run(run).summary["electrode"]
    phase = next(iter(phases_of(scl_fem.resolve(run)).values()))
    law, curve = phase.main.thermodynamics, load_material(material).open_circuit

    def eta(x):
        return np.array(np.log(x) - np.log1p(-x) - law.bulk_logit)

    def mu(x):
        return float(law.energy(eta(x)))

    x = found["occupancy_interface"]
    length = np.diff(curve.occupancy)
    corners = [
        *curve.occupancy,
        *(curve.occupancy[:-1] + 0.005 * length),
        *(curve.occupancy[1:] - 0.005 * length),
    ]
    low, high = sorted([law.bulk_occupancy, x])
    ends = [low, *sorted(each for each in corners if low < each < high), high]
    g = sum(quad(mu, a, b, epsabs=1e-13)[0] for a, b in pairwise(ends))
    g *= 1.0 if x > law.bulk_occupancy else -1.0
    energy = phase.main.site_density * ((x - law.bulk_occupancy) * mu(x) - g)
    field = found["surface_field_V_per_nm"]
    # x at the interface is exponential in phi where it is small, and the field goes with its error there
    assert 0.5 * EPS0 * phase.relative_permittivity * field**2 == pytest.approx(energy, rel=2e-3)
    assert abs(x - law.bulk_occupancy) > 1e-4


def test_boundaries_orders_and_laws_of_conduction_go_through():
    expected = scl_fem.run(case(0.1)).summary
    for change in ({"solver": {"order": 2}}, {"boundary": {"kind": "bulk"}}, {"study": "conduction"}):
        found = scl_fem.run(case(0.1, **change)).summary
        for key in ("interface_potential_V", "layer_resistance_ohm_cm2"):
            assert found[key] == pytest.approx(expected[key], rel=2e-4), change


def test_the_transient_ends_in_the_equilibrium():
    mesh = {"mesh.interface_size": 0.02, "mesh.growth": 1.3}
    equilibrium = scl_fem.run(case(0.1).with_overrides(mesh)).summary
    transient = case(0.1, study="transient", study_keys={"duration": "20 us"}).with_overrides(mesh)
    found = scl_fem.run(transient).summary
    for key in ("interface_potential_V", "layer_resistance_ohm_cm2", "excess_resistance_ohm_cm2"):
        assert found[key] == pytest.approx(equilibrium[key], rel=1e-6)


def test_the_summary_gives_the_slopes_of_both_laws():
    """docs/model.md: LiCoO2 at x = 0.5, -0.10 V per x as an ideal solution, -1.72 V by its curve."""
    run = case(0.5, material="LiCoO2")
    by_curve = scl_fem.run(run).summary["electrode"]
    regular = run.with_overrides({"phase.electrode.thermodynamics": "regular-solution"})
    by_solution = scl_fem.run(regular).summary["electrode"]
    assert by_solution["thermodynamic_slope_V"] == pytest.approx(-0.10277, abs=1e-4)
    assert by_solution["open_circuit_slope_V"] == pytest.approx(-1.7216, abs=1e-3)
    assert by_curve["thermodynamic_slope_V"] == pytest.approx(-1.7216, abs=1e-3)
    # a curve that does not reach x_0, and none at all
    beyond = scl_fem.run(case(0.3, 4.4, material="LiCoO2")).summary
    assert "open_circuit_slope_V" not in beyond["electrode"]
    assert "open_circuit_slope_V" not in beyond["electrolyte"]


def test_a_voltage_off_the_curve_is_remarked():
    remarks = scl_fem.run(case(0.1, 3.3)).summary["remarks"]
    assert len(remarks) == 1
    assert "electrode: the voltage of the phase is 3.3 V" in remarks[0]
    assert "of LVO at x_0 = 0.1 is 3.4 V: the curve is moved by -100 mV" in remarks[0]
    assert scl_fem.run(case(0.1, 3.4009)).summary["remarks"] == []


def test_a_resolved_case_says_the_law_only_where_it_is_told():
    resolved = scl_fem.resolve(case(0.1)).to_dict()
    assert resolved["phase"]["electrode"]["thermodynamics"] == "open-circuit"
    assert "thermodynamics" not in resolved["phase"]["electrolyte"]
    assert all("thermodynamics" not in each for each in resolved["materials"].values())
    # of the material, and a phase that goes before it
    tables = {"LVO": {"thermodynamics": "open-circuit"}}
    of_material = case(0.1, materials=tables).with_overrides(
        {"phase.electrode.thermodynamics": "regular-solution"}
    )
    assert scl_fem.run(of_material)["electrode.thermodynamic_slope_V"] < -1000.0
    tables = of_material.to_dict(exclude_unset=True)
    del tables["phase"]["electrode"]["thermodynamics"]
    assert scl_fem.run(scl_fem.Case(**tables))["electrode.thermodynamic_slope_V"] > -1.0


@pytest.mark.parametrize(
    ("curve", "key", "words"),
    [
        (None, "materials.IDEAL.open_circuit", "has no open_circuit"),
        ([3.4, 3.0, 3.0, 2.4], "materials.LVO.open_circuit", r"is flat from x = 0\.3 \(3 V\)"),
        ([3.4, 3.0, 3.1, 2.4], "materials.LVO.open_circuit", r"rises from x = 0\.3 \(3 V\)"),
    ],
)
def test_a_law_without_a_curve_that_falls_is_refused(curve, key, words):
    table = {"open_circuit": {"occupancy": [0.1, 0.3, 0.5, 0.9], "voltage": curve}} if curve else {}
    run = case(0.1, 3.4, materials={"LVO": table})
    if curve is None:
        run = run.with_overrides({"phase.electrolyte.thermodynamics": "open-circuit"})
    with pytest.raises(InputError, match=words) as caught:
        scl_fem.run(run)
    assert caught.value.key == key
