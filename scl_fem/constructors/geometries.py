"""Whole cases, by the geometry that they are on: the table [mesh] with the others beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from scl_fem.case.boundary import BoundarySettings
from scl_fem.case.exsy import ExsySettings
from scl_fem.case.interface import InterfaceSettings
from scl_fem.case.model import Case
from scl_fem.case.output import OutputSettings
from scl_fem.case.phases import PhaseSettings
from scl_fem.case.studies import StudySettings
from scl_fem.case.transport import InitialSettings
from scl_fem.constructors.making import Quantity, case_of, constructor, given, mesh_of
from scl_fem.materials.material import Material
from scl_fem.mesh.cube import CubeMesh
from scl_fem.mesh.particle import ParticleMesh
from scl_fem.mesh.planar import PlanarMesh
from scl_fem.mesh.rough import RoughMesh
from scl_fem.solvers.settings import SolverSettings


@constructor
def planar(
    electrode: PhaseSettings | None = None,
    electrolyte: PhaseSettings | None = None,
    study: StudySettings | None = None,
    *,
    dimension: Literal[1, 2, 3] | None = None,
    electrode_thickness: Quantity | None = None,
    electrolyte_thickness: Quantity | None = None,
    interface_size: Quantity | None = None,
    growth: Quantity | None = None,
    lateral_size: Quantity | None = None,
    lateral_elements: int | None = None,
    max_cells: int | None = None,
    title: str | None = None,
    temperature: Quantity | None = None,
    interface: InterfaceSettings | None = None,
    interfaces: Mapping[str, InterfaceSettings] | None = None,
    boundary: BoundarySettings | None = None,
    contacts: Mapping[str, BoundarySettings] | None = None,
    components: Mapping[str, int] | None = None,
    initial: InitialSettings | None = None,
    exsy: ExsySettings | None = None,
    materials: Mapping[str, Material] | None = None,
    output: OutputSettings | None = None,
    solver: SolverSettings | None = None,
) -> Case:
    """Two flat slabs in contact.

    Args:
        electrode: the phase `Phase(...)`; Exsy takes none.
        electrolyte: likewise.
        study: what is computed, `Equilibrium()` unless given.
        dimension: 1.
        electrode_thickness: nm; 10.
        electrolyte_thickness: nm; 10.
        interface_size: element size at the interface, along its normal, nm; 0.0005 in 1D, 0.02 in 2D, 0.05 in
            3D.
        growth: ratio of neighbouring sizes away from it; 1.02, 1.2, 1.3.
        lateral_size: width of the sample along the interface, nm; 2.
        lateral_elements: elements across it.
        max_cells: a finer mesh is refused; 20 million.
        title: one line for people.
        temperature: K; 298.15.
        interface: `Perfect()`, `Exchange(...)` or `Layer(...)`.
        interfaces: likewise for single ones, by "A|B".
        boundary: `Closed()`, `Bulk()`, `Metal()`, `Current(...)` or `Voltage(...)`.
        contacts: likewise for single ones, by name.
        components: charge numbers of the case's own, by name.
        initial: what a transient starts from.
        exsy: the table that Exsy needs.
        materials: the case's own, by name.
        output: what a run leaves behind.
        solver: how the equations are solved.

    Raises:
        InputError: the tables say something wrong; lists every mistake.
    """
    mesh = mesh_of(
        PlanarMesh,
        dimension=dimension,
        electrode_thickness=electrode_thickness,
        electrolyte_thickness=electrolyte_thickness,
        interface_size=interface_size,
        growth=growth,
        lateral_size=lateral_size,
        lateral_elements=lateral_elements,
        max_cells=max_cells,
    )
    return case_of(
        mesh,
        title=title,
        temperature=temperature,
        study=study,
        phases=given(electrode=electrode, electrolyte=electrolyte),
        interface=interface,
        interfaces=interfaces,
        boundary=boundary,
        contacts=contacts,
        components=components,
        initial=initial,
        exsy=exsy,
        materials=materials,
        output=output,
        solver=solver,
    )


@constructor
def rough(
    electrode: PhaseSettings | None = None,
    electrolyte: PhaseSettings | None = None,
    study: StudySettings | None = None,
    *,
    dimension: Literal[2, 3] | None = None,
    electrode_thickness: Quantity | None = None,
    electrolyte_thickness: Quantity | None = None,
    roughness_amplitude: Quantity | None = None,
    roughness_wavelength: Quantity | None = None,
    interface_size: Quantity | None = None,
    growth: Quantity | None = None,
    lateral_size: Quantity | None = None,
    lateral_elements: int | None = None,
    max_cells: int | None = None,
    title: str | None = None,
    temperature: Quantity | None = None,
    interface: InterfaceSettings | None = None,
    interfaces: Mapping[str, InterfaceSettings] | None = None,
    boundary: BoundarySettings | None = None,
    contacts: Mapping[str, BoundarySettings] | None = None,
    components: Mapping[str, int] | None = None,
    initial: InitialSettings | None = None,
    exsy: ExsySettings | None = None,
    materials: Mapping[str, Material] | None = None,
    output: OutputSettings | None = None,
    solver: SolverSettings | None = None,
) -> Case:
    """Slabs whose contact is a smooth wave.

    Args:
        electrode: the phase `Phase(...)`; Exsy takes none.
        electrolyte: likewise.
        study: what is computed, `Equilibrium()` unless given.
        dimension: 2.
        electrode_thickness: nm; 10.
        electrolyte_thickness: nm; 10.
        roughness_amplitude: of the wave, from its mean, nm; 0.2.
        roughness_wavelength: nm; the width of the sample unless given.
        interface_size: element size at the interface, along its normal, nm; 0.0005 in 1D, 0.02 in 2D, 0.05 in
            3D.
        growth: ratio of neighbouring sizes away from it; 1.02, 1.2, 1.3.
        lateral_size: width of the sample along the interface, nm; 2.
        lateral_elements: elements across it.
        max_cells: a finer mesh is refused; 20 million.
        title: one line for people.
        temperature: K; 298.15.
        interface: `Perfect()`, `Exchange(...)` or `Layer(...)`.
        interfaces: likewise for single ones, by "A|B".
        boundary: `Closed()`, `Bulk()`, `Metal()`, `Current(...)` or `Voltage(...)`.
        contacts: likewise for single ones, by name.
        components: charge numbers of the case's own, by name.
        initial: what a transient starts from.
        exsy: the table that Exsy needs.
        materials: the case's own, by name.
        output: what a run leaves behind.
        solver: how the equations are solved.

    Raises:
        InputError: the tables say something wrong; lists every mistake.
    """
    mesh = mesh_of(
        RoughMesh,
        dimension=dimension,
        electrode_thickness=electrode_thickness,
        electrolyte_thickness=electrolyte_thickness,
        roughness_amplitude=roughness_amplitude,
        roughness_wavelength=roughness_wavelength,
        interface_size=interface_size,
        growth=growth,
        lateral_size=lateral_size,
        lateral_elements=lateral_elements,
        max_cells=max_cells,
    )
    return case_of(
        mesh,
        title=title,
        temperature=temperature,
        study=study,
        phases=given(electrode=electrode, electrolyte=electrolyte),
        interface=interface,
        interfaces=interfaces,
        boundary=boundary,
        contacts=contacts,
        components=components,
        initial=initial,
        exsy=exsy,
        materials=materials,
        output=output,
        solver=solver,
    )


@constructor
def particle(
    electrode: PhaseSettings | None = None,
    electrolyte: PhaseSettings | None = None,
    study: StudySettings | None = None,
    *,
    dimension: Literal[2, 3] | None = None,
    radius: Quantity | None = None,
    box_size: Quantity | None = None,
    core_radius: Quantity | None = None,
    tangential_size: Quantity | None = None,
    coating: Sequence[tuple[str, Quantity]] | None = None,
    phases: Mapping[str, PhaseSettings] | None = None,
    interface_size: Quantity | None = None,
    growth: Quantity | None = None,
    max_cells: int | None = None,
    title: str | None = None,
    temperature: Quantity | None = None,
    interface: InterfaceSettings | None = None,
    interfaces: Mapping[str, InterfaceSettings] | None = None,
    boundary: BoundarySettings | None = None,
    contacts: Mapping[str, BoundarySettings] | None = None,
    components: Mapping[str, int] | None = None,
    initial: InitialSettings | None = None,
    exsy: ExsySettings | None = None,
    materials: Mapping[str, Material] | None = None,
    output: OutputSettings | None = None,
    solver: SolverSettings | None = None,
) -> Case:
    """A disc (2D) or sphere (3D) of electrode, coated or not, in a box of electrolyte.

    Args:
        electrode: the phase `Phase(...)`; Exsy takes none.
        electrolyte: likewise.
        study: what is computed, `Equilibrium()` unless given.
        dimension: 3.
        radius: nm; 5.
        box_size: edge of the box, nm; four radii, and the coating on both sides.
        core_radius: radius of the electrode's terminal, nm; half the particle's.
        tangential_size: largest element size along the surface, nm.
        coating: phase and thickness (nm) of each layer that covers the particle, inside out: [("LNO", 2)].
        phases: `Phase(...)` of each name beside electrode and electrolyte.
        interface_size: element size at the interface, along its normal, nm; 0.0005 in 1D, 0.02 in 2D, 0.05 in
            3D.
        growth: ratio of neighbouring sizes away from it; 1.02, 1.2, 1.3.
        max_cells: a finer mesh is refused; 20 million.
        title: one line for people.
        temperature: K; 298.15.
        interface: `Perfect()`, `Exchange(...)` or `Layer(...)`.
        interfaces: likewise for single ones, by "A|B".
        boundary: `Closed()`, `Bulk()`, `Metal()`, `Current(...)` or `Voltage(...)`.
        contacts: likewise for single ones, by name.
        components: charge numbers of the case's own, by name.
        initial: what a transient starts from.
        exsy: the table that Exsy needs.
        materials: the case's own, by name.
        output: what a run leaves behind.
        solver: how the equations are solved.

    Raises:
        InputError: the tables say something wrong; lists every mistake.
    """
    mesh = mesh_of(
        ParticleMesh,
        dimension=dimension,
        radius=radius,
        box_size=box_size,
        core_radius=core_radius,
        tangential_size=tangential_size,
        coating=coating and [{"phase": phase, "thickness": thickness} for phase, thickness in coating],
        interface_size=interface_size,
        growth=growth,
        max_cells=max_cells,
    )
    return case_of(
        mesh,
        title=title,
        temperature=temperature,
        study=study,
        phases={**given(electrode=electrode, electrolyte=electrolyte), **(phases or {})},
        interface=interface,
        interfaces=interfaces,
        boundary=boundary,
        contacts=contacts,
        components=components,
        initial=initial,
        exsy=exsy,
        materials=materials,
        output=output,
        solver=solver,
    )


@constructor
def cube(
    particle_size: Quantity,
    electrode: PhaseSettings | None = None,
    electrolyte: PhaseSettings | None = None,
    study: StudySettings | None = None,
    *,
    dimension: Literal[2, 3] | None = None,
    box_size: Quantity | None = None,
    core_size: Quantity | None = None,
    octant: bool | None = None,
    cell: Literal["simplex", "tensor"] | None = None,
    interface_size: Quantity | None = None,
    growth: Quantity | None = None,
    max_cells: int | None = None,
    title: str | None = None,
    temperature: Quantity | None = None,
    interface: InterfaceSettings | None = None,
    interfaces: Mapping[str, InterfaceSettings] | None = None,
    boundary: BoundarySettings | None = None,
    contacts: Mapping[str, BoundarySettings] | None = None,
    components: Mapping[str, int] | None = None,
    initial: InitialSettings | None = None,
    exsy: ExsySettings | None = None,
    materials: Mapping[str, Material] | None = None,
    output: OutputSettings | None = None,
    solver: SolverSettings | None = None,
) -> Case:
    """A square (2D) or cube (3D) of electrolyte in a larger one of electrode: the geometry of exchange NMR.

    Args:
        particle_size: edge of the particle, nm.
        electrode: the phase `Phase(...)`; Exsy takes none.
        electrolyte: likewise.
        study: what is computed, `Equilibrium()` unless given.
        dimension: 3.
        box_size: edge of the box, nm; 16 times the particle's.
        core_size: edge of the electrolyte's terminal, nm; half the particle's.
        octant: mesh the part with positive coordinates alone; true.
        cell: triangles and tetrahedra, or quadrilaterals and hexahedra.
        interface_size: element size at the interface, nm; 0.008 of the particle's.
        growth: ratio of neighbouring sizes away from it; 1.2.
        max_cells: a finer mesh is refused; 20 million.
        title: one line for people.
        temperature: K; 298.15.
        interface: `Perfect()`, `Exchange(...)` or `Layer(...)`.
        interfaces: likewise for single ones, by "A|B".
        boundary: `Closed()`, `Bulk()`, `Metal()`, `Current(...)` or `Voltage(...)`.
        contacts: likewise for single ones, by name.
        components: charge numbers of the case's own, by name.
        initial: what a transient starts from.
        exsy: the table that Exsy needs.
        materials: the case's own, by name.
        output: what a run leaves behind.
        solver: how the equations are solved.

    Raises:
        InputError: the tables say something wrong; lists every mistake.
    """
    mesh = mesh_of(
        CubeMesh,
        particle_size=particle_size,
        dimension=dimension,
        box_size=box_size,
        core_size=core_size,
        octant=octant,
        cell=cell,
        interface_size=interface_size,
        growth=growth,
        max_cells=max_cells,
    )
    return case_of(
        mesh,
        title=title,
        temperature=temperature,
        study=study,
        phases=given(electrode=electrode, electrolyte=electrolyte),
        interface=interface,
        interfaces=interfaces,
        boundary=boundary,
        contacts=contacts,
        components=components,
        initial=initial,
        exsy=exsy,
        materials=materials,
        output=output,
        solver=solver,
    )
