"""The readings of the paper's tables that are compared, in groups: one choice at a time."""

from __future__ import annotations

from scl_fem.reproduce.cheng2020.inputs import weight_composition
from scl_fem.reproduce.cheng2020.layers import DEFAULT, Reading
from scl_fem.reproduce.cheng2020.printed import SAMPLES, TABLE_S2, WITHOUT_SUPERSCRIPTS

_LVO, _LAGP = "LVO", "LAGP"


def reading_groups() -> dict[str, tuple[Reading, ...]]:
    """Readings by the choice they vary; all else is the default."""
    return {
        "Table S2": (
            Reading("Ω 0.0165, E_M 2.46 and 4.77 (default)"),
            Reading(
                "Ω 0.016, E_M 2.4 and 4.7",
                WITHOUT_SUPERSCRIPTS,
                note="last digits as reference numbers 5, 6, 7",
            ),
        ),
        "Composition map": (
            Reading("x_0 = x_ICP/2: 0.10, 0.95 (default)", note="Li2V2O5 is the full host"),
            Reading(
                "x_0 = x/2 by formula: 0.10, 0.99",
                occupancy=_occupancies(0.10, 0.50, 0.99),
                note="x = 2 would leave no vacancy: 0.99 stands for it",
            ),
            Reading(
                "x_0 = x/2 by weights of Table S1: 0.10, 0.96",
                occupancy=_occupancies(*(weight_composition(sample) / 2.0 for sample in SAMPLES)),
            ),
            Reading(
                "x_0 = x_ICP/3: 0.07, 0.63",
                occupancy=_occupancies(*(sample.icp / 3.0 for sample in SAMPLES)),
                note="Li3V2O5 is the full host, c_max as printed",
            ),
            Reading(
                "c_max 1.5 times as large, c_0 as it was: 0.07, 0.63",
                {_LVO: {"c_max": 1.5 * TABLE_S2[_LVO]["c_max"]}},
                _occupancies(*(sample.icp / 3.0 for sample in SAMPLES)),
                note="Li3V2O5 is the full host, c_max belongs to Li2V2O5",
            ),
        ),
        "Diffusivity law": (
            Reading("LVO vacancy-bulk, LAGP constant (default)", note="D*(1-x)/(1-x_0), not below D_min; D*"),
            Reading(
                "LVO vacancy, LAGP constant", _laws("vacancy", "constant"), note="D*(1-x), not below D_min"
            ),
            Reading("LVO constant, LAGP constant", _laws("constant", "constant")),
            Reading("LVO vacancy-bulk, LAGP vacancy-bulk", _laws("vacancy-bulk", "vacancy-bulk")),
            Reading("LVO vacancy, LAGP vacancy", _laws("vacancy", "vacancy")),
        ),
        "Defect law": (
            Reading("cube-root law, J = E_M/ε_r (default)"),
            Reading(
                "no interaction (E_M = 0)", {_LVO: {"defect_law": "none"}, _LAGP: {"defect_law": "none"}}
            ),
            Reading(
                "μ(x) of LVO by its three voltages, LAGP ideal",
                {_LVO: {"thermodynamics": "open-circuit"}, _LAGP: {"defect_law": "none"}},
                note="no defect term, no choice of sign; linear between the voltages",
            ),
            Reading("J 15 % smaller", _defects_scaled(0.85)),
            Reading("J 15 % larger", _defects_scaled(1.15)),
        ),
    }


def is_default(reading: Reading) -> bool:
    """Whether a reading changes nothing."""
    return reading.materials == DEFAULT.materials and reading.occupancy == DEFAULT.occupancy


def _occupancies(*values: float) -> dict[str, float]:
    return {sample.name: value for sample, value in zip(SAMPLES, values, strict=True)}


def _laws(lvo: str, lagp: str) -> dict[str, dict[str, str]]:
    return {_LVO: {"diffusivity_law": lvo}, _LAGP: {"diffusivity_law": lagp}}


def _defects_scaled(factor: float) -> dict[str, dict[str, float]]:
    return {name: {"defect_energy": factor * entries["defect_energy"]} for name, entries in TABLE_S2.items()}
