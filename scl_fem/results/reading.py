"""Results read back from their folders."""

from __future__ import annotations

from pathlib import Path

from scl_fem.errors import InputError
from scl_fem.output.folder import holds_result
from scl_fem.output.names import OWN_NAMES, SUMMARY_FILE
from scl_fem.output.tables import read_summary, read_table
from scl_fem.results.result import Result


def load_result(directory: Path | str) -> Result:
    """The result in a folder: its numbers, tables, fields and figures, without solving anything.

    Args:
        directory: that a run has written.

    Raises:
        InputError: it holds no result, or a file of it is broken.
    """
    directory = Path(directory)
    if not holds_result(directory):
        raise InputError(f"{directory} holds no result", allowed="a folder that a run has written")
    summary = read_summary(directory / SUMMARY_FILE)
    names = sorted(name for name in OWN_NAMES if name.endswith(".csv") and (directory / name).is_file())
    return Result(None, summary, {name: read_table(directory / name) for name in names}, directory)
