"""The paper's 57 % and 30 % exchanged in 1 s: what a finite mixture makes of its diffusivities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.measuring import print_table

WEIGHT_RATIO = 4.0
"""LixV2O5 to LAGP (Cheng et al., Joule 2020)."""

LAGP_DENSITY = 3.4
"""g/cm^3: not in the paper; the usual X-ray density of Li1.5Al0.5Ge1.5(PO4)3."""

FORMULA_UNITS_PER_NM3 = 16.856 / 2
"""V2O5 in the host: c_max of Table S2 belongs to Li2V2O5."""

LAGP_CONCENTRATION = 5.372
"""Li/nm^3, Table S2."""

EDGES = (65.0, 110.0)
"""nm: centre to centre, as the paper puts it, and a whole particle."""

_GRAMS_PER_CM3 = 1e21 / 6.02214076e23
_DURATION = 60.0


@dataclass(frozen=True)
class Composition:
    """A mixture of the paper.

    Attributes:
        name: of the vanadate.
        molar_mass: g/mol.
        concentration: Li/nm^3 of the vanadate.
        diffusivity: effective, cm^2/s, as printed.
        exchanged: in 1 s, as printed.
    """

    name: str
    molar_mass: float
    concentration: float
    diffusivity: float
    exchanged: float

    @property
    def share(self) -> float:
        """Of the volume that the vanadate takes."""
        from scl_fem.physics.exchange import volume_share

        density = FORMULA_UNITS_PER_NM3 * self.molar_mass * _GRAMS_PER_CM3
        return volume_share(WEIGHT_RATIO, density / LAGP_DENSITY)


COMPOSITIONS = (
    Composition("LiV2O5", 188.82, 0.55 * 16.856, 1.0e-12, 0.57),
    Composition("Li2V2O5", 195.76, 0.95 * 16.856, 4.4e-14, 0.30),
)


def main() -> None:
    """Print what is exchanged with the printed D, what D or interface the printed fractions would need."""
    rows, interfaces = [], []
    for mixture in COMPOSITIONS:
        for edge in EDGES:
            rows.append(_infinite(mixture, edge))
            for equal in (True, False):
                rows.append(_finite(mixture, edge, equal))
            interfaces.append(_interface(mixture, edge))
    shares = ", ".join(f"{mixture.name} {mixture.share:.3f}" for mixture in COMPOSITIONS)
    print(f"Shares of the volume: {shares}.\n")
    header = "mixture", "edge nm", "surroundings", "exchanges at most", "in 1 s", "of what it can"
    print_table((*header, "printed", "D for that", "of what it can"), rows)
    print("\nWith fast phases (1e-9 cm^2/s) behind an interface of permeability P:\n")
    header = "mixture", "edge nm", "P for that, cm/s", "R ohm cm^2", "P, of what it can", "R ohm cm^2"
    print_table(header, interfaces)


def _infinite(mixture: Composition, edge: float) -> tuple[object, ...]:
    from scl_fem.physics.exchange import diffusivity_from_remaining, exchanged_from_cube

    found = float(exchanged_from_cube(mixture.diffusivity, 1.0, edge))
    needed = diffusivity_from_remaining(1.0 - mixture.exchanged, 1.0, edge)
    printed = f"{mixture.exchanged:.0%}"
    return (
        mixture.name,
        f"{edge:g}",
        "infinite",
        "100 %",
        f"{found:.1%}",
        f"{found:.1%}",
        printed,
        f"{needed:.2g}",
        f"{needed:.2g}",
    )


def _finite(mixture: Composition, edge: float, equal: bool) -> tuple[object, ...]:
    # everything depends on D t alone: one run is the answer for every D
    exchanged, most = _run(mixture, edge, 1e-12, _DURATION, equal)
    found = exchanged(mixture.diffusivity / 1e-12)
    raw, normalised = (1e-12 * _when(exchanged, mixture.exchanged * most_) for most_ in (1.0, most))
    return (
        mixture.name,
        f"{edge:g}",
        "finite, same Li/nm^3" if equal else "finite, own Li/nm^3",
        f"{most:.1%}",
        f"{found:.1%}",
        f"{found / most:.1%}",
        f"{mixture.exchanged:.0%}",
        f"{raw:.2g}",
        f"{normalised:.2g}",
    )


def _interface(mixture: Composition, edge: float) -> tuple[object, ...]:
    from scl_fem.physics.exchange import interface_resistance, permeability_current_density

    permeability = 1e-6
    exchanged, most = _run(mixture, edge, 1e-9, 5.0, False, permeability)
    columns: list[object] = [mixture.name, f"{edge:g}"]
    for part in (1.0, most):
        needed = permeability * _when(exchanged, mixture.exchanged * part)
        current = permeability_current_density(needed, LAGP_CONCENTRATION)
        columns += [f"{needed:.2g}", f"{float(interface_resistance(current, 298.15)):.0f}"]
    return tuple(columns)


def _run(
    mixture: Composition, edge: float, diffusivity: float, duration: float, equal: bool, permeability="inf"
) -> tuple[Callable[[float], float], float]:
    """Exchanged fraction against time in s, and what it comes to in the end."""
    from scl_fem.case import Case
    from scl_fem.studies.run import run_case

    tables = {
        "study": {"kind": "exsy", "duration": duration},
        "mesh": {"kind": "cube", "dimension": 3, "particle_size": edge, "interface_size": 0.004 * edge},
        "exsy": {
            "diffusivity": diffusivity,
            "surroundings": "finite",
            "surroundings_fraction": mixture.share,
            "particle_concentration": LAGP_CONCENTRATION,
            "surroundings_concentration": LAGP_CONCENTRATION if equal else mixture.concentration,
            "permeability": permeability,
        },
    }
    result = run_case(Case(**tables))
    table = result.tables["decay.csv"]
    curve = table["time_s"], table["exchanged"]
    return lambda time: float(np.interp(time, *curve)), 1.0 - result.summary["plateau_remaining"]


def _when(exchanged: Callable[[float], float], fraction: float) -> float:
    """Time at which a fraction is exchanged."""
    from scipy.optimize import brentq

    return brentq(lambda time: exchanged(time) - fraction, 1e-9, _DURATION)


if __name__ == "__main__":
    main()
