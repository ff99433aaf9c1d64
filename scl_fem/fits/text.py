"""Tables as text: encodings, separators and decimal marks as spreadsheets and people write them."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scl_fem.errors import InputError

BLANKS = " "
SEPARATORS = ("\t", ";", ",", BLANKS)
"""What may stand between cells; the last stands for any number of blanks."""

_LARGEST_FILE = 64 * 2**20
"""Bytes; a table of measured data is smaller by far."""

_BINARY = {
    b"PK\x03\x04": "a workbook or another zip file",
    b"\xd0\xcf\x11\xe0": "a workbook of an old kind",
    b"\x1f\x8b": "a compressed file",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\x89HDF": "an HDF5 file",
}
"""How files begin that are taken for tables."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks; that of UTF-32 begins like that of UTF-16."""

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f\ufffd]")
_REMARK = re.compile(r"\s*[\"']?\s*(#|%|//|!)")
_EXCEL_SEPARATOR = re.compile(r"\s*\"?sep=(.)\"?\s*", re.IGNORECASE)
_LONGEST_CELL = 8
"""Lines that a quoted cell may go on for."""


@dataclass(frozen=True)
class Line:
    """A line of a table.

    Attributes:
        number: in the file, from 1.
        text: what it says.
        is_remark: whether it begins with a mark of remarks; its text is what follows the mark.
    """

    number: int
    text: str
    is_remark: bool = False


def read_lines(path: Path) -> list[Line]:
    """The lines of a text file that are not blank.

    Args:
        path: the file, in UTF-8, UTF-16, UTF-32 or Latin-1 (Windows-1252).

    Raises:
        InputError: there is no such file, or it is not text.
    """
    text = _decoded(_bytes(path), path)
    lines = enumerate(re.split(r"\r\n|\r|\n", text), start=1)
    return list(_whole_cells([_line(number, line) for number, line in lines if line.strip()]))


def _line(number: int, text: str) -> Line:
    mark = _REMARK.match(text)
    if mark:
        return Line(number, text[mark.end() :].lstrip("#%/! ").rstrip(), is_remark=True)
    return Line(number, text)


def _whole_cells(lines: list[Line]) -> Iterator[Line]:
    """The lines, one where a quoted cell goes over several."""
    place = 0
    while place < len(lines):
        line, taken = lines[place], 1
        if not line.is_remark and line.text.count('"') % 2:
            for count in range(2, _LONGEST_CELL + 1):
                joined = " ".join(each.text for each in lines[place : place + count])
                if joined.count('"') % 2 == 0 and place + count <= len(lines):
                    line, taken = Line(line.number, joined), count
                    break
        yield line
        place += taken


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
    except FileNotFoundError:
        raise InputError("there is no such file", file=str(path)) from None
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read as text ({error})", file=str(path)) from error
    if len(content) > _LARGEST_FILE:
        raise InputError(
            "is too large for a table of data", file=str(path), allowed=f"up to {_LARGEST_FILE >> 20} MB"
        )
    return content


def _decoded(content: bytes, path: Path) -> str:
    """Text of bytes; what is not UTF-8 is taken for Windows-1252, which has °, µ and ² where Latin-1 has."""
    kind = next((kind for start, kind in _BINARY.items() if content.startswith(start)), "binary data")
    for encoding in _encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        # some programs end their files with a control-Z
        if not _CONTROL.search(text) and kind == "binary data":
            return text.replace("\x1a", "")
        break
    raise InputError(
        f"cannot be read as text: it is {kind}", file=str(path), allowed="a table as text, exported as CSV"
    )


def _encodings(content: bytes) -> tuple[str, ...]:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return (encoding,)
    if b"\x00" in content:
        # UTF-16 without its mark: every other byte of plain text is 0
        even, odd = content[::2].count(0), content[1::2].count(0)
        few = len(content) // 10
        return ("utf-16-le",) if odd > 3 * few and even < few else ("utf-16-be",) if even > 3 * few else ()
    return ("utf-8", "cp1252", "latin-1")


def separators(lines: list[Line]) -> tuple[str, ...]:
    """The separators that a table may have: the one that it names itself (`sep=;`), or all."""
    named = _EXCEL_SEPARATOR.fullmatch(lines[0].text) if lines else None
    return (named[1],) if named else SEPARATORS


def without_remarks(lines: list[Line]) -> list[Line]:
    """The lines that are neither remarks nor the `sep=;` of spreadsheets.

    A semicolon begins a remark where other lines have none, and thus do not use it between cells.
    """
    content = [line for line in lines if not line.is_remark and not _EXCEL_SEPARATOR.fullmatch(line.text)]
    if all(";" in line.text for line in content):
        return content
    return [line for line in content if not line.text.lstrip().startswith(";")]


def cells(line: Line, separator: str, path: Path) -> list[str]:
    """The cells of a line, without blanks about them.

    Args:
        line: the line.
        separator: of `SEPARATORS`.
        path: the file, for messages.

    Raises:
        InputError: a quoted cell does not end.
    """
    if separator == BLANKS:
        found = line.text.split()
    else:
        try:
            found = [cell.strip() for cell in next(csv.reader([line.text], delimiter=separator, strict=True))]
        except (csv.Error, StopIteration) as error:
            raise InputError(
                f"cannot be read ({error})", file=str(path), key=f"line {line.number}"
            ) from error
    return found


def header_cells(line: Line, separator: str, count: int, path: Path) -> list[str]:
    """The cells of a line of headers; between blanks a unit stays with its name.

    Empty ones at the end of a line are none.

    Args:
        line: the line.
        separator: of `SEPARATORS`.
        count: cells of the lines below, which tells blanks within headers from those between them.
        path: the file, for messages.

    Raises:
        InputError: a quoted cell does not end.
    """
    if separator != BLANKS:
        found = cells(line, separator, path)
        while found and not found[-1]:
            found.pop()
        return found
    text = line.text.strip()
    tied = re.sub(r"\s+(?=[(\[])", "", re.sub(r"\s*/\s*", "/", text))
    tied = re.sub(r"[(\[][^)\]]*[)\]]", lambda match: match[0].replace(" ", "\0"), tied)
    ways = (re.split(r"\s{2,}|\t", text), [cell.replace("\0", " ") for cell in tied.split()], text.split())
    return next((way for way in ways if len(way) == count), ways[-1])


_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?")
_GROUPED = re.compile(
    r"[+-]?\d{1,3}((,\d{3})+\.\d*|(\.\d{3})+,\d*|([ '’]\d{3})+([.,]\d*)?|(,\d{3}){2,}|(\.\d{3}){2,})"
)
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_SPECIAL = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)


def plain(cell: str) -> str:
    """A cell with the minus sign and the blanks of a keyboard."""
    return cell.replace("−", "-").replace("–", "-").replace("\u00a0", " ").replace("\u202f", " ").strip()


def is_number(cell: str) -> bool:
    """Whether a cell is a number, whichever its decimal mark."""
    return bool(_PLAIN.fullmatch(plain(cell).replace(",", ".", 1)) or _GROUPED.fullmatch(plain(cell)))


@dataclass(frozen=True)
class Decimals:
    """How a table writes its numbers.

    Attributes:
        has_commas: there are numbers whose comma can only be a decimal mark.
        has_points: there are numbers whose point can only be one.
        is_by_semicolon: the cells are separated as where decimals have commas.
    """

    has_commas: bool
    has_points: bool
    is_by_semicolon: bool = False

    @classmethod
    def of(cls, rows: list[list[str]], separator: str) -> Decimals:
        """From all the cells of a table."""
        numbers = [plain(cell) for row in rows for cell in row]
        sure = [each for each in numbers if not _EITHER.fullmatch(each) and not _GROUPED.fullmatch(each)]
        return cls(
            has_commas=any("," in each and _PLAIN.fullmatch(each.replace(",", ".", 1)) for each in sure),
            has_points=any("." in each and _PLAIN.fullmatch(each) for each in sure),
            is_by_semicolon=separator == ";",
        )

    def number(self, cell: str) -> float:
        """The number in a cell.

        Raises:
            ValueError: it is none, or there are two ways to read it; says why.
        """
        text = plain(cell)
        if not text:
            raise ValueError("is empty")
        if _SPECIAL.fullmatch(text):
            return float(text)
        if _GROUPED.fullmatch(text):
            raise ValueError(f"'{text}' groups its digits: write it without marks between thousands")
        if _EITHER.fullmatch(text) and self._is_ambiguous(text):
            raise ValueError(
                f"'{text}' may have a decimal mark or one between thousands: write the whole table with "
                "decimal points"
            )
        decimal = re.sub("[dD]", "e", text.replace(",", ".", 1))
        if not _PLAIN.fullmatch(text.replace(",", ".", 1)):
            raise ValueError(f"'{text[:40]}' is not a number")
        return float(decimal)

    def _is_ambiguous(self, text: str) -> bool:
        """Whether a number such as 1,234 or 1.234 may be a thousand times larger."""
        if "." in text:
            return self.has_commas
        return self.has_points or not (self.has_commas or self.is_by_semicolon)
