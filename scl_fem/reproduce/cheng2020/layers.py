"""Space-charge layers of the paper's three interfaces, under any reading of its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scl_fem.case import Case, case_from_dict
from scl_fem.constants import OHM_CM2
from scl_fem.reproduce.cheng2020.printed import LAGP_VOLTAGE, Sample

if TYPE_CHECKING:
    from mpi4py import MPI

LEVEL = 0.25
"""What counts as the layer unless something else is said."""


@dataclass(frozen=True)
class Reading:
    """A way to read what the paper leaves open.

    Attributes:
        name: in a few words.
        materials: keys of the materials set anew.
        occupancy: x_0 by name of the sample, where it is not the library's.
        note: remarks.
    """

    name: str
    materials: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    occupancy: Mapping[str, float] = field(default_factory=dict)
    note: str = ""


DEFAULT = Reading("default")


@dataclass(frozen=True)
class Layer:
    """The layer of one sample.

    Attributes:
        sample: which.
        summary: as of summary.json.
        profile: columns of profile.csv by header.
        thickness: nm, by level.
        resistance: ohm cm^2, by level.
    """

    sample: Sample
    summary: dict[str, Any]
    profile: dict[str, Any]
    thickness: dict[float, float]
    resistance: dict[float, float]


def interface_case(
    sample: Sample,
    reading: Reading = DEFAULT,
    kind: str = "equilibrium",
    interface: Mapping[str, Any] | None = None,
) -> Case:
    """The case of one interface: planar, one dimension, closed, 10 nm on each side.

    Args:
        sample: the electrode.
        reading: of the paper's tables.
        kind: of the study.
        interface: table [interface]; perfect contact unless given.
    """
    electrode: dict[str, Any] = {"material": "LVO", "voltage": sample.voltage}
    if sample.name in reading.occupancy:
        electrode["occupancy"] = reading.occupancy[sample.name]
    else:
        electrode["composition"] = sample.x
    tables: dict[str, Any] = {
        "title": f"{sample.name} | LAGP",
        "study": {"kind": kind},
        "mesh": {"kind": "planar", "dimension": 1},
        "phase": {
            "electrode": electrode,
            "electrolyte": {"material": "LAGP", "voltage": LAGP_VOLTAGE},
        },
        "interface": interface or {"law": "perfect"},
        "boundary": {"kind": "closed"},
        "output": {"layer_level": LEVEL},
        "materials": {name: dict(keys) for name, keys in reading.materials.items()},
    }
    return case_from_dict(tables)


def solve_layer(
    comm: MPI.Comm, sample: Sample, reading: Reading = DEFAULT, levels: tuple[float, ...] = (LEVEL,)
) -> Layer:
    """Solve the equilibrium of one interface. Collective.

    Args:
        comm: communicator.
        sample: the electrode.
        reading: of the paper's tables.
        levels: at which thickness and resistance are wanted.

    Raises:
        ConvergenceError: it could not be solved.
    """
    from scl_fem.output.names import PROFILE_FILE
    from scl_fem.postprocess.layer import LayerSide
    from scl_fem.studies.run import run_case

    result = run_case(interface_case(sample, reading), comm=comm)
    study: Any = result.study
    sides = [LayerSide.of(study.equilibrium, tag) for tag in study.phases]
    return Layer(
        sample,
        result.summary,
        dict(result.tables[PROFILE_FILE]),
        {level: sum(side.thickness(level) for side in sides) for level in levels},
        {level: sum(side.resistance(level) for side in sides) * OHM_CM2 for level in levels},
    )


def solve_conduction(comm: MPI.Comm, sample: Sample, interface: Mapping[str, Any]) -> dict[str, Any]:
    """Summary of the conduction study of one interface, with a law of its own. Collective.

    Args:
        comm: communicator.
        sample: the electrode.
        interface: table [interface].
    """
    from scl_fem.studies.run import run_case

    return run_case(interface_case(sample, DEFAULT, "conduction", interface), comm=comm).summary
