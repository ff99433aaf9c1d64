"""Materials: what a phase is made of, and the library of them."""

from scl_fem.materials.curves import CompositionTable, OpenCircuitCurve
from scl_fem.materials.library import library, load_material
from scl_fem.materials.material import Material

__all__ = ["CompositionTable", "Material", "OpenCircuitCurve", "library", "load_material"]
