"""Output on several ranks: the same files, checkpoints for any number of ranks, errors on every rank."""

from pathlib import Path

import scl_fem._stack  # noqa: F401
import numpy as np
import pytest
from mpi4py import MPI

# isort: split
from dolfinx import fem

from scl_fem.errors import ConvergenceError, InputError
from scl_fem.mesh import BOTH, MESH_KINDS
from scl_fem.mesh.distribute import build_domain
from scl_fem.output.checkpoint import read_checkpoint, write_checkpoint
from scl_fem.output.fields import FieldWriter
from scl_fem.output.files import OutputError
from scl_fem.output.folder import ResultFolder
from scl_fem.output.tables import write_summary
from scl_fem.parallel import agree, gather_rows, on_root

COMM = MPI.COMM_WORLD


@pytest.fixture
def directory(tmp_path):
    """One directory for all ranks."""
    yield Path(COMM.bcast(str(tmp_path)))
    COMM.barrier()


def settings(dimension, kind="planar"):
    if kind == "cube":
        sizes = {"particle_size": 1.0, "interface_size": 0.1, "growth": 1.6, "cell": "tensor"}
        return MESH_KINDS["cube"](dimension=dimension, **sizes)
    lateral = {} if dimension == 1 else {"lateral_size": 1.0, "lateral_elements": 3}
    slab = {"electrode_thickness": 1.0, "electrolyte_thickness": 1.0, "interface_size": 0.1, "growth": 1.3}
    return MESH_KINDS["planar"](dimension=dimension, **slab, **lateral)


def lagrange(comm, dimension, order, kind="planar"):
    domain = build_domain(settings(dimension, kind), comm)
    return domain, fem.functionspace(domain.mesh, ("Lagrange", order))


CASES = [(dimension, order, "planar") for dimension in (1, 2, 3) for order in (1, 2)]
CASES += [(dimension, order, "cube") for dimension in (2, 3) for order in (1, 2)]


def write_fields(directory, comm, dimension, order, kind):
    domain, space = lagrange(comm, dimension, order, kind)
    x, y, _ = space.tabulate_dof_coordinates().T
    fields = {}
    for tag in BOTH:
        # a rank knows a phase at the nodes of its own cells of it: elsewhere there may be anything
        values = np.full(x.size, np.nan)
        cells = domain.cells(tag)
        cells = cells[cells < domain.mesh.topology.index_map(dimension).size_local]
        nodes = space.dofmap.list[cells].ravel()
        values[nodes] = (1 + BOTH.index(tag) * np.exp(-np.abs(x)) + y)[nodes]
        fields[tag] = {"phi_V": x + y, "concentration_per_nm3": values}
    FieldWriter(directory, domain, space).write(fields)


@pytest.mark.parametrize(("dimension", "order", "kind"), CASES)
def test_fields_are_those_of_one_rank(directory, dimension, order, kind):
    write_fields(directory / "all", COMM, dimension, order, kind)
    if COMM.rank == 0:
        import pyvista as pv

        write_fields(directory / "one", MPI.COMM_SELF, dimension, order, kind)
        assert names(directory / "all") == names(directory / "one")
        pair = [pv.read(directory / ranks / "fields.pvd") for ranks in ("all", "one")]
        for several, one in zip(*pair, strict=True):
            np.testing.assert_array_equal(several.cells, one.cells)
            np.testing.assert_allclose(several.points, one.points, atol=1e-14)
            assert several.array_names == one.array_names
            for name in one.array_names:
                np.testing.assert_allclose(several[name], one[name], rtol=1e-13, atol=1e-14)
            charge = several.integrate_data()["concentration_per_nm3"][0]
            assert charge == pytest.approx(one.integrate_data()["concentration_per_nm3"][0], rel=1e-12)


def names(directory):
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*"))


@pytest.mark.parametrize(("dimension", "order", "kind"), CASES)
def test_checkpoints_fit_any_number_of_ranks(directory, dimension, order, kind):
    def expected(x):
        return np.sin(3 * x[0]) + 2 * x[1] - x[2] ** 2

    path = directory / "checkpoint.npz"
    writers = min(2, COMM.size)
    with group(writers) as comm:
        if comm is not None:
            _, space = lagrange(comm, dimension, order, kind)
            function = fem.Function(space)
            function.interpolate(expected)
            write_checkpoint(path, {"phi": function}, {"writers": writers}, fingerprint="f")
    COMM.barrier()
    for readers in {1, COMM.size}:
        with group(readers) as comm:
            if comm is not None:
                _, space = lagrange(comm, dimension, order, kind)
                again = read_checkpoint(path, {"phi": space}, fingerprint="f")
                assert again.metadata == {"writers": writers}
                function = fem.Function(space)
                function.interpolate(expected)
                # ghosts included
                values = again.functions["phi"].x.array
                np.testing.assert_allclose(values, function.x.array, rtol=1e-13, atol=1e-14)
        COMM.barrier()


class group:
    """The first few ranks as a communicator of their own; None on the others."""

    def __init__(self, size):
        self.comm = COMM.Split(0 if COMM.rank < size else MPI.UNDEFINED, COMM.rank)

    def __enter__(self):
        return self.comm if self.comm != MPI.COMM_NULL else None

    def __exit__(self, *_):
        if self.comm != MPI.COMM_NULL:
            self.comm.Free()


def test_a_wrong_checkpoint_is_refused_on_every_rank(directory):
    _, space = lagrange(COMM, 1, 1)
    write_checkpoint(directory / "c.npz", {"phi": fem.Function(space)}, {}, fingerprint="a")
    with pytest.raises(InputError, match="another case"):
        read_checkpoint(directory / "c.npz", {"phi": space}, fingerprint="b")
    with pytest.raises(InputError, match="no checkpoint"):
        read_checkpoint(directory / "none.npz", {"phi": space}, fingerprint="b")


def test_result_folder_is_one_for_all_ranks(directory):
    path = directory / "result"
    with ResultFolder(path, COMM) as folder:
        stages = COMM.allgather(str(folder.stage))
        assert len(set(stages)) == 1
        folder.on_root(write_summary, folder.stage / "summary.json", {"ranks": COMM.size})
    assert (path / "summary.json").is_file()
    with pytest.raises(InputError, match="holds a result already"), ResultFolder(path, COMM):
        pass
    COMM.barrier()


def test_a_full_disk_is_an_error_on_every_rank(directory):
    with pytest.raises(OutputError, match="the disk is full"), ResultFolder(directory / "r", COMM) as folder:
        folder.on_root(write_summary, Path("/dev/full"), {"a": 1})
    COMM.barrier()
    assert not (directory / "r").exists()
    COMM.barrier()


def test_what_a_failed_run_keeps(directory):
    path = directory / "r"
    _, space = lagrange(COMM, 1, 1)

    def fail():
        with ResultFolder(path, COMM) as folder:
            folder.keep("checkpoint.npz")
            checkpoint = folder.stage / "checkpoint.npz"
            write_checkpoint(checkpoint, {"phi": fem.Function(space)}, {}, fingerprint="a")
            raise ConvergenceError("no")

    with pytest.raises(ConvergenceError):
        fail()
    COMM.barrier()
    assert names(path) == ["checkpoint.npz"]
    COMM.barrier()


def test_on_root_raises_on_every_rank():
    def fail(error):
        raise error

    with pytest.raises(InputError, match=r"case\.toml: mesh: bad \(allowed: good\)"):
        on_root(COMM, fail, InputError("bad", file="case.toml", key="mesh", allowed="good"))
    with pytest.raises(ZeroDivisionError if COMM.rank == 0 else RuntimeError, match="by zero"):
        on_root(COMM, fail, ZeroDivisionError("by zero"))
    assert on_root(COMM, lambda: COMM.rank) == (0 if COMM.rank == 0 else None)


@pytest.mark.parametrize("shape", [(), (3,), (0,)])
def test_gather_rows_stacks_by_rank(shape):
    rows = np.full((COMM.rank, *shape), COMM.rank, dtype=np.int64)
    stacked = gather_rows(COMM, rows)
    expected = [rank for rank in range(COMM.size) for _ in range(rank)] if COMM.rank == 0 else []
    assert stacked.shape == (len(expected), *shape)
    for row, rank in zip(stacked, expected, strict=True):
        np.testing.assert_array_equal(row, rank)


def test_what_is_wrong_on_one_rank_every_rank_raises():
    agree(COMM, None)
    last = COMM.size - 1
    with pytest.raises(InputError, match=f"on rank {last}") as raised:
        agree(COMM, InputError(f"on rank {last}", key="law", allowed="less") if COMM.rank == last else None)
    assert (raised.value.key, raised.value.allowed) == ("law", "less")
