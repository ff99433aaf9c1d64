"""Remarks on what a mesh or a sample makes of a layer: one that it cuts off, one that it does not resolve."""

from __future__ import annotations

from collections.abc import Mapping

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
from scl_fem.postprocess.layer import LayerSide
from scl_fem.progress import Reporter

_FILLED = 0.8
"""Share of its phase from which on a layer counts as filling it: in a thicker one it would be another."""

_LARGEST_SHARE = {1: 0.2, 2: 0.25, 3: 0.5}
"""Share of the drop of a layer that its first cells may take, by dimension of the mesh.

Measured on LVO|LAGP with and without defects, against the default mesh in one dimension: the layer resistance
is off by 1 % at 0.15 to 0.2, by 1 to 5 % at 0.3 to 0.45, by 30 % and up to ten times at 0.7. The default
meshes are below 0.006 in one dimension, at 0.13 to 0.2 in two, at 0.3 to 0.45 in three.
"""

_SEVERAL_TIMES = 0.5
"""Share from which on an error is no longer one of a few percent."""

_LEAST_DROP = 1.0
"""kT/e: a smaller drop is next to linear, and what a cell takes of it does no harm."""


def remark_layers(sides: Mapping[str, LayerSide], layer_level: float, reporter: Reporter) -> None:
    """Say which layers their phase cuts off, and which ones the mesh does not resolve. Collective.

    Args:
        sides: both layers.
        layer_level: what counts as the layer.
        reporter: takes the remarks.
    """
    for tag, side in sides.items():
        share = side.filled_share(layer_level)
        if share >= _FILLED and side.phase.reference is None:  # a core is all layer
            reporter.note(
                f"the layer of the {tag} fills {100.0 * share:.0f} % of it: its thickness and "
                "resistance are those of this sample, not of the interface; a thicker "
                f"{tag} gives the latter"
            )
    _remark_resolution(sides, reporter)


def _remark_resolution(sides: Mapping[str, LayerSide], reporter: Reporter) -> None:
    """See `remark_layers`."""
    space = next(iter(sides.values())).space
    shares = {}
    for tag, side in sides.items():
        drop, first = side.drops
        if drop > _LEAST_DROP * side.phase.main.thermodynamics.thermal_energy:
            shares[tag] = first / drop / space.order  # the nodes of P2 are half a cell apart
    worst = max(shares, key=lambda tag: shares[tag], default=None)
    if worst is None or shares[worst] <= _LARGEST_SHARE[space.domain.dimension]:
        return
    share = shares[worst]
    extent = "several times over" if share > _SEVERAL_TIMES else "by some 5 %"
    reporter.note(
        f"the mesh does not resolve the layer of the {worst}: its first cells take "
        f"{100.0 * share:.0f} % of the potential that drops there, and resistances, charge and thickness may "
        f"be off {extent}; a smaller mesh.interface_size mends it (in a mesh file: finer cells there)"
    )
