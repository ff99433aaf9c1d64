"""Case files: reading, writing the defaults out, writing and reading again."""

import pickle
import tomllib

import pytest

from scl_fem.case import Case, case_from_dict, dump_case, load_case, resolve
from scl_fem.case.studies import STUDY_KINDS, StudySettings
from scl_fem.errors import InputError
from scl_fem.settings import Settings

TABLES = {
    "study": {"kind": "equilibrium"},
    "mesh": {"kind": "planar", "dimension": 1, "electrode_thickness": "10 nm"},
    "phase": {"electrode": {"material": "LVO", "composition": 0.2}, "electrolyte": {"material": "LAGP"}},
}


def with_phase(**electrode):
    return {**TABLES, "phase": {**TABLES["phase"], "electrode": electrode}}


def write(folder, text):
    path = folder / "case.toml"
    path.write_text(text, encoding="utf-8")
    return path


MINIMAL = """
[study]
kind = "equilibrium"
[mesh]
kind = "planar"
dimension = 1
[phase.electrode]
material = "LVO"
composition = 0.2
[phase.electrolyte]
material = "LAGP"
"""


def test_a_minimal_case_has_every_default(tmp_path):
    case = load_case(write(tmp_path, MINIMAL))
    assert case.temperature == 298.15
    assert (case.interface.law, case.boundary.kind) == ("perfect", "closed")
    assert (case.output.layer_level, case.output.fields, case.output.figures) == (0.25, True, True)
    assert (case.solver.order, case.solver.linear) == (1, "auto")


def test_resolving_finds_the_state_of_each_phase():
    case = resolve(Case(**TABLES))
    assert case.phase.electrode.occupancy == pytest.approx(0.1)
    assert case.phase.electrode.voltage == pytest.approx(3.4)
    assert case.phase.electrode.composition is None
    assert case.phase.electrolyte.occupancy == pytest.approx(5.372 / 13.06)
    assert case.phase.electrolyte.voltage == 3.0
    assert set(case.materials) == {"LVO", "LAGP"}
    assert case.materials["LVO"].diffusivity_law == "vacancy-bulk"
    assert case.mesh.interface_size == 0.0005
    assert case.title == "LVO | LAGP"


@pytest.mark.parametrize(
    ("electrode", "occupancy", "voltage"),
    [
        ({"composition": 1.5}, 0.75, 2.7),
        ({"occupancy": 0.325}, 0.325, 3.2),
        ({"occupancy": 0.325, "voltage": "3 V"}, 0.325, 3.0),
        ({"occupancy": "from-voltage", "voltage": 3.2}, 0.325, 3.2),
        ({"occupancy": 0.97, "voltage": 2.3}, 0.97, 2.3),
    ],
)
def test_ways_to_say_the_state_of_a_phase(electrode, occupancy, voltage):
    phase = resolve(Case(**with_phase(material="LVO", **electrode))).phase.electrode
    assert (phase.occupancy, phase.voltage) == (pytest.approx(occupancy), pytest.approx(voltage))


def test_the_materials_voltage_goes_before_its_curve():
    tables = with_phase(material="LVO", composition=0.2) | {"materials": {"LVO": {"voltage": 3.3}}}
    assert resolve(Case(**tables)).phase.electrode.voltage == 3.3


@pytest.mark.parametrize(
    "study",
    [
        {"kind": "equilibrium"},
        {"kind": "conduction"},
        {"kind": "impedance"},
        {"kind": "transient", "duration": "1 us", "output_times": ["1 ns"]},
    ],
    ids=lambda study: study["kind"],
)
def test_what_is_written_reads_the_same(tmp_path, study):
    resolved = resolve(Case(**TABLES | {"study": study, "title": 'quotes " and µ'}))
    again = load_case(write(tmp_path, dump_case(resolved)))
    assert again == resolved
    assert resolve(again) == resolved
    assert dump_case(again) == dump_case(resolved)


def test_a_resolved_case_does_not_depend_on_the_library():
    resolved = resolve(Case(**TABLES))
    library_free = resolved.to_dict()
    for name, table in library_free["materials"].items():
        table["name"] = f"{name} of then"
    library_free["materials"] = {f"{name}X": table for name, table in library_free["materials"].items()}
    for side in library_free["phase"].values():
        side["material"] += "X"
    again = resolve(Case(**library_free))
    assert again.phase.electrode.voltage == resolved.phase.electrode.voltage
    for key in ("c_max", "permittivity", "defect_energy", "diffusivity", "diffusivity_min"):
        assert getattr(again.materials["LVOX"], key) == getattr(resolved.materials["LVO"], key)


def test_a_material_of_the_case():
    mine = {
        "c_max": 10,
        "occupancy": 0.2,
        "voltage": "3.1 V",
        "permittivity": 10,
        "diffusivity": "1e-13 m^2/s",
    }
    case = resolve(Case(**with_phase(material="mine") | {"materials": {"mine": mine}}))
    assert case.materials["mine"].diffusivity == pytest.approx(1e-9)
    assert (case.phase.electrode.occupancy, case.phase.electrode.voltage) == (0.2, 3.1)


def test_a_path_is_taken_from_the_folder_of_the_case(tmp_path):
    mesh = '[mesh]\nkind = "file"\npath = "x.msh"\ngroups = { electrode = "a", electrolyte = "b" }'
    text = MINIMAL.replace('[mesh]\nkind = "planar"\ndimension = 1', mesh)
    case = resolve(load_case(write(tmp_path, text)))
    assert case.mesh.path == str(tmp_path / "x.msh")
    (tmp_path / "results").mkdir()
    again = load_case(write(tmp_path / "results", dump_case(case)))
    assert again.mesh.path == str(tmp_path / "x.msh")


def test_in_python(tmp_path):
    case = Case(**TABLES).with_overrides({"phase.electrode.voltage": 3.2, "output.fields": False})
    assert (case.phase.electrode.voltage, case.output.fields) == (3.2, False)
    assert case.phase.electrode.composition == 0.2
    assert case_from_dict(TABLES, tmp_path) == Case(**TABLES)
    assert Case(**TABLES | {"mesh": case.mesh}).mesh == case.mesh
    with pytest.raises(InputError, match=r"phase\.electrode\.voltag: unknown key"):
        case.with_overrides({"phase.electrode.voltag": 3.2})


def test_a_case_travels_between_ranks():
    case = resolve(Case(**TABLES))
    assert pickle.loads(pickle.dumps(case)) == case


def test_case_from_dict_leaves_its_argument_alone():
    tables = tomllib.loads(MINIMAL)
    case_from_dict(tables)
    assert tables == tomllib.loads(MINIMAL)


class Start(Settings):
    state: str = "neutral"


class Decay(StudySettings):
    """A study that takes no phases and has a table of its own."""

    unused_tables = frozenset({"phase", "interface", "boundary", "materials"})
    own_tables = {"start": Start}  # noqa: RUF012

    kind: str = "decay"


class Driven(StudySettings):
    """A study with a table of its own and other boundaries."""

    own_tables = {"start": Start}  # noqa: RUF012
    boundary_kinds = ("bulk",)

    kind: str = "driven"


@pytest.fixture
def later_studies(monkeypatch):
    entries = dict(STUDY_KINDS._entries) | {"decay": Decay, "driven": Driven}
    monkeypatch.setattr(STUDY_KINDS, "_entries", entries)


@pytest.mark.usefixtures("later_studies")
def test_a_study_with_its_own_table_and_without_phases(tmp_path):
    tables = {"study": {"kind": "decay"}, "mesh": TABLES["mesh"], "start": {"state": "mixed"}}
    case = resolve(Case(**tables))
    assert case.own_tables["start"].state == "mixed"
    assert case.phase is case.interface is case.boundary is case.materials is None
    assert load_case(write(tmp_path, dump_case(case))) == case
    with pytest.raises(InputError, match="phase: a study of kind 'decay' does not use it"):
        Case(**tables, phase=TABLES["phase"])
    with pytest.raises(InputError, match=r"start\.stat: unknown key"):
        Case(**tables | {"start": {"stat": 1}})


@pytest.mark.usefixtures("later_studies")
def test_a_study_with_its_own_boundaries():
    tables = TABLES | {"study": {"kind": "driven"}}
    case = Case(**tables)
    assert case.boundary.kind == "bulk"
    assert case.own_tables["start"].state == "neutral"
    with pytest.raises(InputError, match="boundary: a study of kind 'driven' cannot do kind 'closed'"):
        Case(**tables, boundary={"kind": "closed"})
    with pytest.raises(InputError, match="start: a study of kind 'equilibrium' does not use it"):
        Case(**TABLES, start={})
