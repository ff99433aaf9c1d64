"""Manufactured potentials on a planar cell: known everywhere, made to solve the equation by a fixed charge.

    phi = step h(z) + ripple q(z) cos(pi y/w) cos(pi x/w)

on |z| < L, with continuous phi and eps dphi/dz at the interface, phi at the terminals that of the bulks,
and no flux out of the sides. The charge that the phases do not supply, f = -div(eps grad phi) - rho(phi),
is put in as fixed charge.
"""

from dataclasses import dataclass

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)
import numpy as np

# isort: split
import basix.ufl
import ufl
from dolfinx import fem

from scl_fem.discretisation.charge import Charge, charge_on
from scl_fem.discretisation.space import PotentialSpace
from scl_fem.mesh import BOTH, ELECTRODE, ELECTROLYTE, MESH_KINDS
from scl_fem.mesh.distribute import build_domain
from scl_fem.solvers.equilibrium import contacts_of
from scl_fem.solvers.poisson import PoissonProblem, Stage
from scl_fem.solvers.settings import SolverSettings

_DEGREE = 8


@dataclass(frozen=True)
class Manufactured:
    """The exact potential.

    Attributes:
        phases: physics by tag; their bulk potentials are those of the terminals.
        half: L, thickness of each side, nm.
        width: w, nm.
        ripple: amplitude of the lateral variation, V.
        lateral: number of lateral directions.
    """

    phases: dict
    half: float
    width: float
    ripple: float
    lateral: int

    def _sides(self, tag):
        """Phi = level + amplitude sin(pi z/2L): eps * amplitude is the same on both sides."""
        electrode, electrolyte = (self.phases[each] for each in BOTH)
        step = electrode.bulk_potential
        flux = -step / (1.0 / electrode.permittivity + 1.0 / electrolyte.permittivity)
        return -flux / electrolyte.permittivity, flux / self.phases[tag].permittivity

    def _ripple(self, x):
        shape = np.full(x.shape[1], self.ripple)
        for axis in range(1, 1 + self.lateral):
            shape = shape * np.cos(np.pi * x[axis] / self.width)
        return shape

    def _along(self, tag, z):
        """Factor of the ripple, and its second derivative."""
        k, m = 0.5 * np.pi / self.half, np.pi / self.half
        tilt = 0.3 * self.phases[ELECTROLYTE].permittivity / self.phases[tag].permittivity
        value = np.cos(k * z) + tilt * np.sin(m * z)
        return value, -(k**2) * np.cos(k * z) - tilt * m**2 * np.sin(m * z)

    def potential(self, tag, x):
        """phi in V at points (3, n) of a phase."""
        level, amplitude = self._sides(tag)
        return (
            level
            + amplitude * np.sin(0.5 * np.pi * x[0] / self.half)
            + self._ripple(x) * self._along(tag, x[0])[0]
        )

    def fixed_charge(self, tag, x):
        """-div(eps grad phi) - rho(phi) in e/nm^3."""
        _, amplitude = self._sides(tag)
        k = 0.5 * np.pi / self.half
        value, second = self._along(tag, x[0])
        lateral = self.lateral * (np.pi / self.width) ** 2
        laplacian = -amplitude * k**2 * np.sin(k * x[0]) + self._ripple(x) * (second - lateral * value)
        phase = self.phases[tag]
        return -phase.permittivity * laplacian - phase.charge_density(self.potential(tag, x))


class _WithFixedCharge(Charge):
    """The charge of the phases and a fixed one, which does not depend on the potential."""

    def __init__(self, charge, fixed):
        super().__init__(charge.space, charge.phases)
        self.charge, self.fixed = charge, fixed

    def evaluate(self, phi):
        charges = self.charge.evaluate(phi)
        return {**charges, ELECTRODE: charges[ELECTRODE] + self.fixed}

    def amounts(self, phi):
        return self.charge.amounts(phi)

    def add_slope(self, matrix):
        self.charge.add_slope(matrix)

    def slope(self, tag):
        return self.charge.slope(tag)

    def slope_energy(self, tag, u, shift):
        return self.charge.slope_energy(tag, u, shift)


def l2_error(exact, elements, order, comm):
    """Solve on a uniform mesh and return the L2 norm of phi - exact, V nm^(d/2).

    Args:
        exact: `Manufactured`.
        elements: across each side.
        order: of the elements.
        comm: communicator.
    """
    dimension = 1 + exact.lateral
    widths = {"lateral_size": exact.width, "lateral_elements": elements} if exact.lateral else {}
    settings = MESH_KINDS["planar"](
        dimension=dimension,
        electrode_thickness=exact.half,
        electrolyte_thickness=exact.half,
        interface_size=exact.half / elements,
        growth=1.0,
        **widths,
    )
    domain = build_domain(settings, comm)
    space = PotentialSpace(domain, order)
    mesh = domain.mesh
    rule = basix.ufl.quadrature_element(mesh.basix_cell().name, degree=_DEGREE, scheme="default")
    points = fem.functionspace(mesh, rule)
    measure = ufl.Measure("dx", mesh, metadata={"quadrature_degree": _DEGREE, "quadrature_scheme": "default"})

    def at_points(of):
        function = fem.Function(points)
        for tag in BOTH:
            function.interpolate(lambda x, tag=tag: of(tag, x), cells0=domain.cells(tag))
        return function

    fixed = at_points(exact.fixed_charge)
    load = space.assemble_owned(fem.form(fixed * ufl.TestFunction(space.space) * measure))
    charge = _WithFixedCharge(charge_on(space, exact.phases), load)
    contacts = contacts_of("bulk", space.domain.contacts, exact.phases)
    problem = PoissonProblem(space, charge, contacts, SolverSettings(order=order))
    problem.start_neutral()
    problem.solve(Stage(charge), lambda iteration, residual: None)
    square = fem.assemble_scalar(fem.form((problem.phi - at_points(exact.potential)) ** 2 * measure))
    return float(np.sqrt(comm.allreduce(square)))
