"""What every study starts from and gives, and the registry of their kinds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from dolfinx import fem

from scl_fem.case import Case
from scl_fem.discretisation.space import Phases, PotentialSpace
from scl_fem.mesh.distribute import Domain
from scl_fem.mesh.domain import PhaseTag
from scl_fem.output.tables import Profile
from scl_fem.physics.types import Array
from scl_fem.progress import Reporter
from scl_fem.registry import Registry
from scl_fem.solvers.equilibrium import Equilibrium
from scl_fem.studies.phases import phases_of


class Study:
    """A case on its mesh, ready to be solved.

    Attributes:
        case: resolved.
        domain: the distributed mesh.
        reporter: takes the news.
        start: potential to start from, None for the neutral phases.
    """

    def __init__(self, case: Case, domain: Domain, reporter: Reporter) -> None:
        """Nothing is solved yet."""
        self.case, self.domain, self.reporter = case, domain, reporter
        self.start: fem.Function | None = None

    @cached_property
    def phases(self) -> Phases:
        """Physics of both phases."""
        return phases_of(self.case)

    @cached_property
    def space(self) -> PotentialSpace:
        """Space of the potential."""
        return PotentialSpace(self.domain, self.case.solver.order)

    @property
    def cells(self) -> int:
        """Number of cells on all ranks."""
        return self.domain.mesh.topology.index_map(self.domain.dimension).size_global

    @property
    def electrochemical_potential(self) -> float:
        """mu_e of Li+ at equilibrium, eV: -e V of the electrolyte in the gauge."""
        return -self.case.phase.electrolyte.voltage


class StudyResult(ABC):
    """A solved study."""

    study: Study
    equilibrium: Equilibrium

    @abstractmethod
    def numbers(self) -> dict[str, Any]:
        """The study's part of summary.json. Collective; the same on every rank."""

    @abstractmethod
    def profile(self) -> Profile:
        """Fields along the normal. Collective; the same on every rank."""

    @abstractmethod
    def fields(self) -> dict[PhaseTag, dict[str, Array]]:
        """Nodal fields of each phase for ParaView."""


STUDIES: Registry[Callable[[Study], StudyResult]] = Registry("study")


def joined_profile(parts: dict[PhaseTag, tuple[Array, dict[str, Array]]]) -> Profile:
    """One profile from the fields of both sides, electrode first.

    Args:
        parts: by phase, positions and fields by name.
    """
    positions = {tag: z for tag, (z, _) in parts.items()}
    columns = {
        name: np.concatenate([fields[name] for _, fields in parts.values()])
        for name in ("phi_V", "c_per_nm3", "occupancy", "mu_e_eV", "sigma_S_per_cm")
    }
    names = np.concatenate([np.full(z.size, tag.label) for tag, z in positions.items()])
    return Profile(z_nm=np.concatenate(list(positions.values())), phase=names, **columns)
