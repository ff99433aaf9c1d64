"""Open the fields of a result in ParaView itself and check what it shows.

Run by ParaView's own Python, which knows nothing of this package:

    xvfb-run -a pvpython scripts/check_paraview.py RESULT_FOLDER... [--image DIRECTORY]

Checks that one file opens as two blocks with every field, that each phase lies on its own side,
that the concentration has two values at the interface, that the charge of each phase, integrated
by ParaView, is that of summary.json, and, with --image, that it renders. Exit status 1 if not.
"""

import argparse
import json
import math
import sys
from pathlib import Path

from paraview import servermanager, simple

FIELDS = {"phi_V", "c_per_nm3", "occupancy", "mu_e_eV", "charge_density_e_per_nm3"}
PHASES = ("electrode", "electrolyte")
TOLERANCE = {1: 1e-6, 2: 1e-2}
"""Relative, by order. ParaView integrates the linear interpolant: with linear elements so does the solver."""


def check(folder, image_directory):
    """Problems found in a result folder, as text."""
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    source = simple.OpenDataFile(str(folder / "fields.pvd"))
    source.UpdatePipeline()
    data = servermanager.Fetch(source)
    blocks = named_blocks(data)
    if tuple(blocks) != PHASES:
        return [f"blocks {list(blocks)} instead of {list(PHASES)}"]
    problems = []
    tolerance = TOLERANCE[order_of(blocks)]
    area = summary.get("interface_area", 1.0)
    layer = max(abs(summary[phase]["layer_charge_e_per_nm2"]) * area for phase in PHASES)
    at_interface = []
    for number, phase in enumerate(PHASES):
        block = blocks[phase]
        arrays = block.GetPointData()
        names = {arrays.GetArrayName(index) for index in range(arrays.GetNumberOfArrays())}
        if not names >= FIELDS:
            problems.append(f"{phase}: lacks {sorted(FIELDS - names)}")
            continue
        tags = block.GetCellData().GetArray("phase").GetRange()
        if tags != (number + 1.0, number + 1.0):
            problems.append(f"{phase}: cells say phase {tags}")
        charge = integral(source, phase, "charge_density_e_per_nm3")
        expected = summary[phase]["layer_charge_e_per_nm2"] * area
        print(f"{folder.name}, {phase}: charge {charge:.8g} ({expected:.8g}) e")
        if abs(charge - expected) > tolerance * layer + 1e-9:
            problems.append(f"{phase}: charge {charge} e instead of {expected} e")
        at_interface.append(values_by_point(block))
    problems += jump(*at_interface, summary) if len(at_interface) == len(PHASES) else []
    if image_directory:
        render(source, image_directory / f"{folder.name}.png")
    simple.Delete(source)
    return problems


def named_blocks(data):
    """Grids by the names that ParaView's list of blocks shows; each sits in a block of its own."""
    found = {}
    for index in range(data.GetNumberOfBlocks()):
        found[data.GetMetaData(index).Get(data.NAME())] = data.GetBlock(index).GetBlock(0)
    return found


def order_of(blocks):
    """Order of the elements: quadratic cells have more points than corners."""
    cell = blocks[PHASES[0]].GetCell(0)
    return 1 if cell.IsLinear() else 2


def integral(source, phase, name):
    """Integral of a point field over one block."""
    extract = simple.ExtractBlock(Input=source)
    extract.Selectors = [f"/Root/{phase}"]
    integrated = simple.IntegrateVariables(Input=extract)
    total = servermanager.Fetch(integrated).GetPointData().GetArray(name).GetValue(0)
    for proxy in (integrated, extract):
        simple.Delete(proxy)
    return total


def values_by_point(block):
    """Concentration at each point, by the point rounded to a picometre."""
    values = block.GetPointData().GetArray("c_per_nm3")
    found = {}
    for index in range(block.GetNumberOfPoints()):
        key = tuple(round(coordinate, 6) + 0.0 for coordinate in block.GetPoint(index))
        found[key] = values.GetValue(index)
    return found


def jump(electrode, electrolyte, summary):
    """See that the phases share the points of the interface, with a value each."""
    shared = electrode.keys() & electrolyte.keys()
    if not shared:
        return ["the phases share no point"]
    problems = []
    for phase, values in {PHASES[0]: electrode, PHASES[1]: electrolyte}.items():
        low, high = (summary[phase][f"concentration_interface_{end}_per_nm3"] for end in ("min", "max"))
        here = [values[point] for point in shared]
        if not (math.isclose(min(here), low, rel_tol=1e-6) and math.isclose(max(here), high, rel_tol=1e-6)):
            problems.append(
                f"{phase}: {min(here)} to {max(here)} at the interface instead of {low} to {high}"
            )
    return problems


def render(source, path):
    """Show the potential, and save what is seen."""
    view = simple.CreateView("RenderView")
    view.ViewSize = [800, 600]
    display = simple.Show(source, view)
    simple.ColorBy(display, ("POINTS", "phi_V"))
    display.RescaleTransferFunctionToDataRange()
    view.ResetCamera()
    path.parent.mkdir(parents=True, exist_ok=True)
    simple.SaveScreenshot(str(path), view)
    simple.Delete(view)


def main():
    """Check every folder named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--image", type=Path, help="directory for pictures")
    arguments = parser.parse_args()
    print("ParaView", simple.GetParaViewVersion())
    problems = [
        f"{folder}: {problem}" for folder in arguments.folders for problem in check(folder, arguments.image)
    ]
    print("\n".join(problems) or f"{len(arguments.folders)} results: as they should be")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
