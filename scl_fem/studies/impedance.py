"""The study "impedance": the spectrum about equilibrium, and what an equivalent circuit makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from scl_fem.case.transport import ImpedanceStudy as ImpedanceSettings
from scl_fem.constants import OHM_CM2
from scl_fem.errors import ConvergenceError
from scl_fem.output.names import IMPEDANCE_FILE
from scl_fem.output.tables import Column
from scl_fem.postprocess.circuit import fit_circuit
from scl_fem.progress import Decades
from scl_fem.solvers.impedance import LinearResponse
from scl_fem.solvers.resistances import Resistances
from scl_fem.studies.kinds import STUDIES
from scl_fem.studies.probed import ProbedStudy


@STUDIES.register("impedance")
class ImpedanceStudy(ProbedStudy):
    """Equilibrium, then its linear response.

    Attributes:
        frequencies: Hz.
        spectrum: complex impedance, ohm cm^2; NaN where the solve failed.
        resistances: at zero frequency, None where that failed.
        blocking: whether nothing passes the contacts; the resistances are then those between open ones.
    """

    frequencies: np.ndarray
    spectrum: np.ndarray
    resistances: Resistances | None
    blocking: bool

    def solve(self) -> None:
        """See `Study`."""
        super().solve()
        self.reporter.stage("impedance")
        table = cast(ImpedanceSettings, self.case.study)
        decades = np.log10(table.frequency_stop / table.frequency_start)
        points = max(2, round(decades * table.points_per_decade) + 1)
        self.frequencies = np.geomspace(table.frequency_start, table.frequency_stop, points)
        response = self.response_between(self.probed())
        self.resistances = self._passing(response)
        impedances, trouble = [], ""
        decades_seen = Decades()
        self.reporter.fraction(0.0)
        for frequency in self.frequencies:
            self.interruption.heed(f"interrupted before {frequency:.3g} Hz; the equilibrium is solved")
            try:
                impedances.append(response.impedance(frequency))
            except ConvergenceError as error:
                impedances.append(complex(np.nan, np.nan))
                trouble = str(error)
            self.reporter.fraction(len(impedances) / points)
            self.reporter.step(f"{frequency:.3g} Hz", decades_seen.begins(frequency))
        self.spectrum = OHM_CM2 * np.array(impedances)
        self._remark_missing(trouble)

    def _passing(self, response: LinearResponse) -> Resistances | None:
        """Resistances at zero frequency; between open contacts where nothing passes those of the case."""
        self.blocking = not response.passing
        if self.blocking:
            response = self.response_between(self.probed(closed_is_open=True))
            if not response.passing:
                self.reporter.note(response.why_none)
                return None
        return self.derived("resistances at zero frequency", response.resistances)

    def _remark_missing(self, trouble: str) -> None:
        """Say which frequencies have no impedance, and why."""
        missing = self.frequencies[~np.isfinite(self.spectrum)]
        if not missing.size:
            return
        trouble = trouble or "it is beyond floating-point numbers"
        self.reporter.note(
            f"the impedance is missing at {missing.size} of {self.frequencies.size} frequencies, "
            f"{missing[0]:.3g} to {missing[-1]:.3g} Hz (nan in {IMPEDANCE_FILE}): {trouble}; "
            "study.frequency_start and study.frequency_stop leave them out"
        )
        if missing.size == self.frequencies.size:
            self.unsolved = f"the impedance is missing at every frequency: {trouble}"

    def numbers(self) -> dict[str, Any]:
        """See `Study`."""
        found = self.with_resistances(super().numbers(), self.resistances, self.probed())
        found["fit"] = self._fit()
        return found

    def _fit(self) -> dict[str, Any]:
        """What an equivalent circuit makes of the spectrum, or why it makes nothing of it."""
        known, resistances = np.isfinite(self.spectrum), self.resistances
        if self.blocking:
            return {"identifiable": False, "why": "blocking terminals: no resistance at zero frequency"}
        if resistances is None or not known.any():
            return {"identifiable": False, "why": "the spectrum or its limit at zero frequency is missing"}
        interface, bulk = (OHM_CM2 * each for each in (resistances.interface, resistances.bulk))
        fit = self.derived(
            "fit", lambda: fit_circuit(self.frequencies[known], self.spectrum[known], interface, bulk)
        )
        return fit or {"identifiable": False, "why": self.derived.failures["fit"]}

    def tables(self) -> dict[str, Mapping[str, Column]]:
        """See `Study`."""
        spectrum = {
            "frequency_Hz": self.frequencies,
            "Z_re_ohm_cm2": self.spectrum.real,
            "Z_im_ohm_cm2": self.spectrum.imag,
        }
        return {**super().tables(), IMPEDANCE_FILE: spectrum}
