"""The mobility of a cell in a transient: mean of its nodes' against geometric mean, by mesh."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from benchmarks.measuring import ROOT, print_table

SIZES = (0.02, 0.01, 0.005, 0.002, 0.001)
"""nm, of the cells at the interface."""

TIMES = (1e-9, 1e-8, 1e-7, 1e-6)
"""s after contact."""


def main() -> None:
    """Print the charge of the layer at some times, by rule and mesh."""
    import scl_fem.studies.transient as study
    from scl_fem.discretisation.transport import TransportSystem
    from scl_fem.discretisation.unknowns import NodalPhysics
    from scl_fem.physics.types import Array

    class GeometricMean(TransportSystem):
        """With the mean of the logarithms: the centroid's value where these are linear."""

        def mean_mobilities(self, nodal: Mapping[str, Array]) -> dict[str, Array]:
            """See `TransportSystem`."""
            logarithms = {tag: np.log(np.where(values > 0.0, values, 1.0)) for tag, values in nodal.items()}
            return {tag: np.exp(mean) for tag, mean in super().mean_mobilities(logarithms).items()}

        def edge_mobility_slopes(self, tag: str, physics: NodalPhysics) -> tuple[Array, Array]:
            """See `TransportSystem`."""
            edges, lithium = self.geometry[tag].edges, self.phases[tag].main
            mobility = lithium.mobility(physics.eta)
            nodal = self.on_nodes(tag, mobility)
            of_logarithm = self.on_nodes(tag, 0.5 * lithium.mobility_slope(physics.eta) / mobility)
            mean = np.sqrt(nodal[edges.first] * nodal[edges.second])
            return mean * of_logarithm[edges.first], mean * of_logarithm[edges.second]

    rows = []
    for name, rule in (("mean", TransportSystem), ("geometric mean", GeometricMean)):
        study.TransportSystem = rule
        rows += [(name, f"{size:g}", *(f"{charge:.4f}" for charge in _charges(size))) for size in SIZES]
    study.TransportSystem = TransportSystem
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
