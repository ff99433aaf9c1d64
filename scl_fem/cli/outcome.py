"""How a command ends: its exit status, and the one message that says why."""

from __future__ import annotations

import contextlib
import signal
import sys
import traceback
import warnings
from collections.abc import Callable
from typing import Any

from scl_fem.cli.ranks import all_leave, end_all, rank
from scl_fem.cli.streams import UNWRITABLE, silence_output
from scl_fem.errors import InputError, Interrupted, SclFemError
from scl_fem.output.files import OutputError

INTERNAL_ERROR = 1

show_tracebacks = False
"""Set by --debug."""


def exit_status(command: Callable[[], Any]) -> int:
    """Run a command; whatever it raises becomes a message and an exit status.

    Args:
        command: returns an exit status, or anything else for 0.
    """
    heed_termination()
    keep_libraries_quiet()
    try:
        answer = command()
        sys.stdout.flush()
    except BrokenPipeError:
        return _unheard()
    except SystemExit as stop:  # the parser of the command line makes this of a broken pipe
        if isinstance(stop.__context__, BrokenPipeError):
            return _unheard()
        raise
    except KeyboardInterrupt:
        return _failed(Interrupted("interrupted"))
    except Exception as error:
        if isinstance(error, OSError) and error.filename is None and error.errno in UNWRITABLE:
            silence_output()
            reason = error.strerror or str(error)
            error = OutputError(f"cannot write to standard output: {reason}; files are not concerned")
        return _failed(_meant(error))
    status = answer if isinstance(answer, int) else 0
    if status == Interrupted.exit_status:  # what the parser of the command line makes of Ctrl-C
        return _failed(Interrupted("interrupted"))
    return status


def keep_libraries_quiet() -> None:
    """Show no library's warning: what it means for the user is said by remarks, in their words."""
    showing = warnings.showwarning

    def show(*arguments: Any, **options: Any) -> None:
        if show_tracebacks:
            showing(*arguments, **options)

    warnings.showwarning = show


def heed_termination() -> None:
    """Let SIGTERM (a batch system, mpirun) end a run as Ctrl-C does: with its state kept.

    To be called again once PETSc is loaded, which takes the signal for a crash.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # PETSc takes a closed pipe for a crash as well; Python's own way is an exception.
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)


def _unheard() -> int:
    """Whoever reads the output has seen enough (head): the interpreter must not flush again."""
    silence_output()
    return 0


def _meant(error: Exception) -> Exception:
    """The error that was meant: PETSc puts its own on top of what a callback raises."""
    cause: BaseException | None = error
    while cause is not None:
        # "Abort" is what some versions of typer make of Ctrl-C
        if isinstance(cause, KeyboardInterrupt) or type(cause).__name__ == "Abort":
            return Interrupted("interrupted")
        if isinstance(cause, SclFemError):
            return cause
        cause = cause.__cause__
    return error


def _failed(error: Exception) -> int:
    """Say what happened, and see that every rank ends."""
    status = _status_of(error)
    # an error of the family is mostly raised on every rank alike; any other may be this rank's alone
    told = rank() == 0 or status == INTERNAL_ERROR
    if told:
        _say(_message(error), error)
    if not all_leave(getattr(error, "alone", False)):
        if not told:
            _say(_message(error), error)
        _say(f"error: that was on rank {rank()}, not on every rank: all are stopped")
        end_all(status)
    return status


def _say(message: str, error: Exception | None = None) -> None:
    """Print a message, with --debug where its error comes from."""
    with contextlib.suppress(OSError):  # nobody listens
        print(message, file=sys.stderr, flush=True)
        if error is not None and show_tracebacks:
            traceback.print_exception(error)


def _status_of(error: Exception) -> int:
    if isinstance(error, SclFemError):
        return error.exit_status
    return InputError.exit_status if hasattr(error, "format_message") else INTERNAL_ERROR


def _message(error: Exception) -> str:
    """Lines that begin with "error:", one for each mistake."""
    if isinstance(error, SclFemError):
        notes = getattr(error, "__notes__", [])
        return "\n".join(f"error: {line}" for line in [*str(error).splitlines(), *notes])
    if hasattr(error, "format_message"):  # a usage error of the parser of the command line
        context = getattr(error, "ctx", None)
        help_command = f"{context.command_path} --help" if context else "scl-fem --help"
        return f"error: {error.format_message()} (see {help_command})"
    hint = "" if show_tracebacks else "; --debug shows where"
    return f"error: internal error on rank {rank()}: {type(error).__name__}: {error}{hint}"
