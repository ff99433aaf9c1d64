"""Reports of TopSpin's relaxation module: what they hold, and why no fit over temperature can start there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from scl_fem.errors import InputError

_SIGNS = (
    re.compile(r"\bfit\s*:\s*(Decay|Recovery|Saturation|Inversion|\w+)\b", re.I),
    re.compile(r"points for Peak", re.I),
)
_RESULT = re.compile(r"\s*(?P<name>T1|T2)\s*=\s*(?P<value>[\d.eE+-]+)\s*(?P<prefix>[munp]?)s?\s*")
_MOST_RESULTS = 6


def refuse_report(lines: Sequence[str], path: Path, names: Sequence[str]) -> None:
    """Refuse a report of one relaxation experiment, and say what it found.

    Args:
        lines: of the file.
        path: the file.
        names: columns that a fit wants.

    Raises:
        InputError: it is such a report.
    """
    if not all(any(sign.search(line) for line in lines) for sign in _SIGNS):
        return
    matches = [match for line in lines if (match := _RESULT.fullmatch(line))]
    found = ", ".join(
        f"{each['name']} = {each['value']} {each['prefix']}s" for each in matches[:_MOST_RESULTS]
    )
    raise InputError(
        f"is a TopSpin T1/T2 report of one experiment ({found or 'without a result'}): it does not say the "
        "temperature, and a fit takes several",
        file=str(path),
        allowed=f"a table with a row for each experiment and the columns {', '.join(names)}",
    )
