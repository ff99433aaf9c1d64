"""Ctrl-C and SIGTERM where there is nothing to keep: while libraries are loaded, and while they are left."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
from typing import Any, NoReturn

from scl_fem.errors import Interrupted

_STANDARD_ERROR = 2

is_program = False
"""Whether this process is the command line, and not one that uses it."""


def leave_at_once_if_told() -> None:
    """End with the status of an interrupted run at Ctrl-C or SIGTERM.

    An exception within the loading of a library in C may crash it. Until `outcome.heed_termination`.
    """
    for number in (signal.SIGINT, signal.SIGTERM) if is_program else ():
        if signal.getsignal(number) is not signal.SIG_IGN:  # as in the background of a script
            signal.signal(number, _leave)


def leave_as_interrupted() -> NoReturn:
    """End the process in order, with the status of an interrupted run.

    Python would end by the signal itself where a Ctrl-C once went through C code, whatever became of it.
    """
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(Interrupted.exit_status)


def _leave(number: int, frame: Any) -> None:
    try:
        os.write(_STANDARD_ERROR, b"error: interrupted\n")
    finally:
        os._exit(Interrupted.exit_status)
