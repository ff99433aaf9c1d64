"""Section: what goes in, Tables S1 and S2 and the voltages, beside what the material library holds."""

from __future__ import annotations

from scl_fem.materials import load_material
from scl_fem.physics.relaxation import JUMP_LENGTH_LVO_NM, LARMOR_FREQUENCY_LI6_HZ
from scl_fem.reproduce.cheng2020.printed import (
    JUMP_ANGSTROM,
    LAGP_ACTIVATION_ENERGY,
    LARMOR_MHZ,
    SAMPLES,
    TABLE_S2,
    Sample,
)
from scl_fem.reproduce.report import Number, Section, Table

LITHIUM_MASS, LITHIUM6_MASS, VANADIUM_MASS = 6.94, 6.0151, 50.942
"""g/mol (IUPAC 2021; 6Li: AME 2020)."""

_NAMES = {
    "c_max": ("c_max", "Li/nm³"),
    "bulk_concentration": ("c_0", "Li/nm³"),
    "voltage": ("voltage against Li", "V"),
    "permittivity": ("ε_r", ""),
    "regular_solution": ("Ω", "eV"),
    "defect_energy": ("E_M", "eV/Li"),
    "diffusivity": ("D*", "cm²/s"),
    "diffusivity_min": ("D_min", "cm²/s"),
}

_NOTES = {
    "LVO.regular_solution": "text prints 0.0165: probably 0.016 with reference 5; see the readings below",
    "LVO.defect_energy": "text prints 2.46: probably 2.4 with reference 6; see the readings below",
    "LAGP.defect_energy": "text prints 4.77: probably 4.7 with reference 7; LiTi2(PO4)3's",
    "LAGP.permittivity": "text prints 414: 41 with reference 4",
    "LVO.diffusivity": "text prints 2*10-98: 2e-9 with reference 8",
    "LVO.diffusivity_min": "text prints 8*10-148: 8e-14 with reference 8",
    "LAGP.diffusivity": "text prints 10-99: 1e-9 with reference 9",
}


def inputs_section() -> Section:
    """Tables S1 and S2."""
    return Section(
        "inputs",
        "Inputs: Tables S1 and S2",
        text=(
            "Inputs are taken from the paper, so that ratios of 1 say only that the material library holds "
            "what Table S2 prints. In the text that we have, superscript reference numbers stick to "
            "entries of Table S2; for Ω and E_M it cannot be told whether the last digit belongs to the "
            "number.",
        ),
        numbers=(*_table_s2(), *_samples(), *_experiment()),
        tables=(_composition_by_weight(),),
    )


def weight_composition(sample: Sample, lithium_mass: float = LITHIUM_MASS) -> float:
    """Li per V2O5 that the weight percentages of Table S1 amount to.

    Args:
        sample: which.
        lithium_mass: g/mol of its Li.
    """
    lithium = sample.lithium_percent / lithium_mass
    return 2.0 * lithium / (sample.vanadium_percent / VANADIUM_MASS)


def _table_s2() -> list[Number]:
    numbers = []
    for material, entries in TABLE_S2.items():
        ours = load_material(material)
        for key, printed in entries.items():
            label, unit = _NAMES[key]
            name = f"{material}.{key}"
            value = getattr(ours, key)
            note = _NOTES.get(name, "")
            numbers.append(
                Number(f"inputs.{name}", f"{material}: {label}", unit, printed, value, "input", note)
            )
    note = "no number printed; law constant here"
    numbers.append(
        Number("inputs.LAGP.diffusivity_min", "LAGP: D_min", "cm²/s", None, None, "input", note, "none")
    )
    return numbers


def _samples() -> list[Number]:
    material = load_material("LVO")
    numbers = []
    for sample in SAMPLES:
        occupancy = material.composition.occupancy_at(sample.x)  # type: ignore[union-attr]
        voltage = material.open_circuit.voltage_at(occupancy)  # type: ignore[union-attr]
        key, name = f"inputs.{sample.name}", sample.name
        numbers += [
            Number(f"{key}.voltage_V", f"{name}: voltage against Li", "V", sample.voltage, voltage, "input"),
            Number(
                f"{key}.composition_icp",
                f"{name}: x by ICP",
                "",
                sample.icp,
                2.0 * occupancy,
                "input",
                f"read as occupancy x_0 = x_ICP/2 = {occupancy:g}: our choice, the paper does not tell",
            ),
        ]
    return numbers


def _experiment() -> list[Number]:
    activation = load_material("LAGP").diffusivity_activation_energy
    return [
        Number(
            "inputs.larmor_frequency_MHz",
            "6Li Larmor frequency",
            "MHz",
            LARMOR_MHZ,
            LARMOR_FREQUENCY_LI6_HZ / 1e6,
            "input",
        ),
        Number(
            "inputs.jump_length_angstrom",
            "jump length l, b axis",
            "Å",
            None,
            10.0 * JUMP_LENGTH_LVO_NM,
            "input",
            f"not printed; {JUMP_ANGSTROM:.2f} Å gives the paper's D to the last digit",
        ),
        Number(
            "inputs.LAGP.activation_energy_eV",
            "LAGP: activation energy of diffusion",
            "eV",
            LAGP_ACTIVATION_ENERGY,
            activation,
            "input",
        ),
    ]


def _composition_by_weight() -> Table:
    rows = tuple(
        (
            sample.name,
            sample.lithium_percent,
            sample.vanadium_percent,
            sample.icp,
            weight_composition(sample),
            weight_composition(sample, LITHIUM6_MASS),
        )
        for sample in SAMPLES
    )
    return Table(
        "composition_by_weight",
        "Table S1: the printed composition, and what its weight percentages amount to",
        ("sample", "Li (wt%)", "V (wt%)", "x printed", "x from the weights", "x, were it all 6Li"),
        rows,
        "LiV2O5: 3.2 wt% Li to 50.8 wt% V is x = 0.92, not the printed 1.1. It changes no layer: the step "
        "is 0 there.",
    )
