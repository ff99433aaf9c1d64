"""From the arrays of a whole mesh on rank 0 to a DOLFINx mesh with tags on all ranks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import basix.ufl
import dolfinx.graph
import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import mesh as dmesh
from dolfinx.io import distribute_entity_data
from mpi4py import MPI

from scl_fem.mesh.domain import Layout, MeshData, Pair, Role, lacks
from scl_fem.parallel import on_root

if TYPE_CHECKING:
    from scl_fem.mesh.kinds import MeshSettings


@dataclass(frozen=True)
class Domain:
    """A mesh on all ranks, with its phases, interfaces and contacts.

    `mesh.geometry.input_global_indices` holds, for each local node, its row in the points of the
    `MeshData` that the domain came from: the same on any number of ranks, so a key for checkpoints.

    Attributes:
        mesh: the mesh, coordinates in nm, cells shared by facets ghosted.
        cell_tags: number of the phase of every local cell, ghosts included.
        facet_tags: number of the role of the facets that have one and that the rank sees, ghosts included.
        layout: what the numbers stand for.
        remarks: what the user should know of the mesh, the same on every rank.
    """

    mesh: dmesh.Mesh
    cell_tags: dmesh.MeshTags
    facet_tags: dmesh.MeshTags
    layout: Layout
    remarks: tuple[str, ...] = ()

    @property
    def phases(self) -> tuple[str, ...]:
        """Names of the phases, in the order of the cell."""
        return self.layout.phases

    @property
    def interfaces(self) -> tuple[Pair, ...]:
        """Pairs of phases that meet."""
        return self.layout.interfaces

    @property
    def contacts(self) -> tuple[str, ...]:
        """Names of the contacts; a mesh may lack the facets of some (`has`)."""
        return self.layout.contacts

    @property
    def dimension(self) -> int:
        """Topological (and geometric) dimension."""
        return self.mesh.topology.dim

    @property
    def comm(self) -> MPI.Comm:
        """The communicator of the mesh."""
        return self.mesh.comm

    def cells(self, phase: str) -> npt.NDArray[np.int32]:
        """Local indices of the cells of a phase, ghosts included, ascending."""
        return self.cell_tags.find(self.layout.number(phase))

    def facets(self, role: Role) -> npt.NDArray[np.int32]:
        """Local indices of the facets with a role, ghosts included, ascending."""
        return self.facet_tags.find(self.layout.number(role))

    def has(self, role: Role) -> bool:
        """Whether any rank has a facet with this role (collective)."""
        return bool(self.comm.allreduce(self.facets(role).size, op=MPI.SUM))

    def require(self, role: Role) -> npt.NDArray[np.int32]:
        """Local indices of the facets with a role that a calculation cannot do without (collective).

        Raises:
            InputError: the mesh has none; on every rank alike.
        """
        if not self.has(role):
            raise lacks([role], self.layout)
        return self.facets(role)

    @cached_property
    def facets_per_cell(self) -> int:
        """Number of facets of a cell, also where a rank has no cell."""
        return len(basix.topology(self.mesh.basix_cell())[self.dimension - 1])

    @cached_property
    def phase_of_cell(self) -> npt.NDArray[np.int32]:
        """Number of the phase of each local cell by its index, ghosts included."""
        phase = np.zeros(_local_size(self.mesh, self.dimension), dtype=np.int32)
        phase[self.cell_tags.indices] = self.cell_tags.values
        return phase

    def interface_entities(self, pair: Pair) -> npt.NDArray[np.int32]:
        """Facets of an interface as integration entities for dS measures, "+" always its first phase.

        Args:
            pair: of phases.

        Returns:
            (n, 4) rows: cell of the first phase, its local facet, cell of the second, its local facet;
            facets owned by this rank, so that a sum over ranks counts each once.
        """
        topology, tdim = self.mesh.topology, self.dimension
        topology.create_connectivity(tdim - 1, tdim)
        topology.create_connectivity(tdim, tdim - 1)
        to_cells, to_facets = topology.connectivity(tdim - 1, tdim), topology.connectivity(tdim, tdim - 1)
        facets = self.facets(pair)
        facets = facets[facets < topology.index_map(tdim - 1).size_local]
        if not facets.size:
            return np.empty((0, 4), dtype=np.int32)
        offsets = to_cells.offsets[facets]
        cells = np.column_stack([to_cells.array[offsets], to_cells.array[offsets + 1]])
        swapped = self.phase_of_cell[cells[:, 0]] != self.layout.number(pair[0])
        cells[swapped] = cells[swapped, ::-1]
        of_cell = to_facets.array.reshape(-1, self.facets_per_cell)
        local = np.argmax(of_cell[cells] == facets[:, None, None], axis=2)
        return np.stack([cells, local], axis=2).reshape(-1, 4).astype(np.int32)


def build_domain(
    settings: MeshSettings, comm: MPI.Comm, told: Callable[[float], None] = lambda done: None
) -> Domain:
    """Build the mesh that the settings describe, on rank 0, and distribute it.

    Args:
        settings: a mesh kind with its keys.
        comm: communicator of the mesh.
        told: called with the share of the work that is done, where the kind can say.

    Raises:
        InputError: the geometry is impossible; on every rank alike.
    """
    if settings.building_share is None:
        return distribute(on_root(comm, settings.built), comm)
    told(0.0)
    data = on_root(comm, settings.built)
    told(settings.building_share)
    domain = distribute(data, comm)
    told(1.0)
    return domain


def distribute(data: MeshData | None, comm: MPI.Comm) -> Domain:
    """Distribute a mesh over the ranks of a communicator (collective).

    Args:
        data: the whole mesh on rank 0, None on the other ranks.
        comm: communicator of the mesh.

    Returns:
        The mesh with ghost cells across shared facets, and its tags.
    """
    cell_type, dimension, layout, remarks = comm.bcast(
        (data.cell_type, data.dimension, data.layout, data.remarks) if data is not None else None
    )
    element = basix.ufl.element("Lagrange", cell_type, 1, shape=(dimension,))
    per_cell = element.basix_element.dim
    points, cells = np.empty((0, dimension)), np.empty((0, per_cell), dtype=np.int64)
    if data is not None:
        points, cells = data.points, data.cells
    partitioner = dmesh.create_cell_partitioner(dmesh.GhostMode.shared_facet, 2)  # type: ignore[call-arg]
    mesh = dmesh.create_mesh(comm, cells, ufl.Mesh(element), points, partitioner)
    cell_phase = comm.bcast(None if data is None else data.cell_phase)
    # original_cell_index: rows of rank 0's cells, ghosts included
    phases = cell_phase[mesh.topology.original_cell_index[: _local_size(mesh, dimension)]]
    cell_tags = dmesh.meshtags(mesh, dimension, np.arange(phases.size, dtype=np.int32), phases)
    return Domain(mesh, cell_tags, _distribute_facet_tags(mesh, data), layout, remarks)


def _distribute_facet_tags(mesh: dmesh.Mesh, data: MeshData | None) -> dmesh.MeshTags:
    """Tags of the facets that rank 0 gives by their vertices' rows in the points."""
    dim = mesh.topology.dim - 1
    width = len(basix.topology(mesh.basix_cell())[dim][0])
    facets, values = np.empty((0, width), dtype=np.int64), np.empty(0, dtype=np.int32)
    if data is not None:
        facets, values = np.ascontiguousarray(data.facets), data.facet_tag
    entities, local_values = distribute_entity_data(mesh, dim, facets, values)
    mesh.topology.create_entities(dim)
    mesh.topology.create_connectivity(dim, 0)
    mesh.topology.create_connectivity(dim, mesh.topology.dim)
    adjacency = dolfinx.graph.adjacencylist(np.ascontiguousarray(entities, dtype=np.int32))
    return dmesh.meshtags_from_entities(mesh, dim, adjacency, local_values)


def _local_size(mesh: dmesh.Mesh, dim: int) -> int:
    """Number of entities that the rank sees, ghosts included."""
    index_map = mesh.topology.index_map(dim)
    return index_map.size_local + index_map.num_ghosts
