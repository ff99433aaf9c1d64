"""Running a case, from its tables to a result folder: the same steps for every kind of study."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
from mpi4py import MPI

from scl_fem import __version__
from scl_fem.case import Case, dump_case, load_case, resolve
from scl_fem.case.not_yet import refuse_unsolved
from scl_fem.discretisation.compiling import note_the_cache
from scl_fem.errors import ConvergenceError, InputError, Interrupted, SclFemError
from scl_fem.mesh.distribute import build_domain
from scl_fem.output.checkpoint import expect_checkpoint
from scl_fem.output.claim import claimed
from scl_fem.output.fields import FieldWriter
from scl_fem.output.folder import ResultFolder
from scl_fem.output.library_warnings import library_warnings_in
from scl_fem.output.log import RunLog, versions
from scl_fem.output.names import CASE_FILE, CHECKPOINT_FILE, LOG_FILE, SUMMARY_FILE
from scl_fem.output.tables import Column, write_summary, write_table
from scl_fem.parallel import Interruption, Meeting, on_root
from scl_fem.postprocess.derived import finite
from scl_fem.progress import Reporter
from scl_fem.results import Result
from scl_fem.solvers.petsc_options import check_options
from scl_fem.studies.checkpointing import Checkpointer
from scl_fem.studies.kinds import STUDIES, Study

_IN_POST_PROCESSING = "interrupted in post-processing"


def run_case(
    case: Case | Path | str,
    directory: Path | str | None = None,
    *,
    comm: MPI.Comm = MPI.COMM_WORLD,
    progress: Reporter | None = None,
    overwrite: bool = False,
    restart: bool = False,
    unsafe_petsc_options: bool = False,
) -> Result:
    """Solve a case and write its result folder. Collective.

    Args:
        case: what to solve, need not be resolved; or the path of a case file.
        directory: of the result; None writes nothing.
        comm: communicator.
        progress: takes the news.
        overwrite: whether a result in the directory may be replaced.
        restart: start from the checkpoint in the directory, and replace the result.
        unsafe_petsc_options: let any option of PETSc through, those too that write files and run code.

    Raises:
        InputError: the case is wrong, or the directory holds a result.
        ConvergenceError: the solve failed; the directory keeps checkpoint and log. Or the state has
            converged, and what the study is for could not be computed from it: the result is written
            without that.
        Interrupted: by Ctrl-C or SIGTERM; the same is kept, or while the figures are drawn the result.
        OutputError: the files could not be written; an older result is as it was.
    """
    if not isinstance(case, Case):
        case = load_case(case, unsafe_petsc_options=unsafe_petsc_options)
    if not unsafe_petsc_options:  # a case may have been made where they are allowed
        check_options(case.solver.petsc)
    case = resolve(case)
    refuse_unsolved(case)
    log = RunLog(progress)
    log.facts("versions", versions())
    log.facts("run", {"ranks": comm.size, "case": case.title})
    with library_warnings_in(log):
        return _run(case, directory, comm, log, overwrite=overwrite, restart=restart)


def _run(
    case: Case, directory: Path | str | None, comm: MPI.Comm, log: RunLog, *, overwrite: bool, restart: bool
) -> Result:
    """See `run_case`; the case is resolved."""
    if directory is None:
        if restart:
            raise InputError("a restart needs the directory that holds the checkpoint")
        study = _prepare(case, comm, log, Checkpointer(case, None, None))
        with Interruption(comm) as study.interruption:
            study.solve()
            summary, tables = _evaluate(study, log)
        return _solved(Result(study, summary, tables, None))
    directory = Path(directory)
    if restart:
        on_root(comm, expect_checkpoint, directory / CHECKPOINT_FILE)
    with (
        Meeting(comm) as meeting,
        ExitStack() as signals,
        ResultFolder(directory, comm, overwrite=overwrite or restart) as folder,
    ):
        folder.keep(CHECKPOINT_FILE, LOG_FILE)
        if not folder.replaces:  # the case of an older result stays with it
            folder.keep(CASE_FILE)
        start = directory / CHECKPOINT_FILE if restart else None
        checkpointer = Checkpointer(
            case, folder.stage / CHECKPOINT_FILE, start, lambda: _publish_state(case, folder)
        )
        study = _prepare(case, comm, log, checkpointer)
        # Until the result is published: a signal must not strike halfway through that.
        study.interruption = signals.enter_context(Interruption(comm))
        try:
            study.solve()
            summary, tables = _evaluate(study, log)
            _write(study, summary, tables, folder, log)
        except (ConvergenceError, Interrupted) as error:
            error.alone = not meeting.complete()
            if not error.alone:
                _keep_state(error, study, folder, log)
            raise
    told = study.interruption.asked()
    if case.output.figures:
        _draw(directory, comm, log, summary, told)
    elif told:
        raise Interrupted(f"interrupted; the result is whole in {directory}")
    return _solved(Result(study, summary, tables, directory))


def _solved(result: Result) -> Result:
    """The result, if it has what the study is for.

    Raises:
        ConvergenceError: it has not; it comes with the error, and its files are written.
    """
    if not result.study.unsolved:
        return result
    kind, where = result.case.study.kind, result.directory
    kept = f": the state is kept in {where}, with the rest of the result" if where is not None else ""
    error = ConvergenceError(f"{kind}: {result.study.unsolved}; the equilibrium converged{kept}")
    error.result = result
    raise error


def _publish_state(case: Case, folder: ResultFolder) -> None:
    """Let the checkpoint outlive the run, with the case that it belongs to. Collective."""
    _write_case(case, folder)
    folder.publish_early(CHECKPOINT_FILE)
    if not folder.replaces:
        folder.publish_early(CASE_FILE)


def _write_case(case: Case, folder: ResultFolder) -> None:
    """The case as resolved, so that running it again gives the same. Collective."""
    folder.on_root((folder.stage / CASE_FILE).write_text, dump_case(case), "utf-8")


def _prepare(case: Case, comm: MPI.Comm, log: RunLog, checkpointer: Checkpointer) -> Study:
    """The study on its mesh."""
    note_the_cache(comm, log)
    log.stage("mesh")
    domain = build_domain(case.graded_mesh, comm, log.fraction)
    for remark in domain.remarks:
        log.note(remark)
    case.expect_terminals(domain)
    case.expect_interfaces(domain)
    study = STUDIES[case.study.kind](case, domain, log, checkpointer)
    log.facts(
        "mesh", {"dimension": study.domain.dimension, "cells": study.cells, "dofs": study.space.unknowns}
    )
    return study


def _evaluate(study: Study, log: RunLog) -> tuple[dict[str, Any], dict[str, dict[str, Column]]]:
    """Summary and tables."""
    log.stage("post-processing")
    study.interruption.heed(_IN_POST_PROCESSING)
    numbers = finite(study.numbers(), log)
    study.interruption.heed(_IN_POST_PROCESSING)
    tables = {name: dict(columns) for name, columns in study.tables().items()}
    study.interruption.heed(_IN_POST_PROCESSING)
    summary = {
        "title": study.case.title,
        "study": study.case.study.kind,
        "dimension": study.domain.dimension,
        "cells": study.cells,
        "dofs": study.space.unknowns,
        "ranks": study.domain.comm.size,
        "version": __version__,
        "wall_time_s": log.elapsed,
        "timings_s": log.timings_s,
        "temperature_K": study.case.temperature,
        "remarks": _remarks(study, log),
        **numbers,
    }
    return summary, tables


def _remarks(study: Study, log: RunLog) -> list[str]:
    """What was noted so far, the same on every rank. Collective."""
    remarks: list[str] = study.domain.comm.bcast(log.remarks)
    return remarks


def _write(
    study: Study,
    summary: dict[str, Any],
    tables: dict[str, dict[str, Column]],
    folder: ResultFolder,
    log: RunLog,
) -> None:
    """Write every file of the result but the figures."""
    case, stage = study.case, folder.stage
    if case.output.fields:
        log.stage("fields")
        writer = FieldWriter(stage, study.domain, study.space.space)
        for time, fields in study.field_steps():
            study.interruption.heed(_IN_POST_PROCESSING)
            writer.write(fields, time)
    log.stage("files")
    study.keep()
    for name, columns in tables.items():
        folder.on_root(write_table, stage / name, columns)
    _write_case(case, folder)
    summary |= {"wall_time_s": log.elapsed, "timings_s": log.timings_s, "remarks": _remarks(study, log)}
    folder.on_root(write_summary, stage / SUMMARY_FILE, summary)
    log.facts("result", {key: value for key, value in summary.items() if isinstance(value, float)})
    folder.on_root(log.write, stage / LOG_FILE)


def _draw(directory: Path, comm: MPI.Comm, log: RunLog, summary: dict[str, Any], told: bool) -> None:
    """Draw the figures of a published result: whatever goes wrong costs figures, not numbers. Collective.

    What is missing is remarked in the summary too.

    Args:
        directory: of the result.
        comm: communicator.
        log: of the run.
        summary: its numbers.
        told: whether Ctrl-C or SIGTERM came already.

    Raises:
        Interrupted: by Ctrl-C or SIGTERM.
        OutputError: the log cannot be written.
    """
    log.stage("figures")
    error = comm.bcast(on_root(comm, _trouble_of_drawing, directory, log, told))
    remark = f"the result is whole in {directory}, and `scl-fem plot {directory}` draws them"
    if isinstance(error, Interrupted):
        error.add_kept(remark)
        log.record(f"stopped: {error}")
    elif error is not None:
        log.note(f"figures are missing ({error}); {remark}")
    remarks = comm.bcast(log.remarks)
    if remarks != summary["remarks"]:
        summary["remarks"] = remarks
        on_root(comm, write_summary, directory / SUMMARY_FILE, summary)
    on_root(comm, log.write, directory / LOG_FILE)
    if isinstance(error, Interrupted):
        raise error


def _trouble_of_drawing(directory: Path, log: RunLog, told: bool) -> Interrupted | str | None:
    """Draw, unless told to stop; what kept it from being finished (rank 0)."""
    if told:
        return Interrupted("interrupted before figures were drawn")
    try:
        from scl_fem.figures import plot_result

        with claimed(directory):
            plot_result(directory, note=log.note)
    except KeyboardInterrupt:
        return Interrupted("interrupted while figures were drawn")
    except SclFemError as error:
        return str(error)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


def _keep_state(
    error: ConvergenceError | Interrupted, study: Study, folder: ResultFolder, log: RunLog
) -> None:
    """Keep the last good state of a solve that failed or was interrupted, and the log that says how."""
    if error.state is not None:
        study.checkpointer.write(error.state)
    elif study.has_state:
        study.keep()
    if study.checkpointer.written:
        error.add_kept(f"the state is kept in {folder.path / CHECKPOINT_FILE}: --restart starts from it")
    _write_case(study.case, folder)
    log.record(f"stopped: {error}" if isinstance(error, Interrupted) else f"not converged: {error}")
    folder.on_root(log.write, folder.stage / LOG_FILE)
