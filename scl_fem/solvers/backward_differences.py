"""Backward differences with steps of any length: weights, and what their error is estimated from."""

from __future__ import annotations

from collections.abc import Sequence


def bdf2_weights(ratio: float) -> tuple[float, float, float]:
    """Leading coefficient of BDF2, and what the two older values weigh against the new one.

    Args:
        ratio: of the step to the one before.
    """
    leading = (1.0 + 2.0 * ratio) / (1.0 + ratio)
    return leading, (1.0 + ratio) / leading, ratio**2 / (1.0 + ratio) / leading


def predictor(times: Sequence[float], time: float, order: int) -> tuple[tuple[float, ...], float]:
    """Extrapolation to a new time by a polynomial of the order of the method.

    Args:
        times: accepted ones, at least order + 1, newest last, s.
        time: the new one, s.
        order: 1 (implicit Euler) or 2 (BDF2).

    Returns:
        Weights of the last order + 1 values, the oldest first, and the share of the method's error in
        the distance of its solution from the extrapolated one.
    """
    h, h1 = time - times[-1], times[-1] - times[-2]
    if order == 1:
        corrected, predicted = h**2 / 2.0, h * (h + h1) / 2.0
        weights: tuple[float, ...] = (-h / h1, 1.0 + h / h1)
    else:
        h2 = times[-2] - times[-3]
        corrected = h**2 * (h + h1) ** 2 / (6.0 * (2.0 * h + h1))
        predicted = h * (h + h1) * (h + h1 + h2) / 6.0
        weights = (
            h * (h + h1) / (h2 * (h1 + h2)),
            -h * (h + h1 + h2) / (h1 * h2),
            (h + h1) * (h + h1 + h2) / (h1 * (h1 + h2)),
        )
    return weights, corrected / (corrected + predicted)
