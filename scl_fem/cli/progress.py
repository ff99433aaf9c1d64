"""What a run says while it runs: a line that changes on a terminal, plain lines where there is none."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scl_fem.progress import Reporter, SilentReporter

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status


class LineReporter:
    """Plain lines on standard error."""

    def stage(self, name: str) -> None:
        """One line."""
        self._print(name)

    def newton(self, iteration: int, residual: float) -> None:
        """One line a step."""
        self._print(f"  Newton {iteration:3d}  residual {residual:.2e}")

    def step(self, text: str) -> None:
        """One line a step."""
        self._print(f"  {text}")

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

    def __init__(self, console: Console, status: Status) -> None:
        """Start without a stage.

        Args:
            console: where finished stages and notes are printed.
            status: the line that changes.
        """
        self._console, self._status = console, status
        self._stage: str | None = None
        self._detail = ""
        self._since = 0.0

    def stage(self, name: str) -> None:
        """The stage before is done."""
        self.finish()
        self._stage, self._detail, self._since = name, "", time.perf_counter()
        self._status.update(name)

    def newton(self, iteration: int, residual: float) -> None:
        """Shown beside the stage."""
        self.step(f"Newton {iteration}, residual {residual:.1e}")

    def step(self, text: str) -> None:
        """Shown beside the stage."""
        self._detail = f"  {text}"
        self._status.update(f"{self._stage}{self._detail}")

    def note(self, text: str) -> None:
        """Stays on the terminal."""
        self._console.print(text)

    def finish(self) -> None:
        """The last stage is done."""
        if self._stage is not None:
            seconds = time.perf_counter() - self._since
            done = "✓" if _shows_signs(self._console) else "+"
            self._console.print(f"[green]{done}[/] {self._stage}[dim]{self._detail}  {seconds:.2f} s[/]")
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

        console = Console(stderr=True, highlight=False)
        spinner = "dots" if _shows_signs(console) else "line"
        with console.status("", spinner=spinner) as status:
            reporter = LiveReporter(console, status)
            yield reporter
            reporter.finish()


def _shows_signs(console: Console) -> bool:
    """Whether a terminal takes more than ASCII."""
    return console.encoding.lower().startswith("utf")
