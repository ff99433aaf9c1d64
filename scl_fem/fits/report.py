"""What a fit leaves: fit.json and a figure, both or neither."""

from __future__ import annotations

import os
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
        return {
            "fit": self.kind,
            "data": self.data.name,
            "version": __version__,
            "confidence": CONFIDENCE,
            "settings": self.settings,
            **self.fit.numbers(),
            **self.derived,
            "remarks": list(self.remarks),
        }


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
            save(draw_fit(report.fit, report.data.stem.replace("_", " ")), folder.stage / FIGURE_FILE)
