"""Numbers of Cheng et al. (2020) that follow by formula, as closely as its own rounding allows."""

import pytest

from scl_fem.reproduce.cheng2020.currents import background_fraction, currents_section, table_conductivity
from scl_fem.reproduce.cheng2020.disagreements import disagreements_section
from scl_fem.reproduce.cheng2020.exchange import BuildUpCurve, exchange_section, lithium_share
from scl_fem.reproduce.cheng2020.inputs import inputs_section, weight_composition
from scl_fem.reproduce.cheng2020.layers import Layer
from scl_fem.reproduce.cheng2020.printed import EXCHANGING, LI02, LI1, LI2, SAMPLES
from scl_fem.reproduce.cheng2020.relaxation import relaxation_section
from scl_fem.reproduce.report import in_words

NAMES = [sample.name for sample in SAMPLES]


def numbers(section):
    return {number.key: number for number in section.numbers}


@pytest.fixture(scope="module")
def currents():
    # the layers only give the ratios to what is measured
    layers = {
        s.name: Layer(s, {}, {}, {0.25: s.layer_nm}, {0.25: s.layer_resistance or 1.0}) for s in SAMPLES
    }
    return numbers(currents_section(layers))


@pytest.fixture(scope="module")
def relaxation():
    return numbers(relaxation_section())


@pytest.fixture(scope="module")
def exchange():
    import numpy as np

    curve = BuildUpCurve(np.array([0.0, 1.0]), np.array([0.0, 0.4]), 0.0)
    return numbers(exchange_section({sample.name: curve for sample in EXCHANGING}))


@pytest.mark.parametrize("name", NAMES)
def test_diffusivity_from_the_correlation_time_to_the_last_digit(relaxation, name):
    number = relaxation[f"relaxation.{name}.diffusivity_cm2_per_s"]
    assert in_words(number.ours, 3) == in_words(number.paper, 3)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("key", ["tau_room_us", "tau_break_us", "tau_inf_ns"])
def test_correlation_times_within_a_percent(relaxation, name, key):
    # 1.1 %: the break point of Li0.2V2O5 is at ~317 K
    assert relaxation[f"relaxation.{name}.{key}"].ratio == pytest.approx(1.0, abs=0.011)


def test_correlation_times_of_targets(relaxation):
    ours = [round(relaxation[f"relaxation.{name}.tau_room_us"].ours, 1) for name in NAMES]
    assert ours == [36.2, 38.9, 21.4]


def test_resistances_to_the_digit(currents):
    ours = {name: currents[f"resistances.{name}.resistance_ohm_cm2"].ours for name in NAMES}
    assert round(ours[LI1.name]) == 33
    assert round(ours[LI2.name]) == 63
    assert round(ours[LI1.name], 1) == 33.4
    assert round(ours[LI2.name], 1) == 62.7


def test_the_bound_of_the_charged_interface_is_198_and_not_188(currents):
    number = currents[f"resistances.{LI02.name}.resistance_ohm_cm2"]
    assert round(number.ours, 1) == 197.6
    assert number.paper == 188.0
    assert "0.137" in number.note


def test_exchange_current_densities(currents):
    for sample, expected in ((LI1, 0.770), (LI2, 0.405)):
        key = f"resistances.{sample.name}.exchange_current_density_mA_per_cm2"
        assert currents[key].ours == pytest.approx(expected, abs=5e-4)
        assert currents[key].paper == pytest.approx(expected, abs=0.005 + 5e-4)


def test_background_of_the_bound():
    assert background_fraction(0.137) == pytest.approx(0.101, abs=5e-4)


def test_electrolyte(currents):
    assert currents["resistances.LAGP_100um_assumed_ohm_cm2"].ours == pytest.approx(10.0)
    assert 1e3 * table_conductivity() == pytest.approx(0.0335, abs=5e-5)


def test_exchanged_fractions(exchange):
    assert exchange[f"exchange.{LI1.name}.exchanged_percent"].ours == pytest.approx(43.6, abs=0.05)
    assert exchange[f"exchange.{LI2.name}.exchanged_percent"].ours == pytest.approx(10.5, abs=0.05)


def test_diffusivities_that_the_fractions_need(exchange):
    key = "exchange.{}.diffusivity_needed_cm2_per_s"
    assert exchange[key.format(LI1.name)].ours == pytest.approx(2.0e-12, rel=0.025)
    assert exchange[key.format(LI2.name)].ours == pytest.approx(4.2e-13, rel=0.02)


def test_a_factor_of_17_and_more_than_20(exchange):
    assert round(exchange["exchange.LiV2O5.bulk_over_effective"].ours) == 17
    assert exchange["exchange.diffusivity_ratio"].ours > 20.0


def test_inputs_are_the_papers():
    for number in inputs_section().numbers:
        if number.paper is not None:
            assert number.ours == pytest.approx(number.paper, rel=1e-12), number.label


def test_weights_of_table_s1():
    assert [round(weight_composition(sample), 2) for sample in SAMPLES] == [0.20, 0.92, 1.91]


def test_shares_of_lithium():
    # by hand: 1.5/417.7 of LAGP against 4 * 1.1/189.514 of LiV2O5
    assert lithium_share(LI1) == pytest.approx(0.003591 / (0.003591 + 0.023217), rel=1e-3)


@pytest.mark.parametrize(
    "both",
    [
        ("57 %", "43.6 %"),
        ("30 %", "10.5 %"),
        ("188", "197.6"),
        ("0.12", "0.0335"),
        ("~1·10⁻¹³", "1·10⁻⁹"),
        ("38.6", "38.9"),
        ("21.3", "21.4"),
    ],
)
def test_disagreements_show_both_numbers(both):
    table = disagreements_section().tables[0]
    cells = [" ".join(map(in_words, row[1:3])) for row in table.rows]
    assert any(all(number in row for number in both) for row in cells)
