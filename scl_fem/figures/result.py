"""What the figures are drawn from: a result folder, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from scl_fem.errors import InputError
from scl_fem.figures.style import engineering
from scl_fem.mesh.domain import BOTH
from scl_fem.output.names import FIELDS_FILE, PROFILE_FILE, SUMMARY_FILE
from scl_fem.output.tables import Column, Profile, is_pair, read_profile, read_summary, read_table

_LONGEST_NAME = 18
"""Letters of a material's name in a panel."""


@dataclass(frozen=True)
class ResultData:
    """A result folder.

    Attributes:
        directory: where it is.
    """

    directory: Path

    @cached_property
    def summary(self) -> dict[str, Any]:
        """summary.json."""
        return read_summary(self.directory / SUMMARY_FILE)

    @cached_property
    def profile(self) -> Profile:
        """profile.csv."""
        return read_profile(self.directory / PROFILE_FILE)

    @cached_property
    def output_times(self) -> list[float]:
        """Times of the fields (s), ascending; read without VTK, whose import takes seconds.

        Raises:
            InputError: the file is not one of ours.
        """
        path = self.directory / FIELDS_FILE
        try:
            entries = ElementTree.parse(path).iter("DataSet")
            return sorted({float(entry.attrib["timestep"]) for entry in entries})
        except (OSError, ElementTree.ParseError, KeyError, ValueError) as error:
            raise InputError(f"not a collection of fields ({error})", file=str(path)) from error

    @property
    def is_pair(self) -> bool:
        """Whether there are no phases but electrode and electrolyte."""
        return is_pair(self.summary)

    @cached_property
    def columns(self) -> dict[str, Column]:
        """Every column of profile.csv by its header, those of components and carriers too."""
        return read_table(self.directory / PROFILE_FILE)

    @property
    def title(self) -> str:
        """Title of the case."""
        return str(self.summary.get("title") or "")

    @property
    def remark(self) -> str:
        """The layer in one line: thickness, resistance, what counts as the layer, and of a transient when."""
        layer, time = self._layer, self.summary.get("time_final_s")
        return f"after {engineering(time, 's')}: {layer}" if layer and time is not None else layer

    @property
    def _layer(self) -> str:
        thickness, level = self.summary.get("layer_thickness_nm"), self.layer_level
        if thickness is None or level is None:
            return ""
        criterion = f"where c is more than {100 * level:g} % off its bulk value"
        if not thickness:
            return f"no layer: nowhere is c more than {100 * level:g} % off its bulk value"
        resistance = self.summary.get("layer_resistance_ohm_cm2")
        amount = (
            f"{thickness:.2g} nm" if resistance is None else f"{thickness:.2g} nm, {resistance:.2g} Ω cm²"
        )
        return f"layer {amount}, {criterion}"

    def material(self, phase: str) -> str:
        """Name of the material of electrode or electrolyte, else of the phase; cut to what a panel holds."""
        name = str((self.side(phase).get("material") if self.is_pair else None) or phase)
        return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"

    def side(self, phase: str) -> dict[str, Any]:
        """The part of the summary for one phase."""
        return self.summary.get(phase) or {}

    @property
    def layer_level(self) -> float | None:
        """Relative change of concentration that counts as the layer."""
        return self.summary.get("layer_level")

    @property
    def layer_thickness(self) -> float:
        """Thickness of the layer at `layer_level`, both sides, nm: the largest of all interfaces, or 0."""
        if self.is_pair:
            return sum(self.thickness(phase) for phase in BOTH)
        interfaces = self.summary.get("interfaces", {}).values()
        return max((float(each.get("layer_thickness_nm") or 0.0) for each in interfaces), default=0.0)

    def thickness(self, phase: str) -> float:
        """Thickness of the layer on one side at `layer_level`, nm; 0 where there is none or none is told."""
        level = self.layer_level
        if level is None:
            return 0.0
        return float((self.side(phase).get("thickness_nm") or {}).get(f"{100 * level:g}%") or 0.0)
