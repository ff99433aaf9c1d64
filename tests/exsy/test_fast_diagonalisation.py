"""Fast diagonalisation: an inverse where the phases are equal, a preconditioner where they are not."""

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)
import numpy as np
import pytest
from petsc4py import PETSc

# isort: split
from mpi4py import MPI

from scl_fem.discretisation.space import PotentialSpace
from scl_fem.discretisation.tagged import PARTICLE, SURROUNDINGS, TaggedLithium, TracerPhysics
from scl_fem.discretisation.tensor_grid import tensor_grid
from scl_fem.mesh.cube import CubeMesh
from scl_fem.mesh.distribute import build_domain
from scl_fem.solvers.fast_diagonalisation import fast_diagonalisation
from scl_fem.solvers.fick import ExchangeSolver, sharp_start
from scl_fem.solvers.settings import SolverSettings


def space(dimension=2, order=1, cell="tensor"):
    mesh = CubeMesh(
        dimension=dimension,
        particle_size=60.0,
        box_size=200.0,
        interface_size=4.0,
        growth=1.5,
        cell=cell,
        octant=dimension == 3,
    )
    return PotentialSpace(build_domain(mesh, MPI.COMM_SELF), order)


def equation(concentration=1.0, diffusivity=100.0, permeability=np.inf, **choices):
    return TaggedLithium(
        space(**choices),
        TracerPhysics(
            {PARTICLE: 100.0, SURROUNDINGS: diffusivity},
            {PARTICLE: 1.0, SURROUNDINGS: concentration},
            permeability,
        ),
    )


def run(system, until=5.0, **settings):
    """Tagged Li that remains, and the stepper."""
    chosen = SolverSettings(**settings)
    solver = ExchangeSolver(system, sharp_start(system, chosen), chosen, 3e-4)
    solver.run(until)
    history = solver.state.history
    assert np.abs(np.array(history.total) / history.total[0] - 1.0).max() < 1e-12
    return history.remaining[-1], solver.stepper


@pytest.mark.parametrize("dimension", [2, 3])
def test_grid_of_the_nodes(dimension):
    found = space(dimension)
    grid = tensor_grid(found)
    points = found.space.tabulate_dof_coordinates()[grid.nodes, :dimension]
    expected = np.stack(np.meshgrid(*grid.axes, indexing="ij"), axis=-1).reshape(-1, dimension)
    np.testing.assert_allclose(points, expected, atol=1e-9)


def test_simplices_and_quadratic_elements_are_no_products():
    assert tensor_grid(space(cell="simplex")) is None
    assert tensor_grid(space(order=2)) is None


@pytest.mark.parametrize("shift", [0.0, 1e-3, 1.0, 1e3])
@pytest.mark.parametrize("dimension", [2, 3])
def test_inverse_of_equal_phases(dimension, shift):
    system = equation(dimension=dimension)
    inverse = fast_diagonalisation(system)
    inverse.shift(shift)
    matrix = system.mass.copy()
    matrix.axpy(shift, system.stiffness, structure=PETSc.Mat.Structure.SAME_NONZERO_PATTERN)
    wanted, load, found = system.vector(), system.vector(), system.vector()
    wanted.array = np.random.default_rng(1).standard_normal(wanted.size)
    matrix.mult(wanted, load)
    inverse.apply(None, load, found)
    # single precision, and what it makes of the condition of the matrix in the energy's norm
    error = found - wanted
    assert np.sqrt(error.dot(matrix * error)) < 1e-5 * np.sqrt(wanted.dot(load))


@pytest.mark.parametrize(("concentration", "diffusivity"), [(1.0, 100.0), (1.7, 100.0), (1.0, 1000.0)])
@pytest.mark.parametrize("dimension", [2, 3])
def test_histories_are_those_of_a_factorisation(dimension, concentration, diffusivity):
    choices = {"dimension": dimension, "concentration": concentration, "diffusivity": diffusivity}
    found, stepper = run(equation(**choices))
    assert stepper.inverse is not None
    expected, _ = run(equation(**choices), linear="direct")
    assert found == pytest.approx(expected, abs=2e-6)


def test_iterations_do_not_grow_with_the_step():
    _, stepper = run(equation(concentration=1.7), until=1e3)
    assert stepper.iterations < 10 * stepper.solves
    _, exact = run(equation(), until=1e3)
    assert exact.iterations == exact.solves


@pytest.mark.parametrize(
    "choices", [{"permeability": 10.0}, {"concentration": 30.0}, {"cell": "simplex"}, {"order": 2}]
)
def test_elsewhere_incomplete_factors_serve(choices):
    assert fast_diagonalisation(equation(**choices)) is None


def test_the_users_options_win():
    expected, _ = run(equation(), linear="direct")
    found, stepper = run(equation(), petsc={"pc_type": "jacobi"})
    assert stepper.inverse is None
    assert found == pytest.approx(expected, abs=2e-6)
    _, loose = run(equation(concentration=1.7), petsc={"ksp_atol": 2e-4})
    _, tight = run(equation(concentration=1.7))
    assert loose.iterations < tight.iterations
    found, stepper = run(equation(), petsc={"ksp_rtol": 1e-3})
    assert stepper.inverse is not None
    assert found == pytest.approx(expected, abs=1e-3)
