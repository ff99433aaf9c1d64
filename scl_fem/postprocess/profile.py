"""The fields along the normal through the interfaces, as the columns of profile.csv."""

from __future__ import annotations

import numpy as np

from scl_fem.physics.types import Array
from scl_fem.postprocess.fields import POTENTIAL, fields_at
from scl_fem.postprocess.line import sample_line
from scl_fem.postprocess.state import CellState

_FIRST = ("phi_V", "c_per_nm3", "occupancy", POTENTIAL, "sigma_S_per_cm")
_KINDS = ("mu_", "occupancy_", "c_", "sigma_")
"""How the columns of components and carriers begin, in the order in which they follow."""

_OF_FIELDS = "charge_density_e_per_nm3"
"""Not along the line: a profile has it as the curvature of phi."""


def profile_columns(state: CellState) -> dict[str, Array | np.ndarray]:
    """Position, phase and fields by z; two rows at an interface, one of each phase. Collective.

    NaN stands where a phase has no such carrier or component.

    Args:
        state: of the cell.
    """
    sampled = {
        tag: [state.phi, *state.offsets.get(tag, ()), *state.shift_functions(tag)] for tag in state.phases
    }
    layered = {tag for tags in state.layered_ends.values() for tag in tags}
    fields = []
    parts = sample_line(state.space, sampled, layered)
    for part in parts:
        phi, *others_along = part.values
        number = len(state.offsets.get(part.phase, ()))
        offsets, shift = (
            np.array(each) if each else None for each in (others_along[:number], others_along[number:])
        )
        fields.append(fields_at(state, part.phase, phi, offsets, shift))
    others = dict.fromkeys(name for each in fields for name in each if name not in (*_FIRST, _OF_FIELDS))
    names = [*_FIRST, *(name for kind in _KINDS for name in others if name.startswith(kind))]
    return {
        "z_nm": np.concatenate([part.z for part in parts]),
        "phase": np.concatenate([np.full(part.z.size, part.phase) for part in parts]),
        **{
            name: np.concatenate(
                [
                    each.get(name, np.full(part.z.size, np.nan))
                    for part, each in zip(parts, fields, strict=True)
                ]
            )
            for name in names
        },
    }
