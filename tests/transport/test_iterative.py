"""Conjugate gradients where factorisations are too large: the same answers, in 2D and 3D, every law."""

import numpy as np
import pytest

import scl_fem
from tests.support.half_space import LAGP, LVO, LVO_2
from tests.transport.support import history, transient

LAWS = {
    "perfect": {"law": "perfect"},
    "exchange": {"law": "exchange", "exchange_current_density": 0.13},
    "layer": {"law": "layer", "thickness": 1.0, "conductivity": 1e-9},
}
MESHES = {
    "2D": {"dimension": 2, "interface_size": 0.02, "growth": 1.4, "lateral_elements": 4},
    "3D": {"dimension": 3, "interface_size": 0.05, "growth": 1.8, "lateral_elements": 3},
}


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("mesh", MESHES)
@pytest.mark.parametrize("electrode", [LVO, LVO_2], ids=["+0.4 V", "-0.6 V"])
def test_twelve_decades(electrode, mesh, law):
    """1e-12 to 1 s with growth up to 2 a step (10 with implicit Euler)."""
    found = {}
    for linear in ("direct", "iterative"):
        run = scl_fem.run(
            transient(
                electrode,
                LAGP,
                duration=1.0,
                mesh=MESHES[mesh],
                interface=LAWS[law],
                solver={"linear": linear},
                study={"tolerance": 0.05, "method": "euler"},
            )
        )
        found[linear] = run.summary
        charge = history(run, "layer_charge_e_per_nm2")
        assert np.isfinite(charge).all()
        assert run.summary["lithium_error"] < 1e-11
    for side in ("electrode", "electrolyte"):
        one, other = (found[linear][side]["layer_charge_e_per_nm2"] for linear in found)
        assert one == pytest.approx(other, rel=1e-6)


@pytest.mark.slow
def test_a_particle():
    run = scl_fem.run(
        transient(LVO, LAGP, duration=1.0, study={"tolerance": 0.05, "method": "euler"}).with_overrides(
            {
                "mesh": {
                    "kind": "particle",
                    "dimension": 3,
                    "radius": 2.0,
                    "box_size": 8.0,
                    "interface_size": 0.4,
                    "growth": 1.5,
                },
                "interface": LAWS["exchange"],
                "solver.linear": "iterative",
            }
        )
    )
    assert run.summary["time_final_s"] == 1.0
    assert run.summary["lithium_error"] < 1e-11


def test_phases_that_hardly_exchange():
    """They shift against one another at next to no cost: no step may be lost to the linear solver."""
    runs = {}
    for linear in ("direct", "iterative"):
        runs[linear] = scl_fem.run(
            transient(
                LVO_2,
                LAGP,
                duration=1e3,
                mesh={**MESHES["3D"], "lateral_elements": 4},
                interface={
                    "law": "layer",
                    "thickness": 1.0,
                    "conductivity": 1e-8,
                    "dipole": 0.3,
                    "barrier": 0.2,
                },
                solver={"linear": linear},
                study={"tolerance": 1e-2},
            )
        ).summary
    assert runs["iterative"]["rejected_steps"] <= runs["direct"]["rejected_steps"] + 1
    one, other = (run["electrode"]["layer_charge_e_per_nm2"] for run in runs.values())
    assert one == pytest.approx(other, rel=1e-6)
