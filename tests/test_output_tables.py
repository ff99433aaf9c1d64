import json
import math
from pathlib import Path

import numpy as np
import pytest

from scl_fem.errors import InputError
from scl_fem.output.files import OutputError
from scl_fem.output.tables import (
    Profile,
    read_profile,
    read_summary,
    read_table,
    write_summary,
    write_table,
)


def make_profile() -> Profile:
    z = np.array([-2.0, -0.1, 0.0, 0.0, 1.0 / 3.0])
    phase = np.array(["electrode"] * 3 + ["electrolyte"] * 2)
    columns = [np.pi * 10.0**power * np.arange(1.0, 6.0) for power in (-300, 0, 5, -17, 300)]
    return Profile(z, phase, *columns)


def test_profile_reads_back_to_the_last_bit(tmp_path):
    profile = make_profile()
    write_table(tmp_path / "profile.csv", vars(profile))
    header = (tmp_path / "profile.csv").read_text().splitlines()[0]
    assert header == "z_nm,phase,phi_V,c_per_nm3,occupancy,mu_e_eV,sigma_S_per_cm"
    again = read_profile(tmp_path / "profile.csv")
    for name in header.split(","):
        np.testing.assert_array_equal(getattr(again, name), getattr(profile, name))
    assert list(again.of("electrolyte").z_nm) == [0.0, 1.0 / 3.0]


def test_table_refuses_columns_of_different_lengths(tmp_path):
    with pytest.raises(ValueError):
        write_table(tmp_path / "x.csv", {"a": np.zeros(2), "b": np.zeros(3)})


def test_empty_table_keeps_its_header(tmp_path):
    write_table(tmp_path / "x.csv", {"a": np.zeros(0), "b": np.zeros(0)})
    table = read_table(tmp_path / "x.csv")
    assert list(table) == ["a", "b"]
    assert table["a"].size == 0


@pytest.mark.parametrize("text", ["a,b\n1,2\n3\n", "a,b\n\x00", ""])
def test_a_broken_table_is_an_input_error(tmp_path, text):
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(InputError, match=r"x\.csv"):
        read_profile(tmp_path / "x.csv")


def test_missing_files_are_input_errors(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_profile(tmp_path / "profile.csv")
    with pytest.raises(InputError, match="no such file"):
        read_summary(tmp_path / "summary.json")


def test_summary_is_strict_json_with_full_precision(tmp_path):
    summary = {
        "title": "Li₂V₂O₅ | LAGP",
        "residual": np.float64(1.0 / 3.0),
        "dofs": np.int64(7),
        "converged": np.bool_(True),
        "nothing": math.nan,
        "electrode": {"thickness_nm": {"1%": np.inf, "5%": 0.1 + 0.2}},
        "list": np.array([1.0, -np.inf]),
    }
    write_summary(tmp_path / "summary.json", summary)

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    read = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"), parse_constant=refuse)
    assert read == {
        "title": "Li₂V₂O₅ | LAGP",
        "residual": 1.0 / 3.0,
        "dofs": 7,
        "converged": True,
        "nothing": None,
        "electrode": {"thickness_nm": {"1%": None, "5%": 0.1 + 0.2}},
        "list": [1.0, None],
    }
    assert read_summary(tmp_path / "summary.json") == read


@pytest.mark.parametrize("text", ["{", "[1]"])
def test_a_broken_summary_is_an_input_error(tmp_path, text):
    (tmp_path / "summary.json").write_text(text)
    with pytest.raises(InputError, match=r"summary\.json"):
        read_summary(tmp_path / "summary.json")


def test_a_full_disk_is_said_plainly():
    with pytest.raises(OutputError, match="cannot write /dev/full: the disk is full"):
        write_summary(Path("/dev/full"), {"a": 1})


def test_a_missing_directory_is_said_plainly(tmp_path):
    with pytest.raises(OutputError, match=r"cannot write .*x\.csv"):
        write_table(tmp_path / "none" / "x.csv", {"a": np.zeros(1)})
