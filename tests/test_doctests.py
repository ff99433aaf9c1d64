"""Examples in docstrings say what the program does."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import scl_fem

ROOT = Path(scl_fem.__file__).parents[1]
WITH_EXAMPLES = [
    path.relative_to(ROOT)
    for path in sorted((ROOT / "scl_fem").rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]
"""Only these are imported: all of the package would take seconds."""


def test_there_are_some():
    assert len(WITH_EXAMPLES) >= 4


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=str)
def test_examples(path):
    module = import_module(".".join(path.with_suffix("").parts))
    failed, tried = doctest.testmod(module)
    assert tried > 0
    assert failed == 0
