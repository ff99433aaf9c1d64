"""What a case may say and no solver computes yet: one refusal each, to be taken out as it comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scl_fem.case.components import carriers_of
from scl_fem.case.energy_profile import read_profile
from scl_fem.case.model import Case
from scl_fem.complaints import collected
from scl_fem.errors import InputError
from scl_fem.materials import Material
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
    found = [*_phases(case), *_immobile(case)]
    if found:
        raise collected(found)


def _phases(case: Case) -> Iterator[InputError]:
    for name, phase in case.phase.tables.items():
        material, place = case.materials[phase.material], f"phase.{name}"
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
