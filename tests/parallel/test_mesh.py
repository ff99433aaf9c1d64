"""The same mesh on any number of ranks: run serial, and by mpirun -n 2, 3, 4."""

import dataclasses

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)
import numpy as np
import pytest

# isort: split
import ufl
from dolfinx import fem
from dolfinx import mesh as dmesh
from mpi4py import MPI

from scl_fem.errors import InputError
from scl_fem.mesh import INTERFACE, MESH_KINDS
from scl_fem.mesh.distribute import build_domain, distribute
from tests.support.two_phases import (
    ELECTRODE_NUMBER,
    ELECTRODE_TERMINAL,
    ELECTROLYTE_NUMBER,
    INTERFACE_NUMBER,
    PHASES,
)

COMM = MPI.COMM_WORLD

TABLES = [
    {"kind": "planar", "dimension": 1},
    {"kind": "planar", "dimension": 2},
    {"kind": "planar", "dimension": 3, "growth": 1.6, "lateral_elements": 3},
    {"kind": "rough", "dimension": 2},
    {"kind": "particle", "dimension": 2, "tangential_size": 0.5},
    {"kind": "particle", "dimension": 3, "tangential_size": 1.2},
    {"kind": "cube", "dimension": 2, "particle_size": 10, "cell": "tensor"},
    {"kind": "cube", "dimension": 3, "particle_size": 10, "interface_size": 1, "cell": "tensor"},
]


def settings_of(table):
    return MESH_KINDS[table["kind"]].model_validate(table)


def integral(form):
    return COMM.allreduce(fem.assemble_scalar(fem.form(form)))


@pytest.mark.parametrize("table", TABLES, ids=lambda t: f"{t['kind']}{t['dimension']}")
def test_tags_do_not_depend_on_the_ranks(table):
    data = settings_of(table).build()
    domain = distribute(data if COMM.rank == 0 else None, COMM)
    mesh, tdim = domain.mesh, domain.dimension

    for name, tag in PHASES.items():
        owned = domain.cells(name) < mesh.topology.index_map(tdim).size_local
        assert COMM.allreduce(int(owned.sum())) == (data.cell_phase == tag).sum()
    assert (domain.phase_of_cell > 0).all()
    for role in data.layout.roles:
        owned = domain.facets(role) < mesh.topology.index_map(tdim - 1).size_local
        assert COMM.allreduce(int(owned.sum())) == (data.facet_tag == data.layout.number(role)).sum()
        assert domain.has(role)

    one = fem.Constant(mesh, 1.0)
    dx = ufl.Measure("dx", mesh, subdomain_data=domain.cell_tags)
    expected = phase_volumes(data)
    for tag in PHASES.values():
        assert integral(one * dx(tag)) == pytest.approx(expected[tag], rel=1e-11)


def phase_volumes(data):
    from scl_fem.mesh.topology import jacobians

    simplex = data.cells.shape[1] == data.dimension + 1
    parts = np.prod(np.arange(1, data.dimension + 1)) if simplex else 1
    each = jacobians(data.points, data.cells, data.cell_type) / parts
    return {tag: each[data.cell_phase == tag].sum() for tag in PHASES.values()}


@pytest.mark.parametrize("table", TABLES, ids=lambda t: f"{t['kind']}{t['dimension']}")
def test_interface_entities_are_electrode_first(table):
    """By Gauss's theorem: the flux of x through the interface, normal out of the electrode."""
    domain = build_domain(settings_of(table), COMM)
    mesh, tdim = domain.mesh, domain.dimension
    dS = ufl.Measure("dS", mesh, subdomain_data=[(1, domain.interface_entities(INTERFACE).ravel())])
    ds = ufl.Measure("ds", mesh, subdomain_data=domain.facet_tags)
    dx = ufl.Measure("dx", mesh, subdomain_data=domain.cell_tags)
    normal, x = ufl.FacetNormal(mesh), ufl.SpatialCoordinate(mesh)
    out = integral(ufl.dot(x("+"), normal("+")) * dS(1))
    one = fem.Constant(mesh, 1.0)
    area, tagged = (
        integral(one * dS(1)),
        integral(one * ufl.Measure("dS", mesh, subdomain_data=domain.facet_tags)(INTERFACE_NUMBER)),
    )
    assert area == pytest.approx(tagged, rel=1e-12)
    outer = tdim * integral(one * dx)
    electrode = tdim * integral(one * dx(1))
    if table["kind"] == "planar":
        assert out == pytest.approx(0.0, abs=1e-9)
    elif table["kind"] == "particle":
        assert out == pytest.approx(electrode, rel=1e-10)
    elif table["kind"] == "cube":
        # the electrode surrounds the particle; the flat sides of an octant pass through the origin
        terminal = integral(ufl.dot(x, normal) * ds(ELECTRODE_TERMINAL))
        assert terminal == pytest.approx(outer, rel=1e-10)
        assert out == pytest.approx(electrode - terminal, rel=1e-9)
    entities = domain.interface_entities(INTERFACE)
    assert (domain.phase_of_cell[entities[:, 0]] == ELECTRODE_NUMBER).all()
    assert (domain.phase_of_cell[entities[:, 2]] == ELECTROLYTE_NUMBER).all()


LAYERS = [
    {"phase": name, "thickness": thickness} for name, thickness in (("A", 2), ("B", 1), ("C", 3), ("A", 1))
]
MANY = [
    {"kind": "stack", "layers": LAYERS[:3], "dimension": 1},
    {"kind": "stack", "layers": LAYERS[:3], "dimension": 2},
    {"kind": "stack", "layers": LAYERS[:3], "dimension": 3, "growth": 1.6, "lateral_elements": 3},
    {"kind": "stack", "layers": LAYERS, "dimension": 2},
    {"kind": "particle", "dimension": 2, "tangential_size": 0.5, "coating": LAYERS[1:2]},
]


@pytest.mark.parametrize("table", MANY, ids=lambda t: f"{t['kind']}{t['dimension']}")
def test_cells_and_facets_of_many_phases_do_not_depend_on_the_ranks(table):
    data = settings_of(table).build()
    domain = distribute(data if COMM.rank == 0 else None, COMM)
    layout, mesh, tdim = domain.layout, domain.mesh, domain.dimension
    assert layout == data.layout
    rows = mesh.geometry.input_global_indices

    def all_of(found):
        return sorted(key for part in COMM.allgather(found) for key in part)

    def by_rows(entities, dim):
        """Vertices of entities that this rank owns, as rows of the points that the mesh came from."""
        mesh.topology.create_connectivity(dim, tdim)
        own = entities[entities < mesh.topology.index_map(dim).size_local]
        nodes = dmesh.entities_to_geometry(mesh, dim, own)
        return [tuple(sorted(rows[each].tolist())) for each in nodes]

    def given(vertices, numbers, role):
        return sorted(tuple(sorted(each)) for each in vertices[numbers == layout.number(role)].tolist())

    for phase in layout.phases:
        assert all_of(by_rows(domain.cells(phase), tdim)) == given(data.cells, data.cell_phase, phase)
    for role in layout.roles:
        assert all_of(by_rows(domain.facets(role), tdim - 1)) == given(data.facets, data.facet_tag, role)

    mesh.topology.create_connectivity(tdim, tdim - 1)
    facets_of = mesh.topology.connectivity(tdim, tdim - 1)
    for pair in layout.interfaces:
        entities = domain.interface_entities(pair)
        first, second = (domain.phase_of_cell[entities[:, column]] for column in (0, 2))
        assert (first == layout.number(pair[0])).all()
        assert (second == layout.number(pair[1])).all()
        facets = [
            np.array([facets_of.links(cell)[local] for cell, local in entities[:, sides]], dtype=np.int32)
            for sides in ([0, 1], [2, 3])
        ]
        np.testing.assert_array_equal(*facets)
        assert all_of(by_rows(facets[0], tdim - 1)) == given(data.facets, data.facet_tag, pair)


def test_nodes_are_known_by_their_row_in_the_input():
    data = settings_of({"kind": "particle", "dimension": 2, "tangential_size": 0.5}).build()
    mesh = distribute(data if COMM.rank == 0 else None, COMM).mesh
    rows = mesh.geometry.input_global_indices
    np.testing.assert_array_equal(mesh.geometry.x[:, :2], data.points[rows])


def test_an_error_of_rank_0_reaches_every_rank():
    settings = settings_of({"kind": "particle", "box_size": 1})
    with pytest.raises(InputError) as raised:
        build_domain(settings, COMM)
    assert raised.value.key == "mesh.box_size"


def test_a_missing_terminal_is_an_error_where_it_is_needed():
    import dataclasses

    data = settings_of({"kind": "planar"}).build()
    keep = data.facet_tag != ELECTRODE_TERMINAL
    data = dataclasses.replace(data, facets=data.facets[keep], facet_tag=data.facet_tag[keep])
    domain = distribute(data if COMM.rank == 0 else None, COMM)
    domain.require("right")
    with pytest.raises(InputError, match="no electrode terminal"):
        domain.require("left")


def test_remarks_on_a_mesh_are_known_to_every_rank():
    settings = MESH_KINDS["planar"](dimension=2).resolved()
    data = settings.build() if COMM.rank == 0 else None
    told = None if data is None else dataclasses.replace(data, remarks=("coarse",))
    assert distribute(told, COMM).remarks == ("coarse",)
