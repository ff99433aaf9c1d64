"""What a case file may ask of PETSc: options of solvers, with values that they take; nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scl_fem
from scl_fem.cli import main
from scl_fem.errors import ConvergenceError, InputError
from scl_fem.solvers.petsc_names import Flag, Number, Numbers, OneOf, Whole, kind_of, known_names
from scl_fem.solvers.petsc_options import check_options, mistakes_in, unsafe_options
from scl_fem.sweeps import sweep

CASE = """
[study]
kind = "equilibrium"
[mesh]
kind = "planar"
growth = 1.2
interface_size = 0.01
[phase.electrode]
material = "LVO"
composition = 2
[phase.electrolyte]
material = "LAGP"
[output]
fields = false
figures = false
[solver.petsc]
"""
EXSY = """
[study]
kind = "exsy"
duration = 1e-3
[mesh]
kind = "planar"
[exsy]
diffusivity = 1e-12
[solver.petsc]
"""

UNSAFE = {
    "snes_monitor": "ascii:WRITTEN",
    "ksp_view": ":WRITTEN",
    "snes_view": "ascii:WRITTEN",
    "ksp_monitor": "ascii:WRITTEN",
    "snes_converged_reason": "ascii:WRITTEN",
    "ksp_converged_reason": ":WRITTEN",
    "ksp_view_mat": "binary:WRITTEN",
    "sub_ksp_view": ":WRITTEN",
    "mg_levels_1_ksp_monitor": ":WRITTEN",
    "snes_linesearch_monitor": ":WRITTEN",
    "log_view": ":WRITTEN",
    "options_file": "WRITTEN",
    "options_view": ":WRITTEN",
    "info": ":WRITTEN",
    "on_error_attach_debugger": "gdb",
    "start_in_debugger": "xterm",
    "pc_python_type": "evil.py:Evil",
    "ksp_python_type": "evil.py:Evil",
    "snes_python_type": "evil.py:Evil",
    "mat_python_type": "evil.py:Evil",
    "mat_mumps_icntl_1": 7,
    "mat_mumps_icntl_4": 2,
    "mat_mumps_icntl_22": 1,
    "mat_mumps_ooc_tmpdir": "/tmp",
    "mat_type": "python",
    "snes_test_jacobian": True,
    "ksp_error_if_not_converged": True,
    "ksp_convergence_test": "skip",
    "snes_convergence_test": "skip",
    "-pc_type": "lu",
    "pc_type ": "lu",
    "snes_snes_rtol": 0.1,
    "sub_snes_type": "newtonls",
    "": 1,
}


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("evil.py").write_text("open('RAN', 'w').close()\nclass Evil:\n    pass\n")
    return tmp_path


def written(*options, text=CASE):
    path = Path("case.toml")
    path.write_text(text + "\n".join(options))
    return path


def command(capsys, *words):
    """Exit status, standard output and errors of a command."""
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return (ended.value.code, *capsys.readouterr())


def refusal(capsys, *words):
    status, _, error = command(capsys, *words)
    assert status == 2
    assert len(error.splitlines()) == 1
    return error


def nothing_happened(folder):
    return {entry.name for entry in folder.iterdir()} <= {"case.toml", "evil.py"}


@pytest.mark.parametrize("name", UNSAFE)
def test_names_that_are_refused(name):
    assert kind_of(name) is None
    with pytest.raises(InputError) as raised:
        check_options({name: UNSAFE[name]})
    assert raised.value.key == f"solver.petsc.{name}"
    assert "--unsafe-petsc-options" in str(raised.value)


@pytest.mark.parametrize("kind", ["python", "shell", "composite", "mat", "ksponly", "evil.py:Evil", ""])
@pytest.mark.parametrize("name", ["pc_type", "ksp_type", "snes_type", "sub_pc_type", "ksp_ksp_type"])
def test_types_that_are_refused(name, kind):
    with pytest.raises(InputError, match=rf"solver\.petsc\.{name}: cannot be"):
        check_options({name: kind})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ('pc_type = "python"', 'solver.petsc.pc_type: cannot be "python" (allowed: none, jacobi,'),
        ('pc_type = "choleski"', "did you mean "),
        ("ksp_rtol = -1.0", "solver.petsc.ksp_rtol: cannot be -1.0 (allowed: a number from 0 to 1)"),
        ("ksp_rtol = nan", "solver.petsc.ksp_rtol: cannot be nan"),
        ("ksp_max_it = 1.5", "allowed: a whole number from 0"),
        ("ksp_max_it = true", "solver.petsc.ksp_max_it: cannot be true"),
        ("ksp_max_it = -1", "solver.petsc.ksp_max_it: cannot be -1"),
        ("snes_ksp_ew = 3", "allowed: true or false"),
        ('sub_pc_type = "foo"', 'solver.petsc.sub_pc_type: cannot be "foo"'),
        ('ksp_typ = "cg"', "the nearest are ksp_type"),
        ('snes_monitor = "ascii:WRITTEN"', "solver.petsc.snes_monitor: a case may not set"),
    ],
)
def test_check_and_run_refuse_alike(here, capsys, options, words):
    path = written(options)
    said = []
    for command in (["check"], ["run", "-o", "out"]):
        said.append(refusal(capsys, *command, path))
    assert said[0] == said[1]
    assert words in said[0]
    assert nothing_happened(here)


@pytest.mark.parametrize(
    "text", [CASE, EXSY, *(CASE.replace("equilibrium", f"{kind}") for kind in ("conduction", "impedance"))]
)
@pytest.mark.parametrize("option", ["snes_monitor='ascii:WRITTEN'", "pc_type=python", "ksp_rtol=-1"])
def test_every_way_in_is_closed(here, capsys, text, option):
    name = option.partition("=")[0]
    words = f"solver.petsc.{name}: "
    path = written(text=text)
    override = f"solver.petsc.{option}"
    for line in (
        ["check", path],
        ["run", path, "-o", "out"],
        ["sweep", path, "-o", "out", "--over", "temperature=300,310"],
    ):
        assert words in refusal(capsys, *line, "--set", override)
    assert words in refusal(capsys, "sweep", path, "-o", "out", "--over", override.replace("'", ""))
    with pytest.raises(InputError, match=words):
        scl_fem.load_case(path, [override])
    case = scl_fem.load_case(path)
    value = UNSAFE.get(name) or option.partition("=")[2]
    with pytest.raises(InputError, match=words):
        case.with_overrides({f"solver.petsc.{name}": value})
    with pytest.raises(InputError, match=words):
        sweep(case, {f"solver.petsc.{name}": [value]}, "out")
    assert nothing_happened(here)


def test_a_case_that_was_made_where_all_is_allowed_is_refused_where_it_is_run(here):
    path = written('snes_monitor = "ascii:WRITTEN"')
    case = scl_fem.load_case(path, unsafe_petsc_options=True)
    with pytest.raises(InputError, match="snes_monitor"):
        scl_fem.run(case)
    with pytest.raises(InputError, match="snes_monitor"):
        sweep(case, {"temperature": [300.0]}, "out")
    with pytest.raises(InputError, match="snes_monitor"):
        case.with_overrides({"temperature": 300.0})
    assert nothing_happened(here)
    scl_fem.run(
        case.with_overrides({"temperature": 300.0}, unsafe_petsc_options=True), unsafe_petsc_options=True
    )
    assert Path("WRITTEN").is_file()


@pytest.mark.parametrize("line", [["run"], ["sweep", "--over", "temperature=300,310", "-j", "1"]])
def test_the_command_line_lifts_it(here, capsys, monkeypatch, line):
    path = written('snes_monitor = "ascii:WRITTEN"')
    monkeypatch.setenv("SCL_FEM_UNSAFE_PETSC_OPTIONS", "1")
    refusal(capsys, *line, path, "-o", "out")
    assert not Path("WRITTEN").exists()
    status, _, error = command(capsys, *line, path, "-o", "out", "--quiet", "--unsafe-petsc-options")
    assert (status, error) == (0, "")
    assert Path("WRITTEN").is_file()
    assert command(capsys, "check", path, "--unsafe-petsc-options")[0] == 0


def test_no_file_lifts_it(here, capsys):
    for key in ("unsafe_petsc_options", "solver.unsafe_petsc_options", "study.unsafe_petsc_options"):
        assert key in refusal(capsys, "check", written(), "--set", f"{key}=true")


@pytest.mark.parametrize(
    "options",
    [
        'pc_type = "no_such"',
        'sub_pc_type = "no_such"\nksp_type = "cg"\npc_type = "bjacobi"',
        'mat_mumps_icntl_7 = "x"',
    ],
)
def test_what_petsc_refuses_is_said_in_words_all_the_same(here, capsys, options):
    error = refusal(capsys, "run", written(options), "-o", "out", "--quiet", "--unsafe-petsc-options")
    assert "solver.petsc: PETSc refuses " in error
    assert "error code" not in error


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"pc_factor_mat_solver_type": "superlu_dist", "pc_type": "ilu"}, "superlu_dist"),
        ({"ksp_type": "cg", "ksp_pc_side": "right", "pc_type": "jacobi"}, "RIGHT"),
    ],
)
def test_what_petsc_cannot_combine_is_said_with_its_reason(here, options, reason):
    case = scl_fem.load_case(written())
    with pytest.raises(InputError, match=rf"PETSc refuses (?s:.*){reason}") as raised:
        scl_fem.run(case.with_overrides({"solver.petsc": options}))
    assert raised.value.key == "solver.petsc"


def test_an_option_that_is_of_no_use_is_said(here):
    case = scl_fem.load_case(written("mg_levels_ksp_max_it = 2"))
    with pytest.raises(InputError, match="made no use of mg_levels_ksp_max_it"):
        scl_fem.run(case)


# benchmarks, and what users of PETSc know
USEFUL = [
    {
        "snes_type": "newtonls",
        "snes_linesearch_type": "bt",
        "snes_rtol": 1e-10,
        "snes_ksp_ew": True,
        "snes_ksp_ew_version": 2,
        "snes_ksp_ew_rtol0": 0.1,
        "snes_ksp_ew_rtolmax": 0.1,
        "ksp_type": "cg",
        "pc_type": "bjacobi",
        "sub_pc_type": "icc",
    },
    {
        "ksp_type": "cg",
        "ksp_rtol": "1e-8",
        "pc_type": "gamg",
        "mg_levels_ksp_type": "chebyshev",
        "mg_levels_ksp_max_it": 1,
        "mg_levels_pc_type": "bjacobi",
        "mg_levels_sub_pc_type": "icc",
    },
    {
        "ksp_type": "fgmres",
        "ksp_gmres_restart": 100,
        "ksp_max_it": 300,
        "pc_type": "ksp",
        "ksp_ksp_type": "cg",
        "ksp_pc_type": "bjacobi",
        "ksp_sub_pc_type": "icc",
    },
    {"ksp_type": "preonly", "pc_type": "lu", "pc_factor_mat_solver_type": "mumps", "mat_mumps_icntl_14": 50},
    {
        "pc_type": "lu",
        "pc_factor_mat_solver_type": "superlu_dist",
        "snes_linesearch_order": 2,
        "snes_linesearch_type": "bt",
    },
    {
        "pc_factor_mat_solver_type": "petsc",
        "pc_factor_mat_ordering_type": "rcm",
        "pc_factor_shift_type": "NONZERO",
    },
    {
        "ksp_type": "cg",
        "ksp_initial_guess_nonzero": "",
        "pc_type": "asm",
        "pc_asm_overlap": 2,
        "sub_pc_type": "ilu",
        "sub_pc_factor_levels": 1,
    },
]


@pytest.mark.parametrize("options", USEFUL)
def test_useful_options_work_and_move_no_number(here, options):
    case = scl_fem.load_case(written())
    number = scl_fem.run(case).summary["layer_resistance_ohm_cm2"]
    found = scl_fem.run(case.with_overrides({"solver.petsc": options})).summary["layer_resistance_ohm_cm2"]
    assert found == pytest.approx(number, rel=1e-9)


def test_tolerances_of_a_line_search_do_not_make_a_solution(here):
    case = scl_fem.load_case(written("snes_linesearch_atol = 0.5"))
    with pytest.raises(ConvergenceError, match="CONVERGED"):
        scl_fem.run(case)


def test_petsc_takes_no_options_from_files_in_the_working_directory(here, capsys):
    written()
    for name in (".petscrc", "petscrc"):
        Path(name).write_text("-log_view :WRITTEN\n")
    code = (
        f"import sys; sys.path.insert(0, {str(Path(scl_fem.__file__).parents[1])!r}); "
        "from scl_fem.cli import main; main(['run', 'case.toml', '-o', 'out', '--quiet'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert Path("out/summary.json").is_file()
    assert not Path("WRITTEN").exists()


PARTS = [
    "",
    "sub_",
    "mg_levels_",
    "mg_levels_3_",
    "mg_coarse_",
    "ksp_",
    "ksp_sub_",
    "mg_coarse_sub_",
    "redundant_",
]
VALUES = (
    st.text(max_size=12)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.sampled_from(
        [
            "ascii:x",
            ":x",
            "/tmp/x",
            "python",
            "shell",
            "nan",
            "inf",
            "1e999",
            "0x10",
            "1_0",
            "\u0661",
            "1,2",
            "true",
        ]
    )
)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(PARTS), st.sampled_from(list(known_names())), VALUES)
def test_values_that_pass_are_plain(part, name, value):
    kind = kind_of(part + name)
    if kind is None:
        assert part
        assert name.startswith("snes_")
        return
    if not kind.takes(value):
        (mistake,) = mistakes_in({part + name: value})
        assert mistake.allowed == kind.allowed
        return
    text = str(value)
    assert not {":", "python", "shell"} & {part for part in (":", "python", "shell") if part in text}
    assert text.isascii()
    if isinstance(kind, OneOf):
        assert text.lower() in {each.lower() for each in kind.names}
    elif isinstance(kind, Flag):
        assert text.lower() in {"true", "false", "yes", "no", "on", "off", "1", "0", ""}
    elif isinstance(kind, Whole):
        assert kind.low <= int(text) <= kind.high
    elif isinstance(kind, Number):
        assert kind.low <= float(text) <= kind.high
    else:
        assert isinstance(kind, Numbers)
        assert len([float(each) for each in text.split(",")]) <= kind.most


@settings(max_examples=500, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *PARTS,
                "snes_",
                "pc_",
                "linesearch_",
                "type",
                "monitor",
                "view",
                "python_",
                "log_",
                "options_",
                "rtol",
            ]
        ),
        max_size=6,
    )
)
def test_no_name_made_of_parts_says_view_or_python(words):
    name = "".join(words)
    if kind_of(name) is not None:
        assert not {"monitor", "view", "python", "log_", "options_"} & {
            word for word in ("monitor", "view", "python", "log_", "options_") if word in name
        }


def test_a_block_that_lifts_it_ends():
    with unsafe_options(True):
        assert not mistakes_in({"snes_monitor": ":x"})
        with unsafe_options(False):
            assert mistakes_in({"snes_monitor": ":x"})
    assert mistakes_in({"snes_monitor": ":x"})


@pytest.mark.parametrize("name", ["ksp_" * 100_000 + "rtol", "mg_levels_" * 30 + "pc_type", "x" * 10**6])
def test_long_names_are_refused_at_once(name):
    (mistake,) = mistakes_in({name: 0.1})
    assert len(str(mistake)) < 500
