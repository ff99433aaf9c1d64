"""Geometry of linear elements on simplices: volumes and the integrals of their gradients."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)
import numpy as np
import numpy.typing as npt

from scl_fem.discretisation.space import PotentialSpace
from scl_fem.errors import InputError
from scl_fem.mesh.domain import PhaseTag
from scl_fem.physics.types import Array


@dataclass(frozen=True)
class Simplices:
    """Owned cells of one phase.

    Attributes:
        dofs: (m, d+1) local nodes.
        volumes: (m,) nm^d.
        gradients: (m, d, d+1) of the basis functions, 1/nm.
    """

    dofs: npt.NDArray[np.int32]
    volumes: Array
    gradients: Array

    @classmethod
    def of(cls, space: PotentialSpace, tag: PhaseTag) -> Simplices:
        """Collect the cells of a phase.

        Args:
            space: of order 1.
            tag: of the phase.

        Raises:
            InputError: the cells are no simplices.
        """
        mesh, dimension = space.domain.mesh, space.domain.dimension
        geometry = mesh.geometry.dofmaps[0]
        if geometry.shape[1] != dimension + 1:
            raise InputError(
                "the cells must be simplices",
                key="mesh",
                allowed="intervals, triangles, tetrahedra",
            )
        cells = space.cells(tag)
        corners = mesh.geometry.x[geometry[cells]][:, :, :dimension]
        edges = corners[:, 1:] - corners[:, :1]
        volumes = np.abs(np.linalg.det(edges)) / (1, 1, 2, 6)[dimension]
        # Columns of the inverse of the edges are the gradients of all basis functions but the first.
        others = np.linalg.inv(edges)
        gradients = np.concatenate([-others.sum(axis=2, keepdims=True), others], axis=2)
        return cls(space.space.dofmap.list[cells], volumes, gradients)

    @cached_property
    def stiffness(self) -> Array:
        """(m, d+1, d+1) integrals of grad l_i . grad l_j, nm^(d-2)."""
        weighted = self.volumes[:, None, None] * self.gradients
        return np.matmul(self.gradients.transpose(0, 2, 1), weighted)

    def centroid_means(self, nodal: Array) -> Array:
        """(m,) values at the centroids of a linear function given at the local nodes."""
        return nodal[self.dofs].mean(axis=1)
