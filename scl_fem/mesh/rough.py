"""A rough interface: slabs whose contact is a smooth wave."""

from __future__ import annotations

import dataclasses
import math
from typing import Literal, Self

import numpy as np

from scl_fem.errors import InputError
from scl_fem.mesh.domain import MeshData
from scl_fem.mesh.kinds import MESH_KINDS, FilledIn, Points, SolidMesh
from scl_fem.mesh.planar import SlabMesh
from scl_fem.mesh.size import MeshSize, whole
from scl_fem.units import Length

_ELEMENTS_PER_WAVELENGTH = {2: 32, 3: 16}


@MESH_KINDS.register("rough")
class RoughMesh(SlabMesh, SolidMesh):
    """Slabs whose interface is z = A cos(2 pi y / wavelength), in 3D times the same of the other direction.

    A cosine meets the sides of the sample at a right angle, so a sample with no flux through its sides is
    a piece of an endless interface, and half a wavelength is enough of it. The layers follow the
    interface, and flatten towards the terminals.
    """

    kind: Literal["rough"] = "rough"
    dimension: Literal[2, 3] = 2
    roughness_amplitude: Length = 0.2
    """Amplitude of the wave, from its mean (nm)."""
    roughness_wavelength: FilledIn[Length] = None
    """Wavelength (nm); the width of the sample unless given. Half of it divides `lateral_size`."""

    def resolved(self) -> Self:
        """The same settings with every default filled in."""
        s = super().resolved()
        s = s._filled(lateral_size=s.roughness_wavelength or 2.0)
        s = s._filled(roughness_wavelength=s.lateral_size)
        waves = s.lateral_size / s.roughness_wavelength
        return s._filled(lateral_elements=max(4, whole(waves * _ELEMENTS_PER_WAVELENGTH[s.dimension])))

    def size(self) -> MeshSize:
        """See `MeshSettings`."""
        self.resolved()._check()
        return super().size()

    def build(self) -> MeshData:
        """Layers of triangles or tetrahedra that follow the interface."""
        s = self.resolved()
        s._check()
        s.check_layers()
        flat = s.flat()
        z, wave = flat.points[:, 0], s._wave(flat.points)
        # linear decay to the terminals: columns stay monotone for any amplitude below the thickness,
        # and a simplex keeps a positive volume whatever the slope, being cut from upright columns
        distance = np.where(z < 0, -z / s.electrode_thickness, z / s.electrolyte_thickness)
        points = flat.points.copy()
        points[:, 0] += wave * (1.0 - distance)
        return dataclasses.replace(flat, points=points)

    def depths(self, phase: str, points: Points) -> tuple[Points, Points]:
        """See `MeshSettings`; as if the layers were flat: they have the waves of the interface."""
        s, flat = self.resolved(), points.copy()
        wave = s._wave(points[:, : s.dimension])
        thickness = np.where(points[:, 0] < wave, -s.electrode_thickness, s.electrolyte_thickness)
        flat[:, 0] = (points[:, 0] - wave) / (1.0 - wave / thickness)
        return super().depths(phase, flat)

    def _wave(self, points: Points) -> Points:
        """(n,) how far the interface is beside z = 0 at points, (n, dimension)."""
        lateral = 2.0 * np.pi * points[:, 1:] / self.roughness_wavelength
        return np.asarray(self.roughness_amplitude * np.cos(lateral).prod(axis=1))

    def _check(self) -> None:
        width, wavelength = self.lateral_size, self.roughness_wavelength
        halves = 2.0 * width / wavelength
        if abs(halves - round(halves)) > 1e-6 or round(halves) < 1:
            raise InputError(
                f"half of {wavelength:g} nm does not divide the lateral_size, {width:g} nm",
                key="mesh.roughness_wavelength",
                allowed=f"{2 * width:g} nm divided by a whole number",
            )
        thinner = min(self.electrode_thickness, self.electrolyte_thickness)
        if self.roughness_amplitude > 0.9 * thinner:
            raise InputError(
                f"{self.roughness_amplitude:g} nm would fold the layers of a slab of {thinner:g} nm",
                key="mesh.roughness_amplitude",
                allowed=f"up to {0.9 * thinner:g} nm",
            )
        if self.lateral_elements < 2 * halves:
            raise InputError(
                f"{self.lateral_elements} elements do not resolve {halves / 2:g} wavelengths",
                key="mesh.lateral_elements",
                allowed=f"at least {math.ceil(2 * halves)}",
            )
