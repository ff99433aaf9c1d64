"""A mixed conductor between contacts that block one of two: tables and figure of docs/mixed_conductor.md.

python docs/mixed_conductor.py [FIGURE]    prints the tables, and draws the figure there
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

import scl_fem
from scl_fem.constants import NM2_PER_CM2, SIEMENS_PER_CM, thermal_energy
from scl_fem.figures.style import GUIDE_COLOUR, PALETTE, house_style, new_figure, row_of_panels, save

if TYPE_CHECKING:
    from matplotlib.figure import Figure

type Array = npt.NDArray[np.float64]

CASE: Final = Path(__file__).parents[1] / "cases" / "ceria_mixed_conductor_1d.toml"
CONTACTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "ions": {},
    "electrons": {"boundary.kind": "bulk", "boundary.exchanges": ["O2-"]},
    # no layer forms: nothing to grade the mesh to
    "nothing": {"boundary.kind": "bulk", "mesh.interface_size": 10.0},
}
"""What contacts block, and the keys of the case that make them."""

BETWEEN: Final = 1e7
"""Hz, between the arc of the dielectric and that of diffusion."""

CM_PER_NM: Final = 1e-7


class Conductor(NamedTuple):
    """What the case puts in: conductivities (S/cm), chemical diffusivity (cm^2/s), thickness (cm)."""

    ions: float
    electrons: float
    diffusivity: float
    length: float


class Spectrum(NamedTuple):
    """Of one kind of contacts: frequency (Hz), impedance (ohm cm^2), and its limit at zero frequency."""

    frequency: Array
    impedance: npt.NDArray[np.complex128]
    at_zero: float


def conductor() -> Conductor:
    """By the formulas of the page, from the keys of the case."""
    case = scl_fem.resolve(scl_fem.load_case(CASE))
    kT = thermal_energy(case.temperature)
    carriers = case.materials["GDC"].carriers[:2]
    sigma, slopes = [], []
    for carrier, charge in zip(carriers, (2, 1), strict=True):
        amount = carrier.sites * carrier.occupancy
        sigma.append(charge**2 * carrier.diffusivity * NM2_PER_CM2 * amount / kT * SIEMENS_PER_CM)
        slopes.append(1.0 / (charge**2 * amount * (1.0 - carrier.occupancy)))
    ions, electrons = sigma
    ambipolar = ions * electrons / (ions + electrons) / SIEMENS_PER_CM * kT * sum(slopes)
    thickness = case.mesh.layers[0].thickness
    return Conductor(ions, electrons, ambipolar / NM2_PER_CM2, thickness * CM_PER_NM)


def spectrum(blocked: str, **study: Any) -> Spectrum:
    """Between contacts that block something.

    Args:
        blocked: of `CONTACTS`.
        study: keys of the study set anew.
    """
    keys = {f"study.{key}": value for key, value in study.items()} | dict(CONTACTS[blocked])
    result = scl_fem.run(scl_fem.load_case(CASE).with_overrides({**keys, "output.fields": False}))
    columns = result.tables["impedance.csv"]
    real, imaginary = (np.asarray(columns[f"Z_{part}_ohm_cm2"]) for part in ("re", "im"))
    return Spectrum(
        np.asarray(columns["frequency_Hz"]), real + 1j * imaginary, result["total_resistance_ohm_cm2"]
    )


def finite_warburg(frequency: Array, together: float, at_zero: float, known: Conductor) -> Array:
    """The impedance of ambipolar diffusion between contacts that block one of two, ohm cm^2.

    Args:
        frequency: Hz.
        together: L/(sigma_i + sigma_e), ohm cm^2.
        at_zero: L over the conductivity of what passes, ohm cm^2.
        known: of the conductor.
    """
    root = np.sqrt(2j * np.pi * frequency * known.length**2 / (4.0 * known.diffusivity))
    return together + (at_zero - together) * np.tanh(root) / root


def top_of_warburg() -> float:
    """omega L^2/4D at the top of the arc of tanh(sqrt(i w))/sqrt(i w)."""
    from scipy.optimize import minimize_scalar

    def height(w: float) -> float:
        root = np.sqrt(1j * w)
        return float((np.tanh(root) / root).imag)

    return float(minimize_scalar(height, bounds=(0.5, 10.0), method="bounded").x)


def limits_table() -> str:
    """Resistances at zero frequency and between the arcs, beside the closed forms."""
    known = conductor()
    both = known.length / (known.ions + known.electrons)
    exact = {
        "ions": known.length / known.electrons,
        "electrons": known.length / known.ions,
        "nothing": both,
    }
    lines = [
        "| contacts block | Z(0) (ohm cm^2) | exact | Re Z at 10 MHz (ohm cm^2) | L/(s_i + s_e) |",
        "| --- " * 5 + "|",
    ]
    for blocked, at_zero in exact.items():
        found = spectrum(blocked, frequency_start=BETWEEN, frequency_stop=2.0 * BETWEEN)
        cells = (found.at_zero, at_zero, found.impedance[0].real, both)
        lines.append(f"| {blocked} | {' | '.join(f'{each:.4g}' for each in cells)} |")
    return "\n".join(lines)


def readings_table() -> str:
    """What an experimenter reads off the two spectra, beside what was put in."""
    known, top = conductor(), top_of_warburg()
    lines = [
        "| contacts block | s_i (S/cm) | s_e (S/cm) | D (cm^2/s) |",
        "| --- " * 4 + "|",
        f"| put in | {known.ions:.4g} | {known.electrons:.4g} | {known.diffusivity:.3g} |",
    ]
    for blocked in ("ions", "electrons"):
        found = spectrum(blocked, frequency_start=1e3, frequency_stop=1e4, points_per_decade=100)
        plateau = spectrum(blocked, frequency_start=BETWEEN, frequency_stop=2.0 * BETWEEN)
        passing = known.length / found.at_zero
        other = known.length / plateau.impedance[0].real - passing
        ions, electrons = (other, passing) if blocked == "ions" else (passing, other)
        peak = found.frequency[np.argmin(found.impedance.imag)]
        diffusivity = 2.0 * np.pi * peak * known.length**2 / (4.0 * top)
        lines.append(f"| {blocked} | {ions:.4g} | {electrons:.4g} | {diffusivity:.3g} |")
    return "\n".join(lines)


def figure() -> Figure:
    """The spectra in the complex plane, the diffusion's closed form beside them; Re Z against frequency."""
    known = conductor()
    both = known.length / (known.ions + known.electrons)
    drawn = new_figure(9.0, 3.4, abreast=2)
    plane, real = row_of_panels(drawn, 2)
    plateaus = (
        (both, "L/(s$_i$ + s$_e$)"),
        (known.length / known.ions, "L/s$_i$"),
        (known.length / known.electrons, "L/s$_e$"),
    )
    for value, label in plateaus:
        real.axhline(1e3 * value, color=GUIDE_COLOUR, linestyle=":", linewidth=1.0)
        real.annotate(label, (1e11, 1e3 * value), ha="right", va="bottom", color=GUIDE_COLOUR)
        plane.axvline(1e3 * value, color=GUIDE_COLOUR, linestyle=":", linewidth=1.0)
    for colour, blocked in zip(PALETTE, CONTACTS, strict=False):
        found = spectrum(blocked, points_per_decade=10)
        z = 1e3 * found.impedance
        plane.plot(z.real, -z.imag, "o", markersize=2.5, color=colour, label=f"block {blocked}")
        real.plot(found.frequency, z.real, color=colour)
        if blocked != "nothing":
            slow = np.geomspace(found.frequency[0], BETWEEN, 300)
            closed = 1e3 * finite_warburg(slow, both, found.at_zero, known)
            plane.plot(closed.real, -closed.imag, color=colour, linewidth=0.8)
    plane.set(xlabel="Re Z (mΩ cm²)", ylabel="−Im Z (mΩ cm²)", xlim=(0.0, None), ylim=(0.0, 5.0))
    plane.set_aspect("equal")
    plane.legend(loc="upper left")
    real.set(xscale="log", xlabel="Frequency (Hz)", ylabel="Re Z (mΩ cm²)", ylim=(0.0, None))
    return drawn


def main() -> None:
    """Print the tables; draw the figure where a file is named."""
    print(limits_table() + "\n\n" + readings_table())
    if len(sys.argv) > 1:
        with house_style():
            save(figure(), Path(sys.argv[1]))


if __name__ == "__main__":
    main()
