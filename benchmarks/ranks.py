"""The 3D particle on one rank and on two: parallel efficiency of each stage."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import ROOT, StageClock, Times, median, print_table

REPEATS = 3


def main() -> None:
    """Print wall times on 1 and 2 ranks; the efficiency is their ratio over the number of ranks."""
    one, two = _run(1), _run(2)
    rows = [
        (name, seconds, two[name], seconds / (2 * two[name]))
        for name, seconds in one.items()
        if two[name] > 0.0
    ]
    print_table(("stage", "1 rank, wall s", "2 ranks, wall s", "efficiency"), rows)


def _run(ranks: int) -> dict[str, float]:
    """Wall seconds by stage."""
    mpirun = shutil.which("mpirun", path=str(Path(sys.executable).parent)) or shutil.which("mpirun")
    if mpirun is None:
        sys.exit("there is no mpirun")
    code = "from benchmarks.ranks import on_each_rank; on_each_rank()"
    command = [mpirun, "-n", str(ranks), sys.executable, "-c", code]
    answer = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(answer)


def on_each_rank() -> None:
    """What mpirun starts: rank 0 prints the median times by stage."""
    from mpi4py import MPI

    from benchmarks.particle import CASE, SIZE
    from scl_fem.case import load_case
    from scl_fem.studies.run import run_case

    comm, case = MPI.COMM_WORLD, load_case(CASE, SIZE)
    folder = comm.bcast(tempfile.mkdtemp() if comm.rank == 0 else None)
    runs: list[dict[str, Times]] = []
    for number in range(REPEATS + 1):
        clock = StageClock()
        run_case(case, Path(folder) / str(number), progress=clock)
        comm.barrier()
        runs.append({**clock.finished(), "of equilibrium: Newton's method": clock.newton_times})
    if comm.rank == 0:
        shutil.rmtree(folder)
        print(json.dumps({name: median([run[name] for run in runs[1:]]).wall for name in runs[0]}))
