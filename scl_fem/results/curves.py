"""The curve of a result in axes that are there: several results in one figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from scl_fem.errors import InputError, unknown_name
from scl_fem.output.names import DECAY_FILE, HISTORY_FILE, IMPEDANCE_FILE, PROFILE_FILE
from scl_fem.output.tables import Column
from scl_fem.results.drawing import default_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from scl_fem.results.result import Result

type Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """What a figure shows first of all.

    Attributes:
        file: table that holds it.
        across: values along the axis, of its columns.
        up: values above.
        labels: of the two axes, with the unit.
        scales: of the two axes.
        equal: whether a length means the same on both.
    """

    file: str
    across: Callable[[Mapping[str, Any]], Values]
    up: Callable[[Mapping[str, Any]], Values]
    labels: tuple[str, str]
    scales: tuple[Literal["linear", "log"], Literal["linear", "log"]] = ("linear", "linear")
    equal: bool = False


CURVES: dict[str, Curve] = {
    "profiles": Curve(
        PROFILE_FILE,
        lambda table: table["z_nm"],
        lambda table: table["c_per_nm3"],
        ("Distance from the interface (nm)", "Li concentration (nm⁻³)"),
    ),
    "conductivity": Curve(
        PROFILE_FILE,
        lambda table: table["z_nm"],
        lambda table: table["sigma_S_per_cm"],
        ("Distance from the interface (nm)", "Conductivity (S cm⁻¹)"),
        ("linear", "log"),
    ),
    "nyquist": Curve(
        IMPEDANCE_FILE,
        lambda table: table["Z_re_ohm_cm2"],
        lambda table: -table["Z_im_ohm_cm2"],
        ("Re Z (Ω cm²)", "−Im Z (Ω cm²)"),
        equal=True,
    ),
    "bode": Curve(
        IMPEDANCE_FILE,
        lambda table: table["frequency_Hz"],
        lambda table: np.hypot(table["Z_re_ohm_cm2"], table["Z_im_ohm_cm2"]),
        ("Frequency (Hz)", "|Z| (Ω cm²)"),
        ("log", "log"),
    ),
    "history": Curve(
        HISTORY_FILE,
        lambda table: table["time_s"][1:],
        lambda table: table["layer_charge_e_per_nm2"][1:],
        ("Time (s)", "Layer charge (e nm⁻²)"),
        ("log", "linear"),
    ),
    "decay": Curve(
        DECAY_FILE,
        lambda table: table["time_s"][1:],
        lambda table: table["exchanged"][1:],
        ("Mixing time (s)", "Exchanged fraction"),
        ("log", "linear"),
    ),
}
CURVES["stack"] = replace(CURVES["profiles"], labels=("z (nm)", "Concentration (nm⁻³)"))
"""By the name of the figure."""


def draw_curve(
    result: Result, name: str | None, axes: Axes, *, label: str | None, color: str | None
) -> Figure:
    """Add the curve of a result to axes, which get its labels and scales.

    Args:
        result: of a study.
        name: one of `CURVES`; None: the one that shows most of the study.
        axes: where.
        label: of the curve, for a legend; the title of the case unless given.
        color: of the curve.

    Raises:
        InputError: there is no such curve, or the study has nothing to show in it.
    """
    from matplotlib.figure import Figure

    name = name or default_figure(result)
    if name not in CURVES:
        raise unknown_name("curve", name, CURVES)
    curve = CURVES[name]
    if curve.file not in result.tables:
        raise InputError(
            f"a result of kind '{result.summary.get('study')}' has no curve '{name}'",
            allowed=", ".join(each for each in CURVES if CURVES[each].file in result.tables),
        )
    table: Mapping[str, Column] = result.tables[curve.file]
    label = label or str(result.summary.get("title") or "")
    axes.plot(curve.across(table), curve.up(table), label=label, color=color)
    axes.set(xlabel=curve.labels[0], ylabel=curve.labels[1])
    axes.set_xscale(curve.scales[0])
    axes.set_yscale(curve.scales[1])
    if curve.equal:
        axes.set_aspect("equal", adjustable="datalim")
    figure = axes.figure
    while not isinstance(figure, Figure):  # a part of a figure
        figure = figure.figure
    return figure
