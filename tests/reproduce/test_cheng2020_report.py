"""The whole report of Cheng et al. (2020), and its layers."""

import json
import re

from scl_fem._stack import MPI
import pytest

from scl_fem.reproduce import reproduce
from scl_fem.reproduce.cheng2020.layers import Reading, solve_layer
from scl_fem.reproduce.cheng2020.printed import LI02, LI1, LI2, SAMPLES
from scl_fem.reproduce.cheng2020.readings import is_default, reading_groups

COMM = MPI.COMM_SELF

FIGURES = {
    "fig2_relaxation.png",
    "fig5_build_up.png",
    "fig6_profiles.png",
    "figS9_diffusivities.png",
    "figS10_layer_resistances.png",
    "interface_resistances.png",
}

# thickness (nm) and resistance (ohm cm^2) by level, as integrated exactly: x = 2, then x = 0.2
LEVELS = {
    0.10: ((0.87, 0.00136), (1.11, 0.0068)),
    0.20: ((0.65, 0.00096), (0.82, 0.0057)),
    0.25: ((0.58, 0.00085), (0.73, 0.0054)),
    0.30: ((0.53, 0.00077), (0.66, 0.0051)),
}


@pytest.mark.parametrize(("sample", "column"), [(LI2, 0), (LI02, 1)], ids=["x=2", "x=0.2"])
def test_levels(sample, column):
    layer = solve_layer(COMM, sample, levels=tuple(LEVELS))
    for level, values in LEVELS.items():
        thickness, resistance = values[column]
        assert layer.thickness[level] == pytest.approx(thickness, abs=0.0051)
        digit = 1e-5 if column == 0 else 1e-4
        assert layer.resistance[level] == pytest.approx(resistance, abs=0.51 * digit)


def test_published_numbers_at_25_percent():
    for sample in (LI2, LI02):
        layer = solve_layer(COMM, sample)
        assert layer.thickness[0.25] == pytest.approx(sample.layer_nm, rel=0.17)
        assert layer.resistance[0.25] == pytest.approx(sample.layer_resistance, rel=0.17)


def test_no_layer_without_step():
    layer = solve_layer(COMM, LI1)
    assert layer.thickness[0.25] == 0.0
    assert layer.resistance[0.25] == 0.0


def test_readings_begin_with_the_default_and_vary():
    for readings in reading_groups().values():
        assert is_default(readings[0])
        assert not any(map(is_default, readings[1:]))


def resistance(sample, reading):
    return solve_layer(COMM, sample, reading).resistance[0.25]


def reading(group, name):
    return next(each for each in reading_groups()[group] if each.name == name)


def test_without_superscripts():
    cut = reading_groups()["Table S2"][1]
    assert resistance(LI2, cut) == pytest.approx(0.000858, abs=5e-7)
    assert resistance(LI02, cut) == pytest.approx(0.00556, abs=5e-6)


def test_defect_readings():
    base = resistance(LI02, Reading("default"))
    none = reading("Defect law", "no interaction (E_M = 0)")
    assert resistance(LI02, none) / base == pytest.approx(28.0, rel=0.02)
    assert resistance(LI2, none) / resistance(LI2, Reading("default")) == pytest.approx(20.0, rel=0.02)
    measured = reading("Defect law", "μ(x) of LVO by its three voltages, LAGP ideal")
    assert resistance(LI02, measured) == pytest.approx(0.00678, abs=5e-6)
    assert resistance(LI2, measured) == pytest.approx(0.000567, abs=5e-7)
    assert resistance(LI02, reading("Defect law", "J 15 % smaller")) / base == pytest.approx(1.41, abs=0.01)
    assert resistance(LI02, reading("Defect law", "J 15 % larger")) / base == pytest.approx(0.76, abs=0.01)


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    directory = tmp_path_factory.mktemp("cheng2020") / "report"
    reproduce("cheng2020", directory)
    return directory


@pytest.mark.slow
def test_files(directory):
    assert {path.name for path in directory.iterdir()} == FIGURES | {
        "report.md",
        "report.html",
        "numbers.json",
    }


def rows_of_targets():
    """Keys of every row of the project's list of targets."""
    table_s2 = {
        "LVO": "c_max permittivity regular_solution defect_energy diffusivity diffusivity_min",
        "LAGP": "c_max bulk_concentration voltage permittivity regular_solution defect_energy diffusivity "
        "diffusivity_min",
    }
    keys = [f"inputs.{material}.{key}" for material, words in table_s2.items() for key in words.split()]
    for sample in SAMPLES:
        name = sample.name
        keys += [f"inputs.{name}.{key}" for key in ("voltage_V", "composition_icp")]
        keys += [f"space_charge.{name}.{key}" for key in ("step_V", "thickness_nm", "resistance_ohm_cm2")]
        keys += [f"exchange.{name}.diffusivity_cm2_per_s"]
        keys += [
            f"resistances.{name}.{key}"
            for key in ("exchange_current_density_mA_per_cm2", "resistance_ohm_cm2")
        ]
        keys += [
            f"relaxation.{name}.{key}"
            for key in "activation_energy_eV tau_inf_ns tau_room_us tau_break_us break_temperature_K "
            "diffusivity_cm2_per_s".split()
        ]
    for name in ("LiV2O5", "Li2V2O5"):
        keys += [
            f"exchange.{name}.{key}"
            for key in ("activation_energy_eV", "exchanged_percent", "exchanged_solved_percent")
        ]
    for name in ("Li2V2O5", "Li0.2V2O5"):
        keys += [
            f"space_charge.{name}.excess_resistance_ohm_cm2",
            f"resistances.{name}.measured_over_computed",
        ]
    keys += ["resistances.LAGP_100um_assumed_ohm_cm2", "resistances.LAGP_conductivity_mS_per_cm"]
    keys += ["inputs.LAGP.activation_energy_eV", "inputs.larmor_frequency_MHz"]
    return keys


@pytest.mark.slow
def test_every_row_of_the_targets(directory):
    found = json.loads((directory / "numbers.json").read_text("utf-8"))
    assert not set(rows_of_targets()) - found["numbers"].keys()
    assert {
        "space_charge.layer_level",
        "space_charge.table_s2",
        "space_charge.composition_map",
        "space_charge.diffusivity_law",
        "space_charge.defect_law",
        "disagreements.both_sides",
        "open_question.kinetics",
    } <= found["tables"].keys()


@pytest.mark.slow
def test_solved_exchange_agrees_with_the_closed_form(directory):
    found = json.loads((directory / "numbers.json").read_text("utf-8"))["numbers"]
    for name in ("LiV2O5", "Li2V2O5"):
        solved, exact = (
            found[f"exchange.{name}.{key}"]["ours"]
            for key in ("exchanged_solved_percent", "exchanged_percent")
        )
        assert solved == pytest.approx(exact, abs=0.2)


@pytest.mark.slow
def test_page_is_self_contained(directory):
    page = (directory / "report.html").read_text("utf-8")
    assert page.count("data:image/png;base64,") == len(FIGURES)
    assert not re.findall(r'(?:src|href)="(?!data:image/png;base64,|#)', page)
    assert not re.findall(r"<(?:script|link|iframe|object)|url\(|@import|https?://", page)


@pytest.mark.slow
def test_markdown_has_what_the_page_has(directory):
    text, page = ((directory / name).read_text("utf-8") for name in ("report.md", "report.html"))
    assert text.count("\n## ") == page.count("<h2")
    assert {name for name in FIGURES if f"]({name})" in text} == FIGURES
