"""A dipole at the interface: a step of phi that the space charge need not make."""

import numpy as np
import pytest

import scl_fem
from scl_fem.mesh import ELECTRODE, ELECTROLYTE
from tests.support.half_space import LAGP, LVO
from tests.transport.support import case_of

EQUILIBRIUM = {"kind": "equilibrium"}


def layer(**keys):
    return {"law": "layer", "thickness": 1.0, "conductivity": 1e-6, **keys}


@pytest.mark.parametrize(
    "mesh", [{}, {"dimension": 2, "interface_size": 0.1, "growth": 1.5}], ids=["1D", "2D"]
)
def test_space_charge_makes_the_rest_of_the_step(mesh):
    from dataclasses import replace

    dipole = 0.25
    found = scl_fem.run(case_of(study=EQUILIBRIUM, mesh=mesh, interface=layer(dipole=dipole)))
    expected = scl_fem.run(case_of(replace(LVO, voltage=3.4 - dipole), LAGP, study=EQUILIBRIUM, mesh=mesh))
    for side in ("electrode", "electrolyte"):
        for key in ("layer_charge_e_per_nm2", "layer_resistance_ohm_cm2", "occupancy_interface"):
            assert found.summary[side][key] == pytest.approx(expected.summary[side][key], rel=1e-9)
    assert found.summary["potential_step_V"] == pytest.approx(0.4)


def test_profile_and_fields_show_the_jump():
    dipole = 0.25
    run = scl_fem.run(case_of(study=EQUILIBRIUM, interface=layer(dipole=dipole)))
    profile = run.tables["profile.csv"]
    phase, z, phi = (np.asarray(profile[name]) for name in ("phase", "z_nm", "phi_V"))
    ends = [phi[(phase == name) & (np.abs(z) < 1e-12)] for name in ("electrode", "electrolyte")]
    assert [end.size for end in ends] == [1, 1]
    assert ends[0][0] - ends[1][0] == pytest.approx(dipole, rel=1e-12)
    # the bulks are a step apart all the same; the tails of 5 nm sides leave some of it
    assert phi[np.argmin(z)] - phi[np.argmax(z)] == pytest.approx(0.4, abs=0.05)
    (_, fields), *_ = run.study.field_steps()
    node = int(np.argmin(np.abs(run.study.space.space.tabulate_dof_coordinates()[:, 0])))
    jump = fields[ELECTRODE]["phi_V"][node] - fields[ELECTROLYTE]["phi_V"][node]
    assert jump == pytest.approx(dipole, rel=1e-12)


def test_a_dipole_of_the_whole_step_leaves_no_layer():
    run = scl_fem.run(case_of(study=EQUILIBRIUM, interface=layer(dipole=0.4)))
    for side in ("electrode", "electrolyte"):
        assert abs(run.summary[side]["layer_charge_e_per_nm2"]) < 1e-9
