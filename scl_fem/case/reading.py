"""From a file to a case; every mistake in it is one message."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scl_fem.case.limits import LARGEST_FILE, check_values
from scl_fem.case.model import Case
from scl_fem.case.overrides import OVERRIDE, parse_override, read_toml, set_value, touches
from scl_fem.complaints import collected, listed
from scl_fem.errors import InputError
from scl_fem.regular import check_regular
from scl_fem.solvers.petsc_options import unsafe_options


def load_case(path: str | Path, overrides: Sequence[str] = (), *, unsafe_petsc_options: bool = False) -> Case:
    """Read a case file.

    Args:
        path: a TOML file.
        overrides: "KEY=VALUE" each, set before the case is checked.
        unsafe_petsc_options: let any option of PETSc through, those too that write files and run code.

    Raises:
        InputError: the file cannot be read, is not TOML, or says something wrong; lists every mistake
            with file, key, what is wrong and what is allowed.
    """
    path = Path(path)
    tables = _read(path)
    set_at = {}
    for text in overrides:
        keys, value = parse_override(text)
        set_at[text] = keys
        try:
            set_value(tables, keys, value)
        except InputError as error:
            raise error.located(file=f"{path} with {OVERRIDE} {text}") from None
    try:
        with unsafe_options(unsafe_petsc_options):
            return case_from_dict(tables, path.parent)
    except InputError as error:
        raise _located(error, str(path), set_at) from None


def case_from_dict(tables: Mapping[str, Any], base_dir: str | Path = ".", file: str | None = None) -> Case:
    """Make a case of the tables of a case file.

    Args:
        tables: as `tomllib` reads them; not changed.
        base_dir: relative paths in the case are taken from here.
        file: name for messages.

    Raises:
        InputError: the tables say something wrong; lists every mistake.
    """
    try:
        check_values(tables)
        case = Case(**copy.deepcopy(dict(tables)))
    except InputError as error:
        raise error.located(file=file) from None
    folder = Path(base_dir).resolve()
    placed: dict[str, Any] = {"mesh": case.mesh.relative_to(folder)}
    if case.phase is not None:
        placed["phase"] = case.phase.relative_to(folder)
    return case.model_copy(update=placed)


def _located(error: InputError, file: str, set_at: Mapping[str, Sequence[str]]) -> InputError:
    """The mistakes with the place each was made in: the file, or the file with an override.

    Args:
        error: one mistake or several.
        file: name of the case file.
        set_at: the paths that were overridden, by the text of the override.
    """

    def place(key: str | None) -> str:
        concerned = [f" {OVERRIDE} {text}" for text, path in set_at.items() if touches(path, key)]
        return f"{file} with{''.join(concerned)}" if concerned else file

    return collected(each.located(file=place(each.key)) for each in listed(error))


def _read(path: Path) -> dict[str, Any]:
    check_regular(path)
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise InputError("is too large for a case file", file=str(path), allowed=f"{LARGEST_FILE} bytes")
        return read_toml(content.decode("utf-8-sig"))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(path)) from None
    except UnicodeDecodeError as error:
        problem = f"is not a text file in UTF-8 (byte {error.start})"
        raise InputError(problem, file=str(path), allowed="a TOML file in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"is not TOML: {error}", file=str(path)) from None
