"""A change of what users script against has its line in CHANGELOG.md."""

import re
from pathlib import Path

import pytest

import scl_fem
from tests.support import keys

CHANGELOG = (Path(scl_fem.__file__).parents[1] / "CHANGELOG.md").read_text(encoding="utf-8")
UNRELEASED = re.search(r"^## Unreleased$(.*?)(?=^## |\Z)", CHANGELOG, re.MULTILINE | re.DOTALL)[1]


def untold(before, now, text):
    """Keys that came or went without being named in backticks, whole or by the last part."""
    named = set(re.findall(r"`([^`\n]+)`", text))
    return {key for key in before ^ now if not {key, re.split(r"\.|: ", key)[-1]} & named}


@pytest.mark.parametrize("kind", ["settings", "results"])
def test_keys_that_came_or_went_are_named(kind):
    missing = untold(keys.of_last_release()[kind], getattr(keys, kind)(), UNRELEASED)
    assert not missing, "name them in CHANGELOG.md under Unreleased, each in backticks"


def test_the_check_finds_what_is_not_named():
    before, now = {"a.old", "a.kept"}, {"a.kept", "a.new", "profile.csv: z_nm"}
    assert untold(before, now, "nothing") == {"a.old", "a.new", "profile.csv: z_nm"}
    assert untold(before, now, "`a.new` replaces `old`; a column `z_nm`") == set()
    assert untold(before, before, "") == set()


def test_the_list_is_not_empty():
    lists = keys.of_last_release()
    assert {"study.kind", "mesh.growth", "materials.NAME.c_max"} <= lists["settings"]
    assert {"layer_resistance_ohm_cm2", "electrode.thickness_nm.25%", "profile.csv: phi_V"} <= lists[
        "results"
    ]
    assert {"impedance.csv: frequency_Hz", "decay.csv: remaining", "history.csv: time_s"} <= lists["results"]
