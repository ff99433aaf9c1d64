"""Tables as people have them: separators, decimals, encodings, headers, units in a line of their own."""

import numpy as np
import pytest

from scl_fem.errors import InputError
from scl_fem.fits.reading import read_data

EXSY = ("temperature_K", "mixing_time_s", "intensity")
DIFFUSIVITY = ("temperature_K", "D_cm2_per_s")
T2 = ("temperature_K", "T2_s")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "data.csv"

    def write(text, encoding="utf-8"):
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return write


def one(path, name, **options):
    return read_data(path, ("temperature_K", name), **options).columns


@pytest.mark.parametrize(
    ("header", "number", "kelvin"),
    [
        (header, "25", 298.15)
        for header in ("T (°C)", "T [°C]", "T / °C", "T/°C", "T, °C", "Temperature (degC)", "temperature_C",
                       "Temp. (℃)", "T (C)", "temperature in °C", "temperature_degC", "Temperatur [° C]",
                       "T °C", "Temperature (degrees C)", "temp_celsius")
    ]
    + [
        (header, "300", 300.0)
        for header in ("T (K)", "T [K]", "T/K", "T / K", "Temperature / K", "temperature_K", "temp (K)",
                       "T K", "TEMPERATURE (K)", "Temperature (Kelvin)", "$T$ (K)", "T_sample (K)")
    ]
    + [
        (header, "4", 250.0)
        for header in ("1000/T (1/K)", "1000/T (K^-1)", "1000/T", "1000/T (K⁻¹)", "10^3/T (1/K)",
                       "10³/T (K-1)", "1000/T [K]", "1000 K/T")
    ]
    + [("1/T (1/K)", "0.004", 250.0), ("inverse temperature (1/K)", "0.004", 250.0)],
)  # fmt: skip
def test_temperatures(file, header, number, kelvin):
    columns = one(file(f"{header};D_cm2_per_s\n{number};1e-12\n"), "D_cm2_per_s")
    assert columns["temperature_K"][0] == pytest.approx(kelvin, rel=1e-14)


@pytest.mark.parametrize(
    ("header", "number", "value"),
    [
        (header, "3.5e-12", 3.5e-12)
        for header in ("D (cm²/s)", "D (cm2/s)", "D (cm^2/s)", "D [cm² s⁻¹]", "D / cm^2 s^-1", "D/(cm2 s-1)",
                       "D (cm2s-1)", "D / (cm² s⁻¹)", "Diffusion coefficient (cm^2/s)", "D (cm**2/s)",
                       "D_Li (cm2 per s)", "D_cm2_per_s", "D (cm²·s⁻¹)", "D* (cm²/s)", "D in cm^2/s",
                       "$D_{Li}$ (cm$^2$ s$^{-1}$)")
    ]
    + [
        ("D / m^2 s^-1", "2e-16", 2e-12), ("D (m²/s)", "2e-16", 2e-12), ("D_m2_per_s", "2e-16", 2e-12),
        ("D (10^-12 cm^2/s)", "2", 2e-12), ("D (10⁻¹² cm²/s)", "2", 2e-12), ("D (1e-12 cm2/s)", "2", 2e-12),
        ("D [x10^-12 cm2/s]", "2", 2e-12), ("D (10-12 cm2/s)", "2", 2e-12), ("D (E-12 cm2/s)", "2", 2e-12),
        ("D (nm²/s)", "200", 2e-12), ("D (µm²/s)", "2e-4", 2e-12),
        ("log10(D / cm2 s-1)", "-12", 1e-12), ("log D (cm²/s)", "-12", 1e-12),
        ("ln(D/(cm^2/s))", "-27.6310211159", 1e-12), ("log10 D [m^2/s]", "-16", 1e-12),
    ],
)  # fmt: skip
def test_diffusivities(file, header, number, value):
    columns = one(file(f"T (K);{header}\n300;{number}\n"), "D_cm2_per_s")
    assert columns["D_cm2_per_s"][0] == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize(
    ("header", "number", "value"),
    [
        ("T2 (us)", "20", 2e-5), ("T2 (µs)", "20", 2e-5), ("T₂ / μs", "20", 2e-5), ("T_2 [ms]", "2", 2e-3),
        ("T2_ms", "2", 2e-3), ("T2 (s)", "2", 2.0), ("R2 (1/s)", "50", 0.02), ("1/T2 (s^-1)", "50", 0.02),
        ("R2 (ms-1)", "5", 2e-4), ("transverse relaxation time (ms)", "2", 2e-3), ("T2 (msec)", "2", 2e-3),
    ],
)  # fmt: skip
def test_relaxation_times(file, header, number, value):
    columns = one(file(f"T (K),{header}\n300,{number}\n"), "T2_s")
    assert columns["T2_s"][0] == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("time", "number"),
    [("tau_m (ms)", "500"), ("mixing time / s", "0.5"), ("t_mix [ms]", "500"), ("τm (ms)", "500"),
     ("tm/ms", "500"),
     ("t (s)", "0.5"), ("mixing_time_ms", "500"), ("Mixing Time (s)", "0.5"), ("time (us)", "500000")],
)  # fmt: skip
@pytest.mark.parametrize(
    ("intensity", "fraction"),
    [("intensity (%)", "43.6"), ("I/I0", "0.436"), ("cross peak", "0.436"), ("Intensity", "0.436"),
     ("intensity_percent", "43.6"), ("cross-peak intensity (norm.)", "0.436"),
     ("Icross/(Icross+Idiag)", "0.436")],
)  # fmt: skip
def test_build_ups(file, time, number, intensity, fraction):
    table = read_data(file(f"T (K)\t{time}\t{intensity}\n300\t{number}\t{fraction}\n"), EXSY)
    assert table.columns["mixing_time_s"][0] == pytest.approx(0.5)
    assert table.columns["intensity"][0] == pytest.approx(0.436)
    assert table.ignored == table.remarks == ()


ROWS = [[273.15, 3.4614e-13], [283.15, 4.8376e-13], [298.15, 1.0126e-12]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings_and_ends_of_lines(file, encoding):
    rows = [";".join(f"{x!r}" for x in row) for row in ROWS]
    for end in ("\n", "\r\n", "\r"):
        columns = one(
            file(end.join(["T (°C);D (cm²/s);note µ", *(f"{row};°" for row in rows)]), encoding),
            "D_cm2_per_s",
        )
        assert columns["D_cm2_per_s"].tolist() == [row[1] for row in ROWS]


@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("separator", [",", ";", "\t", " ", "   ", " ; ", " , "])
def test_separators_and_decimals(file, decimal, separator):
    quote = '"' if separator.strip() == "," and decimal == "," else ""
    rows = [separator.join(f"{quote}{x!r}{quote}".replace(".", decimal) for x in row) for row in ROWS]
    text = "\n".join([f"T (K){separator}D (cm²/s)", *rows]) + "\n"
    if quote:
        text = text.replace(" , ", ",")
    columns = one(file(text), "D_cm2_per_s")
    assert np.column_stack(list(columns.values())).tolist() == ROWS


@pytest.mark.parametrize(
    "text",
    [
        "T;D\nK;cm2/s\n300;1e-12\n310;2e-12\n",
        "T;D\n(K);(cm²/s)\n300;1e-12\n310;2e-12\n",
        "temperature_K;D_cm2_per_s\nK;cm2/s\n300;1e-12\n310;2e-12\n",
        "sep=;\nT (K);D (cm2/s)\n300;1e-12\n310;2e-12\n",
        "Sample 12, 3 May\n\nT (K);D (cm2/s)\n300;1e-12\n310;2e-12\n",
        "# T (K); D (cm2/s)\n300;1e-12\n310;2e-12\n",
        "; measured on Monday; by hand\nT (K),D (cm2/s)\n300,1e-12\n310,2e-12\n",
        "% measured on Monday\nT (K)   D (cm2/s)\n300     1e-12\n310     2e-12\n",
        "T (K) D (cm2/s)\n300 1e-12\n310 2e-12\n",
        "// a remark\n! another\nT [K] D [cm^2 s^-1]\n300 1e-12\n310 2e-12\n",
        '"T\n(K)","D\n(cm2/s)"\n300,1e-12\n310,2e-12\n',
        "T (K),D (cm2/s),,\n300,1e-12,,\n310,2e-12,,\n,,,\n",
        "T (K),T (°C),1000/T (1/K),D (cm2/s)\n300,26.85,3.333,1e-12\n310,36.85,3.226,2e-12\n",
        "T (K)\tD (cm2/s)\n300\t1D-12\n310\t2E-12\x1a",
        "T (K);D (cm2/s)\n300;1e−12\n310;2e−12\n",
    ],
)
def test_layouts(file, text):
    columns = one(file(text), "D_cm2_per_s")
    assert columns["temperature_K"].tolist() == [300.0, 310.0]
    assert columns["D_cm2_per_s"].tolist() == [1e-12, 2e-12]


def test_what_was_done_is_remarked(file):
    table = read_data(file("my sample\nT (°C);log10 D (cm2/s);note\n25;-12;x\n"), DIFFUSIVITY)
    assert table.ignored == ("note",)
    assert [
        word in remark for word, remark in zip(("line 2", "Celsius", "computed"), table.remarks, strict=True)
    ]
    assert "degrees Celsius were converted to K" in table.remarks[1]


@pytest.mark.parametrize(
    ("header", "cells", "error"),
    [
        ("T_K,D_cm2_per_s,D_error_cm2_per_s", "300,2e-12,1e-13", 1e-13),
        ("T (K),D (cm²/s),± (cm²/s)", "300,2e-12,1e-13", 1e-13),
        ("T (K),D (cm²/s),±", "300,2e-12,1e-13", 1e-13),
        ("T (K),D (cm²/s),+-", "300,2e-12,1e-13", 1e-13),
        ("T (K),D (cm²/s),error", "300,2e-12,1e-13", 1e-13),
        ("T (K),D (cm²/s),std", "300,2e-12,1e-13", 1e-13),
        ("T (K),D (cm²/s),Std. Dev.", "300,2e-12,1e-13", 1e-13),
        ("T (K),D (m²/s),sigma_D (cm²/s)", "300,2e-16,1e-13", 1e-13),
        ("T (K),D (m²/s),sigma_D_m2_per_s", "300,2e-16,1e-17", 1e-13),
        ("T (K),D_cm2_per_s,D_cm2_per_s_err", "300,2e-12,1e-13", 1e-13),
        ("T (K),D (10^-12 cm2/s),error", "300,2,0.1", 1e-13),
        ("T (K),D (cm2/s),error of D (%)", "300,2e-12,5", 1e-13),
        ("T (K),D (cm2/s),relative error", "300,2e-12,0.05", 1e-13),
        ("T (K),D (cm2/s),ΔD (cm2/s)", "300,2e-12,1e-13", 1e-13),
        ("T (K),error of T (K),D (cm2/s),standard error of D (cm2/s)", "300,1,2e-12,1e-13", 1e-13),
        ("T (K),log10 D (cm2/s),error", "300,-12,0.1", 0.1e-12 * np.log(10.0)),
        ("T (K),D (cm2/s),sample,uncertainty (cm2/s)", "300,2e-12,b,1e-13", 1e-13),
    ],
)
def test_errors(file, header, cells, error):
    columns = read_data(file(f"{header}\n{cells}\n"), DIFFUSIVITY, errors_of=["D_cm2_per_s"]).columns
    assert columns["D_error_cm2_per_s"] == pytest.approx([error], rel=1e-9)


def test_errors_of_rates_and_intensities(file):
    columns = read_data(file("T (K),R2 (1/s),R2 error (1/s)\n300,50,5\n"), T2, errors_of=["T2_s"]).columns
    assert columns["T2_error_s"] == pytest.approx([0.002])
    path = file("T (K),t (s),intensity (%),error (%)\n300,1,40,2\n")
    assert read_data(path, EXSY, errors_of=["intensity"]).columns["intensity_error"] == pytest.approx([0.02])


def test_errors_of_a_temperature_are_not_those_of_a_diffusivity(file):
    table = read_data(file("T (K),±,D (cm2/s)\n300,1,2e-12\n"), DIFFUSIVITY, errors_of=["D_cm2_per_s"])
    assert "D_error_cm2_per_s" not in table.columns
    assert table.ignored == ("±",)


def test_a_diagonal_may_be_on_any_scale(file):
    path = file("T (K),t (s),cross peak (a.u.),diagonal peak (a.u.),T1 (ms)\n300,1,3000,5000,5\n")
    columns = read_data(path, EXSY, optional=["diagonal", "T1_s"]).columns
    assert columns["intensity"].tolist() == [3000.0]
    assert columns["diagonal"].tolist() == [5000.0]
    assert columns["T1_s"] == pytest.approx([0.005])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "is empty"),
        (b"\xff\xfe", "is empty"),
        (bytes(range(256)) * 9, "it is binary data"),
        (b"T (K),D (cm2/s)\n300,1e-12\n\x00\x00,1\n", "it is binary data"),
        (b"PK\x03\x04\x14\x00rest", "a workbook"),
        ("T (K);D (cm2/s)\n300;1,234.5\n", "line 2, column D (cm2/s): '1,234.5' groups its digits"),
        ("T (K);D (cm2/s)\n300;1.234,5\n", "line 2, column D (cm2/s): '1.234,5' groups its digits"),
        ("T (K);D (cm2/s)\n273,15;1.234\n", "line 2, column D (cm2/s): '1.234' may have"),
        ("T (K)\tD (cm2/s)\n273\t1,234\n", "line 2, column D (cm2/s): '1,234' may have"),
        ("T (K);D (cm2/s)\n300;1_0\n", "'1_0' is not a number"),
        ("T (K);D (cm2/s)\n300;NA\n", "line 2, column D (cm2/s): 'NA' is not a number"),
        ("T (K);D (cm2/s)\n300;1e-12 ± 1e-13\n", "line 2, column D (cm2/s): '1e-12 ± 1e-13' is not a number"),
        ("T (K),D (cm2/s)\n273,15,3,5e-13\n", "line 2: has 4 cells, the header has 2; decimal commas need"),
        ("T (K);T (K);D (cm2/s)\n300;300;1e-12\n", "more than one column of temperature: T (K), T (K)"),
        ("300,1e-12\n310,2e-12\n", "has no headers"),
        ("T (K);D (cm2/s)\n1e9;1e-12\n", "line 2, column T (K): 1e9 is out of range"),
        ("T (K);D (cm2/s)\n7.5e-55;1e-12\n", "line 2, column T (K): 7.5e-55 is out of range"),
        ("T (K);D (cm2/s)\n0;1e-12\n", "line 2, column T (K): 0 is out of range"),
        ("1000/T;D (cm2/s)\n0;1e-12\n", "line 2, column 1000/T: 0 is not a finite number"),
        ("T (K);log D (cm2/s)\n300;1e9\n", "is not a finite number"),
        ("T (K);foo;bar\n300;1;2\n", "has no column D_cm2_per_s among T (K), foo, bar"),
        ("T (K);D (cm2/s);error\n300;1e-12;0\n", "line 2, column error: 0 is out of range"),
        ("T (K);D (cm2/s);error\n300;1e-12;-1e-13\n", "line 2, column error: -1e-13 is out of range"),
        ("T (K);D (cm2/s);error;std\n300;1e-12;1;1\n", "more than one column of errors"),
        ("T (K);D (cm2/s);D error (kg)\n300;1e-12;1\n", "D error (kg) does not end in a unit of its kind"),
        ("T (K);D (cm2/s)\nrow;without\n300;1e-12\n", "line 2, column T (K): 'row' is not a number"),
    ],
)
def test_one_message(file, text, message):
    path = file(text)
    with pytest.raises(InputError) as error:
        read_data(path, DIFFUSIVITY, errors_of=["D_cm2_per_s"])
    assert message in str(error.value)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


def test_arbitrary_units_need_a_diagonal(file):
    with pytest.raises(InputError, match="arbitrary units"):
        read_data(file("T (K),t (s),intensity (a.u.)\n300,1,4000\n"), EXSY)


REPORT = """\
Data set  :  /home/user/nmr/sample1/12/pdata/1
INTENSITY fit : Decay function : I[t]=P*exp(-t/T2)

16 points for Peak 1, Peak Point =  -0.512 ppm
Results         Comp. 1

P          =    9.981e-01
T2         =      12.340m
SD         =    1.02e-02

    tau       ppm          integral          intensity

     200.000u     -0.512       1.23e+09            4.56e+07
"""


@pytest.mark.parametrize("names", [EXSY, DIFFUSIVITY, T2])
def test_a_report_of_one_experiment_is_refused_with_the_reason(file, names):
    with pytest.raises(InputError) as error:
        read_data(file(REPORT), names)
    message = str(error.value)
    assert "TopSpin T1/T2 report of one experiment (T2 = 12.340 ms)" in message
    assert "does not say the temperature" in message
    assert f"columns {', '.join(names)}" in message


def test_many_rows_are_read_in_no_time(file):
    rows = "\n".join(f"{270 + 0.001 * row:.3f};{1e-12 * (1 + row):.6e}" for row in range(100_000))
    columns = one(file(f"T (K);D (cm2/s)\n{rows}\n"), "D_cm2_per_s")
    assert columns["temperature_K"].size == 100_000
