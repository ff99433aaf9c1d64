"""A cell at one moment, as post-processing asks for it: at equilibrium, or on the way there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np
from dolfinx import fem

from scl_fem.discretisation.space import Phases, PotentialSpace
from scl_fem.physics.cell import Cell
from scl_fem.physics.phase import Phase
from scl_fem.physics.types import Array
from scl_fem.solvers.ends import Ends
from scl_fem.solvers.equilibrium import Equilibrium


@dataclass(frozen=True)
class CellState:
    """Potentials at the nodes, and what they are counted from.

    Attributes:
        space: of the potential.
        phases: by name.
        phi: potential in V, without dipoles.
        offsets: of each phase mu~ less that in equilibrium with its bulk, for each component a function in
            eV; none at equilibrium.
        potentials: (n_components,) mu~ of each phase in equilibrium with its bulk, eV; for fields.
        reference: name of the phase whose main component has the columns without a name, if no phase holds
            Li+.
        shifts: (n_carriers, n_local) energies of the carriers of a phase that depend on the place, eV.
        layered_ends: phases that each contact touches, of contacts that may have layers of their own.
    """

    space: PotentialSpace
    phases: Phases
    phi: fem.Function
    offsets: Mapping[str, Sequence[fem.Function]] = field(default_factory=dict)
    potentials: Mapping[str, Array] = field(default_factory=dict)
    reference: str = ""
    shifts: Mapping[str, Array] = field(default_factory=dict)
    layered_ends: Mapping[str, Collection[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, equilibrium: Equilibrium, cell: Cell | None = None) -> CellState:
        """A solved equilibrium.

        Args:
            equilibrium: the state.
            cell: its phases as the case gives them; None where no column is asked for.
        """
        moved = equilibrium.moved
        potentials = {} if cell is None else bulk_potentials(cell)
        return cls(
            equilibrium.space,
            equilibrium.phases,
            equilibrium.phi,
            potentials={name: values + moved.get(name, 0.0) for name, values in potentials.items()},
            reference="" if cell is None else cell.reference,
            shifts=equilibrium.problem.charge.shifts,
            layered_ends=layered_ends(equilibrium.problem.ends, equilibrium.phases),
        )

    def occupying(self, tag: str) -> fem.Function:
        """The potential that at equilibrium would give the main carrier's occupancies in a phase, V."""
        component = self.phases[tag].main.component
        if tag not in self.offsets or not component.charge_number:
            return self.phi
        offset = self.offsets[tag][self.phases[tag].components.index(component)].x.array
        return self.space.function("occupying", self.phi.x.array - offset / component.charge_number)

    def occupying_shift(self, tag: str) -> Array | None:
        """Energies that with the occupying potential give the occupancies of all carriers of a phase.

        Those that depend on the place, less what the mu~ of the other components lie above what goes with the
        occupying potential.

        Returns:
            (n_carriers, n_local) eV; None where there are none.
        """
        shift = self.shifts.get(tag)
        phase, offsets = self.phases[tag], self.offsets.get(tag, ())
        if len(offsets) < 2 and (not offsets or phase.main.component.charge_number):
            return shift
        main, values = phase.main.component, np.array([each.x.array for each in offsets])
        of_main = values[phase.components.index(main)]
        moved = of_main / main.charge_number if main.charge_number else np.zeros_like(of_main)
        above = values - phase.charge_numbers[:, None] * moved
        numbers = [phase.components.index(each.component) for each in phase.carriers]
        amounts = np.array([each.amount for each in phase.carriers])
        raised = -amounts[:, None] * above[numbers]
        return raised if shift is None else shift + raised

    def shift_functions(self, tag: str) -> list[fem.Function]:
        """The energies of a phase that depend on the place as functions; none where none does."""
        return [self.space.function("energy", values) for values in self.shifts.get(tag, ())]


def bulk_potentials(cell: Cell) -> dict[str, Array]:
    """(n_components,) mu~ of each phase in equilibrium with its bulk, eV.

    Args:
        cell: the phases in one gauge.
    """
    return {
        name: np.array([cell.group(each, name).potential for each in phase.components])
        for name, phase in cell.phases.items()
    }


def layered_ends(ends: Ends, phases: Phases) -> dict[str, tuple[str, ...]]:
    """The contacts that something happens at, but for reservoirs of all there is: there the bulk goes on.

    Args:
        ends: contacts of a solved cell.
        phases: by name.
    """
    found = {
        name: tuple(tag for tag in by_phase if not _goes_on(ends, name, phases[tag]))
        for name, by_phase in ends.weights.items()
    }
    return {name: tags for name, tags in found.items() if tags}


def _goes_on(ends: Ends, name: str, phase: Phase) -> bool:
    """Whether a contact is a reservoir at the composition of a phase's bulk."""
    contact = ends.contacts[name]
    held = {each.name for each in phase.components}
    return contact.potential == 0.0 and contact.stern_capacitance is None and held <= contact.exchanges
