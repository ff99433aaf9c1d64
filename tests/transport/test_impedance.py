"""Spectra against closed forms and limits; circuits that are told apart, and those that are not."""

import numpy as np
import pytest

import scl_fem
from scl_fem.constants import OHM_CM2, thermal_energy
from scl_fem.mesh import BOTH, ELECTRODE
from scl_fem.postprocess.circuit import fit_circuit, two_arcs
from tests.support.half_space import LAGP, LVO
from tests.transport.support import SMOOTH, Cell, case_of

KT = thermal_energy(298.15)
# nearly uniform: what is compared with the slab lies at the terminals
SLAB = {"interface_size": 0.05, "growth": 1.0001, "electrode_thickness": 8.0, "electrolyte_thickness": 8.0}
LAYER_2D = {"dimension": 2, "interface_size": 0.1, "growth": 1.6, "lateral_elements": 3}


def spectrum_of(*sides, start="1 kHz", stop="1e15 Hz", points=2, **tables):
    study = {
        "kind": "impedance",
        "frequency_start": start,
        "frequency_stop": stop,
        "points_per_decade": points,
    }
    run = scl_fem.run(case_of(*sides, study=study, **tables))
    table = run.tables["impedance.csv"]
    spectrum = np.asarray(table["Z_re_ohm_cm2"]) + 1j * np.asarray(table["Z_im_ohm_cm2"])
    return run.summary, np.asarray(table["frequency_Hz"]), spectrum


def slab():
    """sigma, eps, d(rho)/d(mu) per V and length of the uniform cell."""
    cell = Cell(case_of(SMOOTH, SMOOTH, study={"kind": "equilibrium"}, mesh=SLAB))
    phase = cell.phases[ELECTRODE]
    slope = phase.main.charge_density_slope(np.zeros(1))[0]
    return phase.bulk_conductivity, phase.permittivity, slope, 16.0


def macdonald(frequency):
    """Impedance of a slab between blocking terminals: one mobile carrier, fixed counter-charge.

    With rho = S (mu - phi), mu'' = i w rho/sigma, phi'' = -rho/eps and no flux at the ends, rho is
    A sinh(k z) with k^2 = (S/eps)(1 + i w eps/sigma); the rest follows (Macdonald, Phys. Rev. 92:4,
    1953, for one mobile carrier). Area-specific, V s nm^2/e.
    """
    sigma, eps, slope, length = slab()
    omega = 2.0 * np.pi * frequency
    loss = 1.0 + 1j * omega * eps / sigma
    k = np.sqrt(slope / eps * loss)
    return 2.0 * (np.tanh(0.5 * k * length) / (eps * k) + 0.5j * omega * length / sigma) / (1j * omega * loss)


def test_blocking_terminals_follow_the_closed_form():
    summary, frequency, found = spectrum_of(SMOOTH, SMOOTH, mesh=SLAB, boundary={"kind": "closed"})
    np.testing.assert_allclose(found, macdonald(frequency) * OHM_CM2, rtol=1e-3)
    # the parts too: a phase that is off by little may hide in the modulus
    np.testing.assert_allclose(found.real, macdonald(frequency).real * OHM_CM2, rtol=1e-3, atol=1e-9)
    assert not summary["fit"]["identifiable"]
    assert "blocking" in summary["fit"]["why"]


def test_the_resistance_behind_blocking_terminals_does_not_drown_in_their_capacitance():
    # far below the relaxation the imaginary part is some 1e9 times the real one
    _, _, found = spectrum_of(
        SMOOTH, SMOOTH, mesh=SLAB, boundary={"kind": "closed"}, start="1 mHz", stop="1 Hz"
    )
    np.testing.assert_allclose(found.real, found.real[-1], rtol=1e-6)


@pytest.mark.parametrize("start", ["1 uHz", "1 mHz"])
@pytest.mark.parametrize(
    "law",
    [{"law": "perfect"}, {"law": "exchange", "exchange_current_density": 1e3}],
    ids=["perfect", "exchange"],
)
def test_blocking_terminals_at_low_frequency(start, law):
    """A constant capacitance in series with a constant resistance, fifteen orders below the relaxation."""
    summary, frequency, found = spectrum_of(
        SMOOTH, SMOOTH, mesh=SLAB, interface=law, boundary={"kind": "closed"}, start=start, stop="1 Hz"
    )
    expected = macdonald(frequency) * OHM_CM2
    if law["law"] == "exchange":
        expected = expected + 1e3 * KT / law["exchange_current_density"]
    np.testing.assert_allclose(found.imag, expected.imag, rtol=2e-4)
    np.testing.assert_allclose(found.real, expected.real, rtol=2e-3)
    assert summary["remarks"] == []


def test_reversible_terminals_lose_power_at_every_frequency():
    """A depleted layer at low frequency: what little is lost must not drown in what is stored."""
    _, _, found = spectrum_of(
        LVO, LAGP, mesh={"interface_size": 0.002}, start="1 uHz", stop="1 THz", points=1
    )
    assert (found.real > 0.0).all()


def test_reversible_terminals_of_a_slab_are_one_arc():
    sigma, eps, _, length = slab()
    _, frequency, found = spectrum_of(SMOOTH, SMOOTH, mesh=SLAB)
    expected = length / (sigma + 2j * np.pi * frequency * eps)
    np.testing.assert_allclose(found, expected * OHM_CM2, rtol=1e-8)


@pytest.mark.parametrize("mesh", [{}, LAYER_2D], ids=["1D", "2D"])
@pytest.mark.parametrize(
    "law",
    [{"law": "perfect"}, {"law": "exchange", "exchange_current_density": 1e4}],
    ids=["perfect", "exchange"],
)
def test_limits_of_a_layer(law, mesh):
    """At low frequency the conduction resistance, at high frequency the geometric capacitance."""
    summary, frequency, found = spectrum_of(mesh=mesh, interface=law, start="1 mHz", stop="1e18 Hz", points=1)
    conduction = scl_fem.run(
        case_of(study={"kind": "conduction"}, mesh=mesh, interface=law, boundary={"kind": "bulk"})
    )
    resistance = conduction.summary["total_resistance_ohm_cm2"]
    assert found[0].real == pytest.approx(summary["total_resistance_ohm_cm2"], rel=1e-6)
    assert abs(found[0].imag) < 1e-6 * resistance
    # perfect contact has a conduction solve of its own, which adds the same edges up
    assert summary["total_resistance_ohm_cm2"] == pytest.approx(resistance, rel=1e-10)
    cell = Cell(case_of(study={"kind": "equilibrium"}))
    elastance = sum(5.0 / cell.phases[tag].permittivity for tag in BOTH)
    expected = elastance / (2j * np.pi * frequency[-1]) * OHM_CM2
    # the geometric capacitance where mu_e jumps has the interface in it all the same: phi does not jump
    assert abs(found[-1] / expected - 1.0) < 1e-4


def test_an_exchange_interface_adds_its_arc():
    density = 1e4
    law = {"law": "exchange", "exchange_current_density": density}
    _, frequency, without = spectrum_of(SMOOTH, SMOOTH, start="1 Hz", stop="1 THz")
    summary, _, found = spectrum_of(SMOOTH, SMOOTH, start="1 Hz", stop="1 THz", interface=law)
    added = found - without
    assert added[0].real == pytest.approx(1e3 * KT / density, rel=1e-6)
    assert summary["interface_resistance_ohm_cm2"] == pytest.approx(1e3 * KT / density, rel=1e-6)
    # an arc: the imaginary part rises and falls, the real part only falls
    assert (np.diff(found.real) < 1e-9 * found.real[0]).all()
    assert 0 < int(np.argmax(-found.imag)) < frequency.size - 1


@pytest.mark.parametrize("mesh", [{}, LAYER_2D], ids=["1D", "2D"])
def test_kramers_kronig(mesh):
    """A spectrum that is causal and linear is a sum of relaxations with real shares."""
    law = {"law": "exchange", "exchange_current_density": 1e4}
    _, frequency, found = spectrum_of(mesh=mesh, interface=law, start="1 Hz", stop="1 THz", points=3)
    times = 1.0 / (2.0 * np.pi * np.geomspace(0.1, 1e13, 57))
    basis = 1.0 / (1.0 + 2j * np.pi * np.outer(frequency, times)) / np.abs(found)[:, None]
    target = found / np.abs(found)
    both = np.concatenate([basis.real, basis.imag])
    shares, *_ = np.linalg.lstsq(both, np.concatenate([target.real, target.imag]), rcond=1e-12)
    assert np.abs(basis @ shares - target).max() < 1e-3


@pytest.mark.parametrize("ratio", [1e-3, 1e-1, 10.0])
def test_two_arcs_are_found_again(ratio):
    frequency = np.geomspace(1e-2, 1e9, 56)
    parameters = np.array([100.0, 1e-5, 100.0 * ratio, 10.0])
    report = fit_circuit(frequency, two_arcs(frequency, parameters), parameters[2], 100.0)
    assert report["identifiable"], report.get("why")
    names = ("bulk_resistance_ohm_cm2", "bulk_capacitance_uF_per_cm2")
    names += ("interface_resistance_ohm_cm2", "interface_capacitance_uF_per_cm2")
    for name, value in zip(names, parameters, strict=True):
        assert report[name]["value"] == pytest.approx(value, rel=1e-3)
        assert report[name]["low"] <= report[name]["value"] <= report[name]["high"]


def test_limits_of_a_fit_hold_the_truth_where_there_is_noise():
    random = np.random.default_rng(3)
    frequency = np.geomspace(1e-2, 1e9, 56)
    parameters = np.array([100.0, 1e-5, 30.0, 10.0])
    exact = two_arcs(frequency, parameters)
    inside = 0
    for _ in range(8):
        noise = random.normal(size=(2, frequency.size)) * 0.003
        report = fit_circuit(frequency, exact * (1.0 + noise[0] + 1j * noise[1]), 30.0, 100.0)
        found = report["interface_resistance_ohm_cm2"]
        inside += found["low"] <= 30.0 <= found["high"]
    assert inside >= 6


@pytest.mark.parametrize("second", [[50.0, 2e-5], [1e-4, 10.0]], ids=["one time constant", "too small"])
def test_arcs_that_overlap_are_not_told_apart(second):
    frequency = np.geomspace(1e-2, 1e9, 56)
    random = np.random.default_rng(1)
    noise = 1.0 + 1e-4 * (random.normal(size=56) + 1j * random.normal(size=56))
    spectrum = two_arcs(frequency, np.array([100.0, 1e-5, *second])) * noise
    report = fit_circuit(frequency, spectrum, second[0], 100.0)
    assert not report["identifiable"]
    assert report["why"]


def test_an_arc_of_the_wrong_size_is_no_bulk():
    frequency = np.geomspace(1e-2, 1e9, 56)
    spectrum = two_arcs(frequency, np.array([100.0, 1e-5, 50.0, 10.0]))
    report = fit_circuit(frequency, spectrum, 50.0, 130.0)
    assert not report["identifiable"]
    assert "the faster arc" in report["why"]
