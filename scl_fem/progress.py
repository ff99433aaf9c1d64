"""How a long computation tells where it stands: a protocol for everything below the command line."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

_SHORTEST = 0.2
"""Seconds that must have passed before a rate means anything."""


class Reporter(Protocol):
    """Takes the news of a run; what it does with it (terminal, log, nothing) is its own affair."""

    def stage(self, name: str) -> None:
        """A stage begins ("mesh", "equilibrium"), and with it ends the one before."""

    def newton(self, iteration: int, residual: float) -> None:
        """A Newton step was taken; `residual` is the relative measure that the tolerance bounds."""

    def fraction(self, done: float) -> None:
        """How much of the stage's work is done, 0 to 1; told at its beginning as well.

        What is left takes as long as what was done took, share by share: the caller chooses a measure for
        which this holds, as the logarithm of time for a transient.
        """

    def step(self, text: str, milestone: bool = True) -> None:
        """How far the stage is: a time, a frequency.

        Args:
            text: in words, said after `fraction`.
            milestone: whether it is worth a line of its own where lines stay: one a decade, not each.
        """

    def note(self, text: str) -> None:
        """A remark: what is wrong, by how much, what to do. It goes into the result as well."""


class SilentReporter:
    """Says nothing: for use from Python, for other ranks than 0, and for --quiet."""

    def stage(self, name: str) -> None:
        """Nothing."""

    def newton(self, iteration: int, residual: float) -> None:
        """Nothing."""

    def fraction(self, done: float) -> None:
        """Nothing."""

    def step(self, text: str, milestone: bool = True) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""


class Decades:
    """Tells which of many growing or falling values begin a decade.

    >>> decades = Decades()
    >>> [value for value in (2e-9, 5e-9, 2e-8, 9e-8, 1e-7) if decades.begins(value)]
    [2e-09, 2e-08, 1e-07]
    """

    def __init__(self) -> None:
        """No value yet."""
        self._decade: int | None = None

    def begins(self, value: float) -> bool:
        """Whether a value is in another decade than the one before.

        Args:
            value: positive.
        """
        decade = math.floor(math.log10(value) + 1e-9)
        before, self._decade = self._decade, decade
        return decade != before


def share_of_decades(now: float, first: float, last: float) -> float:
    """How much of the way from one value to another is done, counted in decades.

    >>> round(share_of_decades(1e-7, 1e-9, 1e-5), 9)
    0.5

    Args:
        now: may be below `first`, 0 too.
        first: positive.
        last: larger.
    """
    if now <= first or not first < last:
        return 1.0 if now >= last else 0.0
    return min(1.0, math.log(now / first) / math.log(last / first))


class TimeLeft:
    """How long a stage will go on, from the rate at which it went lately.

    Lately is the later half of the time since the stage began: long enough to be steady, and a stage that
    slows down is believed.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """The stage begins.

        Args:
            clock: in s.
        """
        self._clock = clock
        self._told: deque[tuple[float, float]] = deque()
        self._began = clock()

    @property
    def done(self) -> float | None:
        """The share that was told last, None where none was."""
        return self._told[-1][1] if self._told else None

    def tell(self, done: float) -> None:
        """So much is done; less than before means that the work began anew.

        Args:
            done: 0 to 1.
        """
        now = self._clock()
        if self._told and done < self._told[-1][1]:
            self._told.clear()
        if not self._told:
            self._began = now
        self._told.append((now, done))
        half = 0.5 * (self._began + now)
        while len(self._told) > 2 and self._told[1][0] <= half:
            self._told.popleft()

    def seconds(self) -> float | None:
        """What is left, None where nothing can be said yet."""
        if len(self._told) < 2:
            return None
        (then, before), (last, done) = self._told[0], self._told[-1]
        if last - then < _SHORTEST or done <= before:
            return None
        left = (1.0 - done) * (last - then) / (done - before)
        return max(0.0, left - (self._clock() - last))

    def __str__(self) -> str:
        """As a user reads it: "34 %, about 2 min left"; empty where no share was told."""
        done, left = self.done, self.seconds()
        if done is None:
            return ""
        percent = f"{math.floor(100.0 * done + 1e-9)} %"
        return percent if left is None or done >= 1.0 else f"{percent}, {duration(left)} left"


def duration(seconds: float) -> str:
    """A time in words, to one or two digits: an estimate has no more.

    >>> [duration(each) for each in (0.3, 42.0, 100.0, 5000.0, 200000.0)]
    ['1 s', '42 s', '2 min', '83 min', '2.3 d']

    Args:
        seconds: not negative.
    """
    if seconds < 60.0:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400.0:
        return f"{round(seconds / 60.0)} min"
    hours = seconds / 3600.0
    return f"{hours:.2g} h" if hours < 48.0 else f"{hours / 24.0:.2g} d"
