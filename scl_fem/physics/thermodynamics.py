"""Chemical potential of ions on a lattice of sites, and its inverse.

    mu(x) = mu_0 + kT ln(x/(1-x)) + Omega (1 - 2x) + J g(x - x_0)

(regular solution with interacting defects). Everything here is written in the logit excess

    eta = logit(x) - logit(x_0),    logit(x) = ln(x/(1-x)),

which keeps 0 < x < 1 by construction, keeps x and 1-x exact however small they are, and keeps
the excess x - x_0 exact however close to the bulk:

    x - x_0 = sinh(eta/2) / (2 cosh(y/2) cosh(y_0/2)),    y = y_0 + eta.

Energies are counted from the bulk, u = mu - mu(x_0), so that mu_0 drops out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from scl_fem.errors import InputError
from scl_fem.physics.defects import DefectLaw, NoDefects
from scl_fem.physics.types import Array

# The table that starts Newton's method covers logit excesses of both signs from the smallest
# that matters to one that no voltage reaches (100 V at room temperature), evenly in log|eta|.
_SMALLEST_LOGIT_EXCESS = 1e-15
_LARGEST_LOGIT_EXCESS = 4e3
_TABLE_POINTS_PER_DECADE = 100
_NEWTON_LIMIT = 60


class _Table(NamedTuple):
    """u(eta) for one sign of eta: moduli, their logarithms for interpolation."""

    modulus: Array
    log_modulus: Array
    energy: Array
    log_energy: Array


@dataclass(frozen=True)
class SiteThermodynamics:
    """Thermodynamics of one species on its lattice in one phase.

    Attributes:
        bulk_occupancy: x_0, occupancy of the neutral bulk, 0 < x_0 < 1.
        thermal_energy: kT in eV.
        regular_solution: Omega in eV.
        defects: law of the interacting defects.
    """

    bulk_occupancy: float
    thermal_energy: float
    regular_solution: float = 0.0
    defects: DefectLaw = field(default_factory=NoDefects)

    @cached_property
    def bulk_logit(self) -> float:
        """logit(x_0)."""
        return float(np.log(self.bulk_occupancy) - np.log1p(-self.bulk_occupancy))

    def occupancy(self, logit_excess: Array) -> Array:
        """x at eta, relative error at round-off down to the smallest x."""
        return _logistic(self.bulk_logit + logit_excess)

    def vacancy(self, logit_excess: Array) -> Array:
        """1 - x at eta, relative error at round-off however near x is to 1."""
        return _logistic(-(self.bulk_logit + logit_excess))

    def excess(self, logit_excess: Array) -> Array:
        """x - x_0 at eta, relative error at round-off however near the bulk."""
        # (x - x_0) = x_0 (1-x) (e^eta - 1): the same as the sinh form, and it cannot overflow
        # where the other sign of the exponent is taken for positive eta.
        eta = np.asarray(logit_excess, dtype=np.float64)
        rising = (1.0 - self.bulk_occupancy) * self.occupancy(eta) * -np.expm1(-np.maximum(eta, 0.0))
        falling = self.bulk_occupancy * self.vacancy(eta) * np.expm1(np.minimum(eta, 0.0))
        return np.where(eta > 0.0, rising, falling)

    def energy(self, logit_excess: Array) -> Array:
        """u = mu(x) - mu(x_0) in eV at eta."""
        excess = self.excess(logit_excess)
        return (
            self.thermal_energy * np.asarray(logit_excess)
            - 2.0 * self.regular_solution * excess
            + self.defects.energy(excess)
        )

    def energy_slope(self, logit_excess: Array) -> Array:
        """du/d(eta) in eV; positive where the phase is stable."""
        sites = self.occupancy(logit_excess) * self.vacancy(logit_excess)
        return self.thermal_energy + sites * (
            self.defects.slope(self.excess(logit_excess)) - 2.0 * self.regular_solution
        )

    def occupancy_slope(self, logit_excess: Array) -> Array:
        """dx/d(mu) in 1/eV: the reaction coefficient of the linearised Poisson equation."""
        sites = self.occupancy(logit_excess) * self.vacancy(logit_excess)
        return sites / self.energy_slope(logit_excess)

    def logit_excess(self, energy: Array) -> Array:
        """The inverse of `energy`: eta at u = mu - mu(x_0).

        Newton's method inside brackets, vectorised; the brackets come from a table of u(eta),
        interpolation in it gives the start, and points that have converged drop out.

        Args:
            energy: u in eV, any shape.

        Returns:
            eta of the same shape, to round-off (relative to eta).

        Raises:
            InputError: mu(x) is not monotone (the phase separates).
        """
        self.check_stable()
        wanted = np.asarray(energy, dtype=np.float64)
        flat = wanted.ravel()
        eta = np.zeros_like(flat)
        for sign, table in self._tables.items():
            chosen = np.flatnonzero(sign * flat > 0.0)
            if chosen.size:
                eta[chosen] = sign * self._invert_one_sign(sign, table, np.abs(flat[chosen]))
        return eta.reshape(wanted.shape)

    def _invert_one_sign(self, sign: float, table: _Table, energy: Array) -> Array:
        """Moduli of eta for moduli of u, both of one sign."""
        # Beyond the table, where only a stray iterate of Newton's method gets, u is kT eta + const.
        beyond = np.maximum(energy - table.energy[-1], 0.0) / self.thermal_energy
        energy = np.minimum(energy, table.energy[-1])
        log_energy = np.log(energy)
        # Below the table u is linear in eta, which is what extrapolating the first interval gives.
        index = np.searchsorted(table.log_energy, log_energy)
        low = np.where(index > 0, table.modulus[np.maximum(index - 1, 0)], 0.0)
        high = table.modulus[index]
        eta = np.exp(np.interp(log_energy, table.log_energy, table.log_modulus))
        eta = np.where(index > 0, eta, high * energy / table.energy[0])
        active = np.arange(energy.size)
        for _ in range(_NEWTON_LIMIT):
            current = eta[active]
            mismatch = sign * self.energy(sign * current) - energy[active]
            low[active] = np.where(mismatch <= 0.0, current, low[active])
            high[active] = np.where(mismatch >= 0.0, current, high[active])
            step = mismatch / self.energy_slope(sign * current)
            proposed = current - step
            outside = (proposed < low[active]) | (proposed > high[active])
            proposed = np.where(outside, 0.5 * (low[active] + high[active]), proposed)
            eta[active] = proposed
            # The step after this one would be quadratically smaller: 1e-9 leaves round-off.
            active = active[np.abs(proposed - current) > 1e-9 * current]
            if not active.size:
                break
        return eta + beyond

    @cached_property
    def _tables(self) -> dict[float, _Table]:
        decades = np.log10(_LARGEST_LOGIT_EXCESS / _SMALLEST_LOGIT_EXCESS)
        modulus = np.geomspace(
            _SMALLEST_LOGIT_EXCESS, _LARGEST_LOGIT_EXCESS, int(decades * _TABLE_POINTS_PER_DECADE)
        )
        tables = {}
        for sign in (1.0, -1.0):
            energy = sign * self.energy(sign * modulus)
            tables[sign] = _Table(modulus, np.log(modulus), energy, np.log(np.maximum(energy, 1e-300)))
        return tables

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
        return float(_logistic(unstable[0])), float(_logistic(unstable[-1]))

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
            allowed="regular_solution < 2 kT where defects do not interact",
        )


def _logistic(y: Array | float) -> Array:
    """1/(1 + e^-y) with full relative accuracy at both ends."""
    small = np.exp(-np.abs(y))
    return np.where(np.asarray(y) >= 0.0, 1.0, small) / (1.0 + small)
