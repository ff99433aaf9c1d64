"""Many runs of one case with some keys varied: parallel, resumable, one table and one figure.

from scl_fem.sweeps import sweep

table = sweep(case, {"phase.electrode.voltage": [2.4, 3.0, 3.4]}, "results/voltage", workers=2)
table.columns["layer_resistance_ohm_cm2"]
"""

from scl_fem.sweeps.axes import Axis, parse_axis
from scl_fem.sweeps.run import sweep
from scl_fem.sweeps.table import SweepTable

__all__ = ["Axis", "SweepTable", "parse_axis", "sweep"]
