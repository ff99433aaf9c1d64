"""The text of an .inp file: keyword lines with options, data lines below them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt


@dataclass
class Keyword:
    """A keyword with the data lines that follow it.

    Attributes:
        name: in capitals, without the star.
        options: by name in capitals; those without a value are empty.
        line: its line in the file.
        lines: the data lines.
    """

    name: str
    options: dict[str, str]
    line: int
    lines: list[str] = field(default_factory=list)


def keywords(file: Iterable[str]) -> Iterator[Keyword]:
    """Every keyword of a file in turn.

    Args:
        file: its lines.

    Raises:
        ValueError: there is data before the first keyword: this is another format.
    """
    current: Keyword | None = None
    head = ""
    for number, raw in enumerate(file, 1):
        line = raw.strip()
        if not line or line.startswith("**"):
            continue
        if line.startswith("*") or head:
            head += line
            if not line.endswith(","):  # a comma at the end: the options go on in the next line
                if current is not None:
                    yield current
                current, head = _keyword(head, number), ""
        elif current is None:
            raise ValueError("not a file of Abaqus or CalculiX, which begins with a keyword: *NODE, *HEADING")
        else:
            current.lines.append(line)
    if current is not None:
        yield current


def numbers(keyword: Keyword, widths: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """Data lines of numbers, those left out at the end of a line zero.

    Args:
        keyword: with its data lines.
        widths: numbers that a line may have; more are cut off.

    Raises:
        ValueError: something else is there.
    """
    rows = [line.rstrip(",").split(",") for line in keyword.lines]
    width = max((min(len(row), max(widths)) for row in rows), default=max(widths))
    if any(len(row) < min(widths) for row in rows):
        raise ValueError(f"a line below *{keyword.name} (line {keyword.line}) is cut short")
    even = [row[:width] if len(row) >= width else row + ["0"] * (width - len(row)) for row in rows]
    try:
        return np.array(even, dtype=np.float64).reshape(-1, width)
    except ValueError:
        # Fortran's exponents, and coordinates left out between commas
        plain = [[word.upper().replace("D", "E").strip() or "0" for word in row] for row in even]
        return np.array(plain, dtype=np.float64).reshape(-1, width)


def integers(keyword: Keyword, width: int) -> npt.NDArray[np.int64]:
    """Rows of whole numbers, which may go on in further lines.

    Args:
        keyword: with its data lines.
        width: numbers in a row.

    Raises:
        ValueError: something else is there, or the last row is cut short.
    """
    text = ",".join(line.rstrip(", \t") for line in keyword.lines)
    values = np.array(text.split(",") if text else [], dtype=np.int64)
    if len(values) % width:
        raise ValueError(
            f"the elements below *{keyword.name} (line {keyword.line}) do not have {width - 1} points each"
        )
    return values.reshape(-1, width)


def _keyword(text: str, line: int) -> Keyword:
    name, *options = text.lstrip("*").split(",")
    pairs = [option.partition("=") for option in options if option.strip()]
    values = {key.strip().upper(): value.strip().strip('"') for key, _, value in pairs}
    return Keyword(" ".join(name.upper().split()), values, line)
