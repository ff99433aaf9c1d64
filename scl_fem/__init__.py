"""scl_fem: space-charge layers at the interface of an electrode and a solid electrolyte.

Example:
    import scl_fem

    case = scl_fem.load_case("cases/lvo_lagp_x0.2_1d.toml")
    result = scl_fem.run(case.with_overrides({"phase.electrode.voltage": 3.2}))
    result.summary["layer_resistance_ohm_cm2"]
    result.tables["profile.csv"]["phi_V"]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scl_fem.case import Case, dump_case, load_case, resolve
    from scl_fem.studies.run import Result
    from scl_fem.studies.run import run_case as run

    __version__: str

__all__ = ["Case", "Result", "__version__", "dump_case", "load_case", "resolve", "run"]


def __getattr__(name: str) -> Any:
    """Load what is asked for: DOLFINx takes its time, and a look at a case does not need it."""
    if name == "__version__":
        return _version()
    if name in ("run", "Result"):
        from scl_fem.studies import run as module

        return module.run_case if name == "run" else module.Result
    if name in __all__:
        import scl_fem.case

        return getattr(scl_fem.case, name)
    raise AttributeError(f"module 'scl_fem' has no attribute '{name}'")


def __dir__() -> list[str]:
    """What can be asked for, loaded or not: for completion in a shell."""
    return sorted({*globals(), *__all__})


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("scl-fem")
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "0+unknown"
