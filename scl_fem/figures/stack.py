"""Potential, what the carriers do, and conductivity along a cell of any phases."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from scl_fem.figures.kinds import Note, figure
from scl_fem.figures.panels import Row, scale_axis
from scl_fem.figures.phases import LETTERS, colours_of
from scl_fem.figures.result import ResultData
from scl_fem.figures.style import (
    DOUBLE_COLUMN,
    GUIDE_COLOUR,
    PALETTE,
    add_title,
    label_panel,
    new_figure,
    text_width,
)
from scl_fem.output.names import PROFILE_FILE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW_HEIGHT = 2.0
_SHADE = 0.10
_SMALLEST_POTENTIAL = 0.1
"""V."""

_LETTERS_OF_LABELS = 8.0
"""Points."""

_CARRIER = "occupancy_"
"""Before the name of a carrier, where there are several."""

_MAIN = "e"
"""What the column of the main component has for its name."""

type Parts = list[tuple[str, slice]]
"""Phases along the line, each with its rows; one that the line meets twice is there twice."""


@figure("stack", PROFILE_FILE)
def draw_stack(result: ResultData, note: Note) -> Figure | None:
    """A panel each, phases shaded and named; electrode and electrolyte of one carrier have other figures."""
    columns = result.columns
    if result.is_pair and not _named(columns, _CARRIER, ""):
        return None
    rows = _rows(columns)
    parts = _parts_of(result.profile.phase)
    drawn = new_figure(DOUBLE_COLUMN, 0.7 + _ROW_HEIGHT * len(rows))
    grid = drawn.subplots(len(rows), 1, sharex=True)
    for axes, (label, curves, look), letter in zip(grid, rows, LETTERS, strict=False):
        _draw(axes, result.profile.z_nm, curves, parts)
        everything = np.concatenate(list(curves.values()))
        scale_axis(axes, Row(label, everything, {}, **look))
        axes.set_ylabel(label)
        label_panel(axes, letter)
        if len(curves) > 1:
            axes.legend(ncols=min(len(curves), 4), loc="best")
    grid[-1].set_xlabel("z (nm)")
    grid[-1].set_xlim(float(result.profile.z_nm.min()), float(result.profile.z_nm.max()))
    _name_phases(grid[0], result.profile.z_nm, parts)
    drawn.align_ylabels()
    add_title(drawn, result.title)
    return drawn


_PLAIN = ("Electric potential (V)", "Concentration (nm⁻³)", "Conductivity (S/cm)")

_POTENTIAL = {"smallest_span": _SMALLEST_POTENTIAL}
_RATIO = {"smallest_span": 1e-30, "ratio": True}
"""How an axis is scaled: `Row`."""


def _rows(columns: Mapping[str, npt.NDArray]) -> list[tuple[str, dict[str, npt.NDArray], dict]]:
    """Label, curves by name and scaling of each panel."""
    carriers = _named(columns, _CARRIER, "")
    potential, concentration, conductivity = _PLAIN
    if not carriers:
        return [
            (potential, {"": columns["phi_V"]}, _POTENTIAL),
            (concentration, {"": columns["c_per_nm3"]}, _RATIO),
            (conductivity, {"": columns["sigma_S_per_cm"]}, _RATIO),
        ]
    rows = [
        (potential, {"": columns["phi_V"]}, _POTENTIAL),
        ("Occupancy", carriers, _RATIO),
        (conductivity, _named(columns, "sigma_", "_S_per_cm"), _RATIO),
    ]
    levels = _named(columns, "mu_", "_eV")
    main = next((name for name in _named(columns, "sigma_", "_S_per_cm") if name not in levels), "")
    if len(levels) > 1 and main:
        levels = {main: levels.pop(_MAIN), **levels}
        rows.append(("Electrochemical potential (eV)", levels, _POTENTIAL))
    return rows


def _named(columns: Mapping[str, npt.NDArray], before: str, after: str) -> dict[str, npt.NDArray]:
    """The columns of components or carriers, by their names."""
    return {
        name.removeprefix(before).removesuffix(after): values
        for name, values in columns.items()
        if name.startswith(before) and name.endswith(after) and len(name) > len(before) + len(after)
    }


def _parts_of(phase: npt.NDArray[np.str_]) -> Parts:
    """Runs of rows of one phase."""
    starts = [0, *(np.flatnonzero(phase[1:] != phase[:-1]) + 1).tolist(), len(phase)]
    return [(str(phase[a]), slice(a, b)) for a, b in pairwise(starts)]


def _draw(axes: Axes, z: npt.NDArray, curves: Mapping[str, npt.NDArray], parts: Parts) -> None:
    """Shades of the phases, and curves that break between them: one by phase, several by name."""
    colours = colours_of(dict.fromkeys(name for name, _ in parts))
    for name, rows in parts:
        axes.axvspan(z[rows][0], z[rows][-1], color=colours[name], alpha=_SHADE, linewidth=0, zorder=0)
        if z[rows][0] > z[0]:
            axes.axvline(z[rows][0], color=GUIDE_COLOUR, linewidth=0.7, zorder=1)
    for number, (label, values) in enumerate(curves.items()):
        for place, (name, rows) in enumerate(parts):
            axes.plot(
                z[rows],
                values[rows],
                color=PALETTE[number % len(PALETTE)] if len(curves) > 1 else colours[name],
                label="_" if place else label,
                zorder=3,
            )


def _name_phases(axes: Axes, z: npt.NDArray, parts: Parts) -> None:
    """Names above the uppermost panel, in two heights where neighbours would touch."""
    colours = colours_of(dict.fromkeys(name for name, _ in parts))
    per_nm = (DOUBLE_COLUMN - 1.0) / max(float(np.ptp(z)), 1e-12)
    ends = {0: -np.inf, 1: -np.inf}
    for name, rows in parts:
        middle = 0.5 * float(z[rows][0] + z[rows][-1])
        half = 0.5 * text_width(name, _LETTERS_OF_LABELS) / per_nm
        level = 0 if middle - half > ends[0] else 1
        ends[level] = middle + half
        axes.annotate(
            name,
            (middle, 1.0),
            xytext=(0.0, 3.0 + 10.0 * level),
            xycoords=axes.get_xaxis_transform(),
            textcoords="offset points",
            color=colours[name],
            fontsize=_LETTERS_OF_LABELS,
            fontweight="bold",
            ha="center",
            va="bottom",
            annotation_clip=False,
        )
