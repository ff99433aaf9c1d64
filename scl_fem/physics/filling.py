"""How a rate follows the occupancy of a carrier: x^a (1 - x)^b over what it is in the neutral bulk.

It is computed in logarithms, ln(x/x_0) and ln((1 - x)/(1 - x_0)), from the coordinates of the carrier's law,
in which both x and 1 - x are exact however small they are. What is vacant is 1 - x on sites of a lattice, the
share of the sites that nobody takes where carriers share them, and always 1 for `dilute` and `fermi`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from scl_fem.physics.carrier import Fillings
from scl_fem.physics.interface import SideState
from scl_fem.physics.phase import Phase
from scl_fem.physics.types import Array

_SMALLEST = 1e-300
"""Of x and 1 - x: only stray iterates get there."""


class LogFactor(NamedTuple):
    """The logarithm of a factor, and its derivative.

    Attributes:
        value: (n,).
        by_w: (n_components, n) by the chemical potentials of the side, 1/eV.
    """

    value: Array
    by_w: Array


class Filling(NamedTuple):
    """How full the sites of one carrier are, and what that changes by.

    Attributes:
        occupancy: (n,) x.
        vacancy: (n,) what is vacant.
        occupancy_by_w: (n_components, n) dx/dw in 1/eV.
        vacancy_by_w: of what is vacant.
    """

    occupancy: Array
    vacancy: Array
    occupancy_by_w: Array
    vacancy_by_w: Array


def filling(phase: Phase, carrier: int, etas: Array) -> Filling:
    """How full the sites of a carrier are.

    Args:
        phase: of the carrier.
        carrier: its number.
        etas: (n_carriers, n) coordinates of the carriers' laws.
    """
    numbers, sites = phase.sites_of(carrier)
    found: Fillings = sites.fillings(etas[numbers])
    row = numbers.index(carrier)
    by_w = np.zeros((2, len(phase.components), *found.vacancy.shape))
    for column, number in enumerate(numbers):
        other = phase.carriers[number]
        place = phase.components.index(other.component)
        by_w[0, place] += other.amount * found.slopes[row, column]
        by_w[1, place] += other.amount * found.vacancy_slopes[column]
    return Filling(found.occupancies[row], found.vacancy, by_w[0], by_w[1])


@dataclass(frozen=True)
class FillingFactor:
    """x^a (1 - x)^b of one side of an interface, over what it is in the neutral bulk.

    Attributes:
        carrier: number of the carrier in its phase.
        of_occupancy: a.
        of_vacancy: b.
    """

    carrier: int
    of_occupancy: float
    of_vacancy: float

    def logarithm(self, side: SideState) -> LogFactor:
        """Its logarithm, 0 in the neutral bulk.

        Args:
            side: of the interface.
        """
        here = filling(side.phase, self.carrier, side.state.etas)
        bulk = filling(side.phase, self.carrier, np.zeros((len(side.phase.carriers), 1)))
        value, by_w = np.zeros_like(here.vacancy), np.zeros_like(here.vacancy_by_w)
        for order, share, of_bulk, slopes in (
            (self.of_occupancy, here.occupancy, bulk.occupancy, here.occupancy_by_w),
            (self.of_vacancy, here.vacancy, bulk.vacancy, here.vacancy_by_w),
        ):
            if order:
                share = np.maximum(share, _SMALLEST)
                value += order * (np.log(share) - np.log(np.maximum(of_bulk, _SMALLEST)))
                by_w += order * slopes / share
        return LogFactor(value, by_w)
