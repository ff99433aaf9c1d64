"""Physical constants, and the working units of the solvers: nm, V, e, eV, s, K.

In these units every number of the problem is near 1, one mobile charge is 1, and an energy
in eV divided by a charge number is a potential in V.
"""

from __future__ import annotations

from typing import Final

VACUUM_PERMITTIVITY: Final = 0.0552634936
"""eps_0 in e/(V nm)."""

BOLTZMANN: Final = 8.617333262e-5
"""k in eV/K (CODATA 2018)."""

ELEMENTARY_CHARGE: Final = 1.602176634e-19
"""e in C (exact in the SI of 2019)."""

AVOGADRO: Final = 6.02214076e23
"""N_A in 1/mol (exact in the SI of 2019)."""

FARADAY: Final = ELEMENTARY_CHARGE * AVOGADRO
"""F in C/mol."""

GAS_CONSTANT: Final = BOLTZMANN * FARADAY
"""R in J/(mol K): k in eV/K times F, since k/e = R/F."""

ROOM_TEMPERATURE: Final = 298.15
"""K."""

NM2_PER_CM2: Final = 1e14

SIEMENS_PER_CM: Final = ELEMENTARY_CHARGE * 1e7
"""One e/(V s nm), the working unit of conductivity, in S/cm."""

OHM_CM2: Final = 1.0 / (ELEMENTARY_CHARGE * NM2_PER_CM2)
"""One V s nm^2/e, the working unit of an area-specific resistance, in ohm cm^2."""

MILLIAMPERE_PER_CM2: Final = ELEMENTARY_CHARGE * NM2_PER_CM2 * 1e3
"""One e/(nm^2 s), the working unit of a current density, in mA/cm^2."""

MICROFARAD_PER_CM2: Final = ELEMENTARY_CHARGE * NM2_PER_CM2 * 1e6
"""One e/(V nm^2), the working unit of an area-specific capacitance, in uF/cm^2."""


def thermal_energy(temperature: float) -> float:
    """kT in eV at a temperature in K."""
    return BOLTZMANN * temperature
