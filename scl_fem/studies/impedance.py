"""The study "impedance": the spectrum about equilibrium, and what an equivalent circuit makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from scl_fem.case.transport import ImpedanceStudy as ImpedanceSettings
from scl_fem.constants import OHM_CM2
from scl_fem.discretisation.transport import TransportSystem
from scl_fem.output.names import IMPEDANCE_FILE
from scl_fem.output.tables import Column
from scl_fem.postprocess.circuit import fit_circuit
from scl_fem.postprocess.summary import conduction_summary
from scl_fem.solvers.impedance import LinearResponse
from scl_fem.solvers.resistances import Resistances
from scl_fem.studies.equilibrium import EquilibriumStudy
from scl_fem.studies.kinds import STUDIES


@STUDIES.register("impedance")
class ImpedanceStudy(EquilibriumStudy):
    """Equilibrium, then its linear response.

    Attributes:
        frequencies: Hz.
        spectrum: complex impedance, ohm cm^2.
        resistances: at zero frequency with reversible terminals.
    """

    frequencies: np.ndarray
    spectrum: np.ndarray
    resistances: Resistances

    def solve(self) -> None:
        """See `Study`."""
        super().solve()
        self.reporter.stage("impedance")
        table = cast(ImpedanceSettings, self.case.study)
        decades = np.log10(table.frequency_stop / table.frequency_start)
        points = max(2, round(decades * table.points_per_decade) + 1)
        self.frequencies = np.geomspace(table.frequency_start, table.frequency_stop, points)
        system = TransportSystem(self.space, self.phases, self.law)
        response = LinearResponse(system, self.equilibrium.phi.x.array, self.case.solver)
        blocking = self.case.boundary.kind == "closed"
        self.resistances = response.resistances()
        impedances = []
        for frequency in self.frequencies:
            impedances.append(response.impedance(frequency, blocking))
            self.reporter.step(f"{frequency:.3g} Hz")
        self.spectrum = OHM_CM2 * np.array(impedances)

    def numbers(self) -> dict[str, Any]:
        """See `Study`."""
        found = {
            **super().numbers(),
            **conduction_summary(self.resistances),
        }
        if self.case.boundary.kind == "bulk":
            interface = found["interface_resistance_ohm_cm2"]
            bulk = found["bulk_resistance_ohm_cm2"]
            found["fit"] = fit_circuit(self.frequencies, self.spectrum, interface, bulk)
        else:
            why = "blocking terminals: no resistance at zero frequency"
            found["fit"] = {"identifiable": False, "why": why}
        return found

    def tables(self) -> dict[str, Mapping[str, Column]]:
        """See `Study`."""
        spectrum = {
            "frequency_Hz": self.frequencies,
            "Z_re_ohm_cm2": self.spectrum.real,
            "Z_im_ohm_cm2": self.spectrum.imag,
        }
        return {**super().tables(), IMPEDANCE_FILE: spectrum}
