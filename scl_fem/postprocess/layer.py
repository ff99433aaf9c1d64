"""What the space-charge layer of each side amounts to: thickness, charge, resistance.

The layer is where |c - c_0| > level c_0. Since c follows from phi alone, that is where phi lies
beyond a potential that the level fixes exactly, and a linear potential cuts the cells in planes.
All quantities are for the area of the interface: nm^2 in 3D, nm in 2D (per nm of depth), 1 in 1D.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np
from dolfinx import fem
from mpi4py import MPI

from scl_fem.constants import SIEMENS_PER_CM
from scl_fem.discretisation.sampling import CellSampler, quadrature_rule
from scl_fem.discretisation.simplices import cell_volumes
from scl_fem.discretisation.space import PotentialSpace
from scl_fem.mesh.domain import INTERFACE, Pair
from scl_fem.physics.blocks import by_blocks
from scl_fem.physics.components import Component
from scl_fem.physics.neutral import neutral_carrier, neutral_conductivity, surplus
from scl_fem.physics.phase import Phase
from scl_fem.physics.types import Array, Indices
from scl_fem.postprocess.simplices import LinearSimplices
from scl_fem.solvers.equilibrium import Equilibrium

_CM_PER_NM = 1e-7

_FAR_OUT = 1e3
"""Of logarithms: stands for those of nothing."""


class LayerSide:
    """The layer on one side of the interface.

    Attributes:
        space: of the potential.
        tag: which side.
        phase: physics of the side.
        phi: potential that fixes the occupancies, V: phi itself at equilibrium, phi - mu_e/(z e) on
            the way there.
        total_charge: of the side, e (per nm^2 in 1D, per nm in 2D).
        shift: (n_carriers, n_local) energies of the carriers that depend on the place, eV; None: none does.
    """

    def __init__(
        self,
        space: PotentialSpace,
        tag: str,
        phase: Phase,
        phi: fem.Function,
        total_charge: float,
        pair: Pair = INTERFACE,
        among: Indices | None = None,
        shift: Array | None = None,
    ) -> None:
        """Nothing is computed before it is asked for.

        Args:
            space: of the potential.
            tag: which side.
            phase: physics of the side.
            phi: see the class.
            total_charge: of the side, e.
            pair: the interface.
            among: numbers of the cells of the side, of those that `space.cells` lists; all by default.
            shift: see the class.
        """
        self.space, self.tag, self.phase = space, tag, phase
        self.phi, self.total_charge = phi, total_charge
        self.pair, self._among = pair, slice(None) if among is None else among
        self.shift = shift

    @classmethod
    def of(cls, equilibrium: Equilibrium, tag: str) -> LayerSide:
        """One side of a solved equilibrium."""
        phase, charge = equilibrium.phases[tag], equilibrium.charges[tag]
        return cls(equilibrium.space, tag, phase, equilibrium.phi, charge, shift=equilibrium.shift(tag))

    @cached_property
    def _simplices(self) -> LinearSimplices:
        return LinearSimplices.of_phase(self.space, self.tag, self._among)

    @property
    def _excess(self) -> Array:
        return self.phase.excess_potential(self.phi.x.array)

    def _beyond(self, level: float) -> list[Array]:
        """Nodal functions whose positive parts make up the layer at a level."""
        if self.shift is None and self.phase.reference is None:
            bounds = self.phase.potentials_of_level(level)
            return [np.sign(bound) * (self._excess - bound) for bound in bounds]
        # the potential alone does not fix c: its logarithm is as good as linear where carriers are dilute
        nodes = np.unique(self._simplices.dofs).astype(np.intp)
        bulk = neutral_carrier(self.phase, self.phase.main).bulk_concentration
        found = []
        for sign in (-1.0, 1.0):
            values = np.full(self.phi.x.array.shape, -1.0)
            here = self.phase.concentration(self.phi.x.array[nodes], self._shift_at(nodes))
            with np.errstate(divide="ignore"):
                values[nodes] = sign * np.log(here / (bulk * (1.0 + sign * level)))
            found.append(np.maximum(values, -_FAR_OUT).clip(max=_FAR_OUT))
        return found

    def _shift_at(self, nodes: Indices) -> Array | None:
        return None if self.shift is None else self.shift[:, nodes]

    def _per_area(self, local: float) -> float:
        space = self.space
        return float(space.comm.allreduce(local)) / space.area(self.pair)

    def thickness(self, level: float) -> float:
        """Volume where |c - c_0| > level c_0 over the area of the interface, nm."""
        return self._per_area(sum(self._simplices.measure(values) for values in self._beyond(level)))

    def filled_share(self, level: float) -> float:
        """The layer's share of the volume of its phase. Collective."""
        volume = self._per_area(float(np.sum(self._simplices.volumes)))
        return self.thickness(level) / volume

    @property
    def drops(self) -> tuple[float, float]:
        """Potential that drops between interface and bulk, and within a cell at the interface at most, V."""
        space, potential = self.space, self.phi.x.array
        at_interface = fem.Function(space.space).x
        at_interface.array[: space.owned] = space.facet_weights(self.pair) > 1e-12 * space.area(self.pair)
        at_interface.scatter_forward()
        nodes = space.space.dofmap.list[space.cells(self.tag)]
        values = potential[nodes[at_interface.array[nodes].any(axis=1)]]
        within = float(np.max(np.ptp(values, axis=1), initial=0.0)) if values.size else 0.0
        mean, _, _ = interface_statistics(space, self.phi, self.phase.excess_potential, self.pair)
        return abs(mean), float(space.comm.allreduce(within, op=MPI.MAX))

    def resistance(self, level: float) -> float:
        """Integral of 1/sigma over the layer, over the area, in V s nm^2/e."""
        potential = self.phi.x.array
        return self._per_area(
            sum(
                self._simplices.integrate_where_positive(values, potential, self._resistivity, self.shift)
                for values in self._beyond(level)
            )
        )

    def _resistivity(self, potential: Array, shift: Array | None = None) -> Array:
        def at(phi: Array, shift: Array | None = None) -> Array:
            return 1.0 / self.phase.conductivity(phi, shift=shift)

        return by_blocks(at, potential.ravel(), _in_rows(shift)).reshape(potential.shape)

    @cached_property
    def excess_resistance(self) -> float:
        """Integral of (1/sigma - 1/sigma_bulk) over the whole side, over the area, V s nm^2/e."""
        bulk = 1.0 / neutral_conductivity(self.phase)
        return self._per_area(
            self._integrate(lambda potential, shift: self._resistivity(potential, shift) - bulk)
        )

    def excess_amount(self, component: int) -> float:
        """Integral of c - c_0 of a component over the whole side, over the area, 1/nm^2.

        Args:
            component: its number in the phase.
        """
        (only, *others), neutral = self.phase.components, self.phase.charge_at_bulk == 0.0
        if not others and only.charge_number and neutral and self.phase.reference is None:
            return self.charge / only.charge_number  # the same number, by the solver's own rule
        more = surplus(self.phase)[component]
        return self._per_area(
            self._integrate(lambda potential, shift: self._amounts(potential, shift)[component] + more)
        )

    def _amounts(self, potential: Array, shift: Array | None) -> Array:
        excess = self.phase.at_potentials(potential.ravel(), shift=_in_rows(shift)).excess
        return excess.reshape(len(excess), *potential.shape)

    def excess_resistance_of(self, component: Component) -> float:
        """Integral of 1/sigma - 1/sigma_bulk of one component over the whole side, over the area."""
        if self.phase.components == (component,):
            return self.excess_resistance
        return self._per_area(self._integrate(partial(self._excess_of, component, -1)))

    def excess_conductance_of(self, component: Component) -> float:
        """Integral of sigma - sigma_bulk of one component across the side, S (parallel to the interface)."""
        excess = self._per_area(self._integrate(partial(self._excess_of, component, 1)))
        return excess * SIEMENS_PER_CM * _CM_PER_NM

    def _excess_of(self, component: Component, power: int, potential: Array, shift: Array | None) -> Array:
        bulk = neutral_conductivity(self.phase, component)
        with np.errstate(divide="ignore"):
            return self.phase.conductivity(potential, component, shift) ** power - np.float64(bulk) ** power

    def _integrate(self, integrand: Callable[[Array, Array | None], Array]) -> float:
        """Integral of a function of potential and energies over the owned cells of the side."""
        space = self.space
        # Exact for what is quadratic in P1's linear potential: its own error is of that order.
        points, weights = quadrature_rule(space.domain.mesh.basix_cell(), 2 * space.order)
        sampler = CellSampler(space, space.cells(self.tag)[self._among], points)
        shift = None if self.shift is None else sampler.values_of(self.shift)
        density = integrand(sampler.values(self.phi), shift) @ (weights / weights.sum())
        volumes = self._simplices.volumes if space.order == 1 else cell_volumes(space, self.tag)[self._among]
        return float(np.sum(volumes * density))

    @property
    def charge(self) -> float:
        """Signed charge of the whole side per area, e/nm^2."""
        return self.total_charge / self.space.area(self.pair)

    @property
    def surface_field(self) -> float:
        """Mean normal field -d(phi)/dz at the interface on this side, V/nm, by Gauss's law.

        Positive from electrode to electrolyte; exact where no field leaves the far end.
        """
        sign = 1.0 if self.tag == self.pair[0] else -1.0
        return sign * self.charge / self.phase.permittivity

    @cached_property
    def interface(self) -> dict[str, tuple[float, float, float]]:
        """Occupancy and concentration at the interface: area mean, minimum, maximum."""
        quantities: Mapping[str, Callable[..., Array]] = {
            "occupancy": self.phase.occupancy,
            "concentration": self.phase.concentration,
        }
        return {name: self.at_interface(of) for name, of in quantities.items()}

    def at_interface(self, of: Callable[..., Array]) -> tuple[float, float, float]:
        """Area mean, minimum and maximum at the interface of a function of the side.

        Args:
            of: of the potential (V) and, where energies depend on the place, of these; vectorised.
        """
        return interface_statistics(self.space, self.phi, of, self.pair, self.shift)


def _in_rows(shift: Array | None) -> Array | None:
    """(n_carriers, n) of energies at points of cells."""
    return None if shift is None else shift.reshape(len(shift), -1)


def interface_statistics(
    space: PotentialSpace,
    phi: fem.Function,
    of: Callable[..., Array],
    pair: Pair = INTERFACE,
    shift: Array | None = None,
) -> tuple[float, float, float]:
    """Area mean, minimum and maximum over the interface of a function of the potential.

    Args:
        space: of the potential.
        phi: potential in V.
        of: function of the potential (V), vectorised; with a shift, of both.
        pair: the interface.
        shift: (m, n_local) of what `of` takes as well.
    """
    weights = space.facet_weights(pair)
    nodes = np.flatnonzero(weights > 1e-12 * space.area(pair))
    more = () if shift is None else (shift[:, nodes],)
    values = of(phi.x.array[nodes], *more)
    mean = space.sum(weights[nodes] * values) / space.comm.allreduce(float(weights[nodes].sum()))
    low = space.comm.allreduce(float(values.min(initial=np.inf)), op=MPI.MIN)
    high = space.comm.allreduce(float(values.max(initial=-np.inf)), op=MPI.MAX)
    return mean, low, high
