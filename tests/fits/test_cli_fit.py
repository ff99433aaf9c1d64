"""scl-fem fit: what it prints and writes, and that it fails in one message and leaves nothing."""

import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import scl_fem
from scl_fem.cli import main
from scl_fem.cli.fit import report_lines

SOURCE = Path(scl_fem.__file__).parents[1]
DATA = SOURCE / "data"
EXAMPLES = sorted(DATA.glob("synthetic_*.csv"))
MPIRUN = shutil.which("mpirun", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def status(*words):
    with pytest.raises(SystemExit) as caught:
        main([str(word) for word in words])
    return caught.value.code or 0


def entries(directory):
    return sorted(path.name for path in directory.iterdir())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_examples(example, capsys):
    kind = example.stem.split("_")[1]
    assert status("fit", kind, example) == 0
    directory = Path("results") / f"fit_{kind}_{example.stem}"
    assert entries(directory) == ["fit.json", "fit.png"]
    found = json.loads((directory / "fit.json").read_text())
    assert found["fit"] == kind
    assert found["confidence"] == 0.95
    # the second line of an example says what it was made from
    truth = example.read_text().splitlines()[1]
    energy = float(truth.split("Ea = ")[1].split(" eV")[0])
    estimate = found["activation_energy_eV"]
    assert estimate["low"] < estimate["value"] < estimate["high"]
    assert estimate["value"] == pytest.approx(energy, rel=0.15)
    assert found["not_identifiable"] == []
    printed = capsys.readouterr().out
    assert f"written to {directory}" in printed
    assert f"{estimate['value']:.4g}" in printed


def test_there_are_examples_of_every_kind():
    assert {path.stem.split("_")[1] for path in EXAMPLES} == {"exsy", "t2", "arrhenius"}
    assert all("SYNTHETIC" in path.read_text().splitlines()[0] for path in EXAMPLES)


def test_exsy_by_temperature_with_interface_resistance():
    example = DATA / "synthetic_exsy_Li1V2O5_LAGP.csv"
    words = [
        "--concentration",
        "8.428",
        "--volume-per-area",
        "0.01 um",
        "--particle-size",
        "65 nm",
        "--quiet",
    ]
    assert status("fit", "exsy", example, "-o", "out", *words) == 0
    found = json.loads(Path("out/fit.json").read_text())
    temperatures = ["273", "298.15", "318", "343", "363"]
    assert list(found["D_cm2_per_s"]) == temperatures
    assert set(found["D_cm2_per_s"]["298.15"]) == {"value", "low", "high"}
    current = found["exchange_current_density_mA_per_cm2"]["298.15"]
    resistance = found["interface_resistance_ohm_cm2"]["298.15"]
    assert resistance["value"] == pytest.approx(25.693 / current["value"], rel=1e-3)
    assert resistance["low"] == pytest.approx(25.693 / current["high"], rel=1e-3)
    assert found["settings"]["volume_per_area_nm"] == 10.0
    assert found["goodness"]["298.15"]["points"] == 8


def test_particle_size_scales_the_diffusivity():
    example = DATA / "synthetic_exsy_Li1V2O5_LAGP.csv"
    for size in ("65", "130 nm"):
        assert status("fit", "exsy", example, "-o", size[:3].strip(), "--particle-size", size, "--quiet") == 0
    small, large = (json.loads(Path(name, "fit.json").read_text()) for name in ("65", "130"))
    ratio = large["D_cm2_per_s"]["363"]["value"] / small["D_cm2_per_s"]["363"]["value"]
    assert ratio == pytest.approx(4.0, rel=1e-5)


def test_a_plateau_can_be_fitted(capsys):
    example = DATA / "synthetic_exsy_Li1V2O5_LAGP.csv"
    assert status("fit", "exsy", example, "-o", "out", "--amplitude", "free") == 0
    found = json.loads(Path("out/fit.json").read_text())
    assert 0.0 < found["amplitude"]["363"]["value"] <= 1.0
    assert "amplitude at 363 K" in capsys.readouterr().out


def test_an_older_fit_is_kept_unless_told_otherwise(capsys):
    example = DATA / "synthetic_arrhenius_Li1V2O5_LAGP.csv"
    assert status("fit", "arrhenius", example, "-o", "out") == 0
    before = Path("out/fit.json").read_text()
    Path("out/note.txt").write_text("mine")
    assert status("fit", "t2", DATA / "synthetic_t2_Li1V2O5.csv", "-o", "out") == 2
    assert "--overwrite" in capsys.readouterr().err
    assert Path("out/fit.json").read_text() == before
    assert status("fit", "arrhenius", example, "-o", "out", "--overwrite") == 0
    assert entries(Path("out")) == ["fit.json", "fit.png", "note.txt"]


@pytest.mark.parametrize(
    ("kind", "text", "words", "message"),
    [
        ("exsy", "temperature_K,mixing_time_s\n300,1\n", [], "no column intensity"),
        ("exsy", "temperature_K,mixing_time_s,intensity\n300,1,57\n300,2,60\n", [], "intensity_percent"),
        ("exsy", "temperature_K,mixing_time_s,intensity\n300,1,0.5\n", [], "1 row of data is too little"),
        ("exsy", "temperature_K,mixing_time_s,intensity\n", [], "0 row"),
        ("t2", "temperature_K,T2_s\n300,1e-5\n310,x\n", [], "line 3, column T2_s: 'x' is not a number"),
        ("t2", "temperature_K,T2_s\n300,1e-5\n310,1e-5\n", [], "T2 at 2 temperatures"),
        ("arrhenius", "temperature_K,D_cm2_per_s\n300,1e-12\n300,2e-12\n", [], "two temperatures"),
        ("arrhenius", "", [], "is empty"),
    ],
)
def test_wrong_data(kind, text, words, message, capsys):
    Path("data.csv").write_text(text)
    assert status("fit", kind, "data.csv", "-o", "out", *words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: data.csv: ")
    assert message in printed.err
    assert printed.err.count("error:") == 1
    assert entries(Path()) == ["data.csv"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["exsy", "x.csv"], "error: x.csv: there is no such file"),
        (["exsy", "x.csv", "--particle-size", "65 s"], "error: --particle-size: '65 s' is in s"),
        (["exsy", "x.csv", "--particle-size", "0"], "error: --particle-size: cannot be 0"),
        (["exsy", "x.csv", "--concentration", "8"], "error: --volume-per-area: is missing"),
        (["exsy", "x.csv", "--amplitude", "large"], "'fixed', 'free'"),
        (["t2", "x.csv", "--dimension-factor", "0"], "--dimension-factor"),
        (["t3", "x.csv"], "No such command 't3'"),
    ],
)
def test_wrong_words(words, message, capsys):
    assert status("fit", *words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in printed.err
    assert entries(Path()) == []


def test_help_names_the_columns(capsys):
    assert status("fit", "exsy", "--help") == 0
    printed = capsys.readouterr().out
    for word in ("temperature_K", "mixing_time_s", "intensity", "--particle-size"):
        assert word in printed


def test_lines_for_the_terminal():
    table = {
        "data": "x.csv", "fit": "exsy", "settings": {"amplitude": "fixed"},
        "D_cm2_per_s": {"300": {"value": 1e-12, "low": 0.0, "high": math.inf}},
        "goodness": {"300": {"points": 3}}, "not_identifiable": ["this"], "remarks": ["that"],
    }  # fmt: skip
    lines = report_lines(table)
    assert lines[0] == "x.csv: exsy, amplitude = fixed"
    assert lines[2] == "D_cm2_per_s at 300 K  1e-12  0 to inf"
    assert lines[3:] == ["not identifiable: this", "that"]


@pytest.mark.skipif(MPIRUN is None, reason="no mpirun")
@pytest.mark.parametrize(("file", "code"), [("synthetic_arrhenius_Li1V2O5_LAGP.csv", 0), ("none.csv", 2)])
def test_under_mpirun_one_rank_does_it(file, code):
    done = subprocess.run(
        [MPIRUN, "-n", "2", sys.executable, "-m", "scl_fem",
         "fit", "arrhenius", str(DATA / file), "-o", "out"],
        capture_output=True, text=True, timeout=240, check=False,
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
    )  # fmt: skip
    assert done.returncode == code
    assert done.stdout.count("written to out") == (code == 0)
    assert done.stderr.count("error: ") == (code != 0)
    assert Path("out").exists() == (code == 0)
