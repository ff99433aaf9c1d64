"""Figures: which come out of which result, and that they hold what they should."""

import errno
import os
import shutil
import struct
import warnings

import scl_fem._stack  # noqa: F401
import numpy as np
import pytest
from mpi4py import MPI

# isort: split
from dolfinx import fem

from scl_fem.errors import InputError
from scl_fem.figures import FIGURES, ResultData, figure, plot_result
from scl_fem.figures import volume as volume_module
from scl_fem.figures.panels import Row, draw_rows
from scl_fem.figures.profiles import draw_profiles
from scl_fem.figures.style import (
    DOUBLE_COLUMN,
    SINGLE_COLUMN,
    add_title,
    house_style,
    new_figure,
    save,
    with_subscripts,
)
from scl_fem.mesh import BOTH, MESH_KINDS
from scl_fem.mesh.distribute import build_domain
from scl_fem.output.fields import FieldWriter
from scl_fem.output.folder import ResultFolder
from tests.support.results import write_result


def write_fields(directory, kind, dimension, order=1, **keys):
    """Fields alone: the profile goes, and with it the figures that would cost time."""
    (directory / "profile.csv").unlink()
    domain = build_domain(MESH_KINDS[kind](dimension=dimension, **keys), MPI.COMM_SELF)
    space = fem.functionspace(domain.mesh, ("Lagrange", order))
    distance = np.linalg.norm(space.tabulate_dof_coordinates(), axis=1)
    depth = np.exp(-np.abs(distance - 1.0))
    fields = {
        tag: {"phi_V": 0.2 * depth, "c_per_nm3": (1 + BOTH.index(tag)) * (0.02 + depth**9)} for tag in BOTH
    }
    FieldWriter(directory, domain, space).write(fields)


PARTICLE = {"radius": 1.0, "box_size": 4.0, "interface_size": 0.1, "growth": 1.5}
SLAB = {"electrode_thickness": 4.0, "electrolyte_thickness": 4.0, "interface_size": 0.2, "growth": 1.5}
CUBE = {"particle_size": 1.0, "interface_size": 0.1, "growth": 1.6, "cell": "tensor"}


def pixels(path):
    from matplotlib.image import imread

    return imread(path)[:, :, :3]


def is_drawn(path):
    """A PNG of sensible size, neither empty nor one colour."""
    head = path.read_bytes()[:24]
    width, height = struct.unpack(">II", head[16:24])
    return 400 < width < 2000 and 300 < height < 2500 and np.unique(pixels(path)[::7, ::7].sum(2)).size > 10


def test_a_one_dimensional_result_has_profiles(tmp_path):
    written = plot_result(write_result(tmp_path / "r"))
    assert {path.name for path in written} == {"profiles.png", "conductivity.png"}
    assert all(is_drawn(path) for path in written)


def test_no_data_no_figure(tmp_path):
    directory = write_result(tmp_path / "r")
    (directory / "profile.csv").unlink()
    assert plot_result(directory) == []
    (directory / "profile.csv").write_text("z_nm\n1\n")
    with pytest.raises(InputError, match=r"profile\.csv: no column"):
        plot_result(directory)


def test_profiles_show_both_phases_and_the_layer(tmp_path):
    with house_style():
        drawn = draw_profiles(ResultData(write_result(tmp_path / "r")), print)
    zoom, whole = drawn.axes[:2]
    assert zoom.get_yscale() == "log"
    assert drawn.axes[2].get_yscale() == "linear"
    assert zoom.get_xlim() == pytest.approx((-2.4, 2.4))
    assert whole.get_xlim() == pytest.approx((-10.0, 10.0))
    assert "0.8 nm" in drawn.get_suptitle()
    assert {text.get_text() for text in zoom.texts} == {"LVO", "LAGP"}
    levels = sorted(line.get_ydata()[0] for line in zoom.lines if line.get_linestyle() == "--")
    assert levels == pytest.approx([1.69, 5.37])


def test_without_a_layer_round_off_is_not_magnified(tmp_path):
    with house_style():
        drawn = draw_profiles(ResultData(write_result(tmp_path / "r", depth=0.0)), print)
    concentration, potential = drawn.axes
    assert concentration.get_ylim()[0] == 0.0
    assert concentration.get_ylim()[1] > 5.37
    low, high = potential.get_ylim()
    assert high - low >= 0.1
    assert "no layer" in drawn.get_suptitle()


def test_a_logarithmic_axis_has_a_floor(tmp_path):
    result = ResultData(write_result(tmp_path / "r"))
    values = np.geomspace(1e-30, 1.0, result.profile.z_nm.size)
    with house_style():
        axes = draw_rows(result, [Row("x", values, {}, smallest_span=0.0, ratio=True)]).axes[0]
    assert 1e-10 < axes.get_ylim()[0] < 1e-7


@pytest.mark.parametrize(
    ("kind", "order", "keys"), [("particle", 1, PARTICLE), ("planar", 2, SLAB), ("cube", 2, CUBE)]
)
def test_maps_in_two_dimensions(tmp_path, kind, order, keys):
    directory = write_result(tmp_path / "r", dimension=2, thickness=0.1)
    write_fields(directory, kind, 2, order, **keys)
    assert plot_result(directory) == [directory / "fields.png"]
    assert is_drawn(directory / "fields.png")


def test_fields_of_another_study_are_drawn_as_far_as_they_are_known(tmp_path):
    directory = write_result(tmp_path / "r", dimension=2)
    (directory / "profile.csv").unlink()
    domain = build_domain(MESH_KINDS["cube"](dimension=2, **CUBE), MPI.COMM_SELF)
    space = fem.functionspace(domain.mesh, ("Lagrange", 1))
    distance = np.linalg.norm(space.tabulate_dof_coordinates(), axis=1)
    writer = FieldWriter(directory, domain, space)
    writer.write({tag: {"unheard_of": distance} for tag in BOTH})
    assert plot_result(directory) == []
    writer.write({tag: {"tagged_fraction": np.exp(-distance)} for tag in BOTH}, time=1.0)
    assert plot_result(directory) == [directory / "fields.png"]
    assert is_drawn(directory / "fields.png")


needs_rendering = pytest.mark.skipif(
    not any(volume_module.find_library(name) for name in ("EGL", "OSMesa")) and "DISPLAY" not in os.environ,
    reason="no library to render without a window",
)


@needs_rendering
@pytest.mark.parametrize(
    ("kind", "keys"), [("particle", PARTICLE), pytest.param("planar", SLAB, marks=pytest.mark.slow)]
)
def test_views_in_three_dimensions(tmp_path, kind, keys):
    directory = write_result(tmp_path / "r", dimension=3)
    write_fields(directory, kind, 3, **keys)
    notes = []
    written = plot_result(directory, notes.append)
    assert notes == []
    assert written == [directory / "fields.png"]
    assert is_drawn(directory / "fields.png")


def test_where_nothing_can_be_rendered_a_note_says_so(tmp_path, monkeypatch):
    directory = write_result(tmp_path / "r", dimension=3)
    write_fields(directory, "planar", 3, **SLAB)
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("VTK_DEFAULT_OPENGL_WINDOW", raising=False)
    monkeypatch.setattr(volume_module, "find_library", lambda name: None)
    notes = []
    assert plot_result(directory, notes.append) == []
    assert len(notes) == 1
    assert "no library to render" in notes[0]


def test_a_renderer_that_crashes_harms_nothing(tmp_path, monkeypatch):
    directory = write_result(tmp_path / "r", dimension=3)
    write_fields(directory, "planar", 3, **SLAB)
    monkeypatch.setattr(volume_module, "_MODULE", "faulthandler_crash")
    (tmp_path / "faulthandler_crash.py").write_text(
        "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    notes = []
    plot_result(directory, notes.append)
    assert "the renderer crashed" in notes[0]
    (tmp_path / "faulthandler_crash.py").write_text("raise ValueError('bad field')\n")
    plot_result(directory, notes.append)
    assert "the renderer failed: ValueError: bad field" in notes[1]


def test_a_result_folder_knows_its_figures(tmp_path):
    path = tmp_path / "r"
    with ResultFolder(path, MPI.COMM_SELF) as folder:
        shutil.rmtree(folder.stage)
        write_result(folder.stage)
        plot_result(folder.stage)
    assert (path / "profiles.png").is_file()
    with ResultFolder(path, MPI.COMM_SELF, overwrite=True) as folder:
        (folder.stage / "summary.json").write_text("{}")
    assert [entry.name for entry in path.iterdir()] == ["summary.json"]


def test_a_new_figure_is_one_function(tmp_path, monkeypatch):
    monkeypatch.setattr(FIGURES, "_entries", dict(FIGURES._entries))

    @figure("curve", "curve.csv")
    def draw_curve(result, note):
        drawn = new_figure(3.0, 2.0)
        drawn.subplots().plot([0, 1], [0, 1])
        return drawn

    directory = write_result(tmp_path / "r")
    (directory / "profile.csv").unlink()
    assert plot_result(directory) == []
    (directory / "curve.csv").write_text("x\n")
    assert plot_result(directory) == [directory / "curve.png"]


def test_figures_leave_the_callers_settings_alone(tmp_path):
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["font.size"] = 13.0
    before = matplotlib.rcParams.copy()
    plot_result(write_result(tmp_path / "r"))
    assert matplotlib.rcParams == before


def test_a_full_disk_is_said_plainly_and_leaves_no_half_of_a_figure(tmp_path, monkeypatch):
    from matplotlib.figure import Figure

    from scl_fem.output.files import OutputError

    def savefig(self, file, **options):
        file.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Figure, "savefig", savefig)
    with house_style(), pytest.raises(OutputError, match="the disk is full"):
        save(new_figure(3.0, 2.0), tmp_path / "x.png")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Li0.2V2O5 | LAGP", "Li$_{0.2}$V$_{2}$O$_{5}$ | LAGP"),
        ("LiCoO2 on Li7La3Zr2O12", "LiCoO$_{2}$ on Li$_{7}$La$_{3}$Zr$_{2}$O$_{12}$"),
        ("Case 3, 2.5 V, one dimension", "Case 3, 2.5 V, one dimension"),
        ("costs 5 $", r"costs 5 \$"),
    ],
)
def test_formulas_get_subscripts(text, expected):
    assert with_subscripts(text) == expected


HARD_TITLES = [
    "A long title of Li0.2V2O5 | LAGP at 3.4 V with $x_0 = 0.1$ that tells in one line all that there is",
    "W" * 300,
    "Li2O$" * 60,
    "word " * 300,
    "$",
    "a $ b $ c $",
    "\\$x$ \\frac{1 \\",
    "x_1^2 {a} % # & ~",
    "正极 😀 \u200b \udcff",
    "two\nlines\twith\x00more",
]


def extent_of_title(figure):
    renderer = figure.canvas.get_renderer()
    figure.draw_without_rendering()
    return figure._suptitle.get_window_extent(renderer)


@pytest.mark.parametrize("width", [SINGLE_COLUMN, DOUBLE_COLUMN])
@pytest.mark.parametrize("title", HARD_TITLES, ids=range(len(HARD_TITLES)))
def test_a_title_stays_in_the_figure_and_off_the_panels(tmp_path, title, width):
    with house_style(), warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = new_figure(width, 2.5)
        axes = drawn.subplots()
        add_title(drawn, title, "a remark")
        save(drawn, tmp_path / "title.png")
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        extent = extent_of_title(drawn)
        panel = axes.get_tightbbox()
    assert 0.0 <= extent.x0 < extent.x1 <= drawn.bbox.x1
    assert panel.y1 <= extent.y0 < extent.y1 <= drawn.bbox.y1
    assert panel.height > 0.7 * 2.5 * drawn.dpi
    assert len(drawn.get_suptitle().splitlines()) <= 4


def test_a_long_title_is_broken_at_spaces_then_cut():
    with house_style():
        drawn = new_figure(SINGLE_COLUMN, 2.0)
        add_title(drawn, "Li0.2V2O5 and something else " * 3)
        broken = drawn.get_suptitle().splitlines()
        assert len(broken) > 1
        assert " ".join(broken) == with_subscripts("Li0.2V2O5 and something else " * 3).strip()
        add_title(drawn, "Li0.2V2O5 and something else " * 9)
        cut = drawn.get_suptitle().splitlines()
        assert len(cut) == 3
        assert cut[-1].endswith("…")
        add_title(drawn, "x" * 200)
        assert drawn.get_suptitle().replace("\n", "").startswith("x" * 100)


def test_a_long_name_of_a_material_does_not_reach_into_the_other_phase(tmp_path):
    directory = write_result(tmp_path / "r")
    result = ResultData(directory)
    result.summary["electrode"]["material"] = "Li2V2O5_with_a_name_that_goes_on$"
    with house_style():
        drawn = draw_profiles(result, print)
        drawn.draw_without_rendering()
        for axes in drawn.axes[:2]:
            left, right = (text.get_window_extent() for text in axes.texts)
            assert left.x1 < right.x0
