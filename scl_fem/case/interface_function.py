"""Interface laws that are plain functions: entered under a name, with their parameters as keys of the table.

@interface_law("ohmic", units={"resistance": "ohm cm^2"})
def ohmic(jump, resistance):
return 1e3 * jump / resistance
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import create_model, model_validator

from scl_fem.case.interface import INTERFACE_LAWS, FollowingLaw
from scl_fem.errors import InputError
from scl_fem.physics.function_checks import called_name
from scl_fem.physics.interface import Between, InterfaceLaw
from scl_fem.physics.interface_functions import InterfaceFunction, LawOfFunction
from scl_fem.settings import check_name
from scl_fem.units import quantity


class FunctionInterface(FollowingLaw):
    """The table of a law that is a function of Python."""

    function: ClassVar[InterfaceFunction]

    @property
    def values(self) -> dict[str, float]:
        """Of the parameters, by name."""
        return {name: getattr(self, name) for name in self.function.parameters}

    @property
    def follows_occupancies(self) -> bool:
        """Whether the function looks at a side."""
        return any(self.function.sides)

    @model_validator(mode="after")
    def _can_be_used(self) -> Self:
        try:
            self.function.check(self.values)
        except InputError as error:
            raise error.located(key="law") from None
        return self

    def made_for(self, between: Between) -> InterfaceLaw:
        """The law of the function."""
        return LawOfFunction(self.function, self.values, between, between.carriers(self.carriers))


def interface_law[F: Callable[..., Any]](
    name: str,
    *,
    units: Mapping[str, str] | None = None,
    derivative: Callable[..., Any] | None = None,
) -> Callable[[F], F]:
    """Decorator that enters a function as an interface law: `law = "name"` in [interface].

    The function gives the current density in mA/cm^2, positive where particles go from the first phase to the
    second (of a charge z it is |z| e times their flux), and takes arrays. The names of its arguments say of
    what: `jump`, [mu~] in eV; `kT` in eV and `temperature` in K; `first` and `second`, the sides of the
    interface, each with `occupancy`, `vacancy`, `bulk_occupancy`, `bulk_vacancy`. All other arguments are
    parameters: keys of the table, numbers, with the defaults that they have here.

    Args:
        name: of the law.
        units: of parameters whose numbers have one: a string in a case may carry another.
        derivative: d(current)/d(jump) as a function of the same, for functions that take no complex numbers
            as `jump`; otherwise it is had by complex steps, as those by the sides always are.

    Raises:
        InputError: the name is that of a law of the program; or the function takes something else, is not
            finite, has not the sign of the jump, falls, or cannot be differentiated.
    """

    def enter(function: F) -> F:
        check_name(name)
        if name in INTERFACE_LAWS and not issubclass(INTERFACE_LAWS[name], FunctionInterface):
            raise InputError(f"there is an {INTERFACE_LAWS.kind} '{name}' already", allowed="another name")
        law = InterfaceFunction(name, function, derivative)
        _check_parameters(law, units or {})
        _check_with_defaults(law)
        INTERFACE_LAWS.register(name)(_table(law, units or {}))
        return function

    return enter


def name_of(function: Callable[..., Any]) -> str:
    """The name under which a function was entered as an interface law.

    Args:
        function: what.

    Raises:
        InputError: it was not.
    """
    for name in INTERFACE_LAWS:
        table = INTERFACE_LAWS[name]
        if issubclass(table, FunctionInterface) and table.function.written_as is function:
            return name
    raise InputError(
        f"the function {called_name(function)} is no {INTERFACE_LAWS.kind}",
        allowed='a name, or a function that was entered with @interface_law("name")',
    )


def _check_parameters(law: InterfaceFunction, units: Mapping[str, str]) -> None:
    for name, default in law.parameters.items():
        if name in FollowingLaw.model_fields or name.startswith("_") or hasattr(FunctionInterface, name):
            raise InputError(
                f"the law '{law.name}' cannot have a parameter '{name}'", allowed="another name for it"
            )
        if default is not inspect.Parameter.empty and not isinstance(default, int | float):
            raise InputError(
                f"the default of '{name}' of the law '{law.name}' is no number", allowed="a number, or none"
            )
    for name in units:
        if name not in law.parameters:
            raise InputError(
                f"units of '{name}', which the law {called_name(law.written_as)} does not have",
                allowed=", ".join(law.parameters) or "none: it has no parameters",
            )


def _check_with_defaults(law: InterfaceFunction) -> None:
    """Look at the law where its parameters have their defaults, 1 where they have none."""
    given = {name: default for name, default in law.parameters.items() if isinstance(default, int | float)}
    ones = {name: 1.0 for name in law.parameters if name not in given}
    try:
        law.check(given | ones)
    except InputError as error:
        if not ones:
            raise
        at = ", ".join(f"{name} = 1" for name in ones)
        allowed = f"{error.allowed}; a parameter that cannot be 1 needs a default"
        raise InputError(f"{error.problem} (with {at})", allowed=allowed) from None


def _table(law: InterfaceFunction, units: Mapping[str, str]) -> type[FunctionInterface]:
    """The model of the table."""
    fields: dict[str, Any] = {"law": (Literal[law.name], law.name)}
    for name, default in law.parameters.items():
        number = Annotated[float, *quantity(units.get(name, ""))]
        fields[name] = (number, ... if default is inspect.Parameter.empty else float(default))
    written = "".join(each if each.isalnum() else f"_{ord(each):x}_" for each in law.name)
    model = create_model(
        f"LawOfFunction_{written}",
        __base__=FunctionInterface,
        __module__=law.written_as.__module__,
        __doc__=inspect.getdoc(law.written_as) or f"The function {called_name(law.written_as)}.",
        **fields,
    )
    model.function = law
    return model
