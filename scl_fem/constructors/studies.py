"""The table [study]: what is computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from scl_fem.case.exsy import ExsyStudy
from scl_fem.case.studies import ConductionStudy, EquilibriumStudy
from scl_fem.case.transport import ImpedanceStudy, TransientStudy
from scl_fem.constructors.making import Quantity, constructor, made


@constructor
def Equilibrium() -> EquilibriumStudy:
    """Study: the space-charge layers at equilibrium."""
    return made(EquilibriumStudy)


@constructor
def Conduction() -> ConductionStudy:
    """Study: equilibrium, then the resistance between the terminals with the conductivity frozen."""
    return made(ConductionStudy)


@constructor
def Impedance(
    *,
    frequency_start: Quantity | None = None,
    frequency_stop: Quantity | None = None,
    points_per_decade: int | None = None,
) -> ImpedanceStudy:
    """Study: the linear response to an alternating voltage about equilibrium.

    Args:
        frequency_start: lowest, Hz; 1e-3.
        frequency_stop: highest, Hz; 1e12.
        points_per_decade: 1 to 100; 5.

    Raises:
        InputError: a value is wrong.
    """
    return made(
        ImpedanceStudy,
        frequency_start=frequency_start,
        frequency_stop=frequency_stop,
        points_per_decade=points_per_decade,
    )


@constructor
def Transient(
    duration: Quantity,
    *,
    output_times: Sequence[Quantity] | None = None,
    checkpoint_interval: float | None = None,
    tolerance: Quantity | None = None,
    first_step: Quantity | None = None,
    method: Literal["bdf2", "euler"] | None = None,
) -> TransientStudy:
    """Study: the coupled equations in time.

    Args:
        duration: how long it goes on, s.
        output_times: times at which fields are kept, beside the end, s.
        checkpoint_interval: seconds of computing between checkpoints; 30.
        tolerance: what the layer's charge may be off by, as a fraction of it; 1e-3.
        first_step: s; 1e-12.
        method: second-order backward differences ("bdf2"), or implicit Euler.

    Raises:
        InputError: a value is wrong.
    """
    return made(
        TransientStudy,
        duration=duration,
        output_times=output_times,
        checkpoint_interval=checkpoint_interval,
        tolerance=tolerance,
        first_step=first_step,
        method=method,
    )


@constructor
def Exsy(
    duration: Quantity,
    *,
    output_times: Sequence[Quantity] | None = None,
    checkpoint_interval: float | None = None,
    tolerance: Quantity | None = None,
) -> ExsyStudy:
    """Study: exchange of tagged Li between a particle and its surroundings, as in 2D exchange NMR.

    It needs a `TaggedExchange` beside it: cube("65 nm", study=Exsy("1 s"), exsy=TaggedExchange(...)).

    Args:
        duration: the longest mixing time, s.
        output_times: times at which fields are kept, beside the end, s.
        checkpoint_interval: seconds of computing between checkpoints; 30.
        tolerance: error that a time step may make in the tagged fraction; 3e-4.

    Raises:
        InputError: a value is wrong.
    """
    return made(
        ExsyStudy,
        duration=duration,
        output_times=output_times,
        checkpoint_interval=checkpoint_interval,
        tolerance=tolerance,
    )
