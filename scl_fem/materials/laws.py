"""Keys that name a law: of interacting defects, of the diffusivity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from scl_fem.complaints import complaint
from scl_fem.constants import ROOM_TEMPERATURE
from scl_fem.errors import InputError
from scl_fem.registry import Registry


def _defect_laws() -> Registry[Any]:
    from scl_fem.physics.defects import DEFECT_LAWS

    return DEFECT_LAWS


def _diffusivity_laws() -> Registry[Any]:
    from scl_fem.physics.diffusivity import DIFFUSIVITY_LAWS

    return DIFFUSIVITY_LAWS


def _name_of(laws: Callable[[], Registry[Any]]) -> tuple[Any, ...]:
    """What makes a string the name of a law; a case that names none loads none."""

    def of_function(law: Any) -> Any:
        """A function that was entered as a law stands for its name."""
        if not callable(law):
            return law
        from scl_fem.physics.functions import law_name

        try:
            return law_name(laws(), law)
        except InputError as error:
            raise complaint(error.problem, error.allowed) from None

    def exists(name: str) -> str:
        try:
            laws()[name]
        except InputError as error:
            raise complaint(error.problem, error.allowed) from None
        return name

    return BeforeValidator(of_function), AfterValidator(exists)


DefectLawName = Annotated[str, *_name_of(_defect_laws)]
DiffusivityLawName = Annotated[str, *_name_of(_diffusivity_laws)]


def law_defaults(defect_energy: float | None, diffusivity_min: float | None) -> dict[str, Any]:
    """What the keys of the laws are where a material or carrier does not give them (docs/model.md).

    Args:
        defect_energy: E_M in eV, None where it gives none.
        diffusivity_min: D_min in cm^2/s, likewise.
    """
    return {
        "regular_solution": 0.0,
        "defect_law": "none" if defect_energy is None else "excess-cube-root",
        "defect_energy": 0.0,
        "defect_floor": 1e-6,
        "diffusivity_law": "constant" if diffusivity_min is None else "vacancy-bulk",
        "diffusivity_min": 0.0,
        "diffusivity_activation_energy": 0.0,
        "reference_temperature": ROOM_TEMPERATURE,
    }
