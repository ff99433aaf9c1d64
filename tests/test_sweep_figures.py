"""Figures of sweeps: what goes along which axis, scales, labels, points without a result."""

import numpy as np
import pytest
from matplotlib.colors import LogNorm

from scl_fem.figures.style import house_style, save
from scl_fem.figures.sweep import Swept, draw_sweep, quantity_label

VOLTAGE = Swept("phase.electrode.voltage", (2.4, 2.8, 3.2, 3.6), "V")
DIFFUSIVITY = Swept("materials.LAGP.diffusivity", tuple(10.0 ** np.arange(-12, -4)), "cm^2/s")
MATERIAL = Swept("phase.electrolyte.material", ("LAGP", "LLZO"), None)
RESISTANCE = "layer_resistance_ohm_cm2"


@pytest.fixture(autouse=True)
def style():
    with house_style():
        yield


def lines(axes):
    return [line for line in axes.get_lines() if line.get_marker() == "o"]


def test_labels():
    assert VOLTAGE.label == "Electrode voltage (V)"
    assert DIFFUSIVITY.label == "LAGP diffusivity (cm²/s)"
    assert Swept("temperature", (1,), "K").label == "Temperature (K)"
    assert Swept("materials.LVO.c_max", (1,), "1/nm^3").label == "LVO c max (nm⁻³)"
    assert quantity_label("electrode.thickness_nm.25%") == "Electrode thickness 25% (nm)"
    assert quantity_label("capacitance_uF_per_cm2") == "Capacitance (µF/cm²)"
    assert quantity_label("electrode.layer_charge_e_per_nm2") == "Electrode layer charge (e/nm²)"
    assert quantity_label("steps") == "Steps"


def test_one_key_is_a_curve(tmp_path):
    figure = draw_sweep([VOLTAGE], RESISTANCE, np.array([1.0, 2.0, np.nan, 4.0]), "Li0.2V2O5 | LAGP")
    (axes,) = figure.axes
    (curve,) = lines(axes)
    np.testing.assert_array_equal(curve.get_xdata(), VOLTAGE.values)
    assert axes.get_xlabel() == "Electrode voltage (V)"
    assert axes.get_ylabel() == "Layer resistance (Ω cm²)"
    assert axes.get_yscale() == "linear"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["no result"]
    assert save(figure, tmp_path / "sweep.png").stat().st_size > 1000


def test_the_capacitance_of_a_contact_has_a_mott_schottky_plot_beside_it():
    """Linear from zero; a point without a result, or with a capacitance of 0, has no 1/C^2."""
    potential = Swept("boundary.left.potential", (0.5, -0.5, 0.0, 1.0), "V")
    quantity = "contacts.left.capacitance_uF_per_cm2"
    capacitance = np.array([2.0, 4.0, 100.0, np.nan])
    first, second = draw_sweep([potential], quantity, capacitance, "").axes
    assert first.get_ylabel() == "Left capacitance (µF/cm²)"
    (curve,) = lines(second)
    np.testing.assert_array_equal(curve.get_xdata(), [-0.5, 0.0, 0.5, 1.0])
    np.testing.assert_allclose(curve.get_ydata(), [0.0625, 1e-4, 0.25, np.nan])
    assert second.get_yscale() == "linear"
    assert second.get_ylim()[0] == 0.0
    assert second.get_xlabel() == "Left potential (V)"
    (only,) = draw_sweep([VOLTAGE], quantity, capacitance, "").axes
    assert only.get_xlabel() == "Electrode voltage (V)"


def test_scales_follow_the_values():
    (axes,) = draw_sweep([DIFFUSIVITY], RESISTANCE, np.geomspace(1e-4, 1.0, 8), "").axes
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    (axes,) = draw_sweep([DIFFUSIVITY], "excess_resistance_ohm_cm2", np.linspace(-1.0, 1.0, 8), "").axes
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "linear")
    (axes,) = draw_sweep([VOLTAGE], RESISTANCE, np.array([1.0, 1.0, 1.0, 1.0 + 1e-12]), "").axes
    assert np.ptp(axes.get_ylim()) > 0.005


def test_unordered_values_make_an_ordered_curve():
    swept = Swept("temperature", (350.0, 300.0, 400.0), "K")
    (axes,) = draw_sweep([swept], RESISTANCE, np.array([2.0, 1.0, 3.0]), "").axes
    np.testing.assert_array_equal(lines(axes)[0].get_ydata(), [1.0, 2.0, 3.0])


@pytest.mark.parametrize("turned", [False, True])
def test_few_values_of_one_key_are_curves(turned):
    values = np.arange(8.0).reshape(4, 2)
    values[:, 1] = np.nan
    keys = [VOLTAGE, MATERIAL]
    figure = draw_sweep(keys[::-1] if turned else keys, RESISTANCE, values.T if turned else values, "")
    (axes,) = figure.axes
    first, second = lines(axes)
    assert axes.get_xlabel() == "Electrode voltage (V)"
    np.testing.assert_array_equal(first.get_ydata(), values[:, 0])
    assert [line.get_label() for line in (first, second)] == ["LAGP", "LLZO: no result"]


def test_words_along_the_axis():
    (axes,) = draw_sweep([MATERIAL], RESISTANCE, np.array([1.0, 2.0]), "").axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["LAGP", "LLZO"]


def test_many_values_of_two_keys_are_a_map(tmp_path):
    voltage = Swept("phase.electrode.voltage", tuple(np.linspace(2.4, 3.4, 7)), "V")
    values = np.geomspace(1e-3, 1.0, 56).reshape(7, 8)
    values[3] = 0.0
    values[-1] = np.nan
    figure = draw_sweep([voltage, DIFFUSIVITY], RESISTANCE, values, "a map")
    axes, bar = figure.axes
    (mesh,) = axes.collections
    shown = mesh.get_array()
    assert shown.shape == (8, 7)
    assert isinstance(mesh.norm, LogNorm)
    assert shown.mask[:, -1].all()
    assert not shown.mask[:, :-1].any()
    assert axes.get_yscale() == "log"
    assert bar.get_ylabel() == "Layer resistance (Ω cm²)"
    assert save(figure, tmp_path / "sweep.png").stat().st_size > 1000


def test_three_keys_have_no_figure():
    with pytest.raises(ValueError, match="one or two keys"):
        draw_sweep([VOLTAGE] * 3, RESISTANCE, np.ones((4, 4, 4)), "")


def test_words_are_not_taken_for_mathematics(tmp_path):
    names = Swept("phase.electrolyte.material", ("A$_b$", "$\\frac$", "Li2O"), None)
    values = np.arange(12.0).reshape(3, 4)
    for keys, of in (([names], values[:, 0]), ([names, VOLTAGE], values)):
        figure = draw_sweep(keys, RESISTANCE, of, "$")
        assert save(figure, tmp_path / "sweep.png").stat().st_size > 1000
