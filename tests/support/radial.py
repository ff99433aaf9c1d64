"""A second method for round interfaces: the radial equation on a fine line.

A disc or sphere of electrode in concentric surroundings, weights r and r^2; nothing of the program's meshes,
elements or solvers, only its physics at a point. Lumped linear elements, second order: two meshes are
extrapolated. Units: nm, V, e, eV, s.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solveh_banded

from scl_fem.mesh.domain import BOTH, ELECTRODE, ELECTROLYTE
from scl_fem.mesh.grading import graded_offsets

_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(5)
_POINTS, _WEIGHTS = (_POINTS + 1.0) / 2.0, _WEIGHTS / 2.0


@dataclass(frozen=True)
class Ball:
    """Where the radii are, nm.

    Attributes:
        dimension: 2 (disc) or 3 (sphere); 1 a slab from 0 to `outer`.
        radius: of the interface.
        core: of the electrode's terminal.
        outer: of the electrolyte's.
    """

    dimension: int
    radius: float = 5.0
    core: float = 2.5
    outer: float = 10.0

    def radii(self, size, growth):
        """Nodes, graded towards the interface, and the index of the interface among them."""
        inside = self.radius - graded_offsets(self.radius, size, growth)[::-1]
        outside = self.radius + graded_offsets(self.outer - self.radius, size, growth)[1:]
        inside[0] = 0.0
        return np.concatenate([inside, outside]), inside.size - 1


def interface_resistance(phases, ball, size=4e-4, growth=1.01):
    """What the layer adds between core and outside, per area of the interface, V s nm^2/e.

    Args:
        phases: physics of each side, by tag.
        ball: where.
        size: of the coarser mesh's cells at the interface, nm; the finer one has twice as many.
        growth: of the coarser one.
    """
    coarse = _resistance(phases, ball, size, growth)
    fine = _resistance(phases, ball, size / 2.0, np.sqrt(growth))
    return fine + (fine - coarse) / 3.0


def _resistance(phases, ball, size, growth):
    radii, middle = ball.radii(size, growth)
    phi = _potential(phases, ball, radii, middle)
    power, total = ball.dimension - 1, 0.0
    for tag, cells in _sides(radii, middle).items():
        left, right = radii[cells], radii[cells + 1]
        places = left[:, None] + (right - left)[:, None] * _POINTS
        between = phi[cells][:, None] + (phi[cells + 1] - phi[cells])[:, None] * _POINTS
        phase = phases[tag]
        excess = 1.0 / phase.conductivity(between) - 1.0 / phase.bulk_conductivity
        where = (places > ball.core) if tag == ELECTRODE else np.ones_like(places, dtype=bool)
        weight = np.where(where, (ball.radius / np.maximum(places, 1e-9)) ** power, 0.0)
        total += float(np.sum((right - left) * ((excess * weight) @ _WEIGHTS)))
    return total


def _sides(radii, middle):
    cells = np.arange(radii.size - 1)
    return {ELECTRODE: cells[:middle], ELECTROLYTE: cells[middle:]}


def _potential(phases, ball, radii, middle):
    """Newton's method with a line search on the energy's slope; bounds by the maximum principle."""
    power = ball.dimension - 1
    left, right = radii[:-1], radii[1:]
    length = right - left
    # integrals of r^m and of r^m times the hat functions, exact
    whole = (right ** (power + 1) - left ** (power + 1)) / (power + 1)
    moment = (right ** (power + 2) - left ** (power + 2)) / (power + 2)
    of_right = (moment - left * whole) / length
    of_left = whole - of_right
    sides = _sides(radii, middle)
    stiff, weights = np.zeros(radii.size - 1), {}
    for tag, cells in sides.items():
        stiff[cells] = phases[tag].permittivity * whole[cells] / length[cells] ** 2
        weights[tag] = np.zeros(radii.size)
        np.add.at(weights[tag], cells, of_left[cells])
        np.add.at(weights[tag], cells + 1, of_right[cells])
    diagonal = np.zeros(radii.size)
    diagonal[:-1] += stiff
    diagonal[1:] += stiff
    potentials = [phase.bulk_potential for phase in phases.values()]
    phi = np.where(np.arange(radii.size) < middle, *(phases[tag].bulk_potential for tag in BOTH))

    def evaluate(at):
        density, slope = np.zeros(radii.size), np.zeros(radii.size)
        for tag, weight in weights.items():
            here = np.flatnonzero(weight)
            found, change = phases[tag].charge_density_and_slope(at[here])
            density[here] += weight[here] * found
            slope[here] += weight[here] * change
        flow = stiff * np.diff(at)
        force = -density
        force[:-1] -= flow
        force[1:] += flow
        return force, slope

    force, slope = evaluate(phi)
    for _ in range(200):
        step = -solveh_banded(np.stack([np.append(0.0, -stiff), diagonal + slope]), force)
        scale = 1.0
        while True:
            tried = np.clip(phi + scale * step, min(potentials), max(potentials))
            new_force, new_slope = evaluate(tried)
            if new_force @ (tried - phi) <= 0.0 or scale < 1e-6:
                break
            scale *= 0.5
        moved, phi, force, slope = np.abs(tried - phi).max(), tried, new_force, new_slope
        if moved < 1e-13:
            return phi
    raise RuntimeError("the radial solver does not converge")
