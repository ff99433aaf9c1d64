"""Headers of columns as people write them: T (°C), 1000/T (1/K), D / m^2 s^-1, sigma_D_cm2_per_s."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from scl_fem.fits.data import Column
from scl_fem.units import convert

Transform = Literal["plain", "inverse", "log10", "ln"]
"""What stands in a column instead of the quantity itself."""

ALIASES: dict[str, frozenset[str]] = {
    quantity: frozenset(names.split())
    for quantity, names in {
        "temperature": "temperature temp temperatur température t sampletemperature tsample",
        "mixing_time": "mixingtime tmix taumix taum tm tmixing mixing mix mischzeit exchangetime tau time t",
        "intensity": "intensity int i ii0 i/i0 ss0 crosspeak cross crosspeakintensity crossintensity icross "
        "normalizedintensity normalisedintensity relativeintensity exchangedfraction fractionexchanged "
        "exchanged fraction crosspeakfraction crosscrossdiagonal crossdiagonalcross crosscrossdiag "
        "crossdiagcross icrossicrossidiag icrossidiagicross intensität",
        "diagonal": "diagonal diag diagonalpeak diagonalintensity diagonalpeakintensity idiag idiagonal "
        "diagpeak",
        "T1": "t1 spinlatticerelaxationtime longitudinalrelaxationtime t1relaxationtime",
        "T2": "t2 spinspinrelaxationtime transverserelaxationtime t2relaxationtime",
        "D": "d diffusivity diffusioncoefficient diffusioncoeff diffusionconstant selfdiffusioncoefficient "
        "diffusionskoeffizient dli deff dself dtracer d* dapp selfdiffusivity diff diffcoeff difcoeff",
    }.items()
}
"""Names of each quantity in lower case, without blanks and marks."""

_INVERSE_NAMES = {
    "r1": "T1",
    "r2": "T2",
    "relaxationrater1": "T1",
    "relaxationrater2": "T2",
    "inversetemperature": "temperature",
    "reciprocaltemperature": "temperature",
    "invt": "temperature",
}
"""Names of reciprocals."""

_SUPERSCRIPTS = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
_SUPERSCRIPT = re.compile("[⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_GREEK = str.maketrans(
    {"τ": "tau", "σ": "sigma ", "Δ": "delta ", "δ": "delta ", "µ": "u", "μ": "u", "Ω": "ohm"}
)

_ERROR_WORDS = re.compile(
    r"(?<![A-Za-z])(standard[ _-]*(?:deviation|error)s?|std\.?[ _-]*(?:dev(?:iation)?|err(?:or)?)?\.?|stdev"
    r"|stddev|stderr|st\.?[ _]*dev\.?|sd|sem|se|errors?|err\.?|sigma|uncertaint(?:y|ies)|unc\.?|delta"
    r"|fehler|erreur|deviation)(?![A-Za-z])(?:[ _-]*(?:of|in|on)(?![A-Za-z]))?",
    re.IGNORECASE,
)
_ERROR_MARKS = re.compile(r"±|\+\s*/?\s*-|^u(?=\(.*\)$)|^d(?=[DT]\d?\b)")
_RELATIVE = re.compile(r"(?<![A-Za-z])rel(?:ative|\.)?(?![A-Za-z])", re.IGNORECASE)

_BRACKETED = re.compile(r"(?P<name>.*?)\s*[\[(](?P<unit>[^\[\]()]*(?:\([^()]*\)[^\[\]()]*)*)[\])]\s*")
_AFTER_MARK = re.compile(r"(?P<name>.+?)\s*(?:/|,|:|\bin\b)\s*(?P<unit>.+)")
_RECIPROCAL = re.compile(r"(?P<power>10\s*(?:\^|\*\*)?\s*3|1e3|1000|1)\s*K?\s*/\s*(?P<name>.+)")
_LOGARITHM = re.compile(r"(?P<kind>ln|lg|log_?10|log)(?![A-Za-z])\s*_?(?P<name>.+)", re.IGNORECASE)

_POWER_OF_TEN = re.compile(
    r"(?:[x×*·]\s*)?(?:10\s*(?:(?:\^|\*\*)\s*\(?([+-]?\d+)\)?|([+-]\d+))|1?[eE]([+-]\d+))\s*[*·x×]?\s*(?P<rest>.*)"
)
_FACTOR = re.compile(
    r"\s*(?P<per>/|per(?![A-Za-z]))?[\s·.⋅*]*(?P<name>[A-Za-zÅ%]+)\.?\s*(?:(?:\^|\*\*)?\s*\(?(?P<power>[+-]?\d+)\)?)?[\s·⋅*]*"
)
_WORDS = {
    "c": "degC", "degc": "degC", "celsius": "degC", "degcelsius": "degC", "degreecelsius": "degC",
    "degreescelsius": "degC", "degreesc": "degC", "gradc": "degC",
    "k": "K", "kelvin": "K", "degk": "K", "kelvins": "K",
}  # fmt: skip
_PURE = {
    "-",
    "1",
    "norm",
    "norm.",
    "normalized",
    "normalised",
    "fraction",
    "rel",
    "rel.",
    "dimensionless",
    "none",
}
_ARBITRARY = {"a.u.", "au", "a.u", "arb.u.", "arb.units", "arb.unit", "arbitraryunits", "arb", "counts"}
ARBITRARY = "arbitrary"
"""Unit of intensities that can only be compared with one another."""


@dataclass(frozen=True)
class Reading:
    """What a header says a column holds.

    Attributes:
        transform: of the quantity.
        unit: of the number, as `units.convert` reads it; None where the header has none.
        factor: what a number has to be multiplied by.
    """

    transform: Transform
    unit: str | None
    factor: float = 1.0


def normalised(header: str) -> str:
    """A header in plain letters: superscripts as powers, no markup, one kind of micro sign and minus."""
    text = _SUPERSCRIPT.sub(lambda run: "^" + run[0].translate(_SUPERSCRIPTS), header)
    text = unicodedata.normalize("NFKC", text).replace("−", "-").replace("–", "-").replace("°", "deg")
    text = re.sub(r"\\(?:mathrm|text|rm)|[${}\\]", "", text).replace("^^", "^")
    return re.sub(r"\s+", " ", text.translate(_GREEK)).strip().strip("\"'")


def readings(header: str, column: Column) -> Iterator[Reading]:
    """The ways in which a header may name a quantity, likeliest first; none if it does not.

    Args:
        header: as in the file, units included; units need not fit.
        column: of what quantity.
    """
    text = normalised(header)
    if column.name == header.strip():
        yield Reading("plain", column.unit or None)
        return
    if match := _RECIPROCAL.fullmatch(text):
        factor = 1.0 if match["power"].strip() == "1" else 1e-3
        # whoever plots against 1000/T means kelvin
        unit = column.unit if column.quantity == "temperature" else None
        for reading in readings(match["name"], column):
            if reading.transform == "plain":
                yield Reading("inverse", reading.unit or unit, factor * reading.factor)
        return
    if match := _LOGARITHM.fullmatch(text):
        kind: Transform = "ln" if match["kind"].casefold() == "ln" else "log10"
        inner = match["name"].strip()
        inner = inner[1:-1] if inner.startswith("(") and inner.endswith(")") else inner
        for reading in readings(inner, column):
            if reading.transform == "plain":
                yield Reading(kind, reading.unit, reading.factor)
        return
    for name, unit in _name_and_unit(text):
        transform = _names(name, column.quantity)
        if transform is None:
            continue
        if unit is None:
            yield Reading(transform, None)
        else:
            factor, plain_unit = read_unit(unit, column.unit)
            yield Reading(transform, plain_unit, factor)


def _names(name: str, quantity: str) -> Transform | None:
    """Whether a name without its unit is that of a quantity, or of its reciprocal."""
    bare = re.sub(r"[^\w*%]|_", "", name).casefold()
    if _INVERSE_NAMES.get(bare) == quantity:
        return "inverse"
    # a capital T is a temperature, never a time
    if bare not in ALIASES[quantity] or (quantity == "mixing_time" and name.strip() == "T"):
        return None
    return "plain"


def _name_and_unit(text: str) -> Iterator[tuple[str, str | None]]:
    """The ways to divide a header."""
    yield text, None
    if match := _BRACKETED.fullmatch(text):
        yield match["name"], match["unit"]
    if match := _AFTER_MARK.fullmatch(text):
        yield match["name"], match["unit"].strip("[]")
    for mark in re.finditer(r"[ _-]+", text):
        if mark.start() and mark.end() < len(text):
            yield text[: mark.start()], text[mark.end() :].strip("()[]")


def read_unit(text: str, wanted: str) -> tuple[float, str]:
    """A power of ten and a unit as `units.convert` reads it: 10^-12 cm² s⁻¹ is (1e-12, "cm^2/s").

    Args:
        text: the unit as a header has it.
        wanted: the unit that the fits work in; for kelvin, C means degrees Celsius.
    """
    text = normalised(text).strip().strip("()[]").strip()
    bare = text.replace(" ", "").replace("_", "").casefold()
    if bare in _ARBITRARY:
        return 1.0, ARBITRARY
    if not wanted and (bare in _PURE or not bare):
        return 1.0, ""
    if wanted == "K" and bare.strip(".") in _WORDS:
        return 1.0, _WORDS[bare.strip(".")]
    power = _POWER_OF_TEN.fullmatch(text)
    factor = 1.0
    if power:
        factor = 10.0 ** max(min(int(power[1] or power[2] or power[3]), 300), -300)
        text = power["rest"]
    return factor, _factors(re.sub(r"_+", " ", text)) or text


def _factors(text: str) -> str | None:
    """A product of units with ^ for powers and / for what is below; None if it is none."""
    above: list[str] = []
    below: list[str] = []
    place = 0
    while (match := _FACTOR.match(text, place)) and match.end() > place:
        place = match.end()
        name = {"percent": "%", "pct": "%", "prozent": "%"}.get(match["name"].casefold(), match["name"])
        exponent = int(match["power"] or 1)
        size = f"{name}^{abs(exponent)}" if abs(exponent) != 1 else name
        (below if bool(match["per"]) != (exponent < 0) else above).append(size)
    if place < len(text) or not (above or below):
        return None
    return "*".join(above or ["1"]) + "".join(f"/{each}" for each in below)


@cache
def converts(unit: str, wanted: str) -> bool:
    """Whether numbers in a unit can be brought to the one wanted.

    Args:
        unit: as `units.convert` reads it.
        wanted: likewise.
    """
    if unit == wanted:
        return True
    try:
        convert(f"1 {unit}", wanted)
    except ValueError:
        return False
    # a quantity without its unit must not pass for one with it
    return bool(unit)


def without_error(header: str) -> tuple[str, bool] | None:
    """What is left of the header of a column of errors, and whether they are relative; None for another.

    Args:
        header: D_error_cm2_per_s leaves D_cm2_per_s, "± (K)" leaves "(K)", "error" nothing.
    """
    text = normalised(header.replace("±", " ± "))
    rest, words = _ERROR_WORDS.subn(" ", text)
    rest, marks = _ERROR_MARKS.subn(" ", rest)
    if not words and not marks:
        return None
    rest, relative = _RELATIVE.subn(" ", rest)
    rest = re.sub(r"[ _-]*[ ]+[ _-]*", "_" if "_" in rest else " ", rest).strip(" _-.,:")
    return rest, bool(relative)
