"""A numbering of nodes that depends on the mesh alone, not on how it is shared among ranks.

A degree of freedom of a Lagrange space belongs to a mesh entity; the entity is known by the
indices that its vertices had in the input (`mesh.geometry.input_global_indices`). Sorted by
those, files written on any number of ranks are the same, and can be read on any other number.
"""

from __future__ import annotations

from functools import cached_property

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import basix
import numpy as np
import numpy.typing as npt
from dolfinx import fem

from scl_fem.parallel import gather_rows

Keys = npt.NDArray[np.int64]


class InputNumbering:
    """Nodes of a scalar Lagrange space of order 1 or 2, sorted by the input's vertex indices.

    For order 1 the number of a node is the index of its vertex in the input.

    Attributes:
        space: the function space.
        comm: its communicator.
        owned: number of nodes that this rank owns.
        size: number of nodes on all ranks.
    """

    def __init__(self, space: fem.FunctionSpace) -> None:
        """Collective.

        Args:
            space: scalar Lagrange space of order 1 or 2 on a mesh of one cell type.

        Raises:
            ValueError: another kind of space.
        """
        element = space.element.basix_element
        if element.family != basix.ElementFamily.P or element.discontinuous or space.dofmap.bs != 1:
            raise ValueError("nodes are numbered for continuous scalar Lagrange spaces only")
        if element.degree > 2:
            raise ValueError("nodes are numbered for Lagrange spaces of order 1 and 2 only")
        self.space = space
        self.comm = space.mesh.comm
        self.owned: int = space.dofmap.index_map.size_local
        self.size: int = space.dofmap.index_map.size_global

    @cached_property
    def keys(self) -> Keys:
        """(local nodes, columns) input indices of the vertices of each node's entity.

        Ascending in each row, with -1 in front where the entity has fewer vertices than columns,
        so that vertices come before edges.
        """
        element = self.space.element.basix_element
        topology = basix.topology(element.cell_type)
        entities = [
            (dof, vertices)
            for dofs_of_dimension, vertices_of_dimension in zip(element.entity_dofs, topology, strict=True)
            for dofs, vertices in zip(dofs_of_dimension, vertices_of_dimension, strict=True)
            for dof in dofs
        ]
        geometry, dofmap = self.space.mesh.geometry, self.space.dofmap.list
        input_index = geometry.input_global_indices[geometry.dofmaps[0]]
        index_map = self.space.dofmap.index_map
        columns = max(len(vertices) for _, vertices in entities)
        keys = np.full((index_map.size_local + index_map.num_ghosts, columns), -1, dtype=np.int64)
        for dof, vertices in entities:
            keys[dofmap[:, dof], columns - len(vertices) :] = np.sort(input_index[:, vertices], axis=1)
        return keys

    @cached_property
    def _order(self) -> npt.NDArray[np.int64]:
        """On rank 0 DOLFINx's global index of each node, in our order; empty elsewhere. Collective."""
        # DOLFINx numbers owned nodes consecutively from rank to rank: the gathered order is its own.
        return np.lexsort(gather_rows(self.comm, self.keys[: self.owned]).T[::-1])

    @cached_property
    def position(self) -> npt.NDArray[np.int64]:
        """On rank 0 the number that each of DOLFINx's global indices gets; empty elsewhere. Collective."""
        position = np.empty_like(self._order)
        position[self._order] = np.arange(len(self._order))
        return position

    def gather(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Nodal values on rank 0, in this order. Collective.

        Args:
            values: (local nodes, ...) values; those of ghosts are not looked at.

        Returns:
            (size, ...) on rank 0, (0, ...) elsewhere.
        """
        order = self._order
        return gather_rows(self.comm, values[: self.owned])[order]

    def scatter(self, values: npt.NDArray[np.float64] | None, function: fem.Function) -> None:
        """Set a function, ghosts included, from nodal values on rank 0. Collective.

        Args:
            values: (size,) in this order; looked at on rank 0 alone.
            function: function of the space.
        """
        position = self.position
        counts = self.comm.allgather(self.owned)
        send = np.empty(0) if values is None else np.ascontiguousarray(values[position])
        received = np.empty(self.owned)
        self.comm.Scatterv((send, counts), received, root=0)
        function.x.array[: self.owned] = received
        function.x.scatter_forward()
