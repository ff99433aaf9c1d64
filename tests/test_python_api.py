"""The Python interface: what a script or a notebook does, against the same from a case file."""

import inspect
import subprocess
import sys
from pathlib import Path

import matplotlib.figure
import numpy as np
import pandas as pd
import pytest

import scl_fem as scl
from scl_fem import constructors
from scl_fem.case import boundary, interface
from scl_fem.case.exsy import ExsySettings, ExsyStudy
from scl_fem.case.output import OutputSettings
from scl_fem.case.phases import PhaseSettings
from scl_fem.case.studies import ConductionStudy, EquilibriumStudy
from scl_fem.case.transport import ImpedanceStudy, InitialSettings, TransientStudy
from scl_fem.materials import Material
from scl_fem.materials.carrier import CarrierSettings
from scl_fem.mesh.cube import CubeMesh
from scl_fem.mesh.file import FileMesh
from scl_fem.mesh.particle import ParticleMesh
from scl_fem.mesh.planar import PlanarMesh
from scl_fem.mesh.rough import RoughMesh
from scl_fem.mesh.stack import StackMesh
from scl_fem.solvers.settings import SolverSettings

ROOT = Path(scl.__file__).parents[1]
COARSE = {"interface_size": 0.05, "growth": 1.3}

TABLES = {
    scl.Phase: PhaseSettings,
    scl.Material: Material,
    scl.Output: OutputSettings,
    scl.Solver: SolverSettings,
    scl.Initial: InitialSettings,
    scl.TaggedExchange: ExsySettings,
    scl.Equilibrium: EquilibriumStudy,
    scl.Conduction: ConductionStudy,
    scl.Impedance: ImpedanceStudy,
    scl.Transient: TransientStudy,
    scl.Exsy: ExsyStudy,
    scl.Perfect: interface.PerfectContact,
    scl.Exchange: interface.ExchangeInterface,
    scl.Layer: interface.LayerInterface,
    scl.Closed: boundary.ClosedBoundary,
    scl.Bulk: boundary.BulkBoundary,
    scl.Metal: boundary.MetalContact,
    scl.Sites: interface.InterfaceSites,
    scl.Carrier: CarrierSettings,
    scl.Current: boundary.CurrentBoundary,
    scl.Voltage: boundary.VoltageBoundary,
}
GEOMETRIES = {
    scl.planar: PlanarMesh,
    scl.rough: RoughMesh,
    scl.particle: ParticleMesh,
    scl.cube: CubeMesh,
    scl.from_file: FileMesh,
    scl.stack: StackMesh,
}
BESIDE_THE_MESH = set(
    "study title temperature interface interfaces boundary contacts components".split()
    + "initial exsy materials output solver".split()
)


def lvo():
    return scl.Phase("LVO", composition=0.2, voltage=3.4)


def coarse(study=None, **tables):
    return scl.planar(lvo(), scl.Phase("LAGP"), study, **COARSE, **tables)


@pytest.fixture(scope="module")
def result():
    return coarse().run()


@pytest.fixture(scope="module")
def forming():
    return coarse(scl.Transient("1 ns", output_times=["0.1 ns"])).run()


@pytest.mark.parametrize(("function", "model"), TABLES.items(), ids=lambda each: each.__name__)
def test_a_constructor_takes_every_key_of_its_table(function, model):
    assert set(inspect.signature(function).parameters) == set(model.model_fields) - {"kind", "law"}


@pytest.mark.parametrize(("function", "model"), GEOMETRIES.items(), ids=lambda each: each.__name__)
def test_a_geometry_takes_every_key_of_its_mesh_and_every_table(function, model):
    keys = set(model.model_fields) - {"kind"}
    phases = {"phases"} if function is scl.stack else {"electrode", "electrolyte"}
    if function in (scl.particle, scl.from_file):
        phases |= {"phases"}
    if function is scl.from_file:  # what happens at contacts is called so already
        keys = keys - {"contacts"} | {"contact_groups"}
    assert set(inspect.signature(function).parameters) == keys | phases | BESIDE_THE_MESH
    assert set(scl.Case.model_fields) - {"mesh", "phase", "own_tables"} <= BESIDE_THE_MESH


@pytest.mark.parametrize("name", constructors.__all__)
def test_every_argument_is_explained_at_the_cursor(name):
    function = getattr(scl, name)
    for argument in inspect.signature(function).parameters:
        assert f"\n    {argument}: " in inspect.getdoc(function)


def test_a_case_from_python_is_the_case_of_the_file():
    made = scl.planar(
        electrode=scl.Phase("LVO", composition=0.2, voltage=3.4),
        electrolyte=scl.Phase("LAGP"),
        study=scl.Equilibrium(),
        title="Li0.2V2O5 | LAGP, one dimension",
        electrode_thickness="1e-8 m",
    )
    read = scl.load_case(ROOT / "cases" / "lvo_lagp_x0.2_1d.toml")
    assert scl.resolve(made) == scl.resolve(read)
    again = scl.case_from_dict(made.to_dict())
    assert again == made
    assert made.with_overrides({"phase.electrode.voltage": 3.2}).phase.electrode.voltage == 3.2


def test_each_table_reaches_the_case():
    case = scl.planar(
        lvo(),
        scl.Phase("GLASS"),
        scl.Transient("1 us", method="euler"),
        temperature="0 degC",
        interface=scl.Layer("1 nm", "1e-6 S/cm", dipole="10 mV"),
        boundary=scl.Current([(0, 0), ("1 us", "1 A/cm^2")]),
        initial=scl.Initial("equilibrium"),
        materials={"GLASS": scl.Material(c_max=10, permittivity=20, diffusivity=1e-9, voltage=3)},
        output=scl.Output(layer_level=0.1),
        solver=scl.Solver(order=2),
    )
    assert case.temperature == 273.15
    assert (case.interface.thickness, case.interface.dipole) == (1.0, 0.01)
    assert case.boundary.current_density == ((0.0, 0.0), (1e-6, 1000.0))
    assert case.own_tables["initial"].state == "equilibrium"
    assert case.materials["GLASS"].permittivity == 20.0
    assert (case.output.layer_level, case.solver.order, case.study.method) == (0.1, 2, "euler")
    cube = scl.cube("65 nm", study=scl.Exsy("1 s"), exsy=scl.TaggedExchange(diffusivity="1e-12 cm^2/s"))
    assert scl.resolve(cube).mesh.cell == "tensor"


def test_a_mesh_file_is_looked_for_where_one_is(monkeypatch):
    monkeypatch.chdir(ROOT / "meshes")
    case = scl.from_file(
        "planar_2d.msh", lvo(), scl.Phase("LAGP"), groups={"electrode": "a", "electrolyte": "b"}
    )
    assert case.mesh.path == str(ROOT / "meshes" / "planar_2d.msh")


@pytest.mark.parametrize(
    ("call", "near"),
    [
        (lambda: scl.Phase("LVO", compositon=0.2), "composition"),
        (lambda: scl.planar(electrod=lvo()), "electrode"),
        (lambda: scl.Impedance(frequency_strat=1), "frequency_start"),
    ],
)
def test_a_misspelt_argument_is_named_with_the_nearest(call, near):
    with pytest.raises(TypeError, match=rf"did you mean {near}"):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: scl.Phase("LVO", voltage="3 nm"), r"^voltage: '3 nm' is in nm"),
        (lambda: coarse(electrode_thickness=-1), r"^mesh.electrode_thickness: must be greater than 0 nm"),
        (lambda: scl.rough(lvo(), scl.Phase("LAGP"), dimension=1), r"^mesh.dimension: .*no one-dimensional"),
        (lambda: scl.planar(lvo()), r"^phase.electrolyte: is missing"),
        (lambda: scl.cube(65, study=scl.Exsy("1 s")), r"^exsy: is missing"),
        (lambda: scl.OpenCircuit(lambda x: 1 / (x - 0.5)), r"fails at an occupancy of 0.5"),
        (lambda: scl.OpenCircuit(lambda x: 3.0 + (x > 0.3)), r"too steep near an occupancy of 0.3"),
        (lambda: scl.OpenCircuit(lambda x: np.nan), r"not finite at an occupancy of 0.001"),
        (lambda: scl.OpenCircuit(np.cos, between=(0, 2)), r"none of occupancies"),
    ],
)
def test_wrong_values_are_input_errors(call, message):
    with pytest.raises(scl.InputError, match=message):
        call()


def test_a_misspelt_function_is_named_with_the_nearest():
    with pytest.raises(AttributeError, match="did you mean planar"):
        scl.planer  # noqa: B018


def test_nothing_heavy_is_loaded_before_a_run():
    code = (
        "import sys, scl_fem as scl; names = set(sys.modules)\n"
        "assert not names & {'numpy', 'pydantic'}, names\n"
        "case = scl.planar(scl.Phase('LVO', composition=0.2, voltage=3.4), scl.Phase('LAGP'))\n"
        "scl.load_result, scl.sweep, scl.diffusivity\n"
        "heavy = 'dolfinx petsc4py pyvista gmsh matplotlib meshio h5py scipy pint pandas'.split()\n"
        "print(*(set(sys.modules) & set(heavy)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_a_result_is_ten_lines(result):
    lines = repr(result).splitlines()
    assert len(lines) <= 10
    assert max(map(len, lines)) < 120
    assert f"{result['layer_resistance_ohm_cm2']:.4g}" in repr(result)
    assert lines[0].startswith("LVO | LAGP: equilibrium, 1D")
    page = result._repr_html_()
    assert f"<td>{result['layer_resistance_ohm_cm2']:.4g}</td>" in page


def test_remarks_are_shown_and_markup_in_them_is_not_obeyed(result, tmp_path):
    summary = {**result.summary, "remarks": ["<b>off</b> by 3 %", "more"]}
    remarked = scl.Result(None, summary, result.tables, tmp_path)
    assert "remark: <b>off</b> by 3 % (and 1 more: .remarks)" in repr(remarked).splitlines()[-1]
    assert len(repr(remarked).splitlines()) <= 10
    assert "<li>&lt;b&gt;off&lt;/b&gt; by 3 %</li><li>more</li>" in remarked._repr_html_()


def test_numbers_by_key(result):
    summary = result.summary
    assert result["layer_resistance_ohm_cm2"] == summary["layer_resistance_ohm_cm2"]
    assert result["electrode.occupancy_bulk"] == summary["electrode"]["occupancy_bulk"]
    assert result["electrode.thickness_nm.25%"] == summary["electrode"]["thickness_nm"]["25%"]
    assert result["electrode"] == summary["electrode"]
    assert "electrode.occupancy_bulk" in list(result)
    assert "electrode.occupancy_bulk" in result
    assert "nothing" not in result
    with pytest.raises(KeyError, match="did you mean layer_resistance_ohm_cm2"):
        result["layer_resistnce_ohm_cm2"]
    with pytest.raises(KeyError, match=r"did you mean profile.csv"):
        result.table("profil")


def test_tables_are_frames_where_pandas_is_there(result, monkeypatch):
    assert isinstance(result.profile, pd.DataFrame)
    assert result.profile["phi_V"].to_numpy() == pytest.approx(result.tables["profile.csv"]["phi_V"])
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert result.profile is result.tables["profile.csv"]


def test_fields_are_in_memory_as_they_are_on_the_disk(tmp_path):
    written = coarse(output=scl.Output(figures=False)).run(tmp_path / "result")
    read = scl.load_result(tmp_path / "result")
    assert read.times == written.times == [0.0]
    for phase in ("electrode", "electrolyte"):
        mine, other = written.fields[phase], read.fields[phase]
        assert mine.n_cells == other.n_cells > 0
        assert mine.points == pytest.approx(other.points)
        assert set(mine.array_names) == set(other.array_names)
        for name in mine.array_names:
            assert mine[name] == pytest.approx(other[name])


def test_fields_of_a_study_in_time(forming):
    assert forming.times == [1e-10, 1e-9]
    early, late = forming.fields[0], forming.fields_at(1e-9)
    assert late is forming.fields[1] or late["electrode"]["phi_V"] == pytest.approx(
        forming.fields[1]["electrode"]["phi_V"]
    )
    assert not np.allclose(early["electrode"]["c_per_nm3"], late["electrode"]["c_per_nm3"])
    with pytest.raises(scl.InputError, match="no fields at 1e-07 s"):
        forming.fields_at(1e-7)


def test_figures_without_a_folder(result, forming):
    for each, names in (
        (result, [None, "profiles", "conductivity"]),
        (forming, [None, "history", "formation"]),
    ):
        for name in names:
            figure = each.plot(name)
            assert isinstance(figure, matplotlib.figure.Figure)
            assert figure.axes
    with pytest.raises(scl.InputError, match=r"nothing to show in the figure 'nyquist' \(allowed: "):
        result.plot("nyquist")
    with pytest.raises(scl.InputError, match="did you mean profiles"):
        result.plot("profile")
    with pytest.raises(scl.InputError, match="was not written"):
        result.write_figures()


def test_curves_in_axes_that_are_there(result):
    figure = matplotlib.figure.Figure()
    axes = figure.subplots()
    spectrum = coarse(scl.Impedance(points_per_decade=1)).run()
    assert spectrum.plot("nyquist", ax=axes, label="mine", color="red") is figure
    (line,) = axes.lines
    assert line.get_ydata() == pytest.approx(-spectrum.tables["impedance.csv"]["Z_im_ohm_cm2"])
    assert (line.get_label(), line.get_color()) == ("mine", "red")
    with pytest.raises(scl.InputError, match="has no curve 'nyquist'"):
        result.plot("nyquist", ax=axes)
    assert len(axes.lines) == 1


def test_a_result_comes_back_from_its_folder(tmp_path):
    folder = tmp_path / "result"
    first = scl.run(coarse(), folder)
    again = scl.load_result(folder)
    assert again["layer_resistance_ohm_cm2"] == first["layer_resistance_ohm_cm2"]
    assert again.tables["profile.csv"]["phi_V"] == pytest.approx(first.tables["profile.csv"]["phi_V"], abs=0)
    assert again.case == first.case
    assert again.plot().axes
    assert {path.name for path in again.write_figures()} == {"profiles.png", "conductivity.png"}
    with pytest.raises(scl.InputError, match="read from a folder"):
        again.study  # noqa: B018
    with pytest.raises(scl.InputError, match="holds no result"):
        scl.load_result(tmp_path)


def test_run_takes_the_path_of_a_file(tmp_path):
    file = tmp_path / "case.toml"
    file.write_text(scl.dump_case(coarse()))
    assert scl.run(file)["potential_step_V"] == pytest.approx(0.4)
    assert scl.run(str(file)).directory is None


def test_a_sweep_without_a_directory(monkeypatch):
    table = scl.sweep(coarse(), {"phase.electrode.voltage": [3.2, "3300 mV"]})
    assert table.directory is None
    assert table["phase.electrode.voltage"].tolist() == [3.2, 3.3]
    frame = table.to_dataframe()
    assert frame["layer_resistance_ohm_cm2"].tolist() == table["layer_resistance_ohm_cm2"].tolist()
    assert f"{table['layer_resistance_ohm_cm2'][1]:.6g}" in repr(table).splitlines()[-1]
    assert "<th>phase.electrode.voltage (V)</th>" in table._repr_html_()
    with pytest.raises(KeyError, match="did you mean layer_resistance_ohm_cm2"):
        table["layer_resistence_ohm_cm2"]
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(scl.InputError, match="pip install pandas"):
        table.to_dataframe()
    with pytest.raises(scl.InputError, match="kept in a directory"):
        scl.sweep(coarse(), {"temperature": [300]}, keep_fields=True)


def test_types_are_told():
    assert (ROOT / "scl_fem" / "py.typed").is_file()
