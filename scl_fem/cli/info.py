"""scl-fem info: what a bug report needs."""

from __future__ import annotations

import os
import shutil
import sysconfig
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import scl_fem
from scl_fem.cli.options import Debug

_PACKAGES = ("gmsh", "pyvista", "vtk", "meshio", "matplotlib", "scipy", "h5py", "pydantic", "pint")
_SOLVERS = ("mumps", "superlu_dist", "hypre", "ptscotch", "kahip", "slepc")


def info(debug: Debug = False) -> None:
    """Show what a bug report needs: versions, MPI, threads."""
    from scl_fem.cli.ranks import world

    facts = _facts(world().size)
    width = max(len(name) for name in facts)
    for name, value in facts.items():
        print(f"{name:<{width}}  {value}")


def _facts(ranks: int) -> dict[str, str]:
    """Names and values, in the order to print."""
    import numpy as np
    from dolfinx.jit import get_options
    from petsc4py import PETSc

    from scl_fem.cli import machine
    from scl_fem.discretisation.form_cache import python_header
    from scl_fem.output.log import versions

    found = [name for name in _SOLVERS if PETSc.Sys.hasExternalPackage(name)]
    program, *libraries = versions().items()
    return {
        **dict([program]),
        "commit": machine.commit(),
        "installed in": str(Path(scl_fem.__file__).parent),
        **dict(libraries),
        **{name: _version(name) for name in _PACKAGES},
        "platform": sysconfig.get_platform(),
        "system": machine.operating_system(),
        "C library": machine.c_library(),
        "CPU": machine.processor(),
        "ranks": str(ranks),
        "cores": machine.cores(),
        "memory": machine.memory(),
        "mpirun": machine.mpirun(),
        "OMP_NUM_THREADS": os.environ["OMP_NUM_THREADS"],
        "PETSc integers": np.dtype(PETSc.IntType).name,
        "solver packages": ", ".join(found) or "none",
        "C compiler": _compiler(),
        "Python headers": _present(python_header()),
        "form cache": str(get_options()["cache_dir"]),
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _compiler() -> str:
    """The compiler that builds the forms."""
    from scl_fem.discretisation.form_cache import compiler

    wanted = compiler()
    return shutil.which(wanted) or f"{wanted} not found: forms cannot be compiled"


def _present(path: Path) -> str:
    return str(path) if path.is_file() else f"{path} not found: forms cannot be compiled"
