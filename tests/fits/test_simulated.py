"""Simulated exchange as the model of a fit."""

import json
from pathlib import Path

import numpy as np
import pytest

from scl_fem.cli import main
from scl_fem.errors import InputError
from scl_fem.fits import fit_exsy, simulated_exchange
from scl_fem.physics.exchange import remaining_in_closed_cube

EDGE, BOX, SIMULATED = 50.0, 90.0, 2e-12
CASE = f'[mesh]\nkind = "cube"\nparticle_size = {EDGE}\n[exsy]\ndiffusivity = {SIMULATED}\n'


def exchanged(diffusivity, time):
    return 1.0 - remaining_in_closed_cube(diffusivity, time, EDGE, BOX)


@pytest.fixture
def folder(tmp_path):
    """What an exsy study of a finite mixture leaves, the closed form standing in for it."""

    def write(end=100.0, case=CASE):
        time = np.concatenate([[0.0], np.geomspace(1e-5, end, 120)])
        fractions = exchanged(SIMULATED, time)
        rows = [f"{t!r},{1.0 - x!r},{x!r}" for t, x in np.column_stack([time, fractions]).tolist()]
        (tmp_path / "decay.csv").write_text("\n".join(["time_s,remaining,exchanged", *rows]) + "\n")
        (tmp_path / "case.toml").write_text(case)
        return tmp_path

    return write


def test_one_simulation_serves_for_every_diffusivity(folder):
    model = simulated_exchange(folder())
    time = np.geomspace(1e-4, 50.0, 40)
    for diffusivity in (1e-13, 2e-12, 3e-11):
        assert model(diffusivity, time) == pytest.approx(exchanged(diffusivity, time), abs=3e-4)
    assert model(0.0, 1.0) == 0.0
    assert model(np.inf, 1.0) == pytest.approx(1.0 - (EDGE / BOX) ** 3, abs=1e-6)


def test_the_diffusivity_of_saturating_exchange_comes_back(folder):
    time = np.geomspace(1e-3, 20.0, 15)
    data = exchanged(7e-13, time) + 0.005 * np.random.default_rng(2).standard_normal(15)
    model = simulated_exchange(folder())
    estimate = fit_exsy(np.full(15, 300.0), time, data, model=model, particle_size_nm=EDGE).D_cm2_per_s[300.0]
    assert estimate.low < 7e-13 < estimate.high
    assert estimate.high < 1.1 * estimate.low


def test_what_a_simulation_covers(folder):
    ended, short = simulated_exchange(folder()), simulated_exchange(folder(end=1.0))
    assert ended.covers(1.0, 1.0)
    assert short.covers(SIMULATED, 1.0)
    assert not short.covers(2.0 * SIMULATED, 1.0)


def test_on_the_command_line(folder, monkeypatch, capsys):
    directory = folder(end=1.0)
    monkeypatch.chdir(directory)
    time = np.geomspace(1e-3, 1.0, 12)
    rows = [f"300,{t},{x}" for t, x in zip(time, exchanged(4e-12, time), strict=True)]
    Path("data.csv").write_text("\n".join(["temperature_K,mixing_time_s,intensity", *rows]))
    with pytest.raises(SystemExit) as caught:
        main(["fit", "exsy", "data.csv", "-o", "out", "--simulation", str(directory)])
    assert not caught.value.code
    found = json.loads(Path("out/fit.json").read_text())
    assert found["settings"]["particle_size_nm"] == EDGE
    assert found["D_cm2_per_s"]["300"]["value"] == pytest.approx(4e-12, rel=0.1)
    assert "extrapolated" in found["remarks"][0]
    with pytest.raises(SystemExit) as caught:
        main(["fit", "exsy", "data.csv", "--simulation", "nowhere", "--particle-size", "3 nm"])
    assert caught.value.code == 2
    assert "--particle-size" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("", "diffusivity"),
        ('[mesh]\nparticle_size = "5 nm"\n[exsy]\ndiffusivity = 1e-12\n', "particle_size as numbers"),
        ("= 3", "not readable as TOML"),
    ],
)
def test_folders_that_do_not_do(folder, case, message):
    with pytest.raises(InputError) as error:
        simulated_exchange(folder(case=case))
    assert message in str(error.value)


def test_no_folder(tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        simulated_exchange(tmp_path / "nowhere")
