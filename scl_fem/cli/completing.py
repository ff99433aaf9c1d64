"""What may stand where in a command: for the shell, which asks while the user types.

Loaded with every command: what a completion needs is imported inside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def case_files(incomplete: str) -> list[str]:
    """Case files, and folders on the way to some.

    Args:
        incomplete: what is there already.
    """
    return [path for path in _paths(incomplete) if path.endswith((".toml", "/"))]


def result_folders(incomplete: str) -> list[str]:
    """Folders.

    Args:
        incomplete: what is there already.
    """
    return [path for path in _paths(incomplete) if path.endswith("/")]


def shipped_names(incomplete: str) -> list[tuple[str, str]]:
    """Names of the cases that come with the program, each with its title.

    Args:
        incomplete: what is there already.
    """
    from scl_fem.shipped import shipped_cases

    return [(name, case.title) for name, case in shipped_cases().items() if name.startswith(incomplete)]


def material_names(incomplete: str) -> list[str]:
    """Names of the material library.

    Args:
        incomplete: what is there already.
    """
    from scl_fem.materials import library

    return [name for name in library() if name.startswith(incomplete)]


def settings(incomplete: str) -> list[str]:
    """Keys of a case, and after the equals sign what may stand there.

    Args:
        incomplete: what is there already.
    """
    from scl_fem.case.keys import case_keys
    from scl_fem.materials import library

    keys = case_keys()
    key, equals, value = incomplete.partition("=")
    if not equals:
        return [f"{each}=" for each in keys if each.startswith(incomplete)]
    words = library() if key.endswith(".material") else keys.get(key, ())
    return [f"{key}={word}" for word in words if word.startswith(value)]


def swept_keys(incomplete: str) -> list[str]:
    """Keys of a case; what they are swept over is the user's.

    Args:
        incomplete: what is there already.
    """
    return [] if "=" in incomplete else settings(incomplete)


def _paths(incomplete: str) -> Iterator[str]:
    """Files and folders that begin so, folders with a slash at the end; hidden ones where a dot is typed."""
    typed, slash, begin = incomplete.rpartition("/")
    try:
        entries = sorted(Path(f"{typed}{slash}" or ".").expanduser().iterdir())
    except OSError:
        return
    for entry in entries:
        name = entry.name
        if name.startswith(begin) and (begin.startswith(".") or not name.startswith(".")):
            yield f"{typed}{slash}{name}{'/' if entry.is_dir() else ''}"
