"""What a report holds: numbers with the paper's value beside ours, tables, figures; no layout."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Cell = str | float | None
"""An entry of a table; None where there is nothing."""

_INPUT_DIGITS = 6
"""More than any input has."""

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Number:
    """One number of the paper, and ours.

    Attributes:
        key: dotted name in numbers.json, the unit at its end.
        label: what it is, for people.
        unit: of both; "" for a plain number.
        paper: what the paper prints; None where it prints nothing.
        ours: what this program finds; None where it finds nothing.
        how: where ours comes from: "input", "closed form", "solved", ...
        note: what else a reader should know.
        printed: how the paper puts it where a plain number would say too much ("~0.5", "at most 0.13").
    """

    key: str
    label: str
    unit: str
    paper: float | None
    ours: float | None
    how: str
    note: str = ""
    printed: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours over the paper's; None where either is missing or the paper's is zero."""
        if self.paper is None or self.ours is None or self.paper == 0.0:
            return None
        return self.ours / self.paper

    @property
    def paper_text(self) -> str:
        """The paper's value as the report shows it."""
        return self.printed or in_words(self.paper, _INPUT_DIGITS)

    @property
    def ours_text(self) -> str:
        """Ours as the report shows it: an input to its last digit."""
        return in_words(self.ours, _INPUT_DIGITS) if self.how == "input" else in_words(self.ours)

    def as_table(self) -> dict[str, Any]:
        """The entry of numbers.json."""
        entries = {"label": self.label, "unit": self.unit, "paper": self.paper, "printed": self.printed}
        return entries | {"ours": self.ours, "ratio": self.ratio, "how": self.how, "note": self.note}


@dataclass(frozen=True)
class Table:
    """Numbers side by side.

    Attributes:
        key: name in numbers.json.
        title: above it.
        header: of the columns, with units.
        rows: as long as the header.
        note: below it.
    """

    key: str
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""

    def as_table(self) -> dict[str, Any]:
        """The entry of numbers.json."""
        return {"title": self.title, "header": list(self.header), "rows": [list(row) for row in self.rows]}


@dataclass(frozen=True)
class Picture:
    """A figure of the report.

    Attributes:
        stem: of the PNG file.
        caption: below it.
        draw: makes it, within the house style.
    """

    stem: str
    caption: str
    draw: Callable[[], Figure]

    @property
    def file(self) -> str:
        """Name of the PNG file."""
        return f"{self.stem}.png"


@dataclass(frozen=True)
class Section:
    """A part of a report: text, then numbers, tables, figures.

    Attributes:
        key: name in numbers.json and anchor of the page.
        title: heading.
        text: paragraphs, plain text.
        numbers: the paper's beside ours.
        tables: further ones.
        pictures: figures.
    """

    key: str
    title: str
    text: tuple[str, ...] = ()
    numbers: tuple[Number, ...] = ()
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class Report:
    """Everything that is told about a paper.

    Attributes:
        name: by which the command knows it.
        title: heading.
        citation: of the paper.
        text: paragraphs before the first section.
        sections: in order.
    """

    name: str
    title: str
    citation: str
    text: tuple[str, ...]
    sections: tuple[Section, ...]

    def numbers(self) -> dict[str, Number]:
        """All numbers by key."""
        return {number.key: number for section in self.sections for number in section.numbers}

    def as_table(self) -> dict[str, Any]:
        """The content of numbers.json."""
        return {
            "paper": self.name,
            "citation": self.citation,
            "numbers": {key: number.as_table() for key, number in self.numbers().items()},
            "tables": {
                f"{section.key}.{table.key}": table.as_table()
                for section in self.sections
                for table in section.tables
            },
        }


def in_words(cell: Cell, digits: int = 4) -> str:
    """A cell as text: numbers to some significant digits, with powers of ten where they are far from 1.

    >>> in_words(4.4e-14), in_words(0.0009), in_words(33.37), in_words(None)
    ('4.4·10⁻¹⁴', '0.0009', '33.37', '–')

    Args:
        cell: number, words or None.
        digits: significant digits.
    """
    if cell is None:
        return "–"
    if isinstance(cell, str):
        return cell
    if not math.isfinite(cell):
        return "∞" if cell > 0 else "–"
    if cell == 0.0 or 1e-4 <= abs(cell) < 1e5:
        return f"{float(f'{cell:.{digits}g}'):.10f}".rstrip("0").rstrip(".")
    mantissa, exponent = f"{cell:.{digits - 1}e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}·10{str(int(exponent)).translate(_SUPERSCRIPTS)}"
