"""What a fit leaves: fit.json and a figure, both or neither."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scl_fem import __version__
from scl_fem.errors import InputError
from scl_fem.fits.arrhenius import ArrheniusFit
from scl_fem.fits.estimates import CONFIDENCE
from scl_fem.fits.exsy import ExsyFit
from scl_fem.fits.t2 import T2Fit
from scl_fem.output.names import FIT_FILE

_MOST_NAMES = 12
"""That a remark lists."""

FIGURE_FILE = "fit.png"


@dataclass(frozen=True)
class FitReport:
    """A fit with what it was made from.

    Attributes:
        kind: "exsy", "t2" or "arrhenius".
        data: the file of the data.
        fit: what came out.
        settings: options of the fit, units in their names.
        derived: further numbers that follow from the fit, as fit.json holds them.
        remarks: what else a reader should know.
    """

    kind: str
    data: Path
    fit: ExsyFit | T2Fit | ArrheniusFit
    settings: dict[str, Any]
    derived: dict[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    def table(self) -> dict[str, Any]:
        """The content of fit.json."""
        numbers = {**self.fit.numbers(), **self.derived}
        return {
            "fit": self.kind,
            "data": self.data.name,
            "version": __version__,
            "confidence": CONFIDENCE,
            "settings": self.settings,
            **numbers,
            "remarks": [*self.remarks, *self.fit.remarks, *unlimited(numbers)],
        }


def unlimited(numbers: Mapping[str, Any]) -> list[str]:
    """Sentences about the numbers that are not finite, which fit.json has as null, and why.

    Args:
        numbers: of a fit, by name, nested as in fit.json.
    """
    found = dict(_not_finite(numbers))
    limits = [name for name in found if name.rsplit(".", 1)[-1] in ("value", "low", "high")]
    # a deviation needs more data than parameters, a share of the variance needs one
    others = [name for name in found if name not in limits]
    remarks = []
    if limits:
        remarks.append(
            f"null in fit.json, since the data set no limit there (see not_identifiable): {_some(limits)}"
        )
    if others:
        remarks.append(
            f"null in fit.json: {_some(others)}: as many parameters as data, or data that are all equal, "
            "leave nothing to tell it from"
        )
    return remarks


def _some(names: list[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _not_finite(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    for key, entry in table.items():
        name = f"{prefix}{key}"
        if isinstance(entry, Mapping):
            yield from _not_finite(entry, f"{name}.")
        elif isinstance(entry, float) and not math.isfinite(entry):
            yield name, float(entry)


def check_free(directory: Path, *, overwrite: bool) -> None:
    """See that nothing stands in the way of a fit's files.

    Args:
        directory: where they will go.
        overwrite: whether those of an older fit may be replaced.

    Raises:
        InputError: an older fit is there.
    """
    if os.path.exists(directory / FIT_FILE) and not overwrite:
        raise InputError(
            f"{directory} holds a fit already", allowed="--overwrite to replace it, or -o another directory"
        )


def write_report(report: FitReport, directory: Path, *, overwrite: bool = False) -> None:
    """Write fit.json and fit.png: both, or neither if one fails.

    Args:
        report: the fit.
        directory: where; made if it is not there.
        overwrite: whether an older fit may be replaced.

    Raises:
        InputError: an older fit, or the result of a run, is there and may not be replaced; files of other
            origin have the names; another run is at work there.
        OutputError: the files cannot be written.
    """
    import scl_fem._stack  # noqa: F401  (MPI before anything that loads it)

    # isort: split
    from mpi4py import MPI

    from scl_fem.figures.fits import draw_fit
    from scl_fem.figures.style import house_style, save
    from scl_fem.output.folder import ResultFolder
    from scl_fem.output.tables import write_summary

    check_free(directory, overwrite=overwrite)
    names = frozenset({FIT_FILE, FIGURE_FILE})
    with ResultFolder(directory, MPI.COMM_SELF, overwrite=overwrite, writes=names) as folder:
        write_summary(folder.stage / FIT_FILE, report.table())
        with house_style():
            save(draw_fit(report.fit, _title(report.data)), folder.stage / FIGURE_FILE)


def _title(data: Path) -> str:
    """The name of the data, in which nothing is a formula."""
    return (
        "".join(letter if letter.isprintable() else "?" for letter in data.stem)
        .replace("_", " ")
        .replace("$", r"\$")
    )
