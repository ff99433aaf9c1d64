"""The chemical potential to fifty digits, written anew in Python's decimals."""

from decimal import Decimal, getcontext

getcontext().prec = 60


def _cube_root(q):
    """Cube root of q >= 0."""
    return q ** (Decimal(1) / Decimal(3)) if q else Decimal(0)


def logit(x):
    x = Decimal(x)
    return x.ln() - (1 - x).ln()


def occupancy_and_vacancy(y):
    """x and 1 - x at y = logit(x)."""
    return 1 / (1 + (-y).exp()), 1 / (1 + y.exp())


def energy(y, x0, kT, omega, strength, floor):
    """mu(x) - mu(x_0) in eV at y = logit(x); all other arguments are floats, taken exactly."""
    x0, kT, omega, strength, floor = (Decimal(each) for each in (x0, kT, omega, strength, floor))
    d = occupancy_and_vacancy(y)[0] - x0
    defects = strength * d / _cube_root(d * d + floor * floor) if strength else Decimal(0)
    return kT * (y - logit(x0)) - 2 * omega * d + defects


def relative(value, exact):
    """|value/exact - 1| for a float and a decimal."""
    return float(abs(Decimal(float(value)) / exact - 1))
