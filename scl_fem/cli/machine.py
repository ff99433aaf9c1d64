"""What a bug report needs to know of the machine and of the installation: each a line of text.

Nothing here fails: what cannot be found out is said to be unknown.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import scl_fem

UNKNOWN = "unknown"
_GIGABYTE = 1e9


def commit() -> str:
    """The commit of the program: of the checkout that it is run from, or of the wheel."""
    package = Path(scl_fem.__file__).parent
    if (package.parent / ".git").exists():
        return _commit_of_checkout(package.parent)
    try:
        return (package / "commit.txt").read_text(encoding="utf-8").strip()
    except OSError:
        return UNKNOWN


def operating_system() -> str:
    """Distribution and kernel."""
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        name = platform.system()
    return f"{name}, kernel {platform.release()}, {platform.machine()}"


def c_library() -> str:
    """glibc with its version; the wheels want 2.34."""
    return " ".join(platform.libc_ver()).strip() or UNKNOWN


def processor() -> str:
    """The model."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or UNKNOWN


def cores() -> str:
    """Those that this process may use, of all."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{usable} of {os.cpu_count()}"


def memory() -> str:
    """Of the machine, what is free of it, and the limit of a container where there is one."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
        sizes = {
            name: int(rest.split()[0]) * 1024 for name, _, rest in (line.partition(":") for line in lines)
        }
        text = f"{_gigabytes(sizes['MemTotal'])}, {_gigabytes(sizes['MemAvailable'])} available"
    except (OSError, ValueError, KeyError, IndexError):
        return UNKNOWN
    limit = _memory_limit()
    return (
        f"{text}, limited to {_gigabytes(limit)}" if limit is not None and limit < sizes["MemTotal"] else text
    )


def mpirun() -> str:
    """The mpirun that the shell would start, and whether it is that of this environment's MPI."""
    own = Path(sys.prefix, "bin", "mpirun")
    found = shutil.which("mpirun")
    if not own.is_file():
        return f"{found} (the environment has none of its own)" if found else "not on PATH"
    if found is None:
        return f"not on PATH; the right one is {own}"
    if Path(found).resolve() == own.resolve():
        return f"{found} (the right one)"
    return f"{found}: NOT that of this MPI, which is {own}"


def _commit_of_checkout(root: Path) -> str:
    describe = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(describe, capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return f"{UNKNOWN}: git does not tell in {root}"
    return done.stdout.strip()


def _memory_limit() -> int | None:
    """Of the control group, in bytes; None where there is none."""
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        try:
            return int(Path("/sys/fs/cgroup", name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
    return None


def _gigabytes(size: int) -> str:
    return f"{size / _GIGABYTE:.1f} GB"
