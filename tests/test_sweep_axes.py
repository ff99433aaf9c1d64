"""Options --over: ranges and lists, with units, and what is wrong with those that are neither."""

import numpy as np
import pytest

from scl_fem.errors import InputError
from scl_fem.sweeps import Axis, parse_axis


@pytest.mark.parametrize(
    ("text", "key", "values"),
    [
        ("temperature=300:400:3", "temperature", (300, 350, 400)),
        ("phase.electrode.voltage=2.4:3.0:7", "phase.electrode.voltage", (2.4, 2.5, 2.6, 2.7, 2.8, 2.9, 3)),
        ("phase.electrode.voltage=0.2:-0.2:3", "phase.electrode.voltage", (0.2, 0, -0.2)),
        ("materials.LAGP.diffusivity=1e-10:1e-8:3:log", "materials.LAGP.diffusivity", (1e-10, 1e-9, 1e-8)),
        ("temperature=25 degC:65 degC:2", "temperature", ("25 degC", "65 degC")),
        ("mesh.electrode_thickness=1:100 nm:3:log", "mesh.electrode_thickness", ("1 nm", "10 nm", "100 nm")),
        ("mesh.electrode_thickness=10 nm, 20 nm", "mesh.electrode_thickness", ("10 nm", "20 nm")),
        ("temperature=300", "temperature", (300,)),
        ("solver.order=1,2", "solver.order", (1, 2)),
        ("study.kind=equilibrium,conduction", "study.kind", ("equilibrium", "conduction")),
        ("output.fields=true,false", "output.fields", (True, False)),
    ],
)  # fmt: skip
def test_options(text, key, values):
    axis = parse_axis(text)
    assert axis.key == key
    assert axis.values == values
    assert [isinstance(value, bool) for value in axis.values] == [isinstance(value, bool) for value in values]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("temperature", "cannot read 'temperature'"),
        ("=1,2", "cannot read '=1,2'"),
        ("temperature=", "cannot read 'temperature='"),
        ("a b=1,2", "cannot read the key 'a b'"),
        ("temperature=300:400", "cannot read the range"),
        ("temperature=300:400:3:ln", "cannot read the range"),
        ("temperature=300:hot:3", "cannot read 'hot'"),
        ("temperature=300:400:1", "'1' is no number of values"),
        ("temperature=300:400:2.5", "'2.5' is no number of values"),
        ("temperature=300 K:400:3", "different units"),
        ("temperature=300 K:400 degC:3", "different units"),
        ("temperature=0:400:3:log", "cannot go from 0 to 400"),
        ("temperature=300,300.0", "more than once"),
        ("temperature=300:300:2", "more than once"),
        ("temperature={a=1}", "a sweep cannot set it to"),
    ],
)
def test_what_is_no_option(text, problem):
    with pytest.raises(InputError) as caught:
        parse_axis(text)
    assert problem in str(caught.value)
    assert str(caught.value).startswith("--over: ")


def test_units_become_those_of_the_key():
    axis = Axis.of("mesh.electrode_thickness", ["10 nm", "0.1 um", 5, "wide"]).in_unit("nm")
    assert axis.values == (10.0, 100.0, 5, "wide")
    assert axis.unit == "nm"
    assert not axis.is_numeric
    with pytest.raises(InputError, match="more than once"):
        Axis.of("mesh.electrode_thickness", ["10 nm", 10]).in_unit("nm")


def test_numbers_of_numpy_are_numbers():
    assert Axis.of("temperature", np.array([300.0, 310.0])).values == (300.0, 310.0)
    assert type(Axis.of("solver.order", np.array([1, 2])).values[0]) is int


def test_no_values():
    with pytest.raises(InputError, match="temperature: a sweep needs a value"):
        Axis.of("temperature", [])
