"""Tables by part of the cell: of a phase, an interface, a contact; and whether the mesh has that part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scl_fem.case.boundary import BoundarySettings, boundary_keys
from scl_fem.case.interface import BETWEEN, FollowingLaw, InterfaceSettings
from scl_fem.case.phases import Phases
from scl_fem.case.studies import StudySettings
from scl_fem.complaints import complaints
from scl_fem.errors import InputError, nearest
from scl_fem.mesh import BOTH, MeshSettings
from scl_fem.settings import Settings

type Mistakes = list[tuple[tuple[str | int, ...], InputError]]


def with_own_apart(tables: Mapping[str, Any]) -> dict[str, Any]:
    """The tables of a case with interfaces and contacts that have one of their own as tables beside.

    A table inside that does not say its law or kind takes the keys of the one for all.

    Args:
        tables: as in a case file.
    """
    apart = dict(tables)
    for name, inside, chooser, is_own in (
        ("interface", "interfaces", "law", lambda key: BETWEEN in key),
        ("boundary", "contacts", "kind", lambda key: key not in boundary_keys()),
    ):
        table = tables.get(name)
        if not isinstance(table, Mapping):
            continue
        own = {
            key: value
            for key, value in table.items()
            if isinstance(key, str) and isinstance(value, Mapping | Settings) and is_own(key)
        }
        rest = {key: value for key, value in table.items() if key not in own}
        if own:
            apart[inside] = {key: _completed(value, rest, chooser) for key, value in own.items()}
            apart[name] = rest
            if not rest:
                del apart[name]
    return apart


def _completed(table: Any, for_all: Mapping[str, Any], chooser: str) -> Any:
    """A table with the keys of the one for all where it does not choose a law or kind of its own."""
    if isinstance(table, Settings) or chooser in table:
        return table
    return {**(for_all or ({"law": "perfect"} if chooser == "law" else {})), **table}


def with_own_inside(tables: Mapping[str, Any]) -> dict[str, Any]:
    """The other way round: as in a case file.

    Args:
        tables: of a case, each attribute a table.
    """
    inside = dict(tables)
    for name, apart in (("interface", "interfaces"), ("boundary", "contacts")):
        own = inside.pop(apart, None)
        if own:
            inside[name] = {**(inside.get(name) or {}), **own}
    return inside


def is_pair(phases: Phases, mesh: MeshSettings) -> bool:
    """Whether a cell is an electrode with one contact and an electrolyte with the other, and nothing else.

    Args:
        phases: of the case.
        mesh: likewise.
    """
    return phases.names == BOTH and tuple(mesh.contact_phases().values()) == BOTH


def check_phases(phases: Phases, mesh: MeshSettings) -> Phases:
    """See that the mesh has each phase, and each phase of the mesh a table; bring them into its order.

    Args:
        phases: as read.
        mesh: likewise.

    Raises:
        pydantic.ValidationError: they do not fit together.
    """
    names = mesh.phase_names()
    mistakes: Mistakes = [
        (
            (name,),
            InputError(f"'{name}' is no phase of the mesh{nearest(name, names)}", allowed=", ".join(names)),
        )
        for name in phases.names
        if name not in names
    ]
    mistakes += [
        ((name,), InputError("is missing", allowed="a table")) for name in names if name not in phases
    ]
    if mistakes:
        raise complaints("phase", mistakes)
    return phases if phases.names == names else phases.in_order(names)


def check_laws(laws: dict[str, InterfaceSettings], known: Mapping[str, Any]) -> dict[str, InterfaceSettings]:
    """See that each interface with a law of its own is one, and that laws name phases of theirs.

    Args:
        laws: by pair, "A|B".
        known: of the case, what is read already.

    Raises:
        pydantic.ValidationError: not so.
    """
    phases, mesh = known.get("phase"), known.get("mesh")
    if laws and "study" in known and "interface" in known["study"].unused_tables:
        unused = InputError(f"a study of kind '{known['study'].kind}' does not use it")
        raise complaints("interface", [((name,), unused) for name in laws])
    if phases is None or mesh is None:
        return laws
    mistakes: Mistakes = []
    for name, law in laws.items():
        if problem := _not_an_interface(name, phases, mesh):
            mistakes.append(((name,), problem))
        elif isinstance(law, FollowingLaw):
            mistakes += [((name,), each) for each in _wrong_sides(law, tuple(name.split(BETWEEN)))]
    if mistakes:
        raise complaints("interface", mistakes)
    return laws


def interfaces_of(phases: Phases, mesh: MeshSettings) -> list[str]:
    """Names of the interfaces that there are, or may be where only the built mesh will tell.

    Args:
        phases: of the case.
        mesh: its mesh.
    """
    pairs = mesh.touching()
    if pairs is None:
        names = phases.names
        pairs = tuple((a, b) for place, a in enumerate(names) for b in names[place + 1 :])
    return [BETWEEN.join(pair) for pair in pairs]


def _not_an_interface(name: str, phases: Phases, mesh: MeshSettings) -> InputError | None:
    existing = interfaces_of(phases, mesh)
    if name in existing:
        return None
    allowed = ", ".join(existing) or "none: there is one phase"
    parts = name.split(BETWEEN)
    strangers = [part for part in parts if part not in phases]
    if len(parts) != 2 or strangers:
        stranger = strangers[0] if strangers and len(parts) == 2 else name
        problem = f"'{stranger}' is no phase" if len(parts) == 2 else f"'{name}' is no interface"
        return InputError(f"{problem}{nearest(stranger, phases.names)}", allowed=allowed)
    if BETWEEN.join(reversed(parts)) in existing:
        return InputError("names its phases in the wrong order", allowed=allowed)
    return InputError(f"{parts[0]} and {parts[1]} do not touch", allowed=allowed)


def _wrong_sides(law: FollowingLaw, pair: tuple[str, ...]) -> list[InputError]:
    """Exponents that are not those of the two sides, and carriers of another phase."""
    found = []
    for key, given, allowed in (
        ("orders", getattr(law, "orders", None), f"{pair[0]} and {pair[1]}, [a, b] each"),
        ("carriers", law.carriers, f"{pair[0]} and {pair[1]}, the name of a carrier each"),
    ):
        strange = [name for name in given or () if name not in pair]
        if strange:
            found.append(InputError(f"'{strange[0]}' is no side of it", key=key, allowed=allowed))
        elif key == "orders" and given is not None and len(given) < len(pair):
            found.append(InputError("one side is missing", key=key, allowed=allowed))
    return found


def check_laws_for_all(law: InterfaceSettings, interfaces: list[str]) -> list[InputError]:
    """Mistakes of the table for all interfaces that do not have one of their own.

    Args:
        law: the table.
        interfaces: names of those interfaces.
    """
    if not isinstance(law, FollowingLaw):
        return []
    found = [error for name in interfaces for error in _wrong_sides(law, tuple(name.split(BETWEEN)))]
    return _keyed(found[:1])


def _keyed(errors: list[InputError]) -> list[InputError]:
    return [InputError(each.problem, key=f"interface.{each.key}", allowed=each.allowed) for each in errors]


def check_contacts(
    contacts: dict[str, BoundarySettings], known: Mapping[str, Any]
) -> dict[str, BoundarySettings]:
    """See that the mesh has each contact, and that the study can do what happens there.

    Args:
        contacts: by name.
        known: of the case, what is read already.

    Raises:
        pydantic.ValidationError: not so.
    """
    study: StudySettings | None = known.get("study")
    mesh: MeshSettings | None = known.get("mesh")
    mistakes: Mistakes = []
    for name, table in contacts.items():
        if study is not None and "boundary" in study.unused_tables:
            mistakes.append(((name,), InputError(f"a study of kind '{study.kind}' does not use it")))
        elif study is not None and table.kind not in study.boundary_kinds:
            problem = f"a study of kind '{study.kind}' cannot do kind '{table.kind}'"
            mistakes.append(((name,), InputError(problem, allowed=", ".join(study.boundary_kinds))))
        if mesh is not None and name not in mesh.contact_phases():
            names = mesh.contact_phases()
            problem = f"'{name}' is no contact of the mesh{nearest(name, names)}"
            mistakes.append(((name,), InputError(problem, allowed=", ".join(names))))
    if mistakes:
        raise complaints("boundary", mistakes)
    return contacts
