"""The fields of a result as pyvista's grids in memory."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scl_fem.errors import InputError

if TYPE_CHECKING:
    import pyvista as pv

    from scl_fem.output.fields import PhaseGrid
    from scl_fem.results.result import Result

_SAME_TIME = 1e-9
"""Relative difference below which two times are the same."""


def field_steps(result: Result) -> dict[float, pv.MultiBlock]:
    """The fields of both phases by time (s). Collective; whole on rank 0, without cells elsewhere.

    Args:
        result: solved here, or read from a folder.

    Raises:
        InputError: the folder has none.
    """
    return _read(result) if result.is_read else _gathered(result)


def times_of(result: Result) -> list[float]:
    """Times of the fields, s.

    Args:
        result: solved here, or read from a folder.

    Raises:
        InputError: the folder has none.
    """
    if not result.is_read:
        return [time for time, _ in result.study.field_steps()]
    from scl_fem.figures.result import ResultData

    return ResultData(_folder_with_fields(result)).output_times


def number_of(time: float, times: Sequence[float]) -> int:
    """Which of some times one is.

    Args:
        time: s.
        times: s.

    Raises:
        InputError: none of them.
    """
    for number, each in enumerate(times):
        if math.isclose(time, each, rel_tol=_SAME_TIME):
            return number
    raise InputError(
        f"there are no fields at {time:g} s", allowed=", ".join(f"{each:g}" for each in times) + " s"
    )


def series(steps: Mapping[float, pv.MultiBlock]) -> pv.MultiBlock:
    """A block for each time, in order.

    Args:
        steps: fields by time, s.
    """
    import pyvista as pv

    return pv.MultiBlock({f"{time:.6g} s": blocks for time, blocks in steps.items()})


def _gathered(result: Result) -> dict[float, pv.MultiBlock]:
    """Of a study that was solved here."""
    import pyvista as pv

    from scl_fem.output.fields import FieldGatherer

    study = result.study
    gatherer = FieldGatherer(study.domain, study.space.space)
    return {
        time: pv.MultiBlock({each.tag: _grid(each) for each in gatherer.gather(fields)})
        for time, fields in study.field_steps()
    }


def _read(result: Result) -> dict[float, pv.MultiBlock]:
    """Of a folder."""
    import pyvista as pv

    from scl_fem.figures.blocks import read_blocks

    directory = _folder_with_fields(result)
    return {time: pv.MultiBlock(read_blocks(directory, time)) for time in times_of(result)}


def _grid(phase: PhaseGrid) -> pv.UnstructuredGrid:
    """One phase as VTK has it."""
    import numpy as np
    import pyvista as pv

    cells = phase.grid.cells
    sizes = np.full((len(cells), 1), cells.shape[1], dtype=cells.dtype)
    types = np.full(len(cells), phase.grid.cell_type, dtype=np.uint8)
    grid = pv.UnstructuredGrid(np.hstack([sizes, cells]).ravel(), types, phase.grid.points)
    for name, values in phase.point_data.items():
        grid.point_data[name] = np.ascontiguousarray(values)
    for name, marks in phase.cell_data.items():
        grid.cell_data[name] = marks
    return grid


def _folder_with_fields(result: Result) -> Path:
    """The folder that a result was read from.

    Raises:
        InputError: it has no fields.
    """
    from scl_fem.output.names import FIELDS_FILE

    directory = result.directory
    if directory is None or not (directory / FIELDS_FILE).is_file():
        raise InputError(f"{directory} has no fields", allowed="a run with output.fields = true")
    return directory
