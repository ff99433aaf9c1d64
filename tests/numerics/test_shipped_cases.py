"""The case files that come with the program: all can be read, and the interfaces land near the paper."""

from pathlib import Path

import pytest

import scl_fem

CASES = Path(__file__).parents[2] / "cases"
FILES = sorted(CASES.glob("*.toml"))


@pytest.fixture(scope="module")
def summaries():
    """Summaries of the cases in one dimension, each run once."""
    kept = {}

    def of(name):
        if name not in kept:
            kept[name] = scl_fem.run(scl_fem.load_case(CASES / f"{name}.toml")).summary
        return kept[name]

    return of


def test_there_are_cases():
    assert {"lvo_lagp_x0.2_1d", "lvo_lagp_x1_1d", "lvo_lagp_x2_1d"} <= {file.stem for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_case_resolves_to_itself(file, tmp_path):
    case = scl_fem.resolve(scl_fem.load_case(file))
    assert case.title
    again = tmp_path / "case.toml"
    again.write_text(scl_fem.dump_case(case))
    assert scl_fem.resolve(scl_fem.load_case(again)) == case


# the paper's resistance (ohm cm^2) and thickness (nm)
PAPER = {"lvo_lagp_x2_1d": (0.0009, 0.5), "lvo_lagp_x0.2_1d": (0.0061, 0.7)}


@pytest.mark.parametrize("name", PAPER)
def test_resistance_and_thickness_near_the_paper(name, summaries):
    resistance, thickness = PAPER[name]
    summary = summaries(name)
    assert summary["layer_resistance_ohm_cm2"] == pytest.approx(resistance, rel=0.2)
    assert summary["layer_thickness_nm"] == pytest.approx(thickness, rel=0.2)


def test_the_step_is_reversed_between_the_two(summaries):
    """A large local depletion of LAGP at x = 0.2, enrichment at x = 2."""
    depleted, enriched = (summaries(name)["electrolyte"] for name in ("lvo_lagp_x0.2_1d", "lvo_lagp_x2_1d"))
    assert depleted["occupancy_interface"] < 0.1 * depleted["occupancy_bulk"]
    assert enriched["occupancy_interface"] > 2.0 * enriched["occupancy_bulk"]
    assert summaries("lvo_lagp_x2_1d")["potential_step_V"] == pytest.approx(-0.6)
    assert summaries("lvo_lagp_x0.2_1d")["potential_step_V"] == pytest.approx(0.4)


def test_no_layer_at_all_at_x_1(summaries):
    summary = summaries("lvo_lagp_x1_1d")
    assert abs(summary["layer_resistance_ohm_cm2"]) < 1e-6
    assert abs(summary["excess_resistance_ohm_cm2"]) < 1e-6
    assert summary["layer_thickness_nm"] == 0.0
    assert summary["electrode"]["layer_charge_e_per_nm2"] == 0.0


def test_without_defects_some_28_times_as_much(summaries):
    with_defects, without = (
        summaries(name)["layer_resistance_ohm_cm2"]
        for name in ("lvo_lagp_x0.2_1d", "lvo_lagp_x0.2_no_defects_1d")
    )
    assert without / with_defects == pytest.approx(28.0, abs=0.6)


# The planar case to compare with, and how far from it a case may be. The rough interface is as wavy
# as its layer is thick: converged in mesh and order, its resistance is 21 % above the planar one.
MORE_DIMENSIONS = {
    "lvo_lagp_x0.2_rough_2d": ("lvo_lagp_x0.2_1d", 0.25),
    "lvo_lagp_x2_file_2d": ("lvo_lagp_x2_1d", 0.2),
    "lvo_lagp_x2_particle_2d": ("lvo_lagp_x2_1d", 0.2),
}


@pytest.mark.parametrize("name", MORE_DIMENSIONS)
def test_two_dimensions(name, summaries):
    planar, tolerance = MORE_DIMENSIONS[name]
    summary, flat = summaries(name), summaries(planar)
    assert summary["lithium_error"] <= 1e-10
    assert summary["charge_error"] <= 1e-10
    for key in ("interface_potential_V", "layer_thickness_nm", "layer_resistance_ohm_cm2"):
        assert summary[key] == pytest.approx(flat[key], rel=tolerance), key


@pytest.mark.slow
def test_three_dimensions(summaries):
    summary, flat = summaries("lvo_lagp_x2_particle_3d"), summaries("lvo_lagp_x2_1d")
    assert summary["lithium_error"] <= 1e-10
    assert summary["charge_error"] <= 1e-10
    for key in ("interface_potential_V", "layer_thickness_nm", "layer_resistance_ohm_cm2"):
        assert summary[key] == pytest.approx(flat[key], rel=0.3), key
