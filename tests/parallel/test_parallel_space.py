"""The nodes of a phase are the same on any number of ranks, whoever owns the cells around them."""

import numpy as np
import pytest
from mpi4py import MPI

from scl_fem.discretisation.space import PotentialSpace
from scl_fem.mesh.cube import CubeMesh
from scl_fem.mesh.distribute import build_domain
from scl_fem.mesh.domain import BOTH


def owned_nodes(comm, order: int) -> dict[str, int]:
    mesh = CubeMesh(dimension=3, particle_size=10.0, interface_size=1.0)
    space = PotentialSpace(build_domain(mesh, comm), order)
    counts = {tag: int((space.dofs(tag) < space.owned).sum()) for tag in BOTH}
    return {tag: comm.allreduce(count) for tag, count in counts.items()}


@pytest.mark.parametrize("order", [1, 2])
def test_every_node_of_a_phase_is_found(order):
    assert owned_nodes(MPI.COMM_WORLD, order) == owned_nodes(MPI.COMM_SELF, order)


def test_nodes_with_lumped_mass_are_those_of_the_phase():
    mesh = CubeMesh(dimension=3, particle_size=10.0, interface_size=1.0)
    space = PotentialSpace(build_domain(mesh, MPI.COMM_WORLD), 1)
    for tag in BOTH:
        nodes = space.dofs(tag)
        with_mass = np.flatnonzero(space.phase_weights[tag] > 0.0)
        assert np.array_equal(nodes[nodes < space.owned], with_mass)
