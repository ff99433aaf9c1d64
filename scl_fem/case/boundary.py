"""The table [boundary]: what happens at the terminals, by name."""

from __future__ import annotations

from typing import Literal

from scl_fem.registry import Registry
from scl_fem.settings import Settings


class BoundarySettings(Settings):
    """What happens at the terminals; each kind has its own keys."""

    kind: str


BOUNDARY_KINDS: Registry[type[BoundarySettings]] = Registry("boundary kind")


@BOUNDARY_KINDS.register("closed")
class ClosedBoundary(BoundarySettings):
    """No flux and no field at the ends: mass is conserved."""

    kind: Literal["closed"] = "closed"


@BOUNDARY_KINDS.register("bulk")
class BulkBoundary(BoundarySettings):
    """Both ends are held at bulk composition by reservoirs."""

    kind: Literal["bulk"] = "bulk"
