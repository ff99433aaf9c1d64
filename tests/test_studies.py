"""The registry of studies: loaded when asked for, open to others."""

import subprocess
import sys

import pytest

from scl_fem.case.studies import STUDY_KINDS
from scl_fem.errors import InputError
from scl_fem.studies.kinds import STUDIES, Study, StudyRegistry


def test_every_kind_that_a_case_may_name_can_be_solved():
    assert sorted(STUDIES) == sorted(STUDY_KINDS)
    for name in STUDIES:
        assert issubclass(STUDIES[name], Study)


def test_unknown_kinds_are_told_from_those_there_are():
    with pytest.raises(InputError, match="did you mean equilibrium") as raised:
        STUDIES["equilibrum"]
    assert raised.value.allowed == "conduction, equilibrium, exsy, impedance, transient"


def test_kinds_of_others():
    registry = StudyRegistry()
    registry.provide("equilibrium", "scl_fem.studies.equilibrium")

    @registry.register("mine")
    class Mine(Study):
        pass

    assert registry["mine"] is Mine
    assert list(registry) == ["equilibrium", "mine"]

    @registry.register("equilibrium")
    class Better(Study):
        pass

    assert registry["equilibrium"] is Better


def test_a_run_loads_one_kind():
    code = (
        "import sys, scl_fem.studies.run; from scl_fem.studies.kinds import STUDIES; STUDIES['equilibrium']; "
        "print(*sorted(name for name in sys.modules if name.startswith('scl_fem.studies.')))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.removeprefix("scl_fem.studies.") for name in answer.stdout.split()}
    assert loaded == {"checkpointing", "ends", "equilibrium", "interfaces", "kinds", "phases", "run"}
