"""scl-fem plot: figures of results and sweeps, alone or laid over each other, and films."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scl_fem.cli.completing import result_folders
from scl_fem.cli.options import Debug
from scl_fem.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FORMATS = ("png", "pdf", "svg")
_TOGETHER = Path("results") / "comparison"


def plot(
    directories: Annotated[
        list[Path],
        typer.Argument(
            metavar="DIR...",
            help="A result folder or a sweep; several of one sort come into the same figures.",
            show_default=False,
            autocompletion=result_folders,
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="DIR",
            help=f"Where to write [default: into DIR; of several {_TOGETHER}]",
            show_default=False,
        ),
    ] = None,
    formats: Annotated[
        str,
        typer.Option("--format", metavar="LIST", help="png, pdf, svg; several as png,pdf."),
    ] = "png",
    style: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="screen, or for print one-column (85 mm wide) or two-columns (170 mm)."
        ),
    ] = "screen",
    no_title: Annotated[bool, typer.Option("--no-title", help="Leave the titles out.")] = False,
    quantity: Annotated[
        str | None,
        typer.Option(
            "--quantity",
            metavar="KEY",
            help="Of a sweep: what to show, a number of summary.json [default: layer_resistance_ohm_cm2]",
            show_default=False,
        ),
    ] = None,
    film: Annotated[
        bool, typer.Option("--film", help="Film a transient: film.mp4, or film.gif where there is no ffmpeg.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Draw the figures of a result or a sweep, or several in the same figures."""
    from scl_fem.cli.ranks import rank
    from scl_fem.figures.looks import LOOKS, house_style
    from scl_fem.output.claim import claimed

    if rank() > 0:
        return
    wanted = _formats(formats)
    LOOKS[style]  # before anything is made: there may be no such style
    sweeps = _are_sweeps(directories)
    if quantity is not None and not sweeps:
        raise InputError("--quantity is of sweeps: a result has its own figures")
    if film and (sweeps or len(directories) > 1):
        raise InputError("--film is of one result")
    target = output or (_TOGETHER if len(directories) > 1 else directories[0])
    _make(target)
    with house_style(style, titles=not no_title), claimed(target):
        if film:
            paths = _film(directories[0], target)
        elif sweeps:
            from scl_fem.sweeps.drawing import draw_sweeps

            paths = _saved({"sweep": draw_sweeps(directories, quantity)}, target, wanted)
        elif len(directories) > 1:
            paths = _saved(_together(directories), target, wanted)
        else:
            from scl_fem.figures import plot_result

            paths = iter(
                plot_result(
                    directories[0],
                    _note,
                    formats=wanted,
                    style=style,
                    titles=not no_title,
                    target=target,
                )
            )
        for path in paths:
            print(path)


def _formats(text: str) -> list[str]:
    """The formats that --format names.

    Raises:
        InputError: one is not known.
    """
    names = list(dict.fromkeys(name.strip().lower() for name in text.split(",")))
    for name in names:
        if name not in _FORMATS:
            raise InputError(
                f"there is no format '{name}'", file="--format", allowed=f"{', '.join(_FORMATS)}, as png,pdf"
            )
    return names


def _are_sweeps(directories: Sequence[Path]) -> bool:
    """Whether directories are sweeps, all of them, rather than results.

    Raises:
        InputError: one is neither, or they are of both sorts, or one is named twice.
    """
    from scl_fem.output.folder import holds_result
    from scl_fem.sweeps.drawing import holds_sweep

    kinds = {}
    for directory in directories:
        if not holds_sweep(directory) and not holds_result(directory):
            raise InputError(
                f"{directory} holds no result",
                allowed="a folder that scl-fem run or sweep has written",
            )
        if directory.resolve() in kinds:
            raise InputError(f"{directory} is named twice")
        kinds[directory.resolve()] = holds_sweep(directory)
    if len(set(kinds.values())) > 1:
        raise InputError("results and sweeps do not go into one figure", allowed="several of one sort")
    return any(kinds.values())


def _make(target: Path) -> None:
    """Make the directory for the figures.

    Raises:
        OutputError: it cannot be made.
    """
    from scl_fem.output.files import writing

    with writing(target):
        target.mkdir(parents=True, exist_ok=True)


def _together(directories: Sequence[Path]) -> dict[str, Figure]:
    """Figures of several results, named by what differs between their cases."""
    from scl_fem.case.differences import names_of_results
    from scl_fem.figures.together import draw_together

    return draw_together(directories, names_of_results(directories), _note)


def _film(directory: Path, target: Path) -> Iterator[Path]:
    """The film of a result, if it has one."""
    from scl_fem.figures.film import make_film
    from scl_fem.figures.result import ResultData

    path = make_film(ResultData(directory), target, _note)
    return iter([] if path is None else [path])


def _saved(figures: dict[str, Figure], target: Path, formats: Sequence[str]) -> Iterator[Path]:
    """Write figures; the path of each as it is there."""
    from scl_fem.figures.style import save

    for stem, drawn in figures.items():
        for form in formats:
            yield save(drawn, target / f"{stem}.{form}")


def _note(text: str) -> None:
    """A remark for the user."""
    print(text, file=sys.stderr)
