"""Quantities in case files: a bare number is in the key's own unit, a string carries its unit.

`Length`, `Voltage`, ... are the types that settings declare; reading "10 nm" or 10 gives 10.0.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field

if TYPE_CHECKING:
    import pint

# pint's own definition file costs 0.15 s at every start: these are the units of the field.
_DEFINITIONS = """
    femto- = 1e-15 = f-
    pico- = 1e-12 = p-
    nano- = 1e-9 = n-
    micro- = 1e-6 = µ- = μ- = u-
    milli- = 1e-3 = m-
    centi- = 1e-2 = c-
    deci- = 1e-1 = d-
    kilo- = 1e3 = k-
    mega- = 1e6 = M-
    giga- = 1e9 = G-
    tera- = 1e12 = T-
    meter = [length] = m = metre
    second = [time] = s = sec
    ampere = [current] = A = amp
    kelvin = [temperature]; offset: 0 = K
    gram = [mass] = g
    mole = [substance] = mol
    degree_Celsius = kelvin; offset: 273.15 = degC = celsius = degreeC
    angstrom = 1e-10 * meter = Å = Angstrom
    minute = 60 * second = min
    hour = 3600 * second = h
    day = 86400 * second = d
    percent = 0.01 = %
    liter = 1e-3 * meter ** 3 = L = l
    newton = kilogram * meter / second ** 2 = N
    joule = newton * meter = J
    coulomb = ampere * second = C
    volt = joule / coulomb = V
    ohm = volt / ampere = Ω = Ohm
    siemens = 1 / ohm = S
    farad = coulomb / volt = F
    hertz = 1 / second = Hz
    elementary_charge = 1.602176634e-19 * coulomb = e
    electron_volt = elementary_charge * volt = eV
    avogadro_number = 6.02214076e23 / mole = N_A
"""

# A number and a product of units, no arithmetic: pint would evaluate a power of a power for hours.
_QUANTITY = re.compile(
    r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:inf|nan)\b)"
    r"\s*(?P<unit>(?:1\s*/\s*)?[^\W\d].*|%|°.*)?"
)
_POWER_OF_POWER = re.compile(r"(\^|\*\*)[^*/ ]*(\^|\*\*)")


@cache
def unit_registry() -> pint.UnitRegistry:
    """The units that a case file may use (`_DEFINITIONS`), read once."""
    import pint

    registry = pint.UnitRegistry(None, autoconvert_offset_to_baseunit=True)
    registry.load_definitions(_DEFINITIONS.strip().splitlines())
    return registry


def convert(text: str, unit: str) -> float:
    """The number of `unit` in a quantity written with its own unit.

    Args:
        text: for example "3.4 V", "25 degC", "1e-9 cm^2/s"; a number alone is in `unit` already.
        unit: the unit wanted.

    Raises:
        ValueError: not a quantity, an unknown unit, or one of another dimension.
    """
    match = _QUANTITY.fullmatch(text.strip())
    if match is None or _POWER_OF_POWER.search(text):
        raise ValueError(f"cannot read '{text}' as {f'a quantity in {unit}' if unit else 'a number'}")
    number, own_unit = float(match["number"]), match["unit"]
    if not own_unit or own_unit == unit:  # most are: pint costs a tenth of a second to import
        return number
    import pint

    registry = unit_registry()
    try:
        quantity = registry.Quantity(number, registry.parse_units(own_unit))
    except Exception as error:  # pint raises whatever its tokenizer and parser meet
        raise ValueError(f"cannot read '{text}': unknown unit '{own_unit}'") from error
    # mol/L is a concentration of ions and kJ/mol an energy of one: a mole is a number of them
    moles = quantity.dimensionality.get("[substance]", 0)
    quantity = quantity * registry.Quantity(1.0, "N_A") ** moles if moles else quantity
    try:
        # fifteen digits: 10 um is 10000 nm, without the dust of the conversion factors
        return float(f"{quantity.to(unit).magnitude:.15g}")
    except pint.PintError as error:
        wanted = f"does not convert to {unit}" if unit else "must be a plain number"
        raise ValueError(f"'{text}' is in {own_unit}, which {wanted}") from error


def _reader(unit: str) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if isinstance(value, bool):
            raise ValueError(f"must be a number, not {str(value).lower()}")
        number = convert(value, unit) if isinstance(value, str) else value
        if isinstance(number, float | int) and not math.isfinite(number):
            raise ValueError("must be a finite number")
        return number

    return read


def quantity(unit: str, **bounds: Any) -> tuple[Any, ...]:
    """What makes a float a key whose bare numbers are in `unit`: Annotated[float, *quantity("nm")].

    Args:
        unit: unit of the key, "" for a pure number.
        bounds: pydantic's gt, ge, lt, le.
    """
    return BeforeValidator(_reader(unit)), Field(json_schema_extra={"unit": unit}, **bounds)


Length = Annotated[float, *quantity("nm", gt=0, le=1e9)]
"""Up to a metre: more is a wrong unit, and leaves a layer no digits."""

Temperature = Annotated[float, *quantity("K", gt=0)]
Voltage = Annotated[float, *quantity("V")]
Energy = Annotated[float, *quantity("eV")]
NonNegativeEnergy = Annotated[float, *quantity("eV", ge=0)]
Concentration = Annotated[float, *quantity("1/nm^3", gt=0)]
Diffusivity = Annotated[float, *quantity("cm^2/s", gt=0)]
NonNegativeDiffusivity = Annotated[float, *quantity("cm^2/s", ge=0)]
Duration = Annotated[float, *quantity("s", gt=0)]
Frequency = Annotated[float, *quantity("Hz", gt=0)]
CurrentDensity = Annotated[float, *quantity("mA/cm^2")]
Conductivity = Annotated[float, *quantity("S/cm", gt=0)]
Occupancy = Annotated[float, *quantity("", gt=0, lt=1)]
ChargeDensity = Annotated[float, *quantity("e/nm^3")]
SurfaceCharge = Annotated[float, *quantity("e/nm^2")]
SurfaceDensity = Annotated[float, *quantity("1/nm^2", gt=0)]
Capacitance = Annotated[float, *quantity("uF/cm^2", gt=0)]
Share = Annotated[float, *quantity("", gt=0, lt=1)]
PositiveNumber = Annotated[float, *quantity("", gt=0)]
Number = Annotated[float, *quantity("")]
