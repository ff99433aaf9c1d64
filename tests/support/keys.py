"""What users script against: every key of a case and of a result, and the list of those of the last release.

After a release:  python -m tests.support.keys  writes the list anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from scl_fem.case import load_case
from scl_fem.case.keys import case_keys
from scl_fem.shipped import shipped_case
from scl_fem.studies.run import run_case

LIST = Path(__file__).parents[1] / "keys_of_last_release.json"

# the values below depend on the run, or on the machine
_OPEN = {"timings_s", "errors"}

_COARSE = ["mesh.interface_size=0.05", "mesh.growth=1.3"]
_INTERFACE = "lvo_lagp_x0.2_1d"
_RUNS = (
    (_INTERFACE, []),
    (_INTERFACE, ["study.kind=conduction"]),
    (_INTERFACE, ["study.kind=transient", "study.duration=1e-10"]),
    (_INTERFACE, ["study.kind=impedance", "study.points_per_decade=1", "boundary.kind=bulk"]),
    ("exsy_li2v2o5", ["mesh.dimension=2", "exsy.particle_concentration=8.4", "output.figures=false"]),
)


def settings() -> set[str]:
    """Dotted paths of the keys of a case."""
    return set(case_keys())


def results() -> set[str]:
    """Dotted paths in summary.json and columns of tables ("profile.csv: z_nm"), of all studies together."""
    found: set[str] = set()
    for name, overrides in _RUNS:
        coarse = _COARSE if name == _INTERFACE else []
        result = run_case(load_case(shipped_case(name).path, [*coarse, *overrides]))
        found |= set(_paths(result.summary))
        found |= {f"{file}: {column}" for file, columns in result.tables.items() for column in columns}
    return found


def of_last_release() -> dict[str, set[str]]:
    """The two lists, as they were."""
    return {kind: set(keys) for kind, keys in json.loads(LIST.read_text(encoding="utf-8")).items()}


def write() -> None:
    """Replace the list by what there is now."""
    lists = {"settings": sorted(settings()), "results": sorted(results())}
    LIST.write_text(json.dumps(lists, indent=1) + "\n", encoding="utf-8")


def _paths(table: dict, prefix: str = "") -> Iterator[str]:
    for name, value in table.items():
        path = f"{prefix}{name}"
        if isinstance(value, dict) and value and name not in _OPEN:
            yield from _paths(value, f"{path}.")
        else:
            yield path


if __name__ == "__main__":
    write()
