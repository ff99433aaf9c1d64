"""What the benchmarks share: clocks, repetition, cases, tables.

Times are given twice: wall seconds, which other work on the machine spoils, and CPU seconds, which it
spoils less.
"""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Times:
    """Seconds that something took."""

    wall: float
    cpu: float

    @classmethod
    def now(cls) -> Times:
        """Both clocks."""
        return cls(time.perf_counter(), time.process_time())

    def __sub__(self, start: Times) -> Times:
        """What passed since `start`."""
        return Times(self.wall - start.wall, self.cpu - start.cpu)

    def __add__(self, other: Times) -> Times:
        """One after the other."""
        return Times(self.wall + other.wall, self.cpu + other.cpu)


def median(times: Sequence[Times]) -> Times:
    """Median of each clock."""
    return Times(statistics.median(t.wall for t in times), statistics.median(t.cpu for t in times))


def measured(action: Callable[[], object], repeats: int = 3) -> Times:
    """Median times of an action, after one that compiles and warms up."""
    action()
    times = []
    for _ in range(repeats):
        start = Times.now()
        action()
        times.append(Times.now() - start)
    return median(times)


def peak_memory_gb() -> float:
    """The most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


class StageClock:
    """A reporter that reads the clocks at every stage and Newton step of a run."""

    def __init__(self) -> None:
        """Nothing has begun."""
        self._stages: list[tuple[str, Times]] = []
        self._newton: list[Times] = []

    def stage(self, name: str) -> None:
        """A stage begins."""
        self._stages.append((name, Times.now()))

    def newton(self, iteration: int, residual: float) -> None:
        """A Newton step was taken."""
        self._newton.append(Times.now())

    def fraction(self, done: float) -> None:
        """Nothing."""

    def step(self, text: str, milestone: bool = True) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""

    def finished(self) -> dict[str, Times]:
        """Times by stage; call at the end of the run."""
        ends = [start for _, start in self._stages[1:]] + [Times.now()]
        return {name: end - start for (name, start), end in zip(self._stages, ends, strict=True)}

    @property
    def newton_times(self) -> Times:
        """From the first residual to the last, set-up not counted."""
        return self._newton[-1] - self._newton[0]

    @property
    def newton_steps(self) -> int:
        """Newton steps in all."""
        return len(self._newton) - 1


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A Markdown table on standard output."""
    texts = [list(columns), *([_text(value) for value in row] for row in rows)]
    widths = [max(len(row[i]) for row in texts) for i in range(len(columns))]
    lines = [
        "| " + " | ".join(text.ljust(w) for text, w in zip(row, widths, strict=True)) + " |" for row in texts
    ]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    print("\n".join(lines), flush=True)


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.2g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
