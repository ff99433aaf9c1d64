"""The table [output]: what a run leaves behind."""

from __future__ import annotations

from pydantic import StrictBool

from scl_fem.settings import Settings
from scl_fem.units import Occupancy


class OutputSettings(Settings):
    """What to write, and what counts as the layer."""

    fields: StrictBool = True
    """Fields for ParaView."""
    figures: StrictBool = True
    """PNG figures."""
    layer_level: Occupancy = 0.25
    """The layer is where |c - c_0| > layer_level c_0."""
