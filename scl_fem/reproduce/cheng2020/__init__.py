"""Cheng et al., Joule 2020: space-charge layers and exchange NMR of LixV2O5 | LAGP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scl_fem.progress import Reporter
from scl_fem.reproduce.cheng2020.printed import CITATION, EXCHANGING
from scl_fem.reproduce.papers import PAPERS
from scl_fem.reproduce.report import Report

if TYPE_CHECKING:
    from mpi4py import MPI


@PAPERS.register("cheng2020")
def cheng2020(comm: MPI.Comm, progress: Reporter) -> Report:
    """Everything that the paper reports. Collective.

    Args:
        comm: communicator.
        progress: takes the news.
    """
    from scl_fem.reproduce.cheng2020.answers import answers_section
    from scl_fem.reproduce.cheng2020.currents import currents_section
    from scl_fem.reproduce.cheng2020.disagreements import disagreements_section
    from scl_fem.reproduce.cheng2020.exchange import exchange_section, solve_build_up
    from scl_fem.reproduce.cheng2020.inputs import inputs_section
    from scl_fem.reproduce.cheng2020.relaxation import relaxation_section
    from scl_fem.reproduce.cheng2020.space_charge import solve_layers, space_charge_section

    progress.stage("layers")
    layers = solve_layers(comm)
    space_charge = space_charge_section(comm, layers, progress)
    progress.stage("exchange")
    exchange = exchange_section({sample.name: solve_build_up(comm, sample) for sample in EXCHANGING})
    progress.stage("conduction")
    answers = answers_section(comm, layers)
    return Report(
        "cheng2020",
        "Cheng et al. (2020): space-charge layers and Li exchange of LixV2O5 | LAGP, reproduced",
        CITATION,
        (
            "Every number that the paper reports, beside what this program finds. Inputs are the paper's; "
            "what follows from them by formula is computed by that formula; layers and exchange are solved "
            "by finite elements. Where the paper leaves a choice, the readings stand side by side; where "
            "it disagrees with itself, both numbers do.",
        ),
        (
            inputs_section(),
            space_charge,
            currents_section(layers),
            exchange,
            relaxation_section(),
            disagreements_section(),
            answers,
        ),
    )
