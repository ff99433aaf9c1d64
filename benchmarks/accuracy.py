"""What a transient's tolerance is worth: its error against a run of a hundredth of the smallest tolerance."""

from __future__ import annotations

import numpy as np

from benchmarks.measuring import ROOT, Times, print_table

TIMES = (1e-9, 1e-8, 1e-7, 1e-6, 1e-5)
"""s after contact."""

RUNS = (
    ("bdf2", 1e-2),
    ("bdf2", 1e-3),
    ("bdf2", 1e-4),
    ("euler", 9e-2),
    ("euler", 1e-2),
    ("euler", 1e-3),
)


def main() -> None:
    """Print errors at some times by method and tolerance."""
    exact, _, _ = _charges("bdf2", 1e-6)
    rows = []
    for method, tolerance in RUNS:
        found, steps, cpu = _charges(method, tolerance)
        errors = found / exact - 1.0
        worst = np.abs(errors).max() / tolerance
        rows.append(
            (method, f"{tolerance:g}", steps, *(f"{error:.1e}" for error in errors), f"{worst:.2f}", cpu)
        )
    columns = ("method", "tolerance", "steps", *(f"{time:g} s" for time in TIMES), "worst/tolerance", "CPU s")
    print_table(columns, rows)
    print("\nRelative error of the layer's charge in time, Li0.2V2O5 | LAGP after contact.")


def _charges(method: str, tolerance: float) -> tuple[np.ndarray, int, float]:
    """Charge of the layer at `TIMES`, steps and CPU seconds."""
    import scl_fem

    case = scl_fem.load_case(ROOT / "cases" / "lvo_lagp_formation_1d.toml").with_overrides(
        {
            "study.output_times": list(TIMES),
            "study.method": method,
            "study.tolerance": tolerance,
            "mesh.interface_size": 0.02,
            "mesh.growth": 1.2,
        }
    )
    start = Times.now()
    result = scl_fem.run(case)
    history = result.tables["history.csv"]
    times, charges = (np.asarray(history[name]) for name in ("time_s", "layer_charge_e_per_nm2"))
    return charges[np.isin(times, TIMES)], result.summary["steps"], (Times.now() - start).cpu


if __name__ == "__main__":
    main()
