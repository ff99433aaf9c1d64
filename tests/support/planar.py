"""Planar cells in any dimension and orientation, with a potential that is solved for or given."""

from dataclasses import replace

import scl_fem._stack
import numpy as np

# isort: split
from mpi4py import MPI

import scl_fem
from scl_fem.discretisation.charge import charge_on
from scl_fem.discretisation.space import PotentialSpace
from scl_fem.mesh.distribute import distribute
from scl_fem.solvers.equilibrium import Equilibrium, PoissonProblem, contacts_of, solve_equilibrium
from scl_fem.solvers.newton import NewtonReport
from scl_fem.studies.phases import phases_of


def rotation(dimension):
    """A rotation that leaves no axis where it was; in 1D the identity."""
    if dimension == 1:
        return np.eye(1)
    random = np.random.default_rng(dimension).normal(size=(dimension, dimension))
    q, _ = np.linalg.qr(random)
    return q * np.sign(np.linalg.det(q))


def space_of(case, comm=MPI.COMM_SELF, turned=False):
    """The space of a planar case, its mesh turned about the origin or not; and its resolved case."""
    case = scl_fem.resolve(case)
    data = case.mesh.build() if comm.rank == 0 else None
    if turned and data is not None:
        data = replace(data, points=data.points @ rotation(data.dimension).T)
    return PotentialSpace(distribute(data, comm), case.solver.order), case


def solved(case, comm=MPI.COMM_SELF, turned=False):
    """The equilibrium of a case."""
    space, case = space_of(case, comm, turned)
    return solve_equilibrium(space, phases_of(case), case.boundary.kind, case.solver)


def given(case, z, phi):
    """A cell with the potential phi(z) at its nodes, linear between the given ones: nothing is solved."""
    space, case = space_of(case)
    phases = phases_of(case)
    contacts = contacts_of(case.boundary.kind, space.domain.contacts, phases)
    problem = PoissonProblem(space, charge_on(space, phases), contacts, case.solver)
    problem.phi.x.array[:] = np.interp(space.space.tabulate_dof_coordinates()[:, 0], z, phi)
    return Equilibrium(problem, NewtonReport(), (1.0,))
