"""Layers in a row: what they are made of, how they are called, the nodes across them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from scl_fem.errors import InputError
from scl_fem.mesh.domain import BOTH, Layout, layout_of, two_phases
from scl_fem.mesh.grading import Span
from scl_fem.settings import Name, Settings
from scl_fem.units import Length

_SAME_PLACE = 1e-9
"""Share of a phase's extent within which a step lies at a face."""


class Layer(Settings):
    """One layer of a phase."""

    phase: Name
    """Name of the phase; one that several layers have is one phase."""
    thickness: Length
    """Thickness (nm)."""


@dataclass(frozen=True)
class Layers:
    """Layers along a line, their cells graded towards every face between two of them.

    The first of these faces is at 0; of a single layer the left end is.

    Attributes:
        phases: name of the phase of each layer.
        thicknesses: of each, nm.
        ends: whether cells are graded towards the left and the right end as well.
        steps: places by phase towards which they are graded too: distances (nm) from the first face of each
            of its layers.
    """

    phases: tuple[str, ...]
    thicknesses: tuple[float, ...]
    ends: tuple[bool, bool] = (False, False)
    steps: Mapping[str, Sequence[float]] = field(default_factory=dict)

    @cached_property
    def faces(self) -> npt.NDArray[np.float64]:
        """(layers + 1,) places of the ends of all layers, nm."""
        if len(self.thicknesses) == 1:
            return np.array([0.0, self.thicknesses[0]])
        return np.concatenate([[-self.thicknesses[0], 0.0], np.cumsum(self.thicknesses[1:])])

    def sides(self, layer: int) -> tuple[bool, bool]:
        """Whether a layer is graded towards its left and its right face."""
        return layer > 0 or self.ends[0], layer < len(self.phases) - 1 or self.ends[1]

    def depths(
        self, phase: str, z: npt.NDArray[np.float64]
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """How deep places lie in a phase, and the thickness of the layer of it that each is nearest to, nm.

        Args:
            phase: its name.
            z: (n,) places along the line, nm.
        """
        layers = [layer for layer, name in enumerate(self.phases) if name == phase]
        starts, ends = self.faces[:-1][layers, None], self.faces[1:][layers, None]
        nearest = np.argmin(np.maximum(np.maximum(starts - z, z - ends), 0.0), axis=0)
        return z - starts[nearest, 0], (ends - starts)[nearest, 0]

    def expect_room(self, first: float, key: str) -> None:
        """See that every layer is thick enough for its cells.

        Args:
            first: size of a cell at a graded face, nm.
            key: of the case that says how thick they are.

        Raises:
            InputError: one is not.
        """
        for layer, (phase, thickness) in enumerate(zip(self.phases, self.thicknesses, strict=True)):
            cells = max(1, sum(self.sides(layer)))
            if cells * first > thickness:
                where = "each of its faces" if cells == 2 else "its face"
                least, most = cells * first, thickness / cells
                raise InputError(
                    f"layer {layer + 1} ('{phase}', {thickness:g} nm) is too thin for cells of {first:g} nm "
                    f"at {where}",
                    key=key,
                    allowed=f"at least {least:g} nm, or mesh.interface_size up to {most:g} nm",
                )

    def count(self, first: float, growth: float) -> int:
        """Number of cells across all layers, without making one.

        Args:
            first: largest size of a cell at a graded face, nm.
            growth: ratio of neighbouring sizes.
        """
        return sum(span.count(first, growth) for _, span in self._spans)

    def nodes(self, first: float, growth: float) -> npt.NDArray[np.float64]:
        """Places of the nodes across all layers, ascending, every face among them.

        Args:
            first: largest size of a cell at a graded face, nm.
            growth: ratio of neighbouring sizes.

        Raises:
            InputError: a layer cannot be graded so.
        """
        parts = [span.nodes(first, growth) for _, span in self._spans]
        return np.concatenate([parts[0][:1], *(part[1:] for part in parts)])

    def layer_of_cells(self, first: float, growth: float) -> npt.NDArray[np.int64]:
        """(cells,) the layer of each cell between the `nodes`."""
        layers, spans = zip(*self._spans, strict=True)
        return np.repeat(np.array(layers), [span.count(first, growth) for span in spans])

    @cached_property
    def _spans(self) -> list[tuple[int, Span]]:
        """Pieces between faces and steps, each with its layer."""
        spans = []
        for layer, (start, end) in enumerate(pairwise(self.faces.tolist())):
            steps = self._steps_within(layer)
            left, right = self.sides(layer)
            if not steps:
                spans.append((layer, Span(start, end, self.thicknesses[layer], (left, right))))
                continue
            places = [(start, left), *((step, True) for step in steps), (end, right)]
            spans += [(layer, Span(a, b, b - a, (at_a, at_b))) for (a, at_a), (b, at_b) in pairwise(places)]
        return spans

    def _steps_within(self, layer: int) -> list[float]:
        """Places of the steps inside a layer, ascending, none at its faces or twice."""
        start, end = self.faces[layer : layer + 2].tolist()
        close = _SAME_PLACE * float(np.ptp(self.faces))
        places: list[float] = []
        for place in sorted(start + distance for distance in self.steps.get(self.phases[layer], ())):
            if start + close < place < end - close and (not places or place > places[-1] + close):
                places.append(place)
        return places


def layout_of_layers(layers: Sequence[str], contacts: tuple[str, str]) -> Layout:
    """The layout of phases that lie one upon the other.

    Args:
        layers: name of the phase of each layer; phases come in the order in which they first appear.
        contacts: of the first layer and of the last.
    """
    if tuple(layers) == BOTH:
        return two_phases(*contacts)
    return layout_of(tuple(dict.fromkeys(layers)), pairwise(layers), contacts)


def expect_neighbours(layers: Sequence[str], key: str) -> None:
    """See that no two layers side by side are of one phase.

    Args:
        layers: name of the phase of each.
        key: of the case that names them.

    Raises:
        InputError: two are.
    """
    for left, right in pairwise(layers):
        if left == right:
            problem = f"two layers of {left} lie side by side"
            raise InputError(problem, key=key, allowed="one layer of their thickness together")


def expect_no_contact(phases: Collection[str], contacts: Collection[str], key: str) -> None:
    """See that no phase is called like a contact.

    Args:
        phases: names.
        contacts: names.
        key: of the case that names them.

    Raises:
        InputError: one is.
    """
    for name in phases:
        if name in contacts:
            raise InputError(
                f"a phase cannot be called '{name}', which is a contact of the mesh",
                key=key,
                allowed=f"names other than {', '.join(contacts)}",
            )
