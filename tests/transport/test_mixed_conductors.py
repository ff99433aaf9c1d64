"""Two mobile components in a uniform slab between contacts of every kind: exact answers."""

import numpy as np
import pytest

import scl_fem
from scl_fem.constants import MICROFARAD_PER_CM2, OHM_CM2, VACUUM_PERMITTIVITY, thermal_energy
from tests.support.slab import End, Slab

KT = thermal_energy(298.15)
LENGTH = 400.0
IONS, ELECTRONS = 1e-9, 2e-8
"""Diffusivities, cm^2/s."""
CARRIERS = [
    {"name": "Li+", "component": "Li+", "sites": 5.0, "occupancy": 0.3, "diffusivity": IONS},
    {"name": "e-", "component": "e-", "sites": 8.0, "occupancy": 0.2, "diffusivity": ELECTRONS},
]
NM2 = 1e14
"""In a cm^2."""


def slab(length=LENGTH):
    occupancies, sites = np.array([0.3, 0.2]), np.array([5.0, 8.0])
    diffusivities = NM2 * np.array([IONS, ELECTRONS])
    return Slab(
        length,
        80.0 * VACUUM_PERMITTIVITY,
        np.array([1.0, -1.0]),
        np.diag(sites * occupancies * (1.0 - occupancies)) / KT,
        diffusivities * sites * occupancies / KT,
    )


def case_of(kind, *, length=LENGTH, size=0.005, carriers=CARRIERS, permittivity=80.0, **tables):
    study = {"kind": kind} if isinstance(kind, str) else kind
    return scl_fem.Case(
        temperature=298.15,
        study=study,
        mesh={
            "kind": "stack",
            "dimension": 1,
            "interface_size": size,
            "growth": 1.1,
            "layers": [{"phase": "A", "thickness": length}],
        },
        phase={"A": {"material": "M"}},
        materials={"M": {"permittivity": permittivity, "carriers": carriers}},
        **tables,
    )


def spectrum(boundary, start=1e-3, stop=1e9, points=1, **options):
    study = {
        "kind": "impedance",
        "frequency_start": start,
        "frequency_stop": stop,
        "points_per_decade": points,
    }
    run = scl_fem.run(case_of(study, boundary=boundary, **options))
    table = run.tables["impedance.csv"]
    found = np.asarray(table["Z_re_ohm_cm2"]) + 1j * np.asarray(table["Z_im_ohm_cm2"])
    return run.summary, np.asarray(table["frequency_Hz"]), found


METAL = {"kind": "metal", "potential": 0.0}
STERN = {**METAL, "stern_capacitance": 5.0}
BULK = {"kind": "bulk"}
IONIC = {"kind": "bulk", "exchanges": ["Li+"]}
ELECTRONIC = {"kind": "bulk", "exchanges": ["e-"]}
NEITHER = {"kind": "bulk", "exchanges": []}
CLOSED = {"kind": "closed"}
EXCHANGED = {"metal": (1,), "stern": (1,), "bulk": (0, 1), "Li+": (0,), "e-": (1,), "none": (), "closed": ()}
TABLES = dict(zip(EXCHANGED, (METAL, STERN, BULK, IONIC, ELECTRONIC, NEITHER, CLOSED), strict=True))


def _size(contacts):
    """Of cells: where no layer forms they are all alike."""
    return 2.0 if set(contacts) == {"bulk"} else 0.005


PAIRS = [
    *((each, each) for each in TABLES),
    ("metal", "bulk"),
    ("Li+", "e-"),
    ("stern", "Li+"),
    ("bulk", "stern"),
]


@pytest.mark.parametrize("contacts", PAIRS, ids="-".join)
def test_every_kind_of_contact_has_the_spectrum_of_its_modes(contacts):
    ends = [
        End(EXCHANGED[each], voltage, 5.0 / MICROFARAD_PER_CM2 if each == "stern" else None)
        for each, voltage in zip(contacts, (1.0, 0.0), strict=True)
    ]
    boundary = dict(zip(("left", "right"), (TABLES[each] for each in contacts), strict=True))
    _, frequency, found = spectrum({"kind": "closed", **boundary}, size=_size(contacts))
    exact = OHM_CM2 * np.array([slab().impedance(each, *ends) for each in frequency])
    np.testing.assert_allclose(found, exact, rtol=1e-3)
    # the real part too, which may be a billionth; above the relaxation electrons that meet a capacitor's
    # potential stay within less than a cell of it
    slow = frequency < (1e7 if "stern" in contacts else np.inf)
    np.testing.assert_allclose(found.real[slow], exact.real[slow], rtol=1e-3)
    assert (found.real > 0.0).all()


def resistances(length=LENGTH):
    """L/s of ions and of electrons, ohm cm^2."""
    ions, electrons = length / slab().mobilities * OHM_CM2
    return ions, electrons


def ambipolar():
    """(s_i s_e/(s_i + s_e)) (kT/e^2) (1/(c_i (1 - x_i)) + 1/(c_e (1 - x_e))), nm^2/s."""
    s_i, s_e = slab().mobilities
    return s_i * s_e / (s_i + s_e) * KT * (1.0 / (1.5 * 0.7) + 1.0 / (1.6 * 0.8))


@pytest.mark.parametrize("contacts", ["metal", "e-", "Li+", "bulk"])
def test_what_the_contacts_exchange_passes_at_zero_frequency(contacts):
    """L/s_e where ions are blocked (Hebb and Wagner), L/s_i where electrons are, both in parallel else."""
    alone = dict(zip(("Li+", "e-"), resistances(), strict=True))
    names = [list(alone)[number] for number in EXCHANGED[contacts]]
    expected = 1.0 / sum(1.0 / alone[name] for name in names)
    boundary = TABLES[contacts]
    summary, _, found = spectrum(boundary, 1e-3, 1e-2, size=_size([contacts]))
    conduction = scl_fem.run(case_of("conduction", boundary=boundary, size=_size([contacts]))).summary
    assert found[0].real == pytest.approx(expected, rel=1e-6)
    for result in (summary, conduction):
        assert result["total_resistance_ohm_cm2"] == pytest.approx(expected, rel=1e-10)
        each = {name: table["total_resistance_ohm_cm2"] for name, table in result["components"].items()}
        passing = {name: value for name, value in each.items() if value is not None}
        assert passing == pytest.approx({name: alone[name] for name in names}, rel=1e-10)
        assert set(each) == set(alone)


def test_ions_that_are_blocked_pile_up_as_a_finite_warburg_element():
    """Jamnik and Maier: L/(s_i + s_e) + (L/s_e - L/(s_i + s_e)) tanh(q)/q, q^2 = i w L^2/(4 D)."""
    length = 4e4
    ions, electrons = resistances(length)
    parallel = 1.0 / (1.0 / ions + 1.0 / electrons)
    corner = ambipolar() / length**2
    for boundary, through in ((METAL, electrons), (IONIC, ions)):
        _, frequency, found = spectrum(boundary, 1e-3 * corner, 1e5 * corner, length=length)
        q = np.sqrt(2j * np.pi * frequency * length**2 / (4.0 * ambipolar()))
        expected = parallel + (through - parallel) * np.tanh(q) / q
        # the layers at the contacts, 0.2 nm of 40 um, take up something too
        np.testing.assert_allclose(found, expected, rtol=1e-3)
        # between the arcs
        assert abs(found[-1].real - parallel) < 0.01 * (through - parallel)
