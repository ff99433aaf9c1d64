"""Files that a case or a command names, and that are read."""

from __future__ import annotations

import stat
from pathlib import Path

from scl_fem.errors import InputError

_LONGEST = 200
"""Characters of a name that a message repeats."""


def check_regular(path: Path, key: str | None = None) -> None:
    """See that a name is that of a file that has an end: no directory, device or pipe.

    Args:
        path: the file; links are followed.
        key: of the case file that names it, if one does: the message is about that then.

    Raises:
        InputError: it is not there, cannot be looked at, or is something else.
    """
    problem = _problem(path)
    if problem is None:
        return
    name = str(path) if len(str(path)) <= _LONGEST else f"{str(path)[:_LONGEST]}..."
    if key is None:
        raise InputError(problem.format("").strip().replace("no file", "no such file"), file=name)
    raise InputError(problem.format(name), key=key, allowed="a file on a disk")


def _problem(path: Path) -> str | None:
    """What keeps a file from being read, "{}" for its name."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return "there is no file {}"
    except OSError as error:
        return f"{{}} cannot be read: {error.strerror}"
    except ValueError:  # a NUL, or what the file system cannot encode
        return "{} cannot be the name of a file"
    if stat.S_ISDIR(mode):
        return "{} is a directory, not a file"
    return None if stat.S_ISREG(mode) else "{} is a device or a pipe, not a file"
