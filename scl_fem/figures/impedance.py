"""Impedance spectra: in the complex plane (Nyquist) and against frequency (Bode)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from scl_fem.errors import InputError
from scl_fem.figures.kinds import Note, figure
from scl_fem.figures.result import ResultData
from scl_fem.figures.style import (
    DOUBLE_COLUMN,
    GUIDE_COLOUR,
    PHASE_COLOURS,
    SINGLE_COLUMN,
    add_numbers,
    add_title,
    engineering,
    label_panel,
    new_figure,
    row_of_panels,
)
from scl_fem.output.names import IMPEDANCE_FILE
from scl_fem.output.tables import read_table
from scl_fem.postprocess.circuit import CIRCUIT_PARAMETERS, two_arcs

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_TINY = 0.25
"""Size of the fast arcs, relative to everything, below which they get a panel of their own."""

_STEEPEST = 2.0
"""-Im Z over Re Z beyond which a spectrum is a capacitor's, which no panel could hold."""

_ROOM = 1.12
"""Size of a panel relative to what it shows."""

_TALLEST = 4.0
"""Height of a panel, inches."""

_HIGHEST_ARC = 0.6
"""Height of any arc relative to its width: half, and some."""

_APART = 0.09
"""Smallest distance between frequencies that are named, relative to the panel's width."""

_FALL = 0.99
"""Re Z rises as the frequency falls; a value below this times the one before is round-off."""

_COLOUR = PHASE_COLOURS["electrolyte"]
_FIT_COLOUR = PHASE_COLOURS["electrode"]

_PREFIXES = {3: "k", 0: "", -3: "m", -6: "µ"}


@dataclass(frozen=True)
class Spectrum:
    """impedance.csv, from high to low frequency.

    Attributes:
        frequency: Hz.
        impedance: complex, ohm cm^2.
    """

    frequency: npt.NDArray[np.float64]
    impedance: npt.NDArray[np.complex128]

    @classmethod
    def read(cls, result: ResultData) -> Spectrum:
        """The spectrum of a result.

        Raises:
            InputError: the file is no spectrum.
        """
        path = result.directory / IMPEDANCE_FILE
        table = read_table(path)
        try:
            frequency, real, imaginary = (
                np.asarray(table[name], dtype=np.float64)
                for name in ("frequency_Hz", "Z_re_ohm_cm2", "Z_im_ohm_cm2")
            )
        except (KeyError, ValueError) as error:
            raise InputError(f"not a spectrum ({error})", file=str(path)) from error
        order = np.argsort(frequency)[::-1]
        return cls(frequency[order], (real + 1j * imaginary)[order])

    def at(self, frequency: npt.NDArray[np.float64]) -> npt.NDArray[np.complex128]:
        """Impedance at other frequencies of the same range, by a smooth curve through the points."""
        from scipy.interpolate import CubicSpline

        # the logarithm is smooth over all decades, and its imaginary part, the phase, does not wrap
        known = np.log(self.frequency[::-1])
        curve = CubicSpline(known, np.log(self.impedance[::-1]))
        return np.exp(curve(np.clip(np.log(frequency), known[0], known[-1])))

    def upto(self, last: int) -> Spectrum:
        """The first points, `last` included."""
        return Spectrum(self.frequency[: last + 1], self.impedance[: last + 1])

    @property
    def resolved(self) -> int:
        """Number of points, from the highest frequency on, whose real part is not lost in round-off.

        Blocking terminals: |Z| grows without bounds towards low frequency while Re Z stays.
        """
        real = self.impedance.real
        lost = np.flatnonzero(real[1:] < _FALL * np.maximum.accumulate(real[:-1]))
        return int(lost[0]) + 1 if lost.size else real.size


@figure("nyquist", IMPEDANCE_FILE)
def draw_nyquist(result: ResultData, note: Note) -> Figure:
    """-Im Z against Re Z; fast arcs that are tiny beside the interface's once more, magnified."""
    spectrum = Spectrum.read(result)
    fit = _fit(result)
    shown = views(spectrum)
    widths, heights = zip(*map(size_of, shown), strict=True)
    tallest = max(height / width for height, width in zip(heights, widths, strict=True))
    column = DOUBLE_COLUMN / 2 if len(shown) > 1 else min(SINGLE_COLUMN + 1.2, _TALLEST / tallest)
    # text above and below, and the panels in proportion
    size = (max(column * len(shown), SINGLE_COLUMN + 0.6), 0.9 + (column - 0.7) * tallest)
    drawn = new_figure(*size, fixed_aspect=True, abreast=len(shown))
    panels = row_of_panels(drawn, len(shown))
    for axes, view, width, height, letter in zip(panels, shown, widths, heights, "ab", strict=False):
        scale = _draw_plane(axes, spectrum, fit, width, height)
        _name_frequencies(axes, view, scale, width, height)
        if len(shown) > 1:
            label_panel(axes, letter)
    panels[0].legend(loc="upper left")
    add_title(drawn, result.title)
    add_numbers(drawn, _numbers(result))
    return drawn


@figure("bode", IMPEDANCE_FILE)
def draw_bode(result: ResultData, note: Note) -> Figure:
    """|Z| with its parts, and the phase, against frequency."""
    spectrum = Spectrum.read(result)
    fit = _fit(result)
    drawn = new_figure(DOUBLE_COLUMN, 2.7, abreast=2)
    size, phase = row_of_panels(drawn, 2)
    frequency, impedance = spectrum.frequency, spectrum.impedance
    size.plot(frequency, np.abs(impedance), color=_COLOUR, label="|Z|")
    count = spectrum.resolved
    size.plot(
        frequency[:count],
        impedance.real[:count],
        "--",
        color=GUIDE_COLOUR,
        linewidth=1.0,
        label="Re Z",
    )
    size.plot(frequency, -impedance.imag, ":", color=GUIDE_COLOUR, linewidth=1.0, label="−Im Z")
    phase.plot(frequency, np.degrees(np.angle(impedance)), color=_COLOUR)
    if fit is not None:
        fitted = two_arcs(frequency, fit)
        style: dict[str, Any] = {"color": _FIT_COLOUR, "linewidth": 1.0, "linestyle": (0, (2, 2))}
        size.plot(frequency, np.abs(fitted), label="two RC elements", **style)
        phase.plot(frequency, np.degrees(np.angle(fitted)), **style)
    size.set(xscale="log", yscale="log", ylabel="Impedance (Ω cm²)", xlim=(frequency[-1], frequency[0]))
    phase.set(
        xscale="log",
        xlim=(frequency[-1], frequency[0]),
        ylabel="Phase (°)",
        ylim=(-95.0, 5.0),
        yticks=range(-90, 1, 15),
    )
    for axes, letter in zip((size, phase), "ab", strict=True):
        axes.set_xlabel("Frequency (Hz)")
        label_panel(axes, letter)
    size.legend(loc="best")
    add_title(drawn, result.title)
    add_numbers(drawn, _numbers(result))
    return drawn


def views(spectrum: Spectrum) -> list[Spectrum]:
    """What the panels of a Nyquist plot show: everything that fits, and the fast arcs if they are tiny.

    Args:
        spectrum: from high to low frequency.

    Returns:
        the points that decide the size of each panel: one or two sets.
    """
    real, height = spectrum.impedance.real, -spectrum.impedance.imag
    last = real.size - 1
    if height[-1] > _STEEPEST * abs(real[-1]):
        # blocking terminals: up to where the capacitor takes over
        bounded = np.flatnonzero((height <= _STEEPEST * real) & (np.arange(real.size) < spectrum.resolved))
        last = int(bounded[-1]) if bounded.size else last
    everything = spectrum.upto(last)
    real, height = real[: last + 1], height[: last + 1]
    valleys = 1 + np.flatnonzero((height[1:-1] < height[:-2]) & (height[1:-1] <= height[2:]))
    tiny = valleys[real[valleys] < _TINY * real.max()]
    return [everything, spectrum.upto(int(tiny[-1]))] if tiny.size else [everything]


def impedance_unit(largest: float) -> tuple[float, str]:
    """What multiplies impedances in ohm cm^2, and the unit that they then are in.

    Args:
        largest: of those shown, ohm cm^2.
    """
    exponent = next((power for power in _PREFIXES if largest >= 0.5 * 10.0**power), -6)
    return 10.0**-exponent, f"{_PREFIXES[exponent]}Ω cm²"


def size_of(view: Spectrum) -> tuple[float, float]:
    """Width and height of what a panel of a Nyquist plot shows, ohm cm^2.

    Args:
        view: from `views`.
    """
    width = float(view.impedance.real.max())
    return width, min(float(-view.impedance.imag.min()), _STEEPEST * width)


def _draw_plane(
    axes: Axes,
    spectrum: Spectrum,
    fit: npt.NDArray[np.float64] | None,
    width: float,
    height: float,
) -> float:
    """One panel of a Nyquist plot, `width` and `height` ohm cm^2 of it; returns what multiplies those."""
    scale, unit = impedance_unit(width)
    width, height = scale * width, scale * height
    z = scale * spectrum.impedance
    axes.plot(z.real, -z.imag, ".", color=_COLOUR, markersize=4.0, label="finite elements", zorder=3)
    dense = np.geomspace(spectrum.frequency[0], spectrum.frequency[-1], 4000)
    between = scale * spectrum.at(dense)
    axes.plot(between.real, -between.imag, color=_COLOUR, linewidth=0.8)
    if fit is not None:
        fitted = scale * two_arcs(dense, fit)
        axes.plot(fitted.real, -fitted.imag, "--", color=_FIT_COLOUR, linewidth=1.0, label="two RC elements")
    left = -(_ROOM - 1.0) * width / 2
    axes.set(xlim=(left, _ROOM * width), ylim=(0.0, (1.35 if fit is None else 1.5) * height), aspect="equal")
    axes.set(xlabel=f"Re Z ({unit})", ylabel=f"−Im Z ({unit})")
    axes.locator_params(nbins=5)
    return scale


def _name_frequencies(axes: Axes, view: Spectrum, scale: float, width: float, height: float) -> None:
    """Mark whole decades of frequency in a panel, those that lie apart enough."""
    highest, lowest = np.log10(view.frequency[[0, -1]])
    decades = 10.0 ** np.arange(np.ceil(lowest - 1e-9), np.floor(highest + 1e-9) + 1)
    z = view.at(decades)
    points = np.stack([z.real, -z.imag], axis=1) / width
    named: list[npt.NDArray[np.float64]] = []
    # the top of an arc is what one looks for: the highest points come first
    for number in np.argsort(-points[:, 1]):
        point = points[number]
        if point[1] * width > 1.001 * height or any(
            np.linalg.norm(point - other) < _APART for other in named
        ):
            continue
        named.append(point)
        place = scale * width * point
        axes.plot(*place, "o", color="black", markersize=3.5, zorder=4)
        # towards the middle of the axis: there is nothing inside an arc; nor at the left of a capacitor
        inwards = np.array([0.5, 0.0]) - point if point[1] < _HIGHEST_ARC else np.array([-1.0, 0.0])
        inwards /= np.linalg.norm(inwards)
        axes.annotate(
            engineering(decades[number], "Hz"),
            place,
            xytext=6.0 * inwards + [0.0, 4.0 * (point[1] < 0.05)],
            textcoords="offset points",
            ha="left" if inwards[0] > 0.3 else "right" if inwards[0] < -0.3 else "center",
            va="top" if inwards[1] < -0.7 else "center",
            fontsize=7.0,
        )


def _fit(result: ResultData) -> npt.NDArray[np.float64] | None:
    """Parameters of the circuit, where it is identifiable."""
    fit = result.summary.get("fit") or {}
    if not fit.get("identifiable"):
        return None
    return np.array([fit[name]["value"] for name in CIRCUIT_PARAMETERS])


def _numbers(result: ResultData) -> list[list[str]]:
    """Columns of numbers: resistances, and what the circuit says."""
    resistances = [
        f"{label} {float(f'{value:.3g}'):g}"
        for name, label in (("bulk", "bulk"), ("interface", "interface"), ("total", "in all"))
        if (value := result.summary.get(f"{name}_resistance_ohm_cm2")) is not None
    ]
    columns = [["Resistance (Ω cm²)", *resistances]] if resistances else []
    fit = result.summary.get("fit") or {}
    if fit.get("identifiable"):
        numbers = [_with_limits(fit, name) for name in CIRCUIT_PARAMETERS]
        columns.append(["Two RC elements in series, with 95 % limits", *numbers])
    elif fit.get("why"):
        columns.append(["No circuit is identifiable:", _why(str(fit["why"]))])
    return columns


def _why(reasons: str) -> str:
    """The first of the reasons why no circuit is identifiable, as it is printed."""
    first, *others = reasons.split("; ")
    for written, printed in (
        ("ohm cm^2", "Ω\N{NO-BREAK SPACE}cm²"),
        ("_ohm_cm2", ""),
        ("_uF_per_cm2", ""),
    ):
        first = first.replace(written, printed)
    more = "; summary.json has more" if others else ""
    return f"{first.replace('_', ' ')}{more}"


def _with_limits(fit: dict[str, Any], name: str) -> str:
    """A parameter as "interface C = 69.14 (68.99 to 69.28) µF cm⁻²"."""
    symbol, unit = ("R", "Ω cm²") if name.endswith("ohm_cm2") else ("C", "µF cm⁻²")
    number = {key: f"{fit[name][key]:.4g}" for key in ("value", "low", "high")}
    place = name.partition("_")[0]
    return f"{place} {symbol} = {number['value']} ({number['low']} to {number['high']}) {unit}"
