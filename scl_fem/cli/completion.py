"""scl-fem completion: what makes a shell complete scl-fem's words.

The shell calls the program with the line so far; typer finds what may stand there. The scripts are ours:
typer's end the word after a folder and after a key, and install themselves in the shell's start-up files.
"""

from __future__ import annotations

import enum
import os
from typing import Annotated

import typer

from scl_fem.cli.options import Debug

VARIABLE = "_SCL_FEM_COMPLETE"
"""Set by the scripts: typer's name for this program."""


class Shell(enum.StrEnum):
    """Shells that have a script."""

    bash = enum.auto()
    zsh = enum.auto()
    fish = enum.auto()


def completion(
    shell: Annotated[Shell, typer.Argument(help="Which shell.", show_default=False)],
    debug: Debug = False,
) -> None:
    """Print the script that completes scl-fem's words in a shell.

    bash: eval "$(scl-fem completion bash)" in ~/.bashrc. zsh: the same with zsh in ~/.zshrc, after compinit.
    fish: scl-fem completion fish > ~/.config/fish/completions/scl-fem.fish
    """
    from importlib import resources

    scripts = resources.files("scl_fem.cli") / "completions"
    print((scripts / f"scl-fem.{shell}").read_text(encoding="utf-8"), end="")


def answer_shells() -> None:
    """Let typer answer, if it is a shell's script that calls; otherwise nothing is loaded."""
    if VARIABLE in os.environ:
        from typer.completion import completion_init

        completion_init()
