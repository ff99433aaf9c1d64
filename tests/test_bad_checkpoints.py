"""Checkpoints that make no sense are refused in words, before anything is made of them."""

import json
import os
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scl_fem
from scl_fem.errors import InputError
from scl_fem.studies.metadata import HISTORY, TransientMetadata
from tests.support.checkpoints import (
    EXSY,
    EXSY_NONSENSE,
    NAN,
    QUIET,
    SMALL,
    TRANSIENT_NONSENSE,
    altered,
    claiming,
    compressed,
    result_with,
)
from tests.transport.support import case_of, transient

TRANSIENT = transient(duration=1e-9, mesh=SMALL, study={"output_times": [1e-12]}, output=QUIET)
EXCHANGE = scl_fem.Case(**EXSY)
EQUILIBRIUM = case_of(study={"kind": "equilibrium"}, mesh=SMALL, output=QUIET)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A checkpoint of each study."""
    folder = tmp_path_factory.mktemp("kept")
    for name, case in (("transient", TRANSIENT), ("exsy", EXCHANGE), ("equilibrium", EQUILIBRIUM)):
        scl_fem.run(case, folder / name)
    return {name: folder / name / "checkpoint.npz" for name in os.listdir(folder)}


def refused(case, path, folder, words):
    """Restarting from it says these words, and the file."""
    with pytest.raises(InputError, match=words) as raised:
        scl_fem.run(case, result_with(path, folder), restart=True)
    assert "checkpoint.npz: " in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1


@pytest.mark.parametrize(("metadata", "words"), TRANSIENT_NONSENSE)
def test_metadata_of_a_transient(kept, tmp_path, metadata, words):
    path = altered(kept["transient"], tmp_path / "c.npz", metadata=metadata)
    refused(TRANSIENT, path, tmp_path / "r", words)


@pytest.mark.parametrize(("metadata", "words"), EXSY_NONSENSE)
def test_metadata_of_exsy(kept, tmp_path, metadata, words):
    path = altered(kept["exsy"], tmp_path / "c.npz", metadata=metadata)
    refused(EXCHANGE, path, tmp_path / "r", words)


@pytest.mark.parametrize("name", ["transient", "exsy", "equilibrium"])
def test_a_checkpoint_that_nobody_touched_is_taken(kept, tmp_path, name):
    case = {"transient": TRANSIENT, "exsy": EXCHANGE, "equilibrium": EQUILIBRIUM}[name]
    scl_fem.run(case, result_with(altered(kept[name], tmp_path / "c.npz"), tmp_path / "r"), restart=True)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ({"format": 2}, "format 2"),
        ({"format": KeyError}, "format None"),
        ({"fingerprint": 3}, "not a readable checkpoint"),
        ({"fingerprint": KeyError}, "not a readable checkpoint"),
        ({"fingerprint": "another"}, "another case or mesh"),
        ({"metadata": []}, "not a readable checkpoint"),
        ({"metadata": KeyError}, "not a readable checkpoint"),
        ({"points": []}, "not a readable checkpoint"),
        ({"points": {"phi": 3}}, "not a readable checkpoint"),
        ({"points": {}}, "checkpoint without phi"),
        ({"points": {"phi": "../../x"}}, "not a readable checkpoint"),
    ],
)
def test_headers(kept, tmp_path, header, words):
    refused(
        EQUILIBRIUM, altered(kept["equilibrium"], tmp_path / "c.npz", header=header), tmp_path / "r", words
    )


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("values/phi", lambda array: array * NAN, "not finite"),
        ("values/phi", lambda array: np.where(np.arange(array.size) == 3, np.inf, array), "not finite"),
        ("values/phi", lambda array: array[:-1], "has shape"),
        ("values/phi", lambda array: array[:, None], "has shape"),
        ("values/phi", lambda array: np.zeros(()), "has shape"),
        ("values/phi", lambda array: array.astype(np.float32), "float32"),
        ("values/phi", lambda array: array.astype(np.complex128), "complex128"),
        ("values/phi", lambda array: array.astype(str), "<U"),
        ("values/phi", lambda array: array.astype(object), "object"),
        ("values/phi", lambda array: None, "not a readable checkpoint"),
        ("points/phi", lambda array: array * NAN, "not finite"),
        ("points/phi", lambda array: array[:, :2], "has shape"),
        ("points/phi", lambda array: array + 1.0, "in other places"),
        ("header", lambda array: np.array(3.0), "not a readable checkpoint"),
        ("header", lambda array: np.array([str(array)]), "not a readable checkpoint"),
        ("header", lambda array: np.array("[" * 100_000), "not a readable checkpoint"),
        ("header", lambda array: np.array("{"), "not a readable checkpoint"),
        ("header", lambda array: np.array("[]"), "not a readable checkpoint"),
        ("header", lambda array: np.array(str(array), dtype=object), "not a readable checkpoint"),
    ],
)
def test_arrays(kept, tmp_path, name, change, words):
    path = altered(kept["equilibrium"], tmp_path / "c.npz", arrays={name: change})
    refused(EQUILIBRIUM, path, tmp_path / "r", words)


def test_pickles_are_not_read(kept, tmp_path):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "RAN"),)

    for name in ("values/phi", "points/phi", "header"):
        path = altered(
            kept["equilibrium"],
            tmp_path / "c.npz",
            arrays={name: lambda array: np.array([Evil()], dtype=object)},
        )
        refused(EQUILIBRIUM, path, tmp_path / f"r{name[0]}", "object|not a readable")
    assert not (tmp_path / "RAN").exists()


@pytest.mark.parametrize("shape", ["(10**12,)", "(1000000000000,)", "(1000000, 1000000)", "(-1,)", "'a'"])
def test_shapes_are_not_believed(kept, tmp_path, shape):
    path = claiming(kept["equilibrium"], tmp_path / "c.npz", shape)
    refused(EQUILIBRIUM, path, tmp_path / "r", "checkpoint")


def test_nothing_is_inflated(kept, tmp_path):
    path = compressed(kept["equilibrium"], tmp_path / "c.npz")
    refused(EQUILIBRIUM, path, tmp_path / "r", "is compressed")


def test_no_more_than_an_array_has_is_there(kept, tmp_path):
    with zipfile.ZipFile(kept["equilibrium"]) as old, zipfile.ZipFile(tmp_path / "c.npz", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name) + b"more" * (name == "values/phi.npy"))
    refused(EQUILIBRIUM, tmp_path / "c.npz", tmp_path / "r", "longer than its shape")


@pytest.mark.parametrize("length", [0, 100, -30])
def test_a_file_that_is_cut_off(kept, tmp_path, length):
    (tmp_path / "c.npz").write_bytes(kept["equilibrium"].read_bytes()[:length])
    refused(EQUILIBRIUM, tmp_path / "c.npz", tmp_path / "r", "not a readable checkpoint")


def test_a_byte_that_has_changed(kept, tmp_path):
    content = bytearray(kept["equilibrium"].read_bytes())
    with zipfile.ZipFile(kept["equilibrium"]) as file:
        numbers = file.read("values/phi.npy")[128:]
    content[content.find(numbers) + 24] ^= 1
    (tmp_path / "c.npz").write_bytes(content)
    refused(EQUILIBRIUM, tmp_path / "c.npz", tmp_path / "r", "CRC")


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"times.0": 1.0}, "times goes from"),
        ({"next_step": NAN}, "next_step"),
        ({"times": KeyError}, "times"),
    ],
)
def test_a_checkpoint_to_begin_with(kept, tmp_path, metadata, words):
    path = altered(kept["transient"], tmp_path / "c.npz", metadata=metadata)
    start = {"initial": {"state": "checkpoint", "checkpoint": str(path)}}
    with pytest.raises(InputError, match=rf"c\.npz: .*{words}") as raised:
        scl_fem.run(TRANSIENT.with_overrides(start))
    assert raised.value.key == "initial.checkpoint"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("/dev/zero", "is a device or a pipe"),
        ("/dev/stdin", "initial.checkpoint: "),
        ("/tmp", "is a directory"),
        ("pipe", "is a device or a pipe"),
        ("x" * 300, "cannot be read"),
        ("a\0b", "cannot be the name of a file"),
        ("nowhere.npz", "there is no file nowhere.npz"),
    ],
)
def test_what_is_no_file_to_begin_with(tmp_path, monkeypatch, name, words):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    start = {"initial": {"state": "checkpoint", "checkpoint": name}}
    with pytest.raises(InputError, match=words) as raised:
        scl_fem.run(TRANSIENT.with_overrides(start))
    assert raised.value.key == "initial.checkpoint"


GOOD = {
    "times": [0.0, 1.0, 3.0],
    "contact": [True, False, False],
    "field_fluxes": [0.0, 0.1, 0.2],
    "solved": {},
    "next_step": 1.0,
    "steps": 2,
    "rejected": 0,
    "newton_iterations": 4,
    "history": [[0.0] * 8, [1.0] * 8, [3.0] * 8],
    "output_times": [1.0],
}
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(list(GOOD)), inner, max_size=2)
    ),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from(list(GOOD)), JUNK, max_size=3))
def test_whatever_stands_in_it_makes_sense_or_is_refused(tmp_path_factory, changes):
    found = json.loads(json.dumps({**GOOD, **changes}))
    try:
        metadata = TransientMetadata.read(found, tmp_path_factory.getbasetemp() / "checkpoint.npz")
    except InputError as error:
        assert "checkpoint.npz: the checkpoint makes no sense: " in str(error)  # noqa: PT017
        return
    assert np.isfinite(metadata.next_step)
    assert metadata.next_step > 0.0
    times = np.array(metadata.times)
    assert 1 <= times.size <= 3
    assert (np.diff(times) > 0.0).all()
    assert len(metadata.contact) == len(metadata.field_fluxes) == times.size
    history = np.array(metadata.history)
    assert history.shape[1] == len(HISTORY)
    assert np.isfinite(history).all()
    assert min(metadata.steps, metadata.rejected, metadata.newton_iterations) >= 0
