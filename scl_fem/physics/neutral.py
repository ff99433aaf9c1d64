"""The neutral bulk that excesses are counted from: a phase's own, or that of the phase it refers to."""

from __future__ import annotations

import numpy as np

from scl_fem.physics.carrier import Carrier
from scl_fem.physics.components import Component
from scl_fem.physics.phase import Phase
from scl_fem.physics.types import Array

_FIRST_REACH, _FARTHEST = 0.1, 10.0
"""V from the potential of the bulk."""

_HALVINGS = 24


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


def neutral_potentials(phase: Phase, shift: Array) -> Array:
    """(n,) potentials at which a phase by itself would be neutral, V, to a microvolt or so.

    They bracket what the potential of a charged core can be; where none makes it neutral, one far off.

    Args:
        phase: with its charge at the bulk.
        shift: (n_carriers, n) energies that depend on the place, eV.
    """
    low, high = (np.full(shift.shape[1], phase.bulk_potential) for _ in range(2))
    # rho falls with phi
    reach = _FIRST_REACH
    while reach < _FARTHEST:
        low = np.where(phase.charge_density(low, shift) < 0.0, phase.bulk_potential - reach, low)
        high = np.where(phase.charge_density(high, shift) > 0.0, phase.bulk_potential + reach, high)
        reach *= 2.0
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        above = phase.charge_density(middle, shift) > 0.0
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return 0.5 * (low + high)


def _held(phase: Phase, component: Component) -> float:
    carriers = [each for each in phase.carriers if each.component == component]
    return sum(each.amount * each.bulk_concentration for each in carriers)
