"""A simulated exchange as the model of a fit: finite surroundings, several phases, a costly interface."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scl_fem.errors import InputError
from scl_fem.output.names import CASE_FILE, DECAY_FILE
from scl_fem.output.tables import read_table
from scl_fem.physics.types import Array

_PLATEAU_CHANGE = 1e-3
"""Exchange in the second half of a simulation below which it has come to its plateau."""


@dataclass(frozen=True)
class SimulatedExchange:
    """The exchanged fraction of an exsy study, as a function of D t.

    If every diffusivity and permeability of a case is multiplied by a number, the same happens in the
    time divided by it. So one simulation serves for every D, the ratios being those of its case.

    Attributes:
        spread_cm2: (n,) D t of the particle, ascending from the first step.
        exchanged: (n,) fraction.
        particle_size_nm: edge of the particle.
    """

    spread_cm2: Array
    exchanged: Array
    particle_size_nm: float

    def __call__(self, diffusivity: npt.ArrayLike, time: npt.ArrayLike) -> Array:
        """Exchanged fraction at diffusivities of the particle (cm^2/s) and times (s), which broadcast.

        Before the first step it grows with the square root of time; after the last it stays.
        """
        spread = np.asarray(diffusivity, dtype=float) * np.asarray(time, dtype=float)
        first, last = self.spread_cm2[0], self.spread_cm2[-1]
        inside = self._interpolant(np.sqrt(np.clip(spread, first, last)))
        return np.where(spread < first, self.exchanged[0] * np.sqrt(np.minimum(spread / first, 1.0)), inside)

    @cached_property
    def _interpolant(self) -> Callable[[Array], Array]:
        """Of sqrt(D t), in which the exchange begins straight; monotone as the data are."""
        from scipy.interpolate import PchipInterpolator

        return PchipInterpolator(np.sqrt(self.spread_cm2), self.exchanged)

    def covers(self, diffusivity: float, time: float) -> bool:
        """Whether the simulation goes as far as a D (cm^2/s) takes the particle in a time (s), or to its end.

        Its end is where the exchange has come to its plateau.
        """
        last = self.spread_cm2[-1]
        has_ended = self.exchanged[-1] - self(last / 2.0, 1.0) < _PLATEAU_CHANGE
        return bool(has_ended or diffusivity * time <= last * (1.0 + 1e-9))


def simulated_exchange(directory: Path) -> SimulatedExchange:
    """The exchange of a result folder of an exsy study.

    Args:
        directory: with case.toml and decay.csv.

    Raises:
        InputError: it is no such folder.
    """
    case = _read_case(directory / CASE_FILE)
    table, settings = read_table(directory / DECAY_FILE), case.get("exsy") or {}
    diffusivity = settings.get("particle_diffusivity") or settings.get("diffusivity")
    size = (case.get("mesh") or {}).get("particle_size")
    if not isinstance(diffusivity, float | int) or not isinstance(size, float | int):
        raise InputError(
            "does not say [exsy] diffusivity and [mesh] particle_size as numbers",
            file=str(directory / CASE_FILE),
            allowed="the case of a result folder, as scl-fem run writes it",
        )
    if not {"time_s", "exchanged"} <= table.keys():
        raise InputError("has no columns time_s and exchanged", file=str(directory / DECAY_FILE))
    time, exchanged = (np.asarray(table[name], dtype=float) for name in ("time_s", "exchanged"))
    moving = time > 0.0
    if np.count_nonzero(moving) < 2:
        raise InputError("holds less than two times above 0", file=str(directory / DECAY_FILE))
    return SimulatedExchange(diffusivity * time[moving], exchanged[moving], float(size))


def _read_case(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError("there is no such file", file=str(path)) from None
    except (OSError, ValueError) as error:
        raise InputError(f"not readable as TOML ({error})", file=str(path)) from error
