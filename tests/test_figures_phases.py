"""Figures of any phases and carriers: panels, labels, scales, maps; nothing solved."""

from itertools import pairwise

import scl_fem._stack  # noqa: F401
import numpy as np
import pytest
from mpi4py import MPI

# isort: split
from dolfinx import fem

from scl_fem.errors import InputError
from scl_fem.figures import ResultData, plot_result
from scl_fem.figures.blocks import colour_scale, quantities, read_blocks
from scl_fem.figures.cutaway import lay_open
from scl_fem.figures.phases import MISSING_COLOUR, colours_of
from scl_fem.figures.plane import interface_edges, triangles, windows_of
from scl_fem.figures.profiles import draw_profiles
from scl_fem.figures.stack import draw_stack
from scl_fem.figures.style import PHASE_COLOURS, house_style
from scl_fem.mesh import MESH_KINDS
from scl_fem.mesh.distribute import build_domain
from scl_fem.output.fields import FieldWriter
from scl_fem.output.tables import write_summary, write_table
from tests.test_figures import is_drawn, needs_rendering, pixels

PARTS = (("LCO", -8.0, 0.0), ("LNO", 0.0, 1.0), ("LPS", 1.0, 9.0))
LAYERS = [{"phase": name, "thickness": end - start} for name, start, end in PARTS]
STACK = {"layers": LAYERS, "interface_size": 0.3, "growth": 1.5}


def write_result(directory, several=True, dimension=1, parts=PARTS):
    """A result of three phases; of two carriers the second is in the middle alone."""
    directory.mkdir()
    z = np.concatenate([np.linspace(start, end, 40) for _, start, end in parts])
    phase = np.repeat([name for name, _, _ in parts], 40)
    within = phase == parts[1][0]
    columns = {"z_nm": z, "phase": phase, "phi_V": 0.1 * np.sin(z), "c_per_nm3": 1.0 + 0.5 * np.cos(z)}
    columns |= {"occupancy": 0.1 * columns["c_per_nm3"], "mu_e_eV": np.full(z.size, -3.0)}
    columns |= {"sigma_S_per_cm": np.where(within, 1e-9, 1e-4)}
    if several:
        columns["mu_e-_eV"] = np.where(within, -1.0, np.nan)
        columns["occupancy_Li+"] = columns["occupancy"]
        columns["occupancy_n"] = np.where(within, 1e-5 * (1.0 + z), np.nan)
        columns["sigma_Li+_S_per_cm"] = columns["sigma_S_per_cm"]
        columns["sigma_e-_S_per_cm"] = np.where(within, 1e-10, np.nan)
    write_table(directory / "profile.csv", columns)
    names = [name for name, _, _ in parts]
    summary = {
        "version": "1",
        "title": "LiCoO2 | LiNbO3 | Li3PS4",
        "dimension": dimension,
        "phases": {name: {"material": "M", "carriers": {}} for name in names},
        "interfaces": {f"{a}|{b}": {"layer_thickness_nm": 0.2} for a, b in pairwise(names)},
    }
    write_summary(directory / "summary.json", summary)
    return directory


def drawn_stack(directory):
    with house_style():
        return draw_stack(ResultData(directory), print)


def test_a_stack_names_its_phases_and_breaks_its_curves(tmp_path):
    drawn = drawn_stack(write_result(tmp_path / "r", several=False))
    potential, concentration, conductivity = drawn.axes
    assert [text.get_text() for text in potential.texts] == ["LCO", "LNO", "LPS"]
    for axes in drawn.axes:
        curves = [line for line in axes.lines if len(line.get_xdata()) == 40]
        assert [(line.get_xdata()[0], line.get_xdata()[-1]) for line in curves] == [
            (start, end) for _, start, end in PARTS
        ]
        assert len({line.get_color() for line in curves}) == len(PARTS)
        assert axes.get_legend() is None
    assert potential.get_yscale() == concentration.get_yscale() == "linear"
    assert conductivity.get_yscale() == "log"
    assert [each.get_xlim() for each in drawn.axes] == [(-8.0, 9.0)] * 3


def test_carriers_share_a_panel_logarithmic_where_they_span_decades(tmp_path):
    drawn = drawn_stack(write_result(tmp_path / "r"))
    _, occupancies, conductivities, levels = drawn.axes
    for axes, names in (
        (occupancies, ["Li+", "n"]),
        (conductivities, ["Li+", "e-"]),
        (levels, ["Li+", "e-"]),
    ):
        assert [text.get_text() for text in axes.get_legend().get_texts()] == names
    assert occupancies.get_yscale() == conductivities.get_yscale() == "log"
    assert levels.get_yscale() == "linear"
    low, high = occupancies.get_ylim()
    assert low < 1e-5
    assert 0.15 < high < 1.0


def test_a_pair_of_several_carriers_has_the_panel_too(tmp_path):
    parts = (("electrode", -5.0, 0.0), ("electrolyte", 0.0, 5.0))
    alone = write_result(tmp_path / "alone", several=False, parts=parts)
    assert drawn_stack(alone) is None
    both = write_result(tmp_path / "both", parts=parts)
    assert len(drawn_stack(both).axes) == 4
    with house_style():
        assert draw_profiles(ResultData(both), print) is not None
        three = write_result(tmp_path / "three", several=False)
        assert draw_profiles(ResultData(three), print) is None
    assert {path.name for path in plot_result(three)} == {"stack.png"}
    assert is_drawn(three / "stack.png")


def test_names_of_thin_neighbours_do_not_touch(tmp_path):
    parts = (("cathode", -8.0, 0.0), ("coating one", 0.0, 0.4), ("coating two", 0.4, 0.8))
    parts = (*parts, ("electrolyte", 0.8, 9.0))
    drawn = drawn_stack(write_result(tmp_path / "r", several=False, parts=parts))
    boxes = [text.get_window_extent(drawn.canvas.get_renderer()) for text in drawn.axes[0].texts]
    for place, one in enumerate(boxes):
        assert not any(one.overlaps(other) for other in boxes[place + 1 :])


def test_electrode_and_electrolyte_keep_their_colours():
    colours = colours_of(["electrode", "coat", "coat 2", "electrolyte"])
    assert {name: colours[name] for name in PHASE_COLOURS} == PHASE_COLOURS
    assert len(set(colours.values())) == 4
    assert len(colours_of(map(str, range(20)))) == 20


def write_fields(directory, kind, dimension, second="LNO", **keys):
    """Fields of phases, one of them with a second carrier; the profile goes."""
    (directory / "profile.csv").unlink(missing_ok=True)
    domain = build_domain(MESH_KINDS[kind](dimension=dimension, **keys), MPI.COMM_SELF)
    space = fem.functionspace(domain.mesh, ("Lagrange", 1))
    x = space.tabulate_dof_coordinates()
    fields = {
        tag: {"phi_V": 0.1 * x[:, 0], "c_per_nm3": 1.0 + number + 0.0 * x[:, 0]}
        for number, tag in enumerate(domain.phases)
    }
    if second:
        for each in fields.values():
            each["occupancy_Li+"] = 0.1 * each["c_per_nm3"]
        fields[second]["occupancy_n"] = 1e-6 * np.exp(x[:, 0])
    FieldWriter(directory, domain, space).write(fields)
    return domain


def test_blocks_are_read_by_the_names_of_phases(tmp_path):
    directory = write_result(tmp_path / "r", dimension=2)
    domain = write_fields(directory, "stack", 2, **STACK)
    blocks = read_blocks(directory)
    assert list(blocks) == list(domain.phases) == ["LCO", "LNO", "LPS"]
    for number, block in enumerate(blocks.values()):
        assert set(np.asarray(block["c_per_nm3"])) == {1.0 + number}
        assert set(np.asarray(block.cell_data["phase"])) == {1 + number}
    shown = quantities(blocks)
    assert [each.name for each in shown] == ["phi_V", "occupancy_Li+", "occupancy_n"]
    # on the scale of the phases that have it
    scale = colour_scale(blocks, shown[2])
    assert (scale.vmin, scale.vmax) == pytest.approx((0.0, 1e-6 * np.e), rel=1e-6)
    edges = interface_edges({name: triangles(block) for name, block in blocks.items()})
    assert sorted(set(np.round(edges[:, :, 0].ravel(), 9))) == [0.0, 1.0]


def test_a_map_shows_every_interface_and_greys_what_a_phase_lacks(tmp_path):
    directory = write_result(tmp_path / "r", dimension=2)
    long = [LAYERS[0], {"phase": "LNO", "thickness": 6.0}, LAYERS[2]]
    write_fields(directory, "stack", 2, **{**STACK, "layers": long})
    blocks = {name: triangles(block) for name, block in read_blocks(directory).items()}
    whole = windows_of(blocks, interface_edges(blocks), 0.0)[0]
    assert (whole.left, whole.right) == pytest.approx((-1.0, 7.0))
    assert plot_result(directory) == [directory / "fields.png"]
    assert is_drawn(directory / "fields.png")
    grey = np.array([int(MISSING_COLOUR[k : k + 2], 16) for k in (1, 3, 5)]) / 255.0
    assert (np.abs(pixels(directory / "fields.png") - grey).max(axis=2) < 0.01).mean() > 0.01


COATED = {
    "radius": 1.0,
    "box_size": 6.0,
    "interface_size": 0.25,
    "growth": 1.5,
    "coating": {"phase": "coat", "thickness": 0.5},
}


def test_a_coated_particle_is_laid_open_with_its_coating(tmp_path):
    directory = write_result(tmp_path / "r", dimension=3)
    write_fields(directory, "particle", 3, second="", **COATED)
    skins = lay_open(list(read_blocks(directory).values()))
    assert len(skins) == 3
    # 1.3 times the coating, not the particle, is shown around it
    assert np.ptp(np.array(skins[2].surface.bounds).reshape(3, 2), axis=1).max() == pytest.approx(
        1.3 * 3.0, rel=0.05
    )


@needs_rendering
def test_views_of_three_phases(tmp_path):
    directory = write_result(tmp_path / "r", dimension=3)
    write_fields(directory, "particle", 3, second="coat", **COATED)
    assert plot_result(directory) == [directory / "fields.png"]
    assert is_drawn(directory / "fields.png")


def test_parts_without_a_name_are_told(tmp_path):
    directory = write_result(tmp_path / "r", dimension=2)
    write_fields(directory, "stack", 2, **STACK)
    text = (directory / "fields.pvd").read_text()
    (directory / "fields.pvd").write_text(text.replace('name="LNO"', ""))
    with pytest.raises(InputError, match="does not name each of its parts"):
        read_blocks(directory)
