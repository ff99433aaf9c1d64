"""Loads MPI, then PETSc, before DOLFINx: import this first wherever one of them is imported.

PETSc takes options from files .petscrc and petscrc in the directory a program happens to be started in,
and options can write any file and run any program. A case from somebody else may have one beside it:
they are not read. The variable PETSC_OPTIONS is the user's own and counts.
"""

from __future__ import annotations

import os
from pathlib import Path

from scl_fem._mpi import MPI

# DOLFINx wants to know a home when it is imported; an account without one gets one that cannot be written to.
try:
    Path.home()
except RuntimeError:
    os.environ["HOME"] = "/nonexistent"
if os.environ.get("XDG_CACHE_HOME") == "":  # which means the same as none, but not to DOLFINx
    del os.environ["XDG_CACHE_HOME"]

# isort: split
import petsc4py

# PETSc would take SIGTERM, which is a way to end a run, for a crash.
petsc4py.init(["scl-fem", "-skip_petscrc", "-no_signal_handler"])

__all__ = ["MPI"]
