"""Wrong cases: one message that names file, key, what is wrong and what is allowed."""

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scl_fem.case import case_from_dict, dump_case, load_case, resolve
from scl_fem.case.overrides import set_value
from scl_fem.errors import InputError

GOOD = """
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


@pytest.fixture
def case_file(tmp_path):
    path = tmp_path / "case.toml"
    path.write_text(GOOD)
    return path


def message(path, *overrides):
    with pytest.raises(InputError) as caught:
        resolve(load_case(path, overrides))
    text = str(caught.value)
    assert "pydantic" not in text
    assert "Input should" not in text
    return text


@pytest.mark.parametrize(
    ("override", "parts"),
    [
        ("mesh.kind=cub", ["mesh.kind: ", "unknown mesh kind 'cub'", "did you mean cube", "planar"]),
        ("mesh.growht=2", ["mesh.growht: ", "did you mean growth"]),
        ("mesh.growth=-1", ["mesh.growth: must be greater than 0, not -1"]),
        ("mesh.electrode_thickness='3 V'", ["mesh.electrode_thickness", "does not convert to nm"]),
        ("mesh.dimension=4", ["mesh.dimension: ", "(allowed: 1, 2, 3)"]),
        ("mesh=3", ["mesh: must be a table", "kind ="]),
        ("mesh={}", ["mesh.kind: is missing", "planar"]),
        ("mesh={kind='particle', dimension=1}", ["mesh.dimension: ", "one-dimensional"]),
        ("study.kind=equilibrum", ["study.kind: ", "did you mean equilibrium"]),
        ("study.kind=transient", ["study.duration: is missing"]),
        ("study.duration=1", ["study.duration: unknown key"]),
        ("phase.electrod.material=LVO", ["phase.electrod: ", "did you mean electrode"]),
        ("phase.electrode.material=LV", ["phase.electrode.material: ", "did you mean LVO", "LAGP"]),
        ("phase.electrode.occupancy=1", ["phase.electrode.occupancy: ", "must be less than 1"]),
        ("phase.electrode.occupancy=from-voltag", ['or "from-voltage"']),
        ("phase.electrode.occupancy=0.1", ["phase.electrode: composition and occupancy both"]),
        ("phase.electrode.composition=2.5", ["phase.electrode.composition: ", "outside the table, 0.2 to 2"]),
        ("phase.electrode={}", ["phase.electrode.material: is missing"]),
        (
            "phase.electrode={material='LVO'}",
            ["phase.electrode.occupancy: is missing", "no default occupancy"],
        ),
        ("phase.electrode={material='LVO', occupancy=0.97}", ["phase.electrode.voltage: ", "0.1 to 0.95"]),
        ("phase.electrolyte.occupancy=from-voltage", ["open-circuit curve", "LAGP does not have"]),
        ("phase.electrolyte.composition=1", ["phase.electrolyte.composition: ", "no table of compositions"]),
        ("phase.electrolyte.material=LLZO", ["phase.electrolyte.voltage: ", "materials.LLZO.voltage"]),
        ("materials.LVO.permittivty=3", ["materials.LVO.permittivty: ", "did you mean permittivity"]),
        ("materials.LVO.permittivity=-3", ["materials.LVO.permittivity: ", "greater than 0"]),
        ("materials.LVOO.permittivity=3", ["materials.LVOO: unknown material", "did you mean LVO"]),
        ("materials.LAGP.bulk_concentration=50", ["materials.LAGP.bulk_concentration: ", "c_max = 13.06"]),
        ("materials.LVO=3", ["materials.LVO: must be a table"]),
        ("interface.law=exchange", ["interface.exchange_current_density: is missing"]),
        ("interface.thickness=1", ["interface.law: is missing"]),
        ("boundary.kind=voltage", ["boundary.voltage: is missing"]),
        ("temperature=-3", ["temperature: must be greater than 0 K, not -3"]),
        ("temperature=true", ["temperature: must be a number, not true"]),
        ("output.fields='no'", ['output.fields: cannot be "no"', "true or false"]),
        ("output.layer_level=1", ["output.layer_level: ", "less than 1"]),
        ("solver.order=3", ["solver.order: ", "1, 2"]),
        ("solver.linear=fast", ['"auto", "direct", "iterative"']),
        ("solver.tolerance=0", ["solver.tolerance: must be greater than 0"]),
        ("solver.max_iterations=0", ["solver.max_iterations: must be at least 1"]),
        ("solver.petsc={a=[1]}", ["solver.petsc.a: cannot be [1]"]),
        ("initial.state=neutral", ["initial: a study of kind 'equilibrium' does not use it"]),
        ("boundry.kind=closed", ["boundry: ", "did you mean boundary"]),
        ("title=3", ["title: ", "a string"]),
    ],
)
def test_wrong_values(case_file, override, parts):
    text = message(case_file, override)
    assert "\n" not in text
    for part in parts:
        assert part in text


def test_every_mistake_is_listed_with_its_place(case_file):
    case_file.write_text(GOOD.replace("dimension = 1", "dimension = 7").replace("composition", "compositon"))
    lines = message(case_file, "temperature=-3").splitlines()
    assert len(lines) == 3
    assert lines[0].startswith(f"{case_file} with --set temperature=-3: temperature: ")
    assert lines[1].startswith(f"{case_file}: mesh.dimension: ")
    assert lines[2].startswith(f"{case_file}: phase.electrode.compositon: unknown key")


@pytest.mark.parametrize("override", ["study.durations=3", "study.duration=-1"])
def test_a_mistake_in_the_study_says_nothing_of_tables(tmp_path, override):
    path = tmp_path / "exsy.toml"
    study = "kind = 'exsy'\nduration = 1\n"
    path.write_text(f"[study]\n{study}[mesh]\nkind = 'cube'\ndimension = 3\nparticle_size = 100\n")
    mistakes = message(path, override).splitlines()
    assert len(mistakes) == 1
    assert "study.duration" in mistakes[0]


def test_the_same_of_a_resolved_case(case_file):
    lines = message(
        case_file, "phase.electrode.composition=3", "phase.electrolyte.material=LLZO"
    ).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "phase.electrode.composition",
        "phase.electrolyte.voltage",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("voltage", "cannot read 'voltage'"),
        ("=3", "cannot read the key ''"),
        ("a b=3", "cannot read the key 'a b'"),
        ("a..b=3", "cannot read the key"),
        ("title.x=3", "title: "),
        ("mesh={kind=", "is not a TOML value"),
        ("temperature.x.y=3", "temperature: "),
        ("study.kind.x=3", "study.kind: is not a table"),
    ],
)
def test_overrides_that_are_none(case_file, text, words):
    assert words in message(case_file, text)


def test_overrides_take_toml_values_or_strings(case_file):
    case = load_case(
        case_file,
        [
            "temperature=25 degC",
            "title = two words",
            "output.fields=false",
            "solver={order=2}",
            '"title"="x"',
        ],
    )
    assert (case.temperature, case.title, case.output.fields, case.solver.order) == (298.15, "x", False, 2)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[study\n", "is not TOML: "),
        (b"title = 'a'\ntitle = 'b'\n", "(at line 2"),
        (b"\xff\xfe\x00", "not a text file in UTF-8"),
        (b"", "study: is missing"),
    ],
)
def test_files_that_are_no_case(tmp_path, content, words):
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    text = message(path)
    assert words in text
    assert text.startswith(str(path))


def test_files_that_are_not_there(tmp_path):
    assert message(tmp_path / "none.toml") == f"{tmp_path / 'none.toml'}: there is no such file"
    assert "is a directory" in message(tmp_path)


def test_a_file_of_another_editor(tmp_path):
    path = tmp_path / "windows.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load_case(path).phase.electrode.material == "LVO"


KEYS = [
    "study",
    "mesh",
    "phase",
    "kind",
    "electrode",
    "material",
    "materials",
    "LVO",
    "x",
    "solver",
    "petsc",
    "0",
]
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(
        ["1 nm", "planar", "particle", "file", "LVO", "from-voltage", "inf", "9^9^9 V", "nan K"]
    )
    | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=6,
)
PATHS = """
    title temperature study study.kind mesh mesh.kind mesh.dimension mesh.growth mesh.path mesh.groups
    mesh.electrode_thickness phase phase.electrode phase.electrode.material phase.electrode.composition
    phase.electrode.occupancy phase.electrode.voltage interface interface.law boundary boundary.kind
    output.fields output.layer_level solver solver.order solver.petsc solver.tolerance materials
    materials.LVO materials.LVO.c_max materials.LVO.composition materials.LVO.open_circuit.voltage
    materials.LVO.defect_law materials.LVO.sources materials.NEW nonsense
"""


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(PATHS.split()), JUNK, min_size=1, max_size=3))
def test_whatever_stands_in_a_case_it_is_accepted_or_refused_in_words(values):
    tables = tomllib.loads(GOOD)
    try:
        for path, value in values.items():
            set_value(tables, path.split("."), value)
        dump_case(resolve(case_from_dict(tables)))
    except InputError as error:
        text = str(error)
        assert text
        assert "pydantic" not in text
        assert "Input should" not in text


@pytest.mark.parametrize("phase", ["electrode", "electrolyte"])
def test_both_phases_have_the_same_words(case_file, phase):
    text = message(case_file, f"phase.{phase}.x=1")
    assert f"phase.{phase}.x: unknown key 'x' (allowed: composition, diffusivity_factor, " in text
    assert text.endswith("material, occupancy, reference, sites_factor, thermodynamics, voltage)")
    text = message(case_file, f"phase.{phase}.voltage=abc")
    assert "a number in V, or a string with its unit" in text
    text = message(case_file, f"phase.{phase}={{material='LVO', composition=1, occupancy=0.3}}")
    assert f"phase.{phase}: composition and occupancy both say" in text
