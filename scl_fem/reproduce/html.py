"""A report as one HTML page that needs nothing beside it: figures are embedded, nothing is loaded."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from pathlib import Path

from scl_fem.reproduce.markdown import NUMBERS_HEADER, number_rows
from scl_fem.reproduce.report import Report, Section, in_words

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1b1b1b; max-width: 72rem; }
body { margin: 2rem auto; padding: 0 1.2rem; }
h1 { font-size: 1.7rem; } h2 { font-size: 1.25rem; margin-top: 2.6rem; border-bottom: 1px solid #ccc; }
h3 { font-size: 1rem; margin: 1.6rem 0 .4rem; }
p { max-width: 56rem; } nav a { margin-right: 1rem; white-space: nowrap; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .88rem; }
th, td { text-align: left; vertical-align: top; padding: .28rem .7rem; border-bottom: 1px solid #e3e3e3; }
th { border-bottom: 2px solid #999; }
td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
figure { margin: 1.4rem 0; } img { max-width: 100%; height: auto; }
figcaption, .note { color: #555; font-size: .88rem; max-width: 56rem; }
"""

_FORMULA = re.compile(r"Li(x|\d+(?:\.\d+)?)?V2O5")
_SYMBOL = re.compile(r"\b([A-Za-zετσω]{1,3})_(\w+|∞)")
_T2 = re.compile(r"\bT2\b")
_NUMBER = re.compile(r"[~+−-]?[\d.]+(·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?( ?%)?|–|∞")


def to_html(report: Report, directory: Path) -> str:
    """The report as a page.

    Args:
        report: the report.
        directory: where its PNG files are.
    """
    links = "".join(f'<a href="#{each.key}">{_text(each.title)}</a> ' for each in report.sections)
    body = [
        f"<h1>{_text(report.title)}</h1>",
        _paragraphs([report.citation, *report.text]),
        f"<nav>{links}</nav>",
        *(_section(each, directory) for each in report.sections),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(report.title)}</title><style>{_STYLE}</style></head>\n"
        f"<body>\n{chr(10).join(body)}\n</body></html>\n"
    )


def _section(section: Section, directory: Path) -> str:
    parts = [f'<h2 id="{section.key}">{_text(section.title)}</h2>', _paragraphs(section.text)]
    if section.numbers:
        parts.append(_table(NUMBERS_HEADER, number_rows(section)))
    for table in section.tables:
        parts.append(f"<h3>{_text(table.title)}</h3>")
        parts.append(_table(table.header, (tuple(map(in_words, row)) for row in table.rows)))
        parts.append(f'<p class="note">{_text(table.note)}</p>' if table.note else "")
    for picture in section.pictures:
        data = base64.b64encode((directory / picture.file).read_bytes()).decode("ascii")
        parts.append(
            f'<figure><img alt="{escape(picture.stem)}" src="data:image/png;base64,{data}">'
            f"<figcaption>{_text(picture.caption)}</figcaption></figure>"
        )
    return "\n".join(part for part in parts if part)


def _paragraphs(texts: Iterable[str]) -> str:
    return "\n".join(f"<p>{_text(text)}</p>" for text in texts)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{_text(cell)}</th>" for cell in header)
    lines = "\n".join(f"<tr><td>{_text(row[0])}</td>{''.join(map(_cell, row[1:]))}</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead>\n<tbody>{lines}</tbody></table></div>'


def _cell(text: str) -> str:
    kind = ' class="number"' if _NUMBER.fullmatch(text) else ""
    return f"<td{kind}>{_text(text)}</td>"


def _text(text: str) -> str:
    """Text with its subscripts: those of LixV2O5, of T2, and what follows the underscore of a symbol."""
    replacements: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
        (_SYMBOL, lambda match: f"{match[1]}<sub>{match[2]}</sub>"),
        (_FORMULA, lambda m: f"Li{f'<sub>{m[1]}</sub>' if m[1] else ''}V<sub>2</sub>O<sub>5</sub>"),
        (_T2, lambda match: "T<sub>2</sub>"),
    )
    text = escape(text).replace("Ω cm²", "Ω\N{NO-BREAK SPACE}cm²")
    for pattern, replacement in replacements:
        text = pattern.sub(replacement, text)
    return text
