"""From what pydantic says about a table to what a user can act on.

Every model of a case file words its own complaints (problem and what is allowed), because only
it knows its keys, units and bounds; nested models pass theirs up with the path prefixed.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import InitErrorDetails, PydanticCustomError

from scl_fem.errors import InputError, unknown_name

_WORDED = "scl_fem"
"""Error type of a complaint that is already in our words."""

_SCALARS = {str: "a string", int: "a whole number", float: "a number", bool: "true or false"}

_BOUNDS = {"gt": "greater than", "ge": "at least", "lt": "less than", "le": "at most"}


class InputErrors(InputError):
    """Several mistakes in one input, listed one a line."""

    def __init__(self, errors: Iterable[InputError]) -> None:
        """Keep them in the order in which they were found."""
        self.errors = list(errors)
        super().__init__("; ".join(str(error) for error in self.errors))

    def __reduce__(self) -> tuple[type[InputErrors], tuple[list[InputError]]]:
        """Rebuild from the list: errors are broadcast between ranks."""
        return type(self), (self.errors,)

    def located(self, file: str | None = None, key: str | None = None) -> InputErrors:
        """The same errors, each with file and key filled in where it does not have them."""
        return InputErrors(error.located(file, key) for error in self.errors)

    def __str__(self) -> str:
        """One line for each mistake."""
        return "\n".join(str(error) for error in self.errors)


def listed(error: InputError) -> list[InputError]:
    """The mistakes of an error, one by one."""
    return error.errors if isinstance(error, InputErrors) else [error]


def collected(errors: Iterable[InputError]) -> InputError:
    """One error for one or more mistakes; those that are themselves lists are opened."""
    flat = [each for error in errors for each in listed(error)]
    return flat[0] if len(flat) == 1 else InputErrors(flat)


def complaint(problem: str, allowed: str | None = None) -> PydanticCustomError:
    """What a validator raises to say what is wrong and what is allowed, in its own words."""
    return PydanticCustomError(_WORDED, "{problem}", {"problem": problem, "allowed": allowed})


def complaints(title: str, found: Iterable[tuple[tuple[str | int, ...], InputError]]) -> ValidationError:
    """What a validator raises to complain about several keys below its own at once.

    Args:
        title: name of the model, for whoever sees the raw error.
        found: for each mistake the path below the validator's own, and the mistake; its own key,
            where it has one, is appended.
    """
    details: list[InitErrorDetails] = []
    for path, error in found:
        for each in listed(error):
            kind, below = complaint(each.problem, each.allowed), each.key.split(".") if each.key else []
            details.append({"type": kind, "loc": (*path, *below), "input": None})
    return ValidationError.from_exception_data(title, details)


def worded(error: ValidationError, model: type[BaseModel]) -> ValidationError:
    """The same error with every complaint of pydantic's own about `model` put into our words."""
    details: dict[tuple[str | int, ...], InitErrorDetails] = {}
    for each in error.errors(include_url=False):
        if each["type"] == "too_short" and len(each["input"]) >= each["ctx"]["min_length"]:
            continue  # long enough, but an item is wrong, which has its own complaint
        if each["type"] == _WORDED:
            kind, path = complaint(each["ctx"]["problem"], each["ctx"]["allowed"]), each["loc"]
        else:
            path = _without_alternative(each["loc"], model)
            mistake = _reworded({**each, "loc": path}, model)
            kind = complaint(mistake.problem, mistake.allowed)
        details.setdefault(path, {"type": kind, "loc": path, "input": each["input"]})
    return ValidationError.from_exception_data(model.__name__, list(details.values()))


def relocated(
    error: ValidationError, place: Callable[[tuple[str | int, ...]], tuple[str | int, ...]]
) -> ValidationError:
    """The same error with every complaint at another path.

    Args:
        error: of pydantic.
        place: the new path of an old one.
    """
    details: list[InitErrorDetails] = []
    for each in error.errors(include_url=False):
        kind: Any = each["type"]
        if kind == _WORDED:
            kind = complaint(each["ctx"]["problem"], each["ctx"]["allowed"])
        details.append(
            {"type": kind, "loc": place(each["loc"]), "input": each["input"], "ctx": each.get("ctx", {})}
        )
    return ValidationError.from_exception_data(error.title, details)


def input_error(error: ValidationError, file: str | None = None) -> InputError:
    """The `InputError` to raise for complaints that are all in our words.

    Args:
        error: raised by a model whose base is `Settings`.
        file: file that was read.
    """
    return collected(
        InputError(each["ctx"]["problem"], allowed=each["ctx"]["allowed"], key=dotted(each["loc"]), file=file)
        for each in error.errors(include_url=False)
    )


def dotted(path: Sequence[str | int]) -> str | None:
    """A path into a case file as users write it: materials.LVO.composition.x[0]."""
    named_in_full = path[:1] == path[1:2]  # a table that names its own keys as "mesh.growth"
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path[named_in_full:])
    return text.removeprefix(".") or None


def field_unit(field: FieldInfo) -> str | None:
    """Unit of a bare number at a key, None where it has none."""
    unit: str | None = field_extra(field, "unit")
    return unit


def field_extra(field: FieldInfo, name: str) -> Any:
    """What a key, or a type that it is made of, says of itself under a name; None where it says nothing.

    Args:
        field: of a model.
        name: of json_schema_extra.
    """
    return next((extra[name] for extra in _extras(field) if name in extra), None)


def allowed_at(field: FieldInfo, item: bool = False) -> str | None:
    """What may stand at a key: the words its type was given, or those that follow from the type.

    Args:
        field: of a model.
        item: what may stand inside the list or table that the field is.
    """
    stated: str | None = field_extra(field, "allowed")
    one = stated or _allowed_by(field.annotation, list(dict.fromkeys(_bounds(field))), field_unit(field))
    containers = {get_origin(annotation) for annotation in (field.annotation, *get_args(field.annotation))}
    if item or not containers & {dict, tuple, list}:
        return one
    return f"{'a table' if dict in containers else 'a list'}, each {one}" if one else None


def _reworded(error: Mapping[str, Any], model: type[BaseModel]) -> InputError:
    """One complaint of pydantic's own as problem and allowed."""
    kind, path, context = error["type"], error["loc"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(str(path[-1]), model)
    field = model.model_fields.get(str(path[0])) if path else None
    allowed = allowed_at(field, item=len(path) > 1) if field else None
    if kind == "missing":
        return InputError("is missing", allowed=allowed)
    if kind == "too_short":
        return InputError(f"has {context['actual_length']} values, needs {context['min_length']} or more")
    if kind in ("model_type", "dict_type"):
        return InputError(f"must be a table, not {shown(error['input'])}")
    got = shown(error["input"])
    for bound, words in _BOUNDS.items():
        if bound in context:
            unit = field_unit(field) if field else None
            limit = f"{context[bound]:g} {unit}".strip() if unit else f"{context[bound]:g}"
            return InputError(f"must be {words} {limit}, not {got}", allowed=allowed)
    if kind == "value_error":
        return InputError(str(context["error"]), allowed=allowed)
    if kind == "literal_error" and field and isinstance(error["input"], str):
        return _unknown_value(error["input"], field)
    if allowed is None:
        return InputError(f"{error['msg'].removeprefix('Input should be').strip()}, not {got}")
    return InputError(f"cannot be {got}", allowed=allowed)


def _unknown_key(key: str, model: type[BaseModel]) -> InputError:
    return unknown_name("key", key, model.model_fields)


def _without_alternative(path: tuple[str | int, ...], model: type[BaseModel]) -> tuple[str | int, ...]:
    """The path of a complaint without the alternative of a union that it is about."""
    field = model.model_fields.get(str(path[0])) if path else None
    has_alternatives = field is not None and len(_scalars(field.annotation)) > 1
    return path[:-1] if has_alternatives and path[-1] in {kind.__name__ for kind in _SCALARS} else path


def _unknown_value(value: str, field: FieldInfo) -> InputError:
    near = difflib.get_close_matches(value, [str(each) for each in _choices(field.annotation)], n=1)
    hint = f"; did you mean {shown(near[0])}?" if near else ""
    return InputError(f"cannot be {shown(value)}{hint}", allowed=allowed_at(field))


def shown(value: object) -> str:
    """A value as it would stand in a TOML file, cut short if it is long."""
    if isinstance(value, str):
        text = f'"{value}"'
    elif isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, Mapping):
        text = "a table"
    elif isinstance(value, list | tuple):
        text = "[" + ", ".join(shown(each) for each in value) + "]"
    else:
        try:
            text = str(value)
        except ValueError:  # more digits than Python writes
            text = "a number of thousands of digits"
    return text if len(text) <= 60 else f"{text[:57]}..."


def _annotations(field: FieldInfo) -> Iterator[Any]:
    """The annotation of a field and all that it is made of, metadata included."""
    waiting = [field.annotation]
    while waiting:
        annotation = waiting.pop()
        yield annotation
        waiting.extend(get_args(annotation))


def _extras(field: FieldInfo) -> Iterator[dict[str, Any]]:
    infos = [field, *(each for each in _annotations(field) if isinstance(each, FieldInfo))]
    return (info.json_schema_extra for info in infos if isinstance(info.json_schema_extra, dict))


def _bounds(field: FieldInfo) -> Iterator[str]:
    for info in (field, *_annotations(field)):
        for each in info.metadata if isinstance(info, FieldInfo) else ():
            for bound, words in _BOUNDS.items():
                if hasattr(each, bound):
                    yield f"{words} {getattr(each, bound):g}"


def _choices(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    return [choice for each in get_args(annotation) for choice in _choices(each)]


def _scalars(annotation: Any) -> list[type]:
    found = [annotation] if annotation in _SCALARS else []
    return found + [kind for each in get_args(annotation) for kind in _scalars(each)]


def _allowed_by(annotation: Any, bounds: list[str], unit: str | None) -> str | None:
    if choices := _choices(annotation):
        return ", ".join(shown(each) for each in choices)
    limits = f" {' and '.join(bounds)}" if bounds else ""
    if unit:
        return f"a number in {unit}{limits}, or a string with its unit"
    scalars = set(_scalars(annotation))
    if scalars:
        words = {kind: text + (limits if kind in (int, float) else "") for kind, text in _SCALARS.items()}
        return " or ".join(text for kind, text in words.items() if kind in scalars)
    parts = (annotation, *get_args(annotation))
    is_table = any(isinstance(each, type) and issubclass(each, BaseModel) for each in parts)
    return "a table" if is_table else None
