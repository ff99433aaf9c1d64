"""Section: the space-charge layers, Fig. 6 and Fig. S10, and every reading that leads to them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from scl_fem.progress import Reporter
from scl_fem.reproduce.cheng2020.figures import draw_layer_resistances, draw_profiles
from scl_fem.reproduce.cheng2020.layers import LEVEL, Layer, Reading, solve_layer
from scl_fem.reproduce.cheng2020.printed import LI02, LI2, SAMPLES
from scl_fem.reproduce.cheng2020.readings import is_default, reading_groups
from scl_fem.reproduce.report import Cell, Number, Picture, Section, Table

if TYPE_CHECKING:
    from mpi4py import MPI

LEVELS = (0.01, 0.05, 0.10, 0.20, 0.25, 0.30)

CHARGED = (LI2, LI02)
"""The samples that have a layer."""


def solve_layers(comm: MPI.Comm) -> dict[str, Layer]:
    """The layers of every sample in the default reading, by name. Collective."""
    return {sample.name: solve_layer(comm, sample, levels=LEVELS) for sample in SAMPLES}


def space_charge_section(comm: MPI.Comm, layers: Mapping[str, Layer], progress: Reporter) -> Section:
    """Numbers of Fig. 6 and Fig. S10, the readings side by side, both figures. Collective.

    Args:
        comm: communicator.
        layers: in the default reading.
        progress: takes the news.
    """
    progress.stage("readings")
    tables = [_by_level(layers)]
    tables += [_by_reading(comm, name, readings, layers) for name, readings in reading_groups().items()]
    return Section(
        "space_charge",
        "Space-charge layers: Fig. 6 and Fig. S10",
        text=(
            "Equilibrium of Li+ in one dimension, solved by finite elements: Poisson's equation with a "
            "regular solution and the cube-root law of interacting defects, perfect contact, Li conserved. "
            "R is the integral of 1/σ over the layer; its excess, what the layer adds to the bulk that it "
            "replaces, depends on no level, and is negative for Li2V2O5.",
            "The paper prints neither its equations nor where it lets a layer end. Choices remain, and "
            "they were made with its four numbers in view: the level that counts as the layer (|c - c_0| > "
            "0.25 c_0), the sign of the defect term (excess defects repel), the composition map and the "
            "laws of diffusivity. No number of Table S2 is altered. The tables below show what other "
            "choices give.",
        ),
        numbers=tuple(number for sample in SAMPLES for number in _numbers(layers[sample.name])),
        tables=tuple(tables),
        pictures=(
            Picture(
                "fig6_profiles",
                "Li concentration and electric potential across the interfaces, as Fig. 6 A to C of the "
                "paper. Shaded: the layer at 25 %. Dashed: the neutral bulks.",
                partial(draw_profiles, layers),
            ),
            Picture(
                "figS10_layer_resistances",
                "Resistance of the space-charge layers by concentration alone, as Fig. S10: the paper, "
                "this program at 25 %, and (bars) its range between levels of 10 % and 30 %.",
                partial(draw_layer_resistances, layers),
            ),
        ),
    )


def _numbers(layer: Layer) -> list[Number]:
    sample, summary = layer.sample, layer.summary
    key, name = f"space_charge.{sample.name}", f"{sample.name} | LAGP"
    step = Number(
        f"{key}.step_V", f"{name}: step", "V", abs(sample.step), abs(summary["potential_step_V"]), "input"
    )
    if sample.step == 0.0:
        return [
            step,
            Number(
                f"{key}.thickness_nm",
                f"{name}: thickness",
                "nm",
                0.0,
                layer.thickness[LEVEL],
                "solved",
                "",
                "none",
            ),
            Number(
                f"{key}.resistance_ohm_cm2", f"{name}: R", "Ω cm²", 0.0, layer.resistance[LEVEL], "solved"
            ),
        ]
    at_interface = summary["electrolyte"]["concentration_interface_per_nm3"]
    bulk = summary["electrolyte"]["concentration_bulk_per_nm3"]
    depleted = "large local depletion" if at_interface < bulk else ""
    return [
        step,
        Number(
            f"{key}.thickness_nm",
            f"{name}: thickness",
            "nm",
            sample.layer_nm,
            layer.thickness[LEVEL],
            "solved",
            "both sides, at 25 %",
            sample.layer_text,
        ),
        Number(
            f"{key}.resistance_ohm_cm2",
            f"{name}: R, concentration alone",
            "Ω cm²",
            sample.layer_resistance,
            layer.resistance[LEVEL],
            "solved",
            "at 25 %",
        ),
        Number(
            f"{key}.excess_resistance_ohm_cm2",
            f"{name}: excess of R over the bulk",
            "Ω cm²",
            None,
            summary["excess_resistance_ohm_cm2"],
            "solved",
            "independent of any level; the paper does not say which it means",
        ),
        Number(
            f"{key}.LAGP_interface_over_bulk",
            f"{name}: c/c_0 of LAGP at the interface",
            "",
            None,
            at_interface / bulk,
            "solved",
            f"c_0 = {bulk:g} Li/nm³",
            depleted,
        ),
        Number(
            f"{key}.layer_charge_e_per_nm2",
            f"{name}: charge of the LAGP side",
            "e/nm²",
            None,
            summary["electrolyte"]["layer_charge_e_per_nm2"],
            "solved",
        ),
    ]


def _by_level(layers: Mapping[str, Layer]) -> Table:
    published: tuple[Cell, ...] = (
        "paper",
        *(each for s in CHARGED for each in (s.layer_text, s.layer_resistance)),
    )
    rows: list[tuple[Cell, ...]] = [published]
    for level in LEVELS:
        cells = [value for s in CHARGED for value in _at_level(layers[s.name], level)]
        default = " (default)" if level == LEVEL else ""
        rows.append((f"{100 * level:g} %{default}", *cells))
    return Table(
        "layer_level",
        "Where a layer ends: thickness and resistance by level",
        ("layer level", *(f"{s.name}: {what}" for s in CHARGED for what in ("thickness (nm)", "R (Ω cm²)"))),
        tuple(rows),
        "With the cube-root law the tail is algebraic: a layer has no natural end.",
    )


def _at_level(layer: Layer, level: float) -> tuple[float, float]:
    return layer.thickness[level], layer.resistance[level]


def _by_reading(
    comm: MPI.Comm, choice: str, readings: tuple[Reading, ...], layers: Mapping[str, Layer]
) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for sample in CHARGED:
        default = layers[sample.name]
        for reading in readings:
            layer = default if is_default(reading) else solve_layer(comm, sample, reading)
            resistance = layer.resistance[LEVEL]
            rows.append(
                (
                    sample.name,
                    reading.name,
                    layer.thickness[LEVEL],
                    resistance,
                    resistance / sample.layer_resistance,
                    resistance / default.resistance[LEVEL],
                    layer.summary["excess_resistance_ohm_cm2"],
                    reading.note,
                )
            )
    columns = ("thickness (nm)", "R (Ω cm²)", "R / paper", "R / default", "excess (Ω cm²)", "note")
    return Table(
        choice.lower().replace(" ", "_"),
        f"{choice}: the readings side by side, at 25 %",
        ("electrode", "reading", *columns),
        tuple(rows),
    )
