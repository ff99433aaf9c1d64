"""Small JSON files that are there whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scl_fem.output.files import write_text


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON file.

    Args:
        path: the file; its directory exists.
        content: plain values.

    Raises:
        OutputError: it cannot be written; an older file is as it was.
    """
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
