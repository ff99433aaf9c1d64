"""scripts/check_paraview.py on results of every kind, read by VTK as ParaView does."""

import importlib.util
import json
import re
from pathlib import Path

import pytest
import pyvista as pv

import scl_fem

ROOT = Path(scl_fem.__file__).parents[1]
CASES = ROOT / "cases"
COARSE_1D = ["mesh.interface_size=0.05", "mesh.growth=1.3"]
RESULTS = {
    "equilibrium": ("lvo_lagp_x0.2_1d", COARSE_1D),
    "conduction": ("lvo_lagp_x0.2_1d", [*COARSE_1D, "study.kind=conduction"]),
    "impedance": ("lvo_lagp_x0.2_impedance_1d", [*COARSE_1D, "study.points_per_decade=1"]),
    "particle": (
        "lvo_lagp_x2_particle_2d",
        ["mesh.interface_size=0.2", "mesh.growth=1.6", "mesh.tangential_size=1"],
    ),
    "quadratic": (
        "lvo_lagp_x2_particle_2d",
        ["mesh.interface_size=0.2", "solver.order=2"],
    ),
    "transient": (
        "lvo_lagp_formation_2d",
        ["study.tolerance=0.01", "study.duration=1e-7", "mesh.growth=1.6"],
    ),
    "current": ("lvo_lagp_polarisation_1d", [*COARSE_1D, "study.tolerance=0.01"]),
    "exsy": ("exsy_finite_mixture", ["study.output_times=[0.01]", "study.duration=0.1"]),
}


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("check_paraview", ROOT / "scripts" / "check_paraview.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A result of each kind, made when it is asked for."""
    folder, made = tmp_path_factory.mktemp("results"), {}

    def result(kind):
        if kind not in made:
            name, overrides = RESULTS[kind]
            times = ["study.output_times=[1e-9,1e-8]"] if kind == "transient" else []
            case = scl_fem.load_case(CASES / f"{name}.toml", [*overrides, *times, "output.figures=false"])
            scl_fem.run(case, folder / kind)
            made[kind] = folder / kind
        return made[kind]

    return result


class Vtk:
    """A reader of the script's kind, by pyvista; fields may be changed on the way."""

    def __init__(self, path, change=lambda time, grids: grids):
        self._reader, self._change = pv.PVDReader(path), change
        self.times = list(self._reader.time_values)

    def blocks(self, time):
        self._reader.set_active_time_value(time)
        names = [Path(each.path).stem.partition("_")[0] for each in self._reader.active_datasets]
        return self._change(time, dict(zip(names, self._reader.read(), strict=True)))

    def integral(self, time, phase, name):
        return float(self.blocks(time)[phase].integrate_data()[name][0])


def problems(script, folder, change=lambda time, grids: grids):
    return script.check(folder, Vtk(folder / "fields.pvd", change))


@pytest.mark.parametrize("kind", RESULTS)
def test_results_are_as_they_should_be(script, results, kind, capsys):
    assert problems(script, results(kind)) == []
    # something was integrated, at every time
    times = len(Vtk(results(kind) / "fields.pvd").times)
    course = kind in ("transient", "current", "exsy")
    assert capsys.readouterr().out.count("\n") >= (times if course else 2)
    assert (times > 1) == (kind in ("transient", "exsy"))


def scaled(phase, name, factor, at=None):
    """Grids with a field of one phase multiplied, at one time or all."""

    def change(time, grids):
        if at is None or time == at:
            grids[phase].point_data[name] *= factor
        return grids

    return change


@pytest.mark.parametrize(
    ("kind", "change", "told"),
    [
        ("equilibrium", scaled("electrode", "charge_density_e_per_nm3", 1.001), "electrode: charge"),
        ("equilibrium", scaled("electrolyte", "c_per_nm3", 1.001), "electrolyte: .* at the interface"),
        ("equilibrium", scaled("electrode", "phi_V", float("nan")), r"no numbers in \['phi_V'\]"),
        ("transient", scaled("electrode", "charge_density_e_per_nm3", 1.001, at=1e-9), "t = 1e-09 s: charge"),
        (
            "transient",
            scaled("electrolyte", "charge_density_e_per_nm3", 1.001, at=1e-8),
            "do not go together",
        ),
        (
            "transient",
            scaled("electrolyte", "charge_density_e_per_nm3", 1.001, at=1e-7),
            "electrolyte: charge",
        ),
        (
            "exsy",
            scaled("electrolyte", "tagged_amount", 1.1, at=0.01),
            "t = 0.01 s: .* of the tagged Li instead of 0",
        ),
        ("exsy", scaled("electrode", "tagged_amount", 1.5, at=0.1), "in both phases instead of 1"),
        ("exsy", scaled("electrode", "tagged_fraction", -1.0, at=0.1), "fractions from"),
    ],
)
def test_a_field_that_is_off_is_found(script, results, kind, change, told):
    found = "\n".join(problems(script, results(kind), change))
    assert re.search(told, found), found


def test_blocks_that_are_not_those_of_a_result(script, results):
    folder = results("equilibrium")

    def swapped(time, grids):
        return dict(zip(grids, reversed(grids.values()), strict=True))

    def without(time, grids):
        grids["electrode"].point_data.remove("sigma_S_per_cm")
        return grids

    def apart(time, grids):
        grids["electrode"].points -= 1.0
        return grids

    assert "cells say phase (2.0, 2.0)" in problems(script, folder, swapped)[0]
    assert "electrode: lacks ['sigma_S_per_cm']" in problems(script, folder, without)[0]
    assert "share no point" in problems(script, folder, apart)[0]
    assert "['electrolyte']" in problems(script, folder, lambda time, grids: {"electrolyte": 1})[0]


def test_times_go_forward_to_the_end(script, results):
    summary = json.loads((results("transient") / "summary.json").read_text())
    assert script.check_times([1e-9, 1e-8, 1e-7], summary) == []
    assert "do not go forward" in script.check_times([1e-8, 1e-9, 1e-7], summary)[0]
    assert "do not go forward" in script.check_times([], summary)[0]
    assert "the last time is 1e-08 s" in script.check_times([1e-9, 1e-8], summary)[0]
    assert "2 times in a result that has one" in script.check_times([0.0, 1.0], {})[0]
    history = {"time_s": [0.0], "layer_charge_e_per_nm2": [1.0], "total_lithium_per_nm2": [1.0]}
    reader = Vtk(results("transient") / "fields.pvd")
    assert "no row at t = 1e-09 s" in script.check_course(reader, history, 1.0, 1e-6)[0]
