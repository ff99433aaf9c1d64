"""A whole case on a mesh from a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
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
from scl_fem.mesh.file import FileMesh
from scl_fem.mesh.group_names import GroupNames
from scl_fem.solvers.settings import SolverSettings


@constructor
def from_file(
    path: str | Path,
    electrode: PhaseSettings | None = None,
    electrolyte: PhaseSettings | None = None,
    study: StudySettings | None = None,
    *,
    groups: GroupNames | Mapping[str, str | Sequence[str]] | None = None,
    contact_groups: Mapping[str, str | Sequence[str]] | None = None,
    phases: Mapping[str, PhaseSettings] | None = None,
    dimension: Literal[1, 2, 3] | None = None,
    scale: Quantity | None = None,
    weld: bool | None = None,
    ignore_rest: bool | None = None,
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
    """A mesh from a file: straight-sided cells, groups of them the phases.

    Args:
        path: of the mesh, in a format that meshio reads; relative to the current directory.
        electrode: the phase `Phase(...)`; Exsy takes none.
        electrolyte: likewise.
        study: what is computed, `Equilibrium()` unless given.
        groups: group, or groups, of each phase, any number of them: {"electrode": "grain", "electrolyte":
            "matrix"}; also interface, electrode_terminal, electrolyte_terminal.
        contact_groups: facets of each contact: {"left": "foil", "right": "lithium"}; mesh.contacts of a case.
        phases: `Phase(...)` of each name beside electrode and electrolyte.
        dimension: of the cells; the file says.
        scale: length of the file's unit, nm; 1.
        weld: join points that coincide; false leaves an open gap; unless given, they are an error.
        ignore_rest: leave out the cells that belong to no phase, which are an error otherwise; false.
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
        FileMesh,
        path=str(path),
        groups=groups,
        contacts=contact_groups,
        dimension=dimension,
        scale=scale,
        weld=weld,
        ignore_rest=ignore_rest,
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
