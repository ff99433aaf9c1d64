"""The table [components], and which components a case knows."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import StrictInt, field_validator

from scl_fem.complaints import collected, complaint
from scl_fem.errors import InputError, unknown_name
from scl_fem.materials.carrier import CarrierSettings
from scl_fem.materials.material import Material
from scl_fem.physics.components import KNOWN_COMPONENTS, LITHIUM
from scl_fem.settings import Settings


class ComponentSettings(Settings):
    """A component of the case's own."""

    charge: StrictInt
    """Charge number z of one particle."""

    @field_validator("charge")
    @classmethod
    def _is_charged(cls, charge: int) -> int:
        if charge == 0:
            raise complaint("cannot be 0", "a whole number, positive or negative")
        return charge


def charge_numbers(
    defined: Mapping[str, ComponentSettings], materials: Mapping[str, Material]
) -> dict[str, int]:
    """Charge number of every component: the known ones, those of the table, those that a carrier defines.

    Args:
        defined: the table [components].
        materials: that the phases are made of.

    Raises:
        InputError: a component has two charges, or is unknown and no carrier gives its charge.
    """
    found = {name: component.charge_number for name, component in KNOWN_COMPONENTS.items()}
    mistakes = []
    for name, table in defined.items():
        if found.setdefault(name, table.charge) != table.charge:
            problem = f"{name} has charge {found[name]}, not {table.charge}"
            mistakes.append(
                InputError(problem, key=f"components.{name}.charge", allowed="another name, or leave it out")
            )
    for _, carrier in _carriers(materials):
        if carrier.charge is not None:
            found.setdefault(carrier.component_name, carrier.amount * carrier.charge)
    for place, carrier in _carriers(materials):
        if carrier.component_name not in found:
            allowed = f"{', '.join(found)}, or a new one with charge in the carrier or in [components]"
            unknown = unknown_name("component", carrier.component_name, found)
            mistakes.append(InputError(unknown.problem, key=f"{place}.component", allowed=allowed))
    if mistakes:
        raise collected(mistakes)
    return found


def resolved_carriers(materials: Mapping[str, Material], charges: Mapping[str, int]) -> dict[str, Material]:
    """The materials with every default of their carriers written out.

    Args:
        materials: by name.
        charges: of every component.

    Raises:
        InputError: something of a carrier is missing or contradicts its component; lists every mistake.
    """
    carriers: dict[str, list[CarrierSettings]] = {}
    mistakes = []
    for name, material in materials.items():
        for carrier in material.carriers or ():
            place = f"materials.{name}.carriers.{carrier.name}"
            try:
                carriers.setdefault(name, []).append(carrier.resolved(charges[carrier.component_name]))
            except InputError as error:
                key = f"{place}.{error.key}" if error.key else place
                mistakes.append(InputError(error.problem, key=key, allowed=error.allowed))
    if mistakes:
        raise collected(mistakes)
    return {
        name: material.model_copy(update={"carriers": tuple(carriers[name])})
        if name in carriers
        else material
        for name, material in materials.items()
    }


def carriers_of(material: Material, occupancy: float | None) -> tuple[CarrierSettings, ...]:
    """The carriers of a phase, resolved; a material of the short form has one, of Li+.

    Args:
        material: resolved.
        occupancy: x_0 that the phase gives for the first, None where it gives none.
    """
    if material.carriers is None:
        keys = {
            key: getattr(material, key)
            for key in CarrierSettings.model_fields
            if key in Material.model_fields and key not in ("name", "occupancy")
        }
        name = LITHIUM.name
        lithium = CarrierSettings(
            name=name, component=name, charge=1, sites=material.c_max, occupancy=occupancy, **keys
        )
        return (lithium,)
    first, *others = material.carriers
    if occupancy is not None:
        first = first.model_copy(update={"occupancy": occupancy, "energy": None, "concentration": None})
    return (first, *others)


def _carriers(materials: Mapping[str, Material]) -> list[tuple[str, CarrierSettings]]:
    """Every carrier with its place in the case."""
    return [
        (f"materials.{name}.carriers.{carrier.name}", carrier)
        for name, material in materials.items()
        for carrier in material.carriers or ()
    ]
