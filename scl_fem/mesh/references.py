"""Mesh files that have part of their data in other files: which others may those be?

Next to the mesh, below its folder: what comes with it. A reference that leads elsewhere, or to what is
no file (a device has no end, a pipe waits for ever), is refused before a library follows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from scl_fem.errors import InputError
from scl_fem.regular import check_regular

_KEY = "mesh.path"

_XDMF = {".xdmf", ".xmf"}
_HDF5 = {".h5", ".hdf", ".hdf5", ".med", ".h5m", ".cgns", ".e", ".exo", ".ex2"}

_INCLUDE = re.compile(rb"^\s*\*include\b[^=\r\n]*=([^\r\n]*)", re.IGNORECASE | re.MULTILINE)


def check_references(path: Path) -> None:
    """See that a mesh file takes nothing from outside its folder.

    Args:
        path: of the mesh file: a regular file.

    Raises:
        InputError: it does, or from what is no file.
    """
    waiting, seen = [path], {path}
    while waiting:
        file = waiting.pop()
        for name in _references(file):
            other = _inside(path.parent, file.parent / name)
            if other not in seen:
                seen.add(other)
                waiting.append(other)


def _inside(folder: Path, path: Path) -> Path:
    """A file that a mesh refers to, below a folder.

    Raises:
        InputError: it is elsewhere, or no file.
    """
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):
        inside = False
    if not inside:
        raise InputError(
            f"the mesh takes data from {path}", key=_KEY, allowed=f"data in files of its folder, {folder}"
        )
    check_regular(path, _KEY)
    return path


def _references(path: Path) -> Iterator[str]:
    """Names of the files that a file takes data from, as they stand in it."""
    ending = path.suffix.lower()
    if ending in _XDMF:
        yield from _of_xdmf(path)
    elif ending == ".inp":
        for match in _INCLUDE.finditer(path.read_bytes()):
            yield match[1].split(b",")[0].strip().strip(b"\"'").decode("utf-8", "replace")
    elif ending in _HDF5:
        yield from _of_hdf5(path)


def _of_xdmf(path: Path) -> Iterator[str]:
    """Files of the heavy data: "mesh.h5:/data0", or the name of a binary file."""
    from xml.etree import ElementTree

    try:
        items = [item for _, item in ElementTree.iterparse(path) if item.tag.rpartition("}")[2] == "DataItem"]
    except ElementTree.ParseError:
        return  # no mesh: whoever reads it says so
    for item in items:
        kind, text = item.get("Format", "").lower(), (item.text or "").strip()
        if kind == "hdf":
            yield text.partition(":")[0]
        elif kind == "binary":
            yield text


def _of_hdf5(path: Path) -> Iterator[str]:
    """Files that links lead to, and those that hold the values of data sets."""
    import h5py

    try:
        with h5py.File(path) as file:
            waiting = [file["/"]]
            seen = set()
            while waiting:
                group = waiting.pop()
                address = h5py.h5o.get_info(group.id).addr
                if address in seen:
                    continue
                seen.add(address)
                for name in group:
                    link = group.get(name, getlink=True)
                    if isinstance(link, h5py.ExternalLink):
                        yield link.filename
                    if not isinstance(link, h5py.HardLink):
                        continue
                    found = group[name]
                    if isinstance(found, h5py.Group):
                        waiting.append(found)
                    elif isinstance(found, h5py.Dataset):
                        yield from (name for name, _, _ in found.external or ())
                        if found.is_virtual:
                            yield from (source.file_name for source in found.virtual_sources())
    except OSError:
        return  # not HDF5: whoever reads it says so
