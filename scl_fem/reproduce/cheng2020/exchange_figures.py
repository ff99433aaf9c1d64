"""Figures of exchange NMR and of T2 relaxation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from scl_fem.constants import ROOM_TEMPERATURE
from scl_fem.figures.fits import set_inverse_axis
from scl_fem.figures.style import (
    DOUBLE_COLUMN,
    GUIDE_COLOUR,
    SINGLE_COLUMN,
    label_panel,
    new_figure,
    with_subscripts,
)
from scl_fem.physics.exchange import exchanged_from_cube
from scl_fem.physics.relaxation import correlation_time, jump_diffusivity, transverse_relaxation_time
from scl_fem.reproduce.cheng2020.figures import SAMPLE_COLOURS
from scl_fem.reproduce.cheng2020.printed import (
    DISTANCE_NM,
    EXCHANGING,
    EXSY_TEMPERATURES,
    LONGEST_MIXING_TIME,
    SAMPLES,
    SHORTEST_MIXING_TIME,
    T2_TEMPERATURES,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SAMPLES = 200
_SHADES = (0.05, 0.8)
_DASHES = (0, (4, 3))
_FEWEST_DOTS = 9
_STAR: Any = {
    "marker": "*",
    "markersize": 7,
    "color": "black",
    "linestyle": "none",
    "clip_on": False,
    "zorder": 5,
}


def draw_build_up(temperatures: Sequence[float], solved: Mapping[str, Any]) -> Figure:
    """Exchanged fraction against mixing time, a panel a sample.

    Args:
        temperatures: K.
        solved: finite elements at room temperature by name of the sample, with time_s and exchanged.
    """
    import matplotlib

    figure = new_figure(DOUBLE_COLUMN, 2.9)
    panels = figure.subplots(1, len(EXCHANGING), sharey=True)
    time = np.geomspace(SHORTEST_MIXING_TIME, LONGEST_MIXING_TIME, _SAMPLES)
    for axes, sample, letter in zip(panels, EXCHANGING, "AC", strict=True):
        for temperature, shade in zip(temperatures, np.linspace(*_SHADES, len(temperatures)), strict=True):
            colour = matplotlib.colormaps["plasma"](shade)
            diffusivity = sample.seen_exchange.diffusivity_at(temperature)
            exchanged = exchanged_from_cube(diffusivity, time, DISTANCE_NM)
            axes.plot(time, exchanged, color=colour, label=f"{temperature:g} K")
        _plot_dots(axes, solved[sample.name])
        reported = sample.seen_exchange.exchanged
        axes.plot(LONGEST_MIXING_TIME, reported, label="paper, room temperature", **_STAR)
        axes.set(xscale="log", xlim=(time[0], time[-1]), ylim=(0.0, 1.0), xlabel="Mixing time (s)")
        axes.set_title(with_subscripts(f"{sample.name} | LAGP"))
        label_panel(axes, letter)
    panels[0].set_ylabel("Exchanged fraction (cross peak)")
    panels[0].legend(loc="upper left")
    return figure


def _plot_dots(axes: Axes, solved: Any) -> None:
    """Finite elements at evenly spread times."""
    wanted = np.geomspace(SHORTEST_MIXING_TIME, LONGEST_MIXING_TIME, _FEWEST_DOTS)
    rows = np.unique(np.abs(np.log(np.maximum(solved.time_s[:, None], 1e-12) / wanted)).argmin(axis=0))
    axes.plot(
        solved.time_s[rows],
        solved.exchanged[rows],
        "o",
        color=GUIDE_COLOUR,
        markersize=3.5,
        label="finite elements, 298.15 K",
    )


def draw_diffusivities() -> Figure:
    """D_eff against 1/T, and the bulk's by T2 relaxation."""
    figure = new_figure(SINGLE_COLUMN + 1.0, 3.2)
    axes = figure.subplots()
    inverse = np.linspace(1.0 / EXSY_TEMPERATURES[1], 1.0 / EXSY_TEMPERATURES[0], _SAMPLES)
    for sample in EXCHANGING:
        colour, exchange, bulk = SAMPLE_COLOURS[sample.name], sample.seen_exchange, sample.relaxation
        name = with_subscripts(sample.name)
        axes.plot(
            1e3 * inverse, exchange.diffusivity_at(1.0 / inverse), color=colour,
            label=f"{name} | LAGP, $E_a$ = {exchange.activation_energy:g} eV",
        )  # fmt: skip
        axes.plot(1e3 / ROOM_TEMPERATURE, exchange.diffusivity, "o", color=colour, markersize=4)
        tau = correlation_time(1e-9 * bulk.tau_inf_ns, bulk.activation_energy, 1.0 / inverse)
        axes.plot(
            1e3 * inverse, jump_diffusivity(tau), color=colour, linewidth=1.0, linestyle=_DASHES,
            label=f"{name}, bulk by $T_2$, $E_a$ = {bulk.activation_energy:g} eV",
        )  # fmt: skip
    axes.set(yscale="log", ylabel="D (cm²/s)", ylim=(1e-15, 3e-9))
    set_inverse_axis(axes, *EXSY_TEMPERATURES)
    axes.legend(loc="upper right", fontsize=6.5)
    return figure


def draw_relaxation() -> Figure:
    """T2 against 1/T, a panel a sample, in the paper's order."""
    figure = new_figure(DOUBLE_COLUMN, 2.8)
    order = (SAMPLES[1], SAMPLES[2], SAMPLES[0])
    panels = figure.subplots(1, len(order), sharey=True)
    inverse = np.linspace(1.0 / T2_TEMPERATURES[1], 1.0 / T2_TEMPERATURES[0], _SAMPLES)
    for axes, sample, letter in zip(panels, order, "DEF", strict=True):
        printed = sample.relaxation
        rigid = math.sqrt(2.0) * 1e-6 * printed.tau_break_us
        T2 = transverse_relaxation_time(
            1.0 / inverse, rigid, printed.break_temperature, printed.activation_energy
        )
        axes.plot(1e3 * inverse, 1e6 * T2, color=SAMPLE_COLOURS[sample.name])
        axes.axvline(1e3 / printed.break_temperature, color=GUIDE_COLOUR, linewidth=0.8, linestyle=_DASHES)
        axes.text(
            0.95, 0.93,
            f"$E_a$ = {printed.activation_energy:g} eV\nbreak at {printed.break_temperature:g} K,\n"
            f"$\\tau_c$ = {printed.tau_break_us:g} µs",
            transform=axes.transAxes, ha="right", va="top", fontsize=7,
        )  # fmt: skip
        set_inverse_axis(axes, *T2_TEMPERATURES)
        axes.set_title(with_subscripts(sample.name), pad=26)
        label_panel(axes, letter)
    panels[0].set(yscale="log", ylabel="$T_2$ (µs)", ylim=(10.0, 200.0))
    panels[0].set_yticks([10, 20, 50, 100, 200], ["10", "20", "50", "100", "200"])
    return figure
