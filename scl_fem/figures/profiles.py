"""Li concentration and potential across the interface, as in Fig. 6 of Cheng et al. (Joule 2020)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scl_fem.figures.kinds import Note, figure
from scl_fem.figures.panels import Row, draw_rows
from scl_fem.figures.result import ResultData
from scl_fem.figures.style import PHASE_COLOURS
from scl_fem.output.names import PROFILE_FILE

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@figure("profiles", PROFILE_FILE)
def draw_profiles(result: ResultData, note: Note) -> Figure | None:
    """Concentration above potential; of electrode and electrolyte alone."""
    profile = result.profile
    if not result.is_pair:
        return None
    concentration = Row(
        "Li concentration (nm⁻³)",
        profile.c_per_nm3,
        {phase: result.side(phase).get("concentration_bulk_per_nm3") for phase in PHASE_COLOURS},
        smallest_span=1.0,
        ratio=True,
    )
    potential = Row(
        "Electric potential (V)",
        profile.phi_V,
        {phase: result.side(phase).get("bulk_potential_V") for phase in PHASE_COLOURS},
        smallest_span=0.1,
    )
    return draw_rows(result, (concentration, potential))
