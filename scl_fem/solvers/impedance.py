"""The linear response about an equilibrium: resistance at zero frequency, impedance above.

With deviations proportional to exp(i omega t) the linearised equations read

    K dphi - sum of z_i dn_i = 0                               (Poisson)
    dn_i + (1/(i omega)) B dmu_i = 0                           (continuity; B: mobility and interface laws)
    dn_i = sum of C_ij (dmu_j - z_j dphi)                      (C: slopes of the amounts)

that is (A - (i/omega) B) x = 0 with the contacts held. PETSc is real here: the real and the
imaginary part are solved for together, as a system of twice the size.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import scl_fem._stack  # noqa: F401  (MPI before PETSc)

# isort: split
import numpy as np
from petsc4py import PETSc

from scl_fem.equations.operator import MatrixEntries, Pattern
from scl_fem.equations.state import Amounts, State
from scl_fem.equations.system import System
from scl_fem.errors import ConvergenceError, InputError
from scl_fem.physics.components import Component
from scl_fem.physics.contacts import Contact
from scl_fem.physics.types import Array
from scl_fem.solvers.blocking import Levels
from scl_fem.solvers.linear import solve_symmetric
from scl_fem.solvers.resistances import Resistances
from scl_fem.solvers.settings import SolverSettings
from scl_fem.solvers.terminals import HeldUnknowns, Terminal


class LinearResponse:
    """A cell linearised about an equilibrium, a small voltage between its first contact and the others.

    Attributes:
        system: unknowns and physics.
        held: the contacts on the nodes.
        settings: of the linear solver.
    """

    def __init__(
        self, system: System, state: State, contacts: Mapping[str, Contact], settings: SolverSettings
    ) -> None:
        """Evaluate the coefficients at equilibrium. Collective.

        Args:
            system: unknowns and physics.
            state: equilibrium; no mu~ varies.
            contacts: what each exchanges, and the capacitance in series; all hold their potential.
            settings: of the linear solver.

        Raises:
            InputError: a contact is not in the mesh.
        """
        self.system, self.settings, self._state = system, settings, state
        terminals = {
            name: Terminal(Contact(each.exchanges, 0.0, stern_capacitance=each.stern_capacitance))
            for name, each in contacts.items()
        }
        self.held = HeldUnknowns(system, terminals)
        self._first = next(iter(contacts))
        self._physics = system.evaluate(state)
        self._conductances = system.steady_conductances(state)
        self._entries = MatrixEntries(system)

    # Zero frequency ------------------------------------------------------------------------

    @cached_property
    def passing(self) -> tuple[str, ...]:
        """Names of the components that pass from the first contact to another."""
        return tuple(each.name for each in self.system.components if each.name not in self.obstacles)

    @cached_property
    def obstacles(self) -> dict[str, str]:
        """Why each of the other components does not pass, by its name."""
        found = {each.name: self._obstacle(each) for each in self.system.components}
        return {name: why for name, why in found.items() if why}

    def _obstacle(self, component: Component) -> str:
        """What keeps a component from passing from the first contact to another; "" where nothing does."""
        if not component.charge_number:
            return "it carries no charge"
        first, *others = self.held.terminals
        regions = [set(group.regions) for group in self.system.groups if group.component == component]
        reached = {
            end: [each for each in regions if each & set(self.held.phases_at(end))]
            for end, terminal in self.held.terminals.items()
            if component.name in terminal.contact.exchanges
        }
        for end in (first, *(others if not any(map(reached.get, others)) else ())):
            if end not in reached:
                return f"contact {end} does not exchange it"
            if not reached[end]:
                return f"it is not mobile in the phase at contact {end}"
        if any(region in reached.get(end, []) for region in reached[first] for end in others):
            return ""
        if not others:
            return f"{first} is the only contact"
        return f"no phases that hold it lead from contact {first} to {' or '.join(others)}"

    @property
    def why_none(self) -> str:
        """Why there is no resistance at zero frequency where nothing passes."""
        told = "; ".join(f"{name}: {why}" for name, why in self.obstacles.items())
        return f"no component passes from contact to contact ({told}): no resistance at zero frequency"

    def resistances(self) -> Resistances:
        """At zero frequency: the conduction of the frozen state, by what the contacts exchange.

        Raises:
            ConvergenceError: a linear solve gave up.
            InputError: no component passes both contacts.
        """
        system = self.system
        if not self.passing:
            raise InputError(
                self.why_none,
                key="boundary",
                allowed="contacts that exchange a component that both of them reach",
            )
        total, psi = self._powers(system, self._conductances)
        perfect = system.in_perfect_contact()
        bulk, _ = self._powers(perfect, perfect.conductances(perfect.neutral_mobilities))
        area = system.space.interface_area
        each = {name: Resistances(area / total[name], area / bulk[name], psi[name]) for name in self.passing}
        together = area / sum(total.values()), area / sum(bulk.values())
        of_main = {
            name: psi[main][name]
            for name, main in ((name, phase.main.component.name) for name, phase in system.phases.items())
            if name in psi.get(main, {})
        }
        if len(system.components) == 1:
            return Resistances(*together, of_main)
        return Resistances(*together, of_main, components=each, obstacles=self.obstacles)

    def _powers(
        self, system: System, conductances: Amounts
    ) -> tuple[dict[str, float], dict[str, dict[str, Array]]]:
        """Power (e V/s) that each passing component loses at 1 V, and its mu~/(z e) in each phase, V."""
        entries, held = MatrixEntries(system), HeldUnknowns(system, self.held.terminals)
        own = system.unknowns.global_numbers[: system.unknowns.size]
        matrix = entries.matrix(entries.conduction_pattern, entries.crossing_pattern, (own, own))
        conducting = np.concatenate(
            [entries.conduction(conductances), entries.crossing(self._state), np.zeros(own.size)]
        )
        matrix.setValuesCOO(conducting, PETSc.InsertMode.INSERT_VALUES)
        answer, load = matrix.createVecs()
        state = system.still()
        held.apply_deviation(state, self._first, 1.0)
        answer.array[:] = system.unknowns.pack(state)
        # phi plays no part here, nor does what no contact exchanges: held as well.
        resting = [system.unknowns.phi[: system.space.owned]]
        for group in held.closed_groups:
            for name in group.regions:
                numbers = system.unknowns.mu[name][system.number(name, group.component)]
                resting.append(numbers[: system.regions[name].owned])
        rows = np.unique(np.concatenate([held.local_rows, *resting]))
        rows = system.unknowns.global_numbers[rows].astype(PETSc.IntType)
        matrix.zeroRowsColumns(rows, diag=1.0, x=answer, b=load)
        solve_symmetric(matrix, load, answer, self.settings, system.space.domain.dimension)
        mu = system.unknowns.unpack(answer.array_r).mu
        powers = dict.fromkeys(self.passing, 0.0)
        for (_, component), power in system.losses(mu, conductances, self._state).items():
            if component in powers:
                powers[component] += power
        psi: dict[str, dict[str, Array]] = {name: {} for name in self.passing}
        for name, values in mu.items():
            for solved, of_one in zip(system.regions[name].phase.components, values, strict=True):
                if solved.name in psi:
                    psi[solved.name][name] = of_one / solved.charge_number
        return powers, psi

    # Impedance -----------------------------------------------------------------------------

    def impedance(self, frequency: float) -> complex:
        """Area-specific impedance, V s nm^2/e.

        Args:
            frequency: in Hz.

        Raises:
            ConvergenceError: the linear solve gave up.
        """
        omega = 2.0 * np.pi * frequency
        system, held = self.system, self.held
        matrix = self._complex_matrix(omega)
        deviation = system.still()
        held.apply_deviation(deviation, self._first, 1.0)
        kept = np.zeros(system.unknowns.size, dtype=bool)
        kept[held.local_rows] = True
        answer, load = matrix.createVecs()
        answer.array[::2] = np.where(kept, system.unknowns.pack(deviation), 0.0)
        load.array[::2] = self._charging
        rows = held.rows
        rows_of_both = np.concatenate([2 * rows, 2 * rows + 1]).astype(PETSc.IntType)
        matrix.zeroRowsColumns(rows_of_both, diag=1.0, x=answer, b=load)
        self._solve(matrix, load, answer)
        solved = answer.array_r[::2] + 1j * answer.array_r[1::2]
        differences, x = self._levels.parted(solved)
        current = self._current(x, omega)
        impedance = system.space.interface_area / current
        # Far from the relaxation the real part drowns in the imaginary one; the power that the current
        # loses does not.
        resistance = self._dissipation(differences) * system.space.interface_area / abs(current) ** 2
        return complex(resistance, impedance.imag)

    @cached_property
    def _charging(self) -> Array:
        """(owned,) charge that 1 V at the first contact puts on a capacitor in series there, e."""
        system, load = self.system, np.zeros(self.system.unknowns.size)
        capacitance = self.held.terminals[self._first].contact.stern_capacitance
        if capacitance is not None:
            weights = system.space.facet_weights(self._first)
            load[system.unknowns.phi[: system.space.owned]] = capacitance * weights
        return load

    def _dissipation(self, x: np.ndarray) -> float:
        """Power lost at a deviation x: mu B mu of its real and its imaginary part, e V/s."""
        lost = 0.0
        for part in (x.real, x.imag):
            mu = self.system.unknowns.unpack(part).mu
            lost += sum(self.system.losses(mu, self._conductances, self._state).values())
        return lost

    @cached_property
    def _levels(self) -> Levels:
        return Levels(self.system, self.held.closed_groups)

    @cached_property
    def _parts(self) -> tuple[tuple[Pattern, ...], Array, Array]:
        """Where A and B have entries, those of A, and those of B; levels of closed groups are unknowns."""
        entries, levels = self._entries, self._levels
        capacitors, capacitances = self.held.capacitors
        storage = entries.storage(self._physics)
        level_pattern, of_levels = levels.added(entries.storage_pattern, storage)
        conducting = []
        for pattern, values in (
            (entries.conduction_pattern, entries.conduction(self._conductances)),
            (entries.crossing_pattern, entries.crossing(self._state)),
        ):
            conducting.append(np.where(levels.touched(pattern), 0.0, values))
        flowing = np.concatenate(conducting)
        static = np.concatenate([entries.displacement, capacitances, storage, of_levels])
        places = (
            entries.displacement_pattern,
            capacitors,
            entries.storage_pattern,
            level_pattern,
            entries.conduction_pattern,
            entries.crossing_pattern,
        )
        return (
            places,
            np.concatenate([static, np.zeros_like(flowing)]),
            np.concatenate([np.zeros_like(static), flowing]),
        )

    def _complex_matrix(self, omega: float) -> PETSc.Mat:
        """[[A, B/omega], [-B/omega, A]] with real and imaginary parts in turn."""
        places, static, conducting = self._parts
        coupled = conducting / omega
        # Each block has the places of both A and B: that keeps real and imaginary part together in the
        # factorisation, which costs digits at low frequencies otherwise.
        blocks = [(i, j) for i in (0, 1) for j in (0, 1)]
        matrix = self._entries.matrix(
            *((2 * rows + i, 2 * columns + j) for i, j in blocks for rows, columns in places), unknowns_each=2
        )
        matrix.setValuesCOO(
            np.concatenate([static, coupled, -coupled, static]), PETSc.InsertMode.INSERT_VALUES
        )
        return matrix

    def _solve(self, matrix: PETSc.Mat, load: PETSc.Vec, answer: PETSc.Vec) -> None:
        solver = PETSc.KSP().create(matrix.comm)
        solver.setOperators(matrix)
        solver.setType("preonly")
        solver.getPC().setType("lu")
        solver.getPC().setFactorSolverType("mumps")
        solver.solve(load, answer)
        reason = solver.getConvergedReason()
        solver.destroy()
        if reason < 0:
            raise ConvergenceError(f"the factorisation at this frequency failed (PETSc reason {reason})")

    def _current(self, x: np.ndarray, omega: float) -> complex:
        """Current into the first contact at a deviation x.

        It is the reaction of the rows of B of what the contact exchanges and, times i omega, of those of
        Poisson, in which the charge of these components stored at the contact's nodes drops out. Taking
        what is blocked by its charge spares the cancellation of two ionic currents.
        """
        system, nodes = self.system, self.held.owned_nodes(self._first)
        exchanged = self.held.terminals[self._first].contact.exchanges
        total = 0.0 + 0.0j
        for part, unit in ((x.real, 1.0), (x.imag, 1.0j)):
            state = system.unknowns.unpack(part)
            flux = system.displacement(state.phi) - self._blocked_charges(state, exchanged)
            carried = system.currents(state.mu, self._conductances, exchanged)
            total += unit * (system.space.sum(carried[nodes]) + 1j * omega * system.space.sum(flux[nodes]))
        return total

    def _blocked_charges(self, deviation: State, exchanged: frozenset[str]) -> Array:
        """(owned,) charges of the components that a contact does not exchange, at a deviation, e."""
        charges = np.zeros(self.system.space.owned)
        for name, region in self.system.regions.items():
            amounts = region.response(self._capacitances[name], deviation)
            for component, amount in zip(region.phase.components, amounts, strict=True):
                if component.name not in exchanged:
                    charges[region.nodes[: region.owned]] += component.charge_number * amount
        return charges

    @cached_property
    def _capacitances(self) -> dict[str, Array]:
        return {name: each.capacitances(self._physics[name]) for name, each in self.system.regions.items()}
