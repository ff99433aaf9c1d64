"""Open the fields of a result in ParaView itself and check what it shows, at every time.

Run by ParaView's own Python, which knows nothing of this package:

    xvfb-run -a pvpython scripts/check_paraview.py RESULT_FOLDER... [--image DIRECTORY]

Checks that one file opens as two blocks with every field at every output time, that each phase lies on
its own side, that the phases share the points of the interface, and, integrated by ParaView: the charge of
each phase against summary.json, of a transient at every time against history.csv, with what both phases
gain; of an exchange (exsy) the tagged Li that remains against decay.csv, and that none is lost. With
--image it also renders the last time. Exit status 1 if anything is not as it should be.

What is checked is asked of a reader, an object with `times`, `blocks(time)`, `integral(time, phase, name)`
and `render(path)`; `ParaView` below is one.
"""

import argparse
import csv
import itertools
import json
import math
import sys
from pathlib import Path

PHASES = ("electrode", "electrolyte")
FIELDS = {"phi_V", "c_per_nm3", "occupancy", "mu_e_eV", "charge_density_e_per_nm3", "sigma_S_per_cm"}
FIELDS_OF = {"exsy": {"tagged_fraction", "tagged_amount"}, "conduction": FIELDS | {"psi"}}
"""By study; others have `FIELDS`."""

TOLERANCE = {True: 1e-6, False: 1e-2}
"""Relative, by whether the cells are linear simplices: of those the integral is the solver's own."""

PARTICLE = "electrolyte"
"""The phase whose Li is tagged in an exchange."""

SIMPLICES = {3, 5, 10}
"""VTK's numbers of line, triangle, tetrahedron."""

ABSOLUTE = 1e-9
"""Charge (e) below which nothing is compared: a cell without a layer."""


class ParaView:
    """A result as ParaView reads it."""

    def __init__(self, path):
        """Open a .pvd."""
        from paraview import servermanager, simple

        self._server, self._simple = servermanager, simple
        self._source = simple.OpenDataFile(str(path))
        self._source.UpdatePipelineInformation()
        steps = self._source.TimestepValues
        self.times = list(steps) if hasattr(steps, "__iter__") else [steps]

    def blocks(self, time):
        """Grids by the names that ParaView's list of blocks shows; each sits in a block of its own."""
        data = self._fetch(self._source, time)
        found = {}
        for index in range(data.GetNumberOfBlocks()):
            found[data.GetMetaData(index).Get(data.NAME())] = data.GetBlock(index).GetBlock(0)
        return found

    def integral(self, time, phase, name):
        """Integral of a point field over one block."""
        extract = self._simple.ExtractBlock(Input=self._source)
        extract.Selectors = [f"/Root/{phase}"]
        integrated = self._simple.IntegrateVariables(Input=extract)
        total = self._fetch(integrated, time).GetPointData().GetArray(name).GetValue(0)
        for proxy in (integrated, extract):
            self._simple.Delete(proxy)
        return total

    def render(self, path, name):
        """Show a field at the last time, and save what is seen."""
        simple = self._simple
        view = simple.CreateView("RenderView")
        view.ViewSize = [800, 600]
        view.ViewTime = self.times[-1]
        display = simple.Show(self._source, view)
        simple.ColorBy(display, ("POINTS", name))
        display.RescaleTransferFunctionToDataRange()
        view.ResetCamera()
        path.parent.mkdir(parents=True, exist_ok=True)
        simple.SaveScreenshot(str(path), view)
        simple.Delete(view)

    def close(self):
        """Forget the file."""
        self._simple.Delete(self._source)

    def _fetch(self, proxy, time):
        """What a source or filter gives at a time."""
        proxy.UpdatePipeline(time)
        return self._server.Fetch(proxy)


def check(folder, reader):
    """Problems found in a result folder, as text.

    Args:
        folder: its path.
        reader: of its fields.pvd.
    """
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    study = summary["study"]
    problems = check_times(reader.times, summary)
    for time in reader.times:
        blocks = reader.blocks(time)
        found = check_blocks(blocks, FIELDS_OF.get(study, FIELDS))
        if found:
            return problems + [f"t = {time:g} s: {each}" for each in found]
    linear = all(grid.GetCellType(0) in SIMPLICES for grid in blocks.values())
    tolerance = TOLERANCE[linear]
    if study == "exsy":
        return problems + check_exchange(reader, columns(folder / "decay.csv"), tolerance)
    problems += check_charges(reader, summary, tolerance) + check_jump(blocks, summary)
    if study == "transient":
        area = summary.get("interface_area", 1.0)
        problems += check_course(reader, columns(folder / "history.csv"), area, tolerance)
    return problems


def columns(path):
    """Columns of numbers of a CSV file, by name."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [float(row[name]) for row in rows] for name in rows[0]}


def check_times(times, summary):
    """See that the steps go forward, to the end that the summary tells."""
    problems = []
    if not times or any(later <= earlier for earlier, later in itertools.pairwise(times)):
        problems.append(f"times {times} do not go forward")
    elif "time_final_s" not in summary:
        problems += [] if len(times) == 1 else [f"{len(times)} times in a result that has one"]
    elif not math.isclose(times[-1], summary["time_final_s"], rel_tol=1e-9):
        problems.append(f"the last time is {times[-1]} s instead of {summary['time_final_s']} s")
    return problems


def check_blocks(blocks, fields):
    """See that two blocks have the fields, numbers all of them, and share the points of the interface."""
    if tuple(blocks) != PHASES:
        return [f"blocks {list(blocks)} instead of {list(PHASES)}"]
    problems = []
    for number, (phase, block) in enumerate(blocks.items()):
        arrays = block.GetPointData()
        names = {arrays.GetArrayName(index) for index in range(arrays.GetNumberOfArrays())}
        if not names >= fields:
            problems.append(f"{phase}: lacks {sorted(fields - names)}")
        bad = [name for name in sorted(names & fields) if not is_finite(arrays.GetArray(name))]
        if bad:
            problems.append(f"{phase}: no numbers in {bad}")
        tags = block.GetCellData().GetArray("phase").GetRange()
        if tags != (number + 1.0, number + 1.0):
            problems.append(f"{phase}: cells say phase {tags}")
    if not problems and not set.intersection(*(set(points_of(block)) for block in blocks.values())):
        problems.append("the phases share no point")
    return problems


def is_finite(array):
    """Whether every value is a number: ranges of VTK pass NaN by."""
    return all(math.isfinite(array.GetValue(index)) for index in range(array.GetNumberOfTuples()))


def check_charges(reader, summary, tolerance):
    """See that the charges at the last time are those of the summary."""
    area = summary.get("interface_area", 1.0)
    expected = {phase: summary[phase]["layer_charge_e_per_nm2"] * area for phase in PHASES}
    scale = max(map(abs, expected.values()))
    problems = []
    for phase in PHASES:
        charge = reader.integral(reader.times[-1], phase, "charge_density_e_per_nm3")
        print(f"  {phase}: charge {charge:.8g} ({expected[phase]:.8g}) e")
        if not abs(charge - expected[phase]) <= tolerance * scale + ABSOLUTE:
            problems.append(f"{phase}: charge {charge} e instead of {expected[phase]} e")
    return problems


def check_course(reader, history, area, tolerance):
    """See that the electrode's charge, and what both phases gained, follow history.csv at every time.

    Args:
        reader: of the fields.
        history: columns of history.csv.
        area: of the interface.
        tolerance: relative to the largest charge.
    """
    problems = []
    scale = max(map(abs, history["layer_charge_e_per_nm2"])) * area
    gained = {}
    for time in reader.times:
        row = row_at(history["time_s"], time)
        if row is None:
            problems.append(f"history.csv has no row at t = {time} s")
            continue
        charges = [reader.integral(time, phase, "charge_density_e_per_nm3") for phase in PHASES]
        expected = history["layer_charge_e_per_nm2"][row] * area
        print(f"  t = {time:g} s: charge of the electrode {charges[0]:.8g} ({expected:.8g}) e")
        if not abs(charges[0] - expected) <= tolerance * scale + ABSOLUTE:
            problems.append(f"t = {time:g} s: charge {charges[0]} e instead of {expected} e")
        # whatever the cell held before: Li carries one charge
        gained[time] = sum(charges) - history["total_lithium_per_nm2"][row] * area
    if gained and not max(gained.values()) - min(gained.values()) <= tolerance * scale + ABSOLUTE:
        problems.append(f"charge and total Li do not go together: they differ by {gained} e")
    return problems


def check_exchange(reader, decay, tolerance):
    """See that the tagged Li that remains follows decay.csv, and that what has left is in the surroundings.

    Args:
        reader: of the fields.
        decay: columns of decay.csv.
        tolerance: relative to all tagged Li.
    """
    problems = []
    whole = reader.integral(reader.times[0], PARTICLE, "tagged_amount")
    for time in reader.times:
        amounts = {phase: reader.integral(time, phase, "tagged_amount") for phase in PHASES}
        remaining, total = amounts[PARTICLE] / whole, sum(amounts.values()) / whole
        low, high = around(decay["time_s"], decay["remaining"], time)
        expected = f"{low:.8g} to {high:.8g}"
        print(f"  t = {time:g} s: {remaining:.8g} of the tagged Li remain ({expected}), {total:.8g} in all")
        if not low - tolerance <= remaining <= high + tolerance:
            problems.append(f"t = {time:g} s: {remaining} of the tagged Li instead of {expected}")
        if not abs(total - 1.0) <= tolerance:
            problems.append(f"t = {time:g} s: {total} of the tagged Li in both phases instead of 1")
        for phase, block in reader.blocks(time).items():
            low, high = block.GetPointData().GetArray("tagged_fraction").GetRange()
            if low < -tolerance or high > 1.0 + tolerance:
                problems.append(f"t = {time:g} s, {phase}: fractions from {low} to {high}")
    return problems


def around(times, values, time):
    """Smallest and largest of the values at a time, or in the rows before and after it.

    Fields of an exchange are written at times between steps.
    """
    row = row_at(times, time)
    if row is not None:
        return values[row], values[row]
    after = next((row for row, each in enumerate(times) if each > time), len(times) - 1)
    return tuple(sorted(values[max(after - 1, 0) : after + 1]))


def row_at(times, time):
    """Number of the row of a time, None where there is none."""
    return next((row for row, each in enumerate(times) if math.isclose(each, time, rel_tol=1e-9)), None)


def points_of(block):
    """Number of each point of a grid by its place, rounded to a picometre."""
    found = {}
    for index in range(block.GetNumberOfPoints()):
        found[tuple(round(coordinate, 6) + 0.0 for coordinate in block.GetPoint(index))] = index
    return found


def check_jump(blocks, summary):
    """See that the concentration has the two values of the summary at the points that the phases share."""
    points = {phase: points_of(block) for phase, block in blocks.items()}
    shared = set.intersection(*(set(each) for each in points.values()))
    problems = []
    for phase, block in blocks.items():
        values = block.GetPointData().GetArray("c_per_nm3")
        here = [values.GetValue(points[phase][point]) for point in shared]
        low, high = (summary[phase][f"concentration_interface_{end}_per_nm3"] for end in ("min", "max"))
        if not (math.isclose(min(here), low, rel_tol=1e-6) and math.isclose(max(here), high, rel_tol=1e-6)):
            problems.append(
                f"{phase}: {min(here)} to {max(here)} at the interface instead of {low} to {high}"
            )
    return problems


def main():
    """Check every folder named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--image", type=Path, help="directory for pictures")
    arguments = parser.parse_args()
    problems = []
    for folder in arguments.folders:
        print(folder)
        reader = ParaView(folder / "fields.pvd")
        found = check(folder, reader)
        problems += [f"{folder}: {problem}" for problem in found]
        if arguments.image and not found:
            names = reader.blocks(reader.times[-1])[PHASES[0]].GetPointData()
            reader.render(arguments.image / f"{folder.name}.png", names.GetArrayName(0))
        reader.close()
    print("\n".join(problems) or f"{len(arguments.folders)} results: as they should be")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
