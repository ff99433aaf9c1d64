"""What a run prints when it is done."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scl_fem.results.text import summary_lines


def print_summary(summary: Mapping[str, Any], directory: Path) -> None:
    """Print the key numbers and where the files are."""
    print("\n".join(summary_lines(summary)))
    files = ", ".join(sorted(entry.name for entry in directory.iterdir() if entry.is_file()))
    print(f"\nwritten to {directory}: {files}")
