"""The script for ParaView beside the fields: written, sound, and ParaView runs it."""

import ast
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from scl_fem.output.names import OWN_NAMES, VIEW_FILE
from scl_fem.output.paraview import write_view
from tests.support.results import SLAB, write_steps

# of paraview.simple in every version from 5.9 to 5.13
KNOWN = {
    "Clip",
    "ColorBy",
    "Delete",
    "ExtractBlock",
    "GetActiveViewOrCreate",
    "GetAnimationScene",
    "GetColorTransferFunction",
    "GetScalarBar",
    "Hide",
    "OpenDataFile",
    "RenameSource",
    "Render",
    "SaveScreenshot",
    "Show",
}


def script(directory):
    write_view(directory / VIEW_FILE)
    return directory / VIEW_FILE


def test_fields_come_with_the_script_and_a_new_result_replaces_it(tmp_path):
    directory = write_steps(tmp_path / "r", "planar", [0.0], dimension=1, **SLAB)
    assert (directory / VIEW_FILE).read_text() == script(tmp_path).read_text()
    assert VIEW_FILE in OWN_NAMES


def test_it_uses_what_there_is_in_paraview(tmp_path):
    tree = ast.parse(script(tmp_path).read_text())
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "simple"
    }
    assert used == KNOWN
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert imported == {"os", "sys"}
    # its own folder comes first on the path: nothing there may hide what it imports
    assert VIEW_FILE.removesuffix(".py") not in {"paraview", "vtk", *sys.stdlib_module_names}


def test_it_names_no_place_and_finds_the_fields_beside_it(tmp_path):
    text = script(tmp_path).read_text()
    assert str(tmp_path) not in text
    assert text.count('"fields.pvd"') == 2


@pytest.mark.slow
@pytest.mark.skipif(
    not (shutil.which("pvpython") and shutil.which("xvfb-run")),
    reason="needs pvpython and xvfb-run",
)
@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_paraview_runs_it(tmp_path, dimension):
    from PIL import Image

    keys = SLAB | {"interface_size": 0.5}
    directory = write_steps(tmp_path / "r", "planar", [0.0, 1.0], dimension=dimension, **keys)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        ["xvfb-run", "-a", "pvpython", directory / VIEW_FILE, tmp_path / "picture.png"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env=environment,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "picture.png") as picture:
        colours = np.asarray(picture.convert("RGB")).reshape(-1, 3)
    assert len(np.unique(colours, axis=0)) > 50
