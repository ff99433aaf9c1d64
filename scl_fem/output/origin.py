"""Which figures and films this program has drawn: a user's own are never replaced by a new result."""

from __future__ import annotations

import mmap
from pathlib import Path

from scl_fem.output.names import FIGURE_SOFTWARE

_MARK = FIGURE_SOFTWARE.encode()

_MARKS = {
    # PNG's text entries come before the pixels
    ".png": b"Software\0" + _MARK,
    ".pdf": b"/Creator (" + _MARK + b")",
    ".svg": b"<dc:title>" + _MARK + b"</dc:title>",
    # a comment extension, with the length of its text
    ".gif": b"\x21\xfe" + bytes([len(_MARK)]) + _MARK,
    # the comment of a film, as QuickTime's user data hold it
    ".mp4": b"drawn by " + _MARK,
}
"""What a figure of ours holds, by the ending of its name."""

FIGURE_SUFFIXES = frozenset(_MARKS)
"""Endings of the names of figures and films."""

FIGURE_METADATA: dict[str, dict[str, str | None]] = {
    "png": {"Software": FIGURE_SOFTWARE},
    # without the date the same result gives the same file
    "pdf": {"Creator": FIGURE_SOFTWARE, "CreationDate": None},
    "svg": {"Creator": FIGURE_SOFTWARE, "Date": None},
}
"""What matplotlib is to write into a figure so that it is known as ours, by format."""

FILM_COMMENTS = {"gif": FIGURE_SOFTWARE, "mp4": f"drawn by {FIGURE_SOFTWARE}"}
"""The comment of a film, by format."""


def is_own_figure(path: Path) -> bool:
    """Whether a file is a figure or a film that this program has drawn.

    Args:
        path: a file, or anything else.

    Raises:
        OSError: it cannot be read.
    """
    mark = _MARKS.get(path.suffix)
    if mark is None or not path.is_file() or path.stat().st_size < len(mark):
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(mark) >= 0
