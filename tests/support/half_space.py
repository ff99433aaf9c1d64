"""A second method for the planar interface at equilibrium: the first integral of Poisson's equation.

Shares no code with scl_fem: its own chemical potential, root finding (brentq) and quadrature (quad),
and the numbers of its own table. Units as there: nm, V, e, eV, s.

On a half space, with v = phi - phi_bulk and x - x_0 = d, equilibrium says mu(x) - mu(x_0) = -v, and

    eps/2 (dv/dz)^2 = Psi,    Psi = - integral_0^v rho dv = c_max integral_{x_0}^{x} d (dmu/dx) dx

of which each part of mu has a closed form. The charge of the side is -sign(v) sqrt(2 eps Psi), the two
sides' charges cancel, which fixes the potential of the interface, and integrals over z are integrals
over x, with dz = |dmu| / sqrt(2 Psi/eps).
"""

import math
from dataclasses import dataclass, field, replace
from itertools import pairwise

from scipy.integrate import quad
from scipy.optimize import brentq

K = 8.617333262e-5
EPS0 = 0.0552634936
OHM_CM2 = 1e-14 / 1.602176634e-19


@dataclass(frozen=True)
class Side:
    """A phase filling a half space, in the keys and units of a case file."""

    c_max: float
    occupancy: float
    voltage: float
    permittivity: float
    regular_solution: float = 0.0
    defect_energy: float = 0.0
    defect_floor: float = 1e-6
    diffusivity: float = 1e-9
    diffusivity_min: float = 0.0
    diffusivity_law: str = "constant"

    def table(self):
        """The same as a table [materials.NAME] of a case."""
        law = {"defect_law": "excess-cube-root"} if self.defect_energy else {"defect_law": "none"}
        return {key: getattr(self, key) for key in self.__dataclass_fields__} | law


LVO = Side(16.856, 0.10, 3.4, 16.73, 0.0165, 2.46, 1e-6, 2e-9, 8e-14, "vacancy-bulk")
LVO_1 = replace(LVO, occupancy=0.55, voltage=3.0)
LVO_2 = replace(LVO, occupancy=0.95, voltage=2.4)
LAGP = Side(13.06, 5.372 / 13.06, 3.0, 41.0, 0.0, 4.77, 1e-6, 1e-9)


@dataclass
class HalfSpace:
    """One side at a temperature: everything as a function of eta = logit(x) - logit(x_0)."""

    side: Side
    temperature: float = 298.15
    kT: float = field(init=False)
    eps: float = field(init=False)
    J: float = field(init=False)

    def __post_init__(self):
        self.kT = K * self.temperature
        self.eps = EPS0 * self.side.permittivity
        self.J = self.side.defect_energy / self.side.permittivity

    def x(self, eta):
        x0 = self.side.occupancy
        return x0 / (x0 + (1.0 - x0) * math.exp(-eta))

    def hole(self, eta):
        x0 = self.side.occupancy
        return (1.0 - x0) / ((1.0 - x0) + x0 * math.exp(eta))

    def d(self, eta):
        return self.side.occupancy * self.hole(eta) * math.expm1(eta)

    def u(self, eta):
        """mu(x) - mu(x_0)."""
        d, s = self.d(eta), self.side.defect_floor
        return self.kT * eta - 2.0 * self.side.regular_solution * d + self.J * d / (d * d + s * s) ** (1 / 3)

    def du(self, eta):
        """dmu/d(eta)."""
        q, s = self.d(eta) ** 2, self.side.defect_floor
        interaction = self.J * (q / 3.0 + s * s) / (q + s * s) ** (4 / 3) - 2.0 * self.side.regular_solution
        return self.kT + self.x(eta) * self.hole(eta) * interaction

    def psi(self, eta):
        """Integral of -rho dv from the bulk, e V/nm^3."""
        x0, s, d = self.side.occupancy, self.side.defect_floor, self.d(eta)
        ideal = self.kT * (math.log1p(x0 * math.expm1(eta)) - x0 * eta)
        q = d * d + s * s
        defects = self.J * (d * d / q ** (1 / 3) - 0.75 * (q ** (2 / 3) - s ** (4 / 3)))
        return self.side.c_max * (ideal - self.side.regular_solution * d * d + defects)

    def eta_at(self, v):
        """The eta whose mu is in equilibrium with v."""
        if v == 0.0:
            return 0.0
        # in steps from 0, so that no exponential overflows
        far = -math.copysign(0.1, v)
        while abs(self.u(far)) < abs(v):
            far *= 2.0
        return brentq(lambda eta: self.u(eta) + v, 0.0, far, xtol=1e-300, rtol=1e-14, maxiter=500)

    def charge(self, v):
        """Charge of the side per area, e/nm^2."""
        return -math.copysign(math.sqrt(2.0 * self.eps * max(self.psi(self.eta_at(v)), 0.0)), v)

    def resistivity(self, eta):
        """1/sigma in V s nm/e (not the ohm of the user)."""
        s, hole, D = self.side, self.hole(eta), self.side.diffusivity * 1e14
        if s.diffusivity_law == "vacancy":
            D = max(D * hole, s.diffusivity_min * 1e14)
        if s.diffusivity_law == "vacancy-bulk":
            D = max(D * hole / (1.0 - s.occupancy), s.diffusivity_min * 1e14)
        return self.kT / (D * s.c_max * self.x(eta))

    def over_z(self, f, near, far):
        """Integral of f(eta) dz between eta = `near` and `far` (of one sign, moduli rising)."""
        sign = math.copysign(1.0, far)

        def integrand(log_eta):
            eta = sign * math.exp(log_eta)
            return f(eta) * abs(eta) * self.du(eta) / math.sqrt(2.0 * self.psi(eta) / self.eps)

        low, high = math.log(abs(near)), math.log(abs(far))
        pieces = max(4, math.ceil(2 * (high - low)))
        ends = [low + (high - low) * i / pieces for i in range(pieces + 1)]
        return sum(quad(integrand, a, b, epsabs=1e-16, epsrel=1e-10, limit=200)[0] for a, b in pairwise(ends))

    def eta_of_level(self, level, eta_interface):
        """Where |c - c_0| = level c_0 between bulk and interface, None where there is no such place."""
        x0 = self.side.occupancy
        x = x0 * (1.0 + math.copysign(level, eta_interface))
        if not 0.0 < x < 1.0:
            return None
        eta = math.log(x / (1.0 - x)) - math.log(x0 / (1.0 - x0))
        return eta if abs(eta) < abs(eta_interface) else None

    def summary(self, v, level=0.25):
        """The numbers of one side of a summary, in its units."""
        eta = self.eta_at(v)
        thickness, resistance = {}, 0.0
        for p in sorted({0.01, 0.05, 0.10, 0.25, level}):
            edge = self.eta_of_level(p, eta)
            thickness[f"{100 * p:g}%"] = self.over_z(lambda e: 1.0, edge, eta) if edge else 0.0
            if p == level and edge:
                resistance = self.over_z(self.resistivity, edge, eta)
        bulk = self.resistivity(0.0)
        # what lies below eta = 1e-7 is less than 1e-7 of it
        excess = (
            self.over_z(lambda e: self.resistivity(e) - bulk, 1e-7, abs(eta))
            if eta > 0
            else (self.over_z(lambda e: self.resistivity(e) - bulk, -1e-7, eta) if eta < 0 else 0.0)
        )
        return {
            "occupancy_interface": self.x(eta),
            "thickness_nm": thickness,
            "layer_charge_e_per_nm2": self.charge(v),
            "layer_resistance_ohm_cm2": resistance * OHM_CM2,
            "excess_resistance_ohm_cm2": excess * OHM_CM2,
        }


@dataclass
class CurveHalfSpace(HalfSpace):
    """One side whose mu is -e times a table of voltages, linear between its points, ideal beyond."""

    points: tuple[tuple[float, float], ...] = ()

    @staticmethod
    def logit(x):
        return math.log(x) - math.log1p(-x)

    def parts(self, eta):
        """Bulk to eta: (start, stop, d(mu)/dx) in x of each interval; (start, stop) in eta beyond them."""
        ends = [self.points[0][0], self.points[-1][0]]
        first, last = (self.logit(end) - self.logit(self.side.occupancy) for end in ends)
        low, high = sorted([0.0, eta])
        inside = []
        for (a, before), (b, after) in pairwise(self.points):
            start, stop = max(a, self.x(low)), min(b, self.x(high))
            if start < stop:
                inside.append((start, stop, (before - after) / (b - a)))
        beyond = [(low, min(first, high)), (max(last, low), high)]
        return inside, [(a, b) for a, b in beyond if a < b]

    def u(self, eta):
        inside, beyond = self.parts(eta)
        modulus = sum((b - a) * slope for a, b, slope in inside) + sum(self.kT * (b - a) for a, b in beyond)
        return math.copysign(modulus, eta)

    def du(self, eta):
        x = self.x(eta)
        for (a, before), (b, after) in pairwise(self.points):
            if a <= x <= b:
                return x * self.hole(eta) * (before - after) / (b - a)
        return self.kT

    def psi(self, eta):
        x0 = self.side.occupancy
        inside, beyond = self.parts(eta)
        total = sum(0.5 * slope * ((b - x0) ** 2 - (a - x0) ** 2) for a, b, slope in inside)
        full = [math.log1p(x0 * math.expm1(b)) - math.log1p(x0 * math.expm1(a)) for a, b in beyond]
        total += sum(self.kT * (each - x0 * (b - a)) for each, (a, b) in zip(full, beyond, strict=True))
        return self.side.c_max * (total if eta > 0 else -total)


def solve(electrode, electrolyte, temperature=298.15, level=0.25):
    """The interface of two half spaces (or of their sides), under the keys of a summary."""
    left, right = (
        each if isinstance(each, HalfSpace) else HalfSpace(each, temperature)
        for each in (electrode, electrolyte)
    )
    electrode, electrolyte = left.side, right.side
    step = electrode.voltage - electrolyte.voltage

    def imbalance(phi):
        return left.charge(phi - step) + right.charge(phi)

    phi = brentq(imbalance, min(0.0, step), max(0.0, step), xtol=1e-16, rtol=1e-14) if step else 0.0
    sides = {"electrode": left.summary(phi - step, level), "electrolyte": right.summary(phi, level)}
    return {
        "potential_step_V": step,
        "interface_potential_V": phi,
        **sides,
        **{
            key: sum(side[key] for side in sides.values())
            for key in ("layer_resistance_ohm_cm2", "excess_resistance_ohm_cm2")
        },
        "layer_thickness_nm": sum(side["thickness_nm"][f"{100 * level:g}%"] for side in sides.values()),
    }
