"""The cases that come with the program, to start from: listed, and copied with the files that they need.

In a source tree they are the folders `cases` and `meshes` beside the package; a wheel carries copies of both
in `scl_fem/shipped` (setup.py puts them there).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scl_fem.errors import InputError, SclFemError, unknown_name
from scl_fem.output.files import writing

_PACKAGED = Path(__file__).parent
_SOURCE_TREE = _PACKAGED.parents[1]


@dataclass(frozen=True)
class ShippedCase:
    """A case that comes with the program.

    Attributes:
        path: its file.
    """

    path: Path

    @property
    def name(self) -> str:
        """What it is called: the file without its ending."""
        return self.path.stem

    @property
    def text(self) -> str:
        """The file as it is."""
        return self.path.read_text(encoding="utf-8")

    @property
    def tables(self) -> dict[str, Any]:
        """What the file says."""
        return tomllib.loads(self.text)

    @property
    def title(self) -> str:
        """Its title."""
        return str(self.tables["title"])

    @property
    def needs(self) -> dict[str, Path]:
        """The files that the case names, by the way it names them."""
        named = {text: self.path.parent / text for text in _texts(self.tables) if "." in text}
        return {text: path for text, path in named.items() if path.is_file()}

    def line(self) -> tuple[str, str, str]:
        """Name, kind of study with the dimension, and title."""
        tables = self.tables
        dimension = tables["mesh"].get("dimension")
        kind = tables["study"]["kind"]
        return self.name, f"{kind}, {dimension}D" if dimension else f"{kind}, mesh from a file", self.title


def shipped_cases() -> dict[str, ShippedCase]:
    """The cases by name, in alphabetical order.

    Raises:
        SclFemError: the installation has lost them.
    """
    for folder in (_PACKAGED / "cases", _SOURCE_TREE / "cases"):
        found = {path.stem: ShippedCase(path) for path in sorted(folder.glob("*.toml"))}
        if found:
            return found
    raise SclFemError(f"this installation holds no cases: neither {_PACKAGED} nor {_SOURCE_TREE} has them")


def shipped_case(name: str) -> ShippedCase:
    """One of the cases.

    Args:
        name: with or without its ending.

    Raises:
        InputError: there is none of this name; names the nearest.
    """
    cases, wanted = shipped_cases(), name.removesuffix(".toml")
    if wanted not in cases:
        raise unknown_name("case", wanted, cases)
    return cases[wanted]


def copy_case(case: ShippedCase, target: Path) -> list[Path]:
    """Copy a case so that it runs where it is put: the files it names come beside it.

    Args:
        case: which.
        target: the file to write; its folder is made where it is missing.

    Returns:
        What was written, the case first. A file that is there already with the same content is left alone
        and not among them.

    Raises:
        InputError: a file of another content stands in the way; nothing is written then.
        OutputError: it cannot be written.
    """
    text, contents = case.text, {}
    # Where the schema lies is known beside the repository's own cases alone.
    text = re.sub(r"\A#:schema .*\n", "", text)
    for named, path in case.needs.items():
        text = text.replace(f'"{named}"', f'"{path.name}"')
        contents[target.with_name(path.name)] = path.read_bytes()
    # commands in the comments name the case as a source tree has it
    contents[target] = re.sub(rf"\bcases/{re.escape(case.path.name)}\b", target.name, text).encode()
    with writing(target):
        missing = [path for path, content in contents.items() if not _is_there(path, content)]
        target.parent.mkdir(parents=True, exist_ok=True)
        for path in missing:
            _create(path, contents[path])
    return sorted(missing, key=lambda path: path != target)


def _is_there(path: Path, content: bytes) -> bool:
    """Whether a file is there already.

    Raises:
        InputError: something else is.
    """
    if path.is_file() and path.read_bytes() == content:
        return True
    if path.exists() or path.is_symlink():
        raise _in_the_way(path)
    return False


def _create(path: Path, content: bytes) -> None:
    """Write a file that is not there.

    Raises:
        InputError: since it was looked for, somebody has written it.
    """
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise _in_the_way(path) from None


def _in_the_way(path: Path) -> InputError:
    return InputError(f"{path} is there already and is not overwritten", allowed="-o another file or folder")


def _texts(value: Any) -> Iterator[str]:
    """Every text in a table, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
