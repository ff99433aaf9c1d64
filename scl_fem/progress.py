"""How a long computation tells where it stands: a protocol for everything below the command line."""

from __future__ import annotations

from typing import Protocol


class Reporter(Protocol):
    """Takes the news of a run; what it does with it (terminal, log, nothing) is its own affair."""

    def stage(self, name: str) -> None:
        """A stage begins ("mesh", "equilibrium"), and with it ends the one before."""

    def newton(self, iteration: int, residual: float) -> None:
        """A Newton step was taken; `residual` is the relative measure that the tolerance bounds."""

    def step(self, text: str) -> None:
        """How far the stage is: a time, a frequency."""

    def note(self, text: str) -> None:
        """A remark: what is wrong, by how much, what to do. It goes into the result as well."""


class SilentReporter:
    """Says nothing: for use from Python, for other ranks than 0, and for --quiet."""

    def stage(self, name: str) -> None:
        """Nothing."""

    def newton(self, iteration: int, residual: float) -> None:
        """Nothing."""

    def step(self, text: str) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""
