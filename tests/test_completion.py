"""Completion in the shells: each script is run by its shell, where the machine has it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import scl_fem
from scl_fem.case import load_case
from scl_fem.case.keys import case_keys
from scl_fem.cli import completing, main
from scl_fem.cli.completion import Shell
from scl_fem.shipped import shipped_cases

ROOT = Path(scl_fem.__file__).parents[1]

# line typed so far, what may follow; None: files, which the shell itself knows
LINES = [
    ("scl-fem ma", {"materials"}),
    ("scl-fem run --ov", {"--overwrite"}),
    ("scl-fem run ca", {"case.toml", "cases/"}),
    ("scl-fem run cases/", {"cases/deep.toml"}),
    ("scl-fem new exsy_li", {"exsy_li2v2o5", "exsy_liv2o5"}),
    ("scl-fem materials LA", {"LAGP", "LATP"}),
    ("scl-fem run case.toml --set study.kind=tr", {"study.kind=transient"}),
    ("scl-fem run case.toml --set phase.electrode.mat", {"phase.electrode.material="}),
    ("scl-fem fit e", {"exsy"}),
    ("scl-fem completion z", {"zsh"}),
]

FEW = [LINES[number] for number in (0, 2, 4, 6, 7)]
"""One of each kind: the program answers alike, only the scripts differ."""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with files to complete, and scl-fem on PATH."""
    (tmp_path / "cases").mkdir()
    for name in ("case.toml", "cases/deep.toml", "cases/deep.csv", "castle.txt", ".hidden.toml"):
        (tmp_path / name).write_text("")
    program = tmp_path / "bin" / "scl-fem"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m scl_fem "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words, **options):
    done = subprocess.run(words, capture_output=True, text=True, timeout=240, check=False, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def script(shell):
    return (Path(scl_fem.__file__).parent / "cli" / "completions" / f"scl-fem.{shell}").read_text()


@pytest.mark.parametrize("shell", list(Shell))
def test_the_script_is_printed(capsys, shell):
    with pytest.raises(SystemExit) as caught:
        main(["completion", shell])
    assert not caught.value.code
    assert capsys.readouterr().out == script(shell)


BASH = """
{script}
compopt() {{ :; }}
while IFS= read -r line; do
    COMP_LINE=$line COMP_POINT=${{#line}} COMP_WORDS=($line)
    _scl_fem_completion
    echo "${{COMPREPLY[*]}}"
done
"""


def test_bash(place):
    lines = [line for line, _ in LINES] + ["scl-fem run case.toml -o "]
    printed = run("bash", "--norc", "-c", BASH.format(script=script("bash")), input="\n".join(lines) + "\n")
    for (line, expected), found in zip([*LINES, ("files", set())], printed.splitlines(), strict=True):
        # bash takes what follows the equals sign for a word of its own
        wanted = {each.partition("=")[2] or each if "=tr" in line else each for each in expected}
        assert set(found.split()) == wanted, line


@pytest.mark.skipif(shutil.which("fish") is None, reason="no fish here")
def test_fish(place):
    for line, expected in FEW:
        printed = run("fish", "--no-config", "-c", f"{script('fish')}\ncomplete -C '{line}'")
        assert {each.partition("\t")[0] for each in printed.splitlines()} == expected, line
    printed = run("fish", "--no-config", "-c", f"{script('fish')}\ncomplete -C 'scl-fem run x.toml -o cas'")
    assert {"castle.txt", "cases/"} <= set(printed.split())


ZSH = """
# what the functions of compinit are asked for, instead of a terminal to press keys in
compdef() {{ :; }}
_files() {{ print -r -- FILES; }}
_describe() {{ print -rl -- ${{${{(P)2}}%%:*}}; }}
compadd() {{ while [[ $1 != -- ]]; do shift; done; shift; print -rl -- "$@"; }}
{script}
words=(${{(s: :)1}})
[[ $1 == *' ' ]] && words+=('')
CURRENT=$#words
_scl_fem_completion
"""


@pytest.mark.skipif(shutil.which("zsh") is None, reason="no zsh here")
def test_zsh(place):
    for line, expected in [*FEW, ("scl-fem run case.toml -o ", {"FILES"})]:
        printed = run("zsh", "-f", "-c", ZSH.format(script=script("zsh")), "zsh", line)
        assert set(printed.split()) == expected, line


@pytest.mark.parametrize("shell", list(Shell))
def test_the_script_is_well_formed(shell):
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    run(shell, "-n", input=script(shell))


def test_hidden_files_where_a_dot_is_typed(place):
    assert completing.case_files(".h") == [".hidden.toml"]
    assert completing.result_folders("") == ["bin/", "cases/"]
    assert completing.case_files("nowhere/") == []


def test_a_swept_key_has_no_words():
    assert completing.swept_keys("study.k") == ["study.kind="]
    assert completing.swept_keys("study.kind=") == []


def test_the_keys_are_those_that_a_case_takes():
    keys = case_keys()
    assert "transient" in keys["study.kind"]
    assert {"perfect", "exchange", "layer"} <= {*keys["interface.law"]}
    assert keys["output.figures"] == ("true", "false")
    assert keys["mesh.growth"] == ()
    assert "materials.NAME.c_max" in keys
    assert "initial.state" in keys
    for case in shipped_cases().values():
        tables = load_case(case.path).to_dict(exclude_unset=True)
        tables.pop("materials", None)
        # what a case names itself is completed by the keys of any name, a list by those of its elements
        found = {
            re.sub(r"^(phase|boundary|interface|components)\.[^.]+\.", r"\1.NAME.", key)
            for key in dotted(tables)
        }
        found |= set(dotted(tables)) & set(keys)
        placed = {known.split(".NAME")[0] for known in keys if ".NAME" in known}
        free = ("mesh.groups.", "mesh.contacts.")
        missing = {
            key
            for key in found
            if key not in keys and key.split(".NAME")[0] not in placed and not key.startswith(free)
        }
        assert not missing, case.name


def dotted(tables, prefix=""):
    for name, value in tables.items():
        if isinstance(value, dict):
            yield from dotted(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"
