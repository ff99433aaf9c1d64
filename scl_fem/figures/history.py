"""A transient against time: charge of the layer, free energy, current, voltage, length of steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from scl_fem.errors import InputError
from scl_fem.figures.kinds import Note, figure
from scl_fem.figures.result import ResultData
from scl_fem.figures.style import (
    GUIDE_COLOUR,
    PHASE_COLOURS,
    SINGLE_COLUMN,
    add_title,
    engineering,
    label_panel,
    new_figure,
)
from scl_fem.output.names import HISTORY_FILE
from scl_fem.output.tables import read_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import Formatter

type Columns = dict[str, npt.NDArray[np.float64]]

_DECADES = 7
"""Most that a logarithmic axis of time shows: before that nothing happens."""

_EARLY = 0.1
"""Part of the duration that a linear axis squeezes into a corner."""

_SMALL_CHANGE = 0.01
"""Change, relative to the value, below which the change is what is drawn."""

_ROUND_OFF = 1e-9
"""Change, relative to the largest value, that counts as none."""

_ROW_HEIGHT = 1.25


@dataclass(frozen=True)
class HistoryCurve:
    """A column of history.csv as the figure shows it.

    Attributes:
        column: its header.
        label: of the axis, without the unit.
        unit: as printed.
        always: whether it is shown even where it stays what it was.
    """

    column: str
    label: str
    unit: str
    always: bool = False


HISTORY_CURVES = (
    HistoryCurve("layer_charge_e_per_nm2", "Layer charge", "e nm⁻²", always=True),
    HistoryCurve("free_energy_eV_per_nm2", "Free energy", "eV nm⁻²", always=True),
    HistoryCurve("current_mA_per_cm2", "Current", "mA cm⁻²"),
    HistoryCurve("terminal_voltage_V", "Terminal voltage", "V"),
)


@figure("history", HISTORY_FILE)
def draw_history(result: ResultData, note: Note) -> Figure:
    """What changed, and the steps, over logarithmic time, or linear where it goes on to the end."""
    table = read_history(result)
    time = table["time_s"]
    logarithmic = is_early(time, table["current_mA_per_cm2"], table["layer_charge_e_per_nm2"])
    # what happens before the axis begins (the first instant of a sudden voltage) sets no scale
    seen = time >= _first_shown(time) if logarithmic else np.ones(time.size, dtype=bool)
    curves = [each for each in HISTORY_CURVES if each.always or changes(table[each.column][seen])]
    drawn = new_figure(SINGLE_COLUMN + 1.2, 0.8 + _ROW_HEIGHT * (len(curves) + 1))
    panels = drawn.subplots(len(curves) + 1, sharex=True)
    for axes, curve in zip(panels, curves, strict=False):
        _draw_curve(axes, time[seen], table[curve.column][seen], curve)
    steps = panels[-1]
    steps.plot(time[1:], table["step_s"][1:], ".-", color=GUIDE_COLOUR, markersize=2.5, linewidth=0.8)
    steps.set(yscale="log", ylabel="Length of\nthe step", xlabel="Time")
    steps.yaxis.set_major_formatter(_engineering_ticks())
    set_time(steps, time, logarithmic)
    for axes, letter in zip(panels, "abcdef", strict=False):
        label_panel(axes, letter)
    drawn.align_ylabels()
    add_title(drawn, result.title, _remark(result))
    return drawn


def is_early(
    time: npt.NDArray[np.float64], current: npt.NDArray[np.float64], charge: npt.NDArray[np.float64]
) -> bool:
    """Whether most happens in the first tenth of the duration, as in a relaxation, not in pulses.

    Args:
        time: s.
        current: looked at where one flows.
        charge: of the layer, looked at elsewhere.
    """
    signal = current if changes(current) else charge
    change = np.abs(np.diff(signal))
    late = time[1:] > time[0] + _EARLY * (time[-1] - time[0])
    return bool(change[late].sum() <= 0.5 * change.sum())


def read_history(result: ResultData) -> Columns:
    """Columns of history.csv.

    Args:
        result: of a transient.

    Raises:
        InputError: the file is not such a table.
    """
    path = result.directory / HISTORY_FILE
    table = read_table(path)
    wanted = ("time_s", "step_s", *(curve.column for curve in HISTORY_CURVES))
    try:
        columns = {name: np.asarray(table[name], dtype=np.float64) for name in wanted}
    except (KeyError, ValueError) as error:
        raise InputError(f"not the history of a transient ({error})", file=str(path)) from error
    if columns["time_s"].size < 2:
        raise InputError("has no steps", file=str(path))
    return columns


def changes(values: npt.NDArray[np.float64]) -> bool:
    """Whether a curve does anything but round-off."""
    return bool(np.ptp(values) > _ROUND_OFF * np.abs(values).max())


def _draw_curve(
    axes: Axes, time: npt.NDArray[np.float64], values: npt.NDArray[np.float64], curve: HistoryCurve
) -> None:
    """A curve; its change from the start where that is small beside the value."""
    span, label = float(np.ptp(values)), curve.label
    if span < _SMALL_CHANGE * abs(values[0]):
        label = f"{curve.label}, change"
        values = values - values[0]
    axes.plot(time, values, color=PHASE_COLOURS["electrolyte"])
    if span == 0.0:
        axes.set_ylim(values[0] - 0.5, values[0] + 0.5)
    exponent = 3 * int(np.floor(np.log10(max(np.abs(values).max(), 1e-300)) / 3 + 1e-6))
    if exponent < -3 and span > 0.0:
        scale = 10.0**-exponent
        axes.yaxis.set_major_formatter(lambda value, _: f"{scale * value:g}")
        axes.set_ylabel(f"{label}\n($10^{{{exponent}}}$ {curve.unit})")
    else:
        axes.set_ylabel(f"{label}\n({curve.unit})")


def set_time(axes: Axes, time: npt.NDArray[np.float64], logarithmic: bool) -> None:
    """Scale, limits and ticks of the axis of time that all panels share.

    Args:
        axes: one of them.
        time: s.
        logarithmic: whether decades of it are shown.
    """
    if logarithmic:
        axes.set_xscale("log")
        axes.set_xlim(_first_shown(time), time[-1])
    else:
        axes.set_xlim(time[0], time[-1])
    axes.xaxis.set_major_formatter(_engineering_ticks())


def _first_shown(time: npt.NDArray[np.float64]) -> float:
    """Where a logarithmic axis of time begins, s."""
    return float(max(time[time > 0.0].min(), time[-1] / 10**_DECADES))


def _engineering_ticks() -> Formatter:
    from matplotlib.ticker import FuncFormatter

    return FuncFormatter(lambda value, _: engineering(value, "s"))


def _remark(result: ResultData) -> str:
    """Duration and steps."""
    summary = result.summary
    if "time_final_s" not in summary:
        return ""
    steps = f"{summary['steps']} steps" if "steps" in summary else ""
    rejected = f"{summary['rejected_steps']} taken again" if summary.get("rejected_steps") else ""
    return ", ".join(part for part in (engineering(summary["time_final_s"], "s"), steps, rejected) if part)
