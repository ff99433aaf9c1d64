import math

import numpy as np
import pytest
from pydantic import ValidationError

from scl_fem.errors import InputError
from scl_fem.mesh import MESH_KINDS
from scl_fem.mesh.topology import LOCAL_FACETS, jacobians
from tests.support.two_phases import (
    ELECTRODE_NUMBER,
    ELECTRODE_TERMINAL,
    ELECTROLYTE_NUMBER,
    ELECTROLYTE_TERMINAL,
    FACETS,
    INTERFACE_NUMBER,
)

COARSE = [
    {"kind": "planar", "dimension": 1},
    {"kind": "planar", "dimension": 2},
    {"kind": "planar", "dimension": 3, "growth": 1.6, "lateral_elements": 3},
    {"kind": "rough", "dimension": 2},
    {"kind": "rough", "dimension": 3, "growth": 1.6, "lateral_elements": 5},
    {"kind": "rough", "dimension": 2, "lateral_size": 3, "roughness_wavelength": 2, "roughness_amplitude": 3},
    {"kind": "particle", "dimension": 2},
    {"kind": "particle", "dimension": 3, "tangential_size": 1.2},
    {"kind": "particle", "dimension": 3, "tangential_size": 2, "box_size": 10.5, "core_radius": 4.5},
    {"kind": "cube", "dimension": 2, "particle_size": 10},
    {"kind": "cube", "dimension": 2, "particle_size": 10, "octant": False, "cell": "tensor"},
    {"kind": "cube", "dimension": 3, "particle_size": 10, "interface_size": 1, "growth": 1.5},
    {
        "kind": "cube",
        "dimension": 3,
        "particle_size": 10,
        "interface_size": 1,
        "growth": 1.5,
        "cell": "tensor",
    },
]


def settings_of(table):
    return MESH_KINDS[table["kind"]].model_validate(table)


def build(**table):
    return settings_of(table).build()


def volumes(data):
    """Of simplices, and of boxes whose edges are parallel."""
    parts = math.factorial(data.dimension) if data.cells.shape[1] == data.dimension + 1 else 1
    return jacobians(data.points, data.cells, data.cell_type) / parts


def volume(data, tag):
    return volumes(data)[data.cell_phase == tag].sum()


def facets(data, tag):
    return data.facets[data.facet_tag == tag]


def area(data, tag):
    corners = data.points[facets(data, tag)]
    if data.dimension == 1:
        return float(len(corners))
    if data.dimension == 2:
        return np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1).sum()
    cross = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    return cross.sum() / (2 if corners.shape[1] == 3 else 1)


def keys(rows):
    return [tuple(row) for row in np.sort(rows, axis=1)]


@pytest.mark.parametrize("table", COARSE, ids=lambda t: f"{t['kind']}{t['dimension']}")
def test_cells_are_valid_and_conforming(table):
    data = build(**table)
    assert (jacobians(data.points, data.cells, data.cell_type) > 0).all()
    assert np.array_equal(np.unique(data.cells), np.arange(len(data.points)))

    local = np.array(LOCAL_FACETS[data.cell_type])
    all_facets = np.sort(data.cells[:, local].reshape(-1, local.shape[1]), axis=1)
    owner = np.repeat(np.arange(len(data.cells)), len(local))
    distinct, group, count = np.unique(all_facets, axis=0, return_inverse=True, return_counts=True)
    assert count.max() == 2
    # what belongs to one cell only lies on the hull: a hanging node would leave such facets inside
    centre = data.points[distinct[count == 1]].mean(axis=1)
    if table["kind"] != "rough":
        low, high = data.points.min(axis=0), data.points.max(axis=0)
        on_hull = np.isclose(centre, low, atol=1e-9) | np.isclose(centre, high, atol=1e-9)
        assert on_hull.any(axis=1).all()

    phases = np.zeros((len(distinct), 2), dtype=int)
    np.add.at(phases, (group.reshape(-1), data.cell_phase[owner] - 1), 1)
    between = {tuple(row) for row in distinct[(phases == 1).all(axis=1)]}
    assert set(keys(facets(data, INTERFACE_NUMBER))) == between
    everywhere = keys(data.facets)
    assert len(set(everywhere)) == len(everywhere)
    index = {tuple(row): i for i, row in enumerate(distinct)}
    for tag, phase in (
        (ELECTRODE_TERMINAL, ELECTRODE_NUMBER),
        (ELECTROLYTE_TERMINAL, ELECTROLYTE_NUMBER),
    ):
        rows = [index[key] for key in keys(facets(data, tag))]
        assert rows
        assert (phases[rows, 2 - phase] == 0).all()


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_planar_sizes_are_exact(dimension):
    table = {"electrode_thickness": 4, "electrolyte_thickness": 7, "dimension": dimension}
    if dimension > 1:
        table |= {"lateral_size": "1.5 nm", "lateral_elements": 2}
    data = build(kind="planar", **table)
    section = 1.5 ** (dimension - 1)
    assert volume(data, ELECTRODE_NUMBER) == pytest.approx(4 * section, rel=1e-12)
    assert volume(data, ELECTROLYTE_NUMBER) == pytest.approx(7 * section, rel=1e-12)
    for tag in FACETS.values():
        assert area(data, tag) == pytest.approx(section, rel=1e-12)
    assert (data.points[facets(data, INTERFACE_NUMBER), 0] == 0).all()
    assert (data.points[facets(data, ELECTRODE_TERMINAL), 0] == -4).all()
    assert (data.points[facets(data, ELECTROLYTE_TERMINAL), 0] == 7).all()


@pytest.mark.parametrize(("dimension", "size"), [(1, 0.0005), (2, 0.02), (3, 0.05)])
def test_planar_layers_start_at_the_default_size(dimension, size):
    z = np.unique(build(kind="planar", dimension=dimension).points[:, 0])
    first = z[z > 0][0]
    assert 0.75 * size < first <= size


def test_flat_layers_have_no_obtuse_angle():
    """The P1 stiffness matrix is then an M-matrix, however thin the layers."""
    data = build(kind="planar", dimension=3, lateral_elements=3)
    corners = data.points[data.cells]
    inverse = np.linalg.inv(corners[:, 1:] - corners[:, :1])
    gradients = np.concatenate([-inverse.sum(axis=2, keepdims=True), inverse], axis=2)
    products = np.einsum("cki,ckj->cij", gradients, gradients)
    scale = np.abs(products).max(axis=(1, 2))
    off_diagonal = products[:, ~np.eye(4, dtype=bool)]
    assert (off_diagonal <= 1e-12 * scale[:, None]).all()


def test_rough_interface_is_the_wave_and_conserves_volume():
    s = settings_of({"kind": "rough", "dimension": 2, "roughness_amplitude": 0.3, "roughness_wavelength": 4})
    assert s.resolved().lateral_size == 4
    data = s.build()
    z, y = data.points[np.unique(facets(data, INTERFACE_NUMBER))].T
    np.testing.assert_allclose(z, 0.3 * np.cos(2 * np.pi * y / 4), atol=1e-14)
    assert volume(data, ELECTRODE_NUMBER) == pytest.approx(40, rel=1e-12)
    from scipy.special import ellipe

    slope = 0.3 * 2 * np.pi / 4
    arc = 4 * 2 / np.pi * np.sqrt(1 + slope**2) * ellipe(slope**2 / (1 + slope**2))
    assert area(data, INTERFACE_NUMBER) == pytest.approx(arc, rel=2e-3)
    assert area(data, ELECTRODE_TERMINAL) == pytest.approx(4, rel=1e-12)


@pytest.mark.parametrize("dimension", [2, 3])
def test_particle_approaches_the_sphere_at_second_order(dimension):
    radius, exact = 3.0, {2: (np.pi * 9, 2 * np.pi * 3), 3: (4 / 3 * np.pi * 27, 4 * np.pi * 9)}[dimension]
    sizes = {"kind": "particle", "radius": radius, "box_size": 9, "interface_size": 0.3}
    errors = []
    for size in (1.2, 0.6):
        data = build(**sizes, dimension=dimension, tangential_size=size)
        on = data.points[np.unique(facets(data, INTERFACE_NUMBER))]
        np.testing.assert_allclose(np.linalg.norm(on, axis=1), radius, rtol=1e-14)
        assert volumes(data).sum() == pytest.approx(9**dimension, rel=1e-12)
        assert area(data, ELECTROLYTE_TERMINAL) == pytest.approx(2 * dimension * 9 ** (dimension - 1))
        found = volume(data, ELECTRODE_NUMBER), area(data, INTERFACE_NUMBER)
        errors.append(1 - np.array(found) / exact)
    assert (errors[1] > 0).all()
    np.testing.assert_allclose(np.log2(errors[0] / errors[1]), 2, atol=0.35)


def test_particle_core_and_layers_are_where_they_should():
    data = build(kind="particle", dimension=3, tangential_size=1.5, core_radius=2)
    core = data.points[np.unique(facets(data, ELECTRODE_TERMINAL))]
    np.testing.assert_allclose(np.linalg.norm(core, axis=1), 2, rtol=1e-14)
    radii = np.unique(np.linalg.norm(data.points, axis=1).round(9))
    assert 0.035 < 5 - radii[radii < 5][-1] <= 0.05 + 1e-9
    # outside, the box pulls a little at the shells, outwards
    assert 0.035 < radii[radii > 5][0] - 5 <= 0.051


def test_default_particle_is_of_moderate_size():
    data = build(kind="particle")
    assert 20_000 < len(data.points) < 50_000


@pytest.mark.parametrize("octant", [True, False])
@pytest.mark.parametrize("cell", ["simplex", "tensor"])
def test_cube_sizes_are_exact(octant, cell):
    data = build(
        kind="cube",
        particle_size=10,
        box_size=30,
        core_size=4,
        interface_size=1,
        growth=1.5,
        octant=octant,
        cell=cell,
    )
    share = 1 / 8 if octant else 1
    assert volume(data, ELECTROLYTE_NUMBER) == pytest.approx(1000 * share, rel=1e-12)
    assert volume(data, ELECTRODE_NUMBER) == pytest.approx(26000 * share, rel=1e-12)
    assert area(data, INTERFACE_NUMBER) == pytest.approx(600 * share, rel=1e-12)
    assert area(data, ELECTRODE_TERMINAL) == pytest.approx(5400 * share, rel=1e-12)
    assert area(data, ELECTROLYTE_TERMINAL) == pytest.approx(96 * share, rel=1e-12)


def test_cube_default_is_the_exchange_mesh():
    s = settings_of({"kind": "cube", "particle_size": "65 nm"}).resolved()
    assert s.interface_size == pytest.approx(0.52)
    assert s.box_size == pytest.approx(16 * 65)
    assert len(s.model_copy(update={"cell": "tensor"}).build().cells) < 60**3


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ({"kind": "planar", "lateral_size": 2}, "mesh.lateral_size"),
        ({"kind": "planar", "lateral_elements": 2}, "mesh.lateral_elements"),
        ({"kind": "planar", "interface_size": 20}, "mesh.interface_size"),
        ({"kind": "planar", "growth": 0.5}, "mesh.growth"),
        ({"kind": "rough", "dimension": 1}, "mesh.dimension"),
        ({"kind": "particle", "dimension": 1}, "mesh.dimension"),
        ({"kind": "cube", "dimension": 1, "particle_size": 1}, "mesh.dimension"),
        ({"kind": "rough", "lateral_size": 2, "roughness_wavelength": 3}, "mesh.roughness_wavelength"),
        ({"kind": "rough", "roughness_amplitude": 9.5}, "mesh.roughness_amplitude"),
        ({"kind": "rough", "lateral_elements": 3}, "mesh.lateral_elements"),
        ({"kind": "particle", "box_size": 10}, "mesh.box_size"),
        ({"kind": "particle", "core_radius": 5}, "mesh.core_radius"),
        ({"kind": "cube", "particle_size": 10, "box_size": 10}, "mesh.box_size"),
        ({"kind": "cube", "particle_size": 10, "core_size": 12}, "mesh.core_size"),
    ],
)
def test_impossible_geometry_names_its_key(table, key):
    with pytest.raises((InputError, ValidationError), match=rf"^{key}|\n{key}"):
        settings_of(table).build()


@pytest.mark.parametrize("table", COARSE, ids=lambda t: f"{t['kind']}{t['dimension']}")
def test_resolved_settings_are_complete_and_build_the_same(table):
    s = settings_of(table)
    resolved = s.resolved()
    missing = {key for key, value in resolved.model_dump().items() if value is None}
    assert missing <= ({"lateral_size", "lateral_elements"} if s.dimension == 1 else set())
    assert type(s).model_validate(resolved.model_dump(exclude_none=True)) == resolved
    assert np.array_equal(resolved.build().points, s.build().points)
