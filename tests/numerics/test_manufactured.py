"""Manufactured solutions on planar cells: the observed order of convergence in L2 is p + 1."""

import scl_fem._stack
import numpy as np
import pytest

# isort: split
from mpi4py import MPI

import scl_fem
from scl_fem.mesh import BOTH, ELECTRODE, ELECTROLYTE
from scl_fem.studies.phases import phases_of
from tests.support.cases import case_of
from tests.support.half_space import LAGP, LVO, Side
from tests.support.manufactured import Manufactured, l2_error

# name: electrode, electrolyte, half thickness (nm), ripple (V)
CELLS = {
    "moderate": (Side(2.0, 0.4, 3.1, 40.0, 0.01), Side(1.5, 0.5, 3.0, 20.0), 1.0, 0.01),
    "near both ends": (Side(1.0, 0.6, 3.8, 20.0), Side(1.0, 0.4, 3.0, 30.0), 1.0, 0.03),
    "LVO|LAGP": (LVO, LAGP, 0.5, 0.02),
}

# The occupancies that the exact solution spans in 2D and 3D: (electrode, electrolyte)
RANGES = {
    "moderate": ((0.39, 0.84), (0.04, 0.52)),
    "near both ends": ((0.59, 1.0 - 1e-10), (1e-7, 0.44)),
    "LVO|LAGP": ((0.09, 0.996), (0.07, 0.42)),
}

# elements across each side by dimension and order; each mesh halves the cells of the one before
MESHES = {
    (1, 1): (32, 64, 128),
    (1, 2): (32, 64, 128),
    (2, 1): (8, 16, 32),
    (2, 2): (8, 16, 32),
    (3, 1): (6, 12),
    (3, 2): (5, 10),
}


def manufactured(cell, dimension):
    electrode, electrolyte, half, ripple = CELLS[cell]
    phases = phases_of(scl_fem.resolve(case_of(electrode, electrolyte)))
    return Manufactured(dict(phases), half, half, ripple, dimension - 1)


@pytest.mark.parametrize(("dimension", "order"), MESHES)
@pytest.mark.parametrize("cell", CELLS)
def test_order_in_l2(cell, dimension, order):
    exact = manufactured(cell, dimension)
    errors = [l2_error(exact, elements, order, MPI.COMM_SELF) for elements in MESHES[dimension, order]]
    observed = np.log2(np.array(errors[:-1]) / errors[1:])
    assert observed[-1] >= order + 1 - 0.15, (errors, observed)


@pytest.mark.parametrize("cell", CELLS)
def test_the_exact_solutions_are_admissible(cell):
    """Occupancies stay in 0 < x < 1, and one cell comes close to both ends."""
    exact = manufactured(cell, 3)
    z, y, x = np.meshgrid(np.linspace(0.0, exact.half, 60), *[np.linspace(0.0, exact.width, 9)] * 2)
    for tag, sign, (low, high) in zip(BOTH, (-1.0, 1.0), RANGES[cell], strict=True):
        points = np.stack([sign * z.ravel(), y.ravel(), x.ravel()])
        occupancy = exact.phases[tag].occupancy(exact.potential(tag, points))
        assert low < occupancy.min() < occupancy.max() < high
    if cell == "near both ends":
        phases = [exact.phases[tag] for tag in BOTH]
        points = np.stack([sign * z.ravel(), y.ravel(), x.ravel()])
        assert phases[1].occupancy(exact.potential(ELECTROLYTE, points)).min() < 1e-6
        points[0] *= -1.0
        assert phases[0].occupancy(exact.potential(ELECTRODE, points)).max() > 1.0 - 1e-8
