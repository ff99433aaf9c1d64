"""The commands. What they need is imported when they run: `scl-fem --help` must not load a solver."""

from __future__ import annotations

from typing import Annotated

import typer

from scl_fem.cli.check import check
from scl_fem.cli.cite import cite
from scl_fem.cli.completion import completion
from scl_fem.cli.fit import fit
from scl_fem.cli.info import info
from scl_fem.cli.materials import materials
from scl_fem.cli.mesh import mesh
from scl_fem.cli.new import new
from scl_fem.cli.options import Debug
from scl_fem.cli.plot import plot
from scl_fem.cli.reproduce import reproduce
from scl_fem.cli.run import run
from scl_fem.cli.schema import schema
from scl_fem.cli.sweep import sweep

app = typer.Typer(
    help="Space-charge layers at the interface of an electrode and a solid electrolyte.",
    add_completion=False,
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(value: bool) -> None:
    if value:
        from scl_fem import __version__

        print(f"scl-fem {__version__}")
        raise typer.Exit


@app.callback()
def common(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_print_version, is_eager=True)
    ] = False,
    debug: Debug = False,
) -> None:
    """Without a command: say what there is."""
    if context.invoked_subcommand is None:
        print(context.get_help())


app.command()(new)
app.command()(run)
app.command()(check)
app.command()(sweep)
app.command()(mesh)
app.command()(plot)
app.command()(reproduce)
app.command()(materials)
app.command()(cite)
app.command()(schema)
app.command()(info)
app.command()(completion)
app.add_typer(fit, name="fit")
