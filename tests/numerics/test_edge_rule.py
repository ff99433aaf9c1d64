"""What edges conduct: means along them, and matrices that let no current flow uphill."""

from pathlib import Path

import scl_fem._stack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from petsc4py import PETSc
from scipy.integrate import quad

import scl_fem
from scl_fem.discretisation.edge_rule import linear_means, steady_conductances
from scl_fem.discretisation.simplices import Simplices
from scl_fem.solvers.conduction import _of_linear, _of_quadratic
from tests.support.cases import case_of
from tests.support.pairs import PAIRS

MESHES = Path(__file__).parents[2] / "meshes"
STEEP = PAIRS["+0.8 V, vacancy law, weak defects"]
_NEGATIVE_PIVOTS = 12
"""Where MUMPS says how many there were."""

GROUPS = {"electrode": "electrode", "electrolyte": "electrolyte"}
FILES = {
    "particle_2d.msh": GROUPS,
    "irregular_particle_2d.msh": {
        "electrode": "cathode grain",
        "electrolyte": "glass",
        "electrode_terminal": "collector",
        "electrolyte_terminal": "far side",
    },
    "rough_2d.msh": GROUPS,
    "planar_3d.msh": GROUPS,
}
KINDS = {
    "disc": {
        "kind": "particle",
        "dimension": 2,
        "radius": 2.0,
        "interface_size": 0.1,
        "growth": 1.6,
        "tangential_size": 0.4,
    },
    "sphere": {
        "kind": "particle",
        "dimension": 3,
        "radius": 2.0,
        "interface_size": 0.1,
        "growth": 3.0,
        "tangential_size": 1.0,
    },
    "rough 2D": {
        "kind": "rough",
        "dimension": 2,
        "roughness_amplitude": 0.5,
        "interface_size": 0.1,
        "growth": 1.5,
        "lateral_elements": 8,
    },
    "rough 3D": {
        "kind": "rough",
        "dimension": 3,
        "roughness_amplitude": 0.5,
        "interface_size": 0.2,
        "growth": 2.5,
        "lateral_elements": 4,
    },
    "cube": {"kind": "cube", "dimension": 3, "particle_size": 3.0, "interface_size": 0.4, "growth": 2.5},
}


@pytest.mark.parametrize(
    ("rise", "accuracy"),
    [(0.0, 1e-14), (1e-9, 1e-13), (1e-3, 1e-12), (0.015, 1e-7), (0.1, 1e-4), (-0.3, 0.05)],
)
def test_a_mean_is_that_of_resistances_in_series(rise, accuracy):
    """Twelve kT on one edge, the last, resolve nothing."""
    kT = 0.0257
    law = lambda energy: 3.0 * np.exp(energy / kT)  # noqa: E731
    exact = 1.0 / quad(lambda s: 1.0 / law(0.02 + rise * s), 0.0, 1.0, epsabs=0.0, epsrel=1e-12)[0]
    (found,) = linear_means(law, np.array([0.02]), np.array([0.02 + rise]))
    assert found == pytest.approx(exact, rel=accuracy)


def test_where_nothing_conducts_the_mean_is_nothing():
    with np.errstate(all="raise"):
        assert linear_means(np.zeros_like, np.array([0.0, 0.1]), np.array([0.2, 0.1])).tolist() == [0.0, 0.0]


def a_cell(dimension, seed):
    """One simplex with corners at random, edges of one unit or so."""
    corners = np.random.default_rng(seed).normal(size=(1, dimension + 1, dimension))
    volume = abs(np.linalg.det(corners[:, 1:] - corners[:, :1])) / {2: 2.0, 3: 6.0}[dimension]
    return Simplices(np.arange(dimension + 1, dtype=np.int32)[None, :], corners, volume)


def energy_matrix(cell, conductances):
    edges, size = cell.edges, cell.dofs.size
    matrix = np.zeros((size, size))
    for i, j, conductance in zip(edges.first, edges.second, conductances, strict=True):
        matrix[[i, j], [i, j]] += conductance
        matrix[[i, j], [j, i]] -= conductance
    return matrix


@given(st.sampled_from([2, 3]), st.integers(0, 10_000), st.floats(0.0, 12.0))
def test_no_cell_lets_current_flow_uphill(dimension, seed, spread):
    cell = a_cell(dimension, seed)
    means = np.exp(spread * np.random.default_rng(seed + 1).normal(size=cell.edges.first.size))
    plain = energy_matrix(cell, cell.edges.geometric * means)
    mended = energy_matrix(cell, steady_conductances(cell, means))
    scale = np.abs(plain).max()
    assert np.linalg.eigvalsh(mended).min() >= -1e-9 * scale
    if np.linalg.eigvalsh(plain).min() > -1e-12 * scale:
        np.testing.assert_allclose(mended, plain, atol=1e-9 * scale)
    else:
        # what is downhill already stays as it is or costs more, never less
        assert np.linalg.eigvalsh(mended - plain).min() >= -1e-9 * scale


def is_positive(matrix, space):
    """Whether the rows that are solved for make a positive definite matrix: the signs of its pivots."""
    held = [space.facet_dofs(contact) for contact in space.domain.contacts if space.domain.has(contact)]
    matrix.zeroRowsColumns(
        np.concatenate(held or [np.zeros(1, np.int32)]), diag=matrix.getDiagonal().max()[1]
    )
    factors = PETSc.PC().create(matrix.comm)
    factors.setOperators(matrix)
    factors.setType("cholesky")
    factors.setFactorSolverType("mumps")
    factors.setUp()
    return factors.getFactorMatrix().getMumpsInfog(_NEGATIVE_PIVOTS) == 0


@pytest.mark.parametrize("mesh", [*KINDS, *FILES])
@pytest.mark.parametrize("order", [1, 2])
def test_the_matrix_is_positive_on_our_meshes_and_on_files(mesh, order):
    table = KINDS.get(mesh) or {"kind": "file", "path": str(MESHES / mesh), "groups": FILES[mesh]}
    tables = case_of(*STEEP).to_dict() | {"mesh": table, "solver": {"order": order}}
    equilibrium = scl_fem.run(scl_fem.Case(**tables)).study.equilibrium
    space, phi = equilibrium.space, equilibrium.phi.x.array
    laws = {tag: phase.conductivity for tag, phase in equilibrium.phases.items()}
    bulks = {tag: phase.bulk_conductivity for tag, phase in equilibrium.phases.items()}
    for matrix in (_of_linear if order == 1 else _of_quadratic)(space, phi, laws, bulks):
        assert is_positive(matrix, space)
