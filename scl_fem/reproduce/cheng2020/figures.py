"""Figures of the layers and of the resistances of the interfaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from scl_fem.figures.style import (
    DOUBLE_COLUMN,
    GUIDE_COLOUR,
    PHASE_COLOURS,
    SINGLE_COLUMN,
    label_panel,
    new_figure,
    with_subscripts,
)
from scl_fem.reproduce.cheng2020.layers import LEVEL, Layer
from scl_fem.reproduce.cheng2020.printed import LI02, LI1, LI2

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SAMPLE_COLOURS = {LI02.name: "#0072B2", LI1.name: "#009E73", LI2.name: "#D55E00"}
"""Blue, bluish green and vermilion of Okabe and Ito's palette."""

PAPER_COLOUR = "#9A9A9A"

_VIEW_NM = 2.0
_DASHES = (0, (4, 3))
_SHOWN_LEVELS = (0.10, 0.30)
"""Range of levels that a bar shows."""


def draw_profiles(layers: Mapping[str, Layer]) -> Figure:
    """Concentration above potential, one column a sample, in the paper's order.

    Args:
        layers: by name of the sample.
    """
    figure = new_figure(DOUBLE_COLUMN, 4.2)
    grid = figure.subplots(2, 3, sharex=True, sharey="row")
    for column, (sample, letter) in enumerate(zip((LI1, LI2, LI02), "ABC", strict=True)):
        layer = layers[sample.name]
        _plot_profile(grid[0, column], layer, "c_per_nm3", "concentration_bulk_per_nm3")
        _plot_profile(grid[1, column], layer, "phi_V", "bulk_potential_V")
        label_panel(grid[0, column], letter)
        grid[0, column].set_title(with_subscripts(f"{sample.name} | LAGP"))
        grid[1, column].set_xlabel("Distance from the interface (nm)")
    grid[0, 0].set(ylabel="Li concentration (nm⁻³)", xlim=(-_VIEW_NM, _VIEW_NM), ylim=(0.0, 17.5))
    grid[1, 0].set_ylabel("Electric potential (V)")
    figure.align_ylabels(grid[:, 0])
    return figure


def _plot_profile(axes: Axes, layer: Layer, column: str, bulk: str) -> None:
    for phase, colour in PHASE_COLOURS.items():
        rows = layer.profile["phase"] == phase
        side = layer.summary[phase]
        axes.plot(layer.profile["z_nm"][rows], layer.profile[column][rows], color=colour, zorder=3)
        axes.plot(
            [-_VIEW_NM, 0.0] if phase == "electrode" else [0.0, _VIEW_NM],
            [side[bulk]] * 2,
            color=colour,
            linewidth=0.8,
            linestyle=_DASHES,
        )
        thickness = side["thickness_nm"][f"{100 * LEVEL:g}%"] * (-1.0 if phase == "electrode" else 1.0)
        if thickness:
            axes.axvspan(*sorted((0.0, thickness)), color=colour, alpha=0.12, linewidth=0, zorder=0)
    axes.axvline(0.0, color=GUIDE_COLOUR, linewidth=0.7, zorder=1)


def draw_layer_resistances(layers: Mapping[str, Layer]) -> Figure:
    """Bars of the paper and of this program, with the range over levels.

    Args:
        layers: by name of the sample.
    """
    samples = (LI1, LI2, LI02)
    figure = new_figure(SINGLE_COLUMN + 0.6, 2.8)
    axes = figure.subplots()
    places = np.arange(len(samples))
    ours = np.array([1e3 * layers[s.name].resistance[LEVEL] for s in samples])
    ends = np.array([[1e3 * layers[s.name].resistance[level] for s in samples] for level in _SHOWN_LEVELS])
    axes.bar(
        places - 0.19, [1e3 * s.layer_resistance for s in samples], 0.34, color=PAPER_COLOUR, label="paper"
    )
    spread = np.abs(np.stack([ours - ends.min(axis=0), ends.max(axis=0) - ours]))
    axes.bar(
        places + 0.19,
        ours,
        0.34,
        color=PHASE_COLOURS["electrolyte"],
        yerr=spread,
        error_kw={"linewidth": 0.8, "capsize": 2.5},
        label="this program (25 %; bars: 10 to 30 %)",
    )
    for place, value in zip(places, ours, strict=True):
        if not value:
            axes.text(float(place), 0.1, "none", ha="center", va="bottom", color=GUIDE_COLOUR)
    _name_samples(axes, [s.name for s in samples])
    axes.set(ylabel="Layer resistance (10⁻³ Ω cm²)", ylim=(0.0, 8.4))
    axes.legend(loc="upper left")
    return figure


def draw_interface_resistances(
    measured: Mapping[str, float], computed: Mapping[str, float], computed_paper: Mapping[str, float]
) -> Figure:
    """Measured and computed resistances on one logarithmic axis.

    Args:
        measured: by name of the sample, ohm cm^2: from exchange NMR.
        computed: this program's layers; 0 where there is none.
        computed_paper: the paper's.
    """
    figure = new_figure(SINGLE_COLUMN + 1.8, 3.0)
    axes = figure.subplots()
    names = [LI1.name, LI2.name, LI02.name]
    places = np.arange(len(names))
    bars = (
        (-0.26, [measured[name] for name in names], "#444444", "from exchange NMR, $RT/(nFj_0)$"),
        (0.0, [computed_paper[name] for name in names], PAPER_COLOUR, "layer, paper"),
        (0.26, [computed[name] for name in names], PHASE_COLOURS["electrolyte"], "layer, this program"),
    )
    for shift, values, colour, label in bars:
        heights = np.array([value or np.nan for value in values])
        axes.bar(places + shift, heights, 0.24, color=colour, label=label)
        for place, value in zip(places + shift, values, strict=True):
            text, at = (f"{value:.2g}" if value < 1.0 else f"{value:.0f}", value) if value else ("0", 2e-4)
            axes.text(place, at * 1.15, text, ha="center", va="bottom", fontsize=6.5)
    axes.axhline(10.0, color=GUIDE_COLOUR, linewidth=0.8, linestyle=_DASHES)
    axes.text(-0.1, 11.5, "100 µm of LAGP\nat 1 mS/cm", color=GUIDE_COLOUR, fontsize=6.5, va="bottom")
    axes.set_yscale("log")
    axes.set(ylim=(2e-4, 3e4), ylabel="Resistance (Ω cm²)", xlim=(-0.6, len(names) - 0.4))
    _name_samples(axes, names)
    axes.legend(loc="upper left", ncols=1)
    return figure


def _name_samples(axes: Axes, names: Sequence[str]) -> None:
    axes.set_xticks(range(len(names)), [with_subscripts(name) for name in names])
    axes.tick_params(axis="x", which="both", length=0)
