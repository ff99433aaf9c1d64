"""The tables of a case file as Python functions: the same models, typed, documented at the cursor.

Each takes the keys of its table as keyword arguments: a number is in the key's own unit, a string carries
its own ("3.4 V"). What is left out takes the default of the case file. Each gives back the model that a
case file is read into, and raises `InputError` for what is wrong.
"""

from scl_fem.constructors.contacts import (
    Bulk,
    Closed,
    Current,
    Exchange,
    Law,
    Layer,
    Metal,
    Perfect,
    Sites,
    Voltage,
)
from scl_fem.constructors.files import from_file
from scl_fem.constructors.geometries import cube, particle, planar, rough
from scl_fem.constructors.stacks import stack
from scl_fem.constructors.studies import Conduction, Equilibrium, Exsy, Impedance, Transient
from scl_fem.constructors.tables import (
    Carrier,
    Initial,
    Material,
    OpenCircuit,
    Output,
    Phase,
    Solver,
    TaggedExchange,
)

__all__ = [
    "Bulk",
    "Carrier",
    "Closed",
    "Conduction",
    "Current",
    "Equilibrium",
    "Exchange",
    "Exsy",
    "Impedance",
    "Initial",
    "Law",
    "Layer",
    "Material",
    "Metal",
    "OpenCircuit",
    "Output",
    "Perfect",
    "Phase",
    "Sites",
    "Solver",
    "TaggedExchange",
    "Transient",
    "Voltage",
    "cube",
    "from_file",
    "particle",
    "planar",
    "rough",
    "stack",
]
