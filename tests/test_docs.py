"""What README.md and docs/ say, against what the program does."""

import importlib.util
import re
import shlex
import sys
import tomllib
from pathlib import Path

import pytest
import typer

import scl_fem
from scl_fem.case import case_from_dict, load_case, resolve
from scl_fem.cli.app import app
from scl_fem.errors import InputError
from scl_fem.figures import FIGURES
from scl_fem.results.text import summary_lines
from scl_fem.studies.phases import phases_of
from scl_fem.studies.run import run_case
from tests.support.laws import own_laws  # noqa: F401  (a fixture)

ROOT = Path(scl_fem.__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
RESULTS = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
STACKS = (ROOT / "docs" / "stacks.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "benchmarks" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

COARSE = ["mesh.interface_size=0.05", "mesh.growth=1.3"]
CASE = ROOT / "cases" / "lvo_lagp_x0.2_1d.toml"


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands(page: Path) -> list[list[str]]:
    """Arguments of every scl-fem command in the page's shell blocks, mpirun and docker taken off."""
    lines = "\n".join(blocks(page.read_text(encoding="utf-8"), "sh")).splitlines()
    found = []
    for line in lines:
        words = shlex.split(line, comments=True)
        names = [number for number, word in enumerate(words) if word.endswith("scl-fem")]
        if names and "build" not in words:
            found.append(words[names[-1] + 1 :])
    return found


def named_in(text: str) -> set[str]:
    return {name.strip('"') for name in re.findall(r"`([^`\n]+)`", text)}


def all_keys(table: dict) -> set[str]:
    inner = [all_keys(value) for value in table.values() if isinstance(value, dict)]
    return set(table).union(*inner) if inner else set(table)


def names_of_parts(summary: dict) -> set[str]:
    """Keys that are names of the case: of phases, interfaces, contacts, and of Li+."""
    return {name for part in ("phases", "interfaces", "contacts") for name in summary[part]} | {"Li+"}


def module_at(path: Path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def default_run():
    return run_case(load_case(CASE))


@pytest.mark.parametrize(
    "overrides",
    [
        [],
        ["study.kind=conduction"],
        ["boundary.kind=bulk"],
        ["output.layer_level=0.1"],
        ["study.kind=transient", "study.duration=1e-10"],
        ["study.kind=impedance", "study.points_per_decade=1"],
    ],
    ids=lambda overrides: " ".join(overrides) or "as it is",
)
def test_every_key_of_a_summary_is_explained(overrides):
    result = run_case(load_case(CASE, [*COARSE, *overrides]))
    stages = set(result.summary["timings_s"])
    names = names_of_parts(result.summary)
    unexplained = all_keys(result.summary) - stages - names - named_in(RESULTS)
    assert not unexplained
    assert not {column for table in result.tables.values() for column in table} - named_in(RESULTS)
    assert not set(result.tables) - named_in(RESULTS)


def test_every_key_of_a_cell_of_any_phases_is_explained():
    tables = tomllib.loads(blocks(STACKS, "toml")[0])
    tables["mesh"]["interface_size"] = 0.01
    summary = run_case(case_from_dict(tables)).summary
    names = names_of_parts(summary)
    assert not all_keys(summary) - set(summary["timings_s"]) - names - named_in(RESULTS)


def test_every_stage_column_and_file_is_explained(tmp_path):
    case = load_case(CASE, [*COARSE, "study.kind=conduction", "output.figures=false"])
    result = run_case(case, tmp_path / "result")
    assert not set(result.summary["timings_s"]) - named_in(RESULTS)
    assert not set(result.tables["profile.csv"]) - named_in(RESULTS)
    written = {path.name + "/" * path.is_dir() for path in (tmp_path / "result").iterdir()}
    assert not written - named_in(RESULTS)
    for _, phases in result.study.field_steps():
        assert not {name for fields in phases.values() for name in fields} - named_in(RESULTS)


def test_every_figure_is_explained():
    unexplained = {f"{stem}.png" for stem in FIGURES} - named_in(RESULTS)
    assert not unexplained


def test_what_make_run_prints(default_run):
    printed = blocks(README, "text")[0].splitlines()
    # first line: seconds; errors at round-off: their digits mean nothing
    lines = [line for line in summary_lines(default_run.summary)[1:] if "(relative)" not in line]
    assert not [line for line in lines if line not in printed]


def test_the_case_of_the_readme_runs():
    text = blocks(README, "toml")[0]
    tables = tomllib.loads(text)
    tables["mesh"] |= {"interface_size": 0.02, "growth": 1.2}
    summary = run_case(case_from_dict(tables)).summary
    assert summary["converged"]
    assert summary["potential_step_V"] == pytest.approx(0.7)


def test_the_readme_says_no_wrong_defaults():
    case = case_from_dict(tomllib.loads(blocks(README, "toml")[0]))
    assert case.interface.law == "perfect"
    bare = {key: value for key, value in case.to_dict(exclude_unset=True).items()}
    for table in ("temperature", "interface", "boundary", "output"):
        bare.pop(table)
    assert resolve(case_from_dict(bare)) == resolve(case)


NEEDED = {
    "study.kind",
    "mesh.kind",
    *(f"phase.{phase}.{key}" for phase in ("electrode", "electrolyte") for key in ("material", "voltage")),
    *(
        f"materials.{material}.{key}"
        for material in ("MYOXIDE", "MYGLASS")
        for key in ("c_max", "occupancy", "permittivity", "diffusivity")
    ),
}
"""Keys of the README's case that have no default."""

IF_PRESENT = {"interface.law", "boundary.kind"}
"""Those that have none in a table that is there, and the table may be left out."""


def without(tables: dict, path: list[str]) -> dict:
    name, *rest = path
    if not rest:
        return {key: value for key, value in tables.items() if key != name}
    return {**tables, name: without(tables[name], rest)}


def is_complete(tables: dict) -> bool:
    try:
        phases_of(resolve(case_from_dict(tables)))
    except InputError:
        return False
    return True


def paths(tables: dict) -> list[list[str]]:
    inner = [
        [name, *path] for name, table in tables.items() if isinstance(table, dict) for path in paths(table)
    ]
    return [[name] for name in tables] + inner


def test_the_readme_says_what_has_no_default():
    tables = tomllib.loads(blocks(README, "toml")[0])
    refused = {".".join(path) for path in paths(tables) if not is_complete(without(tables, path))}
    holders = {".".join(key.split(".")[:depth]) for key in NEEDED for depth in (1, 2)}
    assert refused == NEEDED | holders | IF_PRESENT
    said = re.search(r"What a case cannot do without: (.*?)`scl-fem check", README, re.DOTALL)[1]
    keys = {
        key if key.split(".")[0] in ("study", "mesh") else key.split(".")[-1] for key in NEEDED | IF_PRESENT
    }
    assert not keys - set(re.findall(r"`([^`\n]+)`", said))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_parse(page):
    command = typer.main.get_command(app)
    for arguments in commands(page):
        if arguments and not arguments[0].startswith("-"):
            sub = command.commands[arguments[0]]
            sub.make_context(arguments[0], list(arguments[1:]))
    if page == PAGES[0]:
        assert len(commands(page)) >= 8


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_do_not_stand_in_each_others_way(page):
    """One after the other they run: none writes where one before it has left a result."""
    written = set()
    for arguments in commands(page):
        if arguments[:1] != ["run"] or {"--overwrite", "--restart"} & set(arguments):
            continue
        folder = arguments[arguments.index("-o") + 1] if "-o" in arguments else Path(arguments[1]).stem
        assert folder not in written, arguments
        written.add(folder)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_cases_that_are_named_exist(page):
    for name in re.findall(r"\bcases/[\w.]+\.toml", page.read_text(encoding="utf-8")):
        assert (ROOT / name).is_file(), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_the_comparison_with_the_paper(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    paper = module_at(ROOT / "benchmarks" / "paper.py")
    shown = []
    for line in README.partition("python -m benchmarks paper")[2].splitlines():
        if line.startswith("| ") and "---" not in line:
            shown.append([cell.strip() for cell in line.replace("\\|", "/").strip("|").split("|")][1:])
    ours = [list(row[1:]) for row in paper.rows() if row[1] != "no interaction of defects"]
    assert [row[1:] for row in shown if row[0]] == [row[1:] for row in ours]


STUDIES = ("coating", "whole_cell", "particles", "depletion")


@pytest.mark.parametrize("page", STUDIES)
def test_the_tables_of_a_study(page):
    module = module_at(ROOT / "docs" / "studies.py")
    assert set(module.PAGES) == set(STUDIES)
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    assert f"](images/{page}.png)" in text
    for table in module.PAGES[page][0]():
        assert table in text, table


def test_the_figures_of_studies_show_what_their_pages_say():
    """Drawn anew: a page's picture comes from the cases as they are."""
    module = module_at(ROOT / "docs" / "studies.py")
    potential, left = module.depletion_figure().axes
    assert len(potential.lines) == len(module.CONCENTRATIONS) + 1
    assert [line.get_ydata()[0] for line in potential.lines[:-1]] == pytest.approx([1.3] * 4)
    assert max(line.get_ydata().max() for line in left.lines[:-1]) == pytest.approx(1.0, abs=1e-3)
    upper, lower = module.whole_cell_figure().axes
    assert [text.get_text() for text in lower.texts] == ["cathode", "separator", "anode"]
    assert len(upper.lines) == 2
    coated, two, scale = module.particles_figure().axes
    assert [len(axes.collections) for axes in (coated, two)] == [3, 3]  # a phase each
    assert scale.get_ylabel() == "Share of sites filled"


def test_the_reference_of_case_files_is_up_to_date():
    module = module_at(ROOT / "docs" / "make_cases.py")
    assert module.page() == module.PAGE.read_text(encoding="utf-8"), (
        f"keys have changed: run {Path(sys.executable).name} docs/make_cases.py"
    )


def test_reading_fields_in_python(tmp_path, monkeypatch, capsys):
    """As docs/paraview.md says, of a result with several times."""
    case = load_case(
        CASE,
        [
            *COARSE,
            "study={kind='transient', duration=1e-8, output_times=[1e-10, 1e-9]}",
            "output.figures=false",
        ],
    )
    run_case(case, tmp_path / "results")
    monkeypatch.chdir(tmp_path)
    found = {}
    exec(blocks((ROOT / "docs" / "paraview.md").read_text(encoding="utf-8"), "python")[0], found)
    assert found["reader"].time_values == [1e-10, 1e-9, 1e-8]
    for name, phase in (("electrode", 1), ("electrolyte", 2)):
        assert set(found[name]["phase"]) == {phase}
    shown = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [float(line[0]) for line in shown] == [1e-10, 1e-9, 1e-8]
    # a layer forms: each time has its own values
    assert len({line[1] for line in shown}) == 3


@pytest.mark.usefixtures("own_laws")
def test_what_python_does_in_its_page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cases").symlink_to(ROOT / "cases")
    found = {}
    for code in blocks((ROOT / "docs" / "python.md").read_text(encoding="utf-8"), "python"):
        exec(code, found)
    again, first = found["again"], found["result"]
    assert again["layer_resistance_ohm_cm2"] == pytest.approx(first["layer_resistance_ohm_cm2"], rel=1e-12)
    assert "temperature = 273.15" in found["text"]
    assert len(found["axes"].lines) == 2
    assert found["forming"].times == [1e-10, 1e-8]
    assert found["table"]["layer_resistance_ohm_cm2"][0] < found["table"]["layer_resistance_ohm_cm2"][1]
    assert found["own"].run()["converged"]


def test_the_schema_for_editors_is_up_to_date():
    module = module_at(ROOT / "docs" / "make_cases.py")
    assert module.schema_text() == module.SCHEMA.read_text(encoding="utf-8"), (
        f"keys have changed: run {Path(sys.executable).name} docs/make_cases.py"
    )


def test_what_python_does_in_the_readme(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    code = blocks(README, "python")[0]
    found = {}
    exec(code, found)
    assert found["result"]["potential_step_V"] == pytest.approx(0.2)
    assert found["result"].summary["layer_resistance_ohm_cm2"] > 0.0


def test_the_tables_of_the_mixed_conductor():
    module = module_at(ROOT / "docs" / "mixed_conductor.py")
    text = (ROOT / "docs" / "mixed_conductor.md").read_text(encoding="utf-8")
    assert module.limits_table() in text
    assert module.readings_table() in text
    assert f"ω L²/4D = {module.top_of_warburg():.2f}" in text
