"""Section: where the paper disagrees with itself, both numbers side by side."""

from __future__ import annotations

import math

from scl_fem.constants import ROOM_TEMPERATURE, thermal_energy
from scl_fem.physics.exchange import diffusivity_from_remaining, exchanged_from_cube, interface_resistance
from scl_fem.physics.relaxation import correlation_time
from scl_fem.reproduce.cheng2020.currents import table_conductivity
from scl_fem.reproduce.cheng2020.inputs import weight_composition
from scl_fem.reproduce.cheng2020.printed import (
    DISTANCE_NM,
    EXCHANGING,
    LAGP_CONDUCTIVITY_MEASURED,
    LAGP_DIFFUSIVITY_IN_TEXT,
    LI02,
    LI1,
    LI2,
    LONGEST_MIXING_TIME,
    SAMPLES,
    TABLE_S2,
)
from scl_fem.reproduce.report import Cell, Section, Table, in_words

type _Row = tuple[Cell, Cell, Cell, str]


def disagreements_section() -> Section:
    """What the paper says, and what follows from what it says elsewhere."""
    rows = [*_exchanged(), *_resistances(), *_conductivity(), *_relaxation(), *_others()]
    return Section(
        "disagreements",
        "Where the paper disagrees with itself",
        text=(
            "Neither number is adjusted: what the paper says, and what follows from what it says elsewhere.",
        ),
        tables=(
            Table(
                "both_sides",
                "Both sides",
                ("what", "the paper says", "its own numbers give", "how"),
                tuple(rows),
            ),
            Table("wording", "Slips of the text", ("where", "it says", "what is meant"), _SLIPS),
        ),
    )


def _exchanged() -> list[_Row]:
    rows: list[_Row] = []
    for sample in EXCHANGING:
        printed = sample.seen_exchange
        exact = float(exchanged_from_cube(printed.diffusivity, LONGEST_MIXING_TIME, DISTANCE_NM))
        needed = diffusivity_from_remaining(1.0 - printed.exchanged, LONGEST_MIXING_TIME, DISTANCE_NM)
        rows.append(
            (
                f"{sample.name}: exchanged in 1 s at room temperature",
                f"{100 * printed.exchanged:g} %",
                f"{100 * exact:.1f} %",
                f"its D_eff in its formula, d = 65 nm; the fraction would need D = {in_words(needed, 2)} "
                f"cm²/s",
            )
        )
    return rows


def _resistances() -> list[_Row]:
    horvai = {
        sample.name: float(interface_resistance(sample.current, ROOM_TEMPERATURE)) for sample in SAMPLES
    }
    needed = float(interface_resistance(1.0, ROOM_TEMPERATURE)) / LI02.resistance
    diffusivities = LI1.seen_exchange.diffusivity / LI2.seen_exchange.diffusivity
    extra = LI2.seen_exchange.activation_energy - LI1.seen_exchange.activation_energy
    slower = math.exp(extra / thermal_energy(ROOM_TEMPERATURE))
    return [
        (
            "Li0.2V2O5: interface resistance (Ω cm²)",
            LI02.resistance,
            round(horvai[LI02.name], 1),
            f"RT/(F j_0) with j_0 = {LI02.current:g} mA/cm²; 188 needs {needed:.3f}",
        ),
        (
            "how much slower Li2V2O5 exchanges than LiV2O5, by D_eff and by j_0",
            f"{diffusivities:.1f} (D_eff)",
            f"{LI1.current / LI2.current:.2f} (j_0)",
            "one measurement, two factors: j_0 comes from the fractions, D_eff from the fit of the whole "
            "build-up",
        ),
        (
            "the same, by the activation energies at equal prefactors",
            f"{diffusivities:.1f} (D_eff)",
            round(slower),
            f"exp({extra:.3f} eV/kT): the prefactors must differ {slower / diffusivities:.0f}-fold",
        ),
        (
            "growth of the resistance with the space-charge layer",
            '"4-fold" (introduction)',
            f"{LI2.resistance / LI1.resistance:.1f} and {LI02.resistance / LI1.resistance:.1f}",
            "63/33 and 188/33 of its conclusion",
        ),
        (
            "what the space-charge layer adds (Ω cm²)",
            '"more than 100"',
            f"{LI2.resistance - LI1.resistance:g} and {LI02.resistance - LI1.resistance:g}",
            "63 - 33 (Li2V2O5) and 188 - 33 (Li0.2V2O5, itself a bound)",
        ),
        (
            "measured over computed resistance",
            '"five orders of magnitude"',
            f"{_orders(LI2.resistance / LI2.layer_resistance)} and "
            f"{_orders(LI02.resistance / LI02.layer_resistance)}",
            "orders of magnitude of 63/0.0009 and 188/0.0061",
        ),
    ]


def _orders(ratio: float) -> str:
    return f"{math.log10(ratio):.1f}"


def _conductivity() -> list[_Row]:
    ratio = LAGP_CONDUCTIVITY_MEASURED / table_conductivity()
    diffusivity = TABLE_S2["LAGP"]["diffusivity"]
    return [
        (
            "LAGP: bulk conductivity (mS/cm)",
            1e3 * LAGP_CONDUCTIVITY_MEASURED,
            float(f"{1e3 * table_conductivity():.3g}"),
            f"e² D* c_0/kT of Table S2; the measured one needs D = {in_words(ratio * diffusivity, 2)} cm²/s",
        ),
        (
            "LAGP: diffusivity (cm²/s)",
            f"~{in_words(LAGP_DIFFUSIVITY_IN_TEXT)} (main text)",
            diffusivity,
            "Table S2; both cite the same source (Hayamizu & Seki 2017)",
        ),
        (
            "LixV2O5: diffusivity at room temperature (cm²/s)",
            "1.7 to 3.0·10⁻¹¹ (T2)",
            TABLE_S2["LVO"]["diffusivity"],
            "D* of Table S2, with which the layers are computed",
        ),
    ]


def _relaxation() -> list[_Row]:
    rows: list[_Row] = []
    for sample in SAMPLES:
        printed = sample.relaxation
        tau = 1e-3 * float(correlation_time(printed.tau_inf_ns, printed.activation_energy, ROOM_TEMPERATURE))
        rows.append(
            (
                f"{sample.name}: τ_c at room temperature (µs)",
                printed.tau_room_us,
                round(tau, 1),
                "its τ_∞ and E_a at 298.15 K: within 1 %",
            )
        )
    return rows


def _others() -> list[_Row]:
    return [
        (
            "LiV2O5: x by ICP, Table S1",
            LI1.icp,
            round(weight_composition(LI1), 2),
            "its 3.2 wt% Li to 50.8 wt% V",
        )
    ]


_SLIPS: tuple[tuple[Cell, ...], ...] = (
    (
        "formula of the exchange (SI)",
        "m = { m_0/2 √(4Dt) [ierfc(a) + ierfc(-a) - 2/√π] }³",
        "a factor 1/d is missing: as printed it is a length cubed; with it, m/m_0 = [erf a - (1 - "
        "exp(-a²))/(a√π)]³, a = d/√(4Dt)",
    ),
    ("ierfc (SI)", "1/√π exp(-x²) - x[l - erf(x)]", "l is the digit 1"),
    (
        "6Li (SI)",
        "I = 1/2, 92.6 % abundance",
        "6Li has I = 1; the main text gives its natural abundance as 7.6 %",
    ),
    (
        "Fig. 2 (caption)",
        "7Li T2",
        "probably 6Li: the SI gives its frequency, 73.60 MHz, and names no other nucleus",
    ),
    ("Fig. 2 F and Fig. 6 (captions)", "Li2V2O5, LiV2O5", "Li0.2V2O5 is one of the three"),
    ("GITT (main text)", "5 µA·cm⁻¹", "per cm²"),
)
