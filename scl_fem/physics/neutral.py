"""The neutral bulk that excesses are counted from: a phase's own, or that of the phase it refers to."""

from __future__ import annotations

import numpy as np

from scl_fem.physics.carrier import Carrier
from scl_fem.physics.components import Component
from scl_fem.physics.phase import Phase
from scl_fem.physics.types import Array


def neutral_phase(phase: Phase) -> Phase:
    """The phase whose neutral bulk stands for that of a phase: itself, or its reference."""
    return phase.reference or phase


def neutral_carrier(phase: Phase, carrier: Carrier) -> Carrier:
    """A carrier of a phase as it is in the neutral bulk; its own where the reference has none of its name."""
    same = (each for each in neutral_phase(phase).carriers if each.name == carrier.name)
    return next(same, carrier)


def neutral_conductivity(phase: Phase, component: Component | None = None) -> float:
    """sigma of a component in the neutral bulk, e/(V s nm); of all where none is named."""
    bulk = neutral_phase(phase)
    return float(bulk.conductivity(np.array(bulk.bulk_potential), component))


def surplus(phase: Phase) -> Array:
    """(n_components,) what a phase holds at the bulk's chemical potentials more than the bulk, 1/nm^3.

    It is 0 but in a phase that has a reference: `Phase` counts excesses from what it would hold by itself.
    """
    found = np.zeros(len(phase.components))
    if phase.reference is None:
        return found
    for number, component in enumerate(phase.components):
        found[number] = _held(phase, component) - _held(phase.reference, component)
    return found


def _held(phase: Phase, component: Component) -> float:
    carriers = [each for each in phase.carriers if each.component == component]
    return sum(each.amount * each.bulk_concentration for each in carriers)
