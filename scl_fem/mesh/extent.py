"""How large a mesh from a file is: in as many coordinates as it fills, and in nanometres."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scl_fem.errors import InputError

type Points = npt.NDArray[np.float64]

SMALLEST, LARGEST = 0.1, 1e6
"""Extents (nm) beyond which a mesh is rather in another unit: an atom, a millimetre."""

_UNITS = {"m": 1e9, "mm": 1e6, "um": 1e3, "nm": 1.0, "angstrom": 0.1, "pm": 1e-3}
"""Units of length that files are in, in nm."""


def flattened(points: Points, dimension: int) -> Points:
    """The coordinates that vary: as many as the cells have dimensions.

    Args:
        points: (n, 2 or 3) of the file.
        dimension: of the cells.

    Raises:
        InputError: more of them vary, or fewer.
    """
    extent = np.nan_to_num(np.ptp(points, axis=0), nan=np.inf)
    largest = np.sort(np.argsort(-extent, kind="stable")[:dimension])
    rest = np.delete(extent, largest).max(initial=0.0)
    if len(extent) < dimension or rest > 1e-6 * extent[largest].min() or extent[largest].min() == 0.0:
        filled = int((extent > 1e-10 * extent.max()).sum())
        raise InputError(
            f"cells of dimension {dimension} in {filled} dimensions: "
            f"the mesh extends over {' x '.join(f'{e:.4g}' for e in extent)} (file's unit)",
            key="path",
            allowed="a mesh that fills a line, a plane or space, along the coordinate axes",
        )
    return np.ascontiguousarray(points[:, largest], dtype=np.float64)


def expect_nanometres(points: Points, scale: float, given: bool) -> list[str]:
    """See that a mesh is neither smaller than an atom nor as large as a thing to hold.

    Args:
        points: (n, gdim) in the file's unit.
        scale: nm of the file's unit.
        given: whether the case says so, or it is the default.

    Returns:
        A remark where the case insists on the scale.

    Raises:
        InputError: the extent is implausible and the case gives no scale.
    """
    extent = float(np.ptp(points, axis=0).max())
    if SMALLEST <= scale * extent <= LARGEST:
        return []
    likely = [
        f'"1 {unit}" ({extent * size:.4g} nm)'
        for unit, size in _UNITS.items()
        if 1.0 <= extent * size <= LARGEST
    ]
    how = "less than an atom" if scale * extent < SMALLEST else "more than a millimetre"
    problem = f"the mesh is {scale * extent:.4g} nm long, {how}: which unit is the file in?"
    ways = f"mesh.scale = {' or '.join(likely)}" if likely else "mesh.scale = the file's unit of length"
    if given:
        return [f"{problem} mesh.scale says {scale:g} nm; likely {ways}"]
    raise InputError(problem, key="scale", allowed=f"{ways}, or 1 to insist on nm")
