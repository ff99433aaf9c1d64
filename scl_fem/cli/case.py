"""Reading the case of a command."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scl_fem.errors import InputError

if TYPE_CHECKING:
    from scl_fem.case import Case


def resolved_case(case_file: Path, overrides: Sequence[str]) -> Case:
    """The case of a command with every default written out.

    Args:
        case_file: the file.
        overrides: "KEY=VALUE" each.

    Raises:
        InputError: something is wrong with it; names the file.
    """
    from scl_fem.case import load_case, resolve

    case = load_case(case_file, overrides)
    try:
        return resolve(case)
    except InputError as error:
        raise error.located(file=str(case_file)) from None
