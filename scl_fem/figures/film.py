"""A film of a transient: profiles, or in two dimensions the concentration, at the output times."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from scl_fem.figures.kinds import Note
from scl_fem.figures.looks import current_look
from scl_fem.figures.panels import Row, middle_of, name_phases, scale_axis
from scl_fem.figures.phases import LETTERS, colours_of
from scl_fem.figures.result import ResultData
from scl_fem.figures.style import (
    DOUBLE_COLUMN,
    GUIDE_COLOUR,
    SCREEN_DPI,
    add_title,
    check_ours,
    engineering,
    label_panel,
    new_figure,
    settle,
)
from scl_fem.output.files import write_atomically
from scl_fem.output.names import FIELDS_FILE
from scl_fem.output.origin import FILM_COMMENTS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from scl_fem.figures.blocks import Blocks, Quantity

_LASTS = 8.0
"""Seconds that a film would like to take."""

_SLOWEST, _FASTEST = 2, 20
"""Pictures a second."""

_FEW = 12
"""Times below which a film jerks."""

_LAST_PICTURE = 1.5
"""Seconds that the last picture stays."""

_ROW_HEIGHT = 1.9

type _Show = Callable[[int], None]
"""Shows the picture of a number."""


def make_film(result: ResultData, target: Path, note: Note) -> Path | None:
    """Write film.mp4 where ffmpeg is installed, else film.gif.

    Args:
        result: of a transient in one or two dimensions.
        target: directory.
        note: takes remarks: why there is no film, that it jerks, that a GIF is written.

    Returns:
        The file; None, with a note, where the result has nothing to film.

    Raises:
        InputError: a file of the result is missing or broken.
        OutputError: the film cannot be written.
    """
    problem = _nothing_to_film(result)
    if problem:
        note(f"no film of {result.directory}: {problem}")
        return None
    times = result.output_times
    if len(times) < _FEW:
        note(
            f"the film has {len(times)} pictures, one for each of study.output_times: more of them, "
            "by ratios over the duration, make it smoother"
        )
    drawn, show = (_film_curves if result.summary["dimension"] == 1 else _film_map)(result, times)
    settle(drawn)
    shows = (drawn, show, len(times))
    path = target / "film.mp4"
    if not shutil.which("ffmpeg"):
        note("film.gif instead of film.mp4: ffmpeg is not installed")
    elif _wrote(path, *shows):
        return path
    else:
        note("film.gif instead of film.mp4: ffmpeg failed; a build of it with H.264 is wanted")
    path = target / "film.gif"
    _wrote(path, *shows)
    return path


def _nothing_to_film(result: ResultData) -> str:
    """Why there is no film, "" where there is one."""
    if not (result.directory / FIELDS_FILE).is_file():
        return "it has no fields (output.fields)"
    if result.summary.get("dimension") not in (1, 2):
        return "films are of one or two dimensions"
    if len(result.output_times) < 2:
        return "it has fields at one time only (study.output_times)"
    from scl_fem.figures.blocks import quantities, read_blocks

    return "" if quantities(read_blocks(result.directory)) else "its fields are not known"


def _wrote(path: Path, drawn: Figure, show: _Show, count: int) -> bool:
    """Write a film, whole or not at all; False where ffmpeg cannot.

    Raises:
        OutputError: the file cannot be written.
    """
    check_ours(path)
    with tempfile.TemporaryDirectory() as directory:
        draft = Path(directory) / path.name
        try:
            _record(drawn, show, count, draft)
        except (subprocess.CalledProcessError, BrokenPipeError):
            return False
        content = draft.read_bytes()

    def write(file: IO[bytes]) -> None:
        file.write(content)

    write_atomically(path, write)
    return True


def _record(drawn: Figure, show: _Show, count: int, path: Path) -> None:
    """Write the pictures into a file."""
    from matplotlib.animation import FFMpegWriter

    rate = int(np.clip(count / _LASTS, _SLOWEST, _FASTEST))
    writer: Any
    if path.suffix == ".mp4":
        # an odd number of pixels, and anything but this colour space, few players can show
        even = ["-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2:color=white", "-pix_fmt", "yuv420p"]
        writer = FFMpegWriter(fps=rate, metadata={"comment": FILM_COMMENTS["mp4"]}, extra_args=even)
    else:
        writer = _gif_writer(rate)
    with writer.saving(drawn, path, dpi=SCREEN_DPI):
        for number in [*range(count), *[count - 1] * round(_LAST_PICTURE * rate)]:
            show(number)
            writer.grab_frame(facecolor="white")


def _gif_writer(rate: int) -> Any:
    """Matplotlib's writer of GIFs with a comment that tells the origin."""
    from matplotlib.animation import PillowWriter

    class CommentingWriter(PillowWriter):
        """Says in the file who has made it; PillowWriter takes no metadata."""

        def finish(self) -> None:
            first, *others = self._frames  # type: ignore[attr-defined]
            first.info["comment"] = FILM_COMMENTS["gif"].encode()
            first.save(
                self.outfile,
                save_all=True,
                append_images=others,
                duration=int(1000.0 / self.fps),
                loop=0,
                comment=first.info["comment"],
            )

    return CommentingWriter(fps=rate)


def _film_curves(result: ResultData, times: Sequence[float]) -> tuple[Figure, _Show]:
    """Every quantity along the normal, on scales that hold all times; the start stays as a thin line."""
    from scl_fem.figures.blocks import quantities, read_blocks

    steps = [read_blocks(result.directory, time) for time in times]
    # concentration first: the layer is defined by it
    shown = quantities(steps[0])[::-1]
    drawn = new_figure(0.75 * DOUBLE_COLUMN, 0.8 + _ROW_HEIGHT * len(shown))
    panels = drawn.subplots(len(shown), sharex=True, squeeze=False)[:, 0]
    bounds = np.array([block.bounds[:2] for block in steps[-1].values()])
    window = middle_of(result, (float(bounds.min()), float(bounds.max())))
    colours = colours_of(steps[0])
    orders = {phase: np.argsort(block.points[:, 0]) for phase, block in steps[0].items()}
    moving = []
    for axes, quantity, letter in zip(panels, shown, LETTERS, strict=False):
        everything = np.concatenate([_values(step, quantity) for step in steps])
        for phase, order in orders.items():
            place = steps[0][phase].points[order, 0]
            start = np.asarray(steps[0][phase][quantity.name])[order]
            axes.plot(place, start, ":", color=GUIDE_COLOUR, linewidth=1.0)
            (line,) = axes.plot(place, start, color=colours[phase])
            moving.append((line, phase, quantity.name))
        axes.axvline(0.0, color=GUIDE_COLOUR, linewidth=0.7, zorder=1)
        scale_axis(axes, Row(quantity.label, everything, {}, quantity.smallest_span, quantity.ratio))
        axes.set(ylabel=quantity.label, xlim=window)
        label_panel(axes, letter)
    panels[-1].set_xlabel("Distance from the interface (nm)")
    name_phases(panels[0], result, window, {name: block.bounds[:2] for name, block in steps[-1].items()})
    drawn.align_ylabels()
    clock = panels[0].text(
        0.98, 0.5, "", ha="right", va="center", fontweight="bold", transform=panels[0].transAxes
    )
    add_title(drawn, result.title, f"dotted: after {engineering(times[0], 's')}")

    def show(number: int) -> None:
        for line, phase, name in moving:
            line.set_ydata(np.asarray(steps[number][phase][name])[orders[phase]])
        clock.set_text(engineering(times[number], "s"))

    return drawn, show


def _values(step: Blocks, quantity: Quantity) -> Any:
    """All values of a field at one time."""
    return np.concatenate([np.asarray(block[quantity.name]) for block in step.values()])


def _film_map(result: ResultData, times: Sequence[float]) -> tuple[Figure, _Show]:
    """The concentration as colours, on one scale."""
    from scl_fem.figures.blocks import add_colour_bar, colour_scale, quantities, read_blocks
    from scl_fem.figures.plane import (
        draw_field,
        draw_interface,
        interface_edges,
        name_blocks,
        refined,
        triangles,
        windows_of,
    )

    steps = [
        {phase: triangles(block) for phase, block in read_blocks(result.directory, time).items()}
        for time in times
    ]
    known = quantities(steps[0])
    quantity = next((each for each in known if each.name != "phi_V"), known[0])
    edges = interface_edges(steps[-1])
    window = windows_of(steps[-1], edges, result.layer_thickness)[-1]
    scale = colour_scale(
        {f"{phase} {number}": block for number, step in enumerate(steps) for phase, block in step.items()},
        quantity,
    )
    width = 0.7 * DOUBLE_COLUMN
    drawn = new_figure(width, 0.8 + (width - 1.4) * window.aspect, fixed_aspect=True)
    axes = drawn.subplots()
    picture = draw_field(axes, {phase: refined(block) for phase, block in steps[0].items()}, quantity, scale)
    draw_interface(axes, edges)
    axes.set(xlim=(window.left, window.right), ylim=(window.bottom, window.top), aspect="equal")
    axes.set(xlabel="x (nm)", ylabel="y (nm)")
    axes.tick_params(direction="out", top=False, right=False)
    name_blocks(axes, result, steps[0], window)
    add_colour_bar([axes], picture, quantity)
    clock = axes.set_title(engineering(times[0], "s"), fontsize=current_look().letters)
    add_title(drawn, result.title)
    fields = [field for field in axes.collections if field.get_array() is not None]

    def show(number: int) -> None:
        for field, block in zip(fields, steps[number].values(), strict=True):
            field.set_array(np.asarray(refined(block)[quantity.name]))
        clock.set_text(engineering(times[number], "s"))

    return drawn, show
