"""Energies of carriers that depend on the place: with the distance from interfaces, or over the depth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from scl_fem.errors import InputError
from scl_fem.physics.types import Array

_SAME_DEPTH = 1e-9
"""Of a thickness: two depths are one."""

_STRAIGHT = 1e-9
"""Of the slopes of a table on both sides of a row: round-off of its decimals."""


@dataclass(frozen=True)
class EnergyProfile:
    """Energies over the depth, linear between the rows; two rows at one depth are a step.

    Attributes:
        depth: nm from the first face of the phase; does not fall.
        energies: eV at each, by carrier.
    """

    depth: tuple[float, ...]
    energies: Mapping[str, tuple[float, ...]]

    def at(self, carrier: str, depth: Array, thickness: Array) -> Array:
        """Energy of a carrier in eV; 0 of one that the table does not name.

        At either face it is that inside the phase: of a step there the other value counts for nothing.

        Args:
            carrier: its name.
            depth: (n,) nm; what round-off puts beyond a face is at the face.
            thickness: (n,) of the layer in which each lies, nm.
        """
        if carrier not in self.energies:
            return np.zeros_like(depth)
        rows, energies = np.array(self.depth), np.array(self.energies[carrier])
        close = _SAME_DEPTH * thickness
        at_first, at_last = depth <= close, depth >= thickness - close
        place = np.where(at_first, 0.0, np.where(at_last, thickness, depth))
        # of two rows at one depth the second counts from there on, and the first up to the last face
        ahead = np.searchsorted(rows, place, side="right")
        ahead = np.where(at_last, np.searchsorted(rows, place - close, side="left"), ahead)
        ahead = np.clip(ahead, 1, len(rows) - 1)
        start, end = rows[ahead - 1], rows[ahead]
        share = np.clip((place - start) / np.where(end > start, end - start, 1.0), 0.0, 1.0)
        return np.asarray(energies[ahead - 1] + share * (energies[ahead] - energies[ahead - 1]))

    def places(self, thicknesses: Sequence[float], width: float) -> list[float]:
        """Depths inside layers at which the energies step or bend: a mesh has its nodes there.

        Args:
            thicknesses: of the layers of the phase, nm.
            width: nm; a step is two places so far apart, to both sides of it, and the energies go from the
                one value to the other between them.
        """
        found: list[float] = []
        close, last = _SAME_DEPTH * max(thicknesses), max(thicknesses)
        for row, depth in enumerate(self.depth):
            if not close < depth < last - close:
                continue
            if row and depth == self.depth[row - 1]:
                if self._steps(row):
                    found += [depth - 0.5 * width, depth + 0.5 * width]
            elif depth < self.depth[row + 1] and self._bends(row):
                found.append(depth)
        return found

    def _steps(self, row: int) -> bool:
        """Whether some energy is another than in the row before."""
        return any(column[row] != column[row - 1] for column in self.energies.values())

    def _bends(self, row: int) -> bool:
        """Whether some energy changes otherwise after a row than before."""
        before, at, after = self.depth[row - 1 : row + 2]
        for column in self.energies.values():
            left, right = (column[row] - column[row - 1]) * (after - at), (column[row + 1] - column[row])
            right *= at - before
            if abs(right - left) > _STRAIGHT * (abs(left) + abs(right)):
                return True
        return False


@dataclass(frozen=True)
class LocalEnergies:
    """What raises the energies of the carriers of a phase beside what does so all through it.

    Attributes:
        decays: energy E (eV) and length (nm) by carrier: E exp(-d/length) at the distance d from the
            interfaces of the phase.
        profile: over the depth.
    """

    decays: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    profile: EnergyProfile | None = None

    def decaying(self, carrier: str, distance: Array) -> Array:
        """What the distance from the interfaces adds to the energy of a carrier, eV.

        Args:
            carrier: its name.
            distance: (n,) nm.
        """
        if carrier not in self.decays:
            return np.zeros_like(distance)
        energy, length = self.decays[carrier]
        return energy * np.exp(-distance / length)


def no_interface(phase: str) -> InputError:
    """The error of energies that decay from interfaces in a phase that has none.

    Args:
        phase: its name.
    """
    return InputError(
        f"{phase} touches no other phase: there is no interface to count the distance from",
        key=f"phase.{phase}.energy_decay",
        allowed="energy_profile",
    )
