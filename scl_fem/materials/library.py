"""The materials that come with the program: one file each in `scl_fem/materials/data`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from pydantic import ValidationError

from scl_fem.complaints import input_error
from scl_fem.errors import unknown_name
from scl_fem.materials.material import Material


def library() -> list[str]:
    """Names of the materials of the library, in alphabetical order."""
    return sorted(_files(), key=str.lower)


@cache
def load_material(name: str) -> Material:
    """A material of the library.

    Args:
        name: for example "LVO".

    Raises:
        InputError: there is none of this name (names the nearest), or its file is wrong.
    """
    files = _files()
    if name not in files:
        raise unknown_name("material", name, files)
    try:
        return Material.model_validate(tomllib.loads(files[name].read_text(encoding="utf-8")))
    except ValidationError as error:
        raise input_error(error, files[name].name) from None


@cache
def _files() -> dict[str, Traversable]:
    folder = resources.files("scl_fem.materials") / "data"
    return {file.name.removesuffix(".toml"): file for file in folder.iterdir() if file.name.endswith(".toml")}
