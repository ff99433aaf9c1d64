"""Which files of a folder this program wrote: the others are never overwritten or removed."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

from scl_fem.errors import InputError
from scl_fem.output.names import (
    CASE_FILE,
    CHECKPOINT_FILE,
    FIELDS_DIRECTORY,
    GROUPS,
    LOG_FILE,
    OWN_NAMES,
)
from scl_fem.output.origin import is_own_figure as is_own_figure

_FIELD_FILE = re.compile(r".*\.p?vtu")


def own_entries(directory: Path) -> set[str]:
    """Names of the entries of a directory that this program wrote.

    A file of a known name is ours where the file that makes the directory a result (a fit, a report) is.
    Of a run that did not come to its end, log and checkpoint tell by themselves, and vouch for the
    case. A figure says in itself where it comes from.

    Args:
        directory: any.
    """
    own: set[str] = set()
    for index, names in GROUPS.items():
        if _is_own_json(directory / index):
            own |= names
    if _is_own_log(directory / LOG_FILE):
        own |= {LOG_FILE, CASE_FILE}
        if b"  result:\n" in (directory / LOG_FILE).read_bytes():  # of a run that died while it published
            own |= OWN_NAMES
    if _is_own_checkpoint(directory / CHECKPOINT_FILE):
        own |= {CHECKPOINT_FILE, CASE_FILE}
    return {entry.name for entry in directory.iterdir() if entry.name in own or is_own_figure(entry)}


def check_foreign(directory: Path, names: Iterable[str]) -> None:
    """See that none of the names is taken by a file that this program did not write.

    Args:
        directory: where they are to go; need not be there.
        names: of files.

    Raises:
        InputError: one is; names it.
    """
    if not directory.is_dir():
        return
    taken = sorted({entry.name for entry in directory.iterdir()} & set(names))
    own = own_entries(directory) if taken else set()
    foreign = [name for name in taken if name not in own]
    if foreign:
        raise InputError(
            f"{directory} holds {', '.join(foreign)}, which scl_fem did not write there and will not replace",
            allowed="another directory",
        )


def foreign_fields(directory: Path) -> list[str]:
    """Entries of a directory of fields that are none."""
    fields = directory / FIELDS_DIRECTORY
    if fields.is_symlink() or not fields.is_dir():
        return []
    return [entry.name for entry in fields.iterdir() if not _FIELD_FILE.fullmatch(entry.name)]


def _is_own_json(path: Path) -> bool:
    """Whether a file is a summary, a fit or a report of this program: each says of which version."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(content, dict) and "version" in content


def _is_own_log(path: Path) -> bool:
    start = _beginning(path)
    return start.startswith(b"started ") and b"scl_fem" in start


def _is_own_checkpoint(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as file:
            return "header.npy" in file.namelist()
    except (OSError, ValueError, zipfile.BadZipFile):
        return False


def _beginning(path: Path) -> bytes:
    """The first bytes of a file; none where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(4096)
    except OSError:
        return b""
