"""The charge of the phases as a function of the potential, tested with the basis functions.

Two discretisations of the integral of rho(phi) v over a phase. Both eliminate the concentration
pointwise; neither has it as an unknown:

`LumpedCharge` (P1) evaluates rho at the nodes, once for each phase that meets there, and
weights it with the phase's lumped mass: the linearised reaction is a diagonal.
`QuadratureCharge` (P2) evaluates rho at quadrature points.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from functools import cached_property, partial
from typing import Any, Self

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)
import basix
import basix.ufl
import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc
from petsc4py import PETSc

from scl_fem.discretisation.compiling import compiled
from scl_fem.discretisation.energies import Shifts
from scl_fem.discretisation.sampling import CellSampler, quadrature_rule
from scl_fem.discretisation.space import Phases, PotentialSpace
from scl_fem.discretisation.sparse import add_to_diagonal
from scl_fem.physics.blocks import by_blocks
from scl_fem.physics.phase import PhaseState
from scl_fem.physics.types import Array


class Charge(ABC):
    """Charge of the phases on a space, and its derivative.

    Attributes:
        space: of the potential.
        phases: physics of each phase.
        offsets: by how much mu~ of the components lies above that of the phase's bulk, (n_components,) eV,
            of phases where it does.
        shifts: energies that depend on the place, at the nodes.
    """

    def __init__(self, space: PotentialSpace, phases: Phases, shifts: Shifts | None = None) -> None:
        """Keep space, phases and shifts.

        Args:
            space: of the potential.
            phases: physics of each phase.
            shifts: see the class; None for none.
        """
        self.space = space
        self.phases = phases
        self.offsets: Mapping[str, Array] = {}
        self.shifts: Shifts = shifts or {}

    def with_phases(self, phases: Phases) -> Self:
        """The same discretisation of other physics, sharing all that is assembled."""
        other = copy(self)
        other.phases = phases
        return other

    def with_offsets(self, offsets: Mapping[str, Array]) -> Self:
        """The same charge at other mu~ of the components.

        Args:
            offsets: see the class.
        """
        other = copy(self)
        other.offsets = offsets
        return other

    def with_shifts(self, fraction: float) -> Self:
        """The same charge with a fraction of the energies that depend on the place."""
        if not self.shifts:
            return self
        other = copy(self)
        other.shifts = {tag: fraction * each for tag, each in self.shifts.items()}
        return other

    def with_bulk_potentials(self, potentials: Mapping[str, float]) -> Self:
        """The same charge for other bulk potentials (V)."""
        return self.with_phases(
            {tag: replace(phase, bulk_potential=potentials[tag]) for tag, phase in self.phases.items()}
        )

    def density_and_slope(self, tag: str, phi: Array, shift: Array | None = None) -> tuple[Array, Array]:
        """rho in e/nm^3 and -d(rho)/d(phi) in e/(nm^3 V) of a phase at potentials.

        Args:
            tag: of the phase.
            phi: V, any shape.
            shift: (n_carriers, ...) energies there, eV.
        """
        phase = self.phases[tag]
        if tag not in self.offsets:
            return phase.charge_density_and_slope(phi, shift)
        state = self.state(tag, phi.ravel(), None if shift is None else shift.reshape(len(shift), -1))
        return state.charge.reshape(phi.shape), state.charge_slope.reshape(phi.shape)

    def state(self, tag: str, phi: Array, shift: Array | None = None) -> PhaseState:
        """The components of a phase at potentials, (n,) V, and energies (n_carriers, n), eV."""
        return self.phases[tag].at_potentials(phi, self.offsets.get(tag), shift)

    @abstractmethod
    def amounts(self, phi: fem.Function) -> dict[str, tuple[Array, Array]]:
        """What each phase holds of its components beyond its bulk, and how that changes with mu~.

        Returns:
            of each phase (n_components, n) integrals of (c_i - c_i0) v over it for the owned v, and
            (n_components, n_components, n) of dc_i/dmu~_j v, 1/eV.
        """

    @abstractmethod
    def evaluate(self, phi: fem.Function) -> dict[str, Array]:
        """Integral of rho v over each phase, e, for each owned basis function v.

        Keeps the slopes for `add_slope`.
        """

    @abstractmethod
    def add_slope(self, matrix: PETSc.Mat) -> None:
        """Add the integral of -d(rho)/d(phi) u v at the phi evaluated last, and assemble."""

    @abstractmethod
    def slope(self, tag: str) -> Array:
        """Integral of -d(rho)/d(phi) v over a phase (e/V) at the phi evaluated last, owned v."""

    @abstractmethod
    def slope_energy(self, tag: str, u: fem.Function, shift: float) -> float:
        """Integral of -d(rho)/d(phi) (u + shift)^2 over a phase at the phi evaluated last. Collective."""


class LumpedCharge(Charge):
    """rho at the nodes with lumped weights, phase by phase at the interface."""

    @cached_property
    def _nodes(self) -> dict[str, np.ndarray]:
        return {tag: np.flatnonzero(w > 0.0) for tag, w in self.space.phase_weights.items()}

    def _shift(self, tag: str) -> Array | None:
        return self.shifts[tag][:, self._nodes[tag]] if tag in self.shifts else None

    def evaluate(self, phi: fem.Function) -> dict[str, Array]:
        """See `Charge`."""
        charges = {}
        self._slopes: dict[str, Array] = {}
        for tag in self.phases:
            nodes, weights = self._nodes[tag], self.space.phase_weights[tag]
            density, slope = by_blocks(
                partial(self.density_and_slope, tag), phi.x.array[nodes], self._shift(tag)
            )
            charges[tag], self._slopes[tag] = np.zeros_like(weights), np.zeros_like(weights)
            charges[tag][nodes] = weights[nodes] * density
            self._slopes[tag][nodes] = weights[nodes] * slope
        return charges

    def amounts(self, phi: fem.Function) -> dict[str, tuple[Array, Array]]:
        """See `Charge`."""
        found = {}
        for tag, phase in self.phases.items():
            nodes, weights, size = self._nodes[tag], self.space.phase_weights[tag], len(phase.components)
            state = self.state(tag, phi.x.array[nodes], self._shift(tag))
            excess, slope = np.zeros((size, weights.size)), np.zeros((size, size, weights.size))
            excess[:, nodes] = weights[nodes] * state.excess
            slope[..., nodes] = weights[nodes] * state.slope
            found[tag] = excess, slope
        return found

    def add_slope(self, matrix: PETSc.Mat) -> None:
        """See `Charge`: only the diagonal changes."""
        add_to_diagonal(matrix, sum(self._slopes.values(), np.zeros(self.space.owned)))

    def slope(self, tag: str) -> Array:
        """See `Charge`."""
        return self._slopes[tag]

    def slope_energy(self, tag: str, u: fem.Function, shift: float) -> float:
        """See `Charge`."""
        return self.space.sum(self._slopes[tag] * (u.x.array[: self.space.owned] + shift) ** 2)


class QuadratureCharge(Charge):
    """rho at quadrature points."""

    def __init__(self, space: PotentialSpace, phases: Phases, shifts: Shifts | None = None) -> None:
        """Set up quadrature functions and forms.

        Args:
            space: of the potential.
            phases: physics of each phase.
            shifts: see the class; None for none.
        """
        super().__init__(space, phases, shifts)
        mesh = space.domain.mesh
        degree = 2 * space.order
        element = basix.ufl.quadrature_element(mesh.basix_cell().name, degree=degree, scheme="default")
        self._points = fem.functionspace(mesh, element)
        self._density, self._slope = fem.Function(self._points), fem.Function(self._points)
        measure = ufl.Measure(
            "dx", mesh, metadata={"quadrature_degree": degree, "quadrature_scheme": "default"}
        )
        trial, test = ufl.TrialFunction(space.space), ufl.TestFunction(space.space)
        self._linear = compiled(self._density * test * measure)
        self._bilinear: Any = compiled(self._slope * trial * test * measure)
        rule, _ = quadrature_rule(mesh.basix_cell(), degree)
        self._samplers = {tag: CellSampler(space, space.domain.cells(tag), rule) for tag in phases}

    def evaluate(self, phi: fem.Function) -> dict[str, Array]:
        """See `Charge`."""
        charges = {}
        self._slopes: dict[str, Array] = {}
        self._slope.x.array[:] = 0.0
        for tag in self.phases:
            sampler = self._samplers[tag]
            density, slope = self.density_and_slope(tag, sampler.values(phi), self._shift(tag))
            points = self._points.dofmap.list[sampler.cells]
            self._slopes[tag] = slope
            self._slope.x.array[points] = slope
            charges[tag] = self._tested(tag, density)
        return charges

    def _shift(self, tag: str) -> Array | None:
        return self._samplers[tag].values_of(self.shifts[tag]) if tag in self.shifts else None

    def _tested(self, tag: str, density: Array) -> Array:
        self._density.x.array[:] = 0.0
        self._density.x.array[self._points.dofmap.list[self._samplers[tag].cells]] = density
        return self.space.assemble_owned(self._linear)

    def amounts(self, phi: fem.Function) -> dict[str, tuple[Array, Array]]:
        """See `Charge`."""
        found = {}
        for tag, phase in self.phases.items():
            at_points, size = self._samplers[tag].values(phi), len(phase.components)
            shift = self._shift(tag)
            shift = None if shift is None else shift.reshape(len(shift), -1)
            state = self.state(tag, at_points.ravel(), shift)
            excess = state.excess.reshape(size, *at_points.shape)
            slope = state.slope.reshape(size, size, *at_points.shape)
            found[tag] = (
                np.array([self._tested(tag, each) for each in excess]),
                np.array([[self._tested(tag, each) for each in row] for row in slope]),
            )
        return found

    def add_slope(self, matrix: PETSc.Mat) -> None:
        """See `Charge`: a full assembly."""
        fem_petsc.assemble_matrix(matrix, self._bilinear)
        matrix.assemble()

    def slope(self, tag: str) -> Array:
        """See `Charge`."""
        return self._tested(tag, self._slopes[tag])

    def slope_energy(self, tag: str, u: fem.Function, shift: float) -> float:
        """See `Charge`."""
        at_points = self._samplers[tag].values(u) + shift
        return self.space.sum(self._tested(tag, self._slopes[tag] * at_points**2))


def charge_on(space: PotentialSpace, phases: Phases, shifts: Shifts | None = None) -> Charge:
    """The discretisation of the charge that suits the order of the space."""
    return (LumpedCharge if space.order == 1 else QuadratureCharge)(space, phases, shifts)
