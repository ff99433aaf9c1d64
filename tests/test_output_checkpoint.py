"""Checkpoints on one rank; tests/parallel writes on some ranks and reads on others."""

import json

import scl_fem._stack  # noqa: F401
import numpy as np
import pytest
from mpi4py import MPI

# isort: split
from dolfinx import fem

from scl_fem.errors import InputError
from scl_fem.mesh import MESH_KINDS
from scl_fem.mesh.distribute import build_domain
from scl_fem.output.checkpoint import read_checkpoint, write_checkpoint
from scl_fem.output.files import OutputError


def space(dimension=1, order=1, growth=1.5):
    lateral = {} if dimension == 1 else {"lateral_size": 1.0, "lateral_elements": 2}
    settings = MESH_KINDS["planar"](
        dimension=dimension,
        electrode_thickness=1.0,
        electrolyte_thickness=1.0,
        interface_size=0.25,
        growth=growth,
        **lateral,
    )
    return fem.functionspace(build_domain(settings, MPI.COMM_SELF).mesh, ("Lagrange", order))


def function(on, seed=0):
    result = fem.Function(on)
    result.x.array[:] = np.random.default_rng(seed).normal(size=result.x.array.size)
    return result


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_round_trip_is_exact(tmp_path, dimension, order):
    here = space(dimension, order)
    phi, mu_e = function(here, 1), function(here, 2)
    path = tmp_path / "checkpoint.npz"
    write_checkpoint(path, {"phi": phi, "mu_e": mu_e}, {"time_s": 1.0 / 3.0}, fingerprint="a")
    again = read_checkpoint(path, {"phi": here, "mu_e": space(dimension, order)}, fingerprint="a")
    np.testing.assert_array_equal(again.functions["phi"].x.array, phi.x.array)
    np.testing.assert_array_equal(again.functions["mu_e"].x.array, mu_e.x.array)
    assert again.metadata == {"time_s": 1.0 / 3.0}
    assert [entry.name for entry in tmp_path.iterdir()] == ["checkpoint.npz"]


def test_a_part_of_a_checkpoint_can_be_read(tmp_path):
    linear, quadratic = space(2, 1), space(2, 2)
    write_checkpoint(
        tmp_path / "c.npz", {"a": function(linear), "b": function(quadratic)}, {}, fingerprint=""
    )
    again = read_checkpoint(tmp_path / "c.npz", {"b": quadratic}, fingerprint="")
    np.testing.assert_array_equal(again.functions["b"].x.array, function(quadratic).x.array)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"on": {"growth": 1.4}}, "another mesh"),
        ({"on": {"dimension": 2}}, "another mesh"),
        ({"on": {"order": 2}}, "another mesh or order"),
        ({"fingerprint": "b"}, "another case"),
        ({"name": "mu_e"}, r"without mu_e \(allowed: phi\)"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, options, problem):
    path = tmp_path / "checkpoint.npz"
    write_checkpoint(path, {"phi": function(space())}, {}, fingerprint="a")
    wanted = {options.get("name", "phi"): space(**options.get("on", {}))}
    with pytest.raises(InputError, match=rf"checkpoint\.npz: .*{problem}"):
        read_checkpoint(path, wanted, fingerprint=options.get("fingerprint", "a"))


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 broken", b"\x80\x04N."])
def test_what_is_no_checkpoint_is_refused(tmp_path, content):
    path = tmp_path / "checkpoint.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"checkpoint\.npz"):
        read_checkpoint(path, {"phi": space()}, fingerprint="a")


def test_a_foreign_npz_is_refused(tmp_path):
    path = tmp_path / "checkpoint.npz"
    np.savez(path, a=np.zeros(3))
    with pytest.raises(InputError, match="not a readable checkpoint"):
        read_checkpoint(path, {"phi": space()}, fingerprint="a")
    np.savez(path, header=np.array(json.dumps({"format": 99})))
    with pytest.raises(InputError, match="format 99"):
        read_checkpoint(path, {"phi": space()}, fingerprint="a")


def test_a_failing_write_keeps_the_old_checkpoint(tmp_path, monkeypatch):
    path = tmp_path / "checkpoint.npz"
    write_checkpoint(path, {"phi": function(space(), 1)}, {}, fingerprint="a")
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("scl_fem.output.files.os.fsync", full)
    with pytest.raises(OutputError, match="the disk is full"):
        write_checkpoint(path, {"phi": function(space(), 2)}, {}, fingerprint="a")
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["checkpoint.npz"]


def test_other_elements_are_refused(tmp_path):
    mesh = space().mesh
    discontinuous = fem.Function(fem.functionspace(mesh, ("DG", 1)))
    with pytest.raises(ValueError, match="continuous scalar Lagrange"):
        write_checkpoint(tmp_path / "c.npz", {"a": discontinuous}, {}, fingerprint="")
