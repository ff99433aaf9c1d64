"""A case with every default written out, the state of each phase found."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from scl_fem.case.checking import Holders, check_together
from scl_fem.case.components import charge_numbers, resolved_carriers
from scl_fem.case.model import Case
from scl_fem.case.phases import FROM_VOLTAGE, Phases, PhaseSettings
from scl_fem.complaints import collected, complaints, input_error
from scl_fem.errors import InputError, unknown_name
from scl_fem.materials import Material, OpenCircuitCurve, library, load_material
from scl_fem.physics.components import LITHIUM

_REQUIRED = ("c_max", "permittivity", "diffusivity")
"""What no computation with phases can do without (the rest has defaults)."""


def resolve(case: Case) -> Case:
    """Write out every default: mesh, state of each phase as numbers, materials in full.

    Running the resolved case gives the same result, whatever later becomes of the library.

    Args:
        case: as the user wrote it; a resolved one comes back unchanged.

    Raises:
        InputError: the study cannot use the mesh; a material is unknown or lacks something, or the
            state of a phase is not told; lists every mistake.
    """
    mesh = case.study.fitted_mesh(case.mesh, case.own_tables).resolved()
    if case.phase is None:
        return case.model_copy(update={"mesh": mesh})
    used, mistakes = _materials(case)
    if not mistakes:
        try:
            charges = charge_numbers(case.components, used)
            used = resolved_carriers(used, charges)
        except InputError as error:
            mistakes.append(error)
    states, wrong = _states(case, used)
    mistakes += wrong
    if not mistakes:
        by_phase = {name: used[case.phase[name].material] for name in case.phase.names}
        mistakes += check_together(case, by_phase, charges)
    if mistakes:
        raise collected(mistakes)
    phases = Phases.of(states)
    title = case.title or " | ".join(phase.material for phase in phases.tables.values())
    return case.model_copy(update={"title": title, "mesh": mesh, "phase": phases, "materials": used})


def _materials(case: Case) -> tuple[dict[str, Material], list[InputError]]:
    """The materials of the phases, and what is wrong with them."""
    found: dict[str, Material] = {}
    mistakes: list[InputError] = []
    for name, phase in case.phase.tables.items():
        try:
            found[phase.material] = find_material(phase.material, case.materials)
        except InputError as error:
            mistakes.append(error.located(key=f"phase.{name}.material"))
    return found, mistakes + _not_materials(case.materials, found)


def _states(
    case: Case, materials: Mapping[str, Material]
) -> tuple[dict[str, PhaseSettings], list[InputError]]:
    """The phases with x_0 and V as numbers, and what is wrong with them."""
    states, mistakes = {}, []
    known = {
        name: materials[each.material]
        for name, each in case.phase.tables.items()
        if each.material in materials
    }
    needed = Holders(case, known).level_needed(LITHIUM.name)
    for name, material in known.items():
        try:
            states[name] = _state(case.phase, material, name, name in needed)
        except InputError as error:
            mistakes.append(error.located(key=f"phase.{name}"))
        mistakes += _missing(material)
    return states, mistakes


def find_material(name: str, defined: Mapping[str, Material]) -> Material:
    """A material by name, with every default written out.

    Args:
        name: of the library or of a table of the case.
        defined: the case's own materials; one that the library has too overrides its keys.

    Raises:
        InputError: there is none, or the case's keys do not fit it.
    """
    if name not in library() and name not in defined:
        raise unknown_name("material", name, {*library(), *defined})
    base = load_material(name) if name in library() else Material(name=name)
    try:
        material = base.overridden_by(defined[name]) if name in defined else base
    except ValidationError as error:
        raise input_error(complaints(name, [(("materials", name), input_error(error))])) from None
    # what a result needs of its materials is the numbers and where they come from
    return material.resolved().model_copy(update={"name": name, "notes": None})


def _state(phases: Phases, material: Material, side: str, needs_voltage: bool) -> PhaseSettings:
    """The phase with x_0 and V as numbers, as far as its material has them."""
    phase = phases[side]
    told = phase
    if phase.reference is not None and phase.composition is None and phase.occupancy is None:
        other = phases[phase.reference]
        told = other if other.material == phase.material else phase
    occupancy = _occupancy(told, material, side)
    voltage = (
        None if phase.reference is not None else _voltage(phase, material, occupancy, side, needs_voltage)
    )
    if phase.follows_its_curve(material):
        material.require("open_circuit")
    return PhaseSettings(
        **phase.model_dump(exclude_none=True, exclude={"composition", "occupancy", "voltage"}),
        occupancy=occupancy,
        voltage=voltage,
    )


def _voltage(
    phase: PhaseSettings, material: Material, occupancy: float | None, side: str, needed: bool
) -> float | None:
    """V against Li/Li+; 0 where none is told and nothing depends on it, None in a material without Li+."""
    if phase.voltage is not None or LITHIUM.name not in material.components:
        return phase.voltage
    if material.voltage is not None:
        return material.voltage
    if material.open_circuit is None and not needed:
        return 0.0
    if occupancy is None and material.carriers:
        occupancy = material.carriers[0].bulk_occupancy
    if occupancy is None or material.open_circuit is None:
        raise InputError(
            f"is missing, and material {material.name} has neither a voltage nor an open-circuit curve",
            key=f"phase.{side}.voltage",
            allowed=f"phase.{side}.voltage or materials.{material.name}.voltage",
        )
    return _open_circuit_voltage(material.open_circuit, material.name, occupancy, side)


def _occupancy(phase: PhaseSettings, material: Material, side: str) -> float | None:
    """x_0 of the first carrier, None where the list of carriers says it."""
    if phase.occupancy == FROM_VOLTAGE:
        return _occupancy_from_voltage(phase, material, side)
    if phase.occupancy is not None:
        return phase.occupancy
    if phase.composition is not None:
        return _occupancy_from_composition(phase.composition, material, side)
    if material.carriers is not None:
        return None
    occupancy = material.bulk_occupancy()
    if occupancy is None:
        other = (
            f"phase.{side}.composition" if material.composition else f"materials.{material.name}.occupancy"
        )
        raise InputError(
            f"is missing, and material {material.name} has no default occupancy",
            key=f"phase.{side}.occupancy",
            allowed=f"phase.{side}.occupancy or {other}",
        )
    return occupancy


def _occupancy_from_composition(composition: float, material: Material, side: str) -> float:
    key = f"phase.{side}.composition"
    if material.composition is None:
        raise InputError(
            f"material {material.name} has no table of compositions",
            key=key,
            allowed=f"phase.{side}.occupancy, or a table [materials.{material.name}.composition]",
        )
    try:
        return material.composition.occupancy_at(composition)
    except ValueError as error:
        raise InputError(f"{material.composition.symbol} = {error}", key=key) from None


def _occupancy_from_voltage(phase: PhaseSettings, material: Material, side: str) -> float:
    key = f"phase.{side}.occupancy"
    voltage = phase.voltage if phase.voltage is not None else material.voltage
    if voltage is None:
        raise InputError(f'"{FROM_VOLTAGE}" needs a voltage', key=key, allowed=f"give phase.{side}.voltage")
    if material.open_circuit is None:
        raise InputError(
            f'"{FROM_VOLTAGE}" needs an open-circuit curve, which material {material.name} does not have',
            key=key,
            allowed=f"a number, or a table [materials.{material.name}.open_circuit]",
        )
    try:
        return material.open_circuit.occupancy_at(voltage)
    except ValueError as error:
        raise InputError(
            f"open-circuit curve of {material.name} (V): {error}", key=f"phase.{side}.voltage"
        ) from None


def _open_circuit_voltage(curve: OpenCircuitCurve, name: str, occupancy: float, side: str) -> float:
    try:
        return curve.voltage_at(occupancy)
    except ValueError as error:
        problem = f"is missing, and in the open-circuit curve of {name} the occupancy {error}"
        raise InputError(problem, key=f"phase.{side}.voltage", allowed=f"phase.{side}.voltage") from None


def _missing(material: Material) -> list[InputError]:
    """One mistake for each number that the material lacks."""
    mistakes = []
    for key in ("permittivity",) if material.carriers else _REQUIRED:
        try:
            material.require(key)
        except InputError as error:
            mistakes.append(error)
    return mistakes


def _not_materials(defined: Mapping[str, Material], used: Mapping[str, Material]) -> list[InputError]:
    """One mistake for each table that no phase uses and that defines no material either."""
    known = {*library(), *used}
    strange = [
        name
        for name, material in defined.items()
        if name not in known and not (material.c_max or material.carriers)
    ]
    return [unknown_name("material", name, known).located(key=f"materials.{name}") for name in strange]
