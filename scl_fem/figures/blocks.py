"""The fields of a result as VTK grids, read without opening a window."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import numpy as np

from scl_fem.errors import InputError
from scl_fem.figures.style import CONCENTRATION_MAP, POTENTIAL_MAP, name_decades
from scl_fem.mesh.domain import BOTH
from scl_fem.output.names import FIELDS_FILE

if TYPE_CHECKING:
    import pyvista as pv
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

_LOG_FROM = 30.0
"""Ratio of the largest to the smallest value from which a colour scale is logarithmic."""

_DECADES = 6
"""Most that a colour scale shows."""


@dataclass(frozen=True)
class Quantity:
    """A field as the figures show it.

    Attributes:
        name: of the array.
        label: of the colour bar.
        colours: name of the colour map.
        smallest_span: a colour scale shows at least this much, so that round-off does not fill it.
        ratio: whether ratios of the values matter: logarithmic where they span decades, else from zero.
    """

    name: str
    label: str
    colours: str
    smallest_span: float
    ratio: bool = False


_CONCENTRATION = "c_per_nm3"

QUANTITIES = (
    Quantity("phi_V", "Electric potential (V)", POTENTIAL_MAP, smallest_span=0.1),
    Quantity(_CONCENTRATION, "Li concentration (nm⁻³)", CONCENTRATION_MAP, smallest_span=0.1, ratio=True),
    Quantity("tagged_fraction", "Tagged fraction of Li", CONCENTRATION_MAP, smallest_span=0.1),
)

_CARRIER = "occupancy_"
"""Before the name of a carrier, where there are several."""

type Blocks = Mapping[str, pv.DataSet]


def quantities(blocks: Blocks) -> list[Quantity]:
    """What the figures show of the fields that are there, in some phase at least.

    Args:
        blocks: the grids by phase.
    """
    names = dict.fromkeys(name for block in blocks.values() for name in block.point_data)
    return quantities_of(names, blocks)


def quantities_at_all(steps: Sequence[Blocks]) -> list[Quantity]:
    """What the figures show of the fields that are there at all times.

    Args:
        steps: the grids by phase at each time.
    """
    first, *others = (quantities(step) for step in steps)
    return [each for each in first if all(each in step for step in others)]


def quantities_of(names: Iterable[str], phases: Iterable[str]) -> list[Quantity]:
    """What the figures show of some fields: of several carriers the occupancy of each.

    Args:
        names: of the arrays.
        phases: of the cell.
    """
    names = list(names)
    known = [each for each in QUANTITIES if each.name in names]
    carriers = [
        Quantity(name, f"Occupancy\nof {name.removeprefix(_CARRIER)}", CONCENTRATION_MAP, 0.0, ratio=True)
        for name in names
        if name.startswith(_CARRIER)
    ]
    if carriers:
        known = [each for each in known if each.name != _CONCENTRATION]
    elif set(phases) != set(BOTH):
        known = [
            replace(each, label="Concentration (nm⁻³)") if each.name == _CONCENTRATION else each
            for each in known
        ]
    return known + carriers


def read_blocks(directory: Path, time: float | None = None) -> dict[str, pv.UnstructuredGrid]:
    """The grid of each phase with its fields, at one time.

    Args:
        directory: a result folder.
        time: one of `ResultData.output_times`; None: the last.

    Raises:
        InputError: the file is not one of ours.
    """
    import pyvista as pv

    path = directory / FIELDS_FILE
    reader = pv.PVDReader(path)
    reader.set_active_time_value(reader.time_values[-1] if time is None else time)
    parts = [entry.part for entry in reader.active_datasets]
    names = _names_of_parts(path)
    try:
        return {names[part]: block for part, block in sorted(zip(parts, reader.read(), strict=True))}
    except KeyError:
        raise InputError("does not name each of its parts", file=str(path)) from None


def _names_of_parts(path: Path) -> dict[int, str]:
    """The phase of each part of a .pvd, which VTK's reader does not tell."""
    entries = ElementTree.parse(path).iter("DataSet")
    return {int(entry.get("part", "-1")): entry.attrib["name"] for entry in entries if "name" in entry.attrib}


def colour_scale(blocks: Blocks, quantity: Quantity) -> Normalize:
    """The range of colours for a field over all phases.

    Args:
        blocks: the grids.
        quantity: the field.
    """
    return scale_between(*range_of(blocks, quantity), quantity)


def range_of(blocks: Blocks, quantity: Quantity) -> tuple[float, float]:
    """Smallest and largest value of a field over the phases that have it.

    Args:
        blocks: the grids.
        quantity: the field.
    """
    values = np.concatenate(
        [block[quantity.name] for block in blocks.values() if quantity.name in block.point_data]
    )
    return float(np.min(values)), float(np.max(values))


def scale_between(low: float, high: float, quantity: Quantity) -> Normalize:
    """The range of colours for values of a field.

    Args:
        low: the smallest.
        high: the largest.
        quantity: the field.
    """
    from matplotlib.colors import LogNorm, Normalize

    if quantity.ratio and low > 0.0 and high > _LOG_FROM * low:
        return LogNorm(max(low, high / 10**_DECADES), high)
    if quantity.ratio:
        return Normalize(0.0, max(high, quantity.smallest_span) or 1.0)
    missing = max(quantity.smallest_span - (high - low), 0.0)
    return Normalize(low - 0.5 * missing, high + 0.5 * missing)


def add_colour_bar(panels: list[Axes], picture: ScalarMappable, quantity: Quantity) -> None:
    """Put the scale of a row of panels at its right.

    Args:
        panels: the row.
        picture: what was drawn in it; its norm and colours are shown.
        quantity: the field.
    """
    from matplotlib.colors import LogNorm

    bar = panels[0].figure.colorbar(
        picture, ax=panels, label=quantity.label, pad=0.02, fraction=0.05, aspect=18
    )
    bar.outline.set_linewidth(0.7)
    if isinstance(picture.norm, LogNorm):
        name_decades(bar.ax.yaxis, *picture.get_clim())
