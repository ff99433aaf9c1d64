"""scl-fem plot: several results or sweeps in one figure, formats, styles, sweeps, films."""

import itertools
import json
import os
import shutil
import stat

import numpy as np
import pytest
from PIL import Image

from scl_fem.cli import main
from scl_fem.figures.style import house_style
from scl_fem.figures.together import draw_together
from scl_fem.output.origin import is_own_figure
from scl_fem.output.tables import write_table
from scl_fem.postprocess.circuit import two_arcs
from scl_fem.sweeps.drawing import draw_sweeps
from tests.support.results import (
    FREQUENCY,
    LARGE_INTERFACE,
    NO_INTERFACE,
    SLAB,
    write_history,
    write_impedance,
    write_result,
    write_steps,
)

CASE = """
title = "Li0.2V2O5 | LAGP"
temperature = {temperature}
study = {{ kind = "equilibrium" }}
mesh = {{ kind = "planar", dimension = 1 }}
phase.electrode = {{ material = "LVO", composition = {composition} }}
phase.electrolyte = {{ material = "LAGP" }}
"""


def status(*words):
    try:
        main([str(word) for word in words])
    except SystemExit as stop:
        return stop.code or 0
    return 0


def with_case(directory, composition=0.2, temperature=300.0):
    (directory / "case.toml").write_text(CASE.format(composition=composition, temperature=temperature))
    return directory


def write_sweep(directory, resistances, key="phase.electrode.voltage", temperature=300.0):
    """A sweep as it is left: its definition and table; nan is a point that failed."""
    directory.mkdir()
    values = np.linspace(2.4, 3.4, len(resistances))
    case = {"title": "a pair", "temperature": temperature, "study": {"kind": "equilibrium"}}
    case |= {
        "mesh": {"kind": "planar", "dimension": 1},
        "phase": {
            "electrode": {"material": "LVO", "composition": 0.2},
            "electrolyte": {"material": "LAGP"},
        },
    }
    definition = {"format": 1, "over": {key: values.tolist()}, "units": {key: "V"}, "case": case}
    (directory / "sweep.json").write_text(json.dumps(definition))
    failed = np.isnan(resistances)
    columns = {
        key: values,
        "status": np.where(failed, "failed", "ok"),
        "message": np.where(failed, "no", ""),
        "point": np.array([f"p{number}" for number in range(values.size)]),
        "remarks": np.full(values.size, ""),
        "layer_resistance_ohm_cm2": np.asarray(resistances),
        "steps": np.where(failed, np.nan, 7.0),
    }
    write_table(directory / "sweep.csv", columns)
    return directory


def names_in(figure):
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def test_formats_style_and_directory(tmp_path, capsys):
    directory = write_result(tmp_path / "r")
    target = tmp_path / "deep" / "figures"
    assert status("plot", directory, "-o", target, "--format", "pdf,svg", "--style", "one-column") == 0
    printed = capsys.readouterr()
    names = {"profiles.pdf", "profiles.svg", "conductivity.pdf", "conductivity.svg"}
    assert {path.name for path in target.iterdir()} == names
    assert len(printed.out.splitlines()) == 4
    assert printed.err == ""
    assert not list(directory.glob("*.p??")) + list(directory.glob("*.svg"))


def test_titles_can_be_left_out(tmp_path):
    directory = write_result(tmp_path / "r")
    for name, options in (("with", []), ("without", ["--no-title"])):
        assert status("plot", directory, "-o", tmp_path / name, "--format", "svg", *options) == 0
    sizes = {name: (tmp_path / name / "profiles.svg").stat().st_size for name in ("with", "without")}
    assert sizes["without"] < sizes["with"] - 1000


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--format", "jpg"], "no format 'jpg'"),
        (["--style", "poster"], "unknown style 'poster'"),
        (["--quantity", "steps"], "--quantity is of sweeps"),
    ],
)
def test_wrong_options_are_said_plainly(tmp_path, capsys, words, message):
    directory = write_result(tmp_path / "r")
    before = sorted(directory.iterdir())
    assert status("plot", directory, *words) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert sorted(directory.iterdir()) == before


def test_what_does_not_go_together_is_said_plainly(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result, sweep = write_result(tmp_path / "r"), write_sweep(tmp_path / "s", [1.0, 2.0])
    other = write_impedance(tmp_path / "z", two_arcs(FREQUENCY, LARGE_INTERFACE))
    for words, message in (
        ([result, sweep], "do not go into one figure"),
        ([result, result], "named twice"),
        ([result, other], "nothing in common"),
        ([result, other, "--film"], "--film is of one result"),
        ([sweep, "--film"], "--film is of one result"),
        ([tmp_path], "holds no result"),
    ):
        assert status("plot", *words) == 2
        assert message in capsys.readouterr().err


def test_results_are_laid_over_each_other_and_named_by_what_differs(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = with_case(write_result(tmp_path / "a"), composition=0.2)
    second = with_case(write_result(tmp_path / "b", depth=0.5), composition=1.0)
    assert status("plot", "a", "b") == 0
    assert capsys.readouterr().out.split() == ["results/comparison/profiles.png"]
    names = scl_fem_names([first, second])
    assert names == ["electrode composition 0.2", "electrode composition 1"]
    with house_style():
        drawn = draw_together([first, second], names, print)["profiles"]
    assert names_in(drawn) == names
    assert drawn.get_suptitle() == "Li$_{0.2}$V$_{2}$O$_{5}$ | LAGP"
    curves = [line for line in drawn.axes[0].lines if len(line.get_xdata()) > 2]
    assert len(curves) == 4
    assert len({line.get_color() for line in curves}) == 2
    assert len({str(line._unscaled_dash_pattern) for line in curves}) == 2
    assert drawn.axes[0].get_yscale() == "log"


def scl_fem_names(directories):
    from scl_fem.case.differences import names_of_results

    return names_of_results(directories)


def test_results_that_differ_in_nothing_are_named_by_their_folders(tmp_path):
    directories = [with_case(write_result(tmp_path / name)) for name in "ab"]
    assert scl_fem_names(directories) == ["a", "b"]
    (directories[1] / "case.toml").write_text("nonsense")
    assert scl_fem_names(directories) == ["a", "b"]
    with_case(directories[1], temperature=350.0)
    assert scl_fem_names(directories) == ["temperature 300 K", "temperature 350 K"]


def test_spectra_share_their_axes(tmp_path):
    directories = [
        write_impedance(tmp_path / "large", two_arcs(FREQUENCY, LARGE_INTERFACE)),
        write_impedance(tmp_path / "small", two_arcs(FREQUENCY, NO_INTERFACE)),
    ]
    with house_style():
        figures = draw_together(directories, ["$large", "small"], print)
    assert list(figures) == ["nyquist", "bode"]
    (plane,) = figures["nyquist"].axes
    assert plane.get_aspect() == 1.0
    assert 33.4 < plane.get_xlim()[1] < 40.0
    assert names_in(figures["bode"]) == [r"\$large", "small"]
    assert len(figures["bode"].axes[0].lines) == 2


def test_histories_of_very_different_length_have_logarithmic_time(tmp_path):
    directories = []
    for name, end in (("short", 1e-6), ("long", 1.0)):
        time = np.linspace(0.0, end, 101)
        directories.append(write_history(tmp_path / name, time, 0.0 * time, time / end))
    with house_style():
        drawn = draw_together(directories, ["short", "long"], print)["history"]
    assert [axes.get_xscale() for axes in drawn.axes] == ["log", "log"]
    assert [axes.get_ylabel().partition("\n")[0] for axes in drawn.axes] == ["Layer charge", "Free energy"]


def test_a_figure_says_which_results_it_leaves_out(tmp_path):
    directories = [write_result(tmp_path / name) for name in "abc"]
    (directories[1] / "profile.csv").unlink()
    notes = []
    with house_style():
        drawn = draw_together(directories, ["1", "2", "3"], notes.append)
    assert names_in(drawn["profiles"]) == ["1", "3"]
    assert notes == [f"profiles leaves out {directories[1]}: there is no profile.csv"]


def test_a_sweep_is_drawn_from_its_folder(tmp_path, capsys):
    sweep = write_sweep(tmp_path / "s", [1e-4, 0.0, np.nan, 1.0])
    assert status("plot", sweep, "--format", "png,pdf") == 0
    assert capsys.readouterr().out.split() == [f"{sweep}/sweep.png", f"{sweep}/sweep.pdf"]
    assert status("plot", sweep, "--quantity", "step") == 2
    assert "did you mean steps" in capsys.readouterr().err
    with house_style():
        (axes,) = draw_sweeps([sweep]).axes
        (plain,) = draw_sweeps([sweep], "steps").axes
    assert axes.get_yscale() == "log"
    assert plain.get_yscale() == "linear"
    assert plain.get_ylabel() == "Steps"
    marks = {line.get_label(): line.get_xdata().tolist() for line in axes.lines[1:]}
    values = np.linspace(2.4, 3.4, 4)
    assert marks == {"no result": [values[2]], "zero": [values[1]]}


def test_a_sweep_without_a_result_has_no_figure(tmp_path, capsys):
    assert status("plot", write_sweep(tmp_path / "s", [np.nan, np.nan])) == 2
    assert "no point has a result" in capsys.readouterr().err
    broken = write_sweep(tmp_path / "t", [1.0, 2.0])
    (broken / "sweep.csv").write_text("status\nok\n")
    assert status("plot", broken) == 2
    assert "sweep.csv: is not the table of the 2 points" in capsys.readouterr().err


def test_sweeps_are_laid_over_each_other(tmp_path, capsys):
    first = write_sweep(tmp_path / "a", [1.0, 2.0, np.nan])
    second = write_sweep(tmp_path / "b", [3.0, 4.0, 5.0, 6.0], temperature=350.0)
    with house_style():
        drawn = draw_sweeps([first, second])
    (axes,) = drawn.axes
    assert names_in(drawn) == ["temperature 300 K", "temperature 350 K", "no result"]
    assert [len(line.get_xdata()) for line in axes.lines] == [3, 4, 1]
    assert axes.lines[0].get_linestyle() != axes.lines[1].get_linestyle()
    other = write_sweep(tmp_path / "c", [1.0, 2.0], key="temperature")
    assert status("plot", first, other, "-o", tmp_path / "x") == 2
    assert "sweeps over phase.electrode.voltage; temperature do not fit" in capsys.readouterr().err


TIMES = list(np.geomspace(1e-9, 1e-6, 4))


@pytest.mark.parametrize("dimension", [1, 2])
def test_a_film_has_a_picture_for_each_time(tmp_path, capsys, monkeypatch, dimension):
    keys = SLAB | {"interface_size": 0.5}
    directory = write_steps(tmp_path / "r", "planar", TIMES, dimension=dimension, **keys)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert status("plot", directory, "--film") == 0
    printed = capsys.readouterr()
    assert printed.out.split() == [f"{directory}/film.gif"]
    assert "4 pictures" in printed.err
    assert "ffmpeg is not installed" in printed.err
    film = directory / "film.gif"
    with Image.open(film) as frames:
        assert frames.n_frames == 4
        pictures = []
        for number in range(4):
            frames.seek(number)
            pictures.append(np.asarray(frames.convert("L"), dtype=float))
    assert all(np.abs(one - two).max() > 50 for one, two in itertools.pairwise(pictures))
    assert is_own_figure(film)
    assert [path.name for path in directory.iterdir() if path.name.startswith(".")] == []


def test_with_ffmpeg_a_film_is_an_mp4(tmp_path, capsys, monkeypatch):
    """A stand-in for ffmpeg that keeps what it is told and given."""
    directory = write_steps(tmp_path / "r", "planar", TIMES, dimension=1, **SLAB)
    program = tmp_path / "bin" / "ffmpeg"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nfor last; do :; done\n{ echo "$@"; wc -c; } > "$last"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    assert status("plot", directory, "--film") == 0
    assert capsys.readouterr().out.split() == [f"{directory}/film.mp4"]
    told, size = (directory / "film.mp4").read_text().splitlines()
    assert "comment=drawn by scl_fem" in told
    assert "yuv420p" in told
    assert int(size) > 4 * 1000 * 800 * 4
    assert is_own_figure(directory / "film.mp4")


def test_an_ffmpeg_that_fails_costs_the_format_alone(tmp_path, capsys, monkeypatch):
    directory = write_steps(tmp_path / "r", "planar", TIMES, dimension=1, **SLAB)
    program = tmp_path / "bin" / "ffmpeg"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho no such encoder >&2\nexit 1\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    assert status("plot", directory, "--film") == 0
    printed = capsys.readouterr()
    assert printed.out.split() == [f"{directory}/film.gif"]
    assert "ffmpeg failed" in printed.err
    assert "Traceback" not in printed.err
    assert not (directory / "film.mp4").exists()


def test_what_cannot_be_filmed_is_said(tmp_path, capsys):
    for name, times, why in (("one", [1.0], "at one time only"), ("two", [], "has no fields")):
        directory = write_steps(tmp_path / name, "planar", times or [0.0], dimension=1, **SLAB)
        if not times:
            (directory / "fields.pvd").unlink()
        assert status("plot", directory, "--film") == 0
        printed = capsys.readouterr()
        assert printed.out == ""
        assert why in printed.err
