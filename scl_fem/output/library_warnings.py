"""What libraries warn of on the way (overflow, a fit without limits): for the log, not for the screen.

What it means for the result is said by remarks; where a number is not finite, by the one that names it.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from scl_fem.output.log import RunLog


@contextmanager
def library_warnings_in(log: RunLog) -> Iterator[None]:
    """Record warnings in a log while the block runs.

    Args:
        log: of the run.
    """

    def record(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        log.record(f"warning of a library: {category.__name__}: {message} ({filename}, line {lineno})")

    with warnings.catch_warnings():
        warnings.showwarning = record
        yield
