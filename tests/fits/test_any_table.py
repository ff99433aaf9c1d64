"""Whatever a table holds, the outcome is a fit whose numbers can be written, or one message."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scl_fem.cli import main
from scl_fem.errors import InputError
from scl_fem.fits import fit_arrhenius, fit_exsy, fit_t2
from scl_fem.fits.reading import read_data

NAMES = {
    "exsy": ("temperature_K", "mixing_time_s", "intensity"),
    "t2": ("temperature_K", "T2_s"),
    "arrhenius": ("temperature_K", "D_cm2_per_s"),
}
FITS = {"exsy": fit_exsy, "t2": fit_t2, "arrhenius": fit_arrhenius}
ROUGH = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))

HEADERS = st.sampled_from(
    ["T (K)", "T (°C)", "1000/T (1/K)", "t (ms)", "I/I0", "intensity (%)", "D (cm²/s)", "log10 D (m2/s)",
     "T2 (us)", "R2 (1/s)", "error", "±", "sigma_D_cm2_per_s", "T1_s", "diagonal", "note", "",
     "temperature_K"]
)  # fmt: skip
CELLS = st.one_of(
    st.sampled_from(
        ["300", "1e-12", "0,5", "1.234,5", "1,234", "-1", "0", "nan", "inf", "1e308", "1e-308", "", "x"]
    ),
    st.floats().map(repr),
    st.text(max_size=5),
)


@ROUGH
@given(
    headers=st.lists(HEADERS, max_size=5),
    rows=st.lists(st.lists(CELLS, max_size=5), max_size=5),
    separator=st.sampled_from([",", ";", "\t", " "]),
)
def test_tables_of_any_cells(tmp_path_factory, headers, rows, separator):
    text = "\n".join(separator.join(row) for row in [headers, *rows])
    read_all(tmp_path_factory, text.encode("utf-8", "surrogatepass"))


@ROUGH
@given(
    content=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode("utf-8")))
)
def test_any_bytes(tmp_path_factory, content):
    read_all(tmp_path_factory, content)


def read_all(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "data.csv"
    path.write_bytes(content)
    for names in NAMES.values():
        try:
            columns = read_data(path, names, ("diagonal", "T1_s"), names[-1:]).columns
        except InputError as error:
            message = str(error)
        else:
            message = ""
            assert all(np.isfinite(column).all() for column in columns.values())
        assert not message or message.startswith(f"{path}: ")


def magnitudes(low, high):
    return st.floats(np.log10(low), np.log10(high)).map(lambda power: float(10.0**power))


TEMPERATURES = st.one_of(st.floats(1.0, 5000.0), st.sampled_from([1.0, 300.0, 300.0, 310.0, 5000.0]))
VALUES = {
    "exsy": st.tuples(TEMPERATURES, st.one_of(st.just(0.0), magnitudes(1e-12, 1e9)), st.floats(-0.5, 1.5)),
    "t2": st.tuples(TEMPERATURES, st.one_of(st.just(1e-5), magnitudes(1e-15, 1e9))),
    "arrhenius": st.tuples(TEMPERATURES, st.one_of(st.just(1e-12), magnitudes(1e-60, 1e6))),
}


@ROUGH
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", FITS)
@given(data=st.data())
def test_any_numbers(kind, data):
    rows = data.draw(st.lists(VALUES[kind], min_size=2, max_size=8))
    if kind == "exsy" and data.draw(st.booleans()):
        rows = [(300.0, *row[1:]) for row in rows]
    columns = dict(zip(NAMES[kind], map(list, zip(*rows, strict=True)), strict=True))
    try:
        fit = FITS[kind](**columns)
    except InputError:
        return
    assert isinstance(fit.remarks, tuple)
    assert all(isinstance(each, str) for each in fit.remarks)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("t2", "T (K),T2 (s)\n" + "".join(f"{7.5e-55 * row},1.7e-05\n" for row in range(1, 9))),
        ("t2", "T (K),T2 (s)\n1e9,1e-5\n2e9,2e-5\n3e9,4e-5\n"),
        ("t2", "T (K),T2 (s)\n300,1e-5\n300,1e-5\n300,1e-5\n"),
        ("exsy", "T (K),t (s),I\n300,1e308,0.1\n300,1,0.2\n300,2,0.2\n"),
        ("exsy", "T (K),t (s),I\n300,1,0.1\n301,1,0.2\n"),
        ("exsy", "T (K),t (s),I,diagonal\n300,1,-1,1\n300,2,3,1\n300,3,3,1\n"),
        ("exsy", "T (K),t (s),I,T1_s\n300,1,0.1,1\n300,2,0.3,2\n300,3,0.3,3\n"),
        ("arrhenius", "T (K),D (cm2/s)\n300,-1e-12\n310,1e-12\n"),
        ("arrhenius", "T (K),D (cm2/s)\n300,1e300\n310,1e299\n"),
        ("arrhenius", "T (K),D (cm2/s)\n300,1e-12\n300,1e-12\n"),
        ("arrhenius", "T (K),D (cm2/s)\n" + "300.1,1e-12\n" * 100_000),
        ("exsy", "T (K),t (s),I\n" + "".join(f"{300 + row},1,0.1\n" for row in range(4000))),
    ],
)  # fmt: skip
def test_numbers_that_cannot_be(kind, text, tmp_path, monkeypatch, capsys):
    assert status(kind, text, tmp_path, monkeypatch) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("error: data.csv: ")
    assert printed.err.count("\n") == 1
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("t2", "T (K),T2 (s)\n" + "".join(f"{row},{1e-5 * row**3}\n" for row in (1, 2, 50, 300, 4e3, 5e3))),
        ("t2", "T (K),T2 (s)\n" + "".join(f"{250 + 10 * row},1e-5\n" for row in range(9))),
        ("arrhenius", "T (K),D (cm2/s)\n1,1e-55\n2,1e5\n5000,1e5\n"),
        ("arrhenius", "T (K),D (cm2/s)\n300,1e-12\n310,1e-12\n320,1e-12\n"),
        ("exsy", "T (K),t (s),I\n" + "300,1,0.1\n300,1e9,0.1\n300,1e-9,0.1\n300,2,0.1\n"),
        ("exsy", "T (K),t (s),I\n300,1,0\n300,2,0\n300,3,0\n"),
        ("exsy", "T (K),t (s),I\n300,1,1\n300,2,1\n300,3,1\n310,1,1\n310,3,1\n"),
        ("exsy", "T (K),t (s),I\n300,1,-0.4\n300,2,-0.3\n300,3,-0.4\n"),
    ],
)  # fmt: skip
def test_numbers_that_can_be(kind, text, tmp_path, monkeypatch, capfd):
    assert status(kind, text, tmp_path, monkeypatch) == 0
    printed = capfd.readouterr()
    assert printed.err == ""
    assert "Warning" not in printed.out
    found = json.loads(Path("out/fit.json").read_text(encoding="utf-8"))
    if has_null({name: entry for name, entry in found.items() if name != "settings"}):
        assert any("null in fit.json" in each for each in found["remarks"])


def has_null(entry):
    if isinstance(entry, dict):
        return any(map(has_null, entry.values()))
    return entry is None


def status(kind, text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("data.csv").write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit) as caught:
        main(["fit", kind, "data.csv", "-o", "out"])
    return caught.value.code or 0
