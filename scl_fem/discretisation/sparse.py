"""PETSc matrices of forms that share a sparsity pattern.

DOLFINx assembles into its own matrices nearly twice as fast as into PETSc's, and the pattern, which
costs more than the entries, need be found only once.
"""

from __future__ import annotations

from functools import cached_property

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np
import numpy.typing as npt
from dolfinx import fem, la
from petsc4py import PETSc

from scl_fem.physics.types import Array


class SparseMatrix:
    """A pattern, and PETSc matrices that have it."""

    def __init__(self, form: fem.Form) -> None:
        """Find the pattern. Collective.

        Args:
            form: bilinear, of the space that the matrices belong to.
        """
        self._work = fem.create_matrix(form)
        self._rows, self._columns = self._work.index_map(0), self._work.index_map(1)
        self._owned: int = self._rows.size_local

    def filled(self, form: fem.Form) -> PETSc.Mat:
        """A new matrix with the entries of a form of this pattern. Collective."""
        return self.matrix(self.entries(form))

    def entries(self, form: fem.Form) -> Array:
        """Entries of a form of this pattern in the rows that this rank owns, at `places`. Collective."""
        self._work.data[:] = 0.0
        fem.assemble_matrix(self._work, form)  # type: ignore[arg-type]
        self._work.scatter_reverse()
        return self._work.data[: self._work.indptr[self._owned]].copy()

    @cached_property
    def places(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.int32]]:
        """Row and column of each entry, local numbers."""
        starts = self._work.indptr[: self._owned + 1]
        return np.repeat(np.arange(self._owned), np.diff(starts)), self._work.indices[: starts[-1]]

    @cached_property
    def mirrored(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Entries below the diagonal between nodes that this rank owns, and the one above it of each."""
        rows, columns = self.places
        below = np.flatnonzero(columns < rows)
        above = np.flatnonzero((rows < columns) & (columns < self._owned))
        return (
            below[np.lexsort((columns[below], rows[below]))],
            above[np.lexsort((rows[above], columns[above]))],
        )

    def at_columns(self, values: Array) -> Array:
        """Values of the unknowns by the column numbers of `places`. Collective.

        A row may have columns of another rank's cells, whose unknowns this rank does not know otherwise.

        Args:
            values: of the unknowns that this rank owns, before any others.
        """
        vector = la.vector(self._columns)
        vector.array[: self._owned] = values[: self._owned]
        vector.scatter_forward()
        return vector.array

    def matrix(self, entries: Array) -> PETSc.Mat:
        """A new matrix of this pattern. Collective.

        Args:
            entries: in the rows that this rank owns, at `places`.
        """
        starts, columns, order = self._layout
        sizes = (self._owned, self._rows.size_global)
        matrix = PETSc.Mat().createAIJ(
            (sizes, sizes),
            csr=(starts, columns, entries if order is None else entries[order]),
            comm=self._rows.comm,
        )
        matrix.setLGMap(self._numbering, self._numbering)
        return matrix

    @cached_property
    def _layout(self) -> tuple[npt.NDArray, npt.NDArray, npt.NDArray[np.intp] | None]:
        """Starts of the owned rows, global columns ascending in each, and what sorts them so."""
        starts = self._work.indptr[: self._owned + 1]
        columns = self._columns.local_to_global(self._work.indices[: starts[-1]])
        order = None
        if self._columns.num_ghosts:
            order = np.lexsort((columns, self.places[0]))
            columns = columns[order]
        return starts.astype(PETSc.IntType), columns.astype(PETSc.IntType), order

    @cached_property
    def _numbering(self) -> PETSc.LGMap:
        """From local to global numbers, for whoever adds entries by local ones."""
        local = np.arange(self._owned + self._columns.num_ghosts, dtype=np.int32)
        numbers = self._columns.local_to_global(local).astype(PETSc.IntType)
        return PETSc.LGMap().create(numbers, comm=self._rows.comm)


def add_to_diagonal(matrix: PETSc.Mat, values: Array) -> None:
    """Add to the diagonal entries of the rows that this rank owns, and assemble. Collective.

    Args:
        matrix: has its diagonal in its pattern.
        values: of the owned rows.
    """
    diagonal = matrix.getDiagonal()
    diagonal.array[:] += values
    matrix.setDiagonal(diagonal)
    matrix.assemble()


def dissipation(matrix: PETSc.Mat, u: PETSc.Vec) -> float:
    """u.K u by differences of u, for a K that constants are no matter to. Collective.

    Half the sum of -K_ij (u_i - u_j)^2. The product itself loses the digits that its terms cancel:
    six of sixteen where elements of 0.0005 nm conduct through 20 nm.

    Args:
        matrix: K, symmetric; its rows add up to nothing.
        u: as its columns are distributed.
    """
    starts, columns, values = matrix.getValuesCSR()
    difference = np.repeat(u.array_r, np.diff(starts)) - _entries(u, columns)
    return float(matrix.comm.tompi4py().allreduce(-0.5 * float(np.sum(values * difference**2))))


def _entries(u: PETSc.Vec, numbers: npt.NDArray) -> npt.NDArray[np.float64]:
    """Entries of a vector by global number, whichever rank has them. Collective."""
    if u.comm.size == 1:
        return u.array_r[numbers]
    wanted, place = np.unique(numbers, return_inverse=True)
    here = PETSc.Vec().createSeq(wanted.size)
    PETSc.Scatter().create(u, PETSc.IS().createGeneral(wanted), here, None).scatter(u, here)
    return here.array_r[place]
