"""Section: what an interface would have to be to cost what is measured."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from scl_fem.constants import ROOM_TEMPERATURE, thermal_energy
from scl_fem.physics.exchange import interface_resistance, permeability_current_density
from scl_fem.reproduce.cheng2020.currents import LITHIUM_PER_NM3
from scl_fem.reproduce.cheng2020.layers import Layer, solve_conduction
from scl_fem.reproduce.cheng2020.printed import LAGP_CONDUCTIVITY_MEASURED, SAMPLES
from scl_fem.reproduce.report import Cell, Section, Table

if TYPE_CHECKING:
    from mpi4py import MPI

LAYER_NM = 1.0
"""Thickness of the grain-boundary layer that is asked about."""


def answers_section(comm: MPI.Comm, layers: Mapping[str, Layer]) -> Section:
    """The laws of interfaces that account for the measured resistances. Collective.

    Args:
        comm: communicator.
        layers: in the default reading.
    """
    return Section(
        "open_question",
        "The open question: what accounts for 33, 63 and 188 Ω cm²?",
        text=(
            "Concentration alone does not. Each row asks how far one cause alone would have to go, and "
            "solves the conduction through layers and interface with it. One resistance cannot tell "
            "kinetics, a grain-boundary layer and a barrier apart: they differ in their dependence on "
            "temperature and frequency. These parameters are derived from the measured resistances, and "
            "predict nothing.",
        ),
        tables=(_kinetics(comm, layers), _grain_boundary(comm)),
    )


def _kinetics(comm: MPI.Comm, layers: Mapping[str, Layer]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    per_permeability = permeability_current_density(1.0, LITHIUM_PER_NM3)
    for sample in SAMPLES:
        current = float(interface_resistance(1.0, ROOM_TEMPERATURE)) / sample.resistance
        found = solve_conduction(comm, sample, {"law": "exchange", "exchange_current_density": current})
        rows.append(
            (
                f"{sample.name} | LAGP",
                sample.resistance,
                current,
                current / per_permeability,
                found["interface_resistance_ohm_cm2"],
                float(layers[sample.name].summary["excess_resistance_ohm_cm2"]),
            )
        )
    return Table(
        "kinetics",
        "Finite kinetics (interface law exchange)",
        (
            "interface",
            "measured R (Ω cm²)",
            "j_0 needed (mA/cm²)",
            "as a permeability (cm/s)",
            "R solved (Ω cm²)",
            "of which the layers, by their excess (Ω cm²)",
        ),
        tuple(rows),
        "The permeability is j_0/(e c) with c = c_max/2 of LixV2O5.",
    )


def _grain_boundary(comm: MPI.Comm) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for sample in SAMPLES:
        conductivity = LAYER_NM * 1e-7 / sample.resistance
        law = {"law": "layer", "thickness": LAYER_NM, "conductivity": conductivity}
        found = solve_conduction(comm, sample, law)
        rows.append(
            (
                f"{sample.name} | LAGP",
                conductivity,
                conductivity / LAGP_CONDUCTIVITY_MEASURED,
                _barrier(conductivity / LAGP_CONDUCTIVITY_MEASURED),
                found["interface_resistance_ohm_cm2"],
                sample.step,
            )
        )
    return Table(
        "grain_boundary",
        f"A grain-boundary layer of {LAYER_NM:g} nm (interface law layer)",
        (
            "interface",
            "σ needed (S/cm)",
            "over measured σ of LAGP",
            "or barrier E_b in LAGP of 0.12 mS/cm (eV)",
            "R solved (Ω cm²)",
            "step across the whole layer (V)",
        ),
        tuple(rows),
        "A barrier of 0.3 eV in one nanometre would be enough for each. A step of potential is not yet a "
        "barrier, but those of the charged layers are of that size, and the activation energies of Li2V2O5 "
        "and LiV2O5 differ by 0.200 eV. LiV2O5 has no step: whatever makes its 33 Ω cm² is no space-charge "
        "layer of this model.",
    )


def _barrier(ratio: float) -> float:
    """E_b in eV with exp(-E_b/kT) as given."""
    return -thermal_energy(ROOM_TEMPERATURE) * math.log(ratio)
