"""Wrong keys of transport studies: one message that names the key and what is allowed."""

import pytest

from scl_fem.case import load_case, resolve
from scl_fem.errors import InputError

GOOD = """
[study]
kind = "transient"
duration = "1 us"
[mesh]
kind = "planar"
dimension = 1
[phase.electrode]
material = "LVO"
composition = 0.2
[phase.electrolyte]
material = "LAGP"
"""
IMPEDANCE = ["study={kind='impedance'}"]
EQUILIBRIUM = ["study={kind='equilibrium'}"]


@pytest.mark.parametrize(
    ("overrides", "parts"),
    [
        (["study.duration=0"], ["study.duration", "greater than 0"]),
        (["study.duration='3 V'"], ["study.duration"]),
        (["study.output_times=[2e-6]"], ["study.output_times", "2e-06 s is after the end", "up to 1e-06 s"]),
        (["study.output_times=[-1]"], ["study.output_times", "greater than 0"]),
        (["study.tolerance=0"], ["study.tolerance", "greater than 0"]),
        (["study.tolerance=0.5"], ["study.tolerance", "less than 0.1"]),
        (["study.method=rk4"], ["study.method", "bdf2", "euler"]),
        (["study.first_step=-1"], ["study.first_step"]),
        (["study.checkpoint_interval=-1"], ["study.checkpoint_interval"]),
        (["study.output_time=1"], ["study.output_time", "did you mean output_times"]),
        (["initial.state=warm"], ["initial.state", "neutral", "equilibrium", "checkpoint"]),
        (["initial.state=checkpoint"], ["initial.checkpoint", "goes with state"]),
        (["initial.checkpoint=x.npz"], ["initial.checkpoint", "goes with state"]),
        (["boundary.kind=current"], ["boundary.current_density", "is missing"]),
        (["boundary.kind=voltage"], ["boundary.voltage", "is missing"]),
        (["boundary={kind='current', current_density=1, voltage=1}"], ["boundary.voltage: unknown key"]),
        (["boundary={kind='current', current_density='1 V'}"], ["boundary.current_density"]),
        (
            ["boundary={kind='current', current_density=[[1, 0], [0, 1]]}"],
            ["boundary.current_density", "must go forward in time", "rising times"],
        ),
        (
            ["boundary={kind='voltage', voltage=[[0, 0], [0, 1]]}"],
            ["boundary.voltage", "must go forward in time", "rising times"],
        ),
        (["boundary={kind='voltage', voltage=[[0, 0], [1]]}"], ["boundary.voltage"]),
        (["interface.law=exchange"], ["interface.exchange_current_density", "is missing"]),
        (
            ["interface={law='exchange', exchange_current_density=-1}"],
            ["interface.exchange_current_density", "greater than 0 mA/cm^2, not -1"],
        ),
        (
            ["interface={law='exchange', exchange_current_density=1, dipole=0.1}"],
            ["interface.dipole: unknown key"],
        ),
        (["interface={law='perfect', thickness=1}"], ["interface.thickness: unknown key"]),
        (["interface={law='layer', thickness=1}"], ["interface.conductivity", "is missing"]),
        (["interface={law='layer', thickness=0, conductivity=1}"], ["interface.thickness", "greater than 0"]),
        (
            ["interface={law='layer', thickness=1, conductivity=1, barrier=-0.1}"],
            ["interface.barrier"],
        ),
        (["interface.law=ohmic"], ["interface.law", "exchange", "layer", "perfect"]),
        ([*EQUILIBRIUM, "initial.state=equilibrium"], ["initial", "equilibrium", "does not use it"]),
        ([*EQUILIBRIUM, "boundary={kind='current', current_density=1}"], ["boundary", "closed, bulk"]),
        ([*IMPEDANCE, "boundary={kind='voltage', voltage=1}"], ["boundary", "bulk, closed"]),
        ([*IMPEDANCE, "study.frequency_stop=1e-4"], ["study.frequency_stop", "above frequency_start"]),
        ([*IMPEDANCE, "study.frequency_start=0"], ["study.frequency_start", "greater than 0"]),
        ([*IMPEDANCE, "study.points_per_decade=0"], ["study.points_per_decade", "1"]),
        ([*IMPEDANCE, "study.duration=1"], ["study.duration: unknown key"]),
    ],
)
def test_one_message(tmp_path, overrides, parts):
    path = tmp_path / "case.toml"
    path.write_text(GOOD)
    with pytest.raises(InputError) as caught:
        resolve(load_case(path, overrides))
    text = str(caught.value)
    assert text.startswith(str(path))
    assert "pydantic" not in text
    for part in parts:
        assert part in text
    assert len(text.splitlines()) == 1


def test_transport_is_of_order_1(tmp_path):
    import scl_fem

    path = tmp_path / "case.toml"
    path.write_text(GOOD)
    for study in ([], IMPEDANCE):
        with pytest.raises(InputError, match=r"solver\.order"):
            scl_fem.run(load_case(path, [*study, "solver.order=2"]))
