"""What the models do not describe is said, what they describe is not doubted; errors are weights."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

from scl_fem.cli import main
from scl_fem.errors import InputError
from scl_fem.fits import fit_arrhenius, fit_exsy, fit_t2
from scl_fem.fits.lack_of_fit import residuals_probability
from scl_fem.physics.exchange import exchanged_from_cube
from scl_fem.physics.relaxation import arrhenius_value, transverse_relaxation_time

TIMES = np.array([5e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, 3.0, 5.0])
TRUTH, T1, PLATEAU = 1e-12, 5.0, 0.45
EXACT = exchanged_from_cube(TRUTH, TIMES, 65.0)
ROOM = np.full(TIMES.size, 298.15)
TEMPERATURES = np.linspace(250.0, 400.0, 12)
DIFFUSIVITIES = arrhenius_value(2e-7, 0.315, TEMPERATURES)


def noise(size, seed=0, count=TIMES.size):
    return size * np.random.default_rng(seed).standard_normal(count)


def holds(estimate, truth):
    return estimate.low <= truth <= estimate.high


def lacking(fit):
    return [remark for remark in fit.remarks if remark.startswith("lack of fit")]


def test_a_build_up_that_is_described_has_no_remark():
    fit = fit_exsy(ROOM, TIMES, EXACT + noise(0.01))
    assert fit.remarks == ()
    assert holds(fit.D_cm2_per_s[298.15], TRUTH)


def test_relaxation_is_seen_and_taken_into_account():
    peak = EXACT * np.exp(-TIMES / T1) + noise(0.01, 1)
    (remark,) = lacking(fit_exsy(ROOM, TIMES, peak))
    for words in (
        "298.15 K",
        "T1 near",
        "diagonal plus cross",
        "--amplitude free",
        "--t1",
        "D and its limits",
    ):
        assert words in remark
    for T1_s in (T1, np.full(TIMES.size, T1), "free"):
        fit = fit_exsy(ROOM, TIMES, peak, T1_s=T1_s)
        assert lacking(fit) == []
        assert holds(fit.D_cm2_per_s[298.15], TRUTH)
        assert fit.curves[0].curve(TIMES) == pytest.approx(EXACT * np.exp(-TIMES / T1), abs=0.02)
    assert holds(fit.curves[0].T1_s, T1)
    assert fit.numbers()["T1_s"]["298.15"]["value"] == fit.curves[0].T1_s.value


def test_a_relaxation_that_is_not_there_gives_a_lower_limit():
    fit = fit_exsy(ROOM, TIMES, EXACT + noise(0.01, 1), T1_s="free")
    assert fit.curves[0].T1_s.high == np.inf
    assert fit.curves[0].T1_s.low > 10.0
    assert any("T1_s at 298.15 K" in each for each in fit.not_identifiable)


def test_amplitude_and_relaxation_can_both_be_free():
    times = np.geomspace(1e-3, 20.0, 25)
    peak = 0.6 * exchanged_from_cube(TRUTH, times, 65.0) * np.exp(-times / T1) + noise(0.003, 1, 25)
    fit = fit_exsy(np.full(25, 300.0), times, peak, T1_s="free", amplitude="free")
    curve = fit.curves[0]
    assert holds(curve.D_cm2_per_s, TRUTH)
    assert holds(curve.amplitude, 0.6)
    assert holds(curve.T1_s, T1)
    assert holds(curve.exchanged_fraction, 0.6 * exchanged_from_cube(TRUTH, 20.0, 65.0))
    assert lacking(fit) == []


def test_the_diagonal_cancels_relaxation():
    fading = np.exp(-TIMES / 2.0) * 3e6
    cross, diagonal = EXACT * fading + noise(3e4), (1.0 - EXACT) * fading + noise(3e4, 1)
    fit = fit_exsy(ROOM, TIMES, cross, diagonal=diagonal)
    assert lacking(fit) == []
    assert holds(fit.D_cm2_per_s[298.15], TRUTH)
    assert "divided by diagonal plus cross" in fit.remarks[0]
    with pytest.raises(InputError, match="cancels"):
        fit_exsy(ROOM, TIMES, cross, diagonal=diagonal, T1_s=2.0)
    faded = cross.copy()
    faded[-1] = 1.2 * -diagonal[-1]
    fit = fit_exsy(ROOM, TIMES, faded, diagonal=diagonal)
    assert holds(fit.D_cm2_per_s[298.15], TRUTH)
    assert "1 of 10 rows were left out" in fit.remarks[1]
    with pytest.raises(InputError, match="positive sum"):
        fit_exsy(ROOM, TIMES, cross, diagonal=-cross)


@pytest.mark.parametrize(("factor", "words"), [(PLATEAU, "less than 1"), (1.5, "largest peak")])
def test_another_normalisation_is_seen(factor, words):
    (remark,) = lacking(fit_exsy(ROOM, TIMES, factor * EXACT + noise(0.005, 1)))
    for each in (words, "normalis", "T1", "--amplitude free"):
        assert each in remark
    if factor < 1.0:
        free = fit_exsy(ROOM, TIMES, factor * EXACT + noise(0.005, 1), amplitude="free")
        assert lacking(free) == []
        assert holds(free.D_cm2_per_s[298.15], TRUTH)


def test_every_temperature_that_lacks_is_named_once():
    temperature = np.repeat([280.0, 300.0, 320.0], TIMES.size)
    good = EXACT + noise(0.01)
    fallen = EXACT * np.exp(-TIMES / T1)
    peaks = np.concatenate([fallen + noise(0.01, 3), good, fallen + noise(0.01, 4)])
    fit = fit_exsy(temperature, np.tile(TIMES, 3), peaks)
    # the line through diffusivities that are wrong is none either
    (remark,) = [each for each in lacking(fit) if each.startswith("lack of fit at")]
    assert "at 280, 320 K" in remark


@pytest.mark.parametrize(
    "seeds", [20, pytest.param(200, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])]
)
def test_good_data_are_seldom_doubted(seeds):
    """One in a hundred is the rule."""
    doubted = sum(bool(lacking(fit_exsy(ROOM, TIMES, EXACT + noise(0.01, seed)))) for seed in range(seeds))
    assert doubted <= max(2, seeds // 50)
    assert sum(
        bool(lacking(fit_arrhenius(TEMPERATURES, DIFFUSIVITIES * np.exp(noise(0.1, seed, 12)))))
        for seed in range(seeds)
    ) <= max(2, seeds // 50)  # fmt: skip


def test_weights_of_intensities():
    size = np.where(TIMES < 1.0, 0.002, 0.3)
    peak = EXACT + size * noise(1.0, 5)
    peak[-1] = 0.1
    fit = fit_exsy(ROOM, TIMES, peak, intensity_error=size)
    assert holds(fit.D_cm2_per_s[298.15], TRUTH)
    assert fit.D_cm2_per_s[298.15].high < 1.1e-12
    assert any("weighted by intensity_error" in each for each in fit.remarks)
    assert fit.numbers()["goodness"]["298.15"]["reduced_chi2"] < 4.0


def test_limits_follow_from_known_errors_at_the_stated_rate():
    held = sum(
        holds(
            fit_exsy(ROOM, TIMES, EXACT + noise(0.01, seed), intensity_error=0.01).D_cm2_per_s[298.15], TRUTH
        )
        for seed in range(20)
    )
    assert held >= 17


def test_errors_that_are_too_small_are_said():
    fit = fit_exsy(ROOM, TIMES, EXACT + noise(0.01), intensity_error=0.001)
    assert lacking(fit)
    assert any("widened" in each for each in fit.remarks)
    assert holds(fit.D_cm2_per_s[298.15], TRUTH)


def test_weights_of_diffusivities():
    data, errors = DIFFUSIVITIES.copy(), 0.02 * DIFFUSIVITIES
    data *= np.exp(noise(0.02, 0, 12))
    data[0] *= 2.0
    errors[0] = 0.8 * data[0]
    fit = fit_arrhenius(TEMPERATURES, data, D_error_cm2_per_s=errors)
    assert holds(fit.activation_energy_eV, 0.315)
    assert fit.activation_energy_eV.high - fit.activation_energy_eV.low < 0.03
    assert "weighted by D_error_cm2_per_s" in fit.remarks[0]
    assert lacking(fit) == []
    doubled = fit_arrhenius(TEMPERATURES, data, D_error_cm2_per_s=10.0 * errors)
    width = [each.activation_energy_eV.high - each.activation_energy_eV.low for each in (fit, doubled)]
    assert width[1] > 5.0 * width[0]


def test_weights_of_relaxation_times():
    exact = transverse_relaxation_time(TEMPERATURES, 4e-5, 320.0, 0.15)
    data = exact * np.exp(noise(0.01, 0, 12))
    data[-1] *= 3.0
    errors = 0.01 * data
    errors[-1] = 5.0 * data[-1]
    fit = fit_t2(TEMPERATURES, data, T2_error_s=errors)
    assert fit.regime == "break"
    assert holds(fit.activation_energy_eV, 0.15)
    assert any("weighted by T2_error_s" in each for each in fit.remarks)
    plain = fit_t2(TEMPERATURES, data)
    assert not holds(plain.activation_energy_eV, 0.15)


@pytest.mark.parametrize("errors", [0.0, -1e-13, np.nan, [1e-13, 1e-13]])
def test_errors_must_be_positive_and_as_many(errors):
    with pytest.raises(InputError, match="D_error_cm2_per_s"):
        fit_arrhenius(TEMPERATURES, DIFFUSIVITIES, D_error_cm2_per_s=errors)


def test_two_processes_are_seen_in_an_arrhenius_plot():
    two = DIFFUSIVITIES + arrhenius_value(2.0, 0.8, TEMPERATURES)
    (remark,) = lacking(fit_arrhenius(TEMPERATURES, two * np.exp(noise(0.05, 0, 12))))
    assert "curved" in remark
    assert "two processes" in remark
    (remark,) = lacking(
        fit_arrhenius(TEMPERATURES, two * np.exp(noise(0.05, 0, 12)), D_error_cm2_per_s=0.05 * two)
    )
    assert "curved" in remark


def test_a_lattice_that_is_not_rigid_is_seen():
    temperature = np.linspace(220.0, 420.0, 20)
    exact = transverse_relaxation_time(temperature, 4e-5, 320.0, 0.2)
    good = fit_t2(temperature, exact * np.exp(noise(0.01, 0, 20)))
    assert good.regime == "break"
    assert lacking(good) == []
    sloping = exact * np.where(temperature < 320.0, (temperature / 320.0) ** -0.5, 1.0)
    assert lacking(fit_t2(temperature, sloping * np.exp(noise(0.01, 0, 20))))


def test_implausible_numbers_are_remarked():
    fit = fit_arrhenius([20.0, 30.0, 40.0], [1e-12, 2e-12, 4e-12])
    assert any("20 K" in each and "temperature_degC" in each for each in fit.remarks)
    assert fit_arrhenius([290.0, 300.0, 310.0], [1e-12, 2e-12, 4e-12]).remarks == ()


def test_residuals():
    x = np.arange(20.0)
    # a wave has four runs, noise of 20 data some eleven
    assert residuals_probability(x, np.sin(x / 3.0), 2) < 0.002
    assert residuals_probability(x, noise(1.0, 0, 20), 2) > 0.01
    # repeated measurements tell the noise
    twice = np.repeat(np.arange(5.0), 2)
    pairs = np.array([1.0, 1.1, -1.0, -1.1, 1.0, 1.1, -1.0, -1.1, 1.0, 1.1])
    assert residuals_probability(twice, pairs, 1) < 1e-4
    assert residuals_probability(x, np.full(20, 2.0), 2, has_known_errors=True) < 1e-6
    assert residuals_probability(x, np.full(20, 0.9), 2, has_known_errors=True) > 0.1


def run(tmp_path, monkeypatch, text, *words):
    monkeypatch.chdir(tmp_path)
    Path("data.csv").write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit) as caught:
        main(["fit", words[0], "data.csv", "-o", "out", "--overwrite", *words[1:]])
    return caught.value.code or 0


def table(columns, **data):
    rows = zip(*data.values(), strict=True)
    return "\n".join([columns, *(",".join(f"{each:.6g}" for each in row) for row in rows)]) + "\n"


def test_on_the_command_line(tmp_path, monkeypatch, capsys):
    peak = EXACT * np.exp(-TIMES / T1) + noise(0.01, 1)
    text = table("temperature_K,mixing_time_s,intensity", a=ROOM, b=TIMES, c=peak)
    assert run(tmp_path, monkeypatch, text, "exsy") == 0
    remarks = json.loads(Path("out/fit.json").read_text())["remarks"]
    assert remarks[0].startswith("lack of fit at 298.15 K")
    assert remarks[0] in capsys.readouterr().out
    for words in (["--t1", "5 s"], ["--t1", "free"]):
        assert run(tmp_path, monkeypatch, text, "exsy", *words) == 0
        found = json.loads(Path("out/fit.json").read_text())
        assert found["remarks"] == []
        estimate = found["D_cm2_per_s"]["298.15"]
        assert estimate["low"] < TRUTH < estimate["high"]
    text = table("temperature_K,mixing_time_s,intensity,T1_s", a=ROOM, b=TIMES, c=peak, d=np.full(10, T1))
    assert run(tmp_path, monkeypatch, text, "exsy") == 0
    again = json.loads(Path("out/fit.json").read_text())
    assert again["remarks"] == []
    assert run(tmp_path, monkeypatch, text, "exsy", "--t1", "3 m") == 2
    assert "--t1" in capsys.readouterr().err


def test_what_is_null_has_its_reason(tmp_path, monkeypatch, capsys):
    assert run(tmp_path, monkeypatch, "temperature_K,D_cm2_per_s\n300,1e-12\n310,2e-12\n", "arrhenius") == 0
    found = json.loads(Path("out/fit.json").read_text())
    assert found["activation_energy_eV"]["high"] is None
    assert any("activation_energy_eV.high" in each for each in found["remarks"])
    assert any("goodness.standard_deviation" in each for each in found["remarks"])
    assert "null in fit.json" in capsys.readouterr().out


def test_a_name_of_a_file_is_no_formula(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a$x^{_5 µ\u4e2d.csv").write_text("temperature_K,D_cm2_per_s\n300,1e-12\n310,2e-12\n320,3e-12\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(SystemExit) as caught:
            main(["fit", "arrhenius", "a$x^{_5 µ\u4e2d.csv", "-o", "out"])
    assert not caught.value.code
