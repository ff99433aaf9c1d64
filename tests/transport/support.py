"""Small cells, and steps of a transient taken one by one."""

import scl_fem._stack

from tests.support.half_space import LAGP, LVO, Side

# isort: split
import numpy as np
from mpi4py import MPI

import scl_fem
from scl_fem.equations.system import System
from scl_fem.mesh import ELECTRODE
from scl_fem.physics.contacts import bulk
from scl_fem.solvers.course import StepControl, neutral_start, start_from
from scl_fem.solvers.equilibrium import solve_equilibrium
from scl_fem.solvers.terminals import HeldUnknowns, Terminal
from scl_fem.solvers.transient import TransientSolver
from scl_fem.studies.ends import interface_charges
from scl_fem.studies.interfaces import interface_laws
from scl_fem.studies.phases import cell_of_case
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


class Cell:
    """A case ready to be stepped.

    Attributes:
        case: resolved.
        system: unknowns and physics.
    """

    def __init__(self, case, comm=MPI.COMM_SELF):
        self.space, self.case = space_of(case, comm)
        cell = cell_of_case(self.case)
        self.phases = cell.phases
        charges = interface_charges(self.case, cell, self.space.domain.layout)
        self.system = System(self.space, self.phases, interface_laws(self.case, cell), charges)

    @property
    def names(self):
        """Of its components."""
        return [component.name for component in self.system.components]

    def reservoirs(self, voltage=None):
        """Both contacts at the composition of the bulks."""
        exchanged = bulk(self.names)
        first, *others = self.space.domain.contacts
        return {first: Terminal(exchanged, voltage)} | {name: Terminal(exchanged) for name in others}

    def driven(self, current):
        """A current through both contacts."""
        first, second = self.space.domain.contacts
        return {first: Terminal(current=current), second: Terminal(current=lambda time: -current(time))}

    def equilibrium(self, boundary="closed"):
        """Its equilibrium as a state of the transient."""
        phi = solve_equilibrium(self.space, self.phases, boundary, self.case.solver).phi.x.array
        return self.system.state(phi)

    def steps(self, length, end, *, method="bdf2", terminals=None, start=None):
        """Take equal steps from `start` (neutral by default); yields every accepted one."""
        control = StepControl(first=length, longest=length, tolerance=UNBOUNDED, method=method)
        held = HeldUnknowns(self.system, terminals or {})
        solver = TransientSolver(self.system, held, self.case.solver, control)
        if start is None:
            progress = neutral_start(self.system, control)
        else:
            progress = start_from(self.system, start, control, held.first_nodes)
        return solver.advance(progress, end)

    def last(self, *arguments, **options):
        """The last of these steps."""
        *_, accepted = self.steps(*arguments, **options)
        return accepted

    def charge(self, amounts, tag=ELECTRODE):
        """Charge of a side per area, e/nm^2."""
        return self.system.charge_sums(amounts)[tag] / self.space.interface_area


def history(result, column):
    """A column of history.csv."""
    return np.asarray(result.tables["history.csv"][column])
