"""Section: T2 relaxation, Fig. 2: correlation times and diffusivities from the printed parameters."""

from __future__ import annotations

import math

from scl_fem.constants import ROOM_TEMPERATURE
from scl_fem.physics.relaxation import (
    correlation_time,
    inverse_thermal_energy,
    jump_diffusivity,
    tau_inf_from_break,
)
from scl_fem.reproduce.cheng2020.exchange_figures import draw_relaxation
from scl_fem.reproduce.cheng2020.printed import SAMPLES, T2_TEMPERATURES, Sample
from scl_fem.reproduce.report import Number, Picture, Section

_US, _NS = 1e-6, 1e-9


def relaxation_section() -> Section:
    """Numbers of Fig. 2 D to F, and the curves that the printed parameters give."""
    low, high = T2_TEMPERATURES
    return Section(
        "relaxation",
        "T2 relaxation: Fig. 2",
        text=(
            "The paper prints parameters but no measured T2, so that nothing can be fitted here: what "
            "follows from the printed parameters by its own formulas (BPP; τ_c = τ_∞ exp(E_a/kT); D = "
            "l²/(n τ_c), n = 2, l = 3.60 Å) is checked, at 298.15 K where it says room temperature.",
            "Since ω_0 τ_c is of order 5000, BPP's rate is 3/2 C τ_c: T2 alone cannot tell C from τ_∞. "
            "It is the break point, where τ_c = T2/√2, that fixes τ_∞.",
        ),
        numbers=tuple(number for sample in SAMPLES for number in _numbers(sample)),
        pictures=(
            Picture(
                "fig2_relaxation",
                f"T2 against 1/T from {low:g} to {high:g} K, as Fig. 2 D to F: BPP curves from the paper's "
                f"E_a and break point (dashed), rigid lattice below it. The paper prints no measured points.",
                draw_relaxation,
            ),
        ),
    )


def _numbers(sample: Sample) -> list[Number]:
    printed, name, key = sample.relaxation, sample.name, f"relaxation.{sample.name}"
    energy, tau_inf = printed.activation_energy, printed.tau_inf_ns * _NS
    at_room = float(correlation_time(tau_inf, energy, ROOM_TEMPERATURE)) / _US
    at_break = float(correlation_time(tau_inf, energy, printed.break_temperature)) / _US
    rigid = math.sqrt(2.0) * printed.tau_break_us * _US
    return [
        Number(f"{key}.activation_energy_eV", f"{name}: E_a", "eV", energy, energy, "input"),
        Number(
            f"{key}.tau_inf_ns",
            f"{name}: τ_∞",
            "ns",
            printed.tau_inf_ns,
            tau_inf_from_break(rigid, energy, printed.break_temperature) / _NS,
            "closed form",
            "from E_a and the break point",
        ),
        Number(
            f"{key}.tau_room_us",
            f"{name}: τ_c at room temperature",
            "µs",
            printed.tau_room_us,
            at_room,
            "closed form",
            "from E_a and τ_∞",
        ),
        Number(
            f"{key}.tau_break_us",
            f"{name}: τ_c at the break point",
            "µs",
            printed.tau_break_us,
            at_break,
            "closed form",
            f"from E_a and τ_∞ at {printed.break_temperature:g} K",
        ),
        Number(
            f"{key}.break_temperature_K",
            f"{name}: temperature of the break point",
            "K",
            printed.break_temperature,
            _temperature_of(printed.tau_break_us * _US, tau_inf, energy),
            "closed form",
            "where E_a and τ_∞ give the printed τ_c",
            f"~{printed.break_temperature:g}",
        ),
        Number(
            f"{key}.diffusivity_cm2_per_s",
            f"{name}: D at room temperature",
            "cm²/s",
            printed.diffusivity,
            float(jump_diffusivity(printed.tau_room_us * _US)),
            "closed form",
            "from the printed τ_c",
        ),
    ]


def _temperature_of(tau_s: float, tau_inf_s: float, activation_energy: float) -> float:
    """K at which the correlation time has a value."""
    return float(inverse_thermal_energy(1.0)) * activation_energy / math.log(tau_s / tau_inf_s)
