"""Standard input, output and error as a shell leaves them: closed, full, or able to show ASCII alone."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Sequence

from scl_fem.errors import InputError

STANDARD_OUTPUT = 1

UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})
"""What the operating system answers where what was printed cannot be written; it names no file then."""


def prepare_streams() -> None:
    """See that the standard streams are open and take any text.

    A file that is opened while one of them is closed would get its number, and what C libraries print.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  (until the process ends)
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def silence_output() -> None:
    """Let nothing more be written to standard output: the interpreter flushes it once more when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), STANDARD_OUTPUT)


def check_text(words: Sequence[str]) -> None:
    """See that the words of a command line are text.

    Raises:
        InputError: one is not.
    """
    for word in words:
        try:
            word.encode()
        except UnicodeEncodeError as error:
            raise InputError(
                f"{word!a} is not UTF-8", allowed="names of files and values in UTF-8: rename the file"
            ) from error
