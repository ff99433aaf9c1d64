"""Carriers that compete for the same sites: mu_k = kT ln(y_k/v) + the excess terms of each, v = 1 - sum y.

The coordinates are eta_k = ln(y_k/v) - ln(y_k0/v_0), in which every occupancy is positive, they add up to
less than 1, and each is exact however small it or the vacancy is:

    y_k = y_k0 e^eta_k / S,  v = v_0/S,  S = v_0 + sum of y_j0 e^eta_j
    y_k - y_k0 = y_k0 [sum over the others and the vacancy of y_j0 (e^eta_k - e^eta_j)] / S

and u_k = kT eta_k + H_k(y_k - y_k0), H_k = -2 Omega_k d + J_k g_k(d). Without excess terms that is the
inverse already; `shared_inverse` has the other. With c_k = kT + y_k H_k' and a_k = y_k/c_k

    dy_k/du_j = a_k [delta_kj - a_j/(v/kT + sum a)]       (the Hessian is diagonal and a rank one)
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from scl_fem.errors import InputError
from scl_fem.physics.carrier import Carrier, Fillings
from scl_fem.physics.defects import NoDefects
from scl_fem.physics.shared_inverse import SharedInverse
from scl_fem.physics.thermodynamics import SiteThermodynamics
from scl_fem.physics.types import Array

_STABILITY_LOGITS = np.linspace(-30.0, 30.0, 301)
_TINY = 1e-300


class Shares(NamedTuple):
    """How the sites are taken: y (m, n), v (n,) and y - y_0 (m, n)."""

    occupancies: Array
    vacancy: Array
    excesses: Array


class SharedSites:
    """The carriers of one group of sites: see `carrier.SiteGroup`.

    Attributes:
        carriers: of the group, each with the law of a lattice.
        vacancy: v_0, of the bulk.
        thermal_energy: kT in eV.
    """

    def __init__(self, carriers: Sequence[Carrier]) -> None:
        """Check that they can share sites.

        Args:
            carriers: those of one phase with the same `group`.

        Raises:
            InputError: another statistics than the lattice's, different densities of sites, or occupancies
                that add up to 1 or more.
        """
        self.carriers = carriers
        names = ", ".join(each.name for each in carriers)
        self._laws: list[SiteThermodynamics] = []
        for each in carriers:
            law = each.thermodynamics
            if not isinstance(law, SiteThermodynamics) or not law.fills_its_sites:
                raise InputError(f"{each.name} shares sites, which is statistics of a lattice")
            self._laws.append(law)
        if len({each.site_density for each in carriers}) > 1:
            raise InputError(
                f"{names} share sites and give different densities of them", allowed="one for all"
            )
        self._bulk = np.array([law.bulk_occupancy for law in self._laws])
        self.vacancy = 1.0 - float(self._bulk.sum())
        if self.vacancy <= 0.0:
            problem = f"the occupancies of {names}, which share sites, add up to {self._bulk.sum():g}"
            raise InputError(problem, allowed="less than 1 in all")
        self.thermal_energy = self._laws[0].thermal_energy
        self._ideal = all(_is_ideal(law) for law in self._laws)

    # How the sites are taken ----------------------------------------------------------------

    def shares(self, etas: Array) -> Shares:
        """Occupancies, vacancy and excesses at coordinates (m, n)."""
        etas = np.asarray(etas, dtype=np.float64)
        every = np.concatenate([etas, np.zeros((1, *etas.shape[1:]))])
        bulk = np.append(self._bulk, self.vacancy)
        largest = every.max(axis=0)
        taken = bulk.reshape(-1, *(1,) * (etas.ndim - 1)) * np.exp(every - largest)
        total = taken.sum(axis=0)
        excesses = np.zeros_like(every)
        for k in range(bulk.size):
            for j in range(k):
                apart = every[k] - every[j]
                larger = np.maximum(every[k], every[j]) - largest
                moved = bulk[k] * bulk[j] * np.sign(apart) * np.exp(larger) * -np.expm1(-np.abs(apart))
                excesses[k] += moved
                excesses[j] -= moved
        taken /= total
        return Shares(taken[:-1], taken[-1], excesses[:-1] / total)

    def occupancies(self, etas: Array) -> Array:
        """See `SiteGroup`."""
        return self.shares(etas).occupancies

    def fillings(self, etas: Array) -> Fillings:
        """See `SiteGroup`."""
        shares = self.shares(etas)
        return Fillings(shares.occupancies, shares.vacancy, *self._slopes(shares))

    def excesses(self, etas: Array) -> Array:
        """See `SiteGroup`."""
        return self.carriers[0].site_density * self.shares(etas).excesses

    def energies(self, etas: Array) -> Array:
        """(m, n) energies u in eV at coordinates."""
        return self.thermal_energy * np.asarray(etas) + self._interactions(self.shares(etas))

    def _interactions(self, shares: Shares) -> Array:
        pairs = zip(self._laws, shares.excesses, strict=True)
        return np.stack([law.defects.energy(d) - 2.0 * law.regular_solution * d for law, d in pairs])

    def _stiffness(self, shares: Shares) -> Array:
        """c_k = kT + y_k H_k', never exactly 0."""
        rows = []
        for law, y, d in zip(self._laws, shares.occupancies, shares.excesses, strict=True):
            c = self.thermal_energy + y * (law.defects.slope(d) - 2.0 * law.regular_solution)
            rows.append(np.where(c == 0.0, _TINY, c))
        return np.stack(rows)

    # The inverse ----------------------------------------------------------------------------

    def logit_excesses(self, energies: Array) -> Array:
        """See `SiteGroup`.

        Raises:
            InputError: the group separates into phases.
        """
        energies = np.asarray(energies, dtype=np.float64)
        if self._ideal:
            return energies / self.thermal_energy
        self.check_stable()
        flat = energies.reshape(energies.shape[0], -1)
        return self._inverse(flat).reshape(energies.shape)

    @cached_property
    def _inverse(self) -> SharedInverse:
        return SharedInverse(self._laws, self.vacancy)

    # Derivatives ----------------------------------------------------------------------------

    def _slopes(self, shares: Shares) -> tuple[Array, Array]:
        """dy_k/du_j (m, m, n) and dv/du_j (m, n), in 1/eV."""
        weights = shares.occupancies / self._stiffness(shares)
        of_vacancy = shares.vacancy / self.thermal_energy
        total = of_vacancy + weights.sum(axis=0)
        count = len(self.carriers)
        slopes = np.empty((count, count, *shares.vacancy.shape))
        for k in range(count):
            for j in range(k):
                slopes[k, j] = slopes[j, k] = -weights[k] * weights[j] / total
            # without the difference total - a_k, which cancels where the sites are full
            others = of_vacancy + np.delete(weights, k, axis=0).sum(axis=0)
            slopes[k, k] = weights[k] * others / total
        return slopes, -weights * of_vacancy / total

    def response(self, etas: Array) -> tuple[Array, Array]:
        """See `SiteGroup`."""
        shares, density = self.shares(etas), self.carriers[0].site_density
        return density * shares.excesses, density * self._slopes(shares)[0]

    def mobilities(self, etas: Array) -> Array:
        """See `SiteGroup`: what is vacant is v, for all of them."""
        shares = self.shares(etas)
        pairs = zip(self.carriers, shares.occupancies, strict=True)
        scale = self.carriers[0].site_density / self.thermal_energy
        return np.stack([scale * each.diffusivity(shares.vacancy) * y for each, y in pairs])

    def mobility_slopes(self, etas: Array) -> Array:
        """See `SiteGroup`."""
        shares = self.shares(etas)
        slopes, of_vacancy = self._slopes(shares)
        scale = self.carriers[0].site_density / self.thermal_energy
        found = np.empty_like(slopes)
        for k, each in enumerate(self.carriers):
            by_vacancy = shares.occupancies[k] * each.diffusivity.slope(shares.vacancy)
            found[k] = scale * (each.diffusivity(shares.vacancy) * slopes[k] + by_vacancy * of_vacancy)
        return found

    def free_energy(self, etas: Array) -> Array:
        """See `SiteGroup`: kT [sum of y ln(y/y_0) + v ln(v/v_0)] and the excess terms."""
        etas = np.asarray(etas, dtype=np.float64)
        shares = self.shares(etas)
        log_vacancy = np.log(shares.vacancy) - np.log(self.vacancy)
        change = np.tensordot(self._bulk, np.expm1(np.minimum(etas, 1.0)), axes=1)
        # near the bulk the difference of logarithms would cancel
        near = (etas <= 1.0).all(axis=0) & (change > -0.5)
        log_vacancy = np.where(near, -np.log1p(np.where(near, change, 0.0)), log_vacancy)
        total = self.thermal_energy * ((shares.occupancies * etas).sum(axis=0) + log_vacancy)
        for law, d in zip(self._laws, shares.excesses, strict=True):
            total += law.defects.integral(d) - law.regular_solution * d**2
        return self.carriers[0].site_density * total

    # Other bulks, stability -----------------------------------------------------------------

    def recentred(self, energies: Sequence[float]) -> tuple[SiteThermodynamics, ...]:
        """The laws of the carriers counted from the state at energies u (eV)."""
        shares = self.shares(self.logit_excesses(np.array(energies)[:, None]))
        return tuple(
            law.about(float(y[0]), float(d[0]))
            for law, y, d in zip(self._laws, shares.occupancies, shares.excesses, strict=True)
        )

    def check_stable(self) -> None:
        """Refuse a group that separates into phases.

        Raises:
            InputError: the free energy is not convex.
        """
        if not self._stable:
            names = ", ".join(each.name for each in self.carriers)
            given = ", ".join(f"{law.regular_solution:g}" for law in self._laws)
            raise InputError(
                f"the phase separates: {names} share sites, and d(mu)/dy is not positive at all occupancies "
                f"(regular_solution = {given} eV, kT = {self.thermal_energy:.4g} eV)",
                allowed="smaller regular_solution: below kT in any case, where defects do not interact",
            )

    @cached_property
    def _stable(self) -> bool:
        """Whether the Hessian is positive: 1/(kT/y + H') adds up to more than -v/kT, one term negative.

        What is worst for one carrier is that the rest of the sites is filled by the one other that gains
        most: pairs suffice.
        """
        if all(law.regular_solution <= 0.0 for law in self._laws):
            return True
        share = 1.0 / (1.0 + np.exp(-_STABILITY_LOGITS))
        first, second = np.meshgrid(share, share, indexing="ij")
        for k, one in enumerate(self._laws):
            if one.spinodal is not None:
                return False
            for j in range(k):
                other = self._laws[j]
                y, z = first, (1.0 - first) * second
                vacancy = (1.0 - first) * (1.0 - second)
                curvatures = [
                    self.thermal_energy / at
                    + law.defects.slope(at - law.bulk_occupancy)
                    - 2.0 * law.regular_solution
                    for law, at in ((one, y), (other, z))
                ]
                a, b, of_vacancy = curvatures[0], curvatures[1], self.thermal_energy / vacancy
                # leading minors of [[a + t, t], [t, b + t]]
                if np.any(a + of_vacancy <= 0.0) or np.any(a * b + of_vacancy * (a + b) <= 0.0):
                    return False
        return True


def _is_ideal(law: SiteThermodynamics) -> bool:
    return law.regular_solution == 0.0 and isinstance(law.defects, NoDefects)
