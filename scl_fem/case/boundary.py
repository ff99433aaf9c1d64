"""The table [boundary]: what happens at the terminals, by name."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, ValidatorFunctionWrapHandler, WrapValidator

from scl_fem.complaints import complaint
from scl_fem.registry import Registry
from scl_fem.settings import Settings
from scl_fem.units import CurrentDensity, Voltage, quantity

Time = quantity("s", ge=0)


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


def _rising(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    """A list of [time, value] pairs must go forward in time."""
    signal = read(value)
    if isinstance(signal, tuple):
        times = [time for time, _ in signal]
        if len(times) < 2 or any(later <= earlier for earlier, later in zip(times, times[1:], strict=False)):
            raise complaint("must be two or more [time, value] pairs", "times that rise")
    return signal


_SIGNAL = "a number, or a list of [time, value] pairs with rising times, linear between them"


@BOUNDARY_KINDS.register("current")
class CurrentBoundary(BoundarySettings):
    """A current of Li+ enters at one terminal and leaves at the other."""

    kind: Literal["current"] = "current"
    current_density: Annotated[
        CurrentDensity | tuple[tuple[Time, CurrentDensity], ...],
        WrapValidator(_rising),
        Field(union_mode="left_to_right", json_schema_extra={"allowed": _SIGNAL}),
    ]
    """Per area of the interface, electrode to electrolyte (mA/cm^2), constant or in time."""


@BOUNDARY_KINDS.register("voltage")
class VoltageBoundary(BoundarySettings):
    """Both ends are reservoirs, and a voltage lies between them on top of the potential step."""

    kind: Literal["voltage"] = "voltage"
    voltage: Annotated[
        Voltage | tuple[tuple[Time, Voltage], ...],
        WrapValidator(_rising),
        Field(union_mode="left_to_right", json_schema_extra={"allowed": _SIGNAL}),
    ]
    """Electrode against electrolyte (V), constant or in time."""
