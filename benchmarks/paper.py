"""The layers of LixV2O5 | LAGP in the paper and here, under both readings of its Table S2."""

from __future__ import annotations

from benchmarks.measuring import ROOT, print_table

CASES = {
    "Li2V2O5": "lvo_lagp_x2_1d.toml",
    "LiV2O5": "lvo_lagp_x1_1d.toml",
    "Li0.2V2O5": "lvo_lagp_x0.2_1d.toml",
}
PAPER = {"Li2V2O5": ("0.5", "0.0009"), "LiV2O5": ("none", "0"), "Li0.2V2O5": ("0.7", "0.0061")}
READINGS = {
    "this program's defaults": (),
    "superscripts cut off": (
        "materials.LVO.regular_solution=0.016",
        "materials.LVO.defect_energy=2.4",
        "materials.LAGP.defect_energy=4.7",
    ),
    "no interaction of defects": ("materials.LVO.defect_law=none", "materials.LAGP.defect_law=none"),
}


def main() -> None:
    """Print thickness and resistance at the 25 % level, and the excess over the bulk."""
    print_table(
        ("electrode", "", "thickness (nm)", "R (ohm cm^2)", "excess over the bulk (ohm cm^2)"), rows()
    )


def rows() -> list[tuple[str, ...]]:
    """The table without its head: the paper's numbers, then ours by reading, electrode by electrode."""
    found: list[tuple[str, ...]] = []
    for name, file in CASES.items():
        found.append((name, "paper", *PAPER[name], ""))
        found += [(name, reading, *_numbers(file, overrides)) for reading, overrides in READINGS.items()]
    return found


def _numbers(file: str, overrides: tuple[str, ...]) -> tuple[str, str, str]:
    from scl_fem.case import load_case
    from scl_fem.studies.run import run_case

    found = run_case(load_case(ROOT / "cases" / file, overrides)).summary
    return (
        f"{found['layer_thickness_nm']:.2f}",
        f"{found['layer_resistance_ohm_cm2']:.5f}",
        f"{found['excess_resistance_ohm_cm2']:+.5f}",
    )
