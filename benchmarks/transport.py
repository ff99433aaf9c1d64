"""Transient Poisson-Nernst-Planck: steps of a run and time of a step in one, two and three dimensions.

    python -m benchmarks.transport [1D 2D 3D]

1D: the formation of the layer, as the case does it. 2D and 3D: LVO|LAGP at +0.4 V from contact to 1 s,
twelve decades of time, by implicit Euler with a tolerance of 9 %.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import scl_fem
from benchmarks.measuring import ROOT, StageClock, peak_memory_gb, print_table

TWELVE_DECADES = {"study.duration": 1.0, "study.first_step": 1e-12, "study.output_times": []}
ROUGH = {"study.method": "euler", "study.tolerance": 0.09}

RUNS = {
    "1D": {},
    "2D": {
        **TWELVE_DECADES,
        **ROUGH,
        "mesh": {
            "kind": "planar",
            "dimension": 2,
            "interface_size": 0.02,
            "growth": 1.05,
            "lateral_size": 20.0,
            "lateral_elements": 350,
        },
    },
    "3D": {
        **TWELVE_DECADES,
        **ROUGH,
        "mesh": {
            "kind": "planar",
            "dimension": 3,
            "interface_size": 0.05,
            "growth": 1.15,
            "lateral_size": 4.0,
            "lateral_elements": 42,
        },
    },
}


def run(name: str) -> list[object]:
    """One run and its row of the table."""
    case = scl_fem.load_case(ROOT / "cases" / "lvo_lagp_formation_1d.toml").with_overrides(RUNS[name])
    clock = StageClock()
    result = scl_fem.run(case, progress=clock)
    summary, times = result.summary, clock.finished()["transient"]
    tries = summary["steps"] + summary["rejected_steps"]
    return [
        name,
        2 * summary["dofs"],
        summary["steps"],
        summary["rejected_steps"],
        summary["newton_iterations"],
        times.wall,
        times.cpu,
        times.cpu / tries,
        peak_memory_gb(),
    ]


def main(names: Sequence[str] = tuple(RUNS)) -> None:
    """Print a row for each run.

    Args:
        names: of the runs.
    """
    columns = "run, unknowns, steps, rejected, Newton, wall s, CPU s, CPU s a step, memory GB".split(", ")
    print_table(columns, [run(name) for name in names])


if __name__ == "__main__":
    main(sys.argv[1:] or tuple(RUNS))
