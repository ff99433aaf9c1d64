"""The directory of a sweep: what it sweeps, and that no other sweep is at work in it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scl_fem import __version__
from scl_fem.case import Case
from scl_fem.complaints import shown
from scl_fem.errors import InputError
from scl_fem.output.claim import claimed
from scl_fem.output.files import opening, writing
from scl_fem.output.folder import holds_result
from scl_fem.output.origin import is_own_figure
from scl_fem.output.ownership import check_foreign
from scl_fem.output.tables import flattened
from scl_fem.sweeps.axes import Axis
from scl_fem.sweeps.points import Point, fingerprint
from scl_fem.sweeps.storing import write_json

DEFINITION_FILE = "sweep.json"
TABLE_FILE = "sweep.csv"
FIGURE_FILE = "sweep.png"
POINTS_DIRECTORY = "points"

_FORMAT = 1
_MOST_DIFFERENCES = 3
_WAY_OUT = "the same case and keys to go on with it, --overwrite to replace it, or another directory"


@dataclass(frozen=True)
class SweepFolder:
    """Where a sweep writes.

    Attributes:
        path: the directory.
    """

    path: Path

    def point(self, name: str) -> Path:
        """Directory of a point."""
        return self.path / POINTS_DIRECTORY / name

    @property
    def table(self) -> Path:
        """The CSV file."""
        return self.path / TABLE_FILE

    @property
    def figure(self) -> Path:
        """The figure."""
        return self.path / FIGURE_FILE

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep others out; the directory is made if it is not there.

        Raises:
            InputError: another sweep or run is at work in it, or it cannot be written to.
            OutputError: the disk is full.
        """
        with opening(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
        with claimed(self.path):
            yield

    def begin(self, case: Case, axes: Sequence[Axis], points: Sequence[Point], *, overwrite: bool) -> None:
        """Write what is swept, or see that it is what the directory has already.

        Args:
            case: what the points share.
            axes: keys and values, in the units of the keys.
            points: of them.
            overwrite: whether another sweep, and the points of the same one, may be replaced.

        Raises:
            InputError: the directory holds something else.
            OutputError: it cannot be written.
        """
        definition = {
            "format": _FORMAT,
            "version": __version__,
            "over": {axis.key: list(axis.values) for axis in axes},
            "units": {axis.key: axis.unit for axis in axes},
            "case": case.to_dict(),
            "fingerprint": fingerprint(points),
        }
        path = self.path / DEFINITION_FILE
        if path.exists():
            if not overwrite:
                self._check_same(json.loads(json.dumps(definition)), read_definition(path))
                return
            self._clear()
        elif holds_result(self.path) or (self.path / POINTS_DIRECTORY).exists():
            raise InputError(f"{self.path} holds something else than a sweep", allowed="another directory")
        check_foreign(self.path, (TABLE_FILE, FIGURE_FILE))
        write_json(path, definition)

    def check_links(self, points: Sequence[Point]) -> None:
        """See that no point is a link: its result would go where that leads.

        Args:
            points: of the sweep.

        Raises:
            InputError: one is.
        """
        for path in (self.path / POINTS_DIRECTORY, *(self.point(point.name) for point in points)):
            if path.is_symlink():
                raise InputError(
                    f"{path} is a link, and a sweep writes into its own directory", allowed=_WAY_OUT
                )

    def _check_same(self, wanted: Mapping[str, Any], found: Mapping[str, Any]) -> None:
        """See that two definitions are of the same points.

        Raises:
            InputError: they are not; says where they differ.
        """
        if wanted["fingerprint"] == found.get("fingerprint"):
            return
        now, then = ({**flattened(each.get("case", {})), **each.get("over", {})} for each in (wanted, found))
        keys = [key for key in {**now, **then} if now.get(key) != then.get(key)]
        differences = [f"{key} was {_named(then.get(key))}, is {_named(now.get(key))}" for key in keys]
        if not differences:
            differences = [f"materials or defaults of scl_fem {found.get('version')} were other ones"]
        if len(differences) > _MOST_DIFFERENCES:
            differences = [*differences[:_MOST_DIFFERENCES], "..."]
        raise InputError(f"{self.path} holds another sweep: {'; '.join(differences)}", allowed=_WAY_OUT)

    def _clear(self) -> None:
        """Remove what the sweep that is there has written."""
        with writing(self.path):
            # the definition last: what it does not stand beside is not ours to remove
            if (self.path / POINTS_DIRECTORY).exists():
                shutil.rmtree(self.path / POINTS_DIRECTORY)
            for figure in filter(is_own_figure, self.path.glob(f"{self.figure.stem}.*")):
                figure.unlink()
            for name in (TABLE_FILE, DEFINITION_FILE):
                (self.path / name).unlink(missing_ok=True)


def read_definition(path: Path) -> dict[str, Any]:
    """The definition of a sweep.

    Args:
        path: sweep.json.

    Raises:
        InputError: the file is none.
    """
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"not readable as JSON ({error})", file=str(path)) from error
    tables = [found, found.get("case", {}), found.get("over", {})] if isinstance(found, dict) else [found]
    if not all(isinstance(table, dict) for table in tables) or found.get("format") != _FORMAT:
        raise InputError("is not the definition of a sweep that this version knows", file=str(path))
    return found


def _named(value: Any) -> str:
    return "not there" if value is None else shown(value)
