"""Quantities: numbers in the unit of their key, strings with a unit of their own."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from scl_fem.settings import Settings
from scl_fem.units import Length, Number, Occupancy, Temperature, convert


class Table(Settings):
    size: Length = 1.0
    width: Length | None = None
    fraction: Occupancy = 0.5
    temperature: Temperature = 298.15
    value: Number = 0.0


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("3.4 V", "V", 3.4),
        ("3400 mV", "V", 3.4),
        ("10nm", "nm", 10.0),
        ("10 um", "nm", 1e4),
        ("10 µm", "nm", 1e4),
        ("2 Å", "nm", 0.2),
        ("25 degC", "K", 298.15),
        ("25 °C", "K", 298.15),
        ("1e-9 cm^2/s", "cm^2/s", 1e-9),
        ("1e-13 m**2/s", "cm^2/s", 1e-9),
        ("1e-9 cm² s⁻¹", "cm^2/s", 1e-9),
        ("10 A/m^2", "mA/cm^2", 1.0),
        ("1 mol/L", "1/nm^3", 0.602214076),
        ("49943 mol/m^3", "1/nm^3", 30.0764),
        ("16 nm^-3", "1/nm^3", 16.0),
        ("16 1/nm^3", "1/nm^3", 16.0),
        ("16 kJ/mol", "eV", 0.165828),
        ("0.5", "", 0.5),
        ("50 %", "", 0.5),
        ("-.5e-1", "V", -0.05),
    ],
)
def test_a_string_carries_its_unit(text, unit, number):
    assert convert(text, unit) == pytest.approx(number, rel=1e-5)


@pytest.mark.parametrize(
    ("text", "unit", "words"),
    [
        ("x nm", "nm", "cannot read 'x nm'"),
        ("3 V", "nm", "does not convert to nm"),
        ("3 V", "", "must be a plain number"),
        ("3 furlong", "nm", "unknown unit 'furlong'"),
        ("1,5 nm", "nm", "cannot read"),
        ("", "nm", "cannot read"),
        ("1/3 nm", "nm", "cannot read"),
        ("0x10 nm", "nm", "unknown unit"),
        ("3 __import__('os')", "nm", "unknown unit"),
    ],
)
def test_what_is_no_quantity_says_so(text, unit, words):
    with pytest.raises(ValueError) as caught:
        convert(text, unit)
    assert words in str(caught.value)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("text", ["9^9^9^9 nm", "2 nm^9^9^9^9^9", "1 nm**9**9**9**9"])
def test_no_arithmetic_that_takes_for_ever(text):
    with pytest.raises(ValueError, match="cannot read"):
        convert(text, "nm")


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False, width=64))
def test_a_number_is_read_exactly(number):
    assert convert(repr(number), "nm") == number
    assert convert(f"{number!r} nm", "nm") == number


def test_conversion_leaves_no_dust():
    assert [convert(f"{n} um", "nm") for n in (1, 3, 7, 10)] == [1000.0, 3000.0, 7000.0, 10000.0]


@pytest.mark.parametrize(
    "value", [True, "nan", "inf nm", math.inf, math.nan, [1.0], {"a": 1}, 0, -1, "-1 nm"]
)
def test_bounds_and_types(value):
    with pytest.raises(ValidationError):
        Table(size=value)


def test_defaults_and_units_of_keys():
    table = Table(width="1 um", fraction="20 %")
    assert (table.size, table.width, table.fraction) == (1.0, 1000.0, 0.2)
    assert [Table.unit_of(key) for key in ("size", "width", "temperature", "value")] == ["nm", "nm", "K", ""]
