"""What a case may say and no solver computes yet: one refusal each, to be taken out as it comes."""

from __future__ import annotations

from collections.abc import Iterator

from scl_fem.case.components import carriers_of
from scl_fem.case.model import Case
from scl_fem.complaints import collected
from scl_fem.errors import InputError


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
        for key in ("energy_decay", "energy_profile"):
            if getattr(phase, key) is not None:
                yield InputError("is not solved yet", key=f"phase.{name}.{key}", allowed="energy_shift")


def _immobile(case: Case) -> Iterator[InputError]:
    for name, phase in case.phase.tables.items():
        carriers = carriers_of(case.materials[phase.material], phase.occupancy)
        if all(each.frozen or each.frozen_at is not None for each in carriers):
            yield InputError(
                f"phase '{name}' has no mobile carrier, which is not solved yet",
                key=f"materials.{phase.material}.carriers",
                allowed="at least one that is not frozen",
            )
