"""Figures of fits: build-up of cross peaks, diffusivities against 1/T, T2 against 1/T."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Any

import numpy as np

from scl_fem.figures.style import (
    DOUBLE_COLUMN,
    GUIDE_COLOUR,
    PHASE_COLOURS,
    SINGLE_COLUMN,
    add_title,
    label_panel,
    name_decades,
    new_figure,
)
from scl_fem.fits import ArrheniusFit, Estimate, ExsyFit, T2Fit
from scl_fem.physics.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_TEMPERATURE_MAP = "plasma"
_DARKEST, _LIGHTEST = 0.05, 0.8
"""Part of the map that shows on white."""

_FIT_COLOUR = PHASE_COLOURS["electrolyte"]
_DATA_COLOUR = PHASE_COLOURS["electrode"]
_SAMPLES = 300
_HEIGHT = 2.9
_SMALLEST_SPAN = 0.1
"""Cross peaks are shown at least up to this, so that noise does not fill the panel."""

_TEMPERATURE_STEPS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0)
_MOST_TICKS = 6.5
_DASHES = (0, (4, 3))
_MARKERS: dict[str, Any] = {"linestyle": "none", "marker": "o", "markersize": 4.0, "markeredgewidth": 0.0}


@singledispatch
def draw_fit(fit: Any, title: str) -> Figure:
    """The figure of a fit.

    Args:
        fit: what a function of `scl_fem.fits` returned.
        title: above the figure; chemical formulas get their subscripts.
    """
    raise TypeError(f"there is no figure of a {type(fit).__name__}")


@draw_fit.register(ExsyFit)
def _draw_exsy(fit: ExsyFit, title: str) -> Figure:
    """Build-up, and beside it the diffusivities where there are several."""
    several = fit.arrhenius is not None
    figure = new_figure(DOUBLE_COLUMN if several else SINGLE_COLUMN + 0.6, _HEIGHT)
    panels = figure.subplots(1, 1 + several, squeeze=False)[0]
    plot_build_up(panels[0], fit)
    if fit.arrhenius is not None:
        plot_arrhenius(panels[1], fit.arrhenius, fit.D_cm2_per_s)
        for axes, letter in zip(panels, "ab", strict=True):
            label_panel(axes, letter)
    add_title(figure, title, _remark(fit))
    return figure


@draw_fit.register(ArrheniusFit)
def _draw_arrhenius(fit: ArrheniusFit, title: str) -> Figure:
    """Diffusivities against 1/T."""
    figure = new_figure(SINGLE_COLUMN + 0.6, _HEIGHT)
    plot_arrhenius(figure.subplots(), fit)
    add_title(figure, title)
    return figure


@draw_fit.register(T2Fit)
def _draw_t2(fit: T2Fit, title: str) -> Figure:
    """T2 against 1/T."""
    figure = new_figure(SINGLE_COLUMN + 0.6, _HEIGHT)
    plot_relaxation(figure.subplots(), fit)
    add_title(figure, title)
    return figure


def plot_build_up(axes: Axes, fit: ExsyFit) -> None:
    """Cross peak against mixing time, one colour a temperature, as in Fig. 5 of Cheng et al. (2020).

    Args:
        axes: where.
        fit: the fit.
    """
    import matplotlib

    times = np.concatenate([curve.mixing_time_s for curve in fit.curves])
    times = times[times > 0.0]
    samples = np.geomspace(times.min() / 1.6, times.max() * 1.6, _SAMPLES)
    shades = np.linspace(_DARKEST, _LIGHTEST, len(fit.curves))
    for curve, shade in zip(fit.curves, shades, strict=True):
        colour = matplotlib.colormaps[_TEMPERATURE_MAP](shade)
        # the legend shows the line: a marker alone would pass for one of the data
        axes.plot(samples, curve.curve(samples), color=colour, label=f"{curve.temperature_K:g} K")
        axes.plot(curve.mixing_time_s, curve.intensity, color=colour, **_MARKERS)
    axes.set_xscale("log")
    axes.set_xlim(samples[0], samples[-1])
    name_decades(axes.xaxis, samples[0], samples[-1])
    axes.axhline(0.0, color=GUIDE_COLOUR, linewidth=0.6, zorder=0)
    axes.set_xlabel("Mixing time (s)")
    axes.set_ylabel("Cross peak (fraction of all Li)")
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, -_SMALLEST_SPAN / 4), max(high, _SMALLEST_SPAN))
    axes.legend(loc="best")


def plot_arrhenius(axes: Axes, fit: ArrheniusFit, estimates: dict[float, Estimate] | None = None) -> None:
    """Diffusivities against 1000/T, with the fitted line and its confidence band.

    Args:
        axes: where.
        fit: the fit.
        estimates: diffusivities by temperature with the limits to show as bars.
    """
    low, high = _widened(fit.temperature_K)
    samples = 1.0 / np.linspace(1.0 / high, 1.0 / low, _SAMPLES)
    lower, upper = fit.limits(samples)
    if np.isfinite(upper).all():
        axes.fill_between(1e3 / samples, lower, upper, color=_FIT_COLOUR, alpha=0.15, linewidth=0)
    label = f"$E_a$ = {_with_limits(fit.activation_energy_eV)} eV"
    axes.plot(1e3 / samples, fit.diffusivity(samples), color=_FIT_COLOUR, label=label)
    axes.plot(1e3 / fit.temperature_K, fit.D_cm2_per_s, color=_DATA_COLOUR, zorder=3, **_MARKERS)
    for temperature, each in (estimates or {}).items():
        if each.is_positive:
            axes.vlines(1e3 / temperature, each.low, each.high, color=_DATA_COLOUR, linewidth=1.0, zorder=3)
    axes.set_yscale("log")
    set_inverse_axis(axes, low, high)
    axes.set_ylabel("D (cm²/s)")
    axes.legend(loc="best")


def plot_relaxation(axes: Axes, fit: T2Fit) -> None:
    """T2 against 1000/T with the model and its break point, as in Fig. 2 of Cheng et al. (2020).

    Args:
        axes: where.
        fit: the fit.
    """
    low, high = _widened(fit.temperature_K)
    axes.plot(1e3 / fit.temperature_K, fit.T2_s, color=_DATA_COLOUR, zorder=3, **_MARKERS)
    samples = 1.0 / np.linspace(1.0 / high, 1.0 / low, _SAMPLES)
    energy = fit.activation_energy_eV
    label = f"$E_a$ = {_with_limits(energy)} eV" if energy else "rigid lattice"
    axes.plot(1e3 / samples, fit.curve(samples), color=_FIT_COLOUR, label=label)
    if fit.break_temperature_K is not None:
        point = fit.break_temperature_K
        axes.axvspan(1e3 / point.high, 1e3 / point.low, color=GUIDE_COLOUR, alpha=0.15, linewidth=0, zorder=0)
        axes.axvline(
            1e3 / point.value,
            color=GUIDE_COLOUR,
            linewidth=0.8,
            linestyle=_DASHES,
            label=f"$T_b$ = {_with_limits(point)} K",
            zorder=1,
        )
    axes.set_yscale("log")
    set_inverse_axis(axes, low, high)
    _name_microseconds(axes)
    axes.legend(loc="best", frameon=True, framealpha=0.9, edgecolor="none")


def set_inverse_axis(axes: Axes, low: float, high: float) -> None:
    """Make the abscissa 1000/T, with the temperature in K above.

    Args:
        axes: whose abscissa.
        low: lowest temperature, K.
        high: highest, K.
    """
    from matplotlib.ticker import FixedLocator, NullLocator

    axes.set_xlim(1e3 / high, 1e3 / low)
    axes.set_xlabel("1000/T (1/K)")
    axes.tick_params(axis="x", which="both", top=False)
    step = next((each for each in _TEMPERATURE_STEPS if high - low <= _MOST_TICKS * each), high)
    ticks = np.arange(np.ceil(low / step), high / step + 1e-9) * step
    above = axes.secondary_xaxis("top", functions=(_inverse, _inverse))
    above.xaxis.set_major_locator(FixedLocator(list(ticks)))
    above.xaxis.set_minor_locator(NullLocator())
    above.set_xlabel("T (K)")


def _inverse(value: Any) -> Any:
    """1000/T of T, and T of it; the 0 that matplotlib tries goes to a large number."""
    return 1e3 / np.maximum(value, 1e-9)


def _name_microseconds(axes: Axes) -> None:
    """T2 in us: plain numbers on the logarithmic axis."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    low, high = axes.get_ylim()
    axes.set_ylim(low / 1.2, high * 1.2)
    is_narrow = high < 5.0 * low
    axes.yaxis.set_major_locator(MaxNLocator(5) if is_narrow else LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_minor_locator(LogLocator(subs=tuple(np.arange(1.0, 10.0))))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{1e6 * value:.10g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_ylabel("$T_2$ (µs)")


def _widened(temperature: Array) -> tuple[float, float]:
    """A range of temperatures around the data, K."""
    inverse = 1.0 / temperature
    margin = 0.08 * float(np.ptp(inverse)) or 0.02 * float(inverse.max())
    lowest = max(float(inverse.min()) - margin, 0.5 * float(inverse.min()))
    return 1.0 / float(inverse.max() + margin), 1.0 / lowest


def _with_limits(estimate: Estimate | None) -> str:
    """A value with its interval, to the digits that it has: 0.315 (0.302 to 0.328)."""
    if estimate is None:
        return ""
    width = estimate.high - estimate.low
    if not np.isfinite(width):
        return f"{estimate.value:.3g}"
    digits = int(np.clip(2 - np.ceil(np.log10(max(width, 1e-6))), 0, 4))
    return f"{estimate.value:.{digits}f} ({estimate.low:.{digits}f} to {estimate.high:.{digits}f})"


def _remark(fit: ExsyFit) -> str:
    """The diffusivity in one line where there is but one temperature."""
    if len(fit.curves) > 1:
        return ""
    estimate = fit.curves[0].D_cm2_per_s
    if estimate.is_positive:
        return f"D = {estimate.value:.2e} ({estimate.low:.2e} to {estimate.high:.2e}) cm²/s"
    if estimate.high < np.inf:
        return f"D < {estimate.high:.2e} cm²/s"
    return f"D > {estimate.low:.2e} cm²/s" if estimate.low > 0.0 else "D is not limited by these data"
