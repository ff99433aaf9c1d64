"""A whole case on planar layers, any number of them."""

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
from scl_fem.constructors.making import Quantity, case_of, constructor, mesh_of
from scl_fem.materials.material import Material
from scl_fem.mesh.stack import StackMesh
from scl_fem.solvers.settings import SolverSettings


@constructor
def stack(
    layers: Sequence[tuple[str, Quantity]],
    phases: Mapping[str, PhaseSettings],
    study: StudySettings | None = None,
    *,
    dimension: Literal[1, 2, 3] | None = None,
    coordinates: Literal["cartesian", "cylindrical", "spherical", "axisymmetric"] | None = None,
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
    """Planar layers, from left to right.

    Args:
        layers: phase and thickness (nm) of each: [("LCO", 20), ("LNO", "5 nm"), ("LPS", 30)].
        phases: `Phase(...)` of each name.
        study: what is computed, `Equilibrium()` unless given.
        dimension: 1.
        coordinates: "cartesian"; in one dimension also "cylindrical" and "spherical", in two "axisymmetric".
        interface_size: element size at the interfaces, along their normal, nm; 0.0005 in 1D, 0.02 in 2D, 0.05
            in 3D.
        growth: ratio of neighbouring sizes away from them; 1.02, 1.2, 1.3.
        lateral_size: width of the sample along the interfaces, nm; 2.
        lateral_elements: elements across it.
        max_cells: a finer mesh is refused; 20 million.
        title: one line for people.
        temperature: K; 298.15.
        interface: `Perfect()`, `Exchange(...)` or `Layer(...)`.
        interfaces: likewise for single ones, by "A|B".
        boundary: `Closed()`, `Bulk()`, `Metal()`, `Current(...)` or `Voltage(...)`.
        contacts: likewise for single ones, by name: left, right.
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
        StackMesh,
        layers=[{"phase": phase, "thickness": thickness} for phase, thickness in layers],
        dimension=dimension,
        coordinates=coordinates,
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
        phases=phases,
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
