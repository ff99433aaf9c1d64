"""Potential, concentration and conductivity along a cell of any phases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scl_fem.figures.kinds import Note, figure
from scl_fem.figures.result import ResultData
from scl_fem.figures.style import PALETTE, new_figure
from scl_fem.output.names import PROFILE_FILE

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@figure("stack", PROFILE_FILE)
def draw_stack(result: ResultData, note: Note) -> Figure | None:
    """One panel each, a colour by phase; electrode and electrolyte have figures of their own."""
    if result.is_pair:
        return None
    profile = result.profile
    names = dict.fromkeys(profile.phase.tolist())
    rows = (
        ("Electric potential (V)", profile.phi_V),
        ("Concentration (nm⁻³)", profile.c_per_nm3),
        ("Conductivity (S/cm)", profile.sigma_S_per_cm),
    )
    drawn = new_figure(7.0, 2.2 * len(rows))
    grid = drawn.subplots(len(rows), 1, sharex=True)
    for axes, (label, values) in zip(grid, rows, strict=True):
        for number, name in enumerate(names):
            here = profile.phase == name
            axes.plot(profile.z_nm[here], values[here], color=PALETTE[number % len(PALETTE)], label=name)
        axes.set_ylabel(label)
    if (profile.sigma_S_per_cm > 0.0).all():
        grid[-1].set_yscale("log")
    grid[-1].set_xlabel("z (nm)")
    grid[0].legend()
    return drawn
