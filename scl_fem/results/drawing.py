"""Figures of a result as matplotlib Figures, whether it was written or not."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from scl_fem.errors import InputError
from scl_fem.output.names import CASE_FILE, FIELDS_FILE, SUMMARY_FILE
from scl_fem.output.tables import is_pair, write_summary, write_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from scl_fem.results.result import Result

_TELLING = ("nyquist", "decay", "history", "profiles")
"""Figures in the order in which they are drawn where none is named, the first that there is."""


def draw_figure(result: Result, name: str | None) -> Figure:
    """Draw a figure of a result.

    Args:
        result: written or not.
        name: of the figure; None: the one that shows most of the study.

    Raises:
        InputError: there is no such figure, or the study has nothing to show in it.
    """
    from scl_fem.figures import FIGURES, ResultData
    from scl_fem.figures.style import house_style

    name = name or default_figure(result)
    kind = FIGURES[name]
    with _folder(result, kind.data) as folder, house_style():
        if not (folder / kind.data).exists():
            raise _nothing(result, name)
        drawn = kind.draw(ResultData(folder), warnings.warn)
    if drawn is None:
        raise _nothing(result, name)
    return drawn


def default_figure(result: Result) -> str:
    """The figure that shows most of a study.

    Args:
        result: of the study.
    """
    from scl_fem.figures import FIGURES

    name = next(name for name in _TELLING if FIGURES[name].data in result.tables)
    return name if name != "profiles" or is_pair(result.summary) else "stack"


def figures_of_tables(result: Result) -> list[str]:
    """Names of the figures that a result has tables for.

    Args:
        result: of a study.
    """
    from scl_fem.figures import FIGURES

    return [name for name in FIGURES if FIGURES[name].data in result.tables]


def _nothing(result: Result, name: str) -> InputError:
    kind, dimension = result.summary.get("study"), result.summary.get("dimension")
    return InputError(
        f"a result of kind '{kind}' in {dimension}D has nothing to show in the figure '{name}'",
        allowed=", ".join(figures_of_tables(result)),
    )


@contextmanager
def _folder(result: Result, data: str) -> Iterator[Path]:
    """A folder that holds what a figure shows: the result's own, or one that goes when it is drawn.

    The figures are drawn from folders alone, so that they show what was written and nothing else.
    """
    if result.directory is not None and (result.directory / data).exists():
        yield result.directory
        return
    with tempfile.TemporaryDirectory(prefix="scl-fem-") as name:
        folder = Path(name)
        write_summary(folder / SUMMARY_FILE, result.summary)
        for table, columns in result.tables.items():
            write_table(folder / table, columns)
        if data == FIELDS_FILE and not result.is_read:
            _write_fields(result, folder)
        yield folder


def _write_fields(result: Result, folder: Path) -> None:
    """Put the fields of a solved study into a folder.

    Raises:
        InputError: it was solved on several ranks, of which each has a folder of its own.
    """
    from scl_fem.case import dump_case
    from scl_fem.output.fields import FieldWriter

    study = result.study
    if study.domain.comm.size > 1:
        raise InputError(
            "figures of fields need a written result where it was solved on several ranks",
            allowed="give `run` a directory, and output.fields = true",
        )
    (folder / CASE_FILE).write_text(dump_case(study.case), "utf-8")
    writer = FieldWriter(folder, study.domain, study.space.space)
    for time, fields in study.field_steps():
        writer.write(fields, time)
