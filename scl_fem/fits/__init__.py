"""Fits of measured data: exchange NMR, T2 relaxation, diffusivities against temperature."""

from __future__ import annotations

from scl_fem.fits.arrhenius import ArrheniusFit, fit_arrhenius
from scl_fem.fits.build_up import ExsyCurve
from scl_fem.fits.estimates import Estimate, Goodness
from scl_fem.fits.exsy import ExsyFit, fit_exsy
from scl_fem.fits.simulated import SimulatedExchange, simulated_exchange
from scl_fem.fits.t2 import T2Fit, fit_t2

__all__ = [
    "ArrheniusFit",
    "Estimate",
    "ExsyCurve",
    "ExsyFit",
    "Goodness",
    "SimulatedExchange",
    "T2Fit",
    "fit_arrhenius",
    "fit_exsy",
    "fit_t2",
    "simulated_exchange",
]
