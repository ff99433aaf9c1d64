"""Element types of Abaqus and CalculiX as cells."""

from __future__ import annotations

import re

_FAMILIES = (
    (r"(?:CPS|CPEG|CPE|CGAX|CAX|STRI|S|M3D|SFM3D|R3D|DC2D|AC2D|DCAX|ACAX|DS)(3|4|6|8|9)", 2),
    (r"(?:C3D|DC3D|DCC3D|AC3D|F3D|SC)(20|27|10|13|15|4|5|6|8)", 3),
    (r"(?:T2D|T3D|DC1D|DCC1D|AC1D|R2D|RAX)(2|3)", 1),
    (r"(?:B2|B3|PIPE2|PIPE3)(1|2|3)", 1),
)
"""What a name begins with, the number of nodes, and the dimension; letters that follow are of no matter."""

_CELLS = {
    (1, 2): "line",
    (1, 3): "line3",
    (2, 3): "triangle",
    (2, 4): "quad",
    (2, 6): "triangle6",
    (2, 8): "quad8",
    (2, 9): "quad9",
    (3, 4): "tetra",
    (3, 5): "pyramid",
    (3, 6): "wedge",
    (3, 8): "hexahedron",
    (3, 10): "tetra10",
    (3, 13): "pyramid13",
    (3, 15): "wedge15",
    (3, 20): "hexahedron20",
    (3, 27): "hexahedron27",
}

_BEAM_NODES = {1: 2, 2: 3, 3: 2}
"""Nodes of B31, B32, B33 by the last digit, which is an order there."""

_NO_CELLS = re.compile(r"MASS|ROTARYI|SPRING|DASHPOT|GAP|CONN|HEATCAP")

FACES = {
    "triangle": ((0, 1), (1, 2), (2, 0)),
    "quad": ((0, 1), (1, 2), (2, 3), (3, 0)),
    "tetra": ((0, 1, 2), (0, 3, 1), (1, 3, 2), (2, 3, 0)),
    "wedge": ((0, 1, 2), (3, 5, 4), (0, 3, 4, 1), (1, 4, 5, 2), (2, 5, 3, 0)),
    "hexahedron": ((0, 1, 2, 3), (4, 7, 6, 5), (0, 4, 5, 1), (1, 5, 6, 2), (2, 6, 7, 3), (3, 7, 4, 0)),
}
"""Corners of the faces S1, S2, ... of a cell."""


def cell_type_of(element: str) -> tuple[str, int] | None:
    """Meshio's name of the cell and its number of nodes; ("", 0) of what is no cell, None if unknown.

    Args:
        element: Abaqus' name, for example "C3D10M".
    """
    name = element.strip().upper()
    if _NO_CELLS.match(name):
        return "", 0
    for number, (pattern, dimension) in enumerate(_FAMILIES):
        if match := re.match(pattern, name):
            digits = int(match[1])
            nodes = _BEAM_NODES[digits] if number == len(_FAMILIES) - 1 else digits
            return _CELLS[dimension, nodes], nodes
    return None
