"""The Jacobian of an implicit step against differences of its residual."""

import numpy as np
import pytest

from scl_fem.discretisation.implicit import ImplicitOperator
from scl_fem.discretisation.unknowns import ImplicitStep, State
from scl_fem.mesh import PhaseTag
from tests.transport.support import Cell, transient

LAWS = {
    "perfect": {"law": "perfect"},
    "exchange": {"law": "exchange", "exchange_current_density": 0.5},
    "layer": {"law": "layer", "thickness": 2.0, "conductivity": 1e-8, "dipole": 0.1, "barrier": 0.02},
}
MESHES = {
    "1D": {},
    "2D": {"dimension": 2, "interface_size": 0.1, "growth": 2.0, "lateral_elements": 3},
    "3D": {"dimension": 3, "interface_size": 0.3, "growth": 2.0, "lateral_elements": 2},
}


@pytest.mark.parametrize("mesh", MESHES)
@pytest.mark.parametrize("law", LAWS)
def test_jacobian(mesh, law):
    cell = Cell(transient(duration=1.0, mesh=MESHES[mesh], interface=LAWS[law]))
    system, random = cell.system, np.random.default_rng(1)
    size = system.space.function("phi").x.array.size
    state = State(
        random.uniform(-0.2, 0.4, size), {tag: random.uniform(-0.15, 0.15, size) for tag in PhaseTag}
    )
    x, direction, found, ahead, behind = (system.vector() for _ in range(5))
    system.pack(state, x)
    direction.array[:] = random.normal(size=direction.local_size)
    state = system.unpack(x)
    mobilities = system.centroid_mobilities(state)
    blank = {tag: random.normal(size=system.space.owned) for tag in PhaseTag}
    step = ImplicitStep(1e-9, blank, blank, mobilities)

    operator = ImplicitOperator(system)
    operator.prepare(step)
    operator.differentiate(state, system.evaluate(state), np.empty(0, np.int32))
    matrix = operator.jacobian
    assert matrix.isSymmetric(1e-12 * matrix.norm())
    matrix.mult(direction, found)

    h = 1e-6
    for sign, residual in ((1.0, ahead), (-1.0, behind)):
        moved = x.copy()
        moved.axpy(sign * h, direction)
        there = system.unpack(moved)
        operator.residual(moved, there, system.evaluate(there), residual)
    expected = (ahead.array_r - behind.array_r) / (2.0 * h)
    np.testing.assert_allclose(found.array_r, expected, rtol=2e-5, atol=1e-7 * np.abs(expected).max())
    assert np.abs(found.array_r).min() > 0.0
