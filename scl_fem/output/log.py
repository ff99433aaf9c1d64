"""log.txt: what ran, on what, how it converged and how long each stage took."""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scl_fem import __version__
from scl_fem.output.files import write_text
from scl_fem.progress import Reporter, SilentReporter


def versions() -> dict[str, str]:
    """Versions of this program and of the libraries that its numbers come from, by name."""
    import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

    # isort: split
    import basix
    import dolfinx
    import numpy as np
    from mpi4py import MPI
    from petsc4py import PETSc

    # MPICH answers "MPICH Version:      5.0.2" and a dozen lines of how it was built, Open MPI one line.
    mpi = " ".join(MPI.Get_library_version().replace("\0", "").splitlines()[0].split()).replace(
        "Version: ", ""
    )
    return {
        "scl_fem": __version__,
        "python": platform.python_version(),
        "dolfinx": dolfinx.__version__,
        "basix": basix.__version__,
        "petsc": ".".join(str(number) for number in PETSc.Sys.getVersion()),
        "mpi": mpi,
        "numpy": np.__version__,
    }


class RunLog:
    """A `Reporter` that remembers: passes the news on and keeps them, with their times, for log.txt.

    Every rank has one and calls it alike; rank 0's is written.

    Attributes:
        remarks: what was noted, each once: the `remarks` of the summary.
    """

    def __init__(self, display: Reporter | None = None) -> None:
        """Starts the clock.

        Args:
            display: who else wants the news, for example the terminal.
        """
        self._display = display or SilentReporter()
        self._start = time.perf_counter()
        self._started = datetime.now(UTC)
        self._lines: list[str] = []
        self._timings: dict[str, float] = {}
        self._stage: tuple[str, float] | None = None
        self.remarks: list[str] = []

    def stage(self, name: str) -> None:
        """A stage begins, and with it ends the one before; one that comes again adds to its time."""
        self._end_stage()
        self._stage = (name, time.perf_counter())
        self._record(f"== {name}")
        self._display.stage(name)

    def newton(self, iteration: int, residual: float) -> None:
        """A Newton step was taken; `residual` is relative to the first."""
        self._record(f"Newton {iteration:3d}  residual {residual:.3e}")
        self._display.newton(iteration, residual)

    def fraction(self, done: float) -> None:
        """Passed on: the log has the times."""
        self._display.fraction(done)

    def step(self, text: str, milestone: bool = True) -> None:
        """How far the stage is; the log keeps every step."""
        self._record(text)
        self._display.step(text, milestone)

    def note(self, text: str) -> None:
        """Something that the user should know; what was said before is not said again."""
        if text in self.remarks:
            return
        self.remarks.append(text)
        self.record(f"remark: {text}")
        self._display.note(text)

    def record(self, text: str) -> None:
        """Something for the log alone."""
        for line in text.splitlines():
            self._record(line)

    def facts(self, title: str, facts: Mapping[str, Any]) -> None:
        """A block of names and values for the log alone: versions, mesh numbers, key results."""
        self._record(f"{title}:")
        width = max((len(name) for name in facts), default=0)
        for name, value in facts.items():
            self._record(f"  {name:<{width}}  {value}")

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._start

    @property
    def timings_s(self) -> dict[str, float]:
        """Seconds by stage so far, the one that is under way included."""
        timings = dict(self._timings)
        if self._stage is not None:
            name, since = self._stage
            timings[name] = timings.get(name, 0.0) + time.perf_counter() - since
        return timings

    def write(self, path: Path) -> None:
        """Write everything so far, and the timings.

        Args:
            path: the file.

        Raises:
            OutputError: it cannot be written.
        """
        timings = self.timings_s
        width = max((len(name) for name in timings), default=0)
        table = [f"  {name:<{width}}  {seconds:9.3f}" for name, seconds in timings.items()]
        lines = [
            f"started {self._started.isoformat(timespec='seconds')}",
            *self._lines,
            "",
            f"timings, s (total {self.elapsed:.3f}):",
            *table,
        ]
        write_text(path, "\n".join(lines) + "\n")

    def _end_stage(self) -> None:
        self._timings = self.timings_s
        self._stage = None

    def _record(self, line: str) -> None:
        self._lines.append(f"{self.elapsed:9.3f}  {line}")
