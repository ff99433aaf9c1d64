"""Chemical potential of ions on a lattice of sites, and its inverse.

    mu(x) = mu_0 + kT ln(x/(1-x)) + Omega (1 - 2x) + J g(x - x_0)

(regular solution with interacting defects), in the logit excess eta of `physics.lattice`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

from scl_fem.errors import InputError
from scl_fem.physics.blocks import by_blocks
from scl_fem.physics.defects import DefectLaw, NoDefects, ShiftedDefects, shifted
from scl_fem.physics.lattice import Lattice, Sites, relative_entropy
from scl_fem.physics.types import Array

# The table that starts Newton's method covers logit excesses of both signs from the smallest
# that matters to the law's `largest_logit_excess`, evenly in log|eta|.
_SMALLEST_LOGIT_EXCESS = 1e-15
_TABLE_POINTS_PER_DECADE = 100
_GRID_POINTS = 4
"""Of the even grid in ln u that finds the intervals of the table, for each interval."""

_NEWTON_LIMIT = 60
_LAST_STEP = 1e-8
"""Relative step after which Newton's method has reached round-off."""

_LAST_STEP_TO_A_BEND = 1e-12
"""The same where mu(x) bends sharply at some other occupancy than the bulk's."""


@dataclass(frozen=True)
class _Table:
    """u(eta) for one sign of eta, and what finds and fits its intervals quickly.

    Interval 0 lies below the table, where u is linear in eta; interval i ends at entry i.

    Attributes:
        modulus: |eta|, ascending.
        energy: u there.
        log_energy: ln u there.
        cubics: (4, intervals) coefficients, constant first, of the Hermite interpolant of ln|eta|
            in the distance of ln u from the start of the interval (interval 0: from its end).
        first: ln u at the start of the grid of `interval`.
        spacing: of that grid.
        interval: interval that ln u lies in at each point of the grid.
    """

    modulus: Array
    energy: Array
    log_energy: Array
    cubics: Array
    first: float
    spacing: float
    interval: npt.NDArray[np.intp]

    @classmethod
    def of(cls, modulus: Array, energy: Array, slope: Array) -> _Table:
        """Tabulate.

        Args:
            modulus: |eta|, ascending.
            energy: u there.
            slope: d(ln|eta|)/d(ln u) there.
        """
        log_modulus, log_energy = np.log(modulus), np.log(energy)
        width, rise = np.diff(log_energy), np.diff(log_modulus)
        first, last = width * slope[:-1] - rise, width * slope[1:] - rise
        inside = np.stack(
            [
                log_modulus[:-1],
                (rise + first) / width,
                -(2.0 * first + last) / width**2,
                (first + last) / width**3,
            ]
        )
        below = np.array([[log_modulus[0]], [1.0], [0.0], [0.0]])
        first_energy, points = float(log_energy[0]), _GRID_POINTS * modulus.size
        spacing = (float(log_energy[-1]) - first_energy) / (points - 1)
        places = np.ceil((log_energy - first_energy) / spacing).astype(np.intp)
        entries_up_to = np.cumsum(np.bincount(np.minimum(places, points - 1), minlength=points))
        interval = np.minimum(entries_up_to, modulus.size - 1)
        return cls(modulus, energy, log_energy, np.hstack([below, inside]), first_energy, spacing, interval)

    def guess(self, energy: Array) -> tuple[Array, npt.NDArray[np.intp]]:
        """A guess of |eta| at u, right to some 1e-9, and the interval of the table that holds it."""
        log_energy = np.log(energy)
        place = ((log_energy - self.first) / self.spacing).astype(np.intp)
        interval = self.interval[np.clip(place, 0, self.interval.size - 1)]
        interval[log_energy < self.first] = 0
        # The grid is finer than the table almost everywhere: one step further is mostly enough.
        while True:
            further = log_energy > self.log_energy[interval]
            further &= interval < self.modulus.size - 1
            if not further.any():
                break
            interval += further
        s = log_energy - self.log_energy[np.maximum(interval - 1, 0)]
        constant, linear, square, cube = (each[interval] for each in self.cubics)
        return np.exp(constant + s * (linear + s * (square + s * cube))), interval

    def bracket(self, interval: npt.NDArray[np.intp]) -> tuple[Array, Array]:
        """Bounds of |eta| in intervals of the table."""
        low = np.where(interval > 0, self.modulus[np.maximum(interval - 1, 0)], 0.0)
        return low, self.modulus[interval].copy()


@dataclass(frozen=True)
class SiteThermodynamics(Lattice):
    """Regular solution with interacting defects.

    Attributes:
        regular_solution: Omega in eV.
        defects: law of the interacting defects.
    """

    regular_solution: float = 0.0
    defects: DefectLaw = field(default_factory=NoDefects)

    largest_logit_excess: ClassVar[float] = 4e3
    """One that no voltage reaches: 100 V at room temperature."""
    stable_where: ClassVar[str] = "regular_solution < 2 kT where defects do not interact"
    """What a material that separates is told."""

    def energy(self, logit_excess: Array) -> Array:
        """u = mu(x) - mu(x_0) in eV at eta."""
        return self._energy(np.asarray(logit_excess), self.excess(logit_excess))

    def energy_slope(self, logit_excess: Array) -> Array:
        """du/d(eta) in eV; positive where the phase is stable."""
        return self._energy_slope(self.sites(logit_excess))

    def _energy(self, logit_excess: Array, excess: Array) -> Array:
        return (
            self.thermal_energy * logit_excess
            - 2.0 * self.regular_solution * excess
            + self.defects.energy(excess)
        )

    def _energy_slope(self, sites: Sites) -> Array:
        return self.thermal_energy + sites.occupancy * sites.vacancy * (
            self.defects.slope(sites.excess) - 2.0 * self.regular_solution
        )

    def occupancy_slope(self, logit_excess: Array) -> Array:
        """dx/d(mu) in 1/eV: the reaction coefficient of the linearised Poisson equation."""
        sites = self.sites(logit_excess)
        return sites.occupancy * sites.vacancy / self._energy_slope(sites)

    def excess_and_slope(self, logit_excess: Array) -> tuple[Array, Array]:
        """x - x_0 and dx/d(mu) at eta, at the price of one of them."""
        sites = self.sites(logit_excess)
        return sites.excess, sites.occupancy * sites.vacancy / self._energy_slope(sites)

    def free_energy(self, logit_excess: Array) -> Array:
        """Integral of u dx from x_0, in eV per site: the cost of changing the occupancy.

        Convex and not negative in a stable phase; the mixing part is the relative entropy
        kT [x ln(x/x_0) + (1-x) ln((1-x)/(1-x_0))].
        """
        eta = np.asarray(logit_excess, dtype=np.float64)
        sites = self.sites(eta)
        mixing = relative_entropy(self.bulk_occupancy, eta, sites.occupancy)
        return self._with_interactions(mixing, sites.excess)

    def _with_interactions(self, mixing: Array, excess: Array) -> Array:
        """The free energy per site of a cost of mixing in kT, and of the excess terms."""
        return (
            self.thermal_energy * mixing - self.regular_solution * excess**2 + self.defects.integral(excess)
        )

    def about(self, occupancy: float, excess: float) -> Self:
        """The same law about another bulk.

        Args:
            occupancy: of that.
            excess: by how much it is above this law's bulk, exact where the difference of both is not.
        """
        return replace(self, bulk_occupancy=occupancy, defects=shifted(self.defects, excess))

    def logit_excess(self, energy: Array) -> Array:
        """The inverse of `energy`: eta at u = mu - mu(x_0).

        A table of u(eta) gives a start that one step of Newton's method takes to round-off, and
        brackets for the few points where it does not.

        Args:
            energy: u in eV, any shape.

        Returns:
            eta of the same shape, to round-off (relative to eta).

        Raises:
            InputError: mu(x) is not monotone (the phase separates).
        """
        self.check_stable()
        wanted = np.asarray(energy, dtype=np.float64)
        return by_blocks(self._inverse, wanted.ravel()).reshape(wanted.shape)

    def _inverse(self, energy: Array) -> Array:
        eta = np.zeros_like(energy)
        for sign in (1.0, -1.0):
            chosen = np.flatnonzero(sign * energy > 0.0)
            if chosen.size:
                eta[chosen] = sign * self._invert_one_sign(sign, np.abs(energy[chosen]))
        return eta

    def _invert_one_sign(self, sign: float, energy: Array) -> Array:
        """Moduli of eta for moduli of u, both of one sign."""
        table = self._falling if sign < 0.0 else self._rising
        # Beyond the table, where only a stray iterate of Newton's method gets, u is kT eta + const.
        beyond = np.maximum(energy - table.energy[-1], 0.0) / self.thermal_energy
        energy = np.minimum(energy, table.energy[-1])
        start, interval = table.guess(energy)
        eta = start - self._newton_step(sign, start, energy)[1]
        # The step after this one would be quadratically smaller.
        far = np.flatnonzero(~(np.abs(eta - start) <= self._last_step * start))
        if far.size:
            eta[far] = self._bracketed(sign, energy[far], start[far], *table.bracket(interval[far]))
        return eta + beyond

    def _newton_step(self, sign: float, eta: Array, energy: Array) -> tuple[Array, Array]:
        """Mismatch of u at moduli of eta, and what Newton's method takes from them."""
        sites = self.sites(sign * eta)
        mismatch = sign * self._energy(sign * eta, sites.excess) - energy
        return mismatch, mismatch / self._energy_slope(sites)

    def _bracketed(self, sign: float, energy: Array, eta: Array, low: Array, high: Array) -> Array:
        """Newton's method inside brackets; points that have converged drop out.

        Args:
            sign: of eta.
            energy: moduli of u.
            eta: moduli to start from.
            low: lower bounds of the moduli, narrowed in place.
            high: upper bounds, likewise.
        """
        active = np.arange(energy.size)
        for _ in range(_NEWTON_LIMIT):
            current = eta[active]
            mismatch, step = self._newton_step(sign, current, energy[active])
            low[active] = np.where(mismatch <= 0.0, current, low[active])
            high[active] = np.where(mismatch >= 0.0, current, high[active])
            proposed = current - step
            outside = (proposed < low[active]) | (proposed > high[active])
            proposed = np.where(outside, 0.5 * (low[active] + high[active]), proposed)
            eta[active] = proposed
            active = active[np.abs(proposed - current) > self._last_step * current]
            if not active.size:
                break
        return eta

    @cached_property
    def _last_step(self) -> float:
        return _LAST_STEP_TO_A_BEND if isinstance(self.defects, ShiftedDefects) else _LAST_STEP

    @cached_property
    def _rising(self) -> _Table:
        """For eta > 0."""
        return self._table(1.0)

    @cached_property
    def _falling(self) -> _Table:
        """For eta < 0."""
        return self._table(-1.0)

    def _table(self, sign: float) -> _Table:
        largest = self.largest_logit_excess
        decades = np.log10(largest / _SMALLEST_LOGIT_EXCESS)
        modulus = np.geomspace(_SMALLEST_LOGIT_EXCESS, largest, int(decades * _TABLE_POINTS_PER_DECADE))
        energy = sign * self.energy(sign * modulus)
        slope = energy / (modulus * self.energy_slope(sign * modulus))
        return _Table.of(modulus, energy, slope)

    @cached_property
    def spinodal(self) -> tuple[float, float] | None:
        """Occupancies between which d(mu)/dx <= 0 somewhere, None for a stable phase.

        For J = 0 these are the roots of kT = 2 Omega x (1-x).
        """
        logits = np.concatenate([np.linspace(-40.0, 40.0, 8001), self.bulk_logit + self._both_signs])
        logits.sort()
        unstable = logits[self.energy_slope(logits - self.bulk_logit) <= 0.0]
        if not unstable.size:
            return None
        low, high = self.occupancy(unstable[[0, -1]] - self.bulk_logit)
        return float(low), float(high)

    @property
    def _both_signs(self) -> Array:
        modulus = np.geomspace(_SMALLEST_LOGIT_EXCESS, 40.0, 1500)
        return np.concatenate([-modulus, modulus])

    def check_stable(self) -> None:
        """Refuse a phase that separates: there mu alone does not fix x.

        Raises:
            InputError: d(mu)/dx <= 0 at some occupancy; names the range.
        """
        if self.spinodal is None:
            return
        low, high = self.spinodal
        raise InputError(
            f"the phase separates: d(mu)/dx <= 0 between x = {low:.3g} and {high:.3g} "
            f"(regular_solution = {self.regular_solution:g} eV, kT = {self.thermal_energy:.4g} eV)",
            allowed=self.stable_where,
        )
