"""Linear response between terminals that block Li: mu_e as a common level and differences from it.

A constant mu_e drives no current: it is in the null space of the conduction matrix B. What fixes it is that
no charge enters, the sum of all rows of continuity, from which B drops out. At low frequencies B/omega is so
large that the sum drowns in its round-off. So the level, c, becomes an unknown, and its row that sum:

    dmu = c + d,    d = 0 at one node, whose unknown and row stand for c and the sum.

That is T^T A T with T(c, d) = c + d; B keeps the entries between other nodes.
"""

from __future__ import annotations

import scl_fem._stack  # noqa: F401  (MPI before PETSc)

# isort: split
import numpy as np

from scl_fem.discretisation.entries import Pattern
from scl_fem.discretisation.transport import TransportSystem
from scl_fem.physics.types import Array

LEVEL = 1
"""Global number of the mu_e of the first node: it stands for the level."""


def touches_level(pattern: Pattern) -> np.ndarray:
    """Which entries are in the row or the column of the level."""
    rows, columns = pattern
    return (rows == LEVEL) | (columns == LEVEL)


def level_pattern(system: TransportSystem) -> Pattern:
    """Rows and columns of `level_entries`."""
    pairs = []
    for tag in system.phases:
        phi, mu = system.phi_number[: system.space.owned], system.mu_number[tag][: system.space.owned]
        level = np.full_like(mu, LEVEL)
        pairs += [(phi, level), (level, phi), (mu, level), (level, mu), (level, level)]
    rows, columns = zip(*pairs, strict=True)
    return np.concatenate(rows), np.concatenate(columns)


def level_entries(system: TransportSystem, slopes: dict[str, Array]) -> Array:
    """What the level adds to A: the nodal charges as they change with it, and their sum.

    Args:
        system: unknowns and physics.
        slopes: -d(charge)/d(phi) of the owned nodes of each phase, e/V.
    """
    values = []
    for tag in system.phases:
        mu = system.mu_number[tag][: system.space.owned]
        # At the level's own node d = 0: the entries there are those of c already.
        slope = np.where(mu == LEVEL, 0.0, slopes[tag])
        per_mu = slope / system.phases[tag].main.charge_number
        values += [-per_mu, -slope, per_mu, per_mu, per_mu]
    return np.concatenate(values)


def parted(system: TransportSystem, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unknowns as a solve leaves them, as differences from the level and as they are. Collective.

    Args:
        system: unknowns and physics.
        x: owned unknowns, the level among them, complex.

    Returns:
        x with mu_e - c (0 at the level's own node), and x with mu_e.
    """
    is_mu = np.ones(system.size, dtype=bool)
    is_mu[: 2 * system.space.owned : 2] = False
    here = LEVEL - system.offset
    mine = 0 <= here < system.size
    level = system.space.comm.allreduce(complex(x[here]) if mine else 0.0j)
    differences = x.copy()
    if mine:
        differences[here] = 0.0
    return differences, differences + level * is_mu
