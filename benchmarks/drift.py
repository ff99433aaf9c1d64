"""Transients that strong currents drive: steps they take on a mesh whose cells Li crosses in 1e-11 s."""

from __future__ import annotations

from benchmarks.measuring import ROOT, Times, print_table

VOLTAGE = {
    "initial.state": "equilibrium",
    "boundary.kind": "voltage",
    "study.duration": 1e3,
}

RUNS = {
    "contact, +0.4 V": {},
    "contact, +1 V": {"phase.electrode.voltage": 4.0},
    "contact, -1 V": {"phase.electrode.voltage": 2.0},
    "contact, -0.6 V, to 1000 s": {"phase.electrode.voltage": 2.4, "study.duration": 1e3},
    "contact, +1 V, implicit Euler": {
        "phase.electrode.voltage": 4.0,
        "study.method": "euler",
        "study.tolerance": 0.01,
    },
    "-0.2 V at the terminals, to 1000 s": {**VOLTAGE, "boundary.voltage": -0.2},
    "+1 V at the terminals, to 1000 s": {**VOLTAGE, "boundary.voltage": 1.0},
    "-0.5 V at the terminals, 0.13 mA/cm2 exchanged, to 1000 s": {
        **VOLTAGE,
        "boundary.voltage": -0.5,
        "interface.law": "exchange",
        "interface.exchange_current_density": 0.13,
    },
}


def main() -> None:
    """Print steps and time of each run."""
    import scl_fem

    base = scl_fem.load_case(ROOT / "cases" / "lvo_lagp_formation_1d.toml").with_overrides(
        {"mesh.growth": 1.1, "study.output_times": []}
    )
    rows = []
    for name, changes in RUNS.items():
        start = Times.now()
        summary = scl_fem.run(base.with_overrides(changes)).summary
        counts = (summary[key] for key in ("steps", "rejected_steps", "newton_iterations"))
        rows.append((name, *counts, (Times.now() - start).cpu))
    print_table(("run", "steps", "rejected", "Newton", "CPU s"), rows)


if __name__ == "__main__":
    main()
