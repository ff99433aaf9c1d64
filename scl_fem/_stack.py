"""Loads MPI, then PETSc, before DOLFINx: import this first wherever one of them is imported.

PETSc takes options from files .petscrc and petscrc in the directory a program happens to be started in,
and options can write any file and run any program. A case from somebody else may have one beside it:
they are not read. The variable PETSC_OPTIONS is the user's own and counts.
"""

from __future__ import annotations

from scl_fem._mpi import MPI

# isort: split
import petsc4py

petsc4py.init(["scl-fem", "-skip_petscrc"])

__all__ = ["MPI"]
