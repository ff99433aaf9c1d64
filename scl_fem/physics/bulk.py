"""One phase as a case tells of it: how full its carriers are in a neutral bulk, and what makes that neutral.

Where no fixed charge is given, the immobile rest of the crystal balances the carriers as they are given.
Where one is given (0 is one), energies and levels hold at phi = 0, and the neutral potential of the phase by
itself solves rho = 0: Frenkel and Schottky disorder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from scl_fem.constants import thermal_energy
from scl_fem.errors import InputError
from scl_fem.physics.carrier import Carrier
from scl_fem.physics.components import Component
from scl_fem.physics.crossing import root
from scl_fem.physics.defects import DefectLaw, NoDefects
from scl_fem.physics.diffusivity import Constant, DiffusivityLaw
from scl_fem.physics.phase import Phase
from scl_fem.physics.statistics import STATISTICS, Statistics
from scl_fem.physics.types import Array


def _immobile(bulk_vacancy: float) -> DiffusivityLaw:
    """D = 0."""
    return Constant(0.0, 0.0, bulk_vacancy)


@dataclass(frozen=True)
class CarrierBulk:
    """What a case gives of a carrier: one of occupancy, concentration, energy.

    Attributes:
        name: of the carrier.
        component: what it holds.
        site_density: N in 1/nm^3; None for a dilute carrier of a concentration, which is its unit then.
        amount: 1 or -1.
        statistics: a name of `STATISTICS`.
        group: name of the sites that it shares, "" for its own.
        occupancy: y_0, whatever the temperature.
        concentration: N y_0 in 1/nm^3.
        energy: formation energy in eV.
        regular_solution: Omega in eV.
        defects: interactions, about y_0.
        diffusivity: the law for what is vacant in the bulk.
        thermodynamics: the law for y_0 and kT, instead of `statistics` and the excess terms.
        frozen: whether it stays where it is, as a fixed charge.
        frozen_at: K; the temperature at which it last moved, None for the case's.
    """

    name: str
    component: Component
    site_density: float | None = None
    amount: int = 1
    statistics: str = "lattice"
    group: str = ""
    occupancy: float | None = None
    concentration: float | None = None
    energy: float | None = None
    regular_solution: float = 0.0
    defects: DefectLaw = field(default_factory=NoDefects)
    diffusivity: Callable[[float], DiffusivityLaw] = _immobile
    thermodynamics: Callable[[float, float], Statistics] | None = None
    frozen: bool = False
    frozen_at: float | None = None

    @property
    def moves(self) -> bool:
        """Whether it is none of the frozen ones."""
        return not self.frozen and self.frozen_at is None

    @property
    def charge_number(self) -> int:
        """z_k."""
        return self.amount * self.component.charge_number

    @property
    def density(self) -> float:
        """N in 1/nm^3.

        Raises:
            InputError: it is not given.
        """
        if self.site_density is not None:
            return self.site_density
        if self.statistics == "dilute" and self.concentration is not None:
            return self.concentration
        raise InputError(f"the carrier {self.name} has no sites", allowed="sites, in 1/nm^3")

    def bulk_occupancy(self, kT: float) -> float:
        """y_0 of a carrier on sites of its own.

        Raises:
            InputError: not one of occupancy, concentration and energy is given.
        """
        given = [each for each in (self.occupancy, self.concentration, self.energy) if each is not None]
        if len(given) != 1:
            raise InputError(
                f"{len(given)} of occupancy, concentration and energy are given for the carrier {self.name}",
                allowed="one of the three",
            )
        if self.occupancy is not None:
            return self.occupancy
        if self.concentration is not None:
            return self.concentration / self.density
        return STATISTICS[self.statistics].occupancy(given[0], kT)


@dataclass(frozen=True)
class PhaseBulk:
    """What a case gives of a phase.

    Attributes:
        name: of the phase.
        material: name of its material.
        relative_permittivity: eps_r.
        carriers: the main one first; frozen ones anywhere.
        levels: mu~ of components in the neutral bulk at phi = 0, eV, by name; 0 where there is none.
        fixed_charge: e/nm^3 of what is not a carrier; None: what makes the bulk neutral as it is given.
        reference: name of the phase whose levels, bulk and fixed charge it takes; "" for its own.
        energy_shifts: by how much the energy of carriers is raised all through the phase, eV, by name.
    """

    name: str
    material: str
    relative_permittivity: float
    carriers: tuple[CarrierBulk, ...]
    levels: Mapping[str, float] = field(default_factory=dict)
    fixed_charge: float | None = None
    reference: str = ""
    energy_shifts: Mapping[str, float] = field(default_factory=dict)


class PhaseInBulk:
    """A phase at a temperature, counted from what the case gives.

    Attributes:
        bulk: what the case gives.
        as_given: the phase about that.
        components: of its mobile carriers.
        levels: of the components, eV.
    """

    def __init__(self, bulk: PhaseBulk, temperature: float) -> None:
        """Make the carriers.

        Args:
            bulk: what the case gives.
            temperature: K.

        Raises:
            InputError: carriers cannot be as they are given, or the phase separates.
        """
        self.bulk, self._temperature, self._kT = bulk, temperature, thermal_energy(temperature)
        try:
            mobile = tuple(self._carrier(each) for each in bulk.carriers if each.moves)
            self.as_given = Phase(bulk.name, bulk.material, bulk.relative_permittivity, 0.0, mobile)
            self.as_given.check_stable()
        except InputError as error:
            raise error.located(key=f"phase.{bulk.name}") from None
        self.components = self.as_given.components
        self.levels: Array = np.array([self.level(each) for each in self.components])
        self._charge_numbers: Array = np.array([each.charge_number for each in self.components], np.float64)
        self._shift: Array = np.array([bulk.energy_shifts.get(each.name, 0.0) for each in mobile])

    # Carriers as they are given ---------------------------------------------------------------

    def _carrier(self, given: CarrierBulk) -> Carrier:
        occupancy, vacancy = self._occupancy(given)
        if given.thermodynamics is not None:
            law = given.thermodynamics(occupancy, self._kT)
        else:
            kind = STATISTICS[given.statistics]
            try:
                law = kind.law(occupancy, self._kT, given.regular_solution, given.defects)
            except InputError as error:
                raise InputError(f"carrier {given.name}: {error.problem}", allowed=error.allowed) from None
        free = vacancy if law.fills_its_sites else 1.0
        return Carrier(
            given.name,
            given.component,
            given.density,
            law,
            given.diffusivity(free),
            given.amount,
            given.group,
        )

    def _occupancy(self, given: CarrierBulk) -> tuple[float, float]:
        """y_0, and what is vacant of the sites.

        Of carriers that share sites those with an energy take exp(-E/kT) for each that is vacant.
        """
        if not given.group:
            occupancy = given.bulk_occupancy(self._kT)
            return occupancy, 1.0 - occupancy
        sharing = [each for each in self.bulk.carriers if each.group == given.group]
        if not all(each.moves for each in sharing):
            raise InputError(
                f"a frozen carrier cannot share the sites '{given.group}' with one that moves",
                allowed="sites of its own, and fewer of them for the others",
            )
        taken = sum(each.bulk_occupancy(self._kT) for each in sharing if each.energy is None)
        weights = [np.exp(-each.energy / self._kT) for each in sharing if each.energy is not None]
        vacancy = (1.0 - taken) / (1.0 + float(sum(weights)))
        if given.energy is None:
            return given.bulk_occupancy(self._kT), vacancy
        return vacancy * float(np.exp(-given.energy / self._kT)), vacancy

    def level(self, component: Component) -> float:
        """mu~ of a component in the neutral bulk at phi = 0, eV; 0 where it has none."""
        return float(self.bulk.levels.get(component.name, 0.0))

    # What is not mobile -----------------------------------------------------------------------

    def _frozen_charge(self, about: PhaseInBulk | None = None) -> float:
        """e/nm^3 of the frozen carriers.

        Args:
            about: the phase whose bulk this one is in equilibrium with, None for its own.
        """
        return sum(
            each.charge_number * each.density * self._frozen_occupancy(each, about)
            for each in self.bulk.carriers
            if not each.moves
        )

    def _frozen_occupancy(self, given: CarrierBulk, about: PhaseInBulk | None) -> float:
        if given.frozen_at is None:
            return self._occupancy(replace(given, group=""))[0]
        hot = _thawed(self.bulk, given.frozen_at)
        w = hot.own_w if about is None else _thawed(about.bulk, given.frozen_at).own_w_of(hot.components)
        for carrier in hot.phase(0.0, w).carriers:
            if carrier.name == given.name:
                return carrier.thermodynamics.bulk_occupancy
        raise AssertionError(f"{given.name} does not move at {given.frozen_at} K")

    @cached_property
    def _immobile_charge(self) -> float:
        """e/nm^3 of all that is not mobile, where the fixed charge is given."""
        return float(self.bulk.fixed_charge or 0.0) + self._frozen_charge()

    # Neutrality -------------------------------------------------------------------------------

    def _charge(self, w: Array) -> float:
        """rho at chemical potentials of the components (eV, counted from what is given)."""
        state = self.as_given.evaluate(w[:, None], self._shift[:, None])
        if self.bulk.fixed_charge is None:
            return float(state.charge[0])
        # Not excess by excess: few carriers would be lost beside the many that are given.
        occupancies = self.as_given.carrier_occupancies(state)
        mobile = sum(
            each.charge_number * each.site_density * float(occupancies[each.name][0])
            for each in self.as_given.carriers
        )
        return mobile + self._immobile_charge

    def neutral(self, w_at: Callable[[float], Array], guess: float) -> tuple[float, Array]:
        """The potential (V) at which the phase is neutral, and w there.

        Args:
            w_at: w of the components (eV) as a function of the potential.
            guess: a potential.

        Raises:
            InputError: there is none.
        """
        found = root(lambda potential: self._charge(w_at(potential)), guess)
        if found is None:
            fixed = self.bulk.fixed_charge
            given = "" if fixed is None else f" with a fixed charge of {fixed:g} e/nm^3"
            low, high = (self._charge(w_at(guess + sign * 50.0)) for sign in (1.0, -1.0))
            raise InputError(
                f"the bulk of {self.bulk.name} cannot be neutral{given}: "
                f"its charge is between {low:.4g} and {high:.4g} e/nm^3 whatever its potential",
                key=f"phase.{self.bulk.name}",
                allowed="carriers of both signs, or a fixed charge that those there can balance",
            )
        return found, w_at(found)

    @cached_property
    def _own(self) -> tuple[float, Array]:
        at_rest = np.zeros(len(self.components))
        if not self._shift.any() and (self.bulk.fixed_charge is None or self._charge(at_rest) == 0.0):
            return 0.0, at_rest
        return self.neutral(lambda potential: -self._charge_numbers * potential, 0.0)

    @property
    def own_potential(self) -> float:
        """Neutral potential (V) where every component is at its level."""
        return self._own[0]

    @property
    def own_w(self) -> Array:
        """w of the components there (eV), counted from what is given."""
        return self._own[1]

    def own_w_of(self, components: tuple[Component, ...]) -> Array:
        """The same for the components of another phase: those that this one lacks are at their level."""
        found = []
        for each in components:
            if each in self.components:
                found.append(self.own_w[self.components.index(each)])
            else:
                found.append(-each.charge_number * self.own_potential)
        return np.array(found)

    def own_occupancies(self) -> list[float]:
        """Of the mobile carriers in the neutral bulk of the phase by itself."""
        return [each.thermodynamics.bulk_occupancy for each in self.phase(0.0, self.own_w).carriers]

    # The phase about a bulk -------------------------------------------------------------------

    def phase(self, potential: float, w: Array) -> Phase:
        """The phase counted from the state at w, its neutral bulk.

        Args:
            potential: of it, V.
            w: of the components, eV.
        """
        carriers = self.as_given.recentred(w, self._shift)
        return replace(self.as_given, bulk_potential=potential, carriers=carriers)

    def phase_about(self, potential: float, w: Array, other: PhaseInBulk, bulk: Phase) -> Phase:
        """The phase counted from another's neutral bulk, where it is charged.

        Args:
            potential: of that bulk, V.
            w: of the components there, eV.
            other: the phase that it refers to.
            bulk: that in the cell.
        """
        phase = self.phase(potential, w)
        charges = [
            *(each.charge_number * each.bulk_concentration for each in phase.carriers),
            *(-each.charge_number * each.bulk_concentration for each in bulk.carriers),
            self._frozen_charge(other),
            -other._frozen_charge(),
        ]
        return replace(phase, charge_at_bulk=float(np.sum(charges)), reference=bulk)


def _thawed(bulk: PhaseBulk, temperature: float) -> PhaseInBulk:
    """A phase at the temperature at which some of its carriers froze: they still move."""
    carriers = tuple(
        replace(each, frozen=False, frozen_at=None) if each.frozen_at == temperature else each
        for each in bulk.carriers
    )
    return PhaseInBulk(replace(bulk, carriers=carriers), temperature)
