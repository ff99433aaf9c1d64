"""The chemical potentials of carriers that share sites, inverted where they interact.

    u_k = kT ln(y_k/y_k0) + H_k(y_k - y_k0) - kT lambda,    lambda = ln(v/v_0),    v = 1 - sum of y

Given lambda each carrier is a dilute one at u_k + kT lambda, inverted as any (a table, Newton's method within
brackets), and lambda is the root of a rising function,

    sum of (y_k - y_k0) + v_0 (e^lambda - 1) = 0,

found within brackets too. Every term is exact near the bulk and where the sites are all but full.

Attraction (Omega > 0) would make the dilute laws fall: its part is held, u_k + 2 Omega_k x_k for x_k in place
of y_k - y_k0, and x is found by Newton's method. It minimises a convex function, without kinks: its steps are
halved where they lead beyond the lowest point on their way.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scl_fem.physics.dilute import Dilute
from scl_fem.physics.thermodynamics import SiteThermodynamics
from scl_fem.physics.types import Array

_LIMIT = 200
_HALVINGS = 40
_ROUND_OFF = 4e-16

_FULLEST = 2.0
"""Occupancy up to which a dilute law is asked: beyond what sites can hold, any value tells the sign."""


class SharedInverse:
    """From energies to ln(y/y_0) and ln(v/v_0)."""

    def __init__(self, laws: Sequence[SiteThermodynamics], vacancy: float) -> None:
        """Split the laws.

        Args:
            laws: of a lattice, whose excess terms are those of the carriers.
            vacancy: v_0.
        """
        self._vacancy, self._kT = vacancy, laws[0].thermal_energy
        self._attraction = np.array([2.0 * max(law.regular_solution, 0.0) for law in laws])
        self._laws = [
            Dilute(law.bulk_occupancy, law.thermal_energy, min(law.regular_solution, 0.0), law.defects)
            for law in laws
        ]
        self._fullest = np.array([law.energy_of_occupancy(_FULLEST) for law in self._laws])[:, None]

    def __call__(self, energies: Array) -> Array:
        """(m, n) coordinates ln(y/y_0) - ln(v/v_0) at energies u (m, n), eV."""
        logs, log_vacancy = self._at(energies, self._attracted(energies))
        return logs - log_vacancy

    def _at(self, energies: Array, held: Array) -> tuple[Array, Array]:
        """ln(y/y_0) and ln(v/v_0) at energies, the excesses of those that attract each other held."""
        wanted = energies + self._attraction[:, None] * held
        log_vacancy = self._log_vacancy(wanted)
        return self._logs(wanted + self._kT * log_vacancy), log_vacancy

    def _logs(self, energies: Array) -> Array:
        """ln(y/y_0) of each carrier by itself at u_k + kT lambda."""
        within = np.minimum(energies, self._fullest)
        return np.stack([law.logit_excess(row) for law, row in zip(self._laws, within, strict=True)])

    # How much is vacant -----------------------------------------------------------------------

    def _log_vacancy(self, energies: Array) -> Array:
        """(n,) lambda: Newton's method within brackets; points that have converged drop out."""
        low = np.minimum(-energies.max(axis=0) / self._kT, 0.0)
        high = np.minimum(np.maximum(-energies.min(axis=0) / self._kT, 0.0), -np.log(self._vacancy))
        found = np.clip(self._ideal(energies), low, high)
        active = np.flatnonzero(high > low)
        for _ in range(_LIMIT):
            if not active.size:
                break
            current = found[active]
            surplus, slope = self._surplus(current, energies[:, active])
            low[active] = np.where(surplus <= 0.0, current, low[active])
            high[active] = np.where(surplus >= 0.0, current, high[active])
            proposed = current - surplus / slope
            inside = (proposed >= low[active]) & (proposed <= high[active])
            proposed = np.where(inside, proposed, 0.5 * (low[active] + high[active]))
            found[active] = proposed
            active = active[np.abs(proposed - current) > _ROUND_OFF * np.abs(current)]
        return found

    def _ideal(self, energies: Array) -> Array:
        """lambda of carriers that do not interact."""
        bulk = np.array([law.bulk_occupancy for law in self._laws])
        reduced = energies / self._kT
        largest = np.maximum(reduced.max(axis=0), 0.0)
        total = self._vacancy * np.exp(-largest) + bulk @ np.exp(reduced - largest)
        return -largest - np.log(total)

    def _surplus(self, log_vacancy: Array, energies: Array) -> tuple[Array, Array]:
        """By how much the occupancies and the vacancy add up to more than 1, and its slope with lambda."""
        logs = self._logs(energies + self._kT * log_vacancy)
        surplus = self._vacancy * np.expm1(log_vacancy)
        slope = self._vacancy * np.exp(log_vacancy)
        for law, row in zip(self._laws, logs, strict=True):
            excess, rise = law.excess_and_slope(row)
            surplus, slope = surplus + excess, slope + self._kT * rise
        return surplus, slope

    # Attraction -------------------------------------------------------------------------------

    def _attracted(self, energies: Array) -> Array:
        """(m, n) excesses of the occupancies, 0 for carriers that do not attract each other."""
        held = np.zeros_like(energies)
        chosen = np.flatnonzero(self._attraction)
        active = np.arange(energies.shape[1]) if chosen.size else np.empty(0, np.intp)
        before = np.full(energies.shape[1], np.inf)
        for _ in range(_LIMIT):
            if not active.size:
                break
            current, at = held[:, active], energies[:, active]
            step = self._step(current, at, chosen)
            held[:, active] = current + self._downhill(current, step, at)
            length, size = np.abs(step).max(axis=0), np.abs(held[:, active]).max(axis=0)
            # Round-off is reached where steps no longer shrink, too.
            stuck = (length < 1e-10 * size) & (length >= 0.5 * before[active])
            before[active] = length
            active = active[(length > _ROUND_OFF * size) & ~stuck]
        return held

    def _excesses(self, held: Array, energies: Array) -> tuple[Array, Array, Array]:
        """Excesses and their slopes (m, n) of each alone, and dv/d(lambda) (n,), at what is held."""
        logs, log_vacancy = self._at(energies, held)
        pairs = [law.excess_and_slope(row) for law, row in zip(self._laws, logs, strict=True)]
        excesses, slopes = (np.stack(each) for each in zip(*pairs, strict=True))
        return excesses, slopes, self._vacancy * np.exp(log_vacancy)

    def _step(self, held: Array, energies: Array, chosen: np.ndarray) -> Array:
        """What Newton's method adds to x: (1 - S 2 Omega)^-1 (y - y_0 - x), S = dy/du without attraction."""
        excesses, alone, vacancy = self._excesses(held, energies)
        total = vacancy / self._kT + alone.sum(axis=0)
        part = alone[chosen]
        slopes = -part[:, None] * part[None] / total
        for row in range(chosen.size):
            slopes[row, row] += part[row]
        matrix = np.eye(chosen.size)[:, :, None] - slopes * self._attraction[chosen][None, :, None]
        mismatch = (excesses - held)[chosen]
        step = np.zeros_like(held)
        step[chosen] = np.linalg.solve(np.moveaxis(matrix, -1, 0), mismatch.T[:, :, None])[:, :, 0].T
        return step

    def _downhill(self, held: Array, step: Array, energies: Array) -> Array:
        """The steps, halved until the convex function does not rise steeply at their ends."""
        step = step.copy()
        start = self._rise(held, step, energies)
        far = np.flatnonzero(np.abs(step).max(axis=0) > 1e-10 * np.abs(held).max(axis=0))
        for _ in range(_HALVINGS):
            rise = self._rise(held[:, far] + step[:, far], step[:, far], energies[:, far])
            far = far[rise > 0.5 * np.abs(start[far])]
            if not far.size:
                break
            step[:, far] *= 0.5
            start[far] *= 0.5
        return step

    def _rise(self, held: Array, step: Array, energies: Array) -> Array:
        """Slope along a step of the convex function: its gradient is 2 Omega (x - y + y_0)."""
        gradient = self._attraction[:, None] * (held - self._excesses(held, energies)[0])
        return (gradient * step).sum(axis=0)
