"""Tables and figures of the pages on coatings, whole cells, particles and depletion.

python docs/studies.py [PAGE ...]      prints the tables of docs/PAGE.md and draws docs/images/PAGE.png

Pages: coating, whole_cell, particles, depletion; all of them unless some are named. Every number comes from
a case in cases/, some of whose keys are set anew.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

import scl_fem
from scl_fem.constants import BOLTZMANN, ROOM_TEMPERATURE, VACUUM_PERMITTIVITY
from scl_fem.figures.style import CONCENTRATION_MAP, GUIDE_COLOUR, PALETTE, house_style, new_figure, save
from scl_fem.materials.library import load_material

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from scl_fem.results.result import Result

DOCS = Path(__file__).parent
CASES = DOCS.parent / "cases"

EXCESS = "excess_resistance_ohm_cm2"
NM_PER_CM = 1e7
ROUND_OFF = 1e-12
"""Resistances that are nothing else, ohm cm^2."""


def solved(case: str, overrides: Mapping[str, Any] | None = None) -> Result:
    """A shipped case, some keys set anew."""
    return scl_fem.run(scl_fem.load_case(CASES / f"{case}.toml").with_overrides(dict(overrides or {})))


def digits(value: float) -> str:
    """Three of them, and none of round-off."""
    return f"{value:.3g}" if abs(value) > ROUND_OFF else "0"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


# --- docs/coating.md

COATED, UNCOATED = "lco_lno_lps_coating_1d", "lco_lps_1d"
COATING_LEVELS = (2.6, 2.8, 3.0, 3.2, 3.3, 3.4, 3.5, 3.6, 3.8)
THICKNESSES = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
PERMITTIVITIES = (5, 10, 20, 46, 100)
ELECTROLYTE_LEVELS = (2.6, 2.8, 3.0, 3.2, 3.4)
THICK = 5.0
"""The coating of the case, nm."""


def added(summary: Mapping[str, Any], thickness: float = 0.0) -> dict[str, float]:
    """What a coating and its layers add to the bulks on both sides of it, ohm cm^2.

    Args:
        summary: of a stack LCO | LPS or LCO | LNO | LPS.
        thickness: of the coating, nm.
    """
    interfaces = summary["interfaces"]
    parts = {name: interface[EXCESS] for name, interface in interfaces.items()}
    if "LCO|LNO" in interfaces:
        sigma = interfaces["LCO|LNO"]["LNO"]["conductivity_bulk_S_per_cm"]
        parts["coating"] = thickness / NM_PER_CM / sigma
    return {**parts, "all": sum(parts.values())}


def coated(**keys: float) -> dict[str, float]:
    """See `added`; keys: level and permittivity of the coating, its thickness, level of the electrolyte."""
    paths = {
        "level": "phase.LNO.voltage",
        "permittivity": "materials.LiNbO3.permittivity",
        "thickness": "mesh.layers.LNO.thickness",
        "electrolyte": "phase.LPS.voltage",
    }
    summary = solved(COATED, {paths[key]: value for key, value in keys.items()}).summary
    return added(summary, keys.get("thickness", THICK))


def coating_tables() -> list[str]:
    """By the level of the coating; by thickness and permittivity; by the level of the electrolyte."""
    bare = added(solved(UNCOATED).summary)["all"]
    rows = [["no coating", "", "", "", digits(bare)]]
    for level in COATING_LEVELS:
        parts = coated(level=level)
        rows.append([f"{level:g}", *(digits(parts[key]) for key in ("LCO|LNO", "LNO|LPS", "coating", "all"))])
    by_level = table(["V of LiNbO3", "LCO\\|LNO", "LNO\\|LPS", "LiNbO3 itself", "all"], rows)
    by_both = table(
        ["eps_r \\ nm", *(f"{thickness:g}" for thickness in THICKNESSES)],
        [
            [f"{eps:g}", *(digits(coated(permittivity=eps, thickness=each)["all"]) for each in THICKNESSES)]
            for eps in PERMITTIVITIES
        ],
    )
    rows = []
    for level in ELECTROLYTE_LEVELS:
        summary = solved(UNCOATED, {"phase.LPS.voltage": level}).summary
        parts = coated(electrolyte=level)
        rows.append(
            [
                f"{level:g}",
                digits(summary["cell_voltage_V"]),
                digits(added(summary)["all"]),
                digits(parts["all"]),
            ]
        )
    by_electrolyte = table(["V of Li3PS4", "step to LiCoO2 (V)", "no coating", "LiNbO3 at 3.3 V"], rows)
    return [by_level, by_both, by_electrolyte]


def coating_figure() -> Figure:
    """What a coating adds, by its level and by its thickness, at several permittivities."""
    bare = added(solved(UNCOATED).summary)["all"]
    figure = new_figure(9.0, 3.8)
    left, right = figure.subplots(1, 2, sharey=True)
    levels, thicknesses = np.linspace(2.5, 4.0, 31), np.geomspace(0.5, 50.0, 13)
    for colour, eps in zip(PALETTE, PERMITTIVITIES, strict=False):
        by_level = [coated(permittivity=eps, level=float(level))["all"] for level in levels]
        left.plot(levels, by_level, color=colour, label=f"{eps:g}")
        by_thickness = [coated(permittivity=eps, thickness=float(each))["all"] for each in thicknesses]
        right.plot(thicknesses, by_thickness, color=colour)
    for axes in (left, right):
        axes.axhline(bare, color=GUIDE_COLOUR, linestyle="--")
        axes.set_yscale("log")
    left.set(ylim=(0.1, 1e5), xlabel="Voltage of LiNbO$_3$ (V)", ylabel="Added resistance (Ω cm²)")
    left.annotate("no coating", (2.5, 1.2 * bare), color=GUIDE_COLOUR)
    figure.legend(title="permittivity", ncols=5, loc="outside upper center")
    right.set(xscale="log", xlabel="Thickness of LiNbO$_3$ (nm), at 3.3 V")
    return figure


# --- docs/whole_cell.md

CELL, WITH_LITHIUM = "lco_lps_graphite_cell_1d", "lco_lps_li_cell_1d"
STATES = ((0.5, 0.9), (0.6, 0.5), (0.75, 0.4), (0.9, 0.3))
"""x in LixCoO2 and in LixC6."""
ENDS = ("cathode|separator", "separator|anode")
SEPARATOR_LEVELS = (2.6, 2.8, 3.0, 3.2, 3.4)


def voltage(material: str, occupancy: float) -> float:
    """By the open-circuit table of the library, V; linear between its points."""
    curve = load_material(material).open_circuit
    assert curve is not None
    return float(np.interp(occupancy, curve.occupancy, curve.voltage))


def charged(cathode: float, anode: float) -> Result:
    """The cell in another state of charge."""
    return solved(CELL, {"phase.cathode.composition": cathode, "phase.anode.composition": anode})


def whole_cell_tables() -> list[str]:
    """States of charge; levels of the separator; the same with lithium metal."""
    rows = []
    for cathode, anode in STATES:
        summary = charged(cathode, anode).summary
        difference = voltage("LiCoO2", cathode) - voltage("graphite", anode)
        layers = [digits(summary["interfaces"][end][EXCESS]) for end in ENDS]
        rows.append(
            [f"{cathode:g}", f"{anode:g}", f"{difference:.6f}", f"{summary['cell_voltage_V']:.6f}", *layers]
        )
    names = [end.replace("|", "\\|") for end in ENDS]
    by_state = table(["x, LixCoO2", "x, LixC6", "U - U' (V)", "`cell_voltage_V`", *names], rows)
    rows = []
    for level in SEPARATOR_LEVELS:
        summary = solved(CELL, {"phase.separator.voltage": level}).summary
        layers = [digits(summary["interfaces"][end][EXCESS]) for end in ENDS]
        rows.append([f"{level:g}", f"{summary['cell_voltage_V']:.6f}", *layers])
    by_level = table(["V of Li3PS4", "`cell_voltage_V`", *names], rows)
    rows = []
    for level in SEPARATOR_LEVELS:
        keys = {"phase.separator.voltage": level, "boundary.right.potential": -level}
        summary = solved(WITH_LITHIUM, keys).summary
        lithium = summary["contacts"]["right"]
        difference = summary["phases"]["cathode"]["bulk_potential_V"] - lithium["potential_V"]
        layer = digits(summary["interfaces"][ENDS[0]][EXCESS])
        rows.append([f"{level:g}", f"{difference:.6f}", layer, f"{lithium['charge_e_per_nm2']:.3f}"])
    head = ["V of Li3PS4", "LiCoO2 less Li (V)", names[0], "charge of Li (e/nm²)"]
    return [by_state, by_level, table(head, rows)]


def whole_cell_figure() -> Figure:
    """Potential and occupancy along the cell, nearly charged and nearly discharged."""
    figure = new_figure(9.0, 4.6)
    upper, lower = figure.subplots(2, 1, sharex=True)
    for state, style in zip((STATES[0], STATES[-1]), ("-", "--"), strict=True):
        profile = charged(*state).profile
        label = f"Li$_{{{state[0]:g}}}$CoO$_2$, Li$_{{{state[1]:g}}}$C$_6$"
        z, names = np.asarray(profile["z_nm"]), np.asarray(profile["phase"])
        upper.plot(z, profile["phi_V"], style, color="black", label=label)
        for colour, name in zip(PALETTE, dict.fromkeys(names), strict=False):
            here = names == name
            lower.plot(z[here], np.asarray(profile["occupancy"])[here], style, color=colour)
            if style == "-":
                lower.annotate(str(name), (z[here].mean(), 1.03), ha="center", color=colour)
    upper.set_ylabel("Electric potential (V)")
    lower.set(ylabel="Share of sites filled", xlabel="z (nm)", ylim=(-0.03, 1.14))
    upper.legend()
    return figure


# --- docs/particles.md

DISC, SPHERE = "lco_lno_lps_particle_2d", "lco_lno_lps_particle_3d"
TWO = "lco_lvo_lagp_two_particles_2d"
FLAT: Final = {"mesh.layers.LNO.thickness": 1.0}
"""The stack of the coating's page with the coating of the particles."""


def side_numbers(interface: Mapping[str, Any], grain: str, around: str) -> list[str]:
    """Potential, thickness and excess of an interface, for a table."""
    span = "{potential_min_V:.3f} to {potential_max_V:.3f}".format(**interface)
    if interface["potential_max_V"] - interface["potential_min_V"] < 5e-4:
        span = f"{interface['potential_V']:.3f}"
    thickness = [f"{interface[side]['thickness_nm']['25%']:.2f}" for side in (grain, around)]
    return [span, *thickness, digits(interface[EXCESS])]


def coated_particles() -> dict[str, tuple[Result, dict[str, str]]]:
    """Flat, disc and sphere, with what the phases of each are called."""
    particle = {"LCO": "electrode", "LNO": "coating", "LPS": "electrolyte"}
    return {
        "flat": (solved(COATED, FLAT), {name: name for name in particle}),
        "disc": (solved(DISC), particle),
        "sphere": (solved(SPHERE), particle),
    }


def flat_pair(grain: str) -> Mapping[str, Any]:
    """The interface of one of the two particles, flat: both phases as in the case of two."""
    phases = scl_fem.load_case(CASES / f"{TWO}.toml").to_dict(exclude_unset=True)["phase"]
    layers = [{"phase": name, "thickness": 10.0} for name in (grain, "LAGP")]
    tables = {
        "study": {"kind": "equilibrium"},
        "mesh": {"kind": "stack", "layers": layers},
        "phase": {name: phases[name] for name in (grain, "LAGP")},
    }
    found: Mapping[str, Any] = scl_fem.run(scl_fem.case_from_dict(tables)).summary["interfaces"]
    return found[f"{grain}|LAGP"]


def particles_tables() -> list[str]:
    """Coated particles against the flat stack; two particles against flat pairs."""
    rows = []
    for shape, (result, names) in coated_particles().items():
        for inner, outer in (("LCO", "LNO"), ("LNO", "LPS")):
            inside, outside = names[inner], names[outer]
            interface = result.summary["interfaces"][f"{inside}|{outside}"]
            rows.append([shape, f"{inner}\\|{outer}", *side_numbers(interface, inside, outside)])
    head = ["phi there (V)", "layer inside (nm)", "outside (nm)", "excess (ohm cm²)"]
    by_shape = table(["", "interface", *head], rows)
    rows = []
    interfaces = solved(TWO).summary["interfaces"]
    for grain in ("LCO", "LVO"):
        for name, interface in (("particle", interfaces[f"{grain}|LAGP"]), ("flat", flat_pair(grain))):
            rows.append([name, f"{grain}\\|LAGP", *side_numbers(interface, grain, "LAGP")])
    return [by_shape, table(["", "interface", *head], rows)]


def particles_figure() -> Figure:
    """Li per site around the coated disc, and between the two particles."""
    figure = new_figure(9.0, 3.9, fixed_aspect=True)
    left, right = figure.subplots(1, 2, width_ratios=(1.0, 1.42))
    for axes, case, window in ((left, DISC, (-7.5, 7.5, -7.5, 7.5)), (right, TWO, (0.0, 17.0, 0.0, 12.0))):
        picture = map_of(axes, solved(case))
        axes.set(xlim=window[:2], ylim=window[2:], aspect="equal", xlabel="x (nm)")
    left.set_ylabel("y (nm)")
    figure.colorbar(picture, ax=[left, right], label="Share of sites filled")
    return figure


def map_of(axes: Axes, result: Result) -> Any:
    """The occupancy of every phase, on its triangles."""
    picture = None
    blocks = result.fields
    for name in blocks.keys():  # noqa: SIM118  (a MultiBlock iterates over its blocks)
        block = blocks[name]
        x, y = np.asarray(block.points)[:, :2].T
        cells = next(iter(block.cells_dict.values()))
        occupancy = np.asarray(block["occupancy"])
        picture = axes.tripcolor(
            x, y, cells, occupancy, shading="gouraud", cmap=CONCENTRATION_MAP, vmin=0.0, vmax=1.0
        )
    return picture


# --- docs/depletion.md

DEPLETION = "cu_latp_depletion_1d"
CONCENTRATIONS = (0.0216, 0.1, 1.0, 5.52)
POTENTIAL, PERMITTIVITY = 1.3, 15.0
LEVEL = 0.25


class Depletion(NamedTuple):
    """A depletion layer at a metal: distance (nm), potential (V), share of the mobile Li that is left."""

    z: np.ndarray
    potential: np.ndarray
    left: np.ndarray
    charge: float

    @property
    def thickness(self) -> float:
        """Where a quarter of the Li is gone, nm."""
        missing = 1.0 - self.left
        last = int(np.flatnonzero(missing > LEVEL)[-1])
        share = (missing[last] - LEVEL) / (missing[last] - missing[last + 1])
        return float(self.z[last] + share * (self.z[last + 1] - self.z[last]))


def depletion(concentration: float) -> Depletion:
    """Of the case with another concentration of mobile Li, 1/nm^3."""
    result = solved(DEPLETION, {"materials.LATP.carriers.Li+.concentration": concentration})
    profile = result.profile
    z, phi, c = (np.asarray(profile[key]) for key in ("z_nm", "phi_V", "c_per_nm3"))
    charge = result.summary["contacts"]["left"]["charge_e_per_nm2"]
    return Depletion(z, phi, c / concentration, charge)


def exact(concentration: float) -> tuple[float, float]:
    """Thickness (nm) and charge of the metal (e/nm^2) by the first integral of Poisson's equation.

    With u = e phi / kT and lambda = sqrt(eps kT / (e^2 c)): u'^2 = (2/lambda^2) (e^-u - 1 + u).
    """
    from scipy.integrate import quad

    thermal = BOLTZMANN * ROOM_TEMPERATURE
    eps = PERMITTIVITY * VACUUM_PERMITTIVITY
    length = np.sqrt(eps * thermal / concentration)

    def slope(u: float) -> float:
        return float(np.sqrt(2.0 * (np.expm1(-u) + u)))

    start, end = -np.log1p(-LEVEL), POTENTIAL / thermal
    return length * quad(lambda u: 1.0 / slope(u), start, end)[0], eps * thermal / length * slope(end)


def depletion_tables() -> list[str]:
    """By the concentration of mobile Li."""
    rows = []
    for concentration in CONCENTRATIONS:
        found, (thickness, charge) = depletion(concentration), exact(concentration)
        dropped = 1.0 - np.interp(10.0, found.z, found.potential) / POTENTIAL
        rows.append(
            [
                f"{concentration:g}",
                digits(found.thickness),
                digits(thickness),
                f"{found.charge:.4f}",
                f"{charge:.4f}",
                f"{100 * dropped:.1f} %",
            ]
        )
    head = [
        "mobile Li (1/nm³)",
        "layer at 25 % (nm)",
        "exact",
        "charge of Cu (e/nm²)",
        "exact",
        "drop in 10 nm",
    ]
    return [table(head, rows)]


def depletion_figure() -> Figure:
    """Potential and mobile Li against the distance from the metal."""
    figure = new_figure(9.0, 3.4)
    left, right = figure.subplots(1, 2)
    for colour, concentration in zip(PALETTE, CONCENTRATIONS, strict=False):
        found = depletion(concentration)
        left.plot(found.z, found.potential, color=colour, label=f"{concentration:g} nm⁻³")
        right.plot(found.z, found.left, color=colour)
    for axes in (left, right):
        axes.set(xlim=(0.0, 15.0), xlabel="Distance from Cu (nm)")
        axes.axvline(10.0, color=GUIDE_COLOUR, linestyle="--")
    left.set_ylabel("Electric potential (V)")
    right.set_ylabel("Mobile Li, share of the bulk's")
    left.legend()
    return figure


PAGES: dict[str, tuple[Callable[[], list[str]], Callable[[], Figure]]] = {
    "coating": (coating_tables, coating_figure),
    "whole_cell": (whole_cell_tables, whole_cell_figure),
    "particles": (particles_tables, particles_figure),
    "depletion": (depletion_tables, depletion_figure),
}


def main(names: Sequence[str]) -> None:
    """Print the tables of pages, and draw their figures."""
    for name in names or PAGES:
        tables, draw = PAGES[name]
        print(f"# {name}.md\n\n" + "\n\n".join(tables()) + "\n", flush=True)
        with house_style():
            save(draw(), DOCS / "images" / f"{name}.png")


if __name__ == "__main__":
    main(sys.argv[1:])
