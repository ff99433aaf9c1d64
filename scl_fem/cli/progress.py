"""What a run says while it runs: a line that changes on a terminal, plain lines where there is none."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scl_fem.progress import Reporter, SilentReporter, TimeLeft

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

_BAR_WIDTH = 24


class LineReporter:
    """Plain lines on standard error: one a stage, a Newton step, a milestone, a remark."""

    def __init__(self) -> None:
        """No stage yet."""
        self._left = TimeLeft()

    def stage(self, name: str) -> None:
        """One line."""
        self._left = TimeLeft()
        self._print(name)

    def newton(self, iteration: int, residual: float) -> None:
        """One line a step."""
        self._print(f"  Newton {iteration:3d}  residual {residual:.2e}")

    def fraction(self, done: float) -> None:
        """Shown with the next milestone."""
        self._left.tell(done)

    def step(self, text: str, milestone: bool = True) -> None:
        """One line a milestone."""
        if milestone:
            standing = str(self._left)
            self._print(f"  {text}  ({standing})" if standing else f"  {text}")

    def note(self, text: str) -> None:
        """As it is."""
        self._print(text)

    def _print(self, line: str) -> None:
        try:
            print(line, file=sys.stderr, flush=True)
        except OSError:
            # nobody listens any more, or the disk is full; the run goes on
            self._print = lambda line: None  # type: ignore[method-assign]


class LiveReporter:
    """A line that changes while a stage runs, and stays when it is done, with its time."""

    def __init__(self, console: Console, bars: Progress) -> None:
        """Start without a stage.

        Args:
            console: where finished stages and notes are printed.
            bars: the line that changes; its columns may show the fields `detail` and `left`.
        """
        self._console, self._bars = console, bars
        self._stage: str | None = None
        self._detail = ""
        self._since = 0.0
        self._left = TimeLeft()
        self._task = bars.add_task("", total=None, visible=False, detail="", left="")

    def stage(self, name: str) -> None:
        """The stage before is done."""
        self.finish()
        self._stage, self._detail, self._since = name, "", time.perf_counter()
        self._left = TimeLeft()
        # written anew whenever the line is drawn, so that the time left goes down between two steps
        self._bars.reset(self._task, total=None, description=name, visible=True, detail="", left=self._left)

    def newton(self, iteration: int, residual: float) -> None:
        """Shown beside the stage."""
        self.step(f"Newton {iteration}, residual {residual:.1e}")

    def fraction(self, done: float) -> None:
        """Shown as a bar, with what is left."""
        self._left.tell(done)
        self._bars.update(self._task, total=1.0, completed=done)

    def step(self, text: str, milestone: bool = True) -> None:
        """Shown beside the stage."""
        self._detail = f"  {text}"
        self._bars.update(self._task, detail=text)

    def note(self, text: str) -> None:
        """Stays on the terminal."""
        self._console.print(text, markup=False)

    def finish(self) -> None:
        """The last stage is done."""
        if self._stage is not None:
            from rich.text import Text

            sign = "✓" if _shows_signs(self._console) else "+"
            took = f"{self._detail}  {time.perf_counter() - self._since:.2f} s"
            self._console.print(Text.assemble((sign, "green"), f" {self._stage}", (took, "dim")))
            self._bars.update(self._task, visible=False)
        self._stage = None


@contextmanager
def terminal_reporter(*, silent: bool) -> Iterator[Reporter]:
    """The reporter that suits where standard error goes.

    Args:
        silent: say nothing at all (--quiet, ranks other than 0).
    """
    if silent:
        yield SilentReporter()
    elif not sys.stderr.isatty():
        yield LineReporter()
    else:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

        console = Console(stderr=True, highlight=False)
        columns = (
            SpinnerColumn("dots" if _shows_signs(console) else "line"),
            TextColumn("{task.description}", markup=False),
            BarColumn(_BAR_WIDTH),
            TextColumn("{task.fields[left]}", markup=False),
            TextColumn("{task.fields[detail]}", markup=False),
        )
        with Progress(*columns, console=console, transient=True) as bars:
            reporter = LiveReporter(console, bars)
            yield reporter
            reporter.finish()


def _shows_signs(console: Console) -> bool:
    """Whether a terminal takes more than ASCII."""
    return console.encoding.lower().startswith("utf")
