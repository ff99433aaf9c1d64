"""The mobility of a cell in a transient: mean of its nodes' against geometric mean, by mesh."""

from __future__ import annotations

import numpy as np

from benchmarks.measuring import ROOT, print_table

SIZES = (0.02, 0.01, 0.005, 0.002, 0.001)
"""nm, of the cells at the interface."""

TIMES = (1e-9, 1e-8, 1e-7, 1e-6)
"""s after contact."""


def main() -> None:
    """Print the charge of the layer at some times, by rule and mesh."""
    from scl_fem.equations.region import NodalPhysics, Region
    from scl_fem.physics.types import Array

    class GeometricMean(Region):
        """With the mean of the logarithms: the centroid's value where these are linear."""

        def mobilities(self, physics: NodalPhysics) -> Array:
            """See `Region`."""
            nodal = self.phase.mobilities(physics.phase)
            logarithms = np.log(np.where(nodal > 0.0, nodal, 1.0))
            return np.exp([self.cells.centroid_means(each) for each in logarithms])

        def mobility_slopes(self, physics: NodalPhysics) -> tuple[Array, Array]:
            """See `Region`."""
            edges, nodal = self.edges, self.phase.mobilities(physics.phase)
            of_logarithm = 0.5 * self.phase.mobility_slopes(physics.phase) / nodal
            mean = np.sqrt(nodal[:, edges.first] * nodal[:, edges.second])
            return mean * of_logarithm[:, :, edges.first], mean * of_logarithm[:, :, edges.second]

    import scl_fem.equations.system as system

    rows = []
    for name, rule in (("mean", Region), ("geometric mean", GeometricMean)):
        system.Region = rule
        rows += [(name, f"{size:g}", *(f"{charge:.4f}" for charge in _charges(size))) for size in SIZES]
    system.Region = Region
    print_table(("mobility of a cell", "cells, nm", *(f"{time:g} s" for time in TIMES)), rows)
    print("\nCharge of the layer, e/nm^2, Li0.2V2O5 | LAGP.")


def _charges(size: float) -> list[float]:
    """Charge of the layer (e/nm^2) at `TIMES` with cells of `size` (nm) at the interface."""
    import scl_fem

    case = scl_fem.load_case(ROOT / "cases" / "lvo_lagp_formation_1d.toml").with_overrides(
        {"study.output_times": list(TIMES), "study.duration": 1e-5, "mesh.interface_size": size}
    )
    history = scl_fem.run(case).tables["history.csv"]
    times, charges = (np.asarray(history[name]) for name in ("time_s", "layer_charge_e_per_nm2"))
    return [float(charges[np.flatnonzero(times == time)[0]]) for time in TIMES]


if __name__ == "__main__":
    main()
