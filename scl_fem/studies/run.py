"""Running a case from its tables to a result folder: the same steps for every kind of study."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
from mpi4py import MPI

from scl_fem import __version__
from scl_fem.case import Case, dump_case, resolve
from scl_fem.errors import ConvergenceError, InputError
from scl_fem.mesh.distribute import build_domain
from scl_fem.output.checkpoint import read_checkpoint, write_checkpoint
from scl_fem.output.fields import FieldWriter
from scl_fem.output.folder import ResultFolder
from scl_fem.output.log import RunLog, versions
from scl_fem.output.names import CASE_FILE, CHECKPOINT_FILE, LOG_FILE, PROFILE_FILE, SUMMARY_FILE
from scl_fem.output.tables import Profile, write_profile, write_summary
from scl_fem.progress import Reporter
from scl_fem.studies.kinds import STUDIES, Study, StudyResult


@dataclass(frozen=True)
class Result:
    """What a run found.

    Attributes:
        case: as resolved.
        summary: the numbers of summary.json.
        profile: fields along the normal through the interface.
        study: the solved study: its equilibrium has mesh, potential and phases.
        directory: where the files are, None where none were asked for.
    """

    case: Case
    summary: dict[str, Any]
    profile: Profile
    study: StudyResult
    directory: Path | None

    def plot(self) -> list[Path]:
        """Draw the figures of the result folder anew.

        Raises:
            InputError: the run left no folder.
        """
        from scl_fem.figures import plot_result

        if self.directory is None:
            raise InputError("this result was not written: give `run` a directory")
        return plot_result(self.directory)


def run_case(
    case: Case,
    directory: Path | str | None = None,
    *,
    comm: MPI.Comm = MPI.COMM_WORLD,
    progress: Reporter | None = None,
    overwrite: bool = False,
    restart: bool = False,
) -> Result:
    """Solve a case and write its result folder. Collective.

    Args:
        case: what to solve; need not be resolved.
        directory: of the result; None writes nothing.
        comm: communicator.
        progress: takes the news.
        overwrite: whether a result in the directory may be replaced.
        restart: start from the checkpoint in the directory, and replace the result.

    Raises:
        InputError: the case is wrong, or the directory holds a result.
        ConvergenceError: the solve failed; the directory keeps checkpoint and log.
        OutputError: the files could not be written; an older result is as it was.
    """
    case = resolve(case)
    log = RunLog(progress)
    log.facts("versions", versions())
    log.facts("run", {"ranks": comm.size, "case": case.title})
    if directory is None:
        if restart:
            raise InputError("a restart needs the directory that holds the checkpoint")
        study = _solved(case, comm, log, None)
        return Result(case, _summary(case, study, log), study.profile(), study, None)
    directory = Path(directory)
    with ResultFolder(directory, comm, overwrite=overwrite or restart) as folder:
        folder.keep(CHECKPOINT_FILE, LOG_FILE)
        checkpoint = _Checkpoint(case, folder.stage / CHECKPOINT_FILE)
        start = directory / CHECKPOINT_FILE if restart else None
        try:
            study = _solved(case, comm, log, start)
        except ConvergenceError as error:
            _keep_state(error, checkpoint, folder, log, directory)
            raise
        result = _write(case, study, folder, checkpoint, log, directory)
    return result


def _solved(case: Case, comm: MPI.Comm, log: RunLog, start: Path | None) -> StudyResult:
    """Mesh and solve."""
    log.stage("mesh")
    domain = build_domain(case.mesh, comm)
    study = Study(case, domain, log)
    log.facts(
        "mesh",
        {"cells": study.cells, "dofs": study.space.unknowns, "interface area": study.space.interface_area},
    )
    if start is not None:
        functions = read_checkpoint(start, {"phi": study.space.space}, fingerprint=_fingerprint(case))
        study.start = functions.functions["phi"]
        log.note(f"starting from {start}")
    return STUDIES[case.study.kind](study)


def _summary(case: Case, study: StudyResult, log: RunLog) -> dict[str, Any]:
    """The whole of summary.json."""
    log.stage("post-processing")
    numbers = study.numbers()
    return {
        "title": case.title,
        "study": case.study.kind,
        "dimension": study.study.domain.dimension,
        "cells": study.study.cells,
        "dofs": study.study.space.unknowns,
        "ranks": study.study.domain.comm.size,
        "version": __version__,
        "wall_time_s": log.elapsed,
        "timings_s": log.timings_s,
        "temperature_K": case.temperature,
        **numbers,
    }


def _write(
    case: Case,
    study: StudyResult,
    folder: ResultFolder,
    checkpoint: _Checkpoint,
    log: RunLog,
    directory: Path,
) -> Result:
    """Write every file of the result; the summary's time is that of everything but the pictures."""
    numbers = _summary(case, study, log)
    profile = study.profile()
    if case.output.fields:
        log.stage("fields")
        writer = FieldWriter(folder.stage, study.study.domain, study.study.space.space)
        writer.write(study.fields())
    log.stage("files")
    checkpoint.write({"phi": study.equilibrium.phi})
    folder.on_root(write_profile, folder.stage / PROFILE_FILE, profile)
    folder.on_root((folder.stage / CASE_FILE).write_text, dump_case(case), "utf-8")
    numbers |= {"wall_time_s": log.elapsed, "timings_s": log.timings_s}
    folder.on_root(write_summary, folder.stage / SUMMARY_FILE, numbers)
    if case.output.figures:
        log.stage("figures")
        folder.on_root(_draw, folder.stage, log)
    log.facts("result", {key: value for key, value in numbers.items() if isinstance(value, float)})
    folder.on_root(log.write, folder.stage / LOG_FILE)
    return Result(case, numbers, profile, study, directory)


def _draw(stage: Path, log: RunLog) -> None:
    from scl_fem.figures import plot_result

    plot_result(stage, note=log.note)


class _Checkpoint:
    """Writes the state of a case."""

    def __init__(self, case: Case, path: Path) -> None:
        self.path, self.fingerprint = path, _fingerprint(case)

    def write(self, functions: dict[str, Any]) -> None:
        write_checkpoint(self.path, functions, {"version": __version__}, fingerprint=self.fingerprint)


def _keep_state(
    error: ConvergenceError, checkpoint: _Checkpoint, folder: ResultFolder, log: RunLog, directory: Path
) -> None:
    """Keep the last good state of a solve that failed, and the log that says how."""
    log.record(f"not converged: {error}")
    if error.state is not None:
        checkpoint.write({"phi": error.state})
        error.add_kept(f"the state is kept in {directory / CHECKPOINT_FILE}")
    folder.on_root(log.write, folder.stage / LOG_FILE)


def _fingerprint(case: Case) -> str:
    """Equal for cases on the same mesh and elements, whose potentials fit one another."""
    text = json.dumps([case.mesh.model_dump(mode="json"), case.solver.order], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
