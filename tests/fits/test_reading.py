"""Data files: units in the headers, and one clear message for each way to be wrong."""

import pytest

from scl_fem.errors import InputError
from scl_fem.fits.reading import read_data

EXSY = ("temperature_K", "mixing_time_s", "intensity")
HEADER = "temperature_K,mixing_time_s,intensity\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "data.csv"

    def write(text, encoding="utf-8"):
        path.write_text(text, encoding=encoding)
        return path

    return write


def test_columns_come_in_any_order_with_remarks_and_blank_lines(file):
    table = read_data(
        file(
            "# a remark\n\nintensity, mixing_time_s ,temperature_K\n 0.1,1e-3,298.15\n\n# more\n-0.02,2,300\n"
        ),
        EXSY,
    )
    assert table.columns["temperature_K"].tolist() == [298.15, 300.0]
    assert table.columns["mixing_time_s"].tolist() == [1e-3, 2.0]
    assert table.columns["intensity"].tolist() == [0.1, -0.02]
    assert table.ignored == ()


def test_units_of_the_headers_are_heeded(file):
    table = read_data(file("temperature_degC,mixing_time_ms,intensity_percent\n25,500,43.6\n"), EXSY)
    assert table.columns["temperature_K"][0] == pytest.approx(298.15)
    assert table.columns["mixing_time_s"][0] == pytest.approx(0.5)
    assert table.columns["intensity"][0] == pytest.approx(0.436)


@pytest.mark.parametrize(
    ("header", "name", "factor"),
    [
        ("D_m2_per_s", "D_cm2_per_s", 1e4),
        ("D_nm2_per_s", "D_cm2_per_s", 1e-14),
        ("T2_us", "T2_s", 1e-6),
        ("T2_ms", "T2_s", 1e-3),
    ],
)
def test_other_units(file, header, name, factor):
    table = read_data(file(f"temperature_K,{header}\n300,7\n"), ("temperature_K", name))
    assert table.columns[name][0] == pytest.approx(7.0 * factor)


def test_a_byte_order_mark_and_other_line_ends_do_no_harm(file):
    path = file("")
    path.write_bytes(b"\xef\xbb\xbf" + HEADER.replace("\n", "\r\n").encode() + b"300,1,0.2\r\n")
    assert read_data(path, EXSY).columns["intensity"].tolist() == [0.2]


def test_columns_that_are_not_needed_are_named(file):
    text = "temperature_K,T2_s,T2_error_s,sample\n300,1e-5,1e-6,b12\n"
    assert read_data(file(text), ("temperature_K", "T2_s")).ignored == ("T2_error_s", "sample")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("# only a remark\n\n", "is empty"),
        ("temperature_K,intensity\n300,0.1\n", "no column mixing_time_s among temperature_K, intensity"),
        ("temperature_K|mixing_time_s|intensity\n300|1|0.1\n", "has one column"),
        ("temperature_K|mixing_time_s|intensity\n300|1|0.1\n", "separated by commas, semicolons, tabs or"),
        ("temperature,mixing_time_s,intensity\n300,1,0.1\n", "temperature does not end in a unit"),
        ("temperature_s,mixing_time_s,intensity\n300,1,0.1\n", "temperature_s does not end in a unit"),
        (
            "temperature_K,mixing_time_parsec,intensity\n300,1,0.1\n",
            "mixing_time_parsec does not end in a unit",
        ),
        (
            "temperature_mK,temperature_degC,mixing_time_s,intensity\n1,2,1,0.1\n",
            "more than one column of temp",
        ),
        (HEADER + "300,1,0.1\n300,2\n", "line 3: has 2 cells, the header has 3"),
        (HEADER + "300,1,much\n", "line 2, column intensity: 'much' is not a number"),
        (HEADER + "# remark\n300,1,\n", "line 3, column intensity: is empty"),
        (HEADER + "300,1,nan\n", "line 2, column intensity: nan is not a finite number"),
        (HEADER + "300,inf,0.1\n", "line 2, column mixing_time_s: inf is not a finite number"),
        (HEADER + "300,-1,0.1\n", "line 2, column mixing_time_s: -1 is out of range"),
        (HEADER + "-10,1,0.1\n", "line 2, column temperature_K: -10 is out of range"),
        (HEADER + "300,1,57\n", "line 2, column intensity: 57 is out of range"),
        ("temperature_degC,mixing_time_s,intensity\n-300,1,0.1\n", "column temperature_degC: -300 is out of"),
        (HEADER + '300,1,"0.1\n', "line 2: cannot be read"),
    ],
)
def test_wrong_files(file, text, message):
    path = file(text)
    with pytest.raises(InputError) as error:
        read_data(path, EXSY)
    assert str(error.value).startswith(f"{path}: ")
    assert message in str(error.value)


def test_no_file_and_no_text(tmp_path, file):
    with pytest.raises(InputError, match="there is no such file"):
        read_data(tmp_path / "nowhere.csv", EXSY)
    with pytest.raises(InputError, match="cannot be read as text"):
        read_data(tmp_path, EXSY)
