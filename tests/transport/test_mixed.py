"""A mixed conductor: what each component conducts, and what contacts that block one leave of the spectrum."""

import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import scl_fem
from scl_fem.cli.app import app
from scl_fem.constants import BOLTZMANN, NM2_PER_CM2, OHM_CM2
from scl_fem.errors import InputError

LENGTH, T = 60.0, 900.0
KT = BOLTZMANN * T
VACANCIES, ELECTRONS = (40.0, 0.03, 2e-6), (24.0, 0.08, 1e-5)
"""Sites (1/nm^3), occupancy, diffusivity (cm^2/s)."""
CARRIERS = [
    dict(zip(("sites", "occupancy", "diffusivity"), numbers, strict=True)) | keys
    for numbers, keys in (
        (VACANCIES, {"name": "V_O", "component": "O2-", "amount": -1}),
        (ELECTRONS, {"name": "e", "component": "e-"}),
    )
]
BLOCKS_IONS = {"kind": "metal"}
BLOCKS_ELECTRONS = {"kind": "bulk", "exchanges": ["O2-"]}
BLOCKS_NOTHING = {"kind": "bulk"}


def cell(study, boundary, *, layers=(("A", LENGTH),), phases=None, materials=None, **mesh):
    return scl_fem.Case(
        temperature=T,
        study=study,
        mesh={
            "kind": "stack",
            "interface_size": 0.02,
            "growth": 1.1,
            **mesh,
            "layers": [{"phase": name, "thickness": thickness} for name, thickness in layers],
        },
        phase=phases or {name: {"material": "MIXED"} for name, _ in layers},
        boundary=boundary,
        materials={"MIXED": {"permittivity": 26.0, "carriers": CARRIERS}, **(materials or {})},
    )


def conductivity(sites, occupancy, diffusivity, charge):
    """e/(V s nm)."""
    return charge**2 * sites * occupancy * diffusivity * NM2_PER_CM2 / KT


IONS, ELECTRONIC = conductivity(*VACANCIES, 2), conductivity(*ELECTRONS, 1)
TOTAL = "total_resistance_ohm_cm2"
"""Of the whole, and of a component."""


def resistance(sigma, length=LENGTH):
    return OHM_CM2 * length / sigma


CONDUCTION = {"kind": "conduction"}


@pytest.mark.parametrize("dimension", [1, 2])
def test_each_component_conducts_beside_the_others(dimension):
    mesh = {} if dimension == 1 else {"dimension": 2, "interface_size": 2.0, "lateral_elements": 2}
    result = scl_fem.run(cell(CONDUCTION, BLOCKS_NOTHING, **mesh))
    by_component = result["components"]
    assert by_component["O2-"][TOTAL] == pytest.approx(resistance(IONS), rel=1e-9)
    assert by_component["e-"][TOTAL] == pytest.approx(resistance(ELECTRONIC), rel=1e-9)
    assert result[TOTAL] == pytest.approx(resistance(IONS + ELECTRONIC), rel=1e-9)
    for numbers in by_component.values():
        assert numbers["bulk_resistance_ohm_cm2"] == pytest.approx(numbers[TOTAL], rel=1e-9)
        assert numbers["interface_resistance_ohm_cm2"] == pytest.approx(0.0, abs=1e-9 * numbers[TOTAL])
    assert result["remarks"] == []
    assert not any("exchanges" in contact for contact in result["contacts"].values())


@pytest.mark.parametrize(
    ("boundary", "passing", "blocked", "sigma"),
    [(BLOCKS_IONS, "e-", "O2-", ELECTRONIC), (BLOCKS_ELECTRONS, "O2-", "e-", IONS)],
)
def test_what_a_contact_blocks_has_no_resistance_and_the_reason(boundary, passing, blocked, sigma):
    result = scl_fem.run(cell(CONDUCTION, boundary))
    assert result[TOTAL] == pytest.approx(resistance(sigma), rel=1e-9)
    assert result["components"][passing][TOTAL] == pytest.approx(result[TOTAL], rel=1e-12)
    assert set(result["components"][blocked].values()) == {None}
    assert {tuple(each["exchanges"]) for each in result["contacts"].values()} == {(passing,)}
    assert result["remarks"] == [
        f"components.{blocked} has no resistances: contact left does not exchange it"
    ]
    text = str(result)
    assert "contact left does not exchange it" in text


def test_one_contact_that_blocks_is_enough():
    boundary = {"left": BLOCKS_NOTHING, "right": BLOCKS_IONS}
    result = scl_fem.run(cell(CONDUCTION, boundary))
    assert result[TOTAL] == pytest.approx(resistance(ELECTRONIC), rel=1e-9)
    assert "exchanges" not in result["contacts"]["left"]
    assert result["contacts"]["right"]["exchanges"] == ["e-"]
    assert "contact right does not exchange it" in result["remarks"][0]


ELECTRONIC_ONLY = {"permittivity": 20.0, "carriers": [CARRIERS[1]], "levels": {"e-": 0.0}}


def test_a_phase_in_between_that_lacks_the_ions():
    """O2- of both ends does not get through the middle; electrons do, each phase in turn."""
    layers = (("A", 20.0), ("B", 10.0), ("C", 20.0))
    phases = {"A": {"material": "MIXED"}, "B": {"material": "E"}, "C": {"material": "MIXED"}}
    materials = {
        "E": ELECTRONIC_ONLY,
        "MIXED": {"permittivity": 26.0, "carriers": CARRIERS, "levels": {"e-": 0.0}},
    }
    result = scl_fem.run(cell(CONDUCTION, BLOCKS_NOTHING, layers=layers, phases=phases, materials=materials))
    assert set(result["components"]["O2-"].values()) == {None}
    assert result["components"]["e-"][TOTAL] == pytest.approx(resistance(ELECTRONIC, 50.0), rel=1e-6)
    assert "no phases that hold it lead from contact left to right" in result["remarks"][0]


def test_driving_potentials_by_component():
    result = scl_fem.run(cell(CONDUCTION, BLOCKS_NOTHING))
    study = result.study
    (_, fields), *_ = study.field_steps()
    z = study.space.space.tabulate_dof_coordinates()[:, 0]
    for name in ("psi", "psi_O2-", "psi_e-"):
        np.testing.assert_allclose(fields["A"][name], 1.0 - z / LENGTH, atol=1e-9)
    (_, fields), *_ = scl_fem.run(cell(CONDUCTION, BLOCKS_IONS)).study.field_steps()
    assert "psi_e-" in fields["A"]
    assert not {"psi", "psi_O2-"} & set(fields["A"])


# Spectra -----------------------------------------------------------------------------------------


def spectrum(boundary, start, stop, points=3):
    study = {
        "kind": "impedance",
        "frequency_start": start,
        "frequency_stop": stop,
        "points_per_decade": points,
    }
    result = scl_fem.run(cell(study, boundary))
    table = result.tables["impedance.csv"]
    frequency, real, imaginary = (
        np.asarray(table[key]) for key in ("frequency_Hz", "Z_re_ohm_cm2", "Z_im_ohm_cm2")
    )
    return result, frequency, real + 1j * imaginary


def chemical_diffusivity():
    """nm^2/s; with the factor 1/(1-x) of a lattice."""
    slopes = [KT / (z**2 * n * x * (1.0 - x)) for (n, x, _), z in ((VACANCIES, 2), (ELECTRONS, 1))]
    return IONS * ELECTRONIC / (IONS + ELECTRONIC) * sum(slopes)


def finite_warburg(frequency, blocked, passing):
    """Jamnik and Maier (1999), without what contacts and the dielectric store; V s nm^2/e.

    Args:
        frequency: Hz.
        blocked: conductivity that contacts block.
        passing: the other.
    """
    together = LENGTH / (blocked + passing)
    root = np.sqrt(2j * np.pi * frequency * LENGTH**2 / (4.0 * chemical_diffusivity()))
    return together + (LENGTH / passing - together) * np.tanh(root) / root


@pytest.mark.parametrize(
    ("boundary", "blocked", "passing"),
    [(BLOCKS_IONS, IONS, ELECTRONIC), (BLOCKS_ELECTRONS, ELECTRONIC, IONS)],
)
def test_blocking_one_gives_two_plateaus(boundary, blocked, passing):
    rate = chemical_diffusivity() / LENGTH**2
    result, frequency, z = spectrum(boundary, 1e-4 * rate, 1e4 * rate)
    assert z[0].real == pytest.approx(OHM_CM2 * LENGTH / passing, rel=1e-6)
    assert result[TOTAL] == pytest.approx(z[0].real, rel=1e-6)
    exact = OHM_CM2 * finite_warburg(frequency, blocked, passing)
    # contacts store charge, of the order of the screening length over the thickness
    slow = frequency < 10.0 * rate
    assert slow.sum() > 10
    assert np.abs(z / exact - 1.0)[slow].max() < 0.02
    # between capacitive and diffusion arc the current divides between both
    plateau = np.argmin(np.abs(np.log(frequency / (1e3 * rate))))
    assert z[plateau].real == pytest.approx(OHM_CM2 * LENGTH / (blocked + passing), rel=0.05)


def test_reversible_contacts_leave_the_arc_of_the_dielectric_alone():
    _, frequency, z = spectrum(BLOCKS_NOTHING, 1e6, 1e12)
    sigma = IONS + ELECTRONIC
    capacitance = 26.0 * 0.0552634936
    exact = OHM_CM2 * LENGTH / (sigma + 2j * np.pi * frequency * capacitance)
    np.testing.assert_allclose(z, exact, rtol=1e-6)


# What is wrong, and what is said ------------------------------------------------------------------

TWO_PARTICLES = Path(__file__).parents[2] / "cases" / "lco_lvo_lagp_two_particles_2d.toml"


def test_a_law_between_phases_of_a_file_that_do_not_touch():
    law = {"law": "exchange", "exchange_current_density": 1.0}
    case = scl_fem.load_case(TWO_PARTICLES).with_overrides({"interface": {"LCO|LVO": law}})
    with pytest.raises(InputError) as caught:
        scl_fem.run(case)
    assert caught.value.key == "interface.LCO|LVO"
    assert "LCO and LVO do not touch (allowed: LCO|LAGP, LVO|LAGP)" in str(caught.value)
    checked = CliRunner().invoke(
        app, ["check", str(TWO_PARTICLES), "--set", 'interface={"LCO|LVO"={law="perfect"}}']
    )
    assert isinstance(checked.exception, InputError)
    assert "do not touch" in str(checked.exception)


@pytest.mark.parametrize("kind", ["conduction", "impedance"])
def test_two_contacts_are_needed(kind):
    with pytest.raises(InputError, match=f"study.kind: {kind} goes from one contact to another.*outer alone"):
        scl_fem.resolve(scl_fem.load_case(TWO_PARTICLES, [f"study.kind={kind}"]))


def test_impedance_where_nothing_passes_says_so():
    """Ions blocked at one end, electrons at the other: a spectrum, and no resistance at zero frequency."""
    study = {"kind": "impedance", "frequency_start": 1e3, "frequency_stop": 1e9, "points_per_decade": 1}
    result = scl_fem.run(cell(study, {"left": BLOCKS_IONS, "right": BLOCKS_ELECTRONS}))
    assert result[TOTAL] is None
    (remark,) = result["remarks"]
    assert "O2-: contact left does not exchange it" in remark
    assert "e-: contact right does not exchange it" in remark
    assert np.isfinite(result.tables["impedance.csv"]["Z_re_ohm_cm2"]).all()


LEVELS = {"levels": {"e-": -1.0}, "permittivity": 20.0, "voltage": 3.0}
LITHIUM = {"name": "Li", "component": "Li+", "sites": 10.0, "occupancy": 0.3, "diffusivity": 1e-9}


def moved_bulks(level, thickness=5.0):
    """Remarks on the bulks of two phases that share Li+ and electrons."""
    carriers = [LITHIUM, CARRIERS[1]]
    materials = {
        "P": {**LEVELS, "carriers": carriers},
        "Q": {**LEVELS, "levels": {"e-": level}, "carriers": carriers},
    }
    layers, phases = (("A", thickness), ("B", thickness)), {"A": {"material": "P"}, "B": {"material": "Q"}}
    case = cell({"kind": "equilibrium"}, BLOCKS_NOTHING, layers=layers, phases=phases, materials=materials)
    return [text for text in scl_fem.run(case)["remarks"] if "the bulk holds" in text]


def test_levels_that_disagree_are_remarked_with_their_size():
    """A step of 0.06 V for the electrons and none for Li+: both cannot be, each carrier gives in."""
    assert moved_bulks(-1.0) == []
    told = moved_bulks(-1.06)
    sizes = [float(re.search(r"by (\S+) eV for this", text)[1]) for text in told]
    # z of Li+ is 1, of e- -1: what both give in together is the disagreement
    assert {re.search(r"holds (\S+) at", text)[1] for text in told} == {"Li", "e"}
    assert sum(sizes) == pytest.approx(0.06, rel=0.01)


def test_a_total_that_stays_is_not_taken_for_levels_that_disagree():
    """A charged core takes vacancies, and nothing exchanges them."""
    core = {"material": "MIXED", "reference": "A", "energy_shift": {"V_O": -0.3}}
    layers, phases = (("A", 2.0), ("C", 1.0)), {"A": {"material": "MIXED"}, "C": core}
    case = cell({"kind": "equilibrium"}, {"kind": "closed"}, layers=layers, phases=phases)
    told = [text for text in scl_fem.run(case)["remarks"] if "the bulk holds" in text]
    assert told
    assert all("what no contact exchanges keeps its total" in text for text in told)


def test_figures_of_a_transient_of_any_phases(tmp_path):
    """Every time is named, every bulk drawn; the instant before the axis begins sets no scale."""
    layers = (("A", 3.0), ("B", 2.0), ("C", 3.0))
    carriers = [LITHIUM, CARRIERS[1]]
    materials = {
        name: {**LEVELS, "voltage": voltage, "levels": {"e-": -1.0 - voltage / 10}, "carriers": carriers}
        for name, voltage in zip("PQR", (3.0, 3.2, 2.9), strict=True)
    }
    phases = {name: {"material": of} for (name, _), of in zip(layers, materials, strict=True)}
    study = {"kind": "transient", "duration": 1e-6, "output_times": [1e-9]}
    boundary = {"left": {"kind": "voltage", "voltage": 0.1}, "right": {"kind": "bulk"}}
    mesh = {"interface_size": 0.1, "growth": 1.6}
    result = scl_fem.run(
        cell(study, boundary, layers=layers, phases=phases, materials=materials, **mesh), tmp_path / "run"
    )
    panel, *others = result.plot("formation").axes
    assert [text.get_text() for text in panel.get_legend().get_texts()] == ["1 ns", "1 µs", "neutral bulk"]
    potential = next(axes for axes in others if axes.get_ylabel().startswith("Electric potential"))
    assert sum(line.get_linestyle() == ":" for line in potential.lines) == len(layers)
    walls = {line.get_xdata()[0] for line in panel.lines if len(set(line.get_xdata())) == 1}
    assert sorted(walls) == pytest.approx([0.0, 2.0])
    history = result.plot("history")
    first = history.axes[-1].get_xlim()[0]
    assert all(panel.lines[0].get_xdata().min() >= first for panel in history.axes[:-1])
