"""Results as a notebook shows them: plain tables, which take the notebook's own look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from scl_fem.results.text import heading, key_numbers


def result_page(summary: Mapping[str, Any]) -> str:
    """The key numbers and every remark of a result.

    Args:
        summary: as in summary.json.
    """
    numbers = table((), key_numbers(summary))
    remarks = "".join(f"<li>{escape(str(text))}</li>" for text in summary.get("remarks", ()))
    listed = f"<ul>{remarks}</ul>" if remarks else ""
    return f"<div><p><b>{escape(heading(summary))}</b></p>{numbers}{listed}</div>"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows of text as a table.

    Args:
        header: names of the columns; none, no header.
        rows: cells.
    """
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table>{f'<thead><tr>{head}</tr></thead>' if head else ''}<tbody>{body}</tbody></table>"
