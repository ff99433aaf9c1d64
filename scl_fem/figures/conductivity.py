"""Conductivity across the interface, and where the resistance of the layer comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from scl_fem.figures.kinds import Note, figure
from scl_fem.figures.panels import Row, draw_rows
from scl_fem.figures.result import ResultData
from scl_fem.figures.style import PHASE_COLOURS
from scl_fem.output.names import PROFILE_FILE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_CM_PER_NM = 1e-7
_SMALLEST_RESISTANCE = 0.1
"""mΩ cm^2: less is none."""

_PREFIXES = {0: "", -3: "m", -6: "µ", -9: "n", -12: "p"}


@figure("conductivity", PROFILE_FILE)
def draw_conductivity(result: ResultData, note: Note) -> Figure | None:
    """Conductivity above the excess resistance summed up from the electrode's end."""
    if not result.is_pair:
        return None
    bulk = {phase: _bulk_conductivity(result, phase) for phase in PHASE_COLOURS}
    largest = float(result.profile.sigma_S_per_cm.max())
    exponent = next((power for power in _PREFIXES if largest >= 10.0**power), -12)
    scale = 10.0**-exponent
    conductivity = Row(
        f"Li⁺ conductivity\n({_PREFIXES[exponent]}S cm⁻¹)",
        scale * result.profile.sigma_S_per_cm,
        {phase: scale * value for phase, value in bulk.items()},
        smallest_span=0.0,
        ratio=True,
    )
    excess = Row(
        "Cumulative excess\nresistance (mΩ cm²)",
        1e3 * _excess_resistance(result, bulk),
        {},
        smallest_span=_SMALLEST_RESISTANCE,
    )
    return draw_rows(result, (conductivity, excess))


def _bulk_conductivity(result: ResultData, phase: str) -> float:
    """S/cm: the summary's, or that at the far end of the profile."""
    given = result.side(phase).get("conductivity_bulk_S_per_cm")
    if given is not None:
        return float(given)
    end = 0 if phase == "electrode" else -1
    return float(result.profile.of(phase).sigma_S_per_cm[end])


def _excess_resistance(result: ResultData, bulk: dict[str, float]) -> npt.NDArray[np.float64]:
    """Integral of 1/sigma - 1/sigma_bulk from the first row of the profile to each, ohm cm^2."""
    profile = result.profile
    bulk_of_row = np.array([bulk[phase] for phase in profile.phase])
    excess = 1.0 / profile.sigma_S_per_cm - 1.0 / bulk_of_row
    steps = 0.5 * (excess[1:] + excess[:-1]) * np.diff(profile.z_nm) * _CM_PER_NM
    return np.concatenate([[0.0], np.cumsum(steps)])
