"""What several tables of a case say together, once the materials of its phases are known."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from scl_fem.case.boundary import (
    BoundarySettings,
    BulkBoundary,
    CurrentBoundary,
    MetalContact,
    VoltageBoundary,
)
from scl_fem.case.energy_profile import check_profile
from scl_fem.case.interface import BETWEEN, FollowingLaw
from scl_fem.case.model import Case
from scl_fem.case.parts import check_laws_for_all, interfaces_of
from scl_fem.errors import InputError, unknown_name
from scl_fem.materials import Material
from scl_fem.materials.carrier import CarrierSettings
from scl_fem.physics.components import LITHIUM

ELECTRON = "e-"

_BALANCED = 1e-9
"""Share of the largest current that may enter and not leave."""


class Holders:
    """Which phases hold which components, and where a component can go from one to the other.

    Attributes:
        case: checked, not resolved.
        materials: of each phase, by the name of the phase.
    """

    def __init__(self, case: Case, materials: Mapping[str, Material]) -> None:
        """Keep the two."""
        self.case, self.materials = case, materials

    def of(self, component: str) -> list[str]:
        """Names of the phases in which a component is mobile."""
        return [name for name, material in self.materials.items() if component in material.mobile_components]

    def groups(self, component: str) -> list[set[str]]:
        """The phases that hold a component, those in contact through it together."""
        groups = [{name} for name in self.of(component)]
        for pair in interfaces_of(self.case.phase, self.case.mesh):
            joined = [group for group in groups if group & set(pair.split(BETWEEN))]
            if len(joined) > 1:
                groups = [group for group in groups if group not in joined] + [set().union(*joined)]
        return groups

    def level_needed(self, component: str) -> set[str]:
        """Phases that must tell the level of a component: in contact through it, of two materials."""
        needed: set[str] = set()
        for group in self.groups(component):
            tables = {name: self.case.phase[name] for name in group}
            tellers = {table.reference or name for name, table in tables.items()}
            differ = len({self.case.phase[name].material for name in tellers}) > 1
            told = component == LITHIUM.name and any(table.voltage is not None for table in tables.values())
            needed |= tellers if differ or (told and len(tellers) > 1) else set()
        return needed


def check_together(
    case: Case, materials: Mapping[str, Material], charges: Mapping[str, int]
) -> list[InputError]:
    """Every mistake in what phases, interfaces and contacts say of components and carriers.

    Args:
        case: checked, not resolved.
        materials: of each phase, resolved, by the name of the phase.
        charges: of every component.
    """
    holders = Holders(case, materials)
    return [
        *_levels(holders, charges),
        *_energies(case, materials),
        *_states(case, materials),
        *_neutrality(case, materials),
        *_laws(holders, charges),
        *_contacts(holders, charges),
        *_passage(holders),
        *_currents(case),
    ]


def _levels(holders: Holders, charges: Mapping[str, int]) -> Iterator[InputError]:
    """Levels of components that are none or that the material lacks, and those that are missing."""
    materials = {holders.case.phase[name].material: material for name, material in holders.materials.items()}
    for name, material in materials.items():
        for component in material.levels or ():
            key = f"materials.{name}.levels.{component}"
            if component not in charges:
                yield unknown_name("component", component, charges).located(key=key)
            elif component not in material.components:
                problem = f"material {name} has no carrier of {component}"
                yield InputError(problem, key=key, allowed=", ".join(material.components))
    components = dict.fromkeys(each for material in materials.values() for each in material.components)
    for component in components:
        if component == LITHIUM.name:
            continue
        needed = holders.level_needed(component)
        lacking = {holders.case.phase[each].material for each in needed}
        for name in sorted(lacking):
            if component not in (materials[name].levels or {}):
                yield InputError(
                    f"is missing, and {component} goes between phases of different materials",
                    key=f"materials.{name}.levels.{component}",
                    allowed="a number in eV, or a string with its unit",
                )


def _energies(case: Case, materials: Mapping[str, Material]) -> Iterator[InputError]:
    """Carriers that a phase shifts and does not have, and profiles that do not fit."""
    for name, material in materials.items():
        table = case.phase[name]
        for carrier, key in table.shifted_carriers.items():
            if carrier not in material.carrier_names:
                unknown = unknown_name("carrier", carrier, material.carrier_names)
                yield unknown.located(key=f"phase.{name}.{key}")
        if table.energy_profile is not None:
            try:
                check_profile(table.energy_profile, material.carrier_names, case.mesh, name)
            except InputError as error:
                yield error.as_value_of(f"phase.{name}.energy_profile")


def _states(case: Case, materials: Mapping[str, Material]) -> Iterator[InputError]:
    """Carriers of which nobody says how many there are, and laws without their table."""
    for name, material in materials.items():
        table = case.phase[name]
        by_phase = table.occupancy is not None or table.composition is not None
        for place, carrier in enumerate(material.carriers or ()):
            if carrier.measure is None and not (place == 0 and by_phase):
                yield InputError(
                    "is missing: how many there are in the neutral bulk",
                    key=f"materials.{table.material}.carriers.{carrier.name}.occupancy",
                    allowed="occupancy, energy or concentration",
                )
        if (table.thermodynamics or material.thermodynamics) == "open-circuit":
            where = f"phase.{name}" if table.thermodynamics else f"materials.{table.material}"
            if material.open_circuit is None:
                yield InputError(
                    f'"open-circuit" needs a curve, which material {table.material} does not have',
                    key=f"{where}.thermodynamics",
                    allowed=f"regular-solution, or a table [materials.{table.material}.open_circuit]",
                )
            elif material.carriers and not _is_lithium_on_sites(material.carriers[0]):
                yield InputError(
                    f'"open-circuit" is of Li+ on its sites, not of the first carrier of {table.material}',
                    key=f"{where}.thermodynamics",
                    allowed="regular-solution, or first a carrier of Li+, amount 1, on sites of its own",
                )
        if table.voltage is not None and LITHIUM.name not in material.components:
            problem = f"material {table.material} has no Li+, so it has no voltage against it"
            yield InputError(problem, key=f"phase.{name}.voltage", allowed="leave it out")


def _is_lithium_on_sites(carrier: CarrierSettings) -> bool:
    """Whether an open-circuit curve can be its law."""
    return (
        carrier.component_name == LITHIUM.name
        and carrier.amount == 1
        and carrier.statistics == "lattice"
        and carrier.shared is None
    )


def _neutrality(case: Case, materials: Mapping[str, Material]) -> Iterator[InputError]:
    """Fixed charges that no filling of the carriers' sites makes up for."""
    for name in dict.fromkeys(case.phase[each].material for each in materials):
        material = next(materials[each] for each in materials if case.phase[each].material == name)
        if material.fixed_charge is None:
            continue
        low, high = _charge_range(material)
        low, high = low + material.fixed_charge, high + material.fixed_charge
        least = 1e-9 * abs(material.fixed_charge)
        can_be = low < 0.0 < high or abs(low) <= least >= abs(high)
        if not can_be:
            yield InputError(
                f"the bulk cannot be neutral: with the carriers its charge lies between {low:.4g} and "
                f"{high:.4g} e/nm^3",
                key=f"materials.{name}.fixed_charge",
                allowed=f"between {material.fixed_charge - high:.4g} and {material.fixed_charge - low:.4g} "
                "e/nm^3, or leave it out",
            )


def _charge_range(material: Material) -> tuple[float, float]:
    """The least and the largest charge of the carriers together, e/nm^3."""
    if material.carriers is None:
        return 0.0, float(material.c_max or math.inf)
    low = high = 0.0
    groups: dict[str, list[float]] = {}
    for carrier in material.carriers:
        charge = float(carrier.charge or 0)
        full = carrier.bulk_occupancy
        if carrier.frozen and full is not None:
            held = charge * (carrier.concentration or full * (carrier.sites or 0.0))
            low, high = low + held, high + held
            continue
        most = charge * (carrier.sites or 0.0) if carrier.statistics == "lattice" else charge * math.inf
        groups.setdefault(carrier.shared or f" {carrier.name}", []).append(most)
    for extremes in groups.values():
        low, high = low + min(0.0, *extremes), high + max(0.0, *extremes)
    return low, high


def _laws(holders: Holders, charges: Mapping[str, int]) -> Iterator[InputError]:
    """Components that a law names and that do not cross there."""
    case = holders.case
    interfaces = interfaces_of(case.phase, case.mesh)
    general = [name for name in interfaces if name not in case.interfaces]
    yield from check_laws_for_all(case.interface, general)
    tables = [("interface", case.interface, general)]
    tables += [(f"interface.{name}", law, [name]) for name, law in case.interfaces.items()]
    for place, law, where in tables:
        for key, component in law.named_components.items():
            key_of = f"{place}.{key}"
            if component not in charges:
                yield unknown_name("component", component, charges).located(key=key_of)
                continue
            both = key == "component"
            held = set(holders.of(component))
            sides = [set(name.split(BETWEEN)) for name in where]
            if sides and not any(pair <= held if both else pair & held for pair in sides):
                yield _does_not_cross(component, law, key_of, holders, where, both)
        if isinstance(law, FollowingLaw):
            yield from _carriers_of_law(law, place, holders)


def _carriers_of_law(law: FollowingLaw, place: str, holders: Holders) -> Iterator[InputError]:
    """Carriers whose occupancy a law is to follow and that its phases do not have, or do not let move."""
    for phase, carrier in (law.carriers or {}).items():
        known = holders.materials[phase].mobile_carriers if phase in holders.materials else ()
        if known and carrier not in known:
            yield unknown_name("mobile carrier", carrier, known).located(key=f"{place}.carriers.{phase}")


def _does_not_cross(
    component: str, law: object, key: str, holders: Holders, where: Sequence[str], both: bool
) -> InputError:
    pairs = [name.split(BETWEEN) for name in where]
    mobile = {name: set(material.mobile_components) for name, material in holders.materials.items()}
    common = {each for a, b in pairs for each in (mobile[a] & mobile[b] if both else mobile[a] | mobile[b])}
    if both:
        lacking = [name for name in pairs[0] if component not in mobile[name]]
        problem = f"{component} does not cross: {' and '.join(lacking)} does not hold it"
    else:
        problem = f"neither side holds {component}"
    otherwise = 'law = "perfect"' if both else "leave sites out"
    return InputError(problem, key=key, allowed=", ".join([*sorted(common), otherwise]))


def _contacts(holders: Holders, charges: Mapping[str, int]) -> Iterator[InputError]:
    """Components that a contact is to exchange and that its phase does not hold."""
    case = holders.case
    for place, table, phases in _tables_of_contacts(case):
        if not isinstance(table, BulkBoundary):
            continue
        mobile = {each for name in phases for each in holders.materials[name].mobile_components}
        for component in table.exchanges or ():
            if component not in charges:
                yield unknown_name("component", component, charges).located(key=f"{place}.exchanges")
            elif component not in mobile:
                problem = f"{' and '.join(phases)} cannot exchange {component}: it is not mobile there"
                yield InputError(
                    problem, key=f"{place}.exchanges", allowed=", ".join(sorted(mobile)) or "none"
                )


def _tables_of_contacts(case: Case) -> Iterator[tuple[str, BoundarySettings, list[str]]]:
    """Each table of contacts with its place and the phases that it is about."""
    touched = case.mesh.contact_phases()
    everywhere = list(case.phase.names)
    general = [name for name in touched if name not in case.contacts]
    if general:
        phases = dict.fromkeys(touched[name] for name in general)
        yield "boundary", case.boundary, _known(phases, everywhere)
    for name, table in case.contacts.items():
        yield f"boundary.{name}", table, _known([touched[name]], everywhere)


def _known(phases: Iterable[str | None], otherwise: list[str]) -> list[str]:
    named = list(phases)
    return otherwise if None in named else [name for name in named if name is not None]


def _passage(holders: Holders) -> Iterator[InputError]:
    """A study of what flows steadily, with nothing that goes from one contact to the other."""
    case = holders.case
    touched = case.mesh.contact_phases()
    ends = list(touched.values())
    if case.study.uses_terminals and len(ends) < 2:
        yield InputError(
            f"{case.study.kind} goes from one contact to another, and the mesh has "
            f"{', '.join(touched) or 'none'}{' alone' if touched else ''}",
            key="study.kind",
            allowed="a mesh with a second contact (mesh.contacts), or equilibrium or transient",
        )
        return
    if not case.study.needs_passage or len(ends) != 2 or None in ends:
        return
    exchanged = []
    for name, phase in touched.items():
        mobile = set(holders.materials[str(phase)].mobile_components)
        table = case.contact(name)
        if isinstance(table, BulkBoundary) and table.exchanges is not None:
            mobile &= set(table.exchanges)
        elif isinstance(table, MetalContact):
            mobile &= {ELECTRON}
        exchanged.append(mobile)
    for component in exchanged[0] & exchanged[1]:
        if any(set(ends) <= group for group in holders.groups(component)):
            return
    first, last = touched
    given = [", ".join(sorted(each)) or "nothing" for each in exchanged]
    way = "no component of both is mobile all the way"
    if common := sorted(exchanged[0] & exchanged[1]):
        lacking = {
            component: [each for each in case.phase.names if each not in holders.of(component)]
            for component in common
        }
        way = "; ".join(f"{name} is not mobile in {' and '.join(of)}" for name, of in lacking.items())
    yield InputError(
        f"nothing goes from {first} to {last}: {first} exchanges {given[0]}, {last} {given[1]}, and {way}",
        key="study.kind",
        allowed="equilibrium, transient or impedance, or contacts that exchange what lies between",
    )


def _currents(case: Case) -> Iterator[InputError]:
    """Currents that enter a cell and leave it nowhere."""
    tables = {name: case.contact(name) for name in case.mesh.contact_phases()}
    signals = {
        name: tuple(zip(*table.current_density, strict=True))
        for name, table in tables.items()
        if isinstance(table, CurrentBoundary)
    }
    holds = any(
        isinstance(table, BulkBoundary | VoltageBoundary)
        or (isinstance(table, MetalContact) and table.held_potential is not None)
        for table in tables.values()
    )
    if holds or not signals:
        return
    import numpy as np

    times = np.unique(np.concatenate([times for times, _ in signals.values()]))
    first = next(iter(tables))
    # positive from the first contact to the others: what leaves there counts as entering with a minus
    entering = np.zeros(times.size)
    for name, (at, values) in signals.items():
        entering += (1.0 if name == first else -1.0) * np.interp(times, at, values)
    largest = max(abs(value) for _, values in signals.values() for value in values)
    worst = float(entering[np.argmax(np.abs(entering))])
    if abs(worst) <= _BALANCED * largest:
        return
    own = [f"boundary.{name}" for name in signals if name in case.contacts]
    yield InputError(
        f"{abs(worst):.4g} mA/cm^2 {'enter' if worst > 0.0 else 'leave'} at {' and '.join(signals)}, and the "
        "other contacts let no current pass: the cell would charge up without end",
        key=f"{next(iter(own), 'boundary')}.current_density",
        allowed="the same current at a second contact, or a contact there that holds a potential (bulk, "
        "voltage, metal)",
    )
