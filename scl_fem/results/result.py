"""What a run found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from scl_fem.case.studies import STUDY_KINDS, CourseSettings
from scl_fem.errors import InputError, UnknownKeyError, nearest
from scl_fem.output.names import CASE_FILE, PROFILE_FILE
from scl_fem.output.tables import Column, flattened
from scl_fem.results.frames import frame
from scl_fem.results.html import result_page
from scl_fem.results.text import short_lines

if TYPE_CHECKING:
    import pandas as pd
    import pyvista as pv
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from scl_fem.case import Case
    from scl_fem.studies.kinds import Study


class Result(Mapping[str, Any]):
    """What a run found: numbers by key, tables, fields and figures.

        result["layer_resistance_ohm_cm2"], result["electrode.occupancy_bulk"]

    The keys are those of summary.json (docs/results.md), nested ones joined with dots; to look at it prints
    the most important of them.

    Attributes:
        summary: the numbers of summary.json.
        tables: columns by name of each CSV file by its name, for example
            result.tables["profile.csv"]["phi_V"].
        directory: where the files are, None where none were asked for.
    """

    def __init__(
        self,
        study: Study | None,
        summary: dict[str, Any],
        tables: dict[str, dict[str, Column]],
        directory: Path | None,
    ) -> None:
        """Made by `scl_fem.run` and `scl_fem.load_result`.

        Args:
            study: the solved study; None for a result that was read from a folder.
            summary: as in summary.json.
            tables: columns by name, by the name of the file.
            directory: where the files are.
        """
        self._study = study
        self.summary, self.tables, self.directory = summary, tables, directory

    # Numbers --------------------------------------------------------------------------------

    def __getitem__(self, key: str) -> Any:
        """A number of the summary, or a table of them.

        Args:
            key: of summary.json, nested ones joined with dots.

        Raises:
            UnknownKeyError: there is none, which is a `KeyError`; names the nearest.
        """
        if key in self.summary:
            return self.summary[key]
        if key in self._flat:
            return self._flat[key]
        below = f"{key}."
        inside = {name.removeprefix(below): self._flat[name] for name in self._flat if name.startswith(below)}
        if inside:
            return inside
        study = self.summary.get("study")
        hint = nearest(key, {*self.summary, *self._flat})
        raise UnknownKeyError(
            f"a result of kind '{study}' has no '{key}'{hint}", allowed="list(result) has every key"
        )

    def __iter__(self) -> Iterator[str]:
        """The keys, nested ones joined with dots."""
        return iter(self._flat)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._flat)

    # a result is what it is, not what it holds
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        """True: there is a result."""
        return True

    def _ipython_key_completions_(self) -> list[str]:
        """What a notebook offers after result[."""
        return list(self)

    @cached_property
    def _flat(self) -> dict[str, Any]:
        return flattened(self.summary)

    @property
    def remarks(self) -> list[str]:
        """What should be known of the numbers: what is wrong, by how much, what to do."""
        return list(self.summary.get("remarks", ()))

    def __repr__(self) -> str:
        """Ten lines at most: what was solved, the key numbers, a remark."""
        return "\n".join(short_lines(self.summary))

    def _repr_html_(self) -> str:
        """The same for a notebook, every remark in full."""
        return result_page(self.summary)

    # Where it comes from --------------------------------------------------------------------

    @property
    def is_read(self) -> bool:
        """Whether it was read from a folder: then nothing but what stands there is known of it."""
        return self._study is None

    @property
    def study(self) -> Study:
        """The solved study, with its mesh, unknowns and physics.

        Raises:
            InputError: the result was read from a folder, which does not hold that.
        """
        if self._study is None:
            raise InputError(
                "this result was read from a folder, which does not hold the solved equations",
                allowed="result.case.run()",
            )
        return self._study

    @cached_property
    def case(self) -> Case:
        """The case as resolved.

        Raises:
            InputError: the folder's case cannot be read, or names a law that is not entered here.
        """
        if self._study is not None or self.directory is None:
            return self.study.case
        from scl_fem.case import load_case

        return load_case(self.directory / CASE_FILE)

    # Tables ---------------------------------------------------------------------------------

    def table(self, name: str) -> pd.DataFrame | dict[str, Column]:
        """A table: a pandas DataFrame where pandas is there, else columns by name.

        Args:
            name: of the file: "profile.csv", or "profile".

        Raises:
            UnknownKeyError: the study has no such table.
        """
        file = name if name in self.tables else f"{name}.csv"
        if file not in self.tables:
            raise UnknownKeyError(
                f"a result of kind '{self.summary.get('study')}' has no table '{name}'"
                f"{nearest(file, self.tables)}",
                allowed=", ".join(self.tables),
            )
        return frame(self.tables[file])

    @property
    def profile(self) -> pd.DataFrame | dict[str, Column]:
        """profile.csv: fields along the normal through the interface.

        Raises:
            UnknownKeyError: the study has none.
        """
        return self.table(PROFILE_FILE)

    # Fields ---------------------------------------------------------------------------------

    @cached_property
    def fields(self) -> pv.MultiBlock:
        """The fields as pyvista's blocks, "electrode" and "electrolyte". Collective; whole on rank 0.

        Of a study in time a block for each of `times` with those two inside: fields[k]; see `fields_at`.
        No folder is needed; of a result that was read from one they are read from there.

        Raises:
            InputError: the folder that the result was read from has no fields.
        """
        from scl_fem.results.fields import field_steps, series

        steps = field_steps(self)
        return series(steps) if self._in_time else next(iter(steps.values()))

    @property
    def times(self) -> list[float]:
        """Times of the fields, s."""
        from scl_fem.results.fields import times_of

        return times_of(self)

    def fields_at(self, time: float) -> pv.MultiBlock:
        """The fields of both phases at one of the output times.

        Args:
            time: s, one of `times`.

        Raises:
            InputError: there are no fields of that time.
        """
        from scl_fem.results.fields import number_of

        number = number_of(time, self.times)
        if not self._in_time:
            return self.fields
        blocks: Any = self.fields[number]  # as far as pyvista knows, a grid or nothing too
        return cast("pv.MultiBlock", blocks)

    @property
    def _in_time(self) -> bool:
        """Whether the study is one in time: its fields are a series, of one step as well."""
        return issubclass(STUDY_KINDS[self.summary["study"]], CourseSettings)

    # Figures --------------------------------------------------------------------------------

    def plot(
        self,
        name: str | None = None,
        *,
        ax: Axes | None = None,
        label: str | None = None,
        color: str | None = None,
    ) -> Figure:
        """Draw a figure; nothing is written.

        Args:
            name: "profiles", "conductivity", "nyquist", "bode", "history", "formation", "decay" or "fields";
                unless given, the one that shows most of the study.
            ax: axes to add the curve of this result to, for example beside that of another: the Li
                concentration of "profiles", |Z| of "bode".
            label: of that curve.
            color: of that curve.

        Raises:
            InputError: there is no such figure, or the study has nothing to show in it.
        """
        if ax is not None:
            from scl_fem.results.curves import draw_curve

            return draw_curve(self, name, ax, label=label, color=color)
        from scl_fem.results.drawing import draw_figure

        return draw_figure(self, name)

    def write_figures(self) -> list[Path]:
        """Draw the figures of the result folder anew; their paths.

        Raises:
            InputError: the run left no folder.
        """
        from scl_fem.figures import plot_result

        if self.directory is None:
            raise InputError("this result was not written: give `run` a directory")
        return plot_result(self.directory)
