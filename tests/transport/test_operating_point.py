"""Kinetics away from equilibrium, and spectra that are those of passive, causal and linear cells."""

import numpy as np
import pytest

import scl_fem
from scl_fem.constants import MILLIAMPERE_PER_CM2, thermal_energy
from tests.support.half_space import LAGP, LVO
from tests.transport.support import SMOOTH, Cell, case_of, transient

KT = thermal_energy(298.15)
DENSITY = 0.77


def jump_at(cell, current):
    """[mu~] of the steady state under a current, eV."""
    inward = current / MILLIAMPERE_PER_CM2
    state = cell.last(0.1, 1.0, terminals=cell.driven(lambda time: inward)).progress.state
    (crossing,) = cell.system.crossings
    return crossing.jump(state.mu).mean()


@pytest.mark.parametrize(
    ("current", "expected"), [(0.0, 33.367), (0.1, 33.297), (1.0, 27.985), (10.0, 5.0786)]
)
def test_the_slope_of_the_polarisation_curve(current, expected):
    """dA/di = kT/sqrt((i/2)^2 + j_0^2), by differences of two steady states, ohm cm^2."""
    law = {"law": "exchange", "exchange_current_density": DENSITY}
    cell = Cell(transient(SMOOTH, SMOOTH, duration=1.0, interface=law))
    change = 1e-3 * max(current, DENSITY)
    slope = (jump_at(cell, current + change) - jump_at(cell, current - change)) / (2.0 * change)
    exact = KT / np.hypot(0.5 * current, DENSITY)
    assert slope == pytest.approx(exact, rel=1e-5)
    assert 1e3 * slope == pytest.approx(expected, rel=2e-5)


def test_the_impedance_at_rest_is_the_slope_there():
    law = {"law": "exchange", "exchange_current_density": DENSITY}
    study = {"kind": "impedance", "frequency_start": 1e-3, "frequency_stop": 1e-2, "points_per_decade": 1}
    found = scl_fem.run(case_of(SMOOTH, SMOOTH, study=study, interface=law))
    perfect = scl_fem.run(case_of(SMOOTH, SMOOTH, study=study))
    added = [
        found.tables["impedance.csv"]["Z_re_ohm_cm2"][0],
        -perfect.tables["impedance.csv"]["Z_re_ohm_cm2"][0],
    ]
    assert sum(added) == pytest.approx(33.367, rel=2e-5)


IONS = [
    {"name": "Li+", "component": "Li+", "sites": 5.0, "occupancy": 0.3, "diffusivity": 1e-9},
    {"name": "e-", "component": "e-", "sites": 8.0, "occupancy": 0.2, "diffusivity": 2e-8},
]
MIXED = {
    "M": {"permittivity": 20.0, "voltage": 3.3, "carriers": IONS, "levels": {"e-": "-1.0 eV"}},
    # another potential by 0.3 V: depleted of one, full of the other
    "N": {
        "permittivity": 15.0,
        "voltage": 3.0,
        "carriers": [{**IONS[0], "occupancy": 0.1}, {**IONS[1], "occupancy": 0.0625}],
        "levels": {"e-": "-1.3 eV"},
    },
}
CONTACTS = {
    "bulk": {"kind": "bulk"},
    "Li+": {"kind": "bulk", "exchanges": ["Li+"]},
    "e-": {"kind": "bulk", "exchanges": ["e-"]},
    "none": {"kind": "bulk", "exchanges": []},
    "metal": {"kind": "metal", "potential": -0.3},
    "stern": {"kind": "metal", "potential": -0.3, "stern_capacitance": 10.0},
    "closed": {"kind": "closed"},
}
PAIRS = [*((each, each) for each in CONTACTS), ("metal", "bulk"), ("stern", "Li+"), ("closed", "metal")]


def mixed(study, contacts, law):
    left, right = (CONTACTS[each] for each in contacts)
    return scl_fem.Case(
        temperature=298.15,
        study=study,
        mesh={
            "kind": "stack",
            "dimension": 1,
            "interface_size": 0.05,
            "growth": 1.3,
            "layers": [{"phase": "A", "thickness": 6.0}, {"phase": "B", "thickness": 5.0}],
        },
        phase={"A": {"material": "M"}, "B": {"material": "N"}},
        materials=MIXED,
        interface=law,
        boundary={"kind": "closed", "left": left, "right": right},
    )


def spectrum(case):
    table = scl_fem.run(case).tables["impedance.csv"]
    found = np.asarray(table["Z_re_ohm_cm2"]) + 1j * np.asarray(table["Z_im_ohm_cm2"])
    return np.asarray(table["frequency_Hz"]), found


def unexplained(frequency, found):
    """Largest share of a spectrum that relaxations with real shares and a capacitor do not make up.

    Whatever obeys the relations of Kramers and Kronig they make up, a resistance in series included: eight of
    them a decade to 1e-7. They must be fewer than the numbers of the spectrum, or they make up anything.
    """
    decades = 2.0 + np.log10(frequency[-1] / frequency[0])
    corners = np.geomspace(0.1 * frequency[0], 10.0 * frequency[-1], round(8 * decades) + 1)
    assert corners.size + 2 < 1.6 * frequency.size
    omega = 2.0 * np.pi * frequency
    basis = 1.0 / (1.0 + 1j * frequency[:, None] / corners)
    basis = np.column_stack([basis, 1.0 / (1j * omega), np.ones_like(omega)]) / np.abs(found)[:, None]
    target = found / np.abs(found)
    scale = np.linalg.norm(basis, axis=0)
    both = np.concatenate([basis.real, basis.imag]) / scale
    shares, *_ = np.linalg.lstsq(both, np.concatenate([target.real, target.imag]), rcond=1e-14)
    return np.abs((basis / scale) @ shares - target).max()


@pytest.mark.parametrize("law", ["perfect", "exchange"])
@pytest.mark.parametrize("contacts", PAIRS, ids="-".join)
def test_spectra_about_equilibrium(contacts, law):
    """Passive, causal and linear; at zero frequency what conduction says, for each component."""
    laws = {"perfect": {"law": "perfect"}, "exchange": {"law": "exchange", "exchange_current_density": 1e4}}
    study = {"kind": "impedance", "frequency_start": 1e-2, "frequency_stop": 1e12, "points_per_decade": 6}
    frequency, found = spectrum(mixed(study, contacts, laws[law]))
    assert (found.real > 0.0).all()
    assert unexplained(frequency, found) < 1e-6
    # what answers before it is asked they do not make up
    assert unexplained(frequency, found.conj()) > 1e-3
    exchanged = [
        {"bulk": {"Li+", "e-"}, "metal": {"e-"}, "stern": {"e-"}}.get(each, {each}) for each in contacts
    ]
    passing = (exchanged[0] & exchanged[1]) & {"Li+", "e-"}
    if not passing:
        assert abs(found[0].imag) > 1e3 * found[0].real
        return
    still = scl_fem.run(mixed({"kind": "conduction"}, contacts, laws[law])).summary
    each = {name: table["total_resistance_ohm_cm2"] for name, table in still["components"].items()}
    assert set(each) == {"Li+", "e-"}
    assert {name for name, value in each.items() if value is not None} == passing
    assert found[0].real == pytest.approx(still["total_resistance_ohm_cm2"], rel=1e-6)
    assert sum(1.0 / each[name] for name in passing) * still["total_resistance_ohm_cm2"] == pytest.approx(
        1.0, rel=1e-9
    )


@pytest.mark.parametrize("kind", ["bulk", "closed"])
def test_a_depleted_layer_is_passive(kind):
    study = {"kind": "impedance", "frequency_start": 1e-6, "frequency_stop": 1e12, "points_per_decade": 6}
    case = case_of(LVO, LAGP, study=study, mesh={"interface_size": 0.002}, boundary={"kind": kind})
    frequency, found = spectrum(case)
    assert (found.real > 0.0).all()
    assert unexplained(frequency, found) < 1e-6
