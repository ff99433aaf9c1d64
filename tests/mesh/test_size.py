"""The size of a mesh, told before it is built."""

import random
import time
import tracemalloc
from pathlib import Path

import pytest

import scl_fem
from scl_fem.cli import main
from scl_fem.errors import InputError
from scl_fem.mesh.cube import CubeMesh
from scl_fem.mesh.particle import ParticleMesh
from scl_fem.mesh.planar import PlanarMesh
from scl_fem.mesh.rough import RoughMesh

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "cases").glob("*.toml"))


def same(mesh):
    size, built = mesh.size(), mesh.build()
    assert (size.cells, size.points) == (len(built.cells), len(built.points))
    assert (size.cell_type, size.dimension) == (built.cell_type, built.dimension)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_of_shipped_cases(path):
    mesh = scl_fem.resolve(scl_fem.load_case(path)).mesh
    if mesh.size() is None:
        pytest.skip("a file tells by itself")
    if mesh.size().cells > 400_000:
        pytest.skip("takes long")
    same(mesh)


def random_meshes(count):
    draw = random.Random(7)
    for _ in range(count):
        dimension = draw.choice([2, 3])
        growth, first = draw.choice([1.0, 1.1, 1.5, 2.0]), draw.uniform(0.3, 1.0)
        graded = {"dimension": dimension, "interface_size": first, "growth": growth}
        sides = {f"{side}_thickness": draw.uniform(1.0, 6.0) for side in ("electrode", "electrolyte")}
        across = {"lateral_elements": draw.randint(1, 6)}
        yield PlanarMesh(**graded, **sides, **across)
        yield PlanarMesh(dimension=1, interface_size=first, growth=growth, **sides)
        yield RoughMesh(**graded, **sides, lateral_size=2.0)
        yield ParticleMesh(**graded, radius=draw.uniform(3.0, 5.0), tangential_size=draw.uniform(0.8, 3.0))
        yield CubeMesh(
            **graded,
            particle_size=draw.uniform(3.0, 5.0),
            box_size=draw.uniform(8.0, 12.0),
            octant=draw.choice([True, False]),
            cell=draw.choice(["simplex", "tensor"]),
        )


@pytest.mark.parametrize("mesh", list(random_meshes(12)))
def test_of_random_settings(mesh):
    same(mesh)


ABSURD = [
    ("lvo_lagp_x0.2_1d", {"mesh.dimension": 2, "mesh.lateral_elements": 1_000_000_000}, "lateral_elements"),
    ("lvo_lagp_x0.2_1d", {"mesh.dimension": 3, "mesh.lateral_elements": 10**15}, "lateral_elements"),
    ("lvo_lagp_x0.2_1d", {"mesh.interface_size": 1e-12, "mesh.growth": 1.0}, "growth"),
    ("lvo_lagp_x0.2_1d", {"mesh.interface_size": 1e-300, "mesh.growth": 1.0}, "interface_size"),
    ("lvo_lagp_x0.2_1d", {"mesh.electrode_thickness": 1e9, "mesh.growth": 1.0}, "growth"),
]


@pytest.mark.parametrize(("name", "values", "key"), ABSURD)
@pytest.mark.parametrize("command", ["check", "run", "mesh"])
def test_too_large_is_refused_at_once(tmp_path, capsys, command, name, values, key):
    words = [command, str(ROOT / "cases" / f"{name}.toml")]
    words += [word for item in values.items() for word in ("--set", "{}={}".format(*item))]
    if command != "check":
        words += ["-o", str(tmp_path / "out.msh")]
    tracemalloc.start()
    begin = time.monotonic()
    with pytest.raises(SystemExit) as stop:
        main(words)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert stop.value.code == 2
    message = capsys.readouterr().err
    assert f"mesh.{key}: the mesh would have" in message
    assert "mesh.max_cells" in message
    assert time.monotonic() - begin < 20.0
    assert peak < 3e8
    assert not (tmp_path / "out.msh").exists()


@pytest.mark.parametrize(
    ("mesh", "key"),
    [
        (CubeMesh(particle_size=65.0, interface_size=0.13, growth=1.0), "growth"),
        (CubeMesh(particle_size=65.0, interface_size=1e-9, growth=1.0001), "interface_size|growth"),
        (ParticleMesh(tangential_size=1e-9), "tangential_size"),
        (ParticleMesh(tangential_size=1e-320), "tangential_size"),
        (RoughMesh(lateral_elements=10**9, roughness_amplitude=0.1), "lateral_elements"),
        (PlanarMesh(max_cells=100), "max_cells|interface_size|growth|thickness"),
    ],
)
def test_says_which_key(mesh, key):
    with pytest.raises(InputError, match=r"more than mesh\.max_cells = ") as caught:
        mesh.resolved().check_size()
    assert caught.value.key.removeprefix("mesh.") in key.split("|") or "thickness" in caught.value.key


def test_a_larger_limit_lets_it_pass():
    mesh = PlanarMesh(dimension=1, max_cells=100)
    with pytest.raises(InputError):
        mesh.built()
    assert len(mesh.model_copy(update={"max_cells": 10_000}).built().cells) > 100
