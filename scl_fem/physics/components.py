"""What is conserved and mobile in a cell: ions and electrons, with their charge numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Component:
    """One component of the cell.

    Attributes:
        name: for example "Li+".
        charge_number: z.
    """

    name: str
    charge_number: int


LITHIUM: Final = Component("Li+", 1)

KNOWN_COMPONENTS: Final = {
    each.name: each
    for each in (
        LITHIUM,
        Component("Na+", 1),
        Component("Ag+", 1),
        Component("H+", 1),
        Component("O2-", -2),
        Component("e-", -1),
    )
}
"""Components whose charge a case need not give, by name."""
