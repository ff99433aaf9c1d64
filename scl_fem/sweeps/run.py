"""Running a sweep: what is missing is solved, then everything is in one table and one figure."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from scl_fem.case import Case
from scl_fem.errors import InputError, Interrupted
from scl_fem.progress import Reporter, SilentReporter
from scl_fem.solvers.petsc_options import unsafe_options
from scl_fem.sweeps.axes import Axis, Value
from scl_fem.sweeps.drawing import draw_table, nothing_to_draw
from scl_fem.sweeps.folder import SweepFolder
from scl_fem.sweeps.points import Point, points_of
from scl_fem.sweeps.solving import (
    Failure,
    forget_failure,
    is_finished,
    solve_point,
    write_failure,
)
from scl_fem.sweeps.table import (
    FAILED,
    OK,
    SweepTable,
    check_quantity,
    default_quantity,
    read_points,
    summary_numbers,
    write_sweep_table,
)

_TABLE_EVERY = 5.0
"""Seconds between tables of a sweep that is under way."""

_FEW_POINTS = 20
"""Each has a line, also where lines stay."""

_POINTS_A_LINE = 10
"""Of more points one in so many has one."""


def sweep(
    case: Case,
    over: Mapping[str, Iterable[Value]],
    directory: Path | str | None = None,
    *,
    workers: int = 1,
    quantity: str | None = None,
    keep_fields: bool = False,
    retry_failed: bool = False,
    overwrite: bool = False,
    progress: Reporter | None = None,
    unsafe_petsc_options: bool = False,
) -> SweepTable:
    """Run a case for every combination of values of some keys; go on where an earlier call stopped.

    The directory gets points/ with the result of each, sweep.csv (the table), sweep.png (unless the case
    wants no figures) and sweep.json (what is swept). A point that is no valid case or does not converge is
    marked in the table.

    Args:
        case: what all points share.
        over: values by key, a dotted path into the case file; strings carry a unit, numbers are in the key's.
        directory: of the sweep; None keeps nothing but the table.
        workers: processes to solve in; 1 solves in this one. More import the script that calls, which
            needs its `if __name__ == "__main__":`.
        quantity: number of summary.json that the figure shows, nested keys joined with dots; the layer's
            resistance, or the like, unless given.
        keep_fields: whether points keep fields and figures, where the case asks for them.
        retry_failed: solve again points that failed in an earlier call.
        overwrite: start anew, whatever sweep the directory holds.
        progress: takes the news of each point.
        unsafe_petsc_options: let any option of PETSc through, those too that write files and run code.

    Returns:
        The table.

    Raises:
        InputError: a key is wrong, the directory holds another sweep, or a quantity does not exist.
        Interrupted: by Ctrl-C or SIGTERM; what is done is kept.
        OutputError: results cannot be written.
    """
    _check_alone()
    if workers < 1:
        raise InputError(f"{workers} workers cannot be", allowed="1 or more")
    if directory is None:
        if keep_fields:
            raise InputError("fields are kept in a directory", allowed="give `sweep` a directory")
        output = case.output.model_copy(update={"figures": False})
        case = case.model_copy(update={"output": output})
    with unsafe_options(unsafe_petsc_options):
        axes, points, shared = _points(case, over, keep_fields)
    progress = progress or SilentReporter()
    with _folder(directory) as folder, folder.locked():
        folder.check_links(points)
        folder.begin(shared, axes, points, overwrite=overwrite)
        if retry_failed:
            for point in points:
                forget_failure(folder.point(point.name))
        _solve_missing(folder, axes, points, workers, quantity, progress)
        table = read_points(folder, axes, points)
        write_sweep_table(table, folder.table)
        _draw(table, folder.figure, case, quantity, progress)
    return table if directory is not None else replace(table, directory=None)


@contextmanager
def _folder(directory: Path | str | None) -> Iterator[SweepFolder]:
    """The directory of a sweep, or one that goes with the end of the block."""
    if directory is not None:
        yield SweepFolder(Path(directory))
        return
    with TemporaryDirectory(prefix="scl-fem-sweep-") as scratch:
        yield SweepFolder(Path(scratch))


def _check_alone() -> None:
    """Ranks of mpirun would each sweep everything.

    Raises:
        InputError: there are several.
    """
    from scl_fem._mpi import MPI

    if MPI.COMM_WORLD.size > 1:
        raise InputError(
            "a sweep does not run under mpirun", allowed="scl-fem sweep -j WORKERS: each point on one core"
        )


def _points(
    case: Case, over: Mapping[str, Iterable[Value]], keep_fields: bool
) -> tuple[tuple[Axis, ...], list[Point], Case]:
    """Axes and points of the sweep, and the case that the points share."""
    shared = case
    if not keep_fields:
        output = case.output.model_copy(update={"fields": False, "figures": False})
        shared = case.model_copy(update={"output": output})
    axes, points = points_of(shared, [Axis.of(key, values) for key, values in over.items()])
    return axes, points, shared


def _solve_missing(
    folder: SweepFolder,
    axes: tuple[Axis, ...],
    points: Sequence[Point],
    workers: int,
    quantity: str | None,
    progress: Reporter,
) -> None:
    """Solve every point that is neither solved nor failed; write the table now and then.

    Raises:
        Interrupted: what is done is in the table.
    """
    missing = {
        folder.point(point.name): point for point in points if not is_finished(folder.point(point.name))
    }
    done = len(points) - len(missing)
    kept = f", {done} done already" if done else ""
    every = 1 if len(points) <= _FEW_POINTS else _POINTS_A_LINE
    progress.stage(f"{len(points)} points{kept}")
    progress.fraction(done / len(points))
    written = time.monotonic()
    try:
        with closing(_solve(missing, workers)) as outcomes:
            for directory, failure in outcomes:
                done += 1
                numbers = summary_numbers(directory) if failure is None else {}
                if quantity is not None and failure is None:
                    check_quantity(quantity, list(numbers))
                news = _news(failure, numbers, quantity)
                progress.fraction(done / len(points))
                progress.step(
                    f"[{done:{len(str(len(points)))}d}/{len(points)}] {missing[directory]}: {news}",
                    milestone=done % every == 0 or done == len(points) or failure is not None,
                )
                if time.monotonic() - written > _TABLE_EVERY:
                    write_sweep_table(read_points(folder, axes, points), folder.table)
                    written = time.monotonic()
    except (KeyboardInterrupt, Interrupted):
        write_sweep_table(read_points(folder, axes, points), folder.table)
        raise Interrupted(
            f"interrupted: {done} of {len(points)} points are done; the same sweep again goes on from there"
        ) from None


def _solve(missing: Mapping[Path, Point], workers: int) -> Generator[tuple[Path, Failure | None]]:
    """Solve points here or side by side; directory and failure of each as it is done."""
    tasks = []
    for directory, point in missing.items():
        if point.case is not None:
            tasks.append((point.case, directory))
            continue
        failure = Failure("InputError", "; ".join(str(point.problem).splitlines()))
        write_failure(directory, failure)
        yield directory, failure
    if workers > 1:
        from scl_fem.sweeps.workers import solve_side_by_side

        yield from solve_side_by_side(tasks, workers)
        return
    for case, directory in tasks:
        yield directory, solve_point(case, directory)


def _news(failure: Failure | None, numbers: Mapping[str, float], quantity: str | None) -> str:
    """What came of a point, in a few words."""
    if failure is not None:
        return f"{FAILED}: {failure.message}"
    shown = quantity or default_quantity(list(numbers))
    return f"{shown} = {numbers[shown]:.4g}" if shown else OK


def _draw(table: SweepTable, path: Path, case: Case, quantity: str | None, progress: Reporter) -> None:
    """Draw the figure, if the case wants figures and there is something to show."""
    if quantity is not None and table.count(OK):
        check_quantity(quantity, table.quantities)
    if not case.output.figures:
        return
    quantity = quantity or default_quantity(table.quantities)
    problem = nothing_to_draw(table, quantity)
    if problem is not None or quantity is None:
        progress.note(f"no figure: {problem}")
        return
    from scl_fem.figures.style import house_style, save

    with house_style():
        save(draw_table(table, quantity, case.title), path)
