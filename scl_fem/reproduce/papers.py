"""The papers that can be reproduced, and how a report of one is written."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from scl_fem import __version__
from scl_fem.errors import InputError
from scl_fem.output.names import HTML_FILE, MARKDOWN_FILE, NUMBERS_FILE, REPORT_NAMES
from scl_fem.progress import Reporter, SilentReporter
from scl_fem.registry import Registry
from scl_fem.reproduce.html import to_html
from scl_fem.reproduce.markdown import to_markdown
from scl_fem.reproduce.report import Report

if TYPE_CHECKING:
    from mpi4py import MPI

PAPERS: Registry[Callable[[MPI.Comm, Reporter], Report]] = Registry("paper")
"""By name: what computes everything that a paper's report tells. Collective; the same on every rank."""


def check_free(directory: Path, *, overwrite: bool) -> None:
    """See that nothing stands in the way of a report's files.

    Args:
        directory: where they will go.
        overwrite: whether those of an older report may be replaced.

    Raises:
        InputError: an older report is there.
    """
    if os.path.exists(directory / NUMBERS_FILE) and not overwrite:
        raise InputError(
            f"{directory} holds a report already",
            allowed="--overwrite to replace it, or -o another directory",
        )


def reproduce(
    paper: str,
    directory: Path | str,
    *,
    comm: MPI.Comm | None = None,
    overwrite: bool = False,
    progress: Reporter | None = None,
) -> Report:
    """Compute what a paper reports, and write numbers.json, report.md, report.html and figures: all or none.

    Collective.

    Args:
        paper: name, as in `PAPERS`.
        directory: where to write; made if it is not there.
        comm: communicator; of all ranks unless given.
        overwrite: whether an older report may be replaced.
        progress: takes the news.

    Raises:
        InputError: there is no such paper, or a report or the result of a run is in the way.
        ConvergenceError: a solve failed.
        OutputError: the files cannot be written.
    """
    import scl_fem._stack  # noqa: F401  (MPI before anything that loads it)

    # isort: split
    from mpi4py import MPI

    from scl_fem.output.folder import ResultFolder
    from scl_fem.parallel import on_root

    directory, progress = Path(directory), progress or SilentReporter()
    compute = PAPERS[paper]
    comm = comm or MPI.COMM_WORLD
    on_root(comm, check_free, directory, overwrite=overwrite)
    with ResultFolder(directory, comm, overwrite=overwrite, writes=REPORT_NAMES) as folder:
        report = compute(comm, progress)
        progress.stage("report")
        folder.on_root(_write, report, folder.stage)
    return report


def _write(report: Report, directory: Path) -> None:
    """Figures, then the texts that show them."""
    from scl_fem.figures.style import house_style, save
    from scl_fem.output.tables import write_summary

    with house_style():
        for section in report.sections:
            for picture in section.pictures:
                save(picture.draw(), directory / picture.file)
    (directory / MARKDOWN_FILE).write_text(to_markdown(report), encoding="utf-8")
    (directory / HTML_FILE).write_text(to_html(report, directory), encoding="utf-8")
    write_summary(directory / NUMBERS_FILE, {"version": __version__, **report.as_table()})
