"""Which interface law accounts for 33, 63 and 188 ohm cm^2? Prints the tables of docs/open_question.md.

python docs/open_question.py

Every hypothesis shares one law and one prefactor among the three LixV2O5|LAGP interfaces. The
prefactor is fitted to the layer-free one (x = 1, 33 ohm cm^2: one datum); what the law says of the
other two resistances, and of the rise of the activation energy, is prediction unless a line says
otherwise. Barriers and occupancies come from the equilibrium solver.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import scl_fem
from scl_fem.constants import BOLTZMANN, FARADAY, GAS_CONSTANT, ROOM_TEMPERATURE

CASES = Path(__file__).parent.parent / "cases"
COMPOSITIONS = ("0.2", "1", "2")
MEASURED = {"0.2": 188.0, "1": 33.0, "2": 63.0}
"""Interface resistances of Cheng et al. (2020), ohm cm^2; that of x = 0.2 is a lower limit."""
MEASURED_RISE = 0.515 - 0.315
"""Rise of the activation energy from x = 1 to x = 2, eV."""
COLD, WARM = 273.0, 363.0
"""Range of the measured activation energies, K."""

MESH = {"mesh.interface_size": 0.002, "mesh.growth": 1.1}


@dataclass(frozen=True)
class Layer:
    """What the equilibrium solver says of one interface at one temperature.

    Attributes:
        temperature: K.
        step: potential step, V.
        electrolyte_drop: potential at the interface against the electrolyte's bulk, V.
        electrode_drop: against the electrode's bulk, V.
        availability: sqrt(x (1-x) x' (1-x')) at the interface: ions on one side times vacancies on
            the other, geometric mean of both directions.
        capacitance: of the layer, uF/cm^2.
    """

    temperature: float
    step: float
    electrolyte_drop: float
    electrode_drop: float
    availability: float
    capacitance: float


def layer(composition: str, temperature: float) -> Layer:
    """Solve one interface."""
    case = scl_fem.load_case(CASES / f"lvo_lagp_x{composition}_1d.toml")
    summary = scl_fem.run(case.with_overrides({"temperature": temperature, **MESH})).summary
    electrode, electrolyte = (summary[side]["occupancy_interface"] for side in ("electrode", "electrolyte"))
    phi, step = summary["interface_potential_V"], summary["potential_step_V"]
    availability = np.sqrt(electrode * (1 - electrode) * electrolyte * (1 - electrolyte))
    capacitance = summary["capacitance_uF_per_cm2"]
    return Layer(temperature, step, phi, phi - step, float(availability), capacitance)


type Law = Callable[[Layer], float]
"""Resistance of an interface relative to a common prefactor."""


def barrier(energy: Callable[[Layer], float]) -> Law:
    """exp(E_b/kT)."""
    return lambda each: float(np.exp(energy(each) / (BOLTZMANN * each.temperature)))


def laws(reference: dict[str, Layer]) -> dict[str, Law]:
    """The hypotheses; `reference` gives the one that is fitted to a second datum its parameter."""
    fitted = BOLTZMANN * ROOM_TEMPERATURE * np.log(MEASURED["2"] / MEASURED["1"]) / abs(reference["2"].step)
    return {
        "A  ohmic grain boundary, no barrier": lambda each: 1.0,
        "B  barrier = potential drop in the electrolyte's layer": barrier(
            lambda each: abs(each.electrolyte_drop)
        ),
        "C  barrier = uphill part of the drops (ions against the field)": barrier(
            lambda each: max(each.electrolyte_drop, 0.0) + max(-each.electrode_drop, 0.0)
        ),
        f"D  barrier = {fitted:.3f} of the dipole's step (fitted to x = 2 too)": barrier(
            lambda each: fitted * abs(each.step)
        ),
        "E  exchange current as ions and vacancies at the interface": lambda each: 1.0 / each.availability,
    }


def activation_energy_rise(
    law: Law, cold: dict[str, Layer], warm: dict[str, Layer], composition: str
) -> float:
    """Activation energy of 1/R against that of x = 1, eV, from two temperatures."""
    span = 1.0 / (BOLTZMANN * COLD) - 1.0 / (BOLTZMANN * WARM)
    ratio_cold = law(cold[composition]) / law(cold["1"])
    ratio_warm = law(warm[composition]) / law(warm["1"])
    return float(np.log(ratio_cold / ratio_warm) / span)


def main() -> None:
    """Print the layers and what each hypothesis predicts."""
    room, cold, warm = (
        {composition: layer(composition, temperature) for composition in COMPOSITIONS}
        for temperature in (ROOM_TEMPERATURE, COLD, WARM)
    )
    print("| x | step (V) | drop in electrolyte, electrode (V) | ions and vacancies at the interface |")
    print("| --- | --- | --- | --- |")
    for composition, each in room.items():
        drops = f"{each.electrolyte_drop:+.3f}, {each.electrode_drop:+.3f}"
        print(f"| {composition} | {each.step:+.1f} | {drops} | {each.availability:.2g} |")
    print(
        "\n| law | R(x=2)/R(1) | R(0.2)/R(1) | rise of E_a, x=2 (eV) | x=0.2 (eV) "
        "| R (ohm cm^2), arc (Hz), x=2 | x=0.2 |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    ratios = [MEASURED[composition] / MEASURED["1"] for composition in ("2", "0.2")]
    print(f"| measured | {ratios[0]:.2f} | > {ratios[1]:.2f} | {MEASURED_RISE:.3f} | not seen | 63 | > 188 |")
    for name, law in laws(room).items():
        cells = [f"{law(room[composition]) / law(room['1']):.3g}" for composition in ("2", "0.2")]
        cells += [
            f"{activation_energy_rise(law, cold, warm, composition):+.3f}" for composition in ("2", "0.2")
        ]
        for composition in ("2", "0.2"):
            resistance = MEASURED["1"] * law(room[composition]) / law(room["1"])
            peak = 1e6 / (2.0 * np.pi * resistance * room[composition].capacitance)
            cells.append(f"{resistance:.3g}, {peak:.2g}")
        print(f"| {name} | {' | '.join(cells)} |")
    needed = BOLTZMANN * ROOM_TEMPERATURE * np.log(ratios[0])
    prefactor = np.exp(MEASURED_RISE / (BOLTZMANN * ROOM_TEMPERATURE)) / ratios[0]
    print(
        f"\nA barrier alone that makes 63 of 33 ohm cm^2 is {1e3 * needed:.0f} meV; one of "
        f"{1e3 * MEASURED_RISE:.0f} meV needs a prefactor {prefactor:.0f} times larger beside it."
    )
    effective = np.log(1.0e-12 / 4.4e-14) * BOLTZMANN * ROOM_TEMPERATURE
    print(f"By the paper's D_eff (1.0e-12 and 4.4e-14 cm^2/s) the same barrier is {1e3 * effective:.0f} meV.")
    unit = GAS_CONSTANT * ROOM_TEMPERATURE / FARADAY
    print(f"RT/F = {1e3 * unit:.2f} mV: 33 ohm cm^2 is j_0 = {1e3 * unit / 33.0:.2f} mA/cm^2 and no more.")


if __name__ == "__main__":
    main()
