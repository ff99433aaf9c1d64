"""Section: exchange NMR, Fig. 5 and Fig. S9: exchanged fractions by formula and by finite elements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from scl_fem.case import case_from_dict
from scl_fem.physics.exchange import (
    diffusivity_from_remaining,
    exchanged_from_cube,
    remaining_in_closed_cube,
)
from scl_fem.physics.types import Array
from scl_fem.reproduce.cheng2020.exchange_figures import draw_build_up, draw_diffusivities
from scl_fem.reproduce.cheng2020.printed import (
    DISTANCE_NM,
    EXCHANGING,
    EXSY_TEMPERATURES,
    GRAIN_NM,
    LI1,
    LI2,
    LONGEST_MIXING_TIME,
    PARTICLE_NM,
    SHORTEST_MIXING_TIME,
    WEIGHT_RATIO,
    Sample,
)
from scl_fem.reproduce.report import Cell, Number, Picture, Section, Table

if TYPE_CHECKING:
    from mpi4py import MPI

TEMPERATURES = (273.0, 298.15, 313.0, 333.0, 363.0)
"""K, at which curves are drawn: the paper's range; it does not print the temperatures within."""

FORMULA_MASS = {"V2O5": 181.88, "Li": 6.94, "LAGP": 417.7}
"""g/mol; LAGP is Li1.5Al0.5Ge1.5(PO4)3."""

LITHIUM_PER_LAGP = 1.5


@dataclass(frozen=True)
class BuildUpCurve:
    """Exchange solved by finite elements at room temperature.

    Attributes:
        time_s: mixing times.
        exchanged: fraction.
        error: largest deviation from the closed form.
    """

    time_s: Array
    exchanged: Array
    error: float


def solve_build_up(comm: MPI.Comm, sample: Sample) -> BuildUpCurve:
    """Solve the exchange of one sample: one octant of the cube, up to 1 s. Collective.

    Args:
        comm: communicator.
        sample: one of `EXCHANGING`.

    Raises:
        ConvergenceError: it could not be solved.
    """
    from scl_fem.output.names import DECAY_FILE
    from scl_fem.studies.run import run_case

    tables: dict[str, Any] = {
        "title": f"{sample.name} | LAGP, exchange",
        "study": {"kind": "exsy", "duration": LONGEST_MIXING_TIME},
        "mesh": {"kind": "cube", "dimension": 3, "particle_size": DISTANCE_NM},
        "exsy": {"diffusivity": sample.seen_exchange.diffusivity},
    }
    result = run_case(case_from_dict(tables), comm=comm)
    table: Mapping[str, Any] = result.tables[DECAY_FILE]
    error = result.summary["max_error_against_analytic"]
    return BuildUpCurve(table["time_s"], table["exchanged"], error)


def lithium_share(sample: Sample) -> float:
    """Share of LAGP in all the Li of the mixture, 4:1 by weight.

    Args:
        sample: of LixV2O5.
    """
    of_lagp = LITHIUM_PER_LAGP / FORMULA_MASS["LAGP"]
    of_sample = WEIGHT_RATIO * sample.icp / (FORMULA_MASS["V2O5"] + sample.icp * FORMULA_MASS["Li"])
    return of_lagp / (of_lagp + of_sample)


def exchange_section(solved: Mapping[str, BuildUpCurve]) -> Section:
    """Numbers of Fig. 5 and S9, readings, both figures.

    Args:
        solved: by name of the sample.
    """
    low, high = EXSY_TEMPERATURES
    return Section(
        "exchange",
        "Exchange NMR: Fig. 5 and Fig. S9",
        text=(
            "A cube of edge d = 65 nm whose tagged Li diffuses into an infinite medium: the paper's "
            "formula with its missing 1/d restored, and the same by finite elements in three dimensions. "
            "The paper's D_eff and its exchanged fractions do not belong together: 1.0·10⁻¹² and 4.4·10⁻¹⁴ "
            "cm²/s exchange 43.6 % and 10.5 % in 1 s, not 57 % and 30 %. No parameter is moved to hide "
            "that.",
            f"Cross peaks between {1e3 * SHORTEST_MIXING_TIME:g} ms and {LONGEST_MIXING_TIME:g} s, {low:g} "
            f"to {high:g} K. The paper prints no measured points and no D but those at room temperature: "
            f"curves are computed from D_eff and E_a.",
        ),
        numbers=(
            *(number for sample in EXCHANGING for number in _numbers(sample, solved[sample.name])),
            Number(
                "exchange.Li0.2V2O5.diffusivity_cm2_per_s",
                "Li0.2V2O5: D_eff",
                "cm²/s",
                None,
                None,
                "",
                "no cross peak seen, not at 363 K either",
                "not seen",
            ),
            _against_bulk(),
            _ratio_of_diffusivities(),
        ),
        tables=(_by_temperature(), _needed_diffusivities()),
        pictures=(
            Picture(
                "fig5_build_up",
                "Exchanged fraction against mixing time, as Fig. 5 A and C: curves computed from the "
                "paper's D_eff and E_a by the closed form; dots: finite elements at 298 K; star: what the "
                "paper reports for 1 s at room temperature. The paper prints no other measured points.",
                partial(draw_build_up, TEMPERATURES, solved),
            ),
            Picture(
                "figS9_diffusivities",
                "D_eff across the interface (lines, from the value at room temperature and E_a), as Fig. "
                "S9, and D of the bulk by T2 relaxation (dashed).",
                draw_diffusivities,
            ),
        ),
    )


def _numbers(sample: Sample, solved: BuildUpCurve) -> list[Number]:
    printed, name, key = sample.seen_exchange, sample.name, f"exchange.{sample.name}"
    exact = float(exchanged_from_cube(printed.diffusivity, LONGEST_MIXING_TIME, DISTANCE_NM))
    needed = diffusivity_from_remaining(1.0 - printed.exchanged, LONGEST_MIXING_TIME, DISTANCE_NM)
    fraction, at_room = f"{100 * printed.exchanged:g} %", f"{name}: D_eff at room temperature"
    diffusivity, energy = printed.diffusivity, printed.activation_energy
    by_solution = float(solved.exchanged[-1])
    note = f"at all times within {100.0 * solved.error:.2f} % of all Li of the closed form"
    return [
        Number(f"{key}.diffusivity_cm2_per_s", at_room, "cm²/s", diffusivity, diffusivity, "input"),
        Number(f"{key}.activation_energy_eV", f"{name}: E_a", "eV", energy, energy, "input"),
        Number(
            f"{key}.exchanged_percent",
            f"{name}: exchanged after 1 s",
            "%",
            100.0 * printed.exchanged,
            100.0 * exact,
            "closed form",
            "the paper disagrees with its own D_eff",
        ),
        Number(
            f"{key}.exchanged_solved_percent",
            f"{name}: exchanged after 1 s",
            "%",
            100.0 * printed.exchanged,
            100.0 * by_solution,
            "solved",
            note,
        ),
        Number(
            f"{key}.diffusivity_needed_cm2_per_s",
            f"{name}: D that {fraction} would need",
            "cm²/s",
            diffusivity,
            needed,
            "closed form",
            "beside the printed D_eff",
        ),
    ]


def _against_bulk() -> Number:
    ratio = LI1.relaxation.diffusivity / LI1.seen_exchange.diffusivity
    return Number(
        "exchange.LiV2O5.bulk_over_effective",
        "LiV2O5: D of the bulk over D_eff",
        "",
        17.0,
        ratio,
        "closed form",
    )


def _ratio_of_diffusivities() -> Number:
    ratio = LI1.seen_exchange.diffusivity / LI2.seen_exchange.diffusivity
    label = "D_eff of LiV2O5 over that of Li2V2O5"
    return Number("exchange.diffusivity_ratio", label, "", 20.0, ratio, "closed form", "", "more than 20")


def _by_temperature() -> Table:
    rows: list[tuple[Cell, ...]] = []
    for temperature in TEMPERATURES:
        cells: list[Cell] = [f"{temperature:g}"]
        for sample in EXCHANGING:
            diffusivity = float(sample.seen_exchange.diffusivity_at(temperature))
            exchanged = exchanged_from_cube(diffusivity, LONGEST_MIXING_TIME, DISTANCE_NM)
            cells += [diffusivity, 100.0 * float(exchanged)]
        rows.append(tuple(cells))
    columns = [f"{s.name}: {what}" for s in EXCHANGING for what in ("D_eff (cm²/s)", "exchanged in 1 s (%)")]
    return Table("by_temperature", "By temperature", ("T (K)", *columns), tuple(rows))


def _needed_diffusivities() -> Table:
    """D that the reported fractions need, by what the particle and the fraction are taken to be."""
    rows: list[tuple[Cell, ...]] = []
    for label, needed in _READINGS.items():
        cells: list[Cell] = []
        for sample in EXCHANGING:
            printed = sample.seen_exchange
            found = needed(sample, printed.exchanged)
            cells += [found, None if found is None else found / printed.diffusivity]
        rows.append((label, *cells))
    columns = [f"{s.name}: {what}" for s in EXCHANGING for what in ("D (cm²/s)", "D / printed D_eff")]
    shares = " and ".join(f"{100 * lithium_share(sample):.0f} %" for sample in EXCHANGING)
    return Table(
        "needed_diffusivity",
        "D that 57 % and 30 % in 1 s need, by reading",
        ("reading", *columns),
        tuple(rows),
        f"A finite mixture ends where the tagged Li is spread evenly; LAGP holds {shares} of all Li (4:1 "
        f"by weight, formula masses, x by ICP); particle and box are cubes of one medium whose volumes are "
        f"as these shares. None of the readings brings both compositions to the printed D_eff: their "
        f"fractions differ by a factor 1.9, which a factor of 23 in D does not give.",
    )


def _infinite(edge: float, dimension: int = 3) -> Callable[[Sample, float], float]:
    def needed(sample: Sample, exchanged: float) -> float:
        return diffusivity_from_remaining(1.0 - exchanged, LONGEST_MIXING_TIME, edge, dimension)

    return needed


def _finite(edge: float, *, normalised: bool) -> Callable[[Sample, float], float]:
    def needed(sample: Sample, exchanged: float) -> float:
        from scipy.optimize import brentq

        share = lithium_share(sample)
        box = edge / share ** (1.0 / 3.0)
        target = 1.0 - exchanged * (1.0 - share if normalised else 1.0)

        def excess(log_diffusivity: float) -> float:
            remaining = remaining_in_closed_cube(np.exp(log_diffusivity), LONGEST_MIXING_TIME, edge, box)
            return float(remaining) - target

        return float(np.exp(brentq(excess, np.log(1e-17), np.log(1e-9), xtol=1e-12)))

    return needed


_READINGS: dict[str, Callable[[Sample, float], float]] = {
    "cube of d = 65 nm in an infinite medium (the paper's)": _infinite(DISTANCE_NM),
    "cube of 110 nm, the size of an LAGP particle": _infinite(PARTICLE_NM),
    "cube of 20 nm, the size of a LixV2O5 grain": _infinite(GRAIN_NM),
    "slab of 65 nm": _infinite(DISTANCE_NM, 1),
    "finite mixture, cube of 65 nm, fraction of all LAGP's Li": _finite(DISTANCE_NM, normalised=False),
    "finite mixture, cube of 65 nm, fraction of what can exchange": _finite(DISTANCE_NM, normalised=True),
    "finite mixture, cube of 110 nm, fraction of what can exchange": _finite(PARTICLE_NM, normalised=True),
}
