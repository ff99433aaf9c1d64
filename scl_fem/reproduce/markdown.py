"""A report as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from scl_fem.reproduce.report import Report, Section, in_words

NUMBERS_HEADER = ("quantity", "unit", "paper", "here", "here / paper", "from", "note")


def to_markdown(report: Report) -> str:
    """The report, its figures as links to the PNG files beside it.

    Args:
        report: the report.
    """
    lines = [f"# {report.title}", "", report.citation, ""]
    lines += [line for paragraph in report.text for line in (paragraph, "")]
    for section in report.sections:
        lines += _section(section)
    return "\n".join(lines)


def number_rows(section: Section) -> Iterator[tuple[str, ...]]:
    """The numbers of a section as text, under `NUMBERS_HEADER`.

    Args:
        section: of the report.
    """
    for number in section.numbers:
        yield (
            number.label,
            number.unit,
            number.paper_text,
            number.ours_text,
            in_words(number.ratio, 3),
            number.how,
            number.note,
        )


def _section(section: Section) -> list[str]:
    lines = [f"## {section.title}", ""]
    lines += [line for paragraph in section.text for line in (paragraph, "")]
    if section.numbers:
        lines += [*_table(NUMBERS_HEADER, number_rows(section)), ""]
    for table in section.tables:
        rows = (tuple(map(in_words, row)) for row in table.rows)
        lines += [f"**{table.title}**", "", *_table(table.header, rows), ""]
        lines += [table.note, ""] if table.note else []
    for picture in section.pictures:
        lines += [f"![{picture.caption}]({picture.file})", "", f"*{picture.caption}*", ""]
    return lines


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
