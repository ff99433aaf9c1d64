"""What "conduction" and "impedance" share: an equilibrium, and a small voltage between its contacts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from scl_fem.physics.contacts import Contact
from scl_fem.postprocess.summary import conduction_summary
from scl_fem.solvers.resistances import Resistances
from scl_fem.studies.ends import probed_contacts
from scl_fem.studies.equilibrium import EquilibriumStudy

if TYPE_CHECKING:  # a plain conduction solve needs none of it
    from scl_fem.solvers.impedance import LinearResponse


class ProbedStudy(EquilibriumStudy):
    """An equilibrium, and what passes its contacts at a small voltage."""

    def probed(self, *, closed_is_open: bool = False) -> dict[str, Contact]:
        """What each contact exchanges.

        Args:
            closed_is_open: whether contacts of kind "closed" exchange everything; else they block.
        """
        return probed_contacts(self.case, self.cell, self.domain.layout, closed_is_open=closed_is_open)

    def response_between(self, contacts: Mapping[str, Contact]) -> LinearResponse:
        """The linear response about the equilibrium. Collective.

        Args:
            contacts: what each exchanges.
        """
        from scl_fem.solvers.impedance import LinearResponse

        found = self.equilibrium
        state = self.system.state(found.phi_in_given_bulks, found.offsets)
        return LinearResponse(self.system, state, contacts, self.case.solver)

    def with_resistances(
        self, numbers: dict[str, Any], resistances: Resistances | None, contacts: Mapping[str, Contact]
    ) -> dict[str, Any]:
        """A summary with the resistances, and with what contacts exchange that is not everything. Collective.

        Args:
            numbers: of the equilibrium.
            resistances: at zero frequency, None where there are none.
            contacts: what each exchanges.
        """
        for component, why in (resistances.obstacles if resistances is not None else {}).items():
            self.reporter.note(f"components.{component} has no resistances: {why}")
        told = dict(numbers["contacts"])
        for name, contact in contacts.items():
            held = dict.fromkeys(
                each.name
                for phase in self.space.contact_weights(name)
                for each in self.phases[phase].components
            )
            exchanged = [each for each in held if each in contact.exchanges]
            if len(exchanged) < len(held):
                told[name] = {**told.get(name, {}), "exchanges": exchanged}
        return {**numbers, "contacts": told, **conduction_summary(resistances)}
