"""The table [boundary]: what happens at the terminals, by name."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from scl_fem.complaints import complaint
from scl_fem.registry import Registry
from scl_fem.settings import Settings
from scl_fem.units import CurrentDensity, Voltage, quantity

Time = Annotated[float, *quantity("s", ge=0)]


class BoundarySettings(Settings):
    """What happens at the terminals; each kind has its own keys.

    Attributes:
        uses_terminals: whether anything does.
    """

    uses_terminals: ClassVar[bool] = True

    kind: str


BOUNDARY_KINDS: Registry[type[BoundarySettings]] = Registry("boundary kind")


@BOUNDARY_KINDS.register("closed")
class ClosedBoundary(BoundarySettings):
    """No flux and no field at the ends: mass is conserved."""

    uses_terminals: ClassVar = False

    kind: Literal["closed"] = "closed"


@BOUNDARY_KINDS.register("bulk")
class BulkBoundary(BoundarySettings):
    """Both ends are held at bulk composition by reservoirs."""

    kind: Literal["bulk"] = "bulk"


def _pairs(value: Any) -> Any:
    """A constant as one pair."""
    return value if isinstance(value, list | tuple) else ((0.0, value),)


def _rising(signal: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    """Pairs must go forward in time."""
    if not signal or any(later[0] <= earlier[0] for earlier, later in pairwise(signal)):
        raise complaint("must go forward in time", _SIGNAL)
    return signal


_SIGNAL = "a number, or a list of [time, value] pairs with rising times, linear between them"

type Signal[Value] = Annotated[
    tuple[tuple[Time, Value], ...],
    BeforeValidator(_pairs),
    AfterValidator(_rising),
    Field(json_schema_extra={"allowed": _SIGNAL, "also": ["number", "string"]}),
]
"""A constant or a course in time, kept as pairs of time (s) and value."""


@BOUNDARY_KINDS.register("current")
class CurrentBoundary(BoundarySettings):
    """A current of Li+ enters at one terminal and leaves at the other."""

    kind: Literal["current"] = "current"
    current_density: Signal[CurrentDensity]
    """Per area of the interface, electrode to electrolyte (mA/cm^2), constant or in time."""


@BOUNDARY_KINDS.register("voltage")
class VoltageBoundary(BoundarySettings):
    """Both ends are reservoirs, and a voltage lies between them on top of the potential step."""

    kind: Literal["voltage"] = "voltage"
    voltage: Signal[Voltage]
    """Electrode against electrolyte (V), constant or in time."""
