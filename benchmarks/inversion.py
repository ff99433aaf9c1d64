"""The inverse of mu(x), points a second."""

from __future__ import annotations

import numpy as np

from benchmarks.measuring import measured, print_table

POINTS = 100_000
REPEATS = 7


def main() -> None:
    """Print how many points a second are inverted, by law and spread of the energies."""
    from scl_fem.constants import thermal_energy
    from scl_fem.materials import load_material
    from scl_fem.physics.defects import ExcessCubeRoot, NoDefects
    from scl_fem.physics.open_circuit import OpenCircuitThermodynamics
    from scl_fem.physics.thermodynamics import SiteThermodynamics

    random = np.random.default_rng(0)
    energies = {
        "up to 0.6 eV, evenly": random.uniform(-0.6, 0.6, POINTS),
        "1e-12 to 0.6 eV, evenly in the logarithm": 10 ** random.uniform(-12, np.log10(0.6), POINTS),
    }
    kT, curve = thermal_energy(298.15), load_material("LiCoO2").open_circuit
    laws = {
        "none": SiteThermodynamics(0.1, kT, 0.0165, NoDefects()),
        "excess-cube-root": SiteThermodynamics(0.1, kT, 0.0165, ExcessCubeRoot(2.46 / 16.73, 1e-6)),
        "open-circuit": OpenCircuitThermodynamics(0.5, kT, curve.occupancy, curve.voltage),
    }
    rows = []
    for law, thermodynamics in laws.items():
        for spread, energy in energies.items():
            times = measured(lambda energy=energy, t=thermodynamics: t.logit_excess(energy), REPEATS)
            error = np.max(np.abs(thermodynamics.energy(thermodynamics.logit_excess(energy)) / energy - 1.0))
            rows.append((law, spread, f"{POINTS / times.cpu / 1e6:.1f} M", f"{error:.1e}"))
    print_table(("law", "energies", "points a second", "largest relative error of mu"), rows)
