"""The fields in two and three dimensions: potential and concentration, or whatever the study has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scl_fem.figures.kinds import Note, figure
from scl_fem.figures.result import ResultData
from scl_fem.output.names import FIELDS_FILE

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@figure("fields", FIELDS_FILE)
def draw_fields(result: ResultData, note: Note) -> Figure | None:
    """Maps in two dimensions, views with a piece cut out in three; none in one."""
    if result.summary.get("dimension") == 2:
        from scl_fem.figures.plane import draw_plane

        return draw_plane(result)
    if result.summary.get("dimension") == 3:
        from scl_fem.figures.volume import draw_volume

        return draw_volume(result, note)
    return None
