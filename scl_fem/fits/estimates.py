"""What a fit finds: numbers with their confidence limits, and how well the model describes the data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scl_fem.physics.types import Array

CONFIDENCE = 0.95
"""Probability with which an interval holds the true value."""


@dataclass(frozen=True)
class Estimate:
    """A parameter and its interval of confidence.

    Attributes:
        value: the most likely value.
        low: lower limit; minus infinity, or 0 where that is the least there can be, if the data set none.
        high: upper limit; infinity if the data set none.
    """

    value: float
    low: float
    high: float

    @property
    def is_positive(self) -> bool:
        """Whether value and limits are finite and above 0: the data bound its logarithm on both sides."""
        return 0.0 < self.low <= self.high < np.inf

    def mapped(self, function: Callable[[float], npt.ArrayLike]) -> Estimate:
        """The estimate of a monotone function of the parameter; a falling one exchanges the limits.

        Args:
            function: may return infinities.
        """
        with np.errstate(divide="ignore", over="ignore"):
            value, *ends = (float(np.asarray(function(each))) for each in (self.value, self.low, self.high))
        return Estimate(value, min(ends), max(ends))

    def as_table(self) -> dict[str, float]:
        """The three numbers by name."""
        return asdict(self)


@dataclass(frozen=True)
class Goodness:
    """How well a model with its best parameters describes the data.

    Attributes:
        points: number of data.
        parameters: number of fitted parameters.
        standard_deviation: of the data about the model, in their unit (of ln T2 and ln D: relative).
        r_squared: share of the variance of the data that the model explains.
        reduced_chi2: sum of squares over known variances, by degree of freedom; None where none are known.
    """

    points: int
    parameters: int
    standard_deviation: float
    r_squared: float
    reduced_chi2: float | None = None

    @classmethod
    def of(
        cls, data: Array, residuals: Array, parameters: int, reduced_chi2: float | None = None
    ) -> Goodness:
        """From data and what the model leaves of them.

        Args:
            data: (n,).
            residuals: (n,) data minus model.
            parameters: number of fitted parameters.
            reduced_chi2: where the errors of the data are known.
        """
        squares, variance = float(np.sum(residuals**2)), float(np.sum((data - data.mean()) ** 2))
        freedom = data.size - parameters
        return cls(
            points=data.size,
            parameters=parameters,
            standard_deviation=float(np.sqrt(squares / freedom)) if freedom > 0 else float("nan"),
            r_squared=1.0 - squares / variance if variance > 0.0 else float("nan"),
            reduced_chi2=reduced_chi2,
        )

    def as_table(self) -> dict[str, Any]:
        """The numbers by name; reduced_chi2 where errors are known."""
        return {name: value for name, value in asdict(self).items() if value is not None}
