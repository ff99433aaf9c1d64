"""Figures of transport: spectra, histories, layers on their way."""

import struct

import scl_fem._stack  # noqa: F401
import numpy as np
import pytest

# isort: split

from scl_fem.errors import InputError
from scl_fem.figures import ResultData, plot_result
from scl_fem.figures.blocks import read_blocks
from scl_fem.figures.formation import draw_formation
from scl_fem.figures.history import draw_history, is_early
from scl_fem.figures.impedance import Spectrum, draw_bode, draw_nyquist, views
from scl_fem.figures.style import add_title, engineering, house_style, new_figure
from scl_fem.output.tables import write_summary
from scl_fem.postprocess.circuit import CIRCUIT_PARAMETERS, fit_circuit, two_arcs
from tests.support.results import (
    FREQUENCY,
    LARGE_INTERFACE,
    NO_INTERFACE,
    SLAB,
    write_history,
    write_impedance,
    write_steps,
)


def is_drawn(path):
    width, height = struct.unpack(">II", path.read_bytes()[16:24])
    return 400 < width < 2000 and 300 < height < 2500


def drawn_by(draw, directory):
    with house_style():
        return draw(ResultData(directory), print)


def numbers_below(drawn):
    """Lines of the numbers below the panels."""
    (key,) = drawn.legends
    return [text.get_text().strip() for text in key.get_texts() if text.get_text().strip()]


def spectrum_of(impedance):
    return Spectrum(FREQUENCY[::-1], impedance[::-1])


def blocking_spectrum():
    """A bulk in series with a capacitor, whose large |Z| leaves round-off in Re Z at low frequency."""
    omega = 2.0 * np.pi * FREQUENCY
    impedance = two_arcs(FREQUENCY, NO_INTERFACE) + 1e6 / (1j * omega * 3.6)
    return impedance - 1e-11 * np.abs(impedance.imag) / FREQUENCY


def test_a_spectrum_has_both_figures(tmp_path):
    directory = write_impedance(tmp_path / "r", two_arcs(FREQUENCY, LARGE_INTERFACE))
    assert {path.name for path in plot_result(directory)} == {"nyquist.png", "bode.png"}
    assert all(is_drawn(path) for path in directory.glob("*.png"))


def test_tiny_arcs_are_magnified(tmp_path):
    drawn = drawn_by(draw_nyquist, write_impedance(tmp_path / "r", two_arcs(FREQUENCY, LARGE_INTERFACE)))
    whole, fast = drawn.axes
    assert all(axes.get_aspect() == 1.0 for axes in (whole, fast))
    assert whole.get_xlabel() == "Re Z (Ω cm²)"
    assert 33.4 < whole.get_xlim()[1] < 40.0
    assert fast.get_xlabel() == "Re Z (mΩ cm²)"
    assert 75.0 < fast.get_xlim()[1] < 100.0
    assert {text.get_text() for text in whole.texts} >= {"100 Hz", "10 Hz"}
    assert "1 MHz" in {text.get_text() for text in fast.texts}


def test_one_arc_is_one_panel():
    spectrum = spectrum_of(two_arcs(FREQUENCY, NO_INTERFACE))
    (only,) = views(spectrum)
    assert only.frequency[-1] == FREQUENCY[0]


def test_a_blocking_spectrum_is_shown_up_to_where_the_capacitor_takes_over(tmp_path):
    impedance = blocking_spectrum()
    spectrum = spectrum_of(impedance)
    (shown,) = views(spectrum)
    assert -shown.impedance[-1].imag <= 2.0 * shown.impedance[-1].real
    assert np.all(spectrum.impedance.real[: spectrum.resolved] > 0.0)
    assert 0 < spectrum.resolved < FREQUENCY.size
    directory = write_impedance(tmp_path / "r", impedance, {"identifiable": False, "why": "terminals block"})
    drawn = drawn_by(draw_nyquist, directory)
    assert numbers_below(drawn) == [
        "Resistance (Ω cm²)",
        "bulk 0.075",
        "No circuit is identifiable:",
        "terminals block",
    ]
    assert drawn.get_suptitle() == "Li$_{0.2}$V$_{2}$O$_{5}$ | LAGP"
    assert drawn.axes[0].get_ylim()[1] < 1000.0
    assert min(drawn_by(draw_bode, directory).axes[0].lines[1].get_ydata()) > 0.0


def test_points_between_follow_the_arc():
    spectrum = spectrum_of(two_arcs(FREQUENCY, LARGE_INTERFACE))
    between = np.geomspace(1e-2, 1e9, 333)
    assert spectrum.at(between) == pytest.approx(two_arcs(between, LARGE_INTERFACE), rel=5e-3)


def test_the_circuit_is_drawn_only_where_it_is_identifiable(tmp_path):
    impedance = two_arcs(FREQUENCY, LARGE_INTERFACE)
    fit = fit_circuit(FREQUENCY, impedance, LARGE_INTERFACE[2], LARGE_INTERFACE[0])
    assert fit["identifiable"]
    assert set(CIRCUIT_PARAMETERS) <= set(fit)
    drawn = drawn_by(draw_nyquist, write_impedance(tmp_path / "a", impedance, fit))
    assert "interface R = 33.4 (33.4 to 33.4) Ω cm²" in numbers_below(drawn)
    assert "two RC elements" in drawn.axes[0].get_legend_handles_labels()[1]
    fit |= {"identifiable": False, "why": "bulk_resistance_ohm_cm2 is uncertain by a factor 3"}
    drawn = drawn_by(draw_nyquist, write_impedance(tmp_path / "b", impedance, fit))
    assert "bulk resistance is uncertain by a factor 3" in " ".join(numbers_below(drawn))
    assert "two RC elements" not in drawn.axes[0].get_legend_handles_labels()[1]


def test_a_table_that_is_no_spectrum_or_history_is_an_error(tmp_path):
    for name in ("impedance.csv", "history.csv"):
        (tmp_path / name).write_text("x\n1\n")
    write_summary(tmp_path / "summary.json", {})
    with pytest.raises(InputError, match=r"impedance\.csv: not a spectrum"):
        draw_bode(ResultData(tmp_path), print)
    with pytest.raises(InputError, match=r"history\.csv: not the history"):
        draw_history(ResultData(tmp_path), print)


def test_a_relaxation_has_logarithmic_time_and_only_what_changes(tmp_path):
    time = np.concatenate([[0.0], np.geomspace(1e-12, 1e-5, 80)])
    charge = 1.4 * (1.0 - np.exp(-time / 1e-7))
    directory = write_history(tmp_path / "r", time, 0.0 * time, charge, time_final_s=1e-5, steps=80)
    drawn = drawn_by(draw_history, directory)
    assert [axes.get_ylabel().partition("\n")[0] for axes in drawn.axes] == [
        "Layer charge",
        "Free energy",
        "Length of",
    ]
    assert drawn.axes[0].get_xscale() == "log"
    assert "10 µs, 80 steps" in drawn.get_suptitle()
    assert [path.name for path in plot_result(directory)] == ["history.png"]


def test_a_pulse_has_linear_time_and_small_changes_are_drawn_as_changes(tmp_path):
    time = np.linspace(0.0, 1e-5, 101)
    current = np.where((time > 2e-6) & (time < 6e-6), 10.0, 0.0)
    directory = write_history(tmp_path / "r", time, current, 1.4 + 1e-7 * current)
    charge, energy, flow, voltage, _ = drawn_by(draw_history, directory).axes
    assert charge.get_xscale() == "linear"
    assert charge.get_xlim() == (0.0, 1e-5)
    assert charge.get_ylabel() == "Layer charge, change\n($10^{-6}$ e nm⁻²)"
    assert energy.get_ylabel().startswith("Free energy, change")
    assert flow.get_ylabel() == "Current\n(mA cm⁻²)"
    assert voltage.get_ylabel() == "Terminal voltage\n(V)"


def test_when_it_happens_decides_the_axis_of_time():
    time, nothing = np.linspace(0.0, 1.0, 1001), np.zeros(1001)
    assert is_early(time, nothing, np.exp(-time / 0.02))
    assert not is_early(time, nothing, time)
    assert is_early(time, np.minimum(time, 0.01), time)
    assert not is_early(time, np.sin(20.0 * time), np.exp(-time / 0.02))
    assert is_early(time, nothing, nothing)


def test_output_times_without_vtk(tmp_path):
    directory = write_steps(tmp_path / "r", "planar", [1e-9, 1e-6], dimension=1, **SLAB)
    assert ResultData(directory).output_times == [1e-9, 1e-6]
    first, last = (read_blocks(directory, time)["electrode"]["c_per_nm3"] for time in (1e-9, None))
    assert first.min() > last.min()
    (directory / "fields.pvd").write_text("nonsense")
    with pytest.raises(InputError, match=r"fields\.pvd: not a collection"):
        _ = ResultData(directory).output_times


def test_curves_at_the_output_times(tmp_path):
    directory = write_steps(tmp_path / "r", "planar", [1e-9, 1e-7, 1e-6], dimension=1, **SLAB)
    drawn = drawn_by(draw_formation, directory)
    concentration, potential = drawn.axes
    assert concentration.get_ylabel() == "Li concentration (nm⁻³)"
    names = [text.get_text() for text in concentration.get_legend().get_texts()]
    assert names == ["1 ns", "100 ns", "1 µs", "neutral bulk"]
    assert len({line.get_color() for line in potential.lines[:6]}) == 3
    assert directory / "formation.png" in plot_result(directory)


def test_many_times_have_a_colour_bar(tmp_path):
    directory = write_steps(tmp_path / "r", "planar", list(np.geomspace(1e-9, 1e-5, 9)), dimension=1, **SLAB)
    drawn = drawn_by(draw_formation, directory)
    assert drawn.axes[-1].get_ylabel() == "Time"
    assert drawn.axes[0].get_legend() is None


@pytest.mark.parametrize(("count", "pictures"), [(2, 2), (4, 4), (9, 6)])
def test_pictures_at_the_output_times(tmp_path, count, pictures):
    keys = SLAB | {"interface_size": 0.5}
    directory = write_steps(
        tmp_path / "r", "planar", list(np.geomspace(1e-9, 1e-5, count)), dimension=2, **keys
    )
    drawn = drawn_by(draw_formation, directory)
    titles = [axes.get_title() for axes in drawn.axes if axes.get_title()]
    assert len(titles) == pictures
    assert (titles[0], titles[-1]) == ("1 ns", "10 µs")


def test_one_time_is_no_formation(tmp_path):
    directory = write_steps(tmp_path / "r", "planar", [0.0], dimension=1, **SLAB)
    assert plot_result(directory) == []


def test_remarks_are_broken_to_the_width_of_the_figure():
    with house_style():
        narrow = new_figure(3.0, 2.0)
        add_title(narrow, "title", "word " * 30)
    assert max(map(len, narrow.get_suptitle().splitlines())) < 50


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0 s"), (2e-5, "20 µs"), (1.0 - 1e-9, "1 s"), (1.5e-12, "1.5 ps")]
)
def test_engineering(value, text):
    assert engineering(value, "s") == text
