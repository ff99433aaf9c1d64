"""What happens at the outer ends of a cell at equilibrium: what is held, and who exchanges what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Contact:
    """One end of a cell. Without any argument it is closed: no field, no flux.

    Attributes:
        exchanges: names of the components that come from and go to a reservoir, at its mu~.
        potential: V, held against the neutral bulk of the phase that it touches; None where it is not held.
        surface_charge: e/nm^2 on the contact, where no potential is held.
        stern_capacitance: in series with the phase, e/(V nm^2); None for none.
    """

    exchanges: frozenset[str] = frozenset()
    potential: float | None = None
    surface_charge: float = 0.0
    stern_capacitance: float | None = None

    @property
    def held(self) -> bool:
        """Whether its potential is held."""
        return self.potential is not None


CLOSED = Contact()
"""No flux and no field."""


def bulk(components: Iterable[str]) -> Contact:
    """A reservoir at the composition of the neutral bulk.

    Args:
        components: names of those that it exchanges.
    """
    return Contact(exchanges=frozenset(components), potential=0.0)


def keeps_levels(contacts: Mapping[str, Contact]) -> bool:
    """Whether components that no contact exchanges keep the mu~ of their bulk; else they keep their totals.

    So it is with a metal held at a potential beside an end that is not held: the phase goes on beyond it.

    Args:
        contacts: by name.
    """
    held = [contact.held for contact in contacts.values()]
    return any(held) and not all(held)
