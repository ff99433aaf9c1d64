"""What to try after a solve that failed: one place, given facts, that finds the likeliest cause."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_ROUND_OFF = 10.0
"""Times what round-off may leave: up to here it explains a residual."""

_HIGH_VOLTAGE = 20.0
"""V: more between two solids is likely a wrong unit."""

_SUDDEN = 0.5
"""V: a smaller jump is no trouble."""

_OHMIC = 1.0
"""V across the phases by themselves: what a current may need and still be meant."""

_RESOLVED = 1.0
"""Screening lengths: a cell at the interface that is longer resolves nothing."""

_LARGEST_SPREAD = 1e14
"""Ratio of conductivities from which on round-off may make a factorisation fail."""


@dataclass(frozen=True)
class Trouble:
    """What is known of a solve that failed; what is not known keeps its default, which explains nothing.

    Attributes:
        residual: that it stopped at, relative; None where it is not a residual that failed.
        round_off: what round-off may leave of that.
        tolerance: that it should have come to.
        steps_used_up: whether Newton's method made all the steps it may while the residual fell.
        linear: whether a linear solve gave up.
        direct: whether linear solves factorise.
        spread: largest conductivity over the smallest.
        inaccurate: whether time steps were solved, but their error was too large.
        potential_step: between the bulks, V.
        contact: name of the metal at the largest potential; "" for none.
        contact_potential: that potential, V.
        voltage: largest between the terminals, V.
        jump: by which the voltage between the terminals changes at once, V.
        current: largest, mA/cm^2.
        ohmic: voltage that it takes for this current to pass both phases without any layer, V.
        cell: size of the cells at the interface over the shortest screening length there.
        transient: whether it is a course in time.
    """

    residual: float | None = None
    round_off: float = 0.0
    tolerance: float = 0.0
    steps_used_up: bool = False
    linear: bool = False
    direct: bool = True
    spread: float = 1.0
    inaccurate: bool = False
    potential_step: float = 0.0
    contact: str = ""
    contact_potential: float = 0.0
    voltage: float = 0.0
    jump: float = 0.0
    current: float = 0.0
    ohmic: float = 0.0
    cell: float = 0.0
    transient: bool = False


def advice(trouble: Trouble) -> str:
    """What to try, by the likeliest cause first, at most two of them.

    Args:
        trouble: what is known.
    """
    question = unit_question(trouble)
    if question:  # nothing else is worth trying before that is answered
        return question
    found = [text for text in (cause(trouble) for cause in _CAUSES) if text]
    return "; or ".join(found[:2]) if found else _anything(trouble)


def unit_question(trouble: Trouble) -> str:
    """Ask whether the unit of a voltage or a current is meant, where it hardly can be; else empty."""
    if abs(trouble.voltage) > _HIGH_VOLTAGE:
        return (
            f"boundary.voltage reaches {trouble.voltage:g} V: see whether its unit is meant "
            '(a number without one is in V, "10 mV" carries its own)'
        )
    if abs(trouble.potential_step) > _HIGH_VOLTAGE:
        return (
            f"the bulks differ by {trouble.potential_step:g} V: see whether the unit of the phases' voltage "
            "is meant (a number without one is in V)"
        )
    if abs(trouble.contact_potential) > _HIGH_VOLTAGE:
        return (
            f"boundary.{trouble.contact}.potential is {trouble.contact_potential:g} V against the bulk: see "
            'whether its unit is meant (a number without one is in V, "10 mV" carries its own)'
        )
    if trouble.ohmic > _HIGH_VOLTAGE:
        return (
            f"a current of {trouble.current:g} mA/cm^2 takes {trouble.ohmic:.3g} V across the phases without "
            "any layer: see whether the unit of boundary.current_density is meant (a number without one is "
            "in mA/cm^2)"
        )
    return ""


def _linear_solver(trouble: Trouble) -> str:
    if not trouble.linear:
        return ""
    if trouble.spread > _LARGEST_SPREAD:
        return (
            f"conductivities differ by a factor of {trouble.spread:.0e}, more than linear solvers have "
            "digits for: a smaller potential step keeps a layer from being so depleted"
        )
    return "" if trouble.direct else 'try solver.linear = "direct"'


def _round_off(trouble: Trouble) -> str:
    left, limit = trouble.residual, _ROUND_OFF * trouble.round_off
    if left is None or not trouble.tolerance < left <= limit:
        return ""
    return (
        f"what is left is round-off ({left:.1e} of the layer's charge), which no mesh and no number of steps "
        f"makes less: a solver.tolerance above it accepts it, a thicker or fuller phase has more to go by"
    )


def _ramp(trouble: Trouble) -> str:
    if abs(trouble.jump) <= _SUDDEN:
        return ""
    return (
        f"the voltage jumps by {trouble.jump:g} V at once: ramp it by [time, value] pairs, for example "
        f"boundary.voltage = [[0, 0], [1e-6, {trouble.voltage:g}]]"
    )


def _limiting_current(trouble: Trouble) -> str:
    if trouble.current == 0.0:
        return ""
    how = f"a smaller boundary.current_density than {trouble.current:g} mA/cm^2"
    if trouble.ohmic > _OHMIC:
        return (
            f"{how}: it takes {trouble.ohmic:.3g} V across the phases without any layer, and a layer that it "
            "depletes cannot carry it"
        )
    return f"{how}, in case it empties or fills a phase where it enters (a limiting current)"


def _mesh(trouble: Trouble) -> str:
    if trouble.cell <= _RESOLVED:
        return ""
    return (
        f"a finer mesh.interface_size: cells at the interface are {trouble.cell:.1f} screening lengths long"
    )


def _accuracy(trouble: Trouble) -> str:
    if not trouble.inaccurate:
        return ""
    return "a larger study.tolerance: steps are solved, but their error stays too large"


def _steps(trouble: Trouble) -> str:
    return "a larger solver.max_iterations: the residual still fell" if trouble.steps_used_up else ""


def _anything(trouble: Trouble) -> str:
    direct = "" if trouble.direct else ', solver.linear = "direct"'
    if trouble.transient:
        return f"try a larger study.tolerance or a finer mesh{direct}"
    return f"try a finer mesh.interface_size{direct} or a larger solver.max_iterations"


_CAUSES: tuple[Callable[[Trouble], str], ...] = (
    _linear_solver,
    _round_off,
    _ramp,
    _limiting_current,
    _mesh,
    _accuracy,
    _steps,
)
"""The likeliest first."""
