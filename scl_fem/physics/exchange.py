"""Exchange by diffusion, as 2D exchange NMR sees it: closed forms, and what follows from them.

The tagged Li of a particle starts at fraction 1 inside and 0 outside; what remains inside after the
mixing time is the diagonal peak, the rest the cross peak. Units are those of the experiment: nm,
cm^2/s, s, mA/cm^2, ohm cm^2.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from scl_fem.constants import ELEMENTARY_CHARGE, NM2_PER_CM2, thermal_energy
from scl_fem.physics.types import Array

NM_PER_CM = 1e7

_MILLIAMPERE_PER_CM2 = ELEMENTARY_CHARGE * NM2_PER_CM2 * 1e3
"""One e/(nm^2 s) in mA/cm^2."""

_IMAGES_BELOW = 0.2
"""4Dt/L^2 below which the sum over images needs fewer terms than the cosine series."""

_TERMS = 20

_NO_TIME = 1e-40
"""4Dt/L^2 that keeps 0/0 away at t = 0."""


def remaining_in_cube(
    diffusivity_cm2_per_s: npt.ArrayLike, time_s: npt.ArrayLike, edge_nm: npt.ArrayLike, dimension: int = 3
) -> Array:
    """Tagged fraction that remains in a cube within an infinite medium of the same diffusivity.

        m/m_0 = [ erf(a) - (1 - exp(-a^2)) / (a sqrt(pi)) ]^n,    a = d / sqrt(4 D t)

    The formula of Cheng et al. (Joule 2020) with its missing 1/d restored. Free of
    cancellation: full accuracy for every a, 1 at D t = 0, 0 where D t is infinite.

    Args:
        diffusivity_cm2_per_s: D >= 0.
        time_s: t >= 0.
        edge_nm: edge d > 0 of the cube.
        dimension: n; 1 a slab of thickness d, 2 a square rod, 3 the cube.

    Returns:
        The fraction, in the shape the arguments broadcast to.
    """
    a = _inverse_length_ratio(diffusivity_cm2_per_s, time_s, edge_nm)
    return _kept(a) ** dimension


def exchanged_from_cube(
    diffusivity_cm2_per_s: npt.ArrayLike, time_s: npt.ArrayLike, edge_nm: npt.ArrayLike, dimension: int = 3
) -> Array:
    """Cross peak, 1 - `remaining_in_cube`, accurate for short times too.

    Args:
        diffusivity_cm2_per_s: D >= 0.
        time_s: t >= 0.
        edge_nm: edge of the cube.
        dimension: 1, 2 or 3.
    """
    a = _inverse_length_ratio(diffusivity_cm2_per_s, time_s, edge_nm)
    with np.errstate(divide="ignore"):
        return -np.expm1(dimension * np.log1p(-_escaped(a)))


def remaining_in_closed_cube(
    diffusivity_cm2_per_s: npt.ArrayLike,
    time_s: npt.ArrayLike,
    edge_nm: float,
    box_nm: float,
    dimension: int = 3,
) -> Array:
    """Tagged fraction that remains in a cube centred in a larger closed one of the same diffusivity.

    The problem separates; along one axis, with half edges h and L,

        m/m_0 = h/L { 1 + 2 sum_k sinc^2(k pi h/L) exp(-k^2 pi^2 D t / L^2) }

    and for short times the same as a sum over mirror images (Carslaw & Jaeger, Conduction of Heat in
    Solids, 2nd ed., sections 3.3 and 14.2). It ends at (h/L)^n, the ratio of the volumes.

    Args:
        diffusivity_cm2_per_s: D >= 0.
        time_s: t >= 0.
        edge_nm: edge 2h of the particle.
        box_nm: edge 2L > 2h of the box.
        dimension: 1, 2 or 3.
    """
    half, end = edge_nm / 2, box_nm / 2
    spread = np.asarray(diffusivity_cm2_per_s) * np.asarray(time_s) * NM2_PER_CM2 / end**2
    along_axis = np.where(
        4 * spread < _IMAGES_BELOW, _by_images(spread, half / end), _by_cosines(spread, half / end)
    )
    return along_axis**dimension


def diffusivity_from_remaining(remaining: float, time_s: float, edge_nm: float, dimension: int = 3) -> float:
    """The diffusivity (cm^2/s) at which `remaining_in_cube` has a given value.

    Args:
        remaining: strictly between 0 and 1.
        time_s: t > 0.
        edge_nm: edge of the cube.
        dimension: 1, 2 or 3.

    Raises:
        ValueError: `remaining` is not between 0 and 1.
    """
    from scipy.optimize import brentq

    if not 0.0 < remaining < 1.0:
        raise ValueError(f"a remaining fraction of {remaining:g} is reached at no time: it must be in (0, 1)")
    # between these, everything from a part in 1e9 left to a part in 1e9 gone
    log_a = brentq(
        lambda s: float(_kept(np.array(math.exp(s)))) ** dimension - remaining,
        -24.0,
        24.0,
        xtol=1e-13,
    )
    return (edge_nm * math.exp(-log_a)) ** 2 / (4.0 * time_s * NM2_PER_CM2)


def plateau(particle_share: float, concentration_ratio: float = 1.0) -> float:
    """Tagged fraction that remains in the particles at equilibrium: their share of all the Li.

    Args:
        particle_share: of the volume, 0 to 1.
        concentration_ratio: Li per volume of the surroundings over that of the particles.
    """
    return particle_share / (particle_share + (1.0 - particle_share) * concentration_ratio)


def volume_share(mass_ratio: float, density_ratio: float) -> float:
    """Share of the volume that a component takes of a mixture of two.

    Args:
        mass_ratio: mass of the component over that of the other.
        density_ratio: density of the component over that of the other.
    """
    volumes = mass_ratio / density_ratio
    return volumes / (1.0 + volumes)


def exchange_current_density(
    exchanged: npt.ArrayLike, time_s: npt.ArrayLike, concentration_per_nm3: float, volume_per_area_nm: float
) -> Array:
    """Exchange current density from EXSY, mA/cm^2: j_0 = e c (V/A) (exchanged fraction) / t.

    Args:
        exchanged: fraction that crossed in the mixing time.
        time_s: the mixing time.
        concentration_per_nm3: Li per volume of the phase whose exchanged fraction it is.
        volume_per_area_nm: its volume over the area of the interface (10 nm for half a 20 nm particle).
    """
    amount = concentration_per_nm3 * volume_per_area_nm * np.asarray(exchanged) / np.asarray(time_s)
    return amount * _MILLIAMPERE_PER_CM2


def interface_resistance(
    exchange_current_mA_per_cm2: npt.ArrayLike,
    temperature: float,
    charge_number: int = 1,
) -> Array:
    """Resistance of an interface, ohm cm^2: R = RT/(n F j_0) (Horvai, 1991).

    Args:
        exchange_current_mA_per_cm2: j_0 > 0.
        temperature: K.
        charge_number: n.
    """
    return 1e3 * thermal_energy(temperature) / (charge_number * np.asarray(exchange_current_mA_per_cm2))


def interphase_permeability(diffusivity_cm2_per_s: float, thickness_nm: float) -> float:
    """Permeability of a thin layer in its steady state, cm/s: P = D / thickness.

    Args:
        diffusivity_cm2_per_s: in the layer (times its share of Li where that differs).
        thickness_nm: of the layer.
    """
    return diffusivity_cm2_per_s * NM_PER_CM / thickness_nm


def permeability_current_density(permeability_cm_per_s: float, concentration_per_nm3: float) -> float:
    """Exchange current density of an interface of a given permeability, mA/cm^2: j_0 = e c P.

    Args:
        permeability_cm_per_s: P.
        concentration_per_nm3: c of the Li that P multiplies.
    """
    return permeability_cm_per_s * NM_PER_CM * concentration_per_nm3 * _MILLIAMPERE_PER_CM2


def _inverse_length_ratio(diffusivity: npt.ArrayLike, time: npt.ArrayLike, edge: npt.ArrayLike) -> Array:
    """The number a = d / sqrt(4 D t), infinite where nothing has diffused yet."""
    spread = np.sqrt(4.0 * np.asarray(diffusivity, float) * np.asarray(time, float) * NM2_PER_CM2)
    with np.errstate(divide="ignore"):
        return np.asarray(edge, float) / spread


def _kept(a: Array) -> Array:
    """Fraction that is still in a slab: erf(a) - (1 - exp(-a^2)) / (a sqrt(pi)); a/sqrt(pi) for small a."""
    from scipy.special import erf

    # expm1 leaves no cancellation; the floor only keeps 0/0 away
    a = np.maximum(a, np.finfo(float).tiny)
    return erf(a) + np.expm1(-(a**2)) / (a * math.sqrt(math.pi))


def _escaped(a: Array) -> Array:
    """Fraction that has left it, 1 - `_kept`: 1/(a sqrt(pi)) for large a."""
    from scipy.special import erfc

    a = np.maximum(a, np.finfo(float).tiny)
    return erfc(a) - np.expm1(-(a**2)) / (a * math.sqrt(math.pi))


def _by_cosines(spread: Array, ratio: float) -> Array:
    """Remaining fraction along one axis of a closed box, from D t/L^2 and h/L."""
    k = np.arange(1, _TERMS + 1)
    decay = np.exp(-((k * math.pi) ** 2) * spread[..., None])
    return ratio * (1.0 + 2.0 * (np.sinc(k * ratio) ** 2 * decay).sum(axis=-1))


def _by_images(spread: Array, ratio: float) -> Array:
    """The same by images: the slab is repeated at every even multiple of L.

    What a slab of width w takes up from another one a distance s away (centre to centre) is the second
    difference of ierfc, its tagged Li being 1 in the beginning.
    """
    from scipy.special import erfc

    scale = np.sqrt(4.0 * np.maximum(spread, _NO_TIME))[..., None]

    def ierfc(x: Array) -> Array:
        return np.exp(-(x**2)) / math.sqrt(math.pi) - x * erfc(x)

    width = 2.0 * ratio
    distance = 2.0 * np.arange(1, 4)
    own = _kept(width / scale[..., 0])
    near, at, far = ((ierfc((distance + shift) / scale)) for shift in (-width, 0.0, width))
    return own + (scale * (near - 2.0 * at + far) / width).sum(axis=-1)
