"""Cases of two materials in contact, from the tables of the second method."""

import scl_fem
from tests.support.half_space import LAGP, LVO


def case_of(electrode=LVO, electrolyte=LAGP, *, study="equilibrium", temperature=298.15, mesh=None, **tables):
    """A case of two `Side`s; tables of the case by name, mesh keys beside kind and dimension."""
    return scl_fem.Case(
        temperature=temperature,
        study={"kind": study},
        mesh={"kind": "planar", "dimension": 1, **(mesh or {})},
        phase={"electrode": {"material": "LEFT"}, "electrolyte": {"material": "RIGHT"}},
        materials={"LEFT": electrode.table(), "RIGHT": electrolyte.table()},
        **tables,
    )
