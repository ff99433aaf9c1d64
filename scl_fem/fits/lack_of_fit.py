"""Whether a model describes the data: tests of what it leaves of them.

Three kinds. A richer model that contains the simple one must not describe the data better than noise
explains (F test; chi2 where the errors of the data are known). Without one, the residuals must be no
larger than known errors (chi2), than the scatter of repeated measurements (F), or must at least change
their sign as often as those of noise (runs; Wald & Wolfowitz 1940).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scl_fem.fits.least_squares import Minimum, fisher_exceedance
from scl_fem.physics.types import Array

SIGNIFICANCE = 0.01
"""Probability of a remark on lack of fit where there is none, for a whole set of data."""

NO_MATTER = 1e-3
"""Root mean square of residuals (of data that are of order 1) below which no lack of fit matters."""

_COPIES = 1e-6
"""Share of the sum of squares within repeated measurements below which they are copies."""

_LEAST_REPEATS = 2
"""Degrees of freedom that repeated measurements must have to tell the noise."""


def improvement_probability(simple: Minimum, richer: Minimum) -> float:
    """Probability that noise alone lets more parameters describe the data so much better.

    Args:
        simple: the model under test.
        richer: one that contains it.

    Returns:
        1 where there is nothing to test: no degree of freedom, or a gain that is round-off.
    """
    gain = simple.sum_of_squares - richer.sum_of_squares
    extra = richer.parameters.size - simple.parameters.size
    if richer.freedom < 1 or gain <= 1e-18 * simple.residuals(simple.parameters).size:
        return 1.0
    noise = max(richer.sum_of_squares / richer.freedom, np.finfo(float).tiny)
    if richer.has_known_errors:
        return chi2_exceedance(gain / max(noise, 1.0), extra)
    return fisher_exceedance(gain / extra / noise, extra, richer.freedom)


def residuals_probability(
    position: Array, residuals: Array, parameters: int, *, has_known_errors: bool = False
) -> float:
    """Probability that residuals are as large, or as ordered, by noise alone.

    Args:
        position: (n,) abscissa of the data; equal ones are repeated measurements.
        residuals: (n,) data minus model, over their errors where these are known.
        parameters: number of fitted parameters.
        has_known_errors: whether they are.
    """
    freedom = residuals.size - parameters
    if freedom < 1:
        return 1.0
    squares = float(np.sum(residuals**2))
    if has_known_errors:
        return chi2_exceedance(squares, freedom)
    places, group = np.unique(position, return_inverse=True)
    repeats = residuals.size - places.size
    means = np.bincount(group, residuals) / np.bincount(group)
    pure = float(np.sum((residuals - means[group]) ** 2))
    # rows that stand there twice are no repeated measurements
    if repeats >= _LEAST_REPEATS and places.size > parameters and pure > _COPIES * squares:
        extra = places.size - parameters
        ratio = (squares - pure) / extra / (pure / repeats)
        return fisher_exceedance(max(ratio, 0.0), extra, repeats)
    return _few_runs_probability(means > 0.0)


def chi2_exceedance(chi2: float, freedom: int) -> float:
    """Probability that noise of known size makes this sum of squares, or a larger one.

    Args:
        chi2: sum of squares over known variances.
        freedom: degrees of freedom.
    """
    from scipy.special import chdtrc

    return float(chdtrc(freedom, chi2))


def _few_runs_probability(signs: npt.NDArray[np.bool_]) -> float:
    """Probability that signs in random order come in so few runs."""
    above = int(np.count_nonzero(signs))
    below = signs.size - above
    if not above or not below:
        return 1.0
    runs = 1 + int(np.count_nonzero(signs[1:] != signs[:-1]))
    if above + below > 200:
        # the exact numbers no longer fit a float; the count is normal by then
        mean = 1.0 + 2.0 * above * below / signs.size
        variance = (mean - 1.0) * (mean - 2.0) / (signs.size - 1)
        return 0.5 * math.erfc((mean - runs - 0.5) / math.sqrt(2.0 * variance)) if variance > 0.0 else 1.0
    ways = 0
    for count in range(2, runs + 1):
        half = count // 2
        if count % 2:
            ways += math.comb(above - 1, half) * math.comb(below - 1, half - 1)
            ways += math.comb(above - 1, half - 1) * math.comb(below - 1, half)
        else:
            ways += 2 * math.comb(above - 1, half - 1) * math.comb(below - 1, half - 1)
    return ways / math.comb(above + below, above)


def weights_remark(name: str, reduced_chi2: Sequence[float]) -> str:
    """What known errors did to a fit, and whether they are right.

    Args:
        name: column of the errors.
        reduced_chi2: of each of its parts, NaN where there are no more data than parameters.
    """
    told = [each for each in reduced_chi2 if np.isfinite(each)]
    if not told:
        return f"data are weighted by {name}; limits follow from these errors alone"
    size = " to ".join(dict.fromkeys(f"{each:.3g}" for each in (min(told), max(told))))
    scaled = (
        "limits follow from these errors, not scaled"
        if max(told) <= 1.0
        else "limits are widened by its root where it is above 1"
    )
    return f"data are weighted by {name}; reduced chi2 is {size}: {scaled}"
