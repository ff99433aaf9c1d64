"""Two dilute ions between contacts that block both: the closed form (Bazant, Thornton, Ajdari 2004)."""

import numpy as np
import pytest

import scl_fem
from scl_fem.constants import AVOGADRO, OHM_CM2, VACUUM_PERMITTIVITY, thermal_energy

KT = thermal_energy(298.15)
CONCENTRATION = 10.0 * AVOGADRO * 1e-27  # 10 mol/m^3 in 1/nm^3
PERMITTIVITY = 78.5
DIFFUSIVITY = 1e9  # 1e-9 m^2/s in nm^2/s
HALF = 500.0


def closed_form(frequency, carriers):
    """ohm cm^2; of one carrier with fixed counter-charge: Macdonald's."""
    eps = PERMITTIVITY * VACUUM_PERMITTIVITY
    omega = 2j * np.pi * frequency
    screening = carriers * CONCENTRATION / (eps * KT)
    square = screening + omega / DIFFUSIVITY
    root = np.sqrt(square)
    value = 2.0 / (omega * eps * square) * (screening / root * np.tanh(root * HALF))
    return OHM_CM2 * (value + 2.0 * HALF / (eps * square * DIFFUSIVITY))


def spectrum(boundary, frozen, start, stop):
    ion = {"statistics": "dilute", "concentration": CONCENTRATION}
    mobile = {**ion, "diffusivity": "1e-9 m^2/s"}
    other = {**ion, "frozen": True} if frozen else mobile
    case = scl_fem.Case(
        temperature=298.15,
        study={
            "kind": "impedance",
            "frequency_start": start,
            "frequency_stop": stop,
            "points_per_decade": 1,
        },
        mesh={
            "kind": "stack",
            "dimension": 1,
            "interface_size": 0.03,
            "growth": 1.03,
            "layers": [{"phase": "water", "thickness": 2.0 * HALF}],
        },
        phase={"water": {"material": "WATER"}},
        boundary=boundary,
        materials={
            "WATER": {
                "permittivity": PERMITTIVITY,
                "carriers": [
                    {"name": "A", "component": "A", "charge": 1, **mobile},
                    {"name": "B", "component": "B", "charge": -1, **other},
                ],
            }
        },
    )
    table = scl_fem.run(case).tables["impedance.csv"]
    found = np.asarray(table["Z_re_ohm_cm2"]) + 1j * np.asarray(table["Z_im_ohm_cm2"])
    return np.asarray(table["frequency_Hz"]), found


@pytest.mark.parametrize(
    "boundary",
    [{"kind": "closed"}, {"kind": "metal"}, {"kind": "bulk", "exchanges": []}],
    ids=["closed", "metal", "bulk"],
)
@pytest.mark.parametrize("frozen", [False, True], ids=["two", "one"])
def test_blocking_contacts(boundary, frozen):
    """From where Re Z is 1e-8 of Im Z to where the layers no longer form: both parts."""
    frequency, found = spectrum(boundary, frozen, 1e-3, 1e7)
    exact = closed_form(frequency, 1 if frozen else 2)
    np.testing.assert_allclose(found.imag, exact.imag, rtol=2e-4)
    np.testing.assert_allclose(found.real, exact.real, rtol=2e-5)


def test_numbers_of_the_closed_form():
    _, found = spectrum({"kind": "closed"}, False, 1e3, 1e6)
    np.testing.assert_allclose(found[0] * 1e-4, 1.31927328e-5 - 1.39315481e-3j, rtol=2e-4)
    np.testing.assert_allclose(found[-1] * 1e-4, 1.31484673e-5 - 2.15591377e-6j, rtol=2e-4)
    assert found[0].real * 1e-4 == pytest.approx(1.31927328e-5, rel=1e-5)
