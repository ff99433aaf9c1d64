"""Compiled forms: whatever state a crash, a disk or an account left the cache in."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import scl_fem
from scl_fem.discretisation import form_cache

SCRIPT = """
import os, time
if "NO_WAITING" in os.environ:  # on a busy machine the time alone tells nothing
    slept, sleep = [], time.sleep
    def counted(seconds):
        slept.append(seconds)
        assert sum(slept) < 2.0, "it waits"
        sleep(seconds)
    time.sleep = counted
import scl_fem._stack, sys
import ufl
from dolfinx import fem, mesh
from mpi4py import MPI
from scl_fem.discretisation.compiling import compiled, note_the_cache
from scl_fem.errors import InputError
from scl_fem.progress import SilentReporter
class News(SilentReporter):
    def note(self, text):
        print("note:", text)
try:
    note_the_cache(MPI.COMM_WORLD, News())
    domain = mesh.create_unit_interval(MPI.COMM_WORLD, 4)
    v = ufl.TestFunction(fem.functionspace(domain, ("Lagrange", 1)))
    total = MPI.COMM_WORLD.allreduce(sum(fem.assemble_vector(compiled(3.0 * v * ufl.dx)).array))
    if MPI.COMM_WORLD.rank == 0:
        print(total)
except InputError as error:
    print("error:", error)
"""
ROOT = Path(scl_fem.__file__).parents[1]


def compile_form(home, ranks=1, prefix=(), **environment):
    """What a process in that home says, and how long it takes."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    known |= {"HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"} | environment
    launcher = [Path(sys.executable).parent / "mpirun", "-n", str(ranks)] if ranks > 1 else []
    words = [*prefix, *launcher, sys.executable, "-c", SCRIPT]
    done = subprocess.run(words, env=known, capture_output=True, text=True, timeout=100, check=False)
    return done.stdout.strip() or done.stderr


@pytest.fixture(scope="module")
def warm(tmp_path_factory):
    """A home with the form in its cache."""
    home = tmp_path_factory.mktemp("home")
    assert compile_form(home) == "3.0"
    return home


@pytest.fixture
def home(warm, tmp_path):
    """A copy of it."""
    subprocess.run(["cp", "-r", str(warm), str(tmp_path / "home")], check=True)
    return tmp_path / "home"


def files(home, pattern):
    found = list((home / ".cache" / "fenics").glob(pattern))
    assert found
    return found


def half(file):
    os.truncate(file, file.stat().st_size // 2)


def empty(file):
    os.truncate(file, 0)


DAMAGES = {
    "killed while it compiled": [("*.cached", Path.unlink), ("*.so", Path.unlink), ("*.c", empty)],
    "killed before the mark": [("*.cached", Path.unlink)],
    "mark alone": [("*.c", Path.unlink), ("*.so", Path.unlink)],
    "no library": [("*.so", Path.unlink)],
    "half a library": [("*.so", half)],
    "empty library": [("*.so", empty)],
    "no source": [("*.c", Path.unlink)],
    "another library": [("*.so", lambda file: file.write_bytes(b"\xcf\xfa\xed\xfe" * 100))],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_broken_is_compiled_again(home, damage):
    for pattern, harm in DAMAGES[damage]:
        for file in files(home, pattern):
            harm(file)
    for file in files(home, "*"):
        os.utime(file, (1e9, 1e9))
    assert compile_form(home, NO_WAITING="1") == "3.0"  # DOLFINx would wait ten seconds, and give up
    files(home, "*.so")


def test_who_was_killed_while_compiling_is_known_at_once(home):
    (cached,) = files(home, "*.cached")
    cached.unlink()
    (home / ".cache" / "fenics" / ".scl-fem-lock").write_text("compiling")
    assert compile_form(home, NO_WAITING="1") == "3.0"


def test_another_program_that_compiles_now_is_not_disturbed(home):
    (cached,) = files(home, "*.cached")
    library = files(home, "*.so")[0].read_bytes()
    cached.unlink()
    (source,) = files(home, "*.c")
    source.touch()
    cache = form_cache.FormCache.__new__(form_cache.FormCache)
    cache.directory = cached.parent
    cache.remove_broken()
    assert files(home, "*.so")[0].read_bytes() == library
    cache.remove_broken(at_once=True)
    assert not list(cached.parent.glob("libffcx*"))


def test_many_at_once_compile_one_after_another(tmp_path):
    known = os.environ | {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": ""}
    crowd = [
        subprocess.Popen([sys.executable, "-c", SCRIPT], env=known, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert [each.communicate(timeout=100)[0].strip() for each in crowd] == ["3.0"] * 4
    assert len(files(tmp_path, "*.so")) == 1


def test_ranks_agree(home):
    for file in files(home, "*.so"):
        half(file)
    assert compile_form(home, ranks=2) == "3.0"
    assert compile_form("/dev/null", ranks=2).split("\n")[-1] == "3.0"


NOTE = "note: compiled forms cannot be kept in"


def test_a_home_that_is_none(tmp_path):
    answer = compile_form("/dev/null").splitlines()
    assert answer[-1] == "3.0"
    assert answer[0].startswith(NOTE)
    assert "XDG_CACHE_HOME" in answer[0]
    cache = tmp_path / "cache"
    assert compile_form("/dev/null", XDG_CACHE_HOME=str(cache)) == "3.0"
    assert list(cache.glob("fenics/*.so"))


def test_nowhere_to_write_is_one_sentence():
    answer = compile_form(
        "/dev/null", TMPDIR="/dev/null", prefix=("unshare", "-m", "sh", "-c", NOT_WRITABLE, "sh")
    )
    if "Operation not permitted" in answer or "unshare" in answer:
        pytest.skip("no namespaces here")
    assert answer.startswith("error: compiled forms can be kept neither in ")
    assert len(answer.splitlines()) == 1
    assert "XDG_CACHE_HOME" in answer


# Read-only rather than hidden: the program itself may lie there.
NOT_WRITABLE = (
    "for each in /tmp /var/tmp /usr/tmp; do "
    'mount --bind "$each" "$each" 2>/dev/null && mount -o remount,ro,bind "$each"; done; '
    'cd /proc; exec "$@"'
)


def test_a_full_disk_is_not_used(tmp_path):
    mount = f'mount -t tmpfs -o size=64k tmpfs "{tmp_path}" && exec "$@"'
    answer = compile_form(tmp_path, prefix=("unshare", "-m", "sh", "-c", mount, "sh"))
    if "unshare" in answer:
        pytest.skip("no namespaces here")
    assert answer.startswith(f"{NOTE} {tmp_path}/.cache/fenics (the disk is full)")
    assert answer.endswith("3.0")


def test_a_cache_that_can_only_be_read_is_used(home):
    mount = f'mount --bind -o ro "{home}" "{home}" && exec "$@"'
    prefix = ("unshare", "-m", "sh", "-c", mount, "sh")
    answer = compile_form(home, prefix=prefix, CC="/no/compiler")
    if "unshare" in answer:
        pytest.skip("no namespaces here")
    assert answer.startswith(NOTE)
    assert answer.endswith("3.0")


def test_without_a_compiler(home, tmp_path):
    assert compile_form(home, CC="/no/compiler") == "3.0"
    (tmp_path / "cold").mkdir()
    answer = compile_form(tmp_path / "cold", CC="/no/compiler")
    assert answer.startswith("error: the C compiler /no/compiler is not there")
    assert len(answer.splitlines()) == 1
    answer = compile_form(tmp_path / "cold", CC="false")
    assert answer.startswith("error: a form cannot be compiled by false")
    assert compile_form(tmp_path / "cold") == "3.0"
