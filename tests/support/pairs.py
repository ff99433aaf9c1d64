"""Pairs of materials on which the finite elements and the second method are compared."""

from dataclasses import replace

from tests.support.half_space import LAGP, LVO, LVO_1, LVO_2, Side


def without_defects(side):
    return replace(side, defect_energy=0.0)


PAIRS = {
    "LVO 0.2 | LAGP": (LVO, LAGP),
    "LVO 1 | LAGP": (LVO_1, LAGP),
    "LVO 2 | LAGP": (LVO_2, LAGP),
    "LVO 0.2 | LAGP, no defects": (without_defects(LVO), without_defects(LAGP)),
    "LVO 2 | LAGP, no defects": (without_defects(LVO_2), without_defects(LAGP)),
    "+0.8 V, vacancy law, weak defects": (
        Side(30.0, 0.5, 3.8, 12.0, 0.02, 0.5, 1e-6, 1e-10, 1e-14, "vacancy"),
        Side(24.0, 0.3, 3.0, 9.0, 0.0, 1.0),
    ),
    "-0.8 V, nearly full | nearly empty": (
        Side(50.0, 0.98, 2.2, 30.0, -0.03, 3.0, 1e-5, 1e-10, 0.0, "vacancy-bulk"),
        Side(10.0, 0.05, 3.0, 60.0, 0.01, 2.0),
    ),
    "+0.3 V, dilute | defects with a floor of diffusivity": (
        Side(20.0, 0.02, 3.3, 15.0, 0.04),
        Side(20.0, 0.9, 3.0, 20.0, -0.02, 4.0, 1e-6, 1e-9, 1e-12, "vacancy"),
    ),
    "+0.25 V, close to phase separation": (
        Side(20.0, 0.5, 3.25, 15.0, 0.05),
        Side(15.0, 0.5, 3.0, 20.0, 0.0, 1.0),
    ),
    "+0.1 V, high permittivity, long Debye length": (
        Side(6.0, 0.2, 3.1, 80.0),
        Side(8.0, 0.7, 3.0, 40.0, 0.03),
    ),
    "-0.4 V, ordering (Omega < 0), wide floor": (
        Side(25.0, 0.6, 2.6, 10.0, -0.1, 6.0, 1e-4),
        Side(25.0, 0.4, 3.0, 10.0, -0.05),
    ),
    "-0.5 V, strong defects in the electrolyte": (
        Side(16.0, 0.8, 2.5, 100.0, 0.0, 0.0, 1e-6, 1e-9, 1e-13, "vacancy"),
        Side(13.0, 0.35, 3.0, 50.0, 0.0, 8.0),
    ),
    "+0.8 V, 99 % | 1 %": (Side(40.0, 0.99, 3.8, 25.0, 0.0, 0.2), Side(35.0, 0.01, 3.0, 25.0, 0.0, 0.2)),
    "-0.8 V, 99.9 % full electrode": (
        Side(40.0, 0.999, 2.2, 25.0, 0.0, 1.0),
        Side(35.0, 0.3, 3.0, 25.0, 0.0, 1.0),
    ),
}
