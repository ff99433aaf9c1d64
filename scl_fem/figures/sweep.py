"""A quantity against the keys that a sweep varies: a curve, several, or a map."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from scl_fem.figures.curves import LOG_FROM, add_key, dash, distinct, set_value_axis
from scl_fem.figures.looks import current_look
from scl_fem.figures.mott_schottky import draw_inverse_square, is_of_contact
from scl_fem.figures.style import (
    CONCENTRATION_MAP,
    DOUBLE_COLUMN,
    GUIDE_COLOUR,
    PHASE_COLOURS,
    SINGLE_COLUMN,
    add_title,
    name_decades,
    new_figure,
    row_of_panels,
    with_subscripts,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DECADES = 8
"""Most that the colours of a map span."""

_MOST_CURVES = 6
"""With more values than this of both keys a map shows more than curves."""

_HEIGHT = 2.7
_DARKEST, _LIGHTEST = 0.0, 0.85
"""Part of the map that shows on white."""

_MARKERS: dict[str, Any] = {"marker": "o", "markersize": 3.5, "markeredgewidth": 0.0}
_NOTHING_COLOUR = "#D9D9D9"
"""Points of a map that have no value."""

# Tables of a case file whose name says nothing that the key does not; a side's or a material's name does.
_OUTER_TABLES = {"phase", "materials", "mesh", "boundary", "interface", "study", "solver", "output"}

# Units as they stand in names of numbers, the longer of two that fit first.
_UNITS = {
    "uF_per_cm2": "µF/cm²",
    "mA_per_cm2": "mA/cm²",
    "e_per_nm2": "e/nm²",
    "V_per_nm": "V/nm",
    "S_per_cm": "S/cm",
    "per_nm3": "nm⁻³",
    "ohm_cm2": "Ω cm²",
    "eV": "eV",
    "nm": "nm",
    "Hz": "Hz",
    "mV": "mV",
    "V": "V",
    "K": "K",
    "s": "s",
}
_POWERS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Swept:
    """One key of a sweep.

    Attributes:
        key: dotted path into the case file.
        values: numbers in the unit, or words.
        unit: None or "" where there is none.
    """

    key: str
    values: tuple[Any, ...]
    unit: str | None

    @property
    def label(self) -> str:
        """For an axis: Electrode voltage (V)."""
        *tables, name = self.key.split(".")
        words = [table for table in tables if table not in _OUTER_TABLES]
        text = " ".join([*words, name.replace("_", " ")])
        return _labelled(text, printed_unit(self.unit or ""))

    @property
    def is_numeric(self) -> bool:
        """Whether the values have places on an axis of numbers."""
        return all(isinstance(value, int | float) and not isinstance(value, bool) for value in self.values)

    @property
    def places(self) -> npt.NDArray[np.float64]:
        """Where the values lie on an axis: words side by side."""
        return np.array(self.values if self.is_numeric else range(len(self.values)), dtype=np.float64)

    @property
    def is_logarithmic(self) -> bool:
        """Whether the values are spread by ratios rather than differences."""
        places = np.sort(self.places)
        if not self.is_numeric or len(places) < 3 or places[0] <= 0.0 or places[-1] < LOG_FROM * places[0]:
            return False
        middle = float(np.median(places))
        return abs(np.log(middle / np.sqrt(places[0] * places[-1]))) < abs(
            np.log(middle / (0.5 * (places[0] + places[-1])))
        )


def draw_sweep(
    keys: Sequence[Swept], quantity: str, values: npt.NDArray[np.float64], title: str, remark: str = ""
) -> Figure:
    """Draw a quantity against one or two keys.

    Args:
        keys: one or two.
        quantity: its name in summary.json, nested keys joined with dots.
        values: (n,) or (n, m), with an axis for each key; nan where a point has no value.
        title: above the figure; chemical formulas get their subscripts.
        remark: a line below the title.

    Raises:
        ValueError: there are no or more than two keys.
    """
    if len(keys) == 1:
        drawn = _draw_curves(keys[0], None, quantity, values[:, np.newaxis])
    elif len(keys) == 2 and _as_map(keys[0], keys[1]):
        drawn = _draw_map(keys[0], keys[1], quantity, values)
    elif len(keys) == 2:
        across = _across(keys[0], keys[1])
        drawn = _draw_curves(keys[across], keys[1 - across], quantity, values if across == 0 else values.T)
    else:
        raise ValueError(f"a figure shows one or two keys, not {len(keys)}")
    add_title(drawn, title, remark)
    return drawn


def quantity_label(quantity: str) -> str:
    """A number of summary.json for an axis.

    >>> quantity_label("electrode.layer_resistance_ohm_cm2")
    'Electrode layer resistance (Ω cm²)'
    """
    words, unit = [], ""
    for part in quantity.removeprefix("contacts.").split("."):
        found = next((each for each in _UNITS if part.endswith(f"_{each}")), None)
        if found is not None:
            unit, part = _UNITS[found], part.removesuffix(f"_{found}")
        words.append(part.replace("_", " "))
    return _labelled(" ".join(words), unit)


def _as_map(first: Swept, second: Swept) -> bool:
    return min(len(first.values), len(second.values)) > _MOST_CURVES


def _across(first: Swept, second: Swept) -> int:
    """Which of two keys goes along the axis: the one that is a number, or has more values."""
    if first.is_numeric != second.is_numeric:
        return int(second.is_numeric)
    return int(len(second.values) > len(first.values))


def draw_sweeps_together(
    keys: Sequence[Swept],
    names: Sequence[str],
    quantity: str,
    values: Sequence[npt.NDArray[np.float64]],
    title: str,
) -> Figure:
    """Draw a quantity of several sweeps over the same key, a curve each.

    Args:
        keys: the key with the values of each sweep; numbers.
        names: of the sweeps.
        quantity: its name in summary.json.
        values: (n,) of each sweep; nan where a point has no value.
        title: above the figure.
    """
    figure = new_figure(SINGLE_COLUMN + 1.4, _HEIGHT + 0.3)
    axes = figure.subplots()
    lines = [
        _Line(with_subscripts(name), look, key.places, each)
        for name, look, key, each in zip(names, distinct(len(names)), keys, values, strict=True)
    ]
    _draw_lines(axes, lines)
    everything = sorted({value for key in keys for value in key.values})
    _set_key_axis(axes, "x", Swept(keys[0].key, tuple(everything), keys[0].unit))
    axes.set_ylabel(quantity_label(quantity))
    add_key(figure, *axes.get_legend_handles_labels())
    add_title(figure, title)
    return figure


@dataclass(frozen=True)
class _Line:
    """A curve of a sweep.

    Attributes:
        label: in the legend; None: not there.
        look: colour and dash.
        across: (n,) places on the axis.
        values: (n,) nan where there is none.
    """

    label: str | None
    look: dict[str, Any]
    across: npt.NDArray[np.float64]
    values: npt.NDArray[np.float64]

    def sorted(self) -> _Line:
        """The same from left to right."""
        order = np.argsort(self.across)
        return _Line(self.label, self.look, self.across[order], self.values[order])


def _draw_curves(
    key: Swept, parameter: Swept | None, quantity: str, values: npt.NDArray[np.float64]
) -> Figure:
    """Curves against a key, one for each value of a parameter."""
    # a legend beside the panel takes half of a narrow figure
    beside = parameter is not None and current_look().columns > 1
    inverse = is_of_contact(quantity, key.key)
    width = DOUBLE_COLUMN if inverse else SINGLE_COLUMN + (1.4 if beside else 0.6)
    figure = new_figure(width, _HEIGHT, abreast=1 + inverse)
    axes, *others = row_of_panels(figure, 1 + inverse)
    lines = [
        _Line(label, look, key.places, curve).sorted()
        for curve, (label, look) in zip(values.T, _curves(parameter), strict=True)
    ]
    _draw_lines(axes, lines)
    axes.set_ylabel(quantity_label(quantity))
    for panel in others:
        for line in lines:
            draw_inverse_square(panel, line.across, line.values, **line.look, **_MARKERS)
    for panel in (axes, *others):
        _set_key_axis(panel, "x", key)
    if parameter is not None:
        title = with_subscripts(parameter.label)
        place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0)} if beside else {}
        axes.legend(title=title, handlelength=2.6, **place)
    elif axes.get_legend_handles_labels()[1]:
        axes.legend()
    return figure


def _draw_lines(axes: Axes, lines: Sequence[_Line]) -> None:
    """Curves, the scale of their axis, and marks where a point has no value or one that the scale has not."""
    lines = [line.sorted() for line in lines]
    scale = set_value_axis(axes, np.concatenate([line.values for line in lines]))
    for line in lines:
        there = not np.isnan(line.values).all()
        label = line.label if there or line.label is None else f"{line.label}: no result"
        axes.plot(line.across, line.values, label=label, **line.look, **_MARKERS)
    present = [line for line in lines if not np.isnan(line.values).all()]
    missing = np.concatenate([line.across[np.isnan(line.values)] for line in present])
    _mark(axes, missing, "no result", marker="x", markersize=4.0)
    if scale == "log":
        zeros = np.concatenate([line.across[line.values == 0.0] for line in present])
        _mark(axes, zeros, "zero", marker="o", markersize=4.0, markerfacecolor="white")


def _draw_map(first: Swept, second: Swept, quantity: str, values: npt.NDArray[np.float64]) -> Figure:
    """Colours over the plane of two keys."""
    import matplotlib
    from matplotlib.colors import LogNorm, Normalize

    figure = new_figure(0.65 * DOUBLE_COLUMN, 0.5 * DOUBLE_COLUMN)
    axes = figure.subplots()
    rows, columns = np.argsort(first.places), np.argsort(second.places)
    low, high = _limits(values)
    smallest = max(float(np.min(values[values > 0.0], initial=np.inf)), high / 10**_DECADES)
    decades = low >= 0.0 and _spans_decades(smallest, high)
    if decades:  # what is smaller, or zero, has the colour of the low end
        values = np.maximum(values, smallest)
    shades = matplotlib.colormaps[CONCENTRATION_MAP].with_extremes(bad=_NOTHING_COLOUR)
    cells = np.ma.masked_invalid(values[np.ix_(rows, columns)].T)
    image = axes.pcolormesh(
        _borders(first.places[rows], first.is_logarithmic),
        _borders(second.places[columns], second.is_logarithmic),
        cells,
        norm=LogNorm(smallest, high) if decades else Normalize(low, high),
        cmap=shades,
        edgecolors="face",
        linewidth=0.1,
    )
    _set_key_axis(axes, "x", first)
    _set_key_axis(axes, "y", second)
    figure.colorbar(
        image,
        ax=axes,
        label=quantity_label(quantity),
        extend="min" if decades and low < smallest else "neither",
    )
    if np.isnan(values).any():
        from matplotlib.patches import Patch

        figure.legend(
            handles=[Patch(color=_NOTHING_COLOUR, label="no result")], loc="outside lower right", fontsize=7.0
        )
    return figure


def _curves(parameter: Swept | None) -> list[tuple[str | None, dict[str, Any]]]:
    """Label, and colour and dash, of each curve."""
    import matplotlib

    if parameter is None:
        return [(None, {"color": PHASE_COLOURS["electrolyte"]})]
    shades = np.linspace(_DARKEST, _LIGHTEST, len(parameter.values))
    colours = matplotlib.colormaps[CONCENTRATION_MAP](shades)
    labels = [
        f"{value:g}" if parameter.is_numeric else with_subscripts(str(value)) for value in parameter.values
    ]
    return [
        (label, {"color": colour, "linestyle": dash(number)})
        for number, (label, colour) in enumerate(zip(labels, colours, strict=True))
    ]


def _mark(axes: Axes, across: npt.NDArray[np.float64], label: str, **marker: Any) -> None:
    """Marks on the lower edge."""
    if not across.size:
        return
    places = np.unique(across)
    axes.plot(
        places,
        np.zeros(places.size),
        linestyle="none",
        color=GUIDE_COLOUR,
        transform=axes.get_xaxis_transform(),
        clip_on=False,
        zorder=5,
        label=label,
        **marker,
    )


def _set_key_axis(axes: Axes, name: str, key: Swept) -> None:
    """Scale, ticks and label of the axis of a key.

    Args:
        axes: where.
        name: "x" or "y".
        key: the key.
    """
    axes.set(**{f"{name}label": with_subscripts(key.label)})
    axis = axes.xaxis if name == "x" else axes.yaxis
    if not key.is_numeric:
        axis.set_ticks(key.places, [with_subscripts(str(value)) for value in key.values])
        axis.set_tick_params(which="both", length=0.0)
    elif key.is_logarithmic:
        axes.set(**{f"{name}scale": "log"})
        name_decades(axis, float(key.places.min()), float(key.places.max()))


def _limits(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Smallest and largest value that is there."""
    return float(np.nanmin(values)), float(np.nanmax(values))


def _spans_decades(low: float, high: float) -> bool:
    return low > 0.0 and high > LOG_FROM * low


def _borders(places: npt.NDArray[np.float64], logarithmic: bool) -> npt.NDArray[np.float64]:
    """(n + 1,) borders of cells around n places in order, halfway between them (by ratio or difference)."""
    if logarithmic:
        return np.exp(_borders(np.log(places), logarithmic=False))
    middles = 0.5 * (places[1:] + places[:-1])
    return np.concatenate([[2.0 * places[0] - middles[0]], middles, [2.0 * places[-1] - middles[-1]]])


def _labelled(text: str, unit: str) -> str:
    """Words and unit with a capital letter at the start, unless that would change a name."""
    capital = text[:1].upper() + text[1:]
    return f"{capital} ({unit})" if unit else capital


def printed_unit(unit: str) -> str:
    """A unit of a case file as it is printed: cm²/s, nm⁻³.

    >>> printed_unit("1/nm^3")
    'nm⁻³'
    """
    text = re.sub(r"^1/(\w+)\^(\d+)$", r"\1^-\2", unit)
    return re.sub(r"\^(-?\d+)", lambda power: power[1].translate(_POWERS), text).replace("ohm", "Ω")
