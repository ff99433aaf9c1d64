"""Loads MPI in such a way that DOLFINx and PETSc find the same one: for what needs neither.

The wheel `dolfinx-solver-real` must be imported before the libraries it carries are found; a
DOLFINx from conda or a system package has no such module and needs only mpi4py first.
"""

from __future__ import annotations

import importlib.util

if importlib.util.find_spec("dolfinx_solver") is not None:
    import dolfinx_solver  # noqa: F401
from mpi4py import MPI

__all__ = ["MPI"]
