"""Checkpoints that were tampered with."""

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np

SMALL = {"electrode_thickness": 2.0, "electrolyte_thickness": 2.0, "interface_size": 0.1, "growth": 1.6}
QUIET = {"fields": False, "figures": False}
EXSY = {
    "study": {"kind": "exsy", "duration": 1e-4, "output_times": [5e-5]},
    "mesh": {"kind": "planar", "dimension": 1, **SMALL},
    "exsy": {"diffusivity": 1e-12},
    "output": QUIET,
}


def altered(path: Path, target: Path, *, metadata=None, header=None, arrays=None) -> Path:
    """A copy of a checkpoint with something else in it.

    Args:
        path: of a checkpoint.
        target: of the copy.
        metadata: by dotted path what stands there instead; KeyError in place of a value leaves it out.
        header: the same for the header itself.
        arrays: by name what is done with the array.
    """
    with np.load(path) as file:
        found = {name: file[name] for name in file.files}
    top = json.loads(str(found["header"]))
    for tables, changes in ((top, header or {}), (top["metadata"], metadata or {})):
        for name, value in changes.items():
            _put(tables, name.split("."), value)
    found["header"] = np.array(json.dumps(top))
    for name, change in (arrays or {}).items():
        found[name] = change(found[name])
    with target.open("wb") as file:
        np.savez(file, **{name: array for name, array in found.items() if array is not None})
    return target


def _put(table, path, value):
    *above, last = (int(part) if part.lstrip("-").isdecimal() else part for part in path)
    for part in above:
        table = table[part]
    if value is KeyError:
        del table[last]
    else:
        table[last] = value


def compressed(path: Path, target: Path) -> Path:
    """The same arrays, deflated, with one that is all zeros: of a few kB, and huge when it is read."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return target


def claiming(path: Path, target: Path, shape: str) -> Path:
    """A copy whose array values/phi claims to have another shape than it has values for."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "values/phi.npy":
                before = content[:128]
                text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
                content = before[:10] + text.ljust(117) + b"\n" + content[128:]
            new.writestr(name, content)
    return target


def result_with(path: Path, folder: Path) -> Path:
    """A result folder to restart in, with a checkpoint."""
    folder.mkdir()
    shutil.copy(path, folder / "checkpoint.npz")
    return folder


NAN, INFINITY = float("nan"), float("inf")

TRANSIENT_NONSENSE = [
    ({"next_step": NAN}, "next_step"),
    ({"next_step": INFINITY}, "next_step"),
    ({"next_step": 0.0}, "next_step"),
    ({"next_step": -1e-9}, "next_step"),
    ({"next_step": "1e-9"}, "next_step"),
    ({"next_step": None}, "next_step"),
    ({"next_step": True}, "next_step"),
    ({"next_step": [1e-9]}, "next_step"),
    ({"next_step": KeyError}, "next_step"),
    ({"times": []}, "times"),
    ({"times": [NAN, NAN, NAN]}, "times"),
    ({"times": 3}, "times"),
    ({"times": [1.0, 2.0, 3.0, 4.0]}, "times"),
    ({"times.0": 1.0}, "times goes from"),
    ({"times.-1": 1.0}, "the history ends at"),
    ({"times": KeyError}, "times"),
    ({"contact": [False]}, "contact has 1 values"),
    ({"contact": [0, 0, 0]}, "contact"),
    ({"field_fluxes": [0.0]}, "field_fluxes has 1 values"),
    ({"field_fluxes.0": NAN}, "field_fluxes"),
    ({"field_fluxes": {"0": 1.0}}, "field_fluxes"),
    ({"steps": -1}, "steps"),
    ({"steps": 1.5}, "steps"),
    ({"steps": 10**400}, "steps"),
    ({"rejected": "a"}, "rejected"),
    ({"newton_iterations": None}, "newton_iterations"),
    ({"newton_iterations": KeyError}, "newton_iterations"),
    ({"history": []}, "history"),
    ({"history": [[0.0]]}, "history"),
    ({"history": "abc"}, "history"),
    ({"history.1.2": NAN}, "history"),
    ({"history.1.2": "x"}, "history"),
    ({"history.1.0": 1e9}, "history goes from"),
    ({"history.-1": [0.0] * 9}, "history"),
    ({"output_times": [1e3]}, "output_times"),
    ({"output_times": [NAN]}, "output_times"),
    ({"output_times": KeyError}, "output_times"),
    ({"output_times": [1e-13, 2e-13, 3e-13, 4e-13]}, "checkpoint without output_"),
    ({"solved": []}, "solved"),
    ({"solved": KeyError}, "solved"),
    ({"history": KeyError}, "not the checkpoint of a transient"),
]

EXSY_NONSENSE = [
    ({"step": NAN}, "step"),
    ({"step": -1.0}, "step"),
    ({"step": "x"}, "step"),
    ({"step": KeyError}, "step"),
    ({"steps": -1}, "steps"),
    ({"rejected": 0.5}, "rejected"),
    ({"history": []}, "history"),
    ({"history": KeyError}, "history"),
    ({"history.time": []}, "history.time"),
    ({"history.time.0": NAN}, "history.time"),
    ({"history.time.1": 0.0}, "history.time goes from"),
    ({"history.remaining": [1.0]}, "remaining has 1 values"),
    ({"history.total.1": INFINITY}, "history.total"),
    ({"history.remaining.1": None}, "history.remaining"),
    ({"output_times": [1e9]}, "output_times"),
    ({"output_times": 1}, "output_times"),
    ({"exsy": 3}, "exsy"),
    ({"exsy": KeyError}, "not the checkpoint of an exsy study"),
]
