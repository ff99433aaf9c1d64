"""Write the example data of `scl-fem fit`: synthetic, not measured.

Each file is the closed form at parameters that Cheng et al. (Joule 2020) report, at temperatures and
times of their kind, with normal noise of a fixed seed.

    python data/make_examples.py
"""

import math
from pathlib import Path

import numpy as np

from scl_fem.constants import ROOM_TEMPERATURE
from scl_fem.physics.exchange import exchanged_from_cube
from scl_fem.physics.relaxation import (
    arrhenius_value,
    correlation_time,
    tau_inf_from_break,
    transverse_relaxation_time,
)

HERE = Path(__file__).parent
PARTICLE_SIZE_NM = 65.0
MIXING_TIMES_S = np.array([5e-4, 2e-3, 1e-2, 5e-2, 0.1, 0.2, 0.5, 1.0])
EXCHANGE_TEMPERATURES_K = np.array([273.0, 298.15, 318.0, 343.0, 363.0])
RELAXATION_TEMPERATURES_K = np.arange(258.0, 439.0, 15.0)

INTENSITY_NOISE = 0.015
RELATIVE_NOISE = 0.03

# diffusivity at room temperature in cm^2/s and activation energy in eV, across the interface to LAGP
EXCHANGE = {"Li1V2O5_LAGP": (1.0e-12, 0.315), "Li2V2O5_LAGP": (4.4e-14, 0.515)}
# activation energy in eV, break point: correlation time in s and temperature in K
RELAXATION = {
    "Li0.2V2O5": (0.13, 27.1e-6, 317.0),
    "Li1V2O5": (0.17, 12.4e-6, 360.0),
    "Li2V2O5": (0.08, 11.4e-6, 373.0),
}


def diffusivities(room: float, activation_energy: float, temperature: np.ndarray) -> np.ndarray:
    """Of Arrhenius's law, from the value at room temperature."""
    return (
        room
        * arrhenius_value(1.0, activation_energy, temperature)
        / arrhenius_value(1.0, activation_energy, ROOM_TEMPERATURE)
    )


def write(name: str, truth: str, columns: dict[str, np.ndarray]) -> None:
    """One CSV file that says what it is."""
    rows = zip(*(column.ravel() for column in columns.values()), strict=True)
    lines = [
        "# SYNTHETIC data made by make_examples.py, not measured.",
        f"# True parameters: {truth}",
        ",".join(columns),
        *(",".join(f"{value:.5g}" for value in row) for row in rows),
    ]
    path = HERE / f"{name}.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(path.name)


def exchange(material: str, random: np.random.Generator) -> None:
    """Cross peaks of exchange spectra."""
    room, energy = EXCHANGE[material]
    temperature, time = np.meshgrid(EXCHANGE_TEMPERATURES_K, MIXING_TIMES_S, indexing="ij")
    exact = exchanged_from_cube(diffusivities(room, energy, temperature), time, PARTICLE_SIZE_NM)
    intensity = exact + INTENSITY_NOISE * random.standard_normal(exact.shape)
    write(
        f"synthetic_exsy_{material}",
        f"D = {room:g} cm^2/s at 298.15 K, Ea = {energy:g} eV, d = {PARTICLE_SIZE_NM:g} nm",
        {"temperature_K": temperature, "mixing_time_s": time, "intensity": intensity},
    )


def relaxation(material: str, random: np.random.Generator) -> None:
    """T2 across the break of the rigid lattice."""
    energy, tau, break_temperature = RELAXATION[material]
    rigid = tau * math.sqrt(2.0)
    exact = transverse_relaxation_time(RELAXATION_TEMPERATURES_K, rigid, break_temperature, energy)
    noisy = exact * np.exp(RELATIVE_NOISE * random.standard_normal(exact.size))
    room = correlation_time(tau_inf_from_break(rigid, energy, break_temperature), energy, ROOM_TEMPERATURE)
    write(
        f"synthetic_t2_{material}",
        f"Ea = {energy:g} eV, tau_c = {tau * 1e6:g} us at {break_temperature:g} K, "
        f"{float(room) * 1e6:.3g} us at 298.15 K",
        {"temperature_K": RELAXATION_TEMPERATURES_K, "T2_s": noisy},
    )


def arrhenius(random: np.random.Generator) -> None:
    """Diffusivities against temperature."""
    room, energy = EXCHANGE["Li1V2O5_LAGP"]
    exact = diffusivities(room, energy, EXCHANGE_TEMPERATURES_K)
    noisy = exact * np.exp(2 * RELATIVE_NOISE * random.standard_normal(exact.size))
    write(
        "synthetic_arrhenius_Li1V2O5_LAGP",
        f"D = {room:g} cm^2/s at 298.15 K, Ea = {energy:g} eV",
        {"temperature_K": EXCHANGE_TEMPERATURES_K, "D_cm2_per_s": noisy},
    )


if __name__ == "__main__":
    generator = np.random.default_rng(2020)
    for each in EXCHANGE:
        exchange(each, generator)
    for each in RELAXATION:
        relaxation(each, generator)
    arrhenius(generator)
