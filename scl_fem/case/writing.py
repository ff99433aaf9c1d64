"""From a case to the file that holds it."""

from __future__ import annotations

import re

import scl_fem
from scl_fem.case.model import Case

# An array of plain values as tomli_w writes it, one value a line; no string holds a line break as such.
_ARRAY = re.compile(r"(?<== )\[\n((?:    [^\[\]\n]+,\n)+)\]")


def dump_case(case: Case) -> str:
    """The text of a case file that holds this case: reading it gives the same case.

    Args:
        case: best one that was resolved, so that the file says everything.
    """
    import tomli_w

    text = _ARRAY.sub(_on_one_line, tomli_w.dumps(case.to_dict()))
    return f"# written by scl_fem {scl_fem.__version__}\n{text}"


def _on_one_line(array: re.Match[str]) -> str:
    return f"[{', '.join(line.strip().removesuffix(',') for line in array[1].splitlines())}]"
