"""The neutral bulks of all phases of a cell, and what their components' potentials are at equilibrium.

A case tells of each phase how full its carriers are, or their energies (`PhaseBulk`). Every component has
one mu~ over all phases that hold it and are in contact through it: that of the reference phase, else of the
first phase that has it, there where that is neutral. Each phase's neutral potential follows from rho = 0, and
what its carriers are like there is its bulk in this cell: the phases that come out count everything from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from scl_fem.errors import InputError, unknown_name
from scl_fem.physics.bulk import PhaseBulk, PhaseInBulk
from scl_fem.physics.components import Component
from scl_fem.physics.phase import Phase

type Pair = tuple[str, str]

_AGREE = 1e-12
"""eV by which two components may put a phase's neutral potential apart: round-off."""


@dataclass(frozen=True)
class ComponentGroup:
    """Phases that hold a component and are in contact through it.

    Attributes:
        component: the one.
        phases: their names, in order.
        potential: mu~ at equilibrium, eV.
    """

    component: Component
    phases: tuple[str, ...]
    potential: float


@dataclass(frozen=True)
class BulkMove:
    """A bulk that cannot be as asked: the potentials that its neighbours set make it another.

    Attributes:
        phase: its name.
        carrier: name of the carrier.
        asked: occupancy that the case gives.
        got: occupancy of the neutral bulk in the cell.
    """

    phase: str
    carrier: str
    asked: float
    got: float

    @property
    def relative(self) -> float:
        """got/asked - 1."""
        return self.got / self.asked - 1.0


@dataclass(frozen=True)
class Cell:
    """Phases in one gauge.

    Attributes:
        phases: by name, each counted from its own bulk in this cell.
        groups: of the components.
        moves: of bulks that are not as asked.
        reference: name of the phase in whose neutral bulk phi = 0.
    """

    phases: dict[str, Phase]
    groups: tuple[ComponentGroup, ...]
    moves: tuple[BulkMove, ...]
    reference: str

    def group(self, component: Component | str, phase: str) -> ComponentGroup:
        """The group of a component that a phase belongs to.

        Raises:
            KeyError: the phase does not hold it.
        """
        name = component if isinstance(component, str) else component.name
        for group in self.groups:
            if group.component.name == name and phase in group.phases:
                return group
        raise KeyError(f"{phase} does not hold {name}")


def cell_of(
    bulks: Sequence[PhaseBulk],
    crossing: Mapping[Pair, Iterable[str]],
    temperature: float,
    reference: str | None = None,
) -> Cell:
    """Find the bulks of a cell.

    Args:
        bulks: what the case tells of each phase, in its order.
        crossing: for each pair of phases that touch, names of the components that cross there.
        temperature: K.
        reference: name of the phase whose levels set the gauge; None: `electrolyte`, else the last that has
            a bulk of its own.

    Raises:
        InputError: a bulk cannot be neutral or be as it is given, separates, or refers to none.
    """
    return _Finder(bulks, crossing, temperature, reference).cell()


@dataclass
class _Finder:
    """Goes from the reference phase to its neighbours.

    Attributes:
        bulks: what the case tells.
        crossing: components that cross, by pair.
        temperature: K.
        reference: name of the phase that sets the gauge, None for the usual one.
    """

    bulks: Sequence[PhaseBulk]
    crossing: Mapping[Pair, Iterable[str]]
    temperature: float
    reference: str | None
    potentials: dict[tuple[str, str], float] = field(default_factory=dict)
    """mu~ by the first phase of a group and the name of the component, as it is found."""

    def cell(self) -> Cell:
        """The cell."""
        given = {bulk.name: PhaseInBulk(bulk, self.temperature) for bulk in self.bulks}
        self.given = given
        self.first = _groups(given, self.crossing)
        own = [name for name, phase in given.items() if not phase.bulk.reference]
        for name, phase in given.items():
            if phase.bulk.reference and phase.bulk.reference not in own:
                key = f"phase.{name}.reference"
                if phase.bulk.reference in given:
                    problem = f"'{phase.bulk.reference}' has a reference itself"
                    raise InputError(problem, key=key, allowed=", ".join(own))
                raise unknown_name("phase", phase.bulk.reference, own).located(key=key)
        phases: dict[str, Phase] = {}
        moves: list[BulkMove] = []
        for name in self._order(own):
            phases[name] = self._with_own_bulk(name, moves)
        for name, phase in given.items():
            if name not in phases:
                phases[name] = self._with_bulk_of(name, phases[phase.bulk.reference])
        in_order = {name: phases[name] for name in given}
        return Cell(in_order, self._component_groups(), tuple(moves), self._chosen(own))

    def _order(self, own: list[str]) -> Iterable[str]:
        """The reference phase, then each time the first that holds a component whose potential is known."""
        left, chosen = list(own), self._chosen(own)
        while left:
            known = [name for name in left if any(self._known(name))]
            # Nothing is known before the reference; a phase that shares nothing has the gauge to itself.
            name = chosen if chosen in left else (known or left)[0]
            left.remove(name)
            yield name

    def _chosen(self, own: list[str]) -> str:
        """The reference phase, of those that have a bulk of their own."""
        chosen = self.reference or ("electrolyte" if "electrolyte" in own else own[-1])
        if chosen not in own:
            raise unknown_name("phase", chosen, own)
        return chosen

    def _known(self, name: str) -> list[bool]:
        return [self._key(name, each) in self.potentials for each in self.given[name].components]

    def _key(self, name: str, component: Component) -> tuple[str, str]:
        return self.first[name, component.name], component.name

    def _with_own_bulk(self, name: str, moves: list[BulkMove]) -> Phase:
        """A phase about the neutral bulk that the known potentials leave it; sets those not known yet."""
        given = self.given[name]
        keys = [self._key(name, each) for each in given.components]
        z = np.array([each.charge_number for each in given.components], dtype=np.float64)
        known = np.array(self._known(name), dtype=bool)
        above = np.array([self.potentials.get(key, 0.0) for key in keys]) - given.levels
        potential, w = self._bulk(given, above, known, z)
        for number in np.flatnonzero(~known):
            self.potentials[keys[number]] = float(given.levels[number] + (z[number] * potential + w[number]))
        phase = given.phase(potential, w)
        for before, after in zip(given.own_occupancies(), phase.carriers, strict=True):
            if after.thermodynamics.bulk_occupancy != before and np.any(w != given.own_w):
                moves.append(BulkMove(name, after.name, before, after.thermodynamics.bulk_occupancy))
        return phase

    def _bulk(
        self, given: PhaseInBulk, above: np.ndarray, known: np.ndarray, z: np.ndarray
    ) -> tuple[float, np.ndarray]:
        """Neutral potential (V), and w of the components there (eV), counted from what is given.

        Args:
            given: the phase.
            above: mu~ less the level of each component, eV, where it is known.
            known: for each component.
            z: charge numbers.
        """
        charged = np.flatnonzero(known & (z != 0.0))
        if not charged.size and not known.any():
            return given.own_potential, given.own_w
        shift = float(above[charged[0]] / z[charged[0]]) if charged.size else 0.0
        if np.all(np.abs(above - z * shift)[known] <= _AGREE):
            return shift + given.own_potential, given.own_w

        def w_at(potential: float) -> np.ndarray:
            return np.where(known, above - z * potential, given.own_w)

        return given.neutral(w_at, shift + given.own_potential)

    def _with_bulk_of(self, name: str, reference: Phase) -> Phase:
        """A phase that has no neutral bulk of its own, about that of the phase it refers to."""
        given, other = self.given[name], self.given[reference.name]
        potential = reference.bulk_potential
        w = np.empty(len(given.components))
        for number, component in enumerate(given.components):
            key = self._key(name, component)
            if key not in self.potentials:
                in_other = (
                    self.potentials[self._key(reference.name, component)]
                    if component in other.components
                    else other.level(component) + component.charge_number * potential
                )
                self.potentials[key] = in_other
            w[number] = self.potentials[key] - other.level(component) - component.charge_number * potential
        return given.phase_about(potential, w, other, reference)

    def _component_groups(self) -> tuple[ComponentGroup, ...]:
        members: dict[tuple[str, str], list[str]] = {}
        components: dict[tuple[str, str], Component] = {}
        for name, phase in self.given.items():
            for component in phase.components:
                key = self._key(name, component)
                members.setdefault(key, []).append(name)
                components[key] = component
        return tuple(
            ComponentGroup(components[key], tuple(names), self.potentials[key])
            for key, names in members.items()
        )


def _groups(
    given: Mapping[str, PhaseInBulk], crossing: Mapping[Pair, Iterable[str]]
) -> dict[tuple[str, str], str]:
    """For each phase and component of it the first phase that is in contact with it through that."""
    order = {name: number for number, name in enumerate(given)}
    first = {(name, each.name): name for name, phase in given.items() for each in phase.components}
    for (one, other), components in crossing.items():
        for component in components:
            if (one, component) not in first or (other, component) not in first:
                continue
            joined = {first[one, component], first[other, component]}
            earliest = min(joined, key=order.__getitem__)
            for key, value in first.items():
                if key[1] == component and value in joined:
                    first[key] = earliest
    return first
