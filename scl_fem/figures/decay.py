"""Exchange against mixing time, as in Fig. 5 of Cheng et al. (Joule 2020)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scl_fem.figures.kinds import Note, figure
from scl_fem.figures.result import ResultData
from scl_fem.figures.style import (
    DOUBLE_COLUMN,
    GUIDE_COLOUR,
    PHASE_COLOURS,
    add_title,
    new_figure,
    row_of_panels,
)
from scl_fem.output.names import DECAY_FILE
from scl_fem.output.tables import read_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DECADES = 6
"""Most that a logarithmic axis of time shows: before that nothing happens."""


@figure("decay", DECAY_FILE)
def draw_decay(result: ResultData, note: Note) -> Figure:
    """Cross peak against mixing time, on a linear and on a logarithmic axis, the closed form beside."""
    table = read_table(result.directory / DECAY_FILE)
    time, exchanged = table["time_s"][1:], table["exchanged"][1:]
    drawn = new_figure(DOUBLE_COLUMN, 2.7, abreast=2)
    panels = row_of_panels(drawn, 2, sharey=True)
    for axes in panels:
        axes.plot(time, exchanged, color=PHASE_COLOURS["electrolyte"], label="finite elements")
        if "analytic" in table:
            analytic = np.asarray(table["analytic"], dtype=np.float64)[1:]
            axes.plot(time, 1.0 - analytic, ":", color=GUIDE_COLOUR, label="closed form")
        plateau = result.summary.get("plateau_remaining")
        if plateau:
            axes.axhline(
                1.0 - plateau, color=GUIDE_COLOUR, linewidth=0.8, linestyle="--", label="equilibrium"
            )
        axes.set_xlabel("Mixing time (s)")
    panels[0].set(xlim=(0.0, time[-1]), ylim=(0.0, None), ylabel="Exchanged fraction of tagged Li")
    panels[1].set(xscale="log", xlim=(max(time[0], time[-1] / 10**_DECADES), time[-1]))
    panels[1].legend()
    add_title(drawn, result.title, _remark(result))
    return drawn


def _remark(result: ResultData) -> str:
    """What has crossed by the end, and the resistance that it amounts to."""
    summary = result.summary
    remark = f"{100.0 * summary['exchanged_final']:.1f} % exchanged after {summary['time_final_s']:g} s"
    resistance = summary.get("exchange_resistance_ohm_cm2")
    return remark if resistance is None else f"{remark}: {resistance:.3g} Ω cm²"
