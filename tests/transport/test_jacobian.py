"""The Jacobian of an implicit step against differences of its residual."""

import numpy as np
import pytest

from scl_fem.equations.operator import ImplicitOperator
from scl_fem.equations.state import ImplicitStep, State
from scl_fem.mesh import BOTH
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
NONE_HELD = np.empty(0, np.int32)


class Linearised:
    """A step linearised at random unknowns, and differences of its residual in a random direction."""

    def __init__(self, mesh, law, *, explicit):
        cell = Cell(transient(duration=1.0, mesh=MESHES[mesh], interface=LAWS[law]))
        system, random = cell.system, np.random.default_rng(1)
        size = system.space.function("phi").x.array.size
        state = State(
            random.uniform(-0.2, 0.4, size), {tag: random.uniform(-0.15, 0.15, (1, size)) for tag in BOTH}
        )
        x, self.direction = system.unknowns.vector(), system.unknowns.vector()
        x.array[:] = system.unknowns.pack(state)
        self.direction.array[:] = random.normal(size=self.direction.local_size)
        blank = {tag: random.normal(size=(1, region.owned)) for tag, region in system.regions.items()}
        physics = system.evaluate(system.unknowns.unpack(x.array_r))
        mobilities = system.mobilities(physics) if explicit else None

        self.operator = ImplicitOperator(system)
        self.operator.prepare(ImplicitStep(1e-9 if explicit else 1e-5, blank, blank, mobilities))
        self.operator.differentiate(x, NONE_HELD)
        h = 1e-6
        ahead, behind = (self._residual(x, sign * h) for sign in (1.0, -1.0))
        self.expected = (ahead - behind) / (2.0 * h)

    def _residual(self, x, distance):
        moved, found = x.copy(), x.duplicate()
        moved.axpy(distance, self.direction)
        self.operator.residual(moved, found)
        return found.array_r.copy()

    def product(self, matrix):
        found = self.direction.duplicate()
        matrix.mult(self.direction, found)
        return found.array_r


@pytest.mark.parametrize("mesh", MESHES)
@pytest.mark.parametrize("law", LAWS)
def test_given_mobilities(mesh, law):
    step = Linearised(mesh, law, explicit=True)
    matrix, expected = step.operator.symmetric, step.expected
    assert matrix.isSymmetric(1e-12 * matrix.norm())
    found = step.product(matrix)
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-7 * np.abs(expected).max())
    assert np.abs(found).min() > 0.0


@pytest.mark.parametrize("law", LAWS)
def test_implicit_mobilities(law):
    """In one dimension the Jacobian is exact, and what drift adds is much of it here."""
    step = Linearised("1D", law, explicit=False)
    found, expected = step.product(step.operator.jacobian), step.expected
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-7 * np.abs(expected).max())
    assert np.abs(step.product(step.operator.symmetric) - expected).max() > 0.1 * np.abs(expected).max()


@pytest.mark.parametrize("mesh", ["2D", "3D"])
@pytest.mark.parametrize("law", LAWS)
def test_drift_moves_lithium_and_makes_none(mesh, law):
    """Where the Jacobian is not exact it keeps the sum over all nodes."""
    step = Linearised(mesh, law, explicit=False)
    system = step.operator.system
    continuity = np.ones(system.unknowns.size, bool)
    continuity[system.unknowns.phi[: system.space.owned]] = False
    found, expected = step.product(step.operator.jacobian), step.expected
    scale = np.abs(expected[continuity]).sum()
    assert found[continuity].sum() == pytest.approx(expected[continuity].sum(), abs=1e-6 * scale)
    # Poisson's rows know nothing of mobilities
    np.testing.assert_allclose(
        found[~continuity], expected[~continuity], rtol=2e-5, atol=1e-7 * np.abs(expected).max()
    )
