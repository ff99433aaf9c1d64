"""The study "exsy" of a case file: its keys, the table [exsy], and what they ask of the mesh."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, PlainSerializer, ValidatorFunctionWrapHandler, WrapValidator, model_validator

from scl_fem.case.studies import STUDY_KINDS, CourseSettings
from scl_fem.constants import NM2_PER_CM2
from scl_fem.errors import InputError
from scl_fem.mesh import MeshSettings
from scl_fem.mesh.cube import CubeMesh
from scl_fem.mesh.planar import PlanarMesh
from scl_fem.physics.exchange import interphase_permeability
from scl_fem.settings import Settings
from scl_fem.units import Concentration, Diffusivity, Length, Share, quantity

PERFECT: Literal["inf"] = "inf"
"""Permeability of an interface that costs nothing."""

FAR = 3.6
"""Diffusion lengths sqrt(4Dt) at which the surroundings count as infinite: erfc is 4e-7 there."""

# Calibrated against the closed form in 3D (docs/exsy.md): 7.4e4 unknowns with a box of 16 d.
_FIRST_CELL = 0.002
"""Edge of the cells at the interface, relative to the particle's."""

_GROWTH = {1: 1.1, 2: 1.2, 3: 1.35}

_SAME = 1e-9
"""Relative difference below which two lengths of a case are the same."""

Permeability = Annotated[float, *quantity("cm/s", gt=0)]
StepTolerance = Annotated[float, *quantity("", gt=0, lt=0.01)]


def _infinite_or_number(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    return PERFECT if value in (PERFECT, math.inf) else read(value)


class ExsySettings(Settings):
    """Diffusion and contact of the tagged particle and what surrounds it."""

    diffusivity: Diffusivity | None = None
    """One effective D everywhere, cm^2/s; or the two that follow."""
    particle_diffusivity: Diffusivity | None = None
    """cm^2/s."""
    surroundings_diffusivity: Diffusivity | None = None
    """cm^2/s."""
    surroundings: Literal["infinite", "finite"] = "infinite"
    """Whether the tagged Li may come to the end of the surroundings."""
    surroundings_fraction: Share | None = None
    """Share of the volume that finite surroundings take."""
    particle_concentration: Concentration | None = None
    """Li per volume of the particle, 1/nm^3; equal to that of the surroundings unless given."""
    surroundings_concentration: Concentration | None = None
    """1/nm^3."""
    permeability: Annotated[
        Permeability,
        WrapValidator(_infinite_or_number),
        PlainSerializer(lambda value: value),
        Field(default=PERFECT, json_schema_extra={"allowed": 'a number greater than 0 (cm/s), or "inf"'}),
    ]
    """P of the interface, cm/s: tagged Li crosses at c P (m_particle - m_surroundings), c the particle's."""
    interphase_thickness: Length | None = None
    """Thickness of a layer between particle and surroundings, nm; its own Li is neglected."""
    interphase_diffusivity: Diffusivity | None = None
    """D in that layer (times its Li per volume over the particle's), cm^2/s."""

    @model_validator(mode="after")
    def _says_each_thing_once(self) -> Self:
        both = (self.particle_diffusivity, self.surroundings_diffusivity)
        if (self.diffusivity is None) == (None in both) or (self.diffusivity is not None and any(both)):
            raise InputError(
                "how fast Li diffuses must be said once",
                key="diffusivity",
                allowed="diffusivity, or particle_diffusivity and surroundings_diffusivity",
            )
        if self.surroundings == "infinite" and self.surroundings_fraction is not None:
            raise InputError(
                "infinite surroundings have no share of the volume",
                key="surroundings_fraction",
                allowed='surroundings = "finite"',
            )
        if (self.interphase_thickness is None) != (self.interphase_diffusivity is None):
            raise InputError(
                "a layer needs both its thickness and its diffusivity",
                key="interphase_thickness",
                allowed="interphase_thickness and interphase_diffusivity",
            )
        return self

    @property
    def diffusivities(self) -> tuple[float, float]:
        """D of particle and surroundings, cm^2/s."""
        if self.diffusivity is not None:
            return self.diffusivity, self.diffusivity
        return self.particle_diffusivity, self.surroundings_diffusivity  # type: ignore[return-value]

    @property
    def concentration_ratio(self) -> float:
        """Li per volume of the surroundings over that of the particle."""
        particle, surroundings = self.particle_concentration, self.surroundings_concentration
        return 1.0 if particle is None or surroundings is None else surroundings / particle

    @property
    def concentration(self) -> float | None:
        """Li per volume of the particle, 1/nm^3, where the case tells."""
        return self.particle_concentration or self.surroundings_concentration

    @property
    def interface_permeability(self) -> float:
        """P of contact and layer in series, cm/s; infinite where neither costs anything."""
        contact = math.inf if self.permeability == PERFECT else self.permeability
        if self.interphase_thickness is None or self.interphase_diffusivity is None:
            return contact
        layer = interphase_permeability(self.interphase_diffusivity, self.interphase_thickness)
        return 1.0 / (1.0 / contact + 1.0 / layer)

    def reach(self, duration: float) -> float:
        """Distance from the particle (nm) that tagged Li does not come to in a duration (s)."""
        return FAR * math.sqrt(4.0 * self.diffusivities[1] * NM2_PER_CM2 * duration)


@STUDY_KINDS.register("exsy")
class ExsyStudy(CourseSettings):
    """Exchange of tagged Li between a particle and its surroundings, as in 2D exchange NMR."""

    unused_tables: ClassVar[frozenset[str]] = frozenset(
        {"phase", "interface", "boundary", "components", "materials"}
    )
    own_tables: ClassVar[Mapping[str, type[Settings]]] = {"exsy": ExsySettings}

    kind: Literal["exsy"] = "exsy"
    tolerance: StepTolerance = 3e-4
    """Error that a time step may make in the tagged fraction (root mean square over the particle)."""

    def fitted_mesh(self, mesh: MeshSettings, own_tables: Mapping[str, Any]) -> MeshSettings:
        """See `StudySettings`: surroundings as large as [exsy] wants, cells as small as a jump needs."""
        exsy: ExsySettings = own_tables["exsy"]
        if isinstance(mesh, CubeMesh):
            return _fitted_cube(mesh, exsy, self.duration)
        if isinstance(mesh, PlanarMesh):
            return _fitted_slab(mesh, exsy, self.duration)
        raise InputError(
            f"a study of kind 'exsy' cannot do kind '{mesh.kind}'", key="mesh.kind", allowed="cube, planar"
        )


def _fitted_cube(mesh: CubeMesh, exsy: ExsySettings, duration: float) -> CubeMesh:
    edge, dimension = mesh.particle_size, mesh.dimension
    share = exsy.surroundings_fraction
    box = None if share is None else edge / (1.0 - share) ** (1.0 / dimension)
    least = edge + 2.0 * exsy.reach(duration)
    box = _outer_size("mesh.box_size", mesh.box_size, exsy, box, least, 2.0 * edge)
    filled = {"box_size": box, **_fine_at_the_jump(mesh, edge)}
    if "cell" not in mesh.model_fields_set:
        filled["cell"] = "tensor"
    return mesh.model_copy(update=filled)


def _fitted_slab(mesh: PlanarMesh, exsy: ExsySettings, duration: float) -> PlanarMesh:
    """The electrolyte is half a slab, mirrored at its end."""
    half, share = mesh.electrolyte_thickness, exsy.surroundings_fraction
    given = mesh.electrode_thickness if "electrode_thickness" in mesh.model_fields_set else None
    thickness = None if share is None else half * share / (1.0 - share)
    thickness = _outer_size("mesh.electrode_thickness", given, exsy, thickness, exsy.reach(duration), half)
    return mesh.model_copy(update={"electrode_thickness": thickness, **_fine_at_the_jump(mesh, 2.0 * half)})


def _outer_size(
    key: str, given: float | None, exsy: ExsySettings, finite: float | None, least: float, usual: float
) -> float:
    """Size of the surroundings.

    Args:
        key: of the mesh that sets it.
        given: what the case says there.
        exsy: finite or infinite.
        finite: what the share of the volume makes it.
        least: smallest that counts as infinite.
        usual: what infinite ones have at least unless `given`.

    Raises:
        InputError: the case says too little, or two things that do not go together.
    """
    if exsy.surroundings == "infinite":
        if given is not None and given < least * (1.0 - _SAME):
            raise InputError(
                f"{given:g} nm is not infinite: the tagged Li comes to its end",
                key=key,
                allowed=f'at least {least:.4g} nm, or exsy.surroundings = "finite"',
            )
        return given or max(least, usual)
    if finite is not None and given is not None and abs(given - finite) > _SAME * finite:
        raise InputError(
            f"{given:g} nm does not go with exsy.surroundings_fraction",
            key=key,
            allowed=f"one of the two, or {finite:.6g} nm",
        )
    if finite is None and given is None:
        raise InputError(
            "finite surroundings need a size", key="exsy.surroundings_fraction", allowed=f"that, or {key}"
        )
    return finite if given is None else given  # type: ignore[return-value]


def _fine_at_the_jump(mesh: CubeMesh | PlanarMesh, edge: float) -> dict[str, Any]:
    """Cell size and growth where the case does not give them."""
    wanted = {"interface_size": _FIRST_CELL * edge, "growth": _GROWTH[mesh.dimension]}
    return {key: value for key, value in wanted.items() if getattr(mesh, key) is None}
