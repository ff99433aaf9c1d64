"""The finite-element answer on the default mesh against the first integral of Poisson's equation."""

import pytest

import scl_fem
from tests.support.cases import case_of
from tests.support.half_space import LAGP, LVO, LVO_2, solve
from tests.support.pairs import PAIRS, without_defects

SIDES = ("electrode", "electrolyte")
TOLERANCE = 2e-4


@pytest.mark.parametrize("pair", PAIRS)
def test_agrees_with_the_second_method(pair):
    electrode, electrolyte = PAIRS[pair]
    expected = solve(electrode, electrolyte)
    found = scl_fem.run(case_of(electrode, electrolyte)).summary

    assert found["potential_step_V"] == pytest.approx(expected["potential_step_V"], abs=1e-14)
    for key in ("interface_potential_V", "layer_resistance_ohm_cm2"):
        assert found[key] == pytest.approx(expected[key], rel=TOLERANCE, abs=1e-14), key
    # a side of little resistance, and the two signs of the excess, are measured by the sum of both sides
    for key in ("layer_resistance_ohm_cm2", "excess_resistance_ohm_cm2"):
        both = sum(abs(expected[side][key]) for side in SIDES)
        for side in SIDES:
            assert found[side][key] == pytest.approx(expected[side][key], abs=TOLERANCE * both + 1e-14), key
    for side in SIDES:
        key = "layer_charge_e_per_nm2"
        assert found[side][key] == pytest.approx(expected[side][key], rel=TOLERANCE, abs=1e-14)
        # x itself at the interface: exponential in phi, so an error of phi counts 40-fold
        key = "occupancy_interface"
        assert found[side][key] == pytest.approx(expected[side][key], rel=2e-3)
        # a level is met inside a cell of 0.02 times its distance, where phi is taken as linear
        for level, thickness in expected[side]["thickness_nm"].items():
            assert found[side]["thickness_nm"][level] == pytest.approx(thickness, rel=1e-3), level


@pytest.mark.parametrize("boundary", ["closed", "bulk"])
@pytest.mark.parametrize("order", [1, 2])
def test_does_not_depend_on_order_or_ends(order, boundary):
    expected = solve(LVO_2, LAGP)
    # Reservoirs cut the layer's algebraic tail off: at 10 nm that takes 1.7e-3 of the excess resistance,
    # and four times less at twice the distance.
    thickness = {"closed": 10.0, "bulk": 40.0}[boundary]
    mesh = {"electrode_thickness": thickness, "electrolyte_thickness": thickness}
    case = case_of(LVO_2, LAGP, mesh=mesh, boundary={"kind": boundary}, solver={"order": order})
    found = scl_fem.run(case).summary
    for key in ("interface_potential_V", "layer_resistance_ohm_cm2", "excess_resistance_ohm_cm2"):
        assert found[key] == pytest.approx(expected[key], rel=TOLERANCE), key


def test_temperature_goes_all_the_way_through():
    expected = solve(LVO, LAGP, temperature=373.15)
    found = scl_fem.run(case_of(LVO, LAGP, temperature=373.15)).summary
    for key in ("interface_potential_V", "layer_resistance_ohm_cm2", "excess_resistance_ohm_cm2"):
        assert found[key] == pytest.approx(expected[key], rel=TOLERANCE), key
    assert found["interface_potential_V"] != pytest.approx(
        solve(LVO, LAGP)["interface_potential_V"], rel=1e-3
    )


def test_the_error_is_of_second_order():
    """Half the first cell and the square root of the growth: a quarter of the error."""
    expected = solve(LVO_2, LAGP)
    errors = []
    for size, growth in ((0.004, 1.16), (0.002, 1.16**0.5), (0.001, 1.16**0.25)):
        found = scl_fem.run(case_of(LVO_2, LAGP, mesh={"interface_size": size, "growth": growth})).summary
        charge, exact = (each["electrode"]["layer_charge_e_per_nm2"] for each in (found, expected))
        errors.append(abs(charge - exact))
    assert errors[0] / errors[1] > 3.4
    assert errors[1] / errors[2] > 3.4


# level: thickness (nm), R (ohm cm^2), both for x = 2 and x = 0.2; to the digits given
TARGETS = {
    0.10: ((0.87, 1.11), (0.00136, 0.0068)),
    0.20: ((0.65, 0.82), (0.00096, 0.0057)),
    0.25: ((0.58, 0.73), (0.00085, 0.0054)),
    0.30: ((0.53, 0.66), (0.00077, 0.0051)),
}


@pytest.mark.parametrize("level", TARGETS)
@pytest.mark.parametrize("which", [0, 1])
def test_the_table_of_layers(level, which):
    """The exact integration of the model for LVO|LAGP by what counts as the layer."""
    electrode = (LVO_2, LVO)[which]
    thickness, resistance = (column[which] for column in TARGETS[level])
    unit = (1e-5, 1e-4)[which]
    for found in (
        solve(electrode, LAGP, level=level),
        scl_fem.run(case_of(electrode, LAGP, output={"layer_level": level})).summary,
    ):
        assert found["layer_thickness_nm"] == pytest.approx(thickness, abs=0.0051)
        assert found["layer_resistance_ohm_cm2"] == pytest.approx(resistance, abs=0.51 * unit)


@pytest.mark.parametrize(("electrode", "factor", "excess"), [(LVO_2, 20, -0.0008), (LVO, 28, 0.0025)])
def test_what_the_defects_do(electrode, factor, excess):
    """Without them the resistance is 20 and 28 times as large."""
    found = scl_fem.run(case_of(electrode, LAGP)).summary
    bare = scl_fem.run(case_of(without_defects(electrode), without_defects(LAGP))).summary
    ratio = bare["layer_resistance_ohm_cm2"] / found["layer_resistance_ohm_cm2"]
    assert ratio == pytest.approx(factor, abs=0.51)
    assert found["excess_resistance_ohm_cm2"] == pytest.approx(excess, abs=5.1e-5)
