"""The fields along the normal through the interface, as the columns of profile.csv."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from scl_fem.physics.types import Array
from scl_fem.postprocess.fields import fields_of
from scl_fem.postprocess.line import LineSample, sample_line
from scl_fem.solvers.equilibrium import Equilibrium

_COLUMNS = ("phi_V", "c_per_nm3", "occupancy", "mu_e_eV", "sigma_S_per_cm")


def profile_columns(
    equilibrium: Equilibrium, electrochemical_potential: float
) -> dict[str, Array | np.ndarray]:
    """Position, phase and fields, electrode first; two rows at the interface. Collective.

    Args:
        equilibrium: the solved cell.
        electrochemical_potential: mu_e in eV.
    """
    lines = sample_line(equilibrium.space, {tag: equilibrium.phi for tag in equilibrium.phases})
    fields = {
        tag: fields_of(
            equilibrium.phases[tag], line.values, electrochemical_potential, _shift_along(equilibrium, tag)
        )
        for tag, line in lines.items()
    }
    return joined(lines, fields)


def _shift_along(equilibrium: Equilibrium, phase: str) -> Array | None:
    """(n_carriers, n) energies of a phase that depend on the place, where the line has points of it."""
    shift, space = equilibrium.shift(phase), equilibrium.space
    if shift is None:
        return None
    along = []
    for values in shift:
        function = space.function("energy")
        function.x.array[:] = values
        along.append(sample_line(space, {phase: function})[phase].values)
    return np.array(along)


def joined(
    lines: Mapping[str, LineSample], fields: Mapping[str, Mapping[str, Array]]
) -> dict[str, Array | np.ndarray]:
    """Columns of both sides, one after the other.

    Args:
        lines: positions.
        fields: by name.
    """
    return {
        "z_nm": np.concatenate([line.z for line in lines.values()]),
        "phase": np.concatenate([np.full(line.z.size, tag) for tag, line in lines.items()]),
        **{name: np.concatenate([each[name] for each in fields.values()]) for name in _COLUMNS},
    }
