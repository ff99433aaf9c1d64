"""Chemical potential of ions from a measured open-circuit curve, and its inverse.

    mu(x) = -e U(x)

Entropy and interactions are in U already: nothing is added. Between its points the table is read
linearly, as everywhere: it is the curve that a phase's voltage is taken from. Alone, that would
leave d(mu)/dx of a bulk whose x_0 is a point of the table to round-off. So its corners are
rounded: d(mu)/dx is constant along an interval but for a ramp at each end, 1/200 of the interval
wide, to a value that the two intervals at the point share. mu is then quadratic in x piece by
piece, goes through every point, rises wherever the table falls, has a continuous derivative, and
is inverted in closed form.

Beyond its ends the curve goes on as the ideal solution, kT ln(x/(1-x)), through the last point:
in the logit excess a straight line, exact however small x or 1-x. The ramp at an end of the table
leads to the slope of that, kT/(x (1-x)), so that d(mu)/dx has no jump there either, unless it is
more than 100 times that of the interval (a table that ends on a plateau): there it jumps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from scl_fem.errors import InputError
from scl_fem.physics.blocks import by_blocks
from scl_fem.physics.lattice import Lattice, Sites, logit, relative_entropy
from scl_fem.physics.types import Array

_RAMP = 0.005
"""Width of the ramp of d(mu)/dx at each end of an interval, of its length."""

_STEEPEST = 0.5 / _RAMP
"""Most that d(mu)/dx at a point may be, of that of an interval beside it: the ramps then take at
most half of the interval's change of mu, and d(mu)/dx between them is positive."""


class _Tail(NamedTuple):
    """The ideal solution beyond an end of the table, counted from there; from the bulk if that is beyond.

    Attributes:
        start: eta where it begins.
        logit_excess: eta that it is counted from.
        occupancy: x there.
        excess: x - x_0 there.
        energy: u there, eV.
        cost: integral of u dx from the bulk to there, eV.
    """

    start: float
    logit_excess: float
    occupancy: float
    excess: float
    energy: float
    cost: float


@dataclass(frozen=True)
class _Pieces:
    """|u| as a quadratic in |x - x_near| from each breakpoint to the next, x_0 one of them.

    Moduli, counted outwards from the bulk, so that no sum cancels; in the order of x.

    Attributes:
        logit_excess: (pieces + 1,) eta at the breakpoints.
        energy: (pieces + 1,) u there, signed, eV.
        sign: of x - x_0 in each piece.
        near_excess: |x - x_0| where the piece begins, at its end that is nearer to the bulk.
        near_left: what is left there of the way to the full (1 - x) or the empty lattice (x).
        near_energy: |u| there, eV.
        near_cost: integral of u dx from the bulk to there, eV.
        slope: d(mu)/dx there, eV.
        bend: half of its change outwards per |x|, eV.
    """

    logit_excess: Array
    energy: Array
    sign: Array
    near_excess: Array
    near_left: Array
    near_energy: Array
    near_cost: Array
    slope: Array
    bend: Array

    @staticmethod
    def holding(breaks: Array, values: Array) -> npt.NDArray[np.intp]:
        """The piece between whose breakpoints each value lies; the first and the last one reach on."""
        return np.clip(np.searchsorted(breaks, values, side="right") - 1, 0, breaks.size - 2)


@dataclass(frozen=True)
class OpenCircuitThermodynamics(Lattice):
    """A species whose chemical potential is that of an open-circuit curve.

    Attributes:
        table_occupancy: x of the table, increasing, between 0 and 1; two or more.
        table_voltage: U at each, V; must fall, or the phase separates.
    """

    table_occupancy: tuple[float, ...]
    table_voltage: tuple[float, ...]

    @property
    def bulk_voltage(self) -> float:
        """U at x_0, V: linear between the points, beyond them the ideal solution."""
        occupancy, voltage = self.table_occupancy, self.table_voltage
        beyond = self.bulk_logit - min(max(self.bulk_logit, logit(occupancy[0])), logit(occupancy[-1]))
        return float(np.interp(self.bulk_occupancy, occupancy, voltage)) - self.thermal_energy * beyond

    @property
    def reaches_bulk(self) -> bool:
        """Whether x_0 lies within the table."""
        return self.table_occupancy[0] <= self.bulk_occupancy <= self.table_occupancy[-1]

    def energy(self, logit_excess: Array) -> Array:
        """u = mu(x) - mu(x_0) in eV at eta."""
        eta = np.asarray(logit_excess, dtype=np.float64)
        piece, distance = self._place(eta, self.sites(eta))
        table = self._pieces
        modulus = table.near_energy[piece] + distance * (table.slope[piece] + distance * table.bend[piece])
        low, high = self._tails
        return self._by_part(
            eta,
            low.energy + self.thermal_energy * (eta - low.logit_excess),
            table.sign[piece] * modulus,
            high.energy + self.thermal_energy * (eta - high.logit_excess),
        )

    def energy_slope(self, logit_excess: Array) -> Array:
        """du/d(eta) in eV: x (1-x) d(mu)/dx within the table, kT beyond."""
        eta = np.asarray(logit_excess, dtype=np.float64)
        sites = self.sites(eta)
        within = sites.occupancy * sites.vacancy * self._slope(eta, sites)
        ideal = np.full_like(eta, self.thermal_energy)
        return self._by_part(eta, ideal, within, ideal)

    def occupancy_slope(self, logit_excess: Array) -> Array:
        """dx/d(mu) in 1/eV: the reaction coefficient of the linearised Poisson equation."""
        eta = np.asarray(logit_excess, dtype=np.float64)
        sites = self.sites(eta)
        ideal = sites.occupancy * sites.vacancy / self.thermal_energy
        return self._by_part(eta, ideal, 1.0 / self._slope(eta, sites), ideal)

    def excess_and_slope(self, logit_excess: Array) -> tuple[Array, Array]:
        """x - x_0 and dx/d(mu) at eta."""
        return self.excess(logit_excess), self.occupancy_slope(logit_excess)

    def about(self, occupancy: float, excess: float) -> Self:
        """The same curve about another bulk.

        Args:
            occupancy: of that.
            excess: by how much it is above this one: the curve needs none of it.
        """
        return replace(self, bulk_occupancy=occupancy)

    def free_energy(self, logit_excess: Array) -> Array:
        """Integral of u dx from x_0, in eV per site: the cost of changing the occupancy.

        Convex and not negative where the table falls.
        """
        eta = np.asarray(logit_excess, dtype=np.float64)
        sites = self.sites(eta)
        piece, s = self._place(eta, sites)
        table = self._pieces
        within = table.near_cost[piece] + s * (
            table.near_energy[piece] + s * (table.slope[piece] / 2.0 + s * table.bend[piece] / 3.0)
        )
        low, high = (self._tail_cost(tail, eta, sites) for tail in self._tails)
        return self._by_part(eta, low, within, high)

    def logit_excess(self, energy: Array) -> Array:
        """The inverse of `energy`: eta at u = mu - mu(x_0), in closed form.

        Args:
            energy: u in eV, any shape.

        Returns:
            eta of the same shape, to round-off (relative to eta).

        Raises:
            InputError: the voltage does not fall everywhere (the phase separates).
        """
        self.check_stable()
        wanted = np.asarray(energy, dtype=np.float64)
        return by_blocks(self._inverse, wanted.ravel()).reshape(wanted.shape)

    def check_stable(self) -> None:
        """Refuse a table that does not fall everywhere: there mu alone does not fix x.

        Raises:
            InputError: says between which points.
        """
        points = zip(self.table_occupancy, self.table_voltage, strict=True)
        wrong = [(low, high) for low, high in pairwise(points) if high[1] >= low[1]]
        if not wrong:
            return
        (start, before), (stop, after) = wrong[0]
        how = "is flat" if before == after else "rises"
        more = f", and between {len(wrong) - 1} more pairs of points" if len(wrong) > 1 else ""
        raise InputError(
            f"the open-circuit curve {how} from x = {start:.6g} ({before:.6g} V) to x = {stop:.6g} "
            f"({after:.6g} V){more}: there the phase separates (a plateau), or the data scatter, and the "
            "voltage does not tell x",
            allowed="a voltage that falls from each point to the next (leave out points that scatter, and a "
            'plateau of two phases with all beyond it), or thermodynamics = "regular-solution"',
        )

    def _inverse(self, energy: Array) -> Array:
        table = self._pieces
        piece = table.holding(table.energy, energy)
        slope, near_energy = table.slope[piece], table.near_energy[piece]
        rise = np.maximum(np.abs(np.clip(energy, *table.energy[[0, -1]])) - near_energy, 0.0)
        # the root of rise = slope s + bend s^2, without cancellation
        root = np.sqrt(np.maximum(slope**2 + 4.0 * table.bend[piece] * rise, 0.0))
        within = self._eta_at(piece, 2.0 * rise / (slope + root))
        low, high = self._tails
        below = low.logit_excess + (energy - low.energy) / self.thermal_energy
        above = high.logit_excess + (energy - high.energy) / self.thermal_energy
        first, last = table.energy[[0, -1]]
        return np.where(energy < first, below, np.where(energy > last, above, within))

    def _eta_at(self, piece: npt.NDArray[np.intp], distance: Array) -> Array:
        """eta so far outwards from the near end of a piece."""
        table = self._pieces
        rising = table.sign[piece] > 0.0
        vacant = 1.0 - self.bulk_occupancy
        left_of_bulk = np.where(rising, vacant, self.bulk_occupancy)
        taken_of_bulk = np.where(rising, self.bulk_occupancy, vacant)
        excess = table.near_excess[piece] + distance
        # What is left is counted from the bulk near it, and from the end of the piece far from it.
        share = (table.near_left[piece] - distance) / left_of_bulk
        near = share > 0.5
        log_share = np.where(
            near,
            np.log1p(-np.where(near, excess / left_of_bulk, 0.0)),
            np.log(np.maximum(share, np.finfo(np.float64).tiny)),
        )
        eta = table.sign[piece] * (np.log1p(excess / taken_of_bulk) - log_share)
        return np.clip(eta, table.logit_excess[piece], table.logit_excess[piece + 1])

    def _place(self, eta: Array, sites: Sites) -> tuple[npt.NDArray[np.intp], Array]:
        """The piece that holds each point, and how far outwards in it; beyond the table 0."""
        table = self._pieces
        piece = table.holding(table.logit_excess, eta)
        rising = table.sign[piece] > 0.0
        left = np.where(rising, sites.vacancy, sites.occupancy)
        left_of_bulk = np.where(rising, 1.0 - self.bulk_occupancy, self.bulk_occupancy)
        from_bulk = np.abs(sites.excess) - table.near_excess[piece]
        distance = np.where(left > 0.5 * left_of_bulk, from_bulk, table.near_left[piece] - left)
        within = (eta >= table.logit_excess[0]) & (eta <= table.logit_excess[-1])
        return piece, np.where(within, np.maximum(distance, 0.0), 0.0)

    def _slope(self, eta: Array, sites: Sites) -> Array:
        """d(mu)/dx within the table, eV."""
        piece, distance = self._place(eta, sites)
        slope: Array = self._pieces.slope[piece] + 2.0 * distance * self._pieces.bend[piece]
        return slope

    def _by_part(self, eta: Array, below: Array, within: Array, above: Array) -> Array:
        """Values by where eta lies: below the table, within, above."""
        low, high = self._tails
        return np.where(eta < low.start, below, np.where(eta > high.start, above, within))

    def _tail_cost(self, tail: _Tail, eta: Array, sites: Sites) -> Array:
        mixing = relative_entropy(tail.occupancy, eta - tail.logit_excess, sites.occupancy)
        return tail.cost + tail.energy * (sites.excess - tail.excess) + self.thermal_energy * mixing

    @property
    def _pieces(self) -> _Pieces:
        return self._curve[0]

    @property
    def _tails(self) -> tuple[_Tail, _Tail]:
        """Below the table, and above."""
        return self._curve[1:]

    @cached_property
    def _curve(self) -> tuple[_Pieces, _Tail, _Tail]:
        """The table and what lies beyond it, counted from the bulk."""
        bulk = self.bulk_occupancy
        x, slope = _breakpoints(self.table_occupancy, self.table_voltage, self.thermal_energy)
        if x[0] < bulk < x[-1] and bulk not in x:
            place = np.searchsorted(x, bulk)
            x, slope = np.insert(x, place, bulk), np.insert(slope, place, np.interp(bulk, x, slope))
        falling, rising = x <= bulk, x >= bulk
        below, energy_below, cost_below = self._outwards(-1.0, x[falling][::-1], slope[falling][::-1])
        above, energy_above, cost_above = self._outwards(1.0, x[rising], slope[rising])
        shared = int(bool(falling.any() and rising.any()))
        energy = np.concatenate([energy_below[::-1], energy_above[shared:]])
        cost = np.concatenate([cost_below[::-1], cost_above[shared:]])
        eta = self._logit_excess_of(x)
        ends = (
            _Tail(
                float(eta[end]), float(eta[end]), float(x[end]), float(x[end] - bulk), energy[end], cost[end]
            )
            for end in (0, -1)
        )
        low, high = (
            _Tail(tail.start, 0.0, bulk, 0.0, 0.0, 0.0) if outwards * tail.start < 0.0 else tail
            for outwards, tail in zip((-1.0, 1.0), ends, strict=True)
        )
        return _Pieces(eta, energy, *np.concatenate([below[:, ::-1], above], axis=1)), low, high

    def _outwards(self, sign: float, x: Array, slope: Array) -> tuple[Array, Array, Array]:
        """One side of the bulk.

        Args:
            sign: of x - x_0.
            x: (n,) breakpoints outwards from the bulk; or from where the table begins, far from it.
            slope: (n,) d(mu)/dx there.

        Returns:
            (7, n - 1) what `_Pieces` holds of each piece from `sign` on, outwards; (n,) u and (n,) the
            integral of u dx at the breakpoints.
        """
        width = np.abs(np.diff(x))
        bend = 0.5 * np.diff(slope) / width
        start = self._logit_excess_of(x[:1])
        modulus = np.cumsum(
            np.concatenate([self.thermal_energy * np.abs(start), width * (slope[:-1] + width * bend)])
        )
        costs = width * (modulus[:-1] + width * (slope[:-1] / 2.0 + width * bend / 3.0))
        first_cost = self.thermal_energy * relative_entropy(self.bulk_occupancy, start, x[:1])
        cost = np.cumsum(np.concatenate([first_cost, costs]))
        left = x if sign < 0.0 else 1.0 - x
        columns = (np.abs(x - self.bulk_occupancy), left, modulus, cost, slope)
        near = [column[:-1] for column in columns]
        return np.stack([np.full_like(width, sign), *near, bend]), sign * modulus, cost

    def _logit_excess_of(self, occupancy: Array) -> Array:
        """eta at occupancies, to round-off however near the bulk."""
        bulk, vacant = self.bulk_occupancy, 1.0 - self.bulk_occupancy
        excess = occupancy - bulk
        near = np.abs(excess) < 0.5 * min(bulk, vacant)
        close = np.where(near, excess, 0.0)
        far = np.log(occupancy) - np.log1p(-occupancy) - self.bulk_logit
        return np.where(near, np.log1p(close / bulk) - np.log1p(-close / vacant), far)


def _breakpoints(
    occupancy: Sequence[float], voltage: Sequence[float], thermal_energy: float
) -> tuple[Array, Array]:
    """d(mu)/dx as a continuous function that is linear between breakpoints.

    Args:
        occupancy: of the table.
        voltage: of the table, V.
        thermal_energy: kT in eV.

    Returns:
        x and d(mu)/dx (eV) at the breakpoints: four for each interval, its ends shared.
    """
    x = np.asarray(occupancy)
    length = np.diff(x)
    chord = -np.diff(voltage) / length
    ideal = thermal_energy / (x * (1.0 - x))
    before, after = np.append(ideal[0], chord), np.append(chord, ideal[-1])
    # at an end the ideal solution is no interval to stay below
    gentler = np.concatenate([chord[:1], np.minimum(chord[1:], chord[:-1]), chord[-1:]])
    at_point = 0.5 * (before + after)
    at_point[[0, -1]] = ideal[[0, -1]]
    at_point = np.minimum(at_point, _STEEPEST * gentler)
    between = (chord - 0.5 * _RAMP * (at_point[1:] + at_point[:-1])) / (1.0 - _RAMP)
    places = np.stack([x[:-1], x[:-1] + _RAMP * length, x[1:] - _RAMP * length], axis=1)
    slopes = np.stack([at_point[:-1], between, between], axis=1)
    places, slopes = np.append(places.ravel(), x[-1]), np.append(slopes.ravel(), at_point[-1])
    apart = np.diff(places, prepend=0.0) > 0.0  # points that round-off has put together
    return places[apart], slopes[apart]
