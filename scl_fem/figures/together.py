"""Several results in one figure: profiles, spectra, histories, exchange curves laid over each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from scl_fem.errors import InputError
from scl_fem.figures.curves import LOG_FROM, add_key, distinct
from scl_fem.figures.history import HISTORY_CURVES, changes, is_early, read_history, set_time
from scl_fem.figures.impedance import Spectrum, impedance_unit, size_of, views
from scl_fem.figures.kinds import Note
from scl_fem.figures.looks import current_look
from scl_fem.figures.panels import Row, middle_of, scale_axis
from scl_fem.figures.result import ResultData
from scl_fem.figures.style import (
    DOUBLE_COLUMN,
    GUIDE_COLOUR,
    PHASE_COLOURS,
    SINGLE_COLUMN,
    add_title,
    label_panel,
    new_figure,
    row_of_panels,
    with_subscripts,
)
from scl_fem.output.names import DECAY_FILE, HISTORY_FILE, IMPEDANCE_FILE, PROFILE_FILE
from scl_fem.output.tables import read_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW_HEIGHT = 1.9
_LOW_ROW_HEIGHT = 1.25
_DECADES = 6
"""Most that a logarithmic axis of mixing time shows."""

_ROOM = 1.08
"""Size of a Nyquist plot relative to what it shows."""

_TALLEST = 4.0
"""Height of a Nyquist plot, inches."""


@dataclass(frozen=True)
class NamedResult:
    """A result as one of several.

    Attributes:
        data: its folder.
        name: in the legend.
        look: colour and dash of its curves.
    """

    data: ResultData
    name: str
    look: dict[str, Any]


def draw_together(directories: Sequence[Path], names: Sequence[str], note: Note) -> dict[str, Figure]:
    """Every figure for which two results at least have the data.

    Args:
        directories: result folders.
        names: of the results, for the legend.
        note: takes remarks, such as which results a figure leaves out.

    Returns:
        Figures by the stem of their file.

    Raises:
        InputError: a file is broken, or the results have nothing in common that can be drawn.
    """
    results = [
        NamedResult(ResultData(Path(directory)), name, look)
        for directory, name, look in zip(directories, names, distinct(len(names)), strict=True)
    ]
    figures = {}
    for stem, (file, draw) in _DRAWN.items():
        having = [each for each in results if (each.data.directory / file).exists()]
        if len(having) < 2:
            continue
        if len(having) < len(results):
            without = ", ".join(str(each.data.directory) for each in results if each not in having)
            note(f"{stem} leaves out {without}: there is no {file}")
        figures[stem] = _finished(draw(having), having)
    if not figures:
        raise InputError(
            "these results have nothing in common that can be drawn in one figure",
            allowed=f"two that have {', '.join(dict.fromkeys(file for file, _ in _DRAWN.values()))}",
        )
    return figures


def _finished(drawn: Figure, results: Sequence[NamedResult]) -> Figure:
    """The figure with a key, and with the title that the results share."""
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], **each.look) for each in results]
    add_key(drawn, handles, [with_subscripts(each.name) for each in results])
    titles = {each.data.title for each in results}
    add_title(drawn, titles.pop() if len(titles) == 1 else "")
    return drawn


def _draw_profiles(results: Sequence[NamedResult]) -> Figure:
    """Concentration above potential across the interface, the layer at the left, everything at the right."""
    wholes = [(float(each.data.profile.z_nm.min()), float(each.data.profile.z_nm.max())) for each in results]
    middles = [middle_of(each.data, whole) for each, whole in zip(results, wholes, strict=True)]
    layers = [middle for middle, whole in zip(middles, wholes, strict=True) if middle != whole]
    windows = [_around(layers)] if layers else []
    windows = [*windows, _around(wholes)][: current_look().columns]
    rows = (
        ("Li concentration (nm⁻³)", [each.data.profile.c_per_nm3 for each in results], 1.0, True),
        ("Electric potential (V)", [each.data.profile.phi_V for each in results], 0.1, False),
    )
    width = DOUBLE_COLUMN if len(windows) > 1 else SINGLE_COLUMN + 0.6
    drawn = new_figure(width, 0.5 + _ROW_HEIGHT * len(rows))
    ratios = [3, 2][: len(windows)]
    grid = drawn.subplots(2, len(windows), sharex="col", sharey="row", squeeze=False, width_ratios=ratios)
    for line, (label, values, smallest_span, ratio) in zip(grid, rows, strict=True):
        for axes in line:
            for each, of in zip(results, values, strict=True):
                for phase in PHASE_COLOURS:
                    inside = each.data.profile.phase == phase
                    axes.plot(each.data.profile.z_nm[inside], of[inside], **each.look)
            axes.axvline(0.0, color=GUIDE_COLOUR, linewidth=0.7, zorder=1)
        scale_axis(line[0], Row(label, np.concatenate(values), {}, smallest_span, ratio))
        line[0].set_ylabel(label)
    drawn.align_ylabels(grid[:, 0])
    for window, top, bottom in zip(windows, grid[0], grid[-1], strict=True):
        bottom.set(xlim=window, xlabel="Distance from the interface (nm)")
        _name_sides(top, results, window)
    for axes, letter in zip(grid.ravel(), "abcd", strict=False):
        label_panel(axes, letter)
    return drawn


def _around(windows: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The smallest window that holds others."""
    return min(low for low, _ in windows), max(high for _, high in windows)


def _name_sides(axes: Axes, results: Sequence[NamedResult], window: tuple[float, float]) -> None:
    """Write above both sides the material that all results have there, or the phase."""
    for phase, end in zip(PHASE_COLOURS, window, strict=True):
        materials = {each.data.material(phase) for each in results}
        axes.text(
            0.5 * end,
            1.03,
            with_subscripts(materials.pop() if len(materials) == 1 else phase),
            color=GUIDE_COLOUR,
            fontweight="bold",
            ha="center",
            va="bottom",
            transform=axes.get_xaxis_transform(),
        )


def _draw_nyquist(results: Sequence[NamedResult]) -> Figure:
    """-Im Z against Re Z."""
    spectra = [Spectrum.read(each.data) for each in results]
    sizes = [size_of(views(spectrum)[0]) for spectrum in spectra]
    width, height = (max(each) for each in zip(*sizes, strict=True))
    scale, unit = impedance_unit(width)
    column = min(SINGLE_COLUMN + 1.2, _TALLEST * width / height)
    drawn = new_figure(column, 0.8 + (column - 0.7) * height / width, fixed_aspect=True)
    axes = drawn.subplots()
    for each, spectrum in zip(results, spectra, strict=True):
        z = scale * spectrum.at(np.geomspace(spectrum.frequency[0], spectrum.frequency[-1], 2000))
        axes.plot(z.real, -z.imag, **each.look)
        axes.plot(
            scale * spectrum.impedance.real,
            -scale * spectrum.impedance.imag,
            ".",
            color=each.look["color"],
            markersize=4.0,
        )
    margin = 0.5 * (_ROOM - 1.0) * width * scale
    axes.set(xlim=(-margin, _ROOM * width * scale), ylim=(0.0, _ROOM * height * scale), aspect="equal")
    axes.set(xlabel=f"Re Z ({unit})", ylabel=f"−Im Z ({unit})")
    axes.locator_params(nbins=5)
    return drawn


def _draw_bode(results: Sequence[NamedResult]) -> Figure:
    """|Z| and its phase against frequency."""
    drawn = new_figure(DOUBLE_COLUMN, 2.6, abreast=2)
    size, phase = row_of_panels(drawn, 2)
    ends = []
    for each in results:
        spectrum = Spectrum.read(each.data)
        ends.append((float(spectrum.frequency[-1]), float(spectrum.frequency[0])))
        size.plot(spectrum.frequency, np.abs(spectrum.impedance), **each.look)
        phase.plot(spectrum.frequency, np.degrees(np.angle(spectrum.impedance)), **each.look)
    size.set(yscale="log", ylabel="|Z| (Ω cm²)")
    phase.set(ylabel="Phase (°)", ylim=(-95.0, 5.0), yticks=range(-90, 1, 15))
    for axes, letter in zip((size, phase), "ab", strict=True):
        axes.set(xscale="log", xlim=_around(ends), xlabel="Frequency (Hz)")
        label_panel(axes, letter)
    return drawn


def _draw_history(results: Sequence[NamedResult]) -> Figure:
    """What changed in any of the results, over time."""
    tables = [read_history(each.data) for each in results]
    shown = [
        curve
        for curve in HISTORY_CURVES
        if curve.always or any(changes(table[curve.column]) for table in tables)
    ]
    drawn = new_figure(SINGLE_COLUMN + 1.2, 0.6 + _LOW_ROW_HEIGHT * len(shown))
    panels = drawn.subplots(len(shown), sharex=True, squeeze=False)[:, 0]
    for axes, curve, letter in zip(panels, shown, "abcd", strict=False):
        for each, table in zip(results, tables, strict=True):
            axes.plot(table["time_s"], table[curve.column], **each.look)
        axes.set_ylabel(f"{curve.label}\n({curve.unit})")
        label_panel(axes, letter)
    times = np.unique(np.concatenate([table["time_s"] for table in tables]))
    ends = [float(table["time_s"][-1]) for table in tables]
    logarithmic = max(ends) > LOG_FROM * min(ends) or all(
        is_early(table["time_s"], table["current_mA_per_cm2"], table["layer_charge_e_per_nm2"])
        for table in tables
    )
    panels[-1].set_xlabel("Time")
    set_time(panels[-1], times, logarithmic)
    drawn.align_ylabels()
    return drawn


def _draw_decay(results: Sequence[NamedResult]) -> Figure:
    """Exchanged fraction against mixing time, on a linear and on a logarithmic axis."""
    curves = [_exchange(each.data) for each in results]
    drawn = new_figure(DOUBLE_COLUMN, 2.6, abreast=2)
    panels = row_of_panels(drawn, 2, sharey=True)
    for axes in panels:
        for each, (time, exchanged) in zip(results, curves, strict=True):
            axes.plot(time, exchanged, **each.look)
        axes.set_xlabel("Mixing time (s)")
    first, last = min(time[0] for time, _ in curves), max(time[-1] for time, _ in curves)
    panels[0].set(xlim=(0.0, last), ylim=(0.0, None), ylabel="Exchanged fraction of tagged Li")
    panels[1].set(xscale="log", xlim=(max(first, last / 10**_DECADES), last))
    return drawn


def _exchange(result: ResultData) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Mixing time (s), and what has crossed by then, from the first step on."""
    path = result.directory / DECAY_FILE
    table = read_table(path)
    try:
        time, exchanged = (np.asarray(table[name], dtype=np.float64) for name in ("time_s", "exchanged"))
    except (KeyError, ValueError) as error:
        raise InputError(f"not the course of an exchange ({error})", file=str(path)) from error
    return time[1:], exchanged[1:]


_DRAWN: dict[str, tuple[str, Callable[[Sequence[NamedResult]], Figure]]] = {
    "profiles": (PROFILE_FILE, _draw_profiles),
    "nyquist": (IMPEDANCE_FILE, _draw_nyquist),
    "bode": (IMPEDANCE_FILE, _draw_bode),
    "history": (HISTORY_FILE, _draw_history),
    "decay": (DECAY_FILE, _draw_decay),
}
"""The file that a figure shows, and what draws it, by the stem of the figure's file."""
