"""Papers reproduced: every number and figure, the paper's beside ours, as one report."""

from scl_fem.reproduce import cheng2020  # noqa: F401  (registers itself)
from scl_fem.reproduce.papers import PAPERS, reproduce

__all__ = ["PAPERS", "reproduce"]
