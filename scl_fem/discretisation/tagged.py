"""Tagged Li on a mesh of two phases: M dm/dt = -K m, with or without a jump at the interface.

    M_ij = integral of c v_i v_j,    K_ij = integral of c D grad v_i . grad v_j

with c relative to the particle's (the electrolyte's). The mass is consistent: lumped, it smears the
jump. Where the interface has a finite permeability P, m has a value on either side of it, and

    c P (m_particle - m_surroundings) v      integrated over the interface

joins the two: K gains a facet mass matrix that couples matching nodes, so what leaves one phase
enters the other to the last digit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)
import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc
from petsc4py import PETSc

from scl_fem.discretisation.compiling import compiled
from scl_fem.discretisation.space import PotentialSpace
from scl_fem.discretisation.tensor_grid import TensorGrid, tensor_grid
from scl_fem.mesh.domain import BOTH, ELECTRODE, ELECTROLYTE, INTERFACE
from scl_fem.physics.types import Array, Indices

PARTICLE, SURROUNDINGS = ELECTROLYTE, ELECTRODE


@dataclass(frozen=True)
class TracerPhysics:
    """How tagged Li moves.

    Attributes:
        diffusivity: nm^2/s by phase.
        concentration: Li per volume by phase, relative to the particle's.
        permeability: of the interface, nm/s; infinite where m is continuous.
    """

    diffusivity: Mapping[str, float]
    concentration: Mapping[str, float]
    permeability: float = math.inf

    @property
    def contrast(self) -> float:
        """How many times the phases differ in concentration and diffusivity together; 1: not at all."""
        ratios = (max(each.values()) / min(each.values()) for each in (self.concentration, self.diffusivity))
        return math.prod(ratios)


class TaggedLithium:
    """The discrete equation and what to ask of its solution.

    Its unknowns are the nodal m of a `PotentialSpace`, those at the interface twice if m may jump there.

    Attributes:
        space: carries m in output and checkpoints.
        physics: of its transport.
        mass: M.
        stiffness: K, with the pattern of M.
        inside: integral of c v over the particle: `inside . m` is the tagged amount in it.
        everywhere: integral of c v over both phases.
        jumps: whether m has two values at the interface.
    """

    def __init__(self, space: PotentialSpace, physics: TracerPhysics) -> None:
        """Assemble. Collective.

        Args:
            space: of m.
            physics: of its transport.
        """
        self.space, self.physics = space, physics
        self.jumps = math.isfinite(physics.permeability)
        if self.jumps:
            self._phase_dofs, self.mass, self.stiffness = _two_sided(space, physics)
        else:
            self._phase_dofs = {tag: np.arange(space.owned) for tag in BOTH}
            self.mass, self.stiffness = _matrices(space, physics, BOTH)
        self.inside = self.vector()
        self._put(self.inside, PARTICLE, space.phase_weights[PARTICLE])
        self.everywhere = self.vector()
        one = self.vector()
        one.set(1.0)
        self.mass.mult(one, self.everywhere)

    @property
    def unknowns(self) -> int:
        """Number of unknowns on all ranks."""
        return int(self.mass.size[0])

    @property
    def volume(self) -> float:
        """Of the particle, as far as it is meshed, nm^dimension."""
        return float(self.inside.sum())

    @property
    def share(self) -> float:
        """The particle's share of all the Li: where exchange ends."""
        return self.volume / float(self.everywhere.sum())

    @cached_property
    def grid(self) -> TensorGrid | None:
        """The tensor grid that the unknowns make up, if they do."""
        return None if self.jumps else tensor_grid(self.space)

    @property
    def concentration(self) -> Array:
        """c at each unknown that this rank owns, where m is continuous; at the interface its mean."""
        return self.everywhere.array_r / sum(self.space.phase_weights.values())

    def vector(self) -> PETSc.Vec:
        """A new vector of unknowns, zero."""
        return self.mass.createVecRight()

    def jump(self) -> PETSc.Vec | None:
        """The unknowns of m = 1 in the particle and 0 outside, None where they cannot hold it."""
        if not self.jumps:
            return None
        unknowns = self.vector()
        self._put(unknowns, PARTICLE, np.ones(self.space.owned))
        return unknowns

    def functions(self, unknowns: PETSc.Vec) -> dict[str, fem.Function]:
        """Nodal values by phase; where m jumps, 0 away from the phase.

        Args:
            unknowns: of this equation.
        """
        return {tag: self._function(values) for tag, values in self._by_phase(unknowns).items()}

    def unknowns_of(self, functions: Mapping[str, fem.Function]) -> PETSc.Vec:
        """The inverse of `functions`."""
        unknowns = self.vector()
        for tag, function in functions.items():
            self._put(unknowns, tag, function.x.array[: self.space.owned])
        return unknowns

    def sharp(self) -> dict[str, Array]:
        """The beginning, 1 inside and 0 outside, at all local nodes."""
        nodes = self.space.function("m").x.array.size
        return {PARTICLE: np.ones(nodes), SURROUNDINGS: np.zeros(nodes)}

    def _by_phase(self, unknowns: PETSc.Vec) -> dict[str, Array]:
        values = unknowns.array_r
        if not self.jumps:
            return dict.fromkeys(BOTH, values)
        ends = np.cumsum([self._phase_dofs[tag].size for tag in BOTH])
        parts = zip(BOTH, np.split(values, ends[:-1]), strict=True)
        full = {}
        for tag, part in parts:
            full[tag] = np.zeros(self.space.owned)
            full[tag][self._phase_dofs[tag]] = part
        return full

    def _put(self, unknowns: PETSc.Vec, tag: str, values: Array) -> None:
        """Set the unknowns of one phase from values at the nodes that this rank owns."""
        start = 0
        if self.jumps and tag != SURROUNDINGS:
            start = self._phase_dofs[SURROUNDINGS].size
        dofs = self._phase_dofs[tag]
        unknowns.array[start : start + dofs.size] = values[dofs]

    def _function(self, values: Array) -> fem.Function:
        function = self.space.function("m")
        function.x.array[: self.space.owned] = values
        function.x.scatter_forward()
        return function


def _matrices(
    space: PotentialSpace, physics: TracerPhysics, phases: tuple[str, ...]
) -> tuple[PETSc.Mat, PETSc.Mat]:
    """M and K of some of the phases, on all nodes."""
    # 2p integrates both exactly: cells are affine, and D and c constant in each
    measure = ufl.Measure("dx", space.domain.mesh, metadata={"quadrature_degree": 2 * space.order})
    trial, test = ufl.TrialFunction(space.space), ufl.TestFunction(space.space)
    amount = {tag: physics.concentration[tag] for tag in phases}
    mobility = {tag: amount[tag] * physics.diffusivity[tag] for tag in phases}
    forms = (
        space.piecewise_constant(amount) * trial * test * measure,
        space.piecewise_constant(mobility) * ufl.inner(ufl.grad(trial), ufl.grad(test)) * measure,
    )
    mass, stiffness = (fem_petsc.assemble_matrix(compiled(form)) for form in forms)
    mass.assemble()
    stiffness.assemble()
    return mass, stiffness


def _two_sided(
    space: PotentialSpace, physics: TracerPhysics
) -> tuple[dict[str, Indices], PETSc.Mat, PETSc.Mat]:
    """M and K with the nodes of the interface doubled: first all of one phase, then all of the other.

    Returns:
        The owned nodes of each phase, its interface included, and the matrices on them.
    """
    first, second = BOTH
    masses, stiffnesses = zip(*(_matrices(space, physics, (tag,)) for tag in (first, second)), strict=True)
    exchange = _facet_mass(space)
    exchange.scale(physics.permeability)
    # a node belongs to a phase if any rank has a cell of that phase around it: the assembled diagonal knows
    nodes = {
        tag: np.flatnonzero(mass.getDiagonal().array_r)
        for tag, mass in zip((first, second), masses, strict=True)
    }
    for stiffness in stiffnesses:
        stiffness.axpy(1.0, exchange)
    exchange.scale(-1.0)
    stiffness = _restricted([[stiffnesses[0], exchange], [exchange, stiffnesses[1]]], nodes)
    own = _restricted([[masses[0], None], [None, masses[1]]], nodes)
    mass = stiffness.duplicate()
    mass.axpy(1.0, own, PETSc.Mat.Structure.SUBSET_NONZERO_PATTERN)
    return nodes, mass, stiffness


def _facet_mass(space: PotentialSpace) -> PETSc.Mat:
    """Integral of u v over the interface, on all nodes."""
    measure = ufl.Measure(
        "dS",
        domain=space.domain.mesh,
        subdomain_data=space.domain.facet_tags,
        metadata={"quadrature_degree": 2 * space.order},
    )
    trial, test = ufl.TrialFunction(space.space), ufl.TestFunction(space.space)
    matrix = fem_petsc.assemble_matrix(
        compiled(ufl.avg(trial) * ufl.avg(test) * measure(space.domain.layout.number(INTERFACE)))
    )
    matrix.assemble()
    return matrix


def _restricted(blocks: list[list[PETSc.Mat | None]], nodes: Mapping[str, Indices]) -> PETSc.Mat:
    """One matrix of two by two blocks, with the rows and columns of each phase's own nodes alone."""
    comm = blocks[0][0].comm  # type: ignore[union-attr]
    whole = PETSc.Mat().createNest(blocks, comm=comm).convert("aij")
    first, second = nodes.values()
    start, end = whole.getOwnershipRange()
    rows = np.concatenate([first, second + (end - start) // 2]) + start
    index_set = PETSc.IS().createGeneral(rows.astype(PETSc.IntType), comm=comm)
    return whole.createSubMatrix(index_set, index_set)
