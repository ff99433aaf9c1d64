"""Tables of energies over the depth of a phase: what `energy_profile` names."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from scl_fem.case.phases import Phases
from scl_fem.errors import InputError, unknown_name
from scl_fem.mesh import MeshSettings
from scl_fem.mesh.kinds import GradedMesh
from scl_fem.physics.energies import EnergyProfile
from scl_fem.regular import check_regular

DEPTH = "z_nm"
"""Header of the first column."""

_LARGEST = 16 * 2**20
"""Bytes of such a table."""

_TOLERANCE = 1e-9
"""Relative to the depth: two depths are one."""

_STEP_WIDTH = 0.01
"""Of the size of cells at interfaces: a step takes a cell so narrow. The charge of a cell is counted by its
nodes, so that nothing but the potential across this one tells it from a sharp step."""


def read_profile(path: str | Path) -> EnergyProfile:
    """The profile of a table.

    Args:
        path: a CSV file: z_nm, then a column of eV for each carrier, under its name.

    Raises:
        InputError: it cannot be read or is no such table; names the file.
    """
    path = Path(path)
    check_regular(path)
    try:
        if path.stat().st_size > _LARGEST:
            raise InputError("is too large for a profile", file=str(path), allowed=f"{_LARGEST} bytes")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(path)) from None
    except UnicodeDecodeError:
        raise InputError("is not a text file in UTF-8", file=str(path)) from None
    rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines())]
    rows = [row for row in rows if any(row) and not row[0].startswith("#")]
    header, body = (rows[0], rows[1:]) if rows else ([], [])
    _check_header(header, str(path))
    columns = _columns(header, body, str(path))
    depth = columns.pop(DEPTH)
    _check_depth(depth, str(path))
    return EnergyProfile(depth, columns)


def check_profile(path: str, carriers: Sequence[str], mesh: MeshSettings, phase: str) -> None:
    """See that a profile names carriers of its phase and covers it.

    Args:
        path: of the table.
        carriers: names of those of the phase.
        mesh: of the case.
        phase: name of the phase.

    Raises:
        InputError: it does not; or as `read_profile`.
    """
    thicknesses = mesh.thicknesses(phase)
    if not thicknesses:
        raise InputError(
            f'runs over the depth of layers, and mesh.kind = "{mesh.kind}" has none',
            file=path,
            allowed="leave it out, energy_decay, or a mesh of kind planar, stack or rough",
        )
    profile = read_profile(path)
    for name in profile.energies:
        if name not in carriers:
            raise unknown_name("carrier", name, carriers).located(file=path)
    first, last, thickest = profile.depth[0], profile.depth[-1], max(thicknesses)
    slack = _TOLERANCE * max(abs(last), thickest)
    if first > slack or last < thickest - slack:
        raise InputError(
            f"reaches from {first:g} to {last:g} nm and does not cover the phase",
            file=path,
            allowed=f"z_nm from 0 to {thickest:g} or beyond",
        )


def profile_places(phases: Phases, mesh: MeshSettings) -> dict[str, list[float]]:
    """Depths at which the profiles of a resolved case step or bend, nm, by phase.

    Args:
        phases: of the case.
        mesh: its mesh.

    Raises:
        InputError: as `read_profile`.
    """
    found = {}
    for name, table in phases.tables.items():
        if table.energy_profile is not None and isinstance(mesh, GradedMesh):
            width = _STEP_WIDTH * mesh.interface_size
            found[name] = read_profile(table.energy_profile).places(mesh.thicknesses(name), width)
    return found


def _check_header(header: Sequence[str], file: str) -> None:
    if len(header) < 2 or header[0] != DEPTH or len(set(header)) < len(header) or "" in header:
        shown = ", ".join(header) or "nothing"
        raise InputError(
            f"has the header {shown}", file=file, allowed=f"{DEPTH}, then the names of carriers, each once"
        )


def _columns(header: Sequence[str], body: Sequence[Sequence[str]], file: str) -> dict[str, tuple[float, ...]]:
    numbers: list[list[float]] = []
    for line, row in enumerate(body, start=2):
        try:
            numbers.append([float(cell) for cell in row])
        except ValueError:
            raise InputError(f"row {line} has what is no number", file=file, allowed="numbers") from None
        if len(row) != len(header) or not all(math.isfinite(number) for number in numbers[-1]):
            allowed = f"{len(header)} finite numbers, one for each column"
            raise InputError(f"row {line} does not fit the header", file=file, allowed=allowed)
    if len(numbers) < 2:
        raise InputError(f"has {len(numbers)} rows of numbers", file=file, allowed="two or more")
    return {name: tuple(row[place] for row in numbers) for place, name in enumerate(header)}


def _check_depth(depth: Sequence[float], file: str) -> None:
    for before, here in pairwise(depth):
        if here < before:
            raise InputError(f"{DEPTH} falls from {before:g} to {here:g}", file=file, allowed="rising depths")
    for one, _, three in zip(depth, depth[1:], depth[2:], strict=False):
        if one == three:
            raise InputError(
                f"has three rows at {DEPTH} = {one:g}", file=file, allowed="two at most, which are a step"
            )
