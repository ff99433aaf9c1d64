"""What a run found, in Python: numbers, tables, fields and figures, in memory or read from a folder."""

from scl_fem.results.reading import load_result
from scl_fem.results.result import Result

__all__ = ["Result", "load_result"]
