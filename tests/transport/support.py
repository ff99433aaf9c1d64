"""Small cells, and steps of a transient taken one by one."""

import scl_fem._stack

from tests.support.half_space import LAGP, LVO, Side

# isort: split
import numpy as np
from mpi4py import MPI

import scl_fem
from scl_fem.discretisation.transport import TransportSystem
from scl_fem.discretisation.unknowns import State
from scl_fem.mesh import BOTH, ELECTRODE
from scl_fem.solvers.course import StepControl, neutral_start, start_from
from scl_fem.solvers.equilibrium import solve_equilibrium
from scl_fem.solvers.terminals import Terminals
from scl_fem.solvers.transient import TransientSolver
from scl_fem.studies.interfaces import interface_laws
from scl_fem.studies.phases import cell_of_case, phases_of
from tests.support.planar import space_of

UNBOUNDED = 1e30
"""A tolerance of steps that none exceeds."""

# No defects, few sites: a Debye length of 1.6 nm, differentiable to any order.
SMOOTH = Side(0.1, 0.5, 3.0, 41.0)

COARSE = {"electrode_thickness": 5.0, "electrolyte_thickness": 5.0, "interface_size": 0.01, "growth": 1.3}


def case_of(electrode=LVO, electrolyte=LAGP, *, study, mesh=None, **tables):
    """A planar case of two sides."""
    return scl_fem.Case(
        study=study,
        mesh={"kind": "planar", "dimension": 1, **COARSE, **(mesh or {})},
        phase={"electrode": {"material": "LEFT"}, "electrolyte": {"material": "RIGHT"}},
        materials={"LEFT": electrode.table(), "RIGHT": electrolyte.table()},
        **tables,
    )


def transient(electrode=LVO, electrolyte=LAGP, *, duration, mesh=None, study=None, **tables):
    """A case of a transient study."""
    study = {"kind": "transient", "duration": duration, **(study or {})}
    return case_of(electrode, electrolyte, study=study, mesh=mesh, **tables)


def law_of(case):
    """The law of Li+ at the interface of a case of two phases, resolved."""
    return interface_laws(case, cell_of_case(case))[BOTH]["Li+"]


class Cell:
    """A case ready to be stepped.

    Attributes:
        case: resolved.
        system: unknowns and physics.
    """

    def __init__(self, case, comm=MPI.COMM_SELF):
        self.space, self.case = space_of(case, comm)
        self.phases = phases_of(self.case)
        self.system = TransportSystem(self.space, self.phases, law_of(self.case))

    def equilibrium(self, boundary="closed"):
        """Its equilibrium as a state of the transient."""
        phi = solve_equilibrium(self.space, self.phases, boundary, self.case.solver).phi.x.array
        return State(phi.copy(), {tag: np.zeros_like(phi) for tag in BOTH})

    def steps(self, length, end, *, method="bdf2", terminals=None, start=None):
        """Take equal steps from `start` (neutral by default); yields every accepted one."""
        control = StepControl(first=length, longest=length, tolerance=UNBOUNDED, method=method)
        solver = TransientSolver(self.system, terminals or Terminals(), self.case.solver, control)
        progress = start_from(self.system, start, control) if start else neutral_start(self.system, control)
        return solver.advance(progress, end)

    def last(self, *arguments, **options):
        """The last of these steps."""
        *_, accepted = self.steps(*arguments, **options)
        return accepted

    def charge(self, charges, tag=ELECTRODE):
        """Charge of a side per area, e/nm^2."""
        return self.space.sum(charges[tag]) / self.space.interface_area


def history(result, column):
    """A column of history.csv."""
    return np.asarray(result.tables["history.csv"][column])
