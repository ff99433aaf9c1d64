"""What is derived from the potential: thickness, charge, resistance, profile; in every dimension."""

import math
from dataclasses import replace

import scl_fem._stack
import numpy as np
import pytest

import scl_fem
from scl_fem.constants import OHM_CM2, VACUUM_PERMITTIVITY
from scl_fem.mesh import BOTH, ELECTROLYTE
from scl_fem.postprocess.layer import LayerSide
from scl_fem.postprocess.profile import profile_columns
from scl_fem.postprocess.simplices import LinearSimplices
from scl_fem.postprocess.state import CellState
from scl_fem.postprocess.summary import equilibrium_summary
from tests.support.cases import case_of
from tests.support.half_space import LAGP, LVO, LVO_2, HalfSpace
from tests.support.planar import given, rotation, solved, space_of

SIDES = ("electrode", "electrolyte")
LEVELS = (0.01, 0.05, 0.10, 0.25, 0.5)
MESH = {"electrode_thickness": 4.0, "electrolyte_thickness": 5.0, "interface_size": 0.02, "growth": 1.2}
LATERAL = {
    1: {},
    2: {"lateral_size": 1.0, "lateral_elements": 4},
    3: {"lateral_size": 1.0, "lateral_elements": 2},
}


def profile_of(equilibrium):
    """Columns of the profile, mu_e = -3 eV."""
    potentials = {tag: np.array([-3.0]) for tag in equilibrium.phases}
    return profile_columns(replace(CellState.of(equilibrium), potentials=potentials))


def planar(dimension, electrode=LVO_2, order=1):
    mesh = MESH | LATERAL[dimension] | {"dimension": dimension}
    return case_of(electrode, LAGP, mesh=mesh, solver={"order": order})


@pytest.mark.parametrize("electrode", [LVO, LVO_2], ids=["0.2", "2"])
def test_thickness_in_1d_is_that_of_the_profile(electrode):
    """Where phi, linear between nodes, passes the potential of the level."""
    result = scl_fem.run(case_of(electrode, LAGP))
    table = result.tables["profile.csv"]
    z, phi, phase = (np.array(table[key]) for key in ("z_nm", "phi_V", "phase"))
    c = np.array(table["c_per_nm3"])
    for side, material in (("electrode", electrode), ("electrolyte", LAGP)):
        chosen = phase == side
        distance, potential = np.abs(z[chosen]), phi[chosen]
        order = np.argsort(distance)
        distance, potential, excess = distance[order], potential[order], c[chosen][order]
        c_0 = material.c_max * material.occupancy
        excess = np.abs(excess - c_0) / c_0
        for level in (0.01, 0.05, 0.10, 0.25):
            last = np.flatnonzero(excess > level)[-1]
            half_space = HalfSpace(material)
            sign = np.sign(c[chosen][order][0] - c_0)
            x = material.occupancy * (1.0 + sign * level)
            eta = np.log(x / (1.0 - x)) - np.log(material.occupancy / (1.0 - material.occupancy))
            bulk = result.summary[side]["bulk_potential_V"]
            edge = bulk - half_space.u(eta)
            ends = potential[last : last + 2]
            fraction = (edge - ends[0]) / (ends[1] - ends[0])
            expected = distance[last] + fraction * (distance[last + 1] - distance[last])
            assert result.summary[side]["thickness_nm"][f"{100 * level:g}%"] == pytest.approx(
                expected, rel=1e-10
            )


@pytest.mark.parametrize("dimension", [2, 3])
def test_the_same_potential_gives_the_same_numbers_in_every_dimension(dimension):
    line = solved(planar(1))
    z = line.space.space.tabulate_dof_coordinates()[:, 0]
    order = np.argsort(z)
    cell = given(planar(dimension), z[order], line.phi.x.array[order])
    assert cell.space.interface_area == pytest.approx(1.0, rel=1e-12)
    one, other = (equilibrium_summary(each, 0.25) for each in (line, cell))
    for key in ("interface_potential_V", "interface_potential_min_V", "interface_potential_max_V"):
        assert other[key] == pytest.approx(one["interface_potential_V"], rel=1e-12)
    for side in SIDES:
        assert other[side]["thickness_nm"] == pytest.approx(one[side]["thickness_nm"], rel=1e-11)
        for key in ("layer_charge_e_per_nm2", "surface_field_V_per_nm", "occupancy_interface"):
            assert other[side][key] == pytest.approx(one[side][key], rel=1e-11)
        # exponential in a cell, so a matter of the quadrature
        for key in ("layer_resistance_ohm_cm2", "excess_resistance_ohm_cm2"):
            assert other[side][key] == pytest.approx(one[side][key], rel=2e-3)


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("order", [1, 2])
def test_planar_cells_agree_with_one_dimension(dimension, order):
    """Solved, each with its own errors of discretisation."""
    one, other = (equilibrium_summary(solved(planar(d, order=order)), 0.25) for d in (1, dimension))
    tolerance = {1: 5e-3, 2: 2e-3}[order]
    for key in (
        "interface_potential_V",
        "layer_resistance_ohm_cm2",
        "excess_resistance_ohm_cm2",
        "layer_thickness_nm",
    ):
        assert other[key] == pytest.approx(one[key], rel=tolerance), key
    spread = other["interface_potential_max_V"] - other["interface_potential_min_V"]
    assert spread < {1: 2e-3, 2: 1e-4}[order]


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("order", [1, 2])
def test_nothing_depends_on_where_the_normal_points(dimension, order):
    straight, turned = (solved(planar(dimension, order=order), turned=turned) for turned in (False, True))
    one, other = (equilibrium_summary(each, 0.25) for each in (straight, turned))
    for key in ("interface_potential_V", "layer_thickness_nm", "capacitance_uF_per_cm2", "interface_area"):
        assert other[key] == pytest.approx(one[key], rel=1e-8), key
    for side in SIDES:
        for key in ("layer_charge_e_per_nm2", "layer_resistance_ohm_cm2", "excess_resistance_ohm_cm2"):
            assert other[side][key] == pytest.approx(one[side][key], rel=1e-8), key
    # the profile runs along the normal, wherever that is
    tables = [profile_of(each) for each in (straight, turned)]
    for side in SIDES:
        (z, phi), (z_turned, phi_turned) = (
            (table["z_nm"][table["phase"] == side], table["phi_V"][table["phase"] == side])
            for table in tables
        )
        # the points are others: between them the potential is only nearly linear
        np.testing.assert_allclose(phi_turned, np.interp(z_turned, z, phi), atol=1e-3)
    assert abs(rotation(dimension)[0, 0]) < 0.98


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_profile_is_the_potential_across_the_interface(dimension):
    equilibrium = solved(planar(dimension, LVO, order=2))
    table = profile_of(equilibrium)
    z, phase, phi = table["z_nm"], table["phase"], table["phi_V"]
    # electrode first, ascending, two rows at the interface: the concentration jumps there, not the potential
    assert (np.diff(z) >= 0.0).all()
    assert (z[phase == "electrode"] <= 0.0).all()
    assert (z[phase == "electrolyte"] >= 0.0).all()
    at = np.flatnonzero(np.abs(z) < 1e-12)
    assert list(phase[at]) == list(SIDES)
    assert phi[at[0]] == pytest.approx(phi[at[1]], abs=1e-9)
    assert z[[0, -1]] == pytest.approx([-4.0, 5.0], rel=1e-6)
    # the rows belong together: c, occupancy, mu_e and sigma follow from phi
    for tag in BOTH:
        rows = phase == tag
        physics = equilibrium.phases[tag]
        np.testing.assert_allclose(table["c_per_nm3"][rows], physics.concentration(phi[rows]), rtol=1e-9)
        occupancy = table["occupancy"][rows] * physics.main.site_density
        np.testing.assert_allclose(occupancy, table["c_per_nm3"][rows], rtol=1e-12)
    assert (table["mu_e_eV"] == -3.0).all()
    # against one dimension on a fine mesh
    fine = scl_fem.run(case_of(LVO, LAGP, mesh={"electrode_thickness": 4.0, "electrolyte_thickness": 5.0}))
    exact = fine.tables["profile.csv"]
    expected = np.interp(z, exact["z_nm"], exact["phi_V"])
    np.testing.assert_allclose(phi, expected, atol=1.5e-3)


@pytest.mark.parametrize("dimension", [2, 3])
def test_profile_of_a_particle_ends_in_its_middle(dimension):
    """The second half of the chord would repeat the first."""
    size = 0.1 if dimension == 2 else 0.4
    mesh = {"kind": "particle", "radius": 1.0, "box_size": 4.0, "interface_size": size, "growth": 1.5}
    table = profile_of(solved(case_of(LVO_2, LAGP, mesh=mesh | {"dimension": dimension})))
    # from a facet's middle along its normal: nearly, not exactly, through the centre
    assert table["z_nm"][0] == pytest.approx(-1.0, rel=0.05)
    assert table["z_nm"][-1] > 0.9
    electrode = table["phi_V"][table["phase"] == "electrode"]
    slope = np.diff(electrode)
    assert (slope * np.sign(electrode[-1] - electrode[0]) > -1e-3 * np.ptp(electrode)).all()


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_simplices_of_a_phase_fill_it_once(dimension, order):
    """Quadratic cells are cut into linear ones that share nothing but faces."""
    space, _ = space_of(planar(dimension, order=order), turned=True)
    x = space.space.tabulate_dof_coordinates()[:, :dimension]
    random = np.random.default_rng(1)
    for tag, size in zip(BOTH, (4.0, 5.0), strict=True):
        simplices = LinearSimplices.of_phase(space, tag)
        edges = x[simplices.dofs[:, 1:]] - x[simplices.dofs[:, :1]]
        volumes = np.abs(np.linalg.det(edges)) / math.factorial(dimension)
        np.testing.assert_allclose(simplices.volumes, volumes, rtol=1e-9)
        assert volumes.sum() == pytest.approx(size, rel=1e-10)
        # the parts of the first cells: each point of a cell lies in one of them
        parts = len(simplices.dofs) // len(space.cells(tag))
        assert parts == (1 if order == 1 else 2**dimension)
        weights = random.dirichlet(np.ones(dimension + 1), 200)
        for cell in range(5):
            corners = x[space.space.dofmap.list[space.cells(tag)[cell]][: dimension + 1]]
            own = slice(parts * cell, parts * (cell + 1))
            offset = (weights @ corners)[:, None] - x[simplices.dofs[own, 0]]
            inner = np.einsum("pki,kij->pkj", offset, np.linalg.inv(edges[own]))
            barycentric = np.concatenate([1.0 - inner.sum(axis=2, keepdims=True), inner], axis=2)
            assert ((barycentric > 0.0).all(axis=2).sum(axis=1) == 1).all()


@pytest.mark.parametrize("electrode", [LVO, LVO_2], ids=["0.2", "2"])
def test_surface_field_is_the_slope_of_the_potential(electrode):
    result = scl_fem.run(case_of(electrode, LAGP))
    table = result.tables["profile.csv"]
    z, phi, phase = (np.array(table[key]) for key in ("z_nm", "phi_V", "phase"))
    for side, ends in (("electrode", [-2, -1]), ("electrolyte", [0, 1])):
        (z_1, z_2), (phi_1, phi_2) = z[phase == side][ends], phi[phase == side][ends]
        field = -(phi_2 - phi_1) / (z_2 - z_1)
        assert result.summary[side]["surface_field_V_per_nm"] == pytest.approx(field, rel=5e-3)
    # no charge on the interface: the displacement is continuous
    electrode_field, electrolyte_field = (result.summary[side]["surface_field_V_per_nm"] for side in SIDES)
    ratio = LAGP.permittivity / electrode.permittivity
    assert electrode_field == pytest.approx(ratio * electrolyte_field, rel=1e-10)


def test_a_layer_as_wide_as_the_cell():
    """A level of nothing is met everywhere; one that the lattice cannot reach, nowhere."""
    equilibrium = solved(planar(1))
    electrode, electrolyte = (LayerSide.of(equilibrium, tag) for tag in BOTH)
    assert electrode.thickness(1e-12) == pytest.approx(4.0, rel=1e-6)
    assert electrolyte.thickness(1e-12) == pytest.approx(5.0, rel=1e-6)
    assert electrolyte.thickness(2.0) == 0.0
    assert electrolyte.resistance(2.0) == 0.0
    # then the layer's resistance is the bulk's and the excess
    bulk = 4.0 / electrode.phase.bulk_conductivity
    # (by another quadrature)
    assert electrode.resistance(1e-12) == pytest.approx(bulk + electrode.excess_resistance, rel=1e-3)


def test_thickness_falls_with_the_level():
    side = LayerSide.of(solved(planar(2)), ELECTROLYTE)
    found = [side.thickness(level) for level in LEVELS]
    assert found == sorted(found, reverse=True)
    assert VACUUM_PERMITTIVITY * LAGP.permittivity * side.surface_field == pytest.approx(
        -side.charge, rel=1e-12
    )
    assert side.resistance(0.1) * OHM_CM2 > side.resistance(0.25) * OHM_CM2 > 0.0
