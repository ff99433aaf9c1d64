"""The capacitance of a contact as Mott and Schottky draw it: 1/C^2 against the potential."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def is_of_contact(quantity: str, key: str) -> bool:
    """Whether a number is the capacitance of the contact whose potential a key is.

    Args:
        quantity: its name in summary.json, nested keys joined with dots.
        key: dotted path into the case file.
    """
    contact = quantity.removeprefix("contacts.").removesuffix(".capacitance_uF_per_cm2")
    return contact != quantity and key == f"boundary.{contact}.potential"


def draw_inverse_square(
    axes: Axes, potential: npt.NDArray[np.float64], capacitance: npt.NDArray[np.float64], **look: Any
) -> None:
    """1/C^2 on a linear axis, from zero: a straight line where a layer holds one density of charge.

    Args:
        axes: where.
        potential: (n,) V.
        capacitance: (n,) uF/cm^2; nan or 0 where there is none.
        look: of the curve.
    """
    there = capacitance > 0.0
    inverse = np.divide(1.0, capacitance**2, out=np.full_like(capacitance, np.nan), where=there)
    axes.plot(potential, inverse, **look)
    axes.set_ylim(bottom=0.0)
    axes.set_ylabel("1/C² (cm⁴/µF²)")
