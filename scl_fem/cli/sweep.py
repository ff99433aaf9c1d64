"""scl-fem sweep: many runs of a case, some keys varied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scl_fem.cli.completing import swept_keys
from scl_fem.cli.options import CaseFile, Debug, Overrides, UnsafePetscOptions
from scl_fem.errors import ConvergenceError, InputError

if TYPE_CHECKING:
    from scl_fem.sweeps import Axis, SweepTable


def sweep(
    case_file: CaseFile,
    over: Annotated[
        list[str],
        typer.Option(
            "--over",
            metavar="KEY=VALUES",
            help="A key to vary: KEY=START:STOP:N (both ends included), KEY=START:STOP:N:log or KEY=A,B,C; "
            "values may carry units (repeatable: every combination).",
            show_default=False,
            autocompletion=swept_keys,
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="DIR",
            help="Where to write [default: results/CASE_sweep]",
            show_default=False,
        ),
    ] = None,
    overrides: Overrides = [],  # noqa: B006  (typer wants the default itself)
    workers: Annotated[
        int, typer.Option("-j", "--workers", metavar="N", min=1, help="Points to solve side by side.")
    ] = 1,
    quantity: Annotated[
        str | None,
        typer.Option(
            "--quantity",
            metavar="KEY",
            help="What the figure shows: a number of summary.json, such as electrode.layer_charge_e_per_nm2 "
            "[default: layer_resistance_ohm_cm2]",
            show_default=False,
        ),
    ] = None,
    keep_fields: Annotated[
        bool, typer.Option("--keep-fields", help="Keep fields and figures of every point.")
    ] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Solve points again that failed before.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Start anew, whatever sweep is in DIR.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
    unsafe_petsc_options: UnsafePetscOptions = False,
    debug: Debug = False,
) -> None:
    """Run a case for many values of its keys: a table, a figure.

    What was interrupted goes on where it stopped; a point that fails is marked.
    """
    from scl_fem.case import load_case
    from scl_fem.cli.outcome import heed_termination
    from scl_fem.cli.progress import terminal_reporter
    from scl_fem.cli.ranks import rank, world
    from scl_fem.sweeps import sweep as run_sweep

    world()
    axes = _axes(over, overrides)
    case = load_case(case_file, overrides, unsafe_petsc_options=unsafe_petsc_options)
    if workers == 1:
        import scl_fem.studies.run  # noqa: F401

        heed_termination()
    directory = output or Path("results") / f"{case_file.stem}_sweep"
    with terminal_reporter(silent=quiet or rank() > 0) as progress, _blaming(case_file, axes):
        table = run_sweep(
            case,
            {axis.key: axis.values for axis in axes.values()},
            directory,
            workers=workers,
            quantity=quantity,
            keep_fields=keep_fields,
            retry_failed=retry_failed,
            overwrite=overwrite,
            progress=progress,
            unsafe_petsc_options=unsafe_petsc_options,
        )
    if not quiet:
        print("\n".join(outcome_lines(table)))
    if not table.count("ok"):
        raise typer.Exit(ConvergenceError.exit_status)


def outcome_lines(table: SweepTable) -> list[str]:
    """How a sweep ended, for the terminal.

    Args:
        table: of the sweep.
    """
    total, failed = len(table.columns["status"]), len(table.failures)
    lines = [f"{total} points, {failed or 'none'} failed{':' if failed else ''}"]
    for message, count in Counter(table.failures.values()).most_common():
        lines.append(_counted(message, count))
    remarked = Counter(remark for remarks in table.remarks.values() for remark in remarks)
    if remarked:
        lines.append("remarks, by point in the column of that name:")
    lines += [_counted(remark, count) for remark, count in remarked.most_common()]
    if table.directory is None:
        return lines
    files = ", ".join(sorted(entry.name for entry in table.directory.iterdir() if entry.name[0] != "."))
    return [*lines, f"written to {table.directory}: {files}"]


def _counted(message: str, count: int) -> str:
    return f"  {count} x {message}" if count > 1 else f"  {message}"


def _axes(over: Sequence[str], overrides: Sequence[str]) -> Mapping[str, Axis]:
    """The axes by the text of their option.

    Raises:
        InputError: one cannot be read, varies what another one varies, or what --set sets.
    """
    from scl_fem.case.overrides import parse_override
    from scl_fem.sweeps import parse_axis

    axes: dict[str, Axis] = {}
    taken = {".".join(parse_override(text)[0]): "--set" for text in overrides}
    for text in over:
        axis = parse_axis(text)
        if axis.key in taken:
            raise InputError(f"is set by {taken[axis.key]} as well", file="--over", key=axis.key)
        taken[axis.key] = "another --over"
        axes[text] = axis
    return axes


@contextmanager
def _blaming(case_file: Path, axes: Mapping[str, Axis]) -> Iterator[None]:
    """Name the case file, and the option, in mistakes about a key.

    Raises:
        InputError: as inside the block, with the place.
    """
    from scl_fem.case.overrides import touches
    from scl_fem.complaints import collected, listed

    def place(key: str) -> str:
        concerned = [f" --over {text}" for text, axis in axes.items() if touches(axis.key.split("."), key)]
        return f"{case_file} with{''.join(concerned)}" if concerned else str(case_file)

    try:
        yield
    except InputError as error:
        raise collected(
            each.located(file=place(each.key)) if each.key else each for each in listed(error)
        ) from error
