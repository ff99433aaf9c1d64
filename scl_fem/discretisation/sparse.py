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
from dolfinx import fem
from petsc4py import PETSc


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
        starts, columns, order = self._layout
        self._work.data[:] = 0.0
        fem.assemble_matrix(self._work, form)  # type: ignore[arg-type]
        self._work.scatter_reverse()
        sizes = (self._owned, self._rows.size_global)
        values = self._work.data[: columns.size]
        matrix = PETSc.Mat().createAIJ(
            (sizes, sizes),
            csr=(starts, columns, values if order is None else values[order]),
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
            row_of_entry = np.repeat(np.arange(self._owned), np.diff(starts))
            order = np.lexsort((columns, row_of_entry))
            columns = columns[order]
        return starts.astype(PETSc.IntType), columns.astype(PETSc.IntType), order

    @cached_property
    def _numbering(self) -> PETSc.LGMap:
        """From local to global numbers, for whoever adds entries by local ones."""
        local = np.arange(self._owned + self._columns.num_ghosts, dtype=np.int32)
        numbers = self._columns.local_to_global(local).astype(PETSc.IntType)
        return PETSc.LGMap().create(numbers, comm=self._rows.comm)
