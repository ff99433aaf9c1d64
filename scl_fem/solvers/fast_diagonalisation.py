"""Fast diagonalisation: the inverse of M + s K on a tensor grid, as a preconditioner.

Where density and diffusivity are the same everywhere, both matrices are sums of Kronecker products of
one-dimensional ones. With K_a V_a = M_a V_a Lambda_a and V_a^T M_a V_a = 1 along each axis a,

    (M + s K)^-1 = V (1 + s D (Lambda_x + Lambda_y + Lambda_z))^-1 V^T,    V = V_x (x) V_y (x) V_z

(Lynch, Rice & Thomas, Numer. Math. 6:185 (1964)): one product with a small dense matrix along each
axis, there and back. Where they are not, it is the inverse of a matrix that is close to M + s K,
however fine the mesh is and however long the step.
"""

from __future__ import annotations

import functools
import math

import scl_fem._stack  # noqa: F401  (MPI before PETSc)
import numpy as np
import numpy.typing as npt
from petsc4py import PETSc

from scl_fem.discretisation.tagged import TaggedLithium
from scl_fem.discretisation.tensor_grid import TensorGrid
from scl_fem.physics.types import Array

type Single = npt.NDArray[np.float32]

_LARGEST_CONTRAST = 10.0
"""Between the phases: incomplete Cholesky factors serve better beyond it (docs/exsy.md)."""

_LONGEST_AXIS = 1000
"""Points: products with dense matrices are no longer cheap beyond it."""


class FastDiagonalisation:
    """Context of a PETSc preconditioner of type "python" for M + s K.

    It works in single precision: rounding, 1e-6 of a residual, is far less than what the phases'
    differences leave, and conjugate gradients see to both.
    """

    def __init__(self, grid: TensorGrid, density: Array, diffusivity: float) -> None:
        """Diagonalise along each axis.

        Args:
            grid: of the unknowns.
            density: of each unknown, positive: M is about sqrt(density) M_grid sqrt(density).
            diffusivity: K is about that much more than the grid's, nm^2/s.
        """
        self._nodes = grid.nodes
        self._scale = (1.0 / np.sqrt(density[grid.nodes])).astype(np.float32).reshape(grid.shape)
        values, vectors = zip(*(_modes(axis) for axis in grid.axes), strict=True)
        self._vectors = [v.astype(np.float32) for v in vectors]
        self._transposed = [np.ascontiguousarray(v.T) for v in self._vectors]
        self._rates = diffusivity * functools.reduce(np.add.outer, values)
        self._divisor = np.ones(grid.shape, dtype=np.float32)
        self._work = np.empty(grid.shape, np.float32), np.empty(grid.shape, np.float32)

    def shift(self, s: float) -> None:
        """Prepare for M + s K.

        Args:
            s: in s.
        """
        self._divisor = (1.0 / (1.0 + s * self._rates)).astype(np.float32)

    def apply(self, pc: PETSc.PC, residual: PETSc.Vec, answer: PETSc.Vec) -> None:
        """See `PETSc.PC`."""
        first, second = self._work
        first[...] = residual.array_r[self._nodes].reshape(first.shape)
        first *= self._scale
        for axis, matrix in enumerate(self._transposed):
            _along(axis, matrix, first, second)
            first, second = second, first
        first *= self._divisor
        for axis, matrix in enumerate(self._vectors):
            _along(axis, matrix, first, second)
            first, second = second, first
        first *= self._scale
        answer.array[self._nodes] = first.ravel()


def fast_diagonalisation(system: TaggedLithium) -> FastDiagonalisation | None:
    """The preconditioner of a discrete equation; None where another is the better one.

    Args:
        system: the discrete equation.
    """
    physics, grid = system.physics, system.grid
    if grid is None or max(grid.shape) > _LONGEST_AXIS or physics.contrast > _LARGEST_CONTRAST:
        return None
    diffusivities = physics.diffusivity.values()
    mean = math.sqrt(min(diffusivities) * max(diffusivities))
    return FastDiagonalisation(grid, system.concentration, mean)


def _along(axis: int, matrix: Single, values: Single, answer: Single) -> None:
    """Multiply by a matrix along one axis."""
    length = values.shape[axis]
    if axis == values.ndim - 1:
        np.matmul(values.reshape(-1, length), matrix.T, out=answer.reshape(-1, length))
    else:
        shape = (*values.shape[:axis], length, -1)
        np.matmul(matrix, values.reshape(shape), out=answer.reshape(shape))


def _modes(axis: Array) -> tuple[Array, Array]:
    """Eigenvalues and M-orthonormal eigenvectors (columns) of linear elements on one axis."""
    size = np.diff(axis)
    mass, stiffness = np.zeros((axis.size, axis.size)), np.zeros((axis.size, axis.size))
    here, there = np.arange(size.size), np.arange(1, axis.size)
    for row, column, share, sign in (
        (here, here, 1 / 3, 1.0),
        (there, there, 1 / 3, 1.0),
        (here, there, 1 / 6, -1.0),
        (there, here, 1 / 6, -1.0),
    ):
        mass[row, column] += share * size
        stiffness[row, column] += sign / size
    lower = np.linalg.inv(np.linalg.cholesky(mass))
    values, vectors = np.linalg.eigh(lower @ stiffness @ lower.T)
    return np.maximum(values, 0.0), lower.T @ vectors
