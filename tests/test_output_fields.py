"""Fields read back with VTK: values, the jump at the interface, integrals by phase, time steps."""

import xml.etree.ElementTree as ET

import scl_fem._stack  # noqa: F401
import numpy as np
import pytest
from mpi4py import MPI

# isort: split
from dolfinx import fem

from scl_fem.mesh import BOTH, ELECTRODE, ELECTROLYTE, MESH_KINDS
from scl_fem.mesh.distribute import Domain, build_domain
from scl_fem.output.fields import FieldWriter
from scl_fem.output.files import OutputError

pv = pytest.importorskip("pyvista")
vtk = pytest.importorskip("vtkmodules.vtkCommonCore")

THICKNESS = 1.0
SIZES = {"interface_size": 0.25, "growth": 1.5}
SLAB = {"electrode_thickness": THICKNESS, "electrolyte_thickness": THICKNESS}


def slab(dimension: int) -> Domain:
    lateral = {} if dimension == 1 else {"lateral_size": 1.0, "lateral_elements": 2}
    kind = MESH_KINDS["planar"]
    return build_domain(kind(dimension=dimension, **SLAB, **SIZES, **lateral), MPI.COMM_SELF)


def cube(dimension: int) -> Domain:
    kind = MESH_KINDS["cube"]
    settings = {"particle_size": 1.0, "interface_size": 0.1, "growth": 1.6, "cell": "tensor"}
    return build_domain(kind(dimension=dimension, **settings), MPI.COMM_SELF)


def fields_of(space, time=0.0):
    """A linear potential and concentrations that differ by phase; exact in either order."""
    x, y, z = space.tabulate_dof_coordinates().T
    phi = 0.3 * x - 0.2 * y + 0.1 * z + time
    return {
        ELECTRODE: {"phi_V": phi, "concentration_per_nm3": 16.0 + 2.0 * x},
        ELECTROLYTE: {"phi_V": phi, "concentration_per_nm3": 5.0 + 3.0 * x},
    }


def write(directory, domain, order, times=(0.0,)):
    space = fem.functionspace(domain.mesh, ("Lagrange", order))
    writer = FieldWriter(directory, domain, space)
    for time in times:
        writer.write(fields_of(space, time), time)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_values_jump_and_integrals(tmp_path, dimension, order):
    write(tmp_path, slab(dimension), order)
    blocks = pv.read(tmp_path / "fields.pvd")
    assert len(blocks) == 2
    for block, tag, sign in zip(blocks, BOTH, (-1, 1), strict=True):
        x, y, z = block.points.T
        constant, slope = (16.0, 2.0) if tag == ELECTRODE else (5.0, 3.0)
        np.testing.assert_allclose(block["phi_V"], 0.3 * x - 0.2 * y + 0.1 * z, atol=1e-14)
        np.testing.assert_allclose(block["concentration_per_nm3"], constant + slope * x, rtol=1e-14)
        np.testing.assert_array_equal(block.cell_data["phase"], 1 + BOTH.index(tag))
        assert np.all(sign * x >= -1e-12)
        # the jump: at the interface each phase has its own value
        assert np.isclose(block["concentration_per_nm3"][np.isclose(x, 0.0)], constant).all()
        integral = block.integrate_data()["concentration_per_nm3"][0]
        assert integral == pytest.approx(constant + sign * slope / 2, rel=1e-12)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("dimension", [2, 3])
def test_cells_of_tensor_product_meshes_are_in_vtk_order(tmp_path, dimension, order):
    domain = cube(dimension)
    write(tmp_path, domain, order)
    for block in pv.read(tmp_path / "fields.pvd"):
        sizes = block.compute_cell_sizes()["Area" if dimension == 2 else "Volume"]
        assert sizes.min() > 0
        # VTK interpolates from the nodes of a cell: with a wrong order its centre would be elsewhere
        for index in range(0, block.n_cells, max(block.n_cells // 20, 1)):
            cell = block.get_cell(index)
            low, high = np.reshape(cell.bounds, (3, 2)).T
            for fraction in (0.5, 0.25):
                parameters, found, weights = [fraction] * 3, np.zeros(3), np.zeros(cell.n_points)
                cell.EvaluateLocation(vtk.reference(0), parameters, found, weights)
                np.testing.assert_allclose(found, low + fraction * (high - low), rtol=1e-12, atol=1e-12)
    particle = pv.read(tmp_path / "fields.pvd")[1]
    measure = "Area" if dimension == 2 else "Volume"
    assert particle.compute_cell_sizes()[measure].sum() == pytest.approx(0.5**dimension, rel=1e-12)


def test_quadratic_cells_are_not_flattened(tmp_path):
    domain = slab(2)
    space = fem.functionspace(domain.mesh, ("Lagrange", 2))
    x = space.tabulate_dof_coordinates()
    quadratic = x[:, 0] * x[:, 1] + x[:, 1] ** 2
    FieldWriter(tmp_path, domain, space).write({tag: {"q": quadratic} for tag in BOTH})
    block = pv.read(tmp_path / "fields.pvd")[1]
    probe = pv.PolyData([[0.31, 0.47, 0.0]]).sample(block)
    assert probe["q"][0] == pytest.approx(0.31 * 0.47 + 0.47**2, rel=1e-6)


def test_time_steps(tmp_path):
    times = (0.0, 1e-9, 2.5e-6)
    write(tmp_path, slab(1), 1, times)
    reader = pv.get_reader(tmp_path / "fields.pvd")
    assert reader.time_values == list(times)
    reader.set_active_time_value(times[2])
    for block in reader.read():
        np.testing.assert_allclose(block["phi_V"], 0.3 * block.points[:, 0] + times[2], atol=1e-15)


def test_the_pvd_names_files_beside_it(tmp_path):
    write(tmp_path, slab(1), 1, (0.0, 1.0))
    sets = ET.parse(tmp_path / "fields.pvd").getroot().findall("Collection/DataSet")
    assert [entry.get("name") for entry in sets] == ["electrode", "electrolyte"] * 2
    assert {entry.get("file") for entry in sets} == {
        f"fields/{phase}_{step:06d}.vtu" for phase in ("electrode", "electrolyte") for step in (0, 1)
    }
    assert all((tmp_path / entry.get("file")).is_file() for entry in sets)


def test_meshio_reads_them_too(tmp_path):
    meshio = pytest.importorskip("meshio")
    write(tmp_path, slab(3), 1)
    mesh = meshio.read(tmp_path / "fields" / "electrolyte_000000.vtu")
    assert list(mesh.cells_dict) == ["tetra"]
    np.testing.assert_allclose(mesh.point_data["concentration_per_nm3"], 5 + 3 * mesh.points[:, 0])


def test_a_full_disk_is_said_plainly(tmp_path):
    (tmp_path / "fields").mkdir()
    (tmp_path / "fields" / "electrode_000000.vtu").symlink_to("/dev/full")
    with pytest.raises(OutputError, match="the disk is full"):
        write(tmp_path, slab(1), 1)


def test_the_electrode_comes_first_whatever_the_order_of_the_fields(tmp_path):
    """ParaView numbers blocks by their place in the file."""
    domain = slab(1)
    space = fem.functionspace(domain.mesh, ("Lagrange", 1))
    FieldWriter(tmp_path, domain, space).write(dict(reversed(fields_of(space).items())))
    names = [entry.attrib["name"] for entry in ET.parse(tmp_path / "fields.pvd").iter("DataSet")]
    assert names == ["electrode", "electrolyte"]
