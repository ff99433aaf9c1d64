"""Energies of carriers at the nodes: with the distance from the interfaces of a phase, and over its depth.

Of `shifts = nodal_shifts(space, phases, energies, depths)` at the nodes of a core,
`shifts["core"][:, space.dofs("core")]` is what `Phase.evaluate` takes as `shift`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)
import basix.ufl
import numpy as np
import ufl
from dolfinx import geometry
from dolfinx import mesh as dmesh
from dolfinx.mesh import entities_to_geometry
from mpi4py import MPI

from scl_fem.discretisation.space import Phases, PotentialSpace
from scl_fem.mesh.distribute import Domain
from scl_fem.mesh.domain import Pair
from scl_fem.physics.energies import LocalEnergies, no_interface
from scl_fem.physics.types import Array

type Shifts = Mapping[str, Array]
"""(n_carriers, n_local) energies at all local nodes by phase, eV; of phases without there is nothing."""

type Depths = Callable[[str, Array], tuple[Array, Array]]
"""Of a phase and points (n, 3): how deep they lie in its layers, and how thick these are, nm."""


def nodal_shifts(
    space: PotentialSpace, phases: Phases, energies: Mapping[str, LocalEnergies], depths: Depths
) -> dict[str, Array]:
    """What depends on the place of the energies of the carriers of each phase. Collective.

    Args:
        space: of the potential.
        phases: by name.
        energies: by name of the phase; none of those whose energies are the same everywhere.
        depths: of points, for profiles.

    Returns:
        by phase (n_carriers, n_local) eV at all local nodes, ghosts included, carriers in the order of
        `Phase.carriers`; 0 outside the phase. A node at an interface has a value in each phase.

    Raises:
        InputError: a phase with an energy that decays has no interface; on every rank alike.
    """
    found = {}
    coordinates = space.space.tabulate_dof_coordinates()
    for name, local in energies.items():
        nodes = space.dofs(name)
        points = coordinates[nodes]
        values = np.zeros((len(phases[name].carriers), len(coordinates)))
        if local.decays:
            distance = distances(space.domain, _interfaces_of(space.domain, name), points)
            for number, carrier in enumerate(phases[name].carriers):
                values[number, nodes] += local.decaying(carrier.name, distance)
        if local.profile is not None:
            depth, thickness = depths(name, points)
            for number, carrier in enumerate(phases[name].carriers):
                values[number, nodes] += local.profile.at(carrier.name, depth, thickness)
        found[name] = values
    return found


def _interfaces_of(domain: Domain, phase: str) -> list[Pair]:
    """The interfaces of a phase that the mesh has. Collective."""
    pairs = [pair for pair in domain.interfaces if phase in pair and domain.has(pair)]
    if not pairs:
        raise no_interface(phase)
    return pairs


def distances(domain: Domain, pairs: Iterable[Pair], points: Array) -> Array:
    """(n,) distance of points from the nearest interface, nm, whichever rank has it. Collective.

    Args:
        domain: the mesh.
        pairs: the interfaces, at least one.
        points: (n, 3) of this rank.
    """
    corners = np.concatenate([_all_facets(domain, pair) for pair in pairs])
    if domain.dimension == 1:
        return np.asarray(np.abs(points[:, :1] - corners[:, 0, 0]).min(axis=1))
    if not len(points):
        return np.empty(0)
    facets = _mesh_of(corners)
    dimension, numbers = domain.dimension - 1, np.arange(len(corners), dtype=np.int32)
    tree = geometry.bb_tree(facets, dimension, entities=numbers)
    midpoints = geometry.create_midpoint_tree(facets, dimension, numbers)
    nearest = geometry.compute_closest_entity(tree, midpoints, facets, points)
    return np.asarray(np.sqrt(geometry.squared_distance(facets, dimension, nearest, points)))


def _all_facets(domain: Domain, pair: Pair) -> Array:
    """(m, corners, 3) corners of the facets of an interface, of all ranks, in an order of their own."""
    mesh, dimension = domain.mesh, domain.dimension - 1
    facets = domain.facets(pair)
    facets = facets[facets < mesh.topology.index_map(dimension).size_local]
    mesh.topology.create_connectivity(dimension, domain.dimension)
    # a rank without facets knows no more of how many corners they have than that there are none
    here = mesh.geometry.x[entities_to_geometry(mesh, dimension, facets)] if facets.size else None
    corners = np.concatenate([each for each in mesh.comm.allgather(here) if each is not None])
    # distances to round-off the same, however the mesh is distributed
    return np.asarray(corners[np.lexsort(np.round(corners.mean(axis=1), 9).T)])


def _mesh_of(corners: Array) -> dmesh.Mesh:
    """Facets as the cells of a mesh that this rank has to itself."""
    kind = {2: "interval", 3: "triangle", 4: "quadrilateral"}[corners.shape[1]]
    element = basix.ufl.element("Lagrange", kind, 1, shape=(3,))
    number = corners.shape[0] * corners.shape[1]
    cells = np.arange(number, dtype=np.int64).reshape(corners.shape[:2])
    return dmesh.create_mesh(MPI.COMM_SELF, cells, ufl.Mesh(element), corners.reshape(number, 3))
