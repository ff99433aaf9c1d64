"""scl-fem fit: parameters of measured data, with their confidence intervals."""

from __future__ import annotations

import enum
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scl_fem.cli.options import Debug
from scl_fem.errors import InputError

if TYPE_CHECKING:
    from scl_fem.fits.report import FitReport
    from scl_fem.progress import Reporter

fit = typer.Typer(help="Fit measured data: parameters with 95 % confidence intervals, and a figure.")

DataFile = Annotated[
    Path,
    typer.Argument(
        metavar="DATA.csv", help="The data: columns with their unit in the header.", show_default=False
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="DIR",
        help="Where to write [default: results/fit_KIND_DATA]",
        show_default=False,
    ),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace a fit that is in DIR already.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")]


_QUANTITIES = (1e-60, 1e60)
"""What options may be: beyond, squares leave the range of a float."""


class Amplitude(enum.StrEnum):
    """What the cross peak tends to: 1, or a plateau that is fitted."""

    fixed = enum.auto()
    free = enum.auto()


@fit.command()
def exsy(
    data_file: DataFile,
    output: Output = None,
    particle_size: Annotated[
        str | None,
        typer.Option(help="Edge of the cubic particle [default: 65 nm]", show_default=False),
    ] = None,
    simulation: Annotated[
        Path | None,
        typer.Option(
            metavar="RESULT",
            help="Result folder of an exsy study to fit by, instead of the closed form for a cube in an "
            "infinite medium; its diffusivities and permeability keep their ratios.",
            show_default=False,
        ),
    ] = None,
    amplitude: Annotated[
        Amplitude, typer.Option(help="What the peak tends to: 1, or a plateau that each temperature fits.")
    ] = Amplitude.fixed,
    t1: Annotated[
        str | None,
        typer.Option(
            help='Spin-lattice relaxation time, such as "5 s", by which the peak falls, or free: each '
            "temperature fits its own. A column T1_s gives it by temperature.",
            show_default=False,
        ),
    ] = None,
    concentration: Annotated[
        str | None,
        typer.Option(
            help='Li of the phase that exchanges, such as "8.428 1/nm^3": with --volume-per-area gives the '
            "exchange current density and the interface resistance.",
            show_default=False,
        ),
    ] = None,
    volume_per_area: Annotated[
        str | None,
        typer.Option(
            help='Volume of that phase by area of its interface, such as "10 nm".', show_default=False
        ),
    ] = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Diffusivity from cross peaks of 2D exchange NMR, and its activation energy.

    Columns: temperature_K, mixing_time_s, intensity (0 to 1). Where there are: intensity_error as weights,
    T1_s, diagonal (the fit is then to cross over diagonal plus cross).
    """
    if particle_size is not None and simulation is not None:
        raise InputError("is that of the simulation, and must not be given beside it", key="--particle-size")
    size = _quantity("--particle-size", particle_size or "65 nm", "nm")
    if (concentration is None) != (volume_per_area is None):
        missing = "--concentration" if concentration is None else "--volume-per-area"
        raise InputError("is missing: an exchange current density needs both", key=missing)
    settings: dict[str, Any] = {"particle_size_nm": size, "amplitude": str(amplitude)}
    if t1 is not None:
        settings["T1_s"] = t1 if t1 == "free" else _quantity("--t1", t1, "s")
    if simulation is not None:
        settings["simulation"] = str(simulation)
    interface = None
    if concentration is not None and volume_per_area is not None:
        interface = (
            _quantity("--concentration", concentration, "1/nm^3"),
            _quantity("--volume-per-area", volume_per_area, "nm"),
        )
        settings |= {"concentration_per_nm3": interface[0], "volume_per_area_nm": interface[1]}

    def fitted(progress: Reporter) -> FitReport:
        from scl_fem.fits import fit_exsy, simulated_exchange

        columns, remarks = _read(
            data_file,
            ("temperature_K", "mixing_time_s", "intensity"),
            optional=("diagonal", "T1_s"),
            errors_of=("intensity", "diagonal"),
        )
        if t1 is not None and columns.pop("T1_s", None) is not None:
            remarks += ("the column of T1 was not used: --t1 was given",)
        if t1 is not None:
            columns["T1_s"] = settings["T1_s"]
        options: dict[str, Any] = {"particle_size_nm": size, "amplitude": str(amplitude)}
        if simulation is not None:
            model = simulated_exchange(simulation)
            settings["particle_size_nm"] = options["particle_size_nm"] = model.particle_size_nm
            options["model"] = model
        result = fit_exsy(**columns, **options, progress=progress)
        if simulation is not None:
            remarks += tuple(
                f"the simulation ends before what {curve.temperature_K:g} K takes: D is extrapolated there"
                for curve in result.curves
                if not model.covers(curve.D_cm2_per_s.value, curve.mixing_time_s[-1])
            )
        derived = result.interface_numbers(*interface) if interface else {}
        return _report("exsy", data_file, result, settings, derived, remarks)

    _publish("exsy", data_file, fitted, output, overwrite, quiet)


@fit.command()
def t2(
    data_file: DataFile,
    output: Output = None,
    jump_length: Annotated[str, typer.Option(help="Between sites; the b axis of LixV2O5.")] = "3.60 angstrom",
    dimension_factor: Annotated[
        int,
        typer.Option(help="n of D = l^2/(n tau): 2 in a channel, 4 in a plane, 6 in space.", min=1, max=100),
    ] = 2,
    larmor_frequency: Annotated[str, typer.Option(help="Of the nucleus in the magnet.")] = "73.60 MHz",
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Jump rate and its activation energy from T2 against temperature (BPP with the break point).

    Columns: temperature_K, T2_s; T2_error_s, where it is there, as weights.
    """
    settings: dict[str, Any] = {
        "jump_length_nm": _quantity("--jump-length", jump_length, "nm"),
        "dimension_factor": dimension_factor,
        "larmor_frequency_Hz": _quantity("--larmor-frequency", larmor_frequency, "Hz"),
    }

    def fitted(progress: Reporter) -> FitReport:
        from scl_fem.fits import fit_t2

        columns, remarks = _read(data_file, ("temperature_K", "T2_s"), errors_of=("T2_s",))
        return _report("t2", data_file, fit_t2(**columns, **settings), settings, {}, remarks)

    _publish("t2", data_file, fitted, output, overwrite, quiet)


@fit.command()
def arrhenius(
    data_file: DataFile,
    output: Output = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Activation energy from diffusivities at several temperatures.

    Columns: temperature_K, D_cm2_per_s; D_error_cm2_per_s, where it is there, as weights.
    """

    def fitted(progress: Reporter) -> FitReport:
        from scl_fem.fits import fit_arrhenius

        columns, remarks = _read(data_file, ("temperature_K", "D_cm2_per_s"), errors_of=("D_cm2_per_s",))
        return _report("arrhenius", data_file, fit_arrhenius(**columns), {}, {}, remarks)

    _publish("arrhenius", data_file, fitted, output, overwrite, quiet)


def _publish(
    kind: str,
    data_file: Path,
    fitted: Callable[[Reporter], FitReport],
    output: Path | None,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Fit, write and print; under mpirun rank 0 does it all."""
    from scl_fem.cli.progress import terminal_reporter
    from scl_fem.cli.ranks import world
    from scl_fem.parallel import on_root

    directory = output or Path("results") / f"fit_{kind}_{data_file.stem}"

    def write() -> FitReport:
        from scl_fem.fits.report import check_free, write_report

        check_free(directory, overwrite=overwrite)
        progress.stage("fit")
        # numbers out of range end as null with a remark: no library's warning says it better
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                report = fitted(progress)
            except InputError as error:
                raise error.located(file=str(data_file)) from error
            progress.stage("files and figure")
            write_report(report, directory, overwrite=overwrite)
        return report

    comm = world()
    if comm.size > 1:
        # the result folder loads PETSc, whose start all ranks make together: rank 0 alone would wait for ever
        import scl_fem._stack  # noqa: F401
    # seconds: worth a bar, not lines that stay
    silent = quiet or comm.rank > 0 or not sys.stderr.isatty()
    with terminal_reporter(silent=silent) as progress:
        report = on_root(comm, write)
    if report is not None and not quiet:
        print("\n".join(report_lines(report.table())))
        print(f"\nwritten to {directory}")


def report_lines(table: Mapping[str, Any]) -> list[str]:
    """A fit for the terminal: settings, a line for each parameter, what the data do not tell.

    Args:
        table: as in fit.json.
    """
    settings = ", ".join(f"{name} = {value}" for name, value in table["settings"].items())
    lines = [f"{table['data']}: {table['fit']}{f', {settings}' if settings else ''}", ""]
    rows = [
        (name, f"{each['value']:.4g}", f"{each['low']:.4g} to {each['high']:.4g}")
        for name, each in _estimates(table)
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)] if rows else []
    padded = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    lines += ["  ".join(row).rstrip() for row in padded]
    lines += [f"not identifiable: {each}" for each in table["not_identifiable"]]
    return [*lines, *table["remarks"]]


def _estimates(table: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, float]]]:
    """Names and numbers of the parameters, those by temperature one by one."""
    for name, entry in table.items():
        if not isinstance(entry, Mapping):
            continue
        if "low" in entry:
            yield name, entry
            continue
        for key, each in entry.items():
            if isinstance(each, Mapping) and "low" in each:
                yield f"{name} at {key} K", each


def _read(
    data_file: Path, names: Sequence[str], *, optional: Sequence[str] = (), errors_of: Sequence[str] = ()
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Columns by name, and remarks about what was done to them and about those that nothing asked for."""
    from scl_fem.fits.reading import read_data

    table = read_data(data_file, names, optional, errors_of)
    ignored = f"columns that were not used: {', '.join(table.ignored)}"
    return dict(table.columns), (*table.remarks, *((ignored,) if table.ignored else ()))


def _report(kind: str, data_file: Path, result: Any, settings: Any, derived: Any, remarks: Any) -> FitReport:
    from scl_fem.fits.report import FitReport

    return FitReport(kind, data_file, result, settings, derived, remarks)


def _quantity(option: str, text: str, unit: str) -> float:
    """A positive quantity given on the command line.

    Args:
        option: its name.
        text: a number in `unit`, or one with its own.
        unit: the unit wanted.

    Raises:
        InputError: it is none; names the option.
    """
    from scl_fem.units import convert

    low, high = _QUANTITIES
    allowed = f"a positive quantity in {unit} from {low:g} to {high:g}, or with its own unit"
    try:
        value = convert(text, unit)
    except ValueError as error:
        raise InputError(str(error), key=option, allowed=allowed) from error
    if not low <= value <= high:
        raise InputError(f"cannot be {text}", key=option, allowed=allowed)
    return value
