"""The 1D case from the command to the finished result, and where the time goes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measuring import ROOT, StageClock, Times, median, print_table

CASE = ROOT / "cases" / "lvo_lagp_x0.2_1d.toml"
WITHOUT = {
    "summary, profile, case, log, checkpoint": ("output.fields=false", "output.figures=false"),
    "and fields for ParaView": ("output.figures=false",),
    "and figures": (),
}
REPEATS = 7


def main() -> None:
    """Print both tables."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        # As after an installation, whatever this shell says: modules are compiled to bytecode once.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(folder) / "bytecode")
        for what, overrides in WITHOUT.items():
            times = _command(overrides, Path(folder))
            rows.append((what, times.wall, times.cpu))
        rows.append(("(scl-fem --help)", *_seconds(_repeat([sys.executable, "-m", "scl_fem", "--help"]))))
        rows.append(("(python -c pass)", *_seconds(_repeat([sys.executable, "-c", "pass"]))))
        print_table(("writes", "wall s", "CPU s"), rows)
        print()
        code = "from benchmarks.startup import breakdown; breakdown()"
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def _seconds(times: Times) -> tuple[float, float]:
    return times.wall, times.cpu


def _command(overrides: tuple[str, ...], folder: Path) -> Times:
    options = [word for override in overrides for word in ("--set", override)]
    command = ["-m", "scl_fem", "run", str(CASE), "-o", str(folder / "result"), "--overwrite", "--quiet"]
    return _repeat([sys.executable, *command, *options])


def _repeat(command: list[str]) -> Times:
    """Median times of a command, the first run, which may compile, not counted."""
    times = [_once(command) for _ in range(REPEATS + 1)]
    return median(times[1:])


def _once(command: list[str]) -> Times:
    before, start = os.times(), time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Times(time.perf_counter() - start, cpu)


def breakdown() -> None:
    """Imports, reading the case, and each stage, in a process that has loaded nothing yet."""
    from scl_fem.cli.loading import nothing_to_collect

    start = Times.now()
    with nothing_to_collect():
        from scl_fem.case import load_case

        case = load_case(CASE, ["output.fields=false", "output.figures=false"])
        read = Times.now()
        from scl_fem.studies.run import run_case

        imported = Times.now()
    rows = [
        ("importing the case's model, reading the case", *_seconds(read - start)),
        ("importing DOLFINx, PETSc and the rest", *_seconds(imported - read)),
    ]
    with tempfile.TemporaryDirectory() as folder:
        clock = StageClock()
        run_case(case, Path(folder) / "result", progress=clock)
        rows += [(name, *_seconds(times)) for name, times in clock.finished().items()]
    print_table(("stage", "wall s", "CPU s"), rows)
