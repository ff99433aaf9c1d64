"""scl-fem materials: the material library."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Annotated

import typer

from scl_fem.cli.completing import material_names
from scl_fem.cli.options import Debug

if TYPE_CHECKING:
    from scl_fem.materials import Material

_OVERVIEW = ("c_max", "permittivity", "defect_energy", "diffusivity", "voltage")
_WIDTH = 100


def materials(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]",
            help="One material in full.",
            show_default=False,
            autocompletion=material_names,
        ),
    ] = None,
    debug: Debug = False,
) -> None:
    """Show the material library, units and sources."""
    from scl_fem.materials import library, load_material

    if name is None:
        _print_library([load_material(each) for each in library()])
    else:
        _print_material(load_material(name))


def _print_library(entries: list[Material]) -> None:
    """One line for each material; what is absent is left blank."""
    kind = type(entries[0])
    rows = [("name", *_OVERVIEW, "description"), ("", *(kind.unit_of(key) or "" for key in _OVERVIEW), "")]
    for material in entries:
        numbers = (getattr(material, key) for key in _OVERVIEW)
        cells = ("-" if number is None else f"{number:g}" for number in numbers)
        rows.append((material.name, *cells, material.description or ""))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    print("\nscl-fem materials NAME shows one in full, with the source of each number.")


def _print_material(material: Material) -> None:
    """Each key with its value, unit and source."""
    print(f"{material.name}: {material.formula or ''}\n{material.description or ''}")
    for key in type(material).model_fields:
        value = getattr(material, key)
        if value is None or key in ("name", "formula", "description", "notes", "sources"):
            continue
        if hasattr(value, "model_fields"):
            print(f"\n{key}")
            for column in type(value).model_fields:
                print(f"  {column} = {_written(getattr(value, column), value.unit_of(column))}")
        else:
            print(f"\n{key} = {_written(value, material.unit_of(key))}")
        if key in material.sources:
            print(_indented(material.sources[key]))
    if material.notes:
        print(f"\nnotes\n{_indented(material.notes)}")


def _written(value: object, unit: str | None) -> str:
    number = ", ".join(f"{each:g}" for each in value) if isinstance(value, tuple) else value
    return f"{number} {unit or ''}".rstrip()


def _indented(text: str) -> str:
    return textwrap.fill(text.strip(), _WIDTH, initial_indent="    ", subsequent_indent="    ")
