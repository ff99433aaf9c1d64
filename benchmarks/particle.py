"""A 3D particle of some 1e5 unknowns: time by stage, Newton's method, memory."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.measuring import ROOT, StageClock, Times, peak_memory_gb, print_table

CASE = ROOT / "cases" / "lvo_lagp_x2_particle_3d.toml"
SIZE = ("mesh.tangential_size=0.42", "mesh.growth=1.2", "output.figures=false")
REPEATS = 3


def main() -> None:
    """Print the median run of several (by CPU time) and the memory of the first."""
    from scl_fem.case import load_case
    from scl_fem.studies.run import run_case

    case = load_case(CASE, SIZE)
    with tempfile.TemporaryDirectory() as folder:
        first = run_case(case, Path(folder) / "first")
        memory = peak_memory_gb()
        runs = []
        for number in range(REPEATS):
            clock = StageClock()
            run_case(case, Path(folder) / str(number), progress=clock)
            runs.append((clock.finished(), clock))
    stages, clock = sorted(runs, key=lambda run: _total(run[0]).cpu)[REPEATS // 2]
    without_mesh = _total({name: times for name, times in stages.items() if name != "mesh"})
    rows = [
        *stages.items(),
        ("of equilibrium: Newton's method", clock.newton_times),
        ("the run without the mesh", without_mesh),
    ]
    summary = first.summary
    print(f"{summary['dofs']:,} unknowns, {summary['cells']:,} cells, {memory:.2f} GB at most")
    print(f"{clock.newton_steps} Newton steps, {summary['linear_iterations']} linear iterations\n")
    print_table(("stage", "wall s", "CPU s"), [(name, times.wall, times.cpu) for name, times in rows])


def _total(stages: dict[str, Times]) -> Times:
    return sum(stages.values(), Times(0.0, 0.0))
