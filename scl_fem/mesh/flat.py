"""Flat layers on a sample of some width, as graded grids."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Self

import numpy as np
from pydantic import PositiveInt, model_validator

from scl_fem.errors import InputError
from scl_fem.mesh.domain import Layout, MeshData
from scl_fem.mesh.kinds import FilledIn, LayeredMesh, Points
from scl_fem.mesh.layers import Layers
from scl_fem.mesh.size import MeshSize
from scl_fem.mesh.structured import grid_points, grid_simplices
from scl_fem.mesh.topology import assemble, exterior_facets
from scl_fem.units import Length

CELL_TYPES = {1: "interval", 2: "triangle", 3: "tetrahedron"}
"""DOLFINx's name of the cells, by dimension."""


class FlatMesh(LayeredMesh):
    """Flat layers across the first axis."""

    lateral_size: FilledIn[Length] = None
    """Width of the sample along the interface, in each direction (nm)."""
    lateral_elements: FilledIn[PositiveInt] = None
    """Elements across that width, in each direction."""

    @model_validator(mode="after")
    def _lateral_keys_mean_something(self) -> Self:
        given = [key for key in ("lateral_size", "lateral_elements") if getattr(self, key) is not None]
        if self.dimension == 1 and given:
            raise InputError("a one-dimensional mesh has no lateral direction", key=f"mesh.{given[0]}")
        return self

    @abstractmethod
    def graded_layers(self) -> Layers:
        """The layers that the resolved settings describe."""

    @property
    @abstractmethod
    def layout(self) -> Layout:
        """The parts of the mesh."""

    def depths(self, phase: str, points: Points) -> tuple[Points, Points]:
        """See `MeshSettings`."""
        return self.resolved().graded_layers().depths(phase, points[:, 0])

    def size(self) -> MeshSize:
        """See `MeshSettings`."""
        s = self.resolved()
        layers = s.graded_layers().count(s.interface_size, s.growth)
        lateral = self.dimension - 1
        across = s.lateral_elements if lateral else 1
        return MeshSize(
            cells=layers * across**lateral * math.factorial(self.dimension),
            points=(layers + 1) * (across + 1) ** lateral,
            cell_type=CELL_TYPES[self.dimension],
            dimension=self.dimension,
        )

    def flat(self) -> MeshData:
        """The flat layers that the settings describe: graded intervals, or these split into simplices."""
        s = self.resolved()
        layers, layout = s.graded_layers(), s.layout
        z = layers.nodes(s.interface_size, s.growth)
        lateral = self.dimension - 1
        widths = [np.linspace(0.0, s.lateral_size, s.lateral_elements + 1)] * lateral if lateral else []
        points = grid_points([z, *widths])
        cells = grid_simplices([axis.size - 1 for axis in (z, *widths)])
        number = np.array([layout.number(phase) for phase in layers.phases])
        across = number[layers.layer_of_cells(s.interface_size, s.growth)]
        cell_type = CELL_TYPES[self.dimension]
        ends = zip(self.contact_names, (z[0], z[-1]), strict=True)
        return assemble(
            points,
            cells,
            cell_type,
            np.repeat(across, len(cells) // across.size),
            {name: exterior_facets(cells, cell_type, points[:, 0] == end) for name, end in ends},
            layout,
        )

    def _flat_defaults(self) -> Self:
        """The same settings with a width filled in that a flat interface asks for."""
        if self.dimension == 1:
            return self
        # nothing varies along a flat interface: a few elements of moderate aspect ratio will do
        return self._filled(lateral_size=2.0, lateral_elements={2: 10, 3: 8}[self.dimension])
