"""The table [boundary]: what happens at the terminals, by name."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, model_validator

from scl_fem.complaints import complaint
from scl_fem.errors import InputError
from scl_fem.registry import Registry
from scl_fem.settings import Settings
from scl_fem.units import Capacitance, CurrentDensity, SurfaceCharge, Voltage, quantity

Time = Annotated[float, *quantity("s", ge=0)]


class BoundarySettings(Settings):
    """What happens at the terminals; each kind has its own keys.

    Attributes:
        uses_terminals: whether anything does.
    """

    uses_terminals: ClassVar[bool] = True

    kind: str

    @property
    def exchanges_all(self) -> bool:
        """Whether no layer forms at the contact: nothing happens there, or all components are exchanged."""
        return True


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
    exchanges: tuple[str, ...] | None = None
    """Components that the reservoir exchanges; every mobile one of its phase unless given."""

    @property
    def exchanges_all(self) -> bool:
        """See `BoundarySettings`."""
        return self.exchanges is None


@BOUNDARY_KINDS.register("metal")
class MetalContact(BoundarySettings):
    """A metal: blocks ions, exchanges electrons where the phase has any."""

    kind: Literal["metal"] = "metal"
    potential: Voltage | None = None
    """Of the metal against the neutral bulk of the phase that it touches (V); 0 unless something else is
    given; or"""
    surface_charge: SurfaceCharge | None = None
    """its charge per area (e/nm^2); or"""
    floating: StrictBool | None = None
    """true: no charge, at whatever potential."""
    stern_capacitance: Capacitance | None = None
    """Of a layer between metal and phase, in series (uF/cm^2); none unless given."""

    @property
    def exchanges_all(self) -> bool:
        """See `BoundarySettings`."""
        return False

    @property
    def held_potential(self) -> float | None:
        """V, None where the charge is given instead."""
        if self.surface_charge is not None or self.floating:
            return None
        return self.potential or 0.0

    @property
    def held_charge(self) -> float | None:
        """e/nm^2, None where the potential is given."""
        return 0.0 if self.floating else self.surface_charge

    @model_validator(mode="after")
    def _holds_one_thing(self) -> Self:
        given = [
            key
            for key, value in (
                ("potential", self.potential),
                ("surface_charge", self.surface_charge),
                ("floating", self.floating or None),
            )
            if value is not None
        ]
        if len(given) > 1:
            problem = f"{' and '.join(given)} cannot both be held"
            raise InputError(problem, key=given[-1], allowed="potential, surface_charge or floating = true")
        return self


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


def boundary_keys() -> set[str]:
    """The keys of all kinds together: no contact may be called like one."""
    return {key for kind in BOUNDARY_KINDS for key in BOUNDARY_KINDS[kind].model_fields}
