"""What the paper prints: Cheng et al., Joule 4(6) (2020) 1311-1323, text and Supplemental Information.

Table S2's entries are read without the superscript reference numbers that stick to them where that is beyond
doubt (D*, D_min, eps_r); for Omega and E_M both readings are kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy.typing as npt

from scl_fem.constants import ROOM_TEMPERATURE
from scl_fem.physics.relaxation import arrhenius_value
from scl_fem.physics.types import Array

CITATION = (
    "Cheng, Z., Liu, M., Ganapathy, S., Li, C., Li, Z., Zhang, X., He, P., Zhou, H., Wagemaker, M. (2020): "
    "Revealing the Impact of Space-Charge Layers on the Li-Ion Transport in All-Solid-State Batteries. "
    "Joule 4(6), 1311-1323, doi 10.1016/j.joule.2020.04.002 (here: the paper)."
)


@dataclass(frozen=True)
class Relaxation:
    """T2 of one sample.

    Attributes:
        activation_energy: eV.
        tau_inf_ns: ns.
        tau_room_us: correlation time at room temperature, us.
        tau_break_us: at the break point, us.
        break_temperature: K.
        diffusivity: at room temperature, cm^2/s.
    """

    activation_energy: float
    tau_inf_ns: float
    tau_room_us: float
    tau_break_us: float
    break_temperature: float
    diffusivity: float


@dataclass(frozen=True)
class Exchange:
    """EXSY of one sample.

    Attributes:
        diffusivity: D_eff across the interface at room temperature, cm^2/s.
        activation_energy: eV.
        exchanged: fraction after 1 s at room temperature.
    """

    diffusivity: float
    activation_energy: float
    exchanged: float

    def diffusivity_at(self, temperature: npt.ArrayLike) -> Array:
        """D_eff at temperatures in K, from its value at room temperature and Ea, cm^2/s."""
        energy = self.activation_energy
        factor = arrhenius_value(1.0, energy, temperature) / arrhenius_value(1.0, energy, ROOM_TEMPERATURE)
        return self.diffusivity * factor


@dataclass(frozen=True)
class Sample:
    """One composition of LixV2O5, against LAGP.

    Attributes:
        name: formula.
        x: as the formula says.
        icp: Li per V2O5 by ICP, Table S1.
        lithium_percent: by weight, Table S1.
        vanadium_percent: by weight, Table S1.
        voltage: V against Li.
        layer_nm: thickness of the space-charge layer.
        layer_text: as printed.
        layer_resistance: by concentration alone, ohm cm^2.
        current: exchange current density, mA/cm^2.
        resistance: of the interface by Horvai's relation, ohm cm^2.
        relaxation: T2.
        exchange: EXSY; None where no exchange was seen.
    """

    name: str
    x: float
    icp: float
    lithium_percent: float
    vanadium_percent: float
    voltage: float
    layer_nm: float
    layer_text: str
    layer_resistance: float
    current: float
    resistance: float
    relaxation: Relaxation
    exchange: Exchange | None

    @property
    def step(self) -> float:
        """V of the electrode less that of LAGP."""
        return self.voltage - LAGP_VOLTAGE

    @property
    def seen_exchange(self) -> Exchange:
        """EXSY.

        Raises:
            ValueError: no exchange was seen.
        """
        if self.exchange is None:
            raise ValueError(f"no exchange was seen in {self.name}")
        return self.exchange


LAGP_VOLTAGE = 3.0
"""V against Li."""

LI02 = Sample(
    "Li0.2V2O5", 0.2, 0.2, 0.7, 51.1, 3.4, 0.7, "~0.7", 0.0061, 0.13, 188.0,
    Relaxation(0.13, 230.0, 36.2, 27.1, 317.0, 1.79e-11), None,
)  # fmt: skip
LI1 = Sample(
    "LiV2O5", 1.0, 1.1, 3.2, 50.8, 3.0, 0.0, "none", 0.0, 0.77, 33.0,
    Relaxation(0.17, 52.0, 38.6, 12.4, 360.0, 1.68e-11), Exchange(1.0e-12, 0.315, 0.57),
)  # fmt: skip
LI2 = Sample(
    "Li2V2O5", 2.0, 1.9, 6.2, 47.6, 2.4, 0.5, "~0.5", 0.0009, 0.41, 63.0,
    Relaxation(0.08, 950.0, 21.3, 11.4, 373.0, 3.04e-11), Exchange(4.4e-14, 0.515, 0.30),
)  # fmt: skip
SAMPLES = (LI02, LI1, LI2)

EXCHANGING = (LI1, LI2)
"""The samples whose exchange was seen."""

TABLE_S2 = {
    "LVO": {
        "c_max": 16.856, "permittivity": 16.73, "regular_solution": 0.0165, "defect_energy": 2.46,
        "diffusivity": 2e-9, "diffusivity_min": 8e-14,
    },
    "LAGP": {
        "c_max": 13.06, "bulk_concentration": 5.372, "voltage": 3.0, "permittivity": 41.0,
        "regular_solution": 0.0, "defect_energy": 4.77, "diffusivity": 1e-9,
    },
}  # fmt: skip
"""Under the keys and in the units of a material."""

WITHOUT_SUPERSCRIPTS = {
    "LVO": {"regular_solution": 0.016, "defect_energy": 2.4},
    "LAGP": {"defect_energy": 4.7},
}
"""The entries of Table S2 whose last digit is probably the number of a reference (5, 6, 7)."""

PARTICLE_NM, GRAIN_NM, DISTANCE_NM = 110.0, 20.0, 65.0
"""Crystallites of LAGP and of LixV2O5, and the diffusion distance d, centre to centre."""

WEIGHT_RATIO = 4.0
"""LixV2O5 over LAGP in the mixture."""

LONGEST_MIXING_TIME, SHORTEST_MIXING_TIME = 1.0, 0.5e-3
"""s."""

EXSY_TEMPERATURES = (273.0, 363.0)
T2_TEMPERATURES = (258.0, 438.0)
"""First and last, K."""

LAGP_CONDUCTIVITY_MEASURED = 0.12e-3
LAGP_CONDUCTIVITY_ASSUMED = 1e-3
"""S/cm: by impedance, as prepared; and in the comparison with a layer of electrolyte."""

LAGP_ACTIVATION_ENERGY = 0.166
LAGP_DIFFUSIVITY_IN_TEXT = 1e-13
ELECTROLYTE_UM, ELECTROLYTE_RESISTANCE = 100.0, 10.0
PELLET_DIAMETER_MM, PELLET_THICKNESS_MM = 8.0, 2.0
LARMOR_MHZ, JUMP_ANGSTROM = 73.60, 3.60
"""The paper does not print the b axis: 3.60 Angstrom gives its diffusivities to the last digit."""
