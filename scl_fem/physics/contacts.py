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
        surface_charge: e/nm^2 on the contact, where that is given instead; 0 is a metal that floats.
        stern_capacitance: in series with the phase, e/(V nm^2); None for none.
        reservoir: whether mu~ of what it exchanges goes along with its potential, and no charge of it with
            that alone.
    """

    exchanges: frozenset[str] = frozenset()
    potential: float | None = None
    surface_charge: float | None = None
    stern_capacitance: float | None = None
    reservoir: bool = False

    @property
    def held(self) -> bool:
        """Whether its potential is held."""
        return self.potential is not None

    @property
    def active(self) -> bool:
        """Whether anything happens at it."""
        return self.held or self.surface_charge is not None or bool(self.exchanges)

    @property
    def has_capacitance(self) -> bool:
        """Whether charge and potential of it go together."""
        return not self.reservoir and (self.held or self.surface_charge is not None)


CLOSED = Contact()
"""No flux and no field."""


def bulk(components: Iterable[str]) -> Contact:
    """A reservoir at the composition of the neutral bulk.

    Args:
        components: names of those that it exchanges.
    """
    exchanged = frozenset(components)
    return Contact(exchanges=exchanged, potential=0.0, reservoir=bool(exchanged))


def keeps_levels(contacts: Mapping[str, Contact]) -> bool:
    """Whether components that no contact exchanges keep the mu~ of their bulk; else they keep their totals.

    So it is with a metal held at a potential beside an end that is not held: the phase goes on beyond it.

    Args:
        contacts: by name.
    """
    held = [contact.held for contact in contacts.values()]
    return any(held) and not all(held)
