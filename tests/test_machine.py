"""What `scl-fem info` says of machine and installation."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import scl_fem
from scl_fem.cli import machine

ROOT = Path(scl_fem.__file__).parents[1]


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def package(tmp_path, monkeypatch):
    """The program as if it were installed somewhere else."""
    folder = tmp_path / "site" / "scl_fem"
    folder.mkdir(parents=True)
    monkeypatch.setattr(scl_fem, "__file__", str(folder / "__init__.py"))
    return folder


def test_commit_of_a_checkout(package):
    root = package.parent
    git = ["git", "-C", str(root), "-c", "user.name=a", "-c", "user.email=a@b.c"]
    (root / "file").write_text("1")
    for words in (["init", "-q"], ["add", "file"], ["commit", "-q", "-m", "one"]):
        subprocess.run([*git, *words], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    assert machine.commit() == head.stdout.strip()
    (root / "file").write_text("2")
    assert machine.commit() == f"{head.stdout.strip()}-dirty"


def test_commit_of_a_checkout_without_git(package, monkeypatch):
    (package.parent / ".git").mkdir()
    monkeypatch.setenv("PATH", "")
    assert machine.commit().startswith("unknown: git does not tell")


def test_commit_that_a_wheel_recorded(package):
    assert machine.commit() == "unknown"
    (package / "commit.txt").write_text("abc123\n")
    assert machine.commit() == "abc123"


def test_which_mpirun(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "venv"))
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert machine.mpirun() == "not on PATH"
    system = program(tmp_path / "usr" / "mpirun")
    monkeypatch.setenv("PATH", str(system.parent))
    assert machine.mpirun() == f"{system} (the environment has none of its own)"
    own = program(tmp_path / "venv" / "bin" / "mpirun")
    assert machine.mpirun() == f"{system}: NOT that of this MPI, which is {own}"
    monkeypatch.setenv("PATH", f"{own.parent}:{system.parent}")
    assert machine.mpirun() == f"{own} (the right one)"
    monkeypatch.setenv("PATH", "")
    assert machine.mpirun() == f"not on PATH; the right one is {own}"


def test_the_machine_is_described():
    assert re.fullmatch(r"\d+ of \d+", machine.cores())
    assert re.match(r"\d+\.\d GB, \d+\.\d GB available", machine.memory())
    assert "kernel " in machine.operating_system()
    assert re.match(r"(glibc|musl) ?[\d.]*", machine.c_library())
    assert machine.processor() not in ("", machine.UNKNOWN)


def test_what_cannot_be_read_is_unknown(monkeypatch):
    def unreadable(self, **options):
        raise OSError("no")

    monkeypatch.setattr(Path, "read_text", unreadable)
    monkeypatch.setattr("platform.processor", lambda: "")
    assert machine.memory() == machine.processor() == machine.UNKNOWN
