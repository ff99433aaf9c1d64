"""Loading modules quickly."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def nothing_to_collect() -> Iterator[None]:
    """Leave Python's collector of garbage alone inside the block, which imports.

    Modules make a hundred thousand objects, none of them garbage; searching them for it again and
    again takes a seventh of the start-up. The collector is told afterwards that they are here to stay.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
