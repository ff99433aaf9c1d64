"""Electrons in a parabolic band: y = F_1/2 of the reduced Fermi level, normalised to exp at low density.

    F_j(xi) = 1/Gamma(j+1) integral_0^inf x^j/(1 + exp(x - xi)) dx,    dF_j/dxi = F_(j-1)

The integrals are right to 3e-15 relative from a series (xi < -2), Chebyshev polynomials on unit intervals
(to 40), made once from the trapezoidal rule, which converges exponentially here, and Sommerfeld's expansion.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from math import gamma, pi
from typing import ClassVar, Self

import numpy as np

from scl_fem.physics.lattice import Sites
from scl_fem.physics.types import Array

_SERIES_BELOW, _EXPANSION_ABOVE = -2.0, 40.0
_SERIES_TERMS, _EXPANSION_TERMS = 22, 12
_DEGREE = 14
_QUADRATURE_STEP, _QUADRATURE_POINTS = 0.03, 340

_NEAR = 0.5
_GAUSS_POINTS = 10


def fermi_integral(order: float, level: Array) -> Array:
    """F_j at reduced levels xi.

    Args:
        order: j: -1/2, 1/2 or 3/2.
        level: xi = (mu - E_band)/kT, any shape.
    """
    xi = np.asarray(level, dtype=np.float64)
    low, high = xi < _SERIES_BELOW, xi > _EXPANSION_ABOVE
    found = np.empty_like(xi)
    found[low] = _series(order, xi[low])
    found[high] = _expansion(order, xi[high])
    between = ~(low | high)
    found[between] = _interpolated(order, xi[between])
    return found


def _series(order: float, xi: Array) -> Array:
    """Sum over n of (-1)^(n+1) e^(n xi)/n^(j+1)."""
    factor, total = np.exp(xi), np.zeros_like(xi)
    for n in range(_SERIES_TERMS, 0, -1):
        total = n ** -(order + 1.0) - factor * total
    return factor * total


def _expansion(order: float, xi: Array) -> Array:
    """Sommerfeld's: xi^(j+1)/Gamma(j+2) [1 + sum of 2 eta(2k) (j+1) j ... (j-2k+2) xi^(-2k)]."""
    total, falling = np.ones_like(xi), 1.0
    for k in range(1, _EXPANSION_TERMS):
        falling *= (order + 3.0 - 2 * k) * (order + 2.0 - 2 * k)
        total += 2.0 * _alternating_zeta(2 * k) * falling * xi ** (-2.0 * k)
    return xi ** (order + 1.0) / gamma(order + 2.0) * total


def _alternating_zeta(s: int) -> float:
    """Sum over n of (-1)^(n+1)/n^s, s even."""
    known = {2: pi**2 / 12, 4: 7 * pi**4 / 720, 6: 31 * pi**6 / 30240, 8: 127 * pi**8 / 1209600}
    return known[s] if s in known else sum((-1.0) ** (n + 1) / n**s for n in range(80, 0, -1))


def _interpolated(order: float, xi: Array) -> Array:
    """Chebyshev series on unit intervals, by Clenshaw's recurrence."""
    coefficients = _chebyshev(order)
    piece = np.minimum((xi - _SERIES_BELOW).astype(np.intp), coefficients.shape[1] - 1)
    place = 2.0 * (xi - _SERIES_BELOW - piece) - 1.0
    ahead, further = np.zeros_like(xi), np.zeros_like(xi)
    for row in coefficients[:0:-1]:
        ahead, further = 2.0 * place * ahead - further + row[piece], ahead
    return place * ahead - further + coefficients[0][piece]


@cache
def _chebyshev(order: float) -> Array:
    """(degree + 1, intervals) coefficients of F_j."""
    starts = np.arange(_SERIES_BELOW, _EXPANSION_ABOVE)
    numbers = np.arange(_DEGREE + 1)
    angles = pi * (numbers + 0.5) / (_DEGREE + 1)
    values = _quadrature(order, starts[None, :] + 0.5 * (np.cos(angles)[:, None] + 1.0))
    # from the angles: by their recurrence the polynomials lose a digit at the ends of the intervals
    basis = np.cos(np.outer(angles, numbers))
    scale = np.full(_DEGREE + 1, 2.0 / (_DEGREE + 1))
    scale[0] *= 0.5
    return scale[:, None] * (basis.T @ values)


def _quadrature(order: float, xi: Array) -> Array:
    """x = t^2 makes the integrand even and analytic: the trapezoidal rule."""
    t = _QUADRATURE_STEP * np.arange(_QUADRATURE_POINTS)
    weights = np.full(t.size, _QUADRATURE_STEP)
    weights[0] *= 0.5
    with np.errstate(over="ignore"):
        occupied = 1.0 / (1.0 + np.exp(t**2 - xi[..., None]))
    return 2.0 / gamma(order + 1.0) * (occupied @ (weights * t ** (2.0 * order + 1.0)))


def level_of(occupancy: float) -> float:
    """xi at which F_1/2 has a value > 0, to round-off: Newton's method in ln F, from below.

    ln F_1/2 is concave in xi, so that a step from below never overshoots.
    """
    level = float(np.log(occupancy))  # F_1/2 < exp
    wanted = level
    for _ in range(200):
        value, slope = (float(fermi_integral(order, np.array(level))) for order in (0.5, -0.5))
        step = (wanted - np.log(value)) * value / slope
        level += step
        if abs(step) <= 4e-16 * max(abs(level), 1.0):
            break
    return level


@dataclass(frozen=True)
class Fermi:
    """Electrons (or holes) in a band, their level counted from the bulk's: eta = u/kT.

    y is the density over the density of states N = 2 (2 pi m kT/h^2)^(3/2); what is vacant is 1.

    Attributes:
        bulk_level: xi_0, of the neutral bulk.
        thermal_energy: kT in eV.
    """

    bulk_level: float
    thermal_energy: float

    fills_its_sites: ClassVar[bool] = False

    @classmethod
    def of_occupancy(cls, occupancy: float, thermal_energy: float) -> Self:
        """Of y_0 instead of the level."""
        return cls(level_of(occupancy), thermal_energy)

    @cached_property
    def bulk_occupancy(self) -> float:
        """y_0."""
        return float(fermi_integral(0.5, np.array(self.bulk_level)))

    def logit_excess(self, energy: Array) -> Array:
        """eta = u/kT."""
        return np.asarray(energy, dtype=np.float64) / self.thermal_energy

    def sites(self, logit_excess: Array) -> Sites:
        """y, 1 and y - y_0 at eta."""
        occupancy = self.occupancy(logit_excess)
        return Sites(occupancy, np.ones_like(occupancy), self.excess(logit_excess))

    def occupancy(self, logit_excess: Array) -> Array:
        """Y at eta."""
        return fermi_integral(0.5, self.bulk_level + np.asarray(logit_excess))

    def excess(self, logit_excess: Array) -> Array:
        """Y - y_0 at eta; near the bulk as the integral of the slope."""
        eta = np.asarray(logit_excess, dtype=np.float64)
        near = np.abs(eta) < _NEAR
        nodes, weights = np.polynomial.legendre.leggauss(_GAUSS_POINTS)
        within, mean = np.where(near, eta, 0.0), np.zeros_like(eta)
        for node, weight in zip(nodes, weights, strict=True):
            place = self.bulk_level + 0.5 * (1.0 + node) * within
            mean += 0.5 * weight * fermi_integral(-0.5, place)
        return np.where(near, within * mean, self.occupancy(eta) - self.bulk_occupancy)

    def energy(self, logit_excess: Array) -> Array:
        """u in eV at eta."""
        return self.thermal_energy * np.asarray(logit_excess, dtype=np.float64)

    def energy_slope(self, logit_excess: Array) -> Array:
        """du/d(eta): kT in eV."""
        return np.full_like(np.asarray(logit_excess, dtype=np.float64), self.thermal_energy)

    def occupancy_slope(self, logit_excess: Array) -> Array:
        """dy/du in 1/eV: F_-1/2 over kT."""
        return fermi_integral(-0.5, self.bulk_level + np.asarray(logit_excess)) / self.thermal_energy

    def excess_and_slope(self, logit_excess: Array) -> tuple[Array, Array]:
        """Both at once."""
        return self.excess(logit_excess), self.occupancy_slope(logit_excess)

    def free_energy(self, logit_excess: Array) -> Array:
        """Integral of u dy from y_0, in eV per state: u y less the integral of y du, which is kT F_3/2."""
        eta = np.asarray(logit_excess, dtype=np.float64)
        above = fermi_integral(1.5, self.bulk_level + eta)
        pressure = above - fermi_integral(1.5, np.array(self.bulk_level))
        return self.thermal_energy * (eta * self.occupancy(eta) - pressure)

    def energy_of_occupancy(self, occupancy: float) -> float | None:
        """u in eV at an occupancy; None where there is none."""
        if occupancy <= 0.0:
            return None
        return self.thermal_energy * (level_of(occupancy) - self.bulk_level)

    def recentred(self, energy: float) -> Self:
        """The same band counted from the state at u (eV)."""
        return type(self)(self.bulk_level + energy / self.thermal_energy, self.thermal_energy)

    def check_stable(self) -> None:
        """A band is stable."""
