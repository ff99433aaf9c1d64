"""Nonlinear, linear and time-stepping solvers, all by PETSc."""
