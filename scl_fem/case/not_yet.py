"""What a case may say and no solver computes yet: one refusal each, to be taken out as it comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scl_fem.case.components import carriers_of
from scl_fem.case.energy_profile import read_profile
from scl_fem.case.interface import ExchangeInterface, InterfaceSettings, OneComponentLaw
from scl_fem.case.model import Case
from scl_fem.case.parts import is_pair
from scl_fem.complaints import collected
from scl_fem.errors import InputError
from scl_fem.materials import Material
from scl_fem.mesh.domain import BOTH
from scl_fem.physics.energies import no_interface


def refuse_unsolved(case: Case) -> None:
    """See that every part of a case is solved.

    Args:
        case: resolved.

    Raises:
        InputError: some is not; lists each.
    """
    if case.phase is None:
        return
    found = [*_contacts(case), *_laws(case), *_phases(case), *_immobile(case), *_study(case)]
    if found:
        raise collected(found)


def _contacts(case: Case) -> Iterator[InputError]:
    if case.study.kind == "equilibrium":
        return
    if case.boundary.kind == "metal":
        yield InputError("metal contacts are not solved yet", key="boundary.kind", allowed="closed, bulk")
    if getattr(case.boundary, "exchanges", None) is not None:
        yield InputError("is not solved yet", key="boundary.exchanges", allowed="leave it out")
    for name in case.contacts:
        yield InputError("contacts that differ are not solved yet", key=f"boundary.{name}")


def _laws(case: Case) -> Iterator[InputError]:
    yield from _law("interface", case.interface)
    for name, law in case.interfaces.items():
        yield from _law(f"interface.{name}", law)


def _law(place: str, law: InterfaceSettings) -> Iterator[InputError]:
    if isinstance(law, OneComponentLaw) and law.component_name != "Li+":
        yield InputError("is not solved yet", key=f"{place}.component", allowed="Li+")
    if isinstance(law, ExchangeInterface):
        if law.transfer_coefficient not in (None, 0.5):
            yield InputError("is not solved yet", key=f"{place}.transfer_coefficient", allowed="0.5")
        if law.kinetics not in (None, "constant"):
            yield InputError("is not solved yet", key=f"{place}.kinetics", allowed="constant")
        if law.orders is not None:
            yield InputError("is not solved yet", key=f"{place}.orders", allowed="leave it out")


def _phases(case: Case) -> Iterator[InputError]:
    for name, phase in case.phase.tables.items():
        material, place = case.materials[phase.material], f"phase.{name}"
        for key in ("energy_decay", "energy_profile"):
            if case.study.kind != "equilibrium" and getattr(phase, key) is not None:
                problem = f"{case.study.kind} with energies that change with the place is not solved yet"
                yield InputError(problem, key=f"{place}.{key}", allowed="energy_shift")
        for carrier, key in phase.shifted_carriers.items():
            yield from _of_frozen(material, carrier, f"{place}.{key}")
        for carrier in _in_profile(phase.energy_profile):
            yield from _of_frozen(material, carrier, f"{place}.energy_profile")
        pairs = case.mesh.touching()
        if phase.energy_decay is not None and pairs is not None and not any(name in pair for pair in pairs):
            yield no_interface(name)


def _in_profile(path: str | None) -> Iterable[str]:
    return () if path is None else read_profile(path).energies


def _of_frozen(material: Material, name: str, key: str) -> Iterator[InputError]:
    """Energies of a carrier that does not move: they change nothing, or vary, which is not solved yet."""
    carriers = {each.name: each for each in material.carriers or ()}
    mobile = [each.name for each in carriers.values() if each.is_mobile]
    if name in carriers and carriers[name].frozen:
        problem = f"{name} is frozen and evenly spread, whatever its energy"
        yield InputError(problem, key=key, allowed=", ".join(mobile) or "carriers that move")
    elif name in carriers and carriers[name].frozen_at is not None and not key.endswith(f"shift.{name}"):
        problem = (
            f"what {name} keeps of frozen_at is not solved for yet where its energy changes with the place"
        )
        yield InputError(problem, key=key, allowed=", ".join([*mobile, f"energy_shift of {name}"]))


def _immobile(case: Case) -> Iterator[InputError]:
    for name, phase in case.phase.tables.items():
        carriers = carriers_of(case.materials[phase.material], phase.occupancy)
        if all(each.frozen or each.frozen_at is not None for each in carriers):
            yield InputError(
                f"phase '{name}' has no mobile carrier, which is not solved yet",
                key=f"materials.{phase.material}.carriers",
                allowed="at least one that is not frozen",
            )


def _study(case: Case) -> Iterator[InputError]:
    kind = case.study.kind
    if kind == "equilibrium":
        return
    for name in ("", *case.interfaces):
        law, place = (case.interfaces[name], f"interface.{name}") if name else (case.interface, "interface")
        if law.surface_charge or law.sites is not None:
            problem = f"{kind} with a charge at an interface is not solved yet"
            yield InputError(problem, key=place, allowed="a study of kind equilibrium")
    if not is_pair(case.phase, case.mesh):
        problem = f"{kind} with phases {', '.join(case.phase.names)} is not solved yet"
        if case.phase.names == BOTH:
            problem = f"{kind} with contacts that are not one of each phase is not solved yet"
        yield InputError(problem, key="study.kind", allowed="equilibrium, or electrode and electrolyte")
    several = [name for name, material in case.materials.items() if material.carriers is not None]
    if several:
        problem = f"{kind} with a list of carriers ({', '.join(several)}) is not solved yet"
        yield InputError(problem, key="study.kind", allowed="equilibrium")
