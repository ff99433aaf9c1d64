"""Tables as pandas shows them, where pandas is there: the program does not need it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd


def has_pandas() -> bool:
    """Whether pandas is there."""
    try:
        return find_spec("pandas") is not None
    except ValueError:  # something else stands in its place
        return False


def frame[Columns: Mapping[str, npt.NDArray[Any]]](columns: Columns) -> pd.DataFrame | Columns:
    """Columns as a DataFrame, or as they are where there is no pandas.

    Args:
        columns: (n,) each, by name.
    """
    if not has_pandas():
        return columns
    import pandas as pd

    return pd.DataFrame(dict(columns))
