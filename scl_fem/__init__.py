"""scl_fem: space-charge layers at the interface of an electrode and a solid electrolyte.

Example:
    import scl_fem as scl

    case = scl.planar(scl.Phase("LVO", composition=0.2, voltage="3.4 V"), scl.Phase("LAGP"))
    result = case.run()
    result["layer_resistance_ohm_cm2"]
    result.profile["phi_V"]
    result.plot()

    scl.run("cases/lvo_lagp_x0.2_1d.toml", "results")
    scl.sweep(case, {"phase.electrode.voltage": [3.2, 3.3]})

docs/python.md has more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scl_fem.case import Case, case_from_dict, dump_case, load_case, resolve
    from scl_fem.case.interface_function import interface_law
    from scl_fem.constructors import (
        Bulk,
        Carrier,
        Closed,
        Conduction,
        Current,
        Equilibrium,
        Exchange,
        Exsy,
        Impedance,
        Initial,
        Law,
        Layer,
        Material,
        Metal,
        OpenCircuit,
        Output,
        Perfect,
        Phase,
        Sites,
        Solver,
        TaggedExchange,
        Transient,
        Voltage,
        cube,
        from_file,
        particle,
        planar,
        rough,
        stack,
    )
    from scl_fem.errors import ConvergenceError, InputError, Interrupted, SclFemError
    from scl_fem.physics.functions import defect_law, diffusivity
    from scl_fem.results import Result, load_result
    from scl_fem.studies.run import run_case as run
    from scl_fem.sweeps import SweepTable, sweep

    __version__: str

__all__ = [
    "Bulk",
    "Carrier",
    "Case",
    "Closed",
    "Conduction",
    "ConvergenceError",
    "Current",
    "Equilibrium",
    "Exchange",
    "Exsy",
    "Impedance",
    "Initial",
    "InputError",
    "Interrupted",
    "Law",
    "Layer",
    "Material",
    "Metal",
    "OpenCircuit",
    "Output",
    "Perfect",
    "Phase",
    "Result",
    "SclFemError",
    "Sites",
    "Solver",
    "SweepTable",
    "TaggedExchange",
    "Transient",
    "Voltage",
    "__version__",
    "case_from_dict",
    "cube",
    "defect_law",
    "diffusivity",
    "dump_case",
    "from_file",
    "interface_law",
    "load_case",
    "load_result",
    "particle",
    "planar",
    "resolve",
    "rough",
    "run",
    "stack",
    "sweep",
]

_MODULES = {
    "scl_fem.case": ("Case", "case_from_dict", "dump_case", "load_case", "resolve"),
    "scl_fem.case.interface_function": ("interface_law",),
    "scl_fem.errors": ("ConvergenceError", "InputError", "Interrupted", "SclFemError"),
    "scl_fem.physics.functions": ("defect_law", "diffusivity"),
    "scl_fem.results": ("Result", "load_result"),
    "scl_fem.sweeps": ("SweepTable", "sweep"),
}
"""Where names come from; the others are constructors."""


def __getattr__(name: str) -> Any:
    """Load what is asked for: DOLFINx takes its time, and a look at a case does not need it."""
    if name == "__version__":
        return _version()
    if name not in __all__:
        raise AttributeError(f"module 'scl_fem' has no attribute '{name}'{_nearest(name)}")
    if name == "run":
        from scl_fem.studies.run import run_case

        return run_case
    from importlib import import_module

    module = next((where for where, names in _MODULES.items() if name in names), "scl_fem.constructors")
    return getattr(import_module(module), name)


def __dir__() -> list[str]:
    """What can be asked for, loaded or not: for completion in a shell."""
    return sorted({*globals(), *__all__})


def _nearest(name: str) -> str:
    from scl_fem.errors import nearest

    return nearest(name, __all__)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("scl-fem")
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "0+unknown"
