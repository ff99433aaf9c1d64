"""The outer ends of a cell in the discrete Poisson equation: potentials that are held, charges, capacitors.

At a contact with a Stern capacitance C in series the charge per area C (phi_m - phi) enters the phase, phi_m
the potential of the metal; where phi itself is held, the charge of the contact is the reaction there.
"""

from __future__ import annotations

from collections.abc import Mapping

import scl_fem._stack  # noqa: F401  (MPI before PETSc)

# isort: split
import numpy as np
from petsc4py import PETSc

from scl_fem.discretisation.space import Phases, PotentialSpace
from scl_fem.physics.contacts import Contact
from scl_fem.physics.types import Array


class Ends:
    """The contacts of a cell on its nodes.

    Attributes:
        space: of the potential.
        contacts: by name.
        held: local nodes where phi is held, by contact and the phase that it touches.
        rows: their global numbers, those that this rank owns.
        owned: the same as local numbers.
    """

    def __init__(self, space: PotentialSpace, contacts: Mapping[str, Contact]) -> None:
        """Find the nodes. Collective.

        Args:
            space: of the potential.
            contacts: by name; those of the mesh that are not named are closed.

        Raises:
            InputError: the mesh has no facets of a contact at which something is to happen.
        """
        self.space, self.contacts = space, dict(contacts)
        self.weights = {}
        for name in (name for name, each in self.contacts.items() if each.active):
            space.domain.require(name)
            self.weights[name] = space.contact_weights(name)
        self.held = {
            (name, phase): space.facet_dofs(name, phase)
            for name, phases in self.weights.items()
            if contacts[name].held and contacts[name].stern_capacitance is None
            for phase in phases
        }
        dofs = np.concatenate([np.empty(0, np.int32), *self.held.values()])
        self.owned = np.unique(dofs[dofs < space.owned])
        self.rows = space.space.dofmap.index_map.local_to_global(self.owned).astype(PETSc.IntType)
        self.in_series = {
            (name, phase): (contacts[name].stern_capacitance or 0.0) * weights
            for name, phases in self.weights.items()
            if contacts[name].held and contacts[name].stern_capacitance is not None
            for phase, weights in phases.items()
        }

    @property
    def any_held(self) -> bool:
        """Whether the potential is held somewhere: then constants are not free."""
        return bool(self.held or self.in_series)

    @property
    def any_metal(self) -> bool:
        """Whether a contact has a charge that goes with its potential."""
        return any(contact.has_capacitance for contact in self.contacts.values())

    def metal_charges(self, unbalanced: Array, phi: Array, load: Array) -> Array:
        """Charges of metals at the owned nodes, e.

        Args:
            unbalanced: of the owned nodes, e: the reaction where phi is held.
            phi: at the owned nodes, V, counted as for the load.
            load: what contacts bring.
        """
        found = load - self.capacitors * phi
        for (name, _), dofs in self.held.items():
            if self.contacts[name].has_capacitance:
                owned = dofs[dofs < self.space.owned]
                found[owned] = unbalanced[owned]
        return found

    @property
    def capacitors(self) -> Array:
        """Stern capacitances of the owned nodes, e/V."""
        return sum(self.in_series.values(), np.zeros(self.space.owned))

    def potential(self, name: str, phase: str, phases: Phases, fraction: float = 1.0) -> float:
        """phi of a contact that is held, where it touches a phase, V.

        Args:
            name: of the contact.
            phase: name of the phase.
            phases: with the bulk potentials of this stage.
            fraction: of the contact's own potential.
        """
        return phases[phase].bulk_potential + fraction * (self.contacts[name].potential or 0.0)

    def load(self, phases: Phases, fraction: float, reference: float) -> Array:
        """Charges that the contacts bring to the owned nodes, e, but for what they take in turn: C phi.

        Args:
            phases: with the bulk potentials of this stage.
            fraction: of the contacts' own potentials and charges.
            reference: potential that phi is counted from, V.
        """
        total = np.zeros(self.space.owned)
        for (name, phase), capacitance in self.in_series.items():
            total += capacitance * (self.potential(name, phase, phases, fraction) - reference)
        for name in self.weights:
            contact = self.contacts[name]
            if not contact.held and contact.surface_charge:
                total += fraction * contact.surface_charge * self.space.facet_weights(name)
        return total

    def hold(self, values: Array, phases: Phases, fraction: float = 1.0) -> None:
        """Put the potentials of this stage at the local nodes where they are held.

        Args:
            values: at all local nodes, V.
            phases: with the bulk potentials of this stage.
            fraction: of the contacts' own potentials.
        """
        for (name, phase), dofs in self.held.items():
            values[dofs] = self.potential(name, phase, phases, fraction)

    def responding(self, values: Array, moved: Mapping[str, float]) -> None:
        """Put what held nodes move by.

        Args:
            values: of the owned nodes, V.
            moved: by contact, V.
        """
        for (name, _), dofs in self.held.items():
            values[dofs[dofs < self.space.owned]] = moved.get(name, 0.0)

    def charges(self, unbalanced: Array, phi: Array, phases: Phases) -> dict[str, float]:
        """Charge of each contact at which something happens, e. Collective.

        Args:
            unbalanced: K phi - q of the owned nodes, e: the reaction where phi is held.
            phi: at the owned nodes, V.
            phases: with their bulk potentials.
        """
        found = {}
        for name, by_phase in self.weights.items():
            contact = self.contacts[name]
            if not contact.held:
                found[name] = (contact.surface_charge or 0.0) * self.space.area(name)
            elif contact.stern_capacitance is None:
                dofs = np.unique(np.concatenate([self.held[name, phase] for phase in by_phase]))
                found[name] = self.space.sum(unbalanced[dofs[dofs < self.space.owned]])
            else:
                found[name] = sum(
                    self.space.sum(self.in_series[name, phase] * (self.potential(name, phase, phases) - phi))
                    for phase in by_phase
                )
        return found
