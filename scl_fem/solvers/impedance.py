"""The linear response about an equilibrium: resistance at zero frequency, impedance above.

With deviations proportional to exp(i omega t) the linearised equations read

    (K + S) dphi - S dmu = 0                        (Poisson; S: slope of the charge)
    S (dmu - dphi) + (1/(i omega)) B dmu = 0        (continuity; B: mobility and interface law)

that is (A - (i/omega) B) x = 0 with the terminals held. PETSc is real here: the real and the
imaginary part are solved for together, as a system of twice the size.
"""

from __future__ import annotations

from functools import cached_property

import scl_fem._stack  # noqa: F401  (MPI before PETSc)

# isort: split
import numpy as np
from petsc4py import PETSc

from scl_fem.discretisation.entries import MatrixEntries, Pattern
from scl_fem.discretisation.transport import TransportSystem
from scl_fem.discretisation.unknowns import State
from scl_fem.errors import ConvergenceError
from scl_fem.mesh.domain import ELECTRODE
from scl_fem.physics.interface import PerfectContact
from scl_fem.physics.types import Array
from scl_fem.solvers.blocking import level_entries, level_pattern, parted, touches_level
from scl_fem.solvers.linear import solve_symmetric
from scl_fem.solvers.resistances import Resistances
from scl_fem.solvers.settings import SolverSettings
from scl_fem.solvers.terminals import HeldUnknowns, Terminals


class LinearResponse:
    """A transport system linearised about an equilibrium.

    Attributes:
        system: unknowns and physics.
        settings: of the linear solver.
    """

    def __init__(self, system: TransportSystem, phi: Array, settings: SolverSettings) -> None:
        """Evaluate the coefficients at equilibrium.

        Args:
            system: unknowns and physics.
            phi: equilibrium potential at the local nodes, V; mu_e is zero everywhere.
            settings: of the linear solver.
        """
        self.system, self.settings = system, settings
        self._state = State(phi, {tag: np.zeros_like(phi) for tag in self.system.phases})
        self._physics = system.evaluate(self._state)
        self._conductances = system.steady_conductances(self._state)
        self._entries = MatrixEntries(system)

    def _conduction(self, entries: MatrixEntries, conductances: dict[str, Array]) -> Array:
        """Entries of B, mobility and interface law, at the places of A and B."""
        still = np.zeros(entries.displacement_pattern[0].size)
        at_rest, moving = (entries.nodal(self._state, self._physics, length) for length in (0.0, 1.0))
        return np.concatenate([still, entries.conduction(conductances), moving - at_rest])

    def _at_rest(self) -> State:
        """No deviation at all."""
        phi = np.zeros_like(self._state.phi)
        return State(phi, {tag: phi.copy() for tag in self.system.phases})

    # Zero frequency ------------------------------------------------------------------------

    def resistances(self) -> Resistances:
        """At zero frequency with reversible terminals: the conduction of the frozen state.

        Raises:
            ConvergenceError: a linear solve gave up.
        """
        system = self.system
        perfect = TransportSystem(system.space, system.phases, PerfectContact())
        total, psi = self._resistance(system, self._conductances)
        bulk, _ = self._resistance(perfect, perfect.conductances(perfect.bulk_mobilities))
        return Resistances(total, bulk, psi)

    def _resistance(
        self, system: TransportSystem, conductances: dict[str, Array]
    ) -> tuple[float, dict[str, Array]]:
        """Area over current at 1 V between the terminals, by the dissipation."""
        held = HeldUnknowns(system, Terminals(voltage=lambda time: 1.0))
        entries = MatrixEntries(system)
        matrix = entries.matrix(*_places(entries))
        matrix.setValuesCOO(self._conduction(entries, conductances), PETSc.InsertMode.INSERT_VALUES)
        answer, load = matrix.createVecs()
        potentials = system.vector()
        state = self._at_rest()
        held.apply_deviation(state, 1.0)
        system.pack(state, potentials)
        answer.array[:] = potentials.array_r
        # phi plays no part here: its rows are empty, and held as well.
        every_phi = system.phi_number[: system.space.owned]
        rows = np.union1d(held.rows, every_phi).astype(PETSc.IntType)
        matrix.zeroRowsColumns(rows, diag=1.0, x=answer, b=load)
        solve_symmetric(matrix, load, answer, self.settings, system.space.domain.dimension)
        psi = system.unpack(answer).mu_e
        return system.space.interface_area / system.dissipation(psi, conductances), psi

    # Impedance -----------------------------------------------------------------------------

    def impedance(self, frequency: float, blocking: bool) -> complex:
        """Area-specific impedance, V s nm^2/e.

        Args:
            frequency: in Hz.
            blocking: whether no Li passes the terminals.

        Raises:
            ConvergenceError: the linear solve gave up.
        """
        omega = 2.0 * np.pi * frequency
        system, held = self.system, HeldUnknowns(self.system, Terminals(voltage=lambda time: 1.0))
        matrix = self._complex_matrix(omega, blocking)
        held_values = self._at_rest()
        held.apply_deviation(held_values, 1.0)
        deviation = system.vector()
        system.pack(held_values, deviation)
        rows = held.phi_rows if blocking else held.rows
        kept = np.zeros(system.size, dtype=bool)
        kept[rows - system.offset] = True
        answer, load = matrix.createVecs()
        answer.array[::2] = np.where(kept, deviation.array_r, 0.0)
        rows_of_both = np.concatenate([2 * rows, 2 * rows + 1]).astype(PETSc.IntType)
        matrix.zeroRowsColumns(rows_of_both, diag=1.0, x=answer, b=load)
        self._solve(matrix, load, answer)
        x = answer.array_r[::2] + 1j * answer.array_r[1::2]
        differences, x = parted(system, x) if blocking else (x, x)
        current = self._current(x, omega, held, blocking)
        impedance = system.space.interface_area / current
        # Far from the relaxation the real part drowns in the imaginary one; the power that the current
        # loses does not.
        resistance = self._dissipation(differences) * system.space.interface_area / abs(current) ** 2
        return complex(resistance, impedance.imag)

    def _dissipation(self, x: np.ndarray) -> float:
        """Power lost at a deviation x: mu_e B mu_e of its real and its imaginary part, e V/s."""
        lost = 0.0
        for part in (x.real, x.imag):
            vector = self.system.vector()
            vector.array[:] = part
            lost += self.system.dissipation(self.system.unpack(vector).mu_e, self._conductances)
        return lost

    @cached_property
    def _reversible(self) -> tuple[tuple[Pattern, ...], Array, Array]:
        """Where A and B have entries, those of A, and those of B."""
        entries = self._entries
        none_between = np.zeros(entries.conduction_pattern[0].size)
        at_rest = entries.nodal(self._state, self._physics, 0.0)
        static = np.concatenate([entries.displacement, none_between, at_rest])
        return _places(entries), static, self._conduction(entries, self._conductances)

    @cached_property
    def _blocking(self) -> tuple[tuple[Pattern, ...], Array, Array]:
        """The same with the level of mu_e as an unknown: see `blocking`."""
        places, static, conducting = self._reversible
        here = np.concatenate([touches_level(pattern) for pattern in places])
        of_level, pattern = level_entries(self.system, self._slopes), level_pattern(self.system)
        return (
            (*places, pattern),
            np.concatenate([static, of_level]),
            np.concatenate([np.where(here, 0.0, conducting), np.zeros_like(of_level)]),
        )

    @property
    def _slopes(self) -> dict[str, Array]:
        """-d(charge)/d(phi) of the owned nodes of each phase, e/V."""
        weights, owned = self.system.weights, self.system.space.owned
        return {tag: weights[tag] * each.charge_slope[:owned] for tag, each in self._physics.items()}

    def _complex_matrix(self, omega: float, blocking: bool) -> PETSc.Mat:
        """[[A, B/omega], [-B/omega, A]] with real and imaginary parts in turn."""
        places, static, conducting = self._blocking if blocking else self._reversible
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

    def _current(self, x: np.ndarray, omega: float, held: HeldUnknowns, blocking: bool) -> complex:
        """Current into the electrode's terminal at a deviation x.

        With reversible terminals ionic and displacement current are reactions: of the rows of B
        and, times i omega, of those of K; the charge stored at the terminal's nodes enters with one
        sign in each and drops out. At a blocking terminal the field's flux alone counts, and taking
        it as such spares the cancellation of two ionic currents.
        """
        system, tag = self.system, ELECTRODE
        nodes = held.nodes[tag]
        slope = self._slopes[tag][nodes]
        charge_number = system.phases[tag].main.charge_number
        total = 0.0 + 0.0j
        for part, unit in ((x.real, 1.0), (x.imag, 1.0j)):
            vector = system.vector()
            vector.array[:] = part
            state = system.unpack(vector)
            flux = system.displacement(state.phi)[nodes]
            if blocking:
                flux = flux - slope * (state.mu_e[tag][nodes] / charge_number - state.phi[nodes])
                ionic = np.zeros_like(flux)
            else:
                ionic = system.currents(state.mu_e, self._conductances)[tag][nodes]
            total += unit * (system.space.sum(ionic) + 1j * omega * system.space.sum(flux))
        return total


def _places(entries: MatrixEntries) -> tuple[Pattern, ...]:
    """Where A and B have entries."""
    return entries.displacement_pattern, entries.conduction_pattern, entries.nodal_pattern
