"""Cross peaks as fractions of all: normalised by the diagonal, with their errors and their relaxation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scl_fem.errors import InputError, unknown_name
from scl_fem.fits.build_up import ExsyCurve, LackOfFit
from scl_fem.fits.data import COLUMNS, UNSCALED, checked, checked_errors, implausible
from scl_fem.physics.types import Array

FREE = "free"
_ABSURD_AMPLITUDE = 20.0
"""Plateau that no normalisation explains."""

_MOST_FADED = 0.25
"""Share of the rows in which both peaks may have faded."""

_MOST_TEMPERATURES = 6
"""Temperatures that a remark names one by one."""


@dataclass(frozen=True)
class CrossPeaks:
    """What the fits of build-ups take.

    Attributes:
        temperature: (n,) K.
        time: (n,) mixing times in s.
        fraction: (n,) cross peak as a fraction of all.
        errors: (n,) standard errors of the fractions, or their ratios; None where they are equal.
        has_known_errors: whether the errors are known, not only their ratios.
        relaxation: (n,) T1 in s, infinite where none is given; None where it is to be fitted.
        remarks: on what was given.
    """

    temperature: Array
    time: Array
    fraction: Array
    errors: Array | None
    has_known_errors: bool
    relaxation: Array | None
    remarks: tuple[str, ...]

    def relaxation_at(self, rows: npt.NDArray[np.intp]) -> float | None:
        """T1 in s of the rows of one temperature; None where it is to be fitted.

        Args:
            rows: (m,) their indices.

        Raises:
            InputError: it is not the same in all.
        """
        if self.relaxation is None:
            return None
        found = np.unique(self.relaxation[rows])
        if found.size > 1:
            raise InputError(
                f"is {found[0]:g} and {found[1]:g} s at {self.temperature[rows[0]]:g} K",
                key="T1_s",
                allowed="one number at each temperature",
            )
        return float(found[0])


def cross_peaks(
    temperature_K: npt.ArrayLike,
    mixing_time_s: npt.ArrayLike,
    intensity: npt.ArrayLike,
    T1_s: npt.ArrayLike | str | None,
    diagonal: npt.ArrayLike | None,
    intensity_error: npt.ArrayLike | None,
    diagonal_error: npt.ArrayLike | None,
) -> CrossPeaks:
    """See that data can be, and normalise them; arguments as those of `fit_exsy`.

    Raises:
        InputError: they cannot be; names the column.
    """
    data = {"temperature_K": temperature_K, "mixing_time_s": mixing_time_s, "intensity": intensity}
    if diagonal is None:
        if diagonal_error is not None:
            raise InputError("there are errors of a diagonal that is not given", key="diagonal_error")
        temperature, time, peak = checked(**data)
        errors = checked_errors("intensity", intensity_error, peak)
        said: list[str] = []
    else:
        columns = {**COLUMNS, "intensity": UNSCALED}
        temperature, time, cross, on_diagonal = checked(columns, **data, diagonal=diagonal)
        cross_error = checked_errors("intensity", intensity_error, cross)
        own_error = checked_errors("diagonal", diagonal_error, on_diagonal)
        kept = _above_noise(cross, on_diagonal)
        temperature, time, cross, on_diagonal = (
            each[kept] for each in (temperature, time, cross, on_diagonal)
        )
        cross_error, own_error = (None if each is None else each[kept] for each in (cross_error, own_error))
        peak, errors = _normalised(cross, on_diagonal, cross_error, own_error)
        said = ["intensities were divided by diagonal plus cross peaks"]
        if not kept.all():
            said.append(
                f"{np.count_nonzero(~kept)} of {kept.size} rows were left out: diagonal plus cross peak have "
                "faded into the noise there"
            )
    return CrossPeaks(
        temperature=temperature,
        time=time,
        fraction=peak,
        errors=errors,
        has_known_errors=intensity_error is not None,
        relaxation=_relaxation(T1_s, diagonal, temperature),
        remarks=(*implausible(temperature_K=temperature, mixing_time_s=time), *said),
    )


def _above_noise(cross: Array, diagonal: Array) -> npt.NDArray[np.bool_]:
    """Which rows have a fraction that can be: the others have faded, if they are few.

    Raises:
        InputError: they are not.
    """
    whole, column = cross + diagonal, COLUMNS["intensity"]
    can_be = whole > 0.0
    fraction = np.divide(cross, whole, out=np.zeros_like(cross), where=can_be)
    can_be &= np.array([column.problem(each) is None for each in fraction])
    wrong = np.flatnonzero(~can_be)
    if wrong.size > _MOST_FADED * cross.size:
        place = wrong[0]
        raise InputError(
            f"diagonal plus cross peak is {whole[place]:g} where the cross peak is {cross[place]:g}, in row "
            f"{place + 1} of the data",
            key="diagonal",
            allowed="a positive sum of which the cross peak is a part, both in the same units",
        )
    return can_be


def _normalised(
    cross: Array, diagonal: Array, cross_error: Array | None, diagonal_error: Array | None
) -> tuple[Array, Array]:
    """Cross peaks over diagonal plus cross peaks, and the errors of that; their ratios where none are known.

    The noise of a spectrum is the same everywhere in it, so that the error of the ratio grows as both peaks
    fade.
    """
    whole = cross + diagonal
    fraction = cross / whole
    if cross_error is None and diagonal_error is not None:
        raise InputError("is missing beside the errors of the diagonal", key="intensity_error")
    of_cross = np.ones_like(cross) if cross_error is None else cross_error
    of_diagonal = of_cross if diagonal_error is None else diagonal_error
    errors = np.hypot(diagonal * of_cross, cross * of_diagonal) / whole**2
    return fraction, errors if cross_error is not None else errors / np.sqrt(np.mean(errors**2))


def _relaxation(T1_s: npt.ArrayLike | str | None, diagonal: object, temperature: Array) -> Array | None:
    if T1_s is None:
        return np.full(temperature.shape, np.inf)
    if diagonal is not None:
        raise InputError(
            "must not be given beside a diagonal: it cancels from cross over diagonal plus cross", key="T1_s"
        )
    if isinstance(T1_s, str):
        if T1_s != FREE:
            raise unknown_name("T1_s", T1_s, [FREE])
        return None
    try:
        given = np.broadcast_to(np.asarray(T1_s, dtype=float), temperature.shape)
    except (TypeError, ValueError):
        raise InputError("must be one number, or as many as there are data", key="T1_s") from None
    return checked(T1_s=given)[0]


def lack_of_fit_remarks(curves: Sequence[ExsyCurve], *, is_normalised: bool) -> list[str]:
    """Sentences about the build-ups that the model does not describe, one for each reason.

    Args:
        curves: fitted.
        is_normalised: whether the fit itself divided by diagonal plus cross.
    """
    lacking = [(curve, curve.lack_of_fit) for curve in curves if curve.lack_of_fit is not None]
    remarks = []
    for reason in dict.fromkeys(lack.reason for _, lack in lacking):
        found = [(curve, lack) for curve, lack in lacking if lack.reason == reason]
        names = [f"{curve.temperature_K:.10g}" for curve, _ in found]
        more = f" and {len(names) - _MOST_TEMPERATURES} more" if len(names) > _MOST_TEMPERATURES else ""
        where = f"{', '.join(names[:_MOST_TEMPERATURES])} K{more}"
        worst = min((lack for _, lack in found), key=lambda each: each.probability)
        known = found[0][0].known_T1_s
        remarks.append(
            f"lack of fit at {where}: the model does not describe the cross peaks "
            f"(p = {max(worst.probability, 1e-99):.1g}), and D and its limits there cannot be relied on; "
            f"{_why(worst, known)}; {_ways_out(found[0][0], is_normalised)}"
        )
    return remarks


def _why(lack: LackOfFit, known_T1_s: float) -> str:
    if lack.reason == "relaxation":
        return f"they fall as if by T1 relaxation (T1 near {lack.value:.2g} s would describe them better)"
    if lack.reason == "amplitude" and lack.value > 1.0:
        if np.isfinite(known_T1_s):
            return f"they rise more than with T1 = {known_T1_s:.3g} s, as if it were longer"
        size = f" ({lack.value:.2g} would describe them better)" if lack.value < _ABSURD_AMPLITUDE else ""
        return f"they tend to more than 1{size}, as if they were normalised to the largest peak"
    if lack.reason == "amplitude":
        return (
            f"they tend to less than 1 ({lack.value:.2g} would describe them better), by T1 relaxation, "
            "a finite mixture or another normalisation"
        )
    return "neither a plateau nor T1 relaxation explains it: see the model, the particle size and outliers"


def _ways_out(curve: ExsyCurve, is_normalised: bool) -> str:
    """What can be tried that was not."""
    ways = []
    if not is_normalised:
        ways.append("normalise by diagonal plus cross peaks (a column diagonal, which T1 cancels from)")
        if curve.T1_s is None and not np.isfinite(curve.known_T1_s):
            ways.append("give T1 (--t1 with a time or free, or a column T1_s)")
    if curve.amplitude is None:
        ways.append("fit what they tend to (--amplitude free)")
    return ", or ".join(ways) if ways else "every option that might mend it is in use"
