"""A case: everything a run needs to know, as the user wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

from pydantic import (
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)

from scl_fem.case.boundary import BOUNDARY_KINDS, BoundarySettings
from scl_fem.case.components import ComponentSettings
from scl_fem.case.energy_profile import profile_places
from scl_fem.case.interface import BETWEEN, INTERFACE_LAWS, InterfaceSettings
from scl_fem.case.limits import Text, check_values
from scl_fem.case.output import OutputSettings
from scl_fem.case.parts import check_contacts, check_laws, check_phases, with_own_apart, with_own_inside
from scl_fem.case.phases import Phases
from scl_fem.case.studies import STUDY_KINDS, StudySettings
from scl_fem.complaints import collected, complaint, complaints, input_error, listed
from scl_fem.constants import ROOM_TEMPERATURE
from scl_fem.errors import InputError, unknown_name
from scl_fem.materials import Material
from scl_fem.mesh import MESH_KINDS, MeshSettings
from scl_fem.mesh.domain import Layout, Role, lacks, role_label
from scl_fem.settings import ChosenFrom, Settings, check_name
from scl_fem.solvers.petsc_options import unsafe_options
from scl_fem.solvers.settings import SolverSettings
from scl_fem.units import Temperature

if TYPE_CHECKING:
    from scl_fem import Result
    from scl_fem.progress import Reporter


_APART = frozenset({"own_tables", "interfaces", "contacts"})
"""Attributes that are no tables of a file: parts of others, and those that only some study takes."""


class HasFacets(Protocol):
    """A mesh, whole or distributed, that knows which roles its facets have."""

    @property
    def layout(self) -> Layout:
        """The parts of the mesh."""

    def has(self, role: Role) -> bool:
        """Whether any facet has a role."""


class Case(Settings):
    """A case file. Every table is an attribute; `resolve` writes the defaults out.

    The tables that not every study uses (phase, interface, boundary, components, materials) are None where
    the study does not; tables that only some study knows are in `own_tables`. Interfaces and contacts that
    have a table of their own are in `interfaces` and `contacts`; `law_between` and `contact` give each
    its own, or the one for all.
    """

    title: Text = ""
    temperature: Temperature = ROOM_TEMPERATURE
    """K."""
    study: Annotated[StudySettings, ChosenFrom(STUDY_KINDS)]
    mesh: Annotated[MeshSettings, ChosenFrom(MESH_KINDS)]
    phase: Annotated[Phases, Field(default=None, validate_default=True)]
    interface: Annotated[
        InterfaceSettings, ChosenFrom(INTERFACE_LAWS, "law"), Field(default=None, validate_default=True)
    ]
    interfaces: dict[Text, Annotated[InterfaceSettings, ChosenFrom(INTERFACE_LAWS, "law")]] = Field(
        default_factory=dict
    )
    """[interface."A|B"]: by the pair."""
    boundary: Annotated[
        BoundarySettings, ChosenFrom(BOUNDARY_KINDS), Field(default=None, validate_default=True)
    ]
    contacts: dict[Text, Annotated[BoundarySettings, ChosenFrom(BOUNDARY_KINDS)]] = Field(
        default_factory=dict
    )
    """[boundary.NAME]: by the contact."""
    components: Annotated[dict[Text, ComponentSettings], Field(default=None, validate_default=True)]
    output: OutputSettings = OutputSettings()
    solver: SolverSettings = SolverSettings()
    own_tables: dict[str, Any] = Field(default_factory=dict)
    materials: Annotated[dict[Text, Material], Field(default=None, validate_default=True)]

    def __init__(self, **tables: Any) -> None:
        """Check and keep the tables, given as dictionaries or as settings.

        Raises:
            InputError: something is wrong with them; lists every mistake.
        """
        check_values(tables)
        try:
            super().__init__(**tables)
        except ValidationError as error:
            raise _as_written(input_error(error)) from None

    def to_dict(self, **options: Any) -> dict[str, Any]:
        """The tables as plain values, in the order and under the names of a case file.

        Args:
            options: pydantic's, for example exclude_unset=True: only what was given.
        """
        tables = with_own_inside(self.model_dump(mode="json", exclude_none=True, **options))
        own = tables.pop("own_tables", {})
        materials = {"materials": tables.pop("materials")} if tables.get("materials") else {}
        tables.pop("materials", None)
        return _without_empty_tables({**tables, **own, **materials})

    @classmethod
    def model_json_schema(cls, *arguments: Any, **options: Any) -> dict[str, Any]:
        """The JSON schema of a case file: every table and key, what may stand there, units and meanings.

        Args:
            arguments: as pydantic's; a case file has one form, so that they change nothing.
            options: likewise.
        """
        from scl_fem.case.schema import case_schema

        return case_schema()

    def with_overrides(self, values: Mapping[str, Any], *, unsafe_petsc_options: bool = False) -> Case:
        """The case with some keys set anew.

        Args:
            values: by dotted path: {"phase.electrode.voltage": 3.2}.
            unsafe_petsc_options: let any option of PETSc through, those too that write files and run code.

        Raises:
            InputError: a path or value is wrong.
        """
        from scl_fem.case.overrides import set_value

        tables = self.to_dict(exclude_unset=True)
        for path, value in values.items():
            set_value(tables, path.split("."), value)
        with unsafe_options(True) if unsafe_petsc_options else nullcontext():
            return Case(**tables)

    def run(
        self,
        directory: Path | str | None = None,
        *,
        overwrite: bool = False,
        restart: bool = False,
        progress: Reporter | None = None,
    ) -> Result:
        """Solve the case; `scl_fem.run` takes a communicator as well. Collective.

        Args:
            directory: of the result; None writes nothing.
            overwrite: whether a result in the directory may be replaced.
            restart: start from the checkpoint in the directory, and replace the result.
            progress: takes the news.

        Raises:
            InputError: the case is wrong, or the directory holds a result.
            ConvergenceError: the solve failed; the directory keeps checkpoint and log.
            Interrupted: by Ctrl-C or SIGTERM; the same is kept.
            OutputError: the files could not be written; an older result is as it was.
        """
        # the one way up: a case knows of the program what any user does
        import scl_fem

        return scl_fem.run(self, directory, overwrite=overwrite, restart=restart, progress=progress)

    def law_between(self, pair: tuple[str, str]) -> InterfaceSettings:
        """The law of an interface: its own, or the one for all.

        Args:
            pair: names of its phases, in their order.
        """
        return self.interfaces.get(BETWEEN.join(pair), self.interface)

    def contact(self, name: str) -> BoundarySettings:
        """What happens at a contact: its own table, or the one for all.

        Args:
            name: of the contact.
        """
        return self.contacts.get(name, self.boundary)

    @property
    def graded_mesh(self) -> MeshSettings:
        """The mesh with small cells at contacts that hold something back, and where an energy profile steps.

        Raises:
            InputError: such a profile cannot be read.
        """
        if self.boundary is None:
            return self.mesh
        layered = []
        for name in self.mesh.contact_phases():
            contact = self.contact(name)
            if not contact.exchanges_all or (contact.kind == "closed" and self.study.closed_blocks):
                layered.append(name)
        return self.mesh.graded_towards(layered, profile_places(self.phase, self.mesh))

    def expect_terminals(self, mesh: HasFacets) -> None:
        """See, before anything is solved, that a mesh has the terminals at which something is to happen.

        Collective where the mesh is distributed.

        Args:
            mesh: built by the settings.

        Raises:
            InputError: it has not; names what is missing and what needs it.
        """
        if self.study.uses_terminals:
            reason = f'study.kind = "{self.study.kind}"'
        elif self.boundary is not None and self.boundary.uses_terminals:
            reason = f'boundary.kind = "{self.boundary.kind}"'
        elif active := next((name for name in self.contacts if self.contacts[name].uses_terminals), None):
            reason = f'boundary.{active}.kind = "{self.contacts[active].kind}"'
        else:
            return
        if missing := [contact for contact in mesh.layout.contacts if not mesh.has(contact)]:
            raise lacks(missing, mesh.layout, reason)

    def expect_interfaces(self, mesh: HasFacets) -> None:
        """See, before anything is solved, that phases touch where a law of their own is given.

        Of a mesh from a file only the built mesh tells. Collective where the mesh is distributed.

        Args:
            mesh: built by the settings.

        Raises:
            InputError: two phases with a law do not touch; names those that do.
        """
        existing = [pair for pair in mesh.layout.interfaces if mesh.has(pair)]
        allowed = ", ".join(map(role_label, existing)) or "none: no phases touch"
        wrong = [
            InputError(f"{first} and {second} do not touch", key=f"interface.{name}", allowed=allowed)
            for name, (first, second) in ((name, name.split(BETWEEN)) for name in self.interfaces)
            if (first, second) not in existing
        ]
        if wrong:
            raise collected(wrong)

    @model_validator(mode="before")
    @classmethod
    def _set_own_tables_apart(cls, tables: Any) -> Any:
        common = set(cls.model_fields) - _APART
        own = {name: table for name, table in tables.items() if name not in common}
        shared = {name: tables[name] for name in tables if name in common}
        return {**with_own_apart(shared), "own_tables": own}

    @field_validator("phase", "interface", "boundary", "components", "materials", mode="wrap")
    @classmethod
    def _only_where_used(cls, table: Any, read: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        study = info.data.get("study")
        if study is None:  # what it needs is not known: its own mistake is told
            return None if table is None else read(table)
        if info.field_name in study.unused_tables:
            if table is None:
                return None
            raise complaint(f"a study of kind '{study.kind}' does not use it")
        if table is None:
            boundary = {"kind": study.boundary_kinds[0]}
            defaults: dict[str | None, Any] = {
                "interface": {"law": "perfect"},
                "boundary": boundary,
                "components": {},
                "materials": {},
            }
            if info.field_name not in defaults:
                raise complaint("is missing", "a table")
            table = defaults[info.field_name]
        return read(table)

    @field_validator("components")
    @classmethod
    def _have_names(cls, components: dict[str, ComponentSettings] | None) -> Any:
        for name in components or ():
            check_name(name)
        return components

    @field_validator("phase")
    @classmethod
    def _are_in_the_mesh(cls, phases: Phases | None, info: ValidationInfo) -> Any:
        mesh = info.data.get("mesh")
        return phases if phases is None or mesh is None else check_phases(phases, mesh)

    @field_validator("interfaces")
    @classmethod
    def _are_interfaces(cls, laws: dict[str, InterfaceSettings], info: ValidationInfo) -> Any:
        return check_laws(laws, info.data)

    @field_validator("boundary")
    @classmethod
    def _study_can_do(cls, boundary: BoundarySettings | None, info: ValidationInfo) -> Any:
        study = info.data.get("study")
        if boundary is not None and study is not None and boundary.kind not in study.boundary_kinds:
            problem = f"a study of kind '{study.kind}' cannot do kind '{boundary.kind}'"
            raise complaint(problem, ", ".join(study.boundary_kinds))
        return boundary

    @field_validator("contacts")
    @classmethod
    def _are_contacts(cls, contacts: dict[str, BoundarySettings], info: ValidationInfo) -> Any:
        return check_contacts(contacts, info.data)

    @field_validator("own_tables")
    @classmethod
    def _study_takes(cls, tables: dict[str, Any], info: ValidationInfo) -> dict[str, Settings]:
        study = info.data.get("study")
        if study is None:
            return {}
        common = [name for name in cls.model_fields if name not in _APART | study.unused_tables]
        found, mistakes = {}, []
        for name, table in tables.items():
            if name not in study.own_tables:
                mistakes.append(((name,), _not_taken(name, study, [*common, *study.own_tables])))
                continue
            try:
                found[name] = study.own_tables[name].model_validate(table)
            except ValidationError as error:
                mistakes.append(((name,), input_error(error)))
        for name in study.own_tables.keys() - tables.keys():
            try:
                found[name] = study.own_tables[name]()
            except ValidationError:
                mistakes.append(((name,), InputError("is missing", allowed="a table")))
        if mistakes:
            raise complaints("tables", mistakes)
        return found


_WRITTEN = {"own_tables.": "", "interfaces.": "interface.", "contacts.": "boundary."}


def _not_taken(name: str, study: StudySettings, known: list[str]) -> InputError:
    """Why a study does not take a table: it is another's, or nobody's."""
    if any(name in STUDY_KINDS[kind].own_tables for kind in STUDY_KINDS):
        return InputError(f"a study of kind '{study.kind}' does not use it")
    return unknown_name("table or key", name, known)


def _as_written(error: InputError) -> InputError:
    """The mistakes with the keys of own tables, interfaces and contacts as they stand in the file."""
    for each in listed(error):
        if each.key:
            for inside, written in _WRITTEN.items():
                if each.key.startswith(inside):
                    each.key = written + each.key.removeprefix(inside)
                    break
    return error


def _without_empty_tables(table: dict[str, Any]) -> dict[str, Any]:
    filled = {
        key: _without_empty_tables(value) if isinstance(value, dict) else value
        for key, value in table.items()
    }
    return {key: value for key, value in filled.items() if value != {}}
