"""Interface resistance on default meshes against a second method: planar, disc and sphere, 23 pairs."""

from __future__ import annotations

import numpy as np

from benchmarks.measuring import print_table

RADIUS = 5.0
"""nm, of disc and sphere; terminals at half of it and at twice."""

MESHES = {
    "planar, 1D": {"kind": "planar", "dimension": 1},
    "planar, 3D": {"kind": "planar", "dimension": 3},
    "disc, 2D": {"kind": "particle", "dimension": 2, "radius": RADIUS},
    "sphere, 3D": {"kind": "particle", "dimension": 3, "radius": RADIUS},
}

STEPS = (0.8, -0.8, 1.0, -1.0, 1.2)
"""V, of the random pairs, each with and without interacting defects."""


def main() -> None:
    """Print errors by mesh, then those of each pair."""
    from tests.support.pairs import PAIRS

    pairs = {name: pair for name, pair in PAIRS.items() if pair[0].voltage != pair[1].voltage}
    pairs |= random_pairs()
    errors = {mesh: {name: _error(*pair, mesh) for name, pair in pairs.items()} for mesh in MESHES}
    rows = []
    for mesh, by_pair in errors.items():
        sizes = np.abs(list(by_pair.values()))
        rows.append((mesh, *(f"{each:.1e}" for each in (*np.quantile(sizes, [0.5, 0.9]), sizes.max()))))
    print_table(("mesh", "median", "90 %", "largest"), rows)
    print()
    print_table(
        ("pair", *errors),
        [(name, *(f"{errors[mesh][name]:+.1e}" for mesh in errors)) for name in pairs],
    )
    print("\nErrors are relative to the excess resistances of both sides without sign.")


def random_pairs() -> dict:
    """Ten pairs with large steps, drawn with seed 7."""
    from tests.support.half_space import Side

    draw = np.random.default_rng(7)

    def side(voltage: float, with_defects: bool) -> Side:
        law = str(draw.choice(["constant", "vacancy", "vacancy-bulk"]))
        return Side(
            c_max=float(draw.uniform(5.0, 50.0)),
            occupancy=float(draw.uniform(0.02, 0.98)),
            voltage=voltage,
            permittivity=float(draw.uniform(8.0, 80.0)),
            regular_solution=float(draw.uniform(-0.05, 0.03)),
            defect_energy=float(draw.uniform(0.5, 8.0)) if with_defects else 0.0,
            diffusivity_min=1e-14 if law != "constant" else 0.0,
            diffusivity_law=law,
        )

    return {
        f"random, {step:+g} V, {'defects' if with_defects else 'none'}": (
            side(3.0 + step, with_defects),
            side(3.0, with_defects),
        )
        for step in STEPS
        for with_defects in (True, False)
    }


def _error(electrode, electrolyte, mesh: str) -> float:  # type: ignore[no-untyped-def]
    """Error of one pair on one mesh."""
    import scl_fem
    from scl_fem.constants import OHM_CM2
    from tests.support.cases import case_of
    from tests.support.radial import Ball, interface_resistance

    result = scl_fem.run(case_of(electrode, electrolyte, study="conduction", mesh=MESHES[mesh]))
    ball = Ball(MESHES[mesh]["dimension"], RADIUS, RADIUS / 2, 2 * RADIUS)
    if mesh.startswith("planar"):
        ball = Ball(1, 10.0, 0.0, 20.0)
    expected = interface_resistance(result.study.phases, ball) * OHM_CM2
    sides = [result.summary[side]["excess_resistance_ohm_cm2"] for side in ("electrode", "electrolyte")]
    return (result.summary["interface_resistance_ohm_cm2"] - expected) / sum(map(abs, sides))


if __name__ == "__main__":
    main()
