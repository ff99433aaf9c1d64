"""Figures for print and in other formats: sizes in mm, metadata, titles, what is ours and what is not."""

import re
import warnings

import scl_fem._stack  # noqa: F401
import numpy as np
import pytest
from mpi4py import MPI
from PIL import Image

from scl_fem.errors import InputError
from scl_fem.figures import plot_result
from scl_fem.figures.curves import add_key, distinct, set_value_axis
from scl_fem.figures.style import add_numbers, add_title, house_style, new_figure, row_of_panels, save
from scl_fem.output.files import OutputError
from scl_fem.output.folder import ResultFolder
from scl_fem.output.origin import is_own_figure
from scl_fem.postprocess.circuit import two_arcs
from tests.support.results import FREQUENCY, LARGE_INTERFACE, SLAB, write_impedance, write_result, write_steps

MM_PER_POINT = 25.4 / 72.0
WIDTHS = {"one-column": 85.0, "two-columns": 170.0}


def width_mm(path):
    """Width of a figure, as the file says it."""
    if path.suffix == ".png":
        with Image.open(path) as image:
            return image.width / image.info["dpi"][0] * 25.4
    pattern = rb"/MediaBox \[ 0 0 ([\d.]+)" if path.suffix == ".pdf" else rb'width="([\d.]+)pt"'
    return float(re.search(pattern, path.read_bytes())[1]) * MM_PER_POINT


@pytest.mark.parametrize("style", list(WIDTHS))
def test_every_figure_of_a_style_has_its_width(tmp_path, style):
    profiles = write_result(tmp_path / "profiles")
    spectrum = write_impedance(tmp_path / "spectrum", two_arcs(FREQUENCY, LARGE_INTERFACE))
    for directory in (profiles, spectrum):
        written = plot_result(directory, formats=("png", "pdf", "svg"), style=style)
        assert len(written) == 6
        for path in written:
            assert width_mm(path) == pytest.approx(WIDTHS[style], abs=0.1), path
            assert is_own_figure(path)


def test_the_look_of_a_screen_is_what_is_drawn_without_a_style(tmp_path):
    directory = write_result(tmp_path / "r")
    (first, *_) = plot_result(directory)
    same = plot_result(directory, style="screen", target=tmp_path)[0]
    assert first.read_bytes() == same.read_bytes()
    assert width_mm(first) == pytest.approx(7.0 * 25.4, abs=0.1)


def test_the_same_result_gives_the_same_files(tmp_path):
    directory = write_result(tmp_path / "r")
    (tmp_path / "again").mkdir()
    for first in plot_result(directory, formats=("pdf", "svg")):
        second = next(
            path
            for path in plot_result(directory, formats=(first.suffix[1:],), target=tmp_path / "again")
            if path.name == first.name
        )
        assert first.read_bytes() == second.read_bytes()


def test_an_unknown_style_is_named_with_those_there_are(tmp_path):
    with pytest.raises(InputError, match=r"one-colum.*did you mean one-column"):
        plot_result(write_result(tmp_path / "r"), style="one-colum")


def test_in_one_column_panels_stand_below_each_other():
    for style, columns in (("screen", 2), ("two-columns", 2), ("one-column", 1)):
        with house_style(style):
            drawn = new_figure(7.0, 2.5, abreast=2)
            first, second = row_of_panels(drawn, 2)
        assert first.get_gridspec().ncols == columns
        assert drawn.get_figheight() == pytest.approx(2.5 * (3 - columns))
        assert first is not second


def test_letters_and_lines_of_print_are_finer():
    widths = {}
    for style in ("screen", "one-column"):
        with house_style(style):
            axes = new_figure(3.0, 2.0).subplots()
            (line,) = axes.plot([0, 1], [0, 1])
            widths[style] = (line.get_linewidth(), axes.xaxis.label.get_size())
    assert widths["one-column"][0] < widths["screen"][0]
    assert widths["one-column"][1] == 7.5


def test_without_a_title_there_is_none_and_the_next_figure_has_one():
    with house_style(titles=False):
        bare = new_figure(3.0, 2.0)
        add_title(bare, "a title " * 40, "a remark")
    assert bare.get_suptitle() == ""
    assert bare.get_figheight() == 2.0
    with house_style():
        drawn = new_figure(3.0, 2.0)
        add_title(drawn, "a title")
    assert drawn.get_suptitle() == "a title"


@pytest.mark.parametrize("form", ["png", "pdf", "svg"])
def test_a_new_result_replaces_our_figures_and_leaves_those_of_others(tmp_path, form):
    import matplotlib
    from matplotlib.figure import Figure

    matplotlib.use("Agg")
    path = tmp_path / "r"
    plot_result(write_result(path), formats=(form,))
    foreign = Figure()
    foreign.subplots().set_title("scl_fem")
    foreign.savefig(path / f"mine.{form}")
    (path / f"empty.{form}").touch()
    assert (path / f"profiles.{form}").is_file()
    with ResultFolder(path, MPI.COMM_SELF, overwrite=True) as folder:
        (folder.stage / "summary.json").write_text("{}")
    assert sorted(entry.name for entry in path.iterdir()) == [
        f"empty.{form}",
        f"mine.{form}",
        "summary.json",
    ]


def test_a_file_of_others_is_not_drawn_over(tmp_path):
    path = tmp_path / "x.pdf"
    path.write_bytes(b"%PDF-1.4 of somebody")
    with house_style(), pytest.raises(OutputError, match=r"x\.pdf was not drawn by this program"):
        save(new_figure(3.0, 2.0), path)
    assert path.read_bytes() == b"%PDF-1.4 of somebody"
    path.unlink()
    for _ in range(2):
        with house_style():
            save(new_figure(3.0, 2.0), path)
    assert is_own_figure(path)


@pytest.mark.parametrize("style", ["screen", "one-column"])
@pytest.mark.parametrize("width", [3.4, 7.0])
def test_numbers_stay_in_the_figure_and_off_the_panels(tmp_path, style, width):
    columns = [
        ["Resistance", "bulk 1"],
        ["A heading " * 2, *["interface R = 197.6 (197.3 to 198) Ω cm²"] * 4],
    ]
    columns += [["Why", "a reason that goes on and on " * 4]] if width < 5.0 else []
    with house_style(style), warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = new_figure(width, 2.5)
        axes = drawn.subplots()
        axes.set_xlabel("below the axis")
        add_title(drawn, "a title")
        before = drawn.get_figheight()
        add_numbers(drawn, columns)
        save(drawn, tmp_path / "x.png")
        (key,) = drawn.legends
        extent = key.get_window_extent(drawn.canvas.get_renderer())
    assert drawn.get_figheight() > before
    assert 0.0 <= extent.x0 < extent.x1 <= drawn.bbox.x1
    assert 0.0 <= extent.y0 < extent.y1 <= axes.get_tightbbox().y0
    assert axes.bbox.height > 0.6 * 2.5 * drawn.dpi


def test_no_two_curves_look_alike():
    looks = [(str(each["color"]), str(each["linestyle"])) for each in distinct(35)]
    assert len(set(looks)) == 35
    # told apart without colours, as far as there are dashes
    assert len({dashes for _, dashes in looks[:5]}) == 5


@pytest.mark.parametrize("count", [1, 5, 12])
def test_a_key_stays_in_the_figure_and_off_the_panels(tmp_path, count):
    names = [f"electrode voltage {number} V, and a word or two more, {number}" for number in range(count)]
    with house_style(), warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = new_figure(3.4, 2.5)
        axes = drawn.subplots()
        axes.set_xlabel("below the axis")
        handles = [axes.plot([0, 1], [0, number], **look)[0] for number, look in enumerate(distinct(count))]
        add_key(drawn, handles, names)
        save(drawn, tmp_path / "x.png")
        extent = drawn.legends[0].get_window_extent(drawn.canvas.get_renderer())
    assert 0.0 <= extent.x0 < extent.x1 <= drawn.bbox.x1
    assert 0.0 <= extent.y0 < extent.y1 <= axes.get_tightbbox().y0
    assert axes.bbox.height > 0.6 * 2.5 * drawn.dpi


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([1.0, 2.0, 3.0], "linear"),
        ([1e-4, 1e-2, 1.0], "log"),
        ([0.0, 1e-4, 1.0], "log"),
        ([-1.0, 0.3, 1.0], "linear"),
        ([-1e-4, 1e-3, 2e-4, 5.0], "symlog"),
        ([-1e-4, -1e-3, -2e-4, -5.0], "symlog"),
        ([0.0, 0.0], "linear"),
        ([np.nan, np.nan], "linear"),
        ([np.nan, 1.0, 1.0 + 1e-12], "linear"),
        ([np.inf, 1e-3, 1.0], "log"),
        ([], "linear"),
    ],
)
def test_the_values_choose_the_scale(tmp_path, values, scale):
    with house_style(), warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = new_figure(3.0, 2.0)
        axes = drawn.subplots()
        assert set_value_axis(axes, np.array(values)) == scale
        assert axes.get_yscale() == scale
        axes.plot(range(len(values)), values)
        save(drawn, tmp_path / "x.png")


def test_a_logarithmic_axis_of_values_has_a_floor():
    with house_style():
        axes = new_figure(3.0, 2.0).subplots()
        set_value_axis(axes, np.array([1e-30, 1.0]))
    assert 1e-10 < axes.get_ylim()[0] < 1e-7


@pytest.mark.parametrize("style", list(WIDTHS))
def test_maps_have_the_width_of_a_style_too(tmp_path, style):
    keys = {**SLAB, "interface_size": 0.5}
    directory = write_steps(tmp_path / "r", "planar", [1e-9, 1e-8, 1e-7], dimension=2, **keys)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        written = plot_result(directory, style=style)
    assert [path.name for path in written] == ["fields.png", "formation.png"]
    for path in written:
        assert width_mm(path) == pytest.approx(WIDTHS[style], abs=0.2)
        with Image.open(path) as image:
            assert image.height > 0.2 * image.width
