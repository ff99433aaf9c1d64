"""What a mesh or a sample makes of a layer is said, and only where it makes something of it."""

import pytest

import scl_fem
from scl_fem.errors import InputError
from tests.support.cases import case_of
from tests.support.edge import depleted, few_carriers, pair
from tests.support.half_space import LAGP, LVO, LVO_2

COARSE = "does not resolve the layer"
FILLED = "fills"


def remarks_of(case):
    return scl_fem.run(case).remarks


@pytest.mark.parametrize("electrode", [LVO, LVO_2])
@pytest.mark.parametrize("size", [0.05, 0.5, 2.0, 10.0])
def test_a_mesh_too_coarse_is_remarked(electrode, size):
    mesh = {"interface_size": size, "electrode_thickness": 10.0, "electrolyte_thickness": 10.0}
    remarks = [text for text in remarks_of(case_of(electrode, LAGP, mesh=mesh)) if COARSE in text]
    assert len(remarks) == 1
    assert "mesh.interface_size" in remarks[0]
    assert ("several times" in remarks[0]) == (size > 0.1)


@pytest.mark.parametrize("electrode", [LVO, LVO_2])
@pytest.mark.parametrize(
    "mesh", [{"dimension": 1}, {"dimension": 2}, {"dimension": 1, "interface_size": 0.01}]
)
@pytest.mark.parametrize("order", [1, 2])
def test_a_default_mesh_is_not(electrode, mesh, order):
    assert remarks_of(case_of(electrode, LAGP, mesh=mesh, solver={"order": order})) == []


def test_nor_is_a_sphere_on_its_default_mesh():
    assert remarks_of(case_of(LVO_2, LAGP, mesh={"kind": "particle", "dimension": 3})) == []


def test_no_layer_no_remark():
    flat = case_of(mesh={"interface_size": 10.0}).with_overrides({"phase.electrode.voltage": 3.0})
    assert remarks_of(flat) == []


@pytest.mark.parametrize("dimension", [1, 2])
def test_a_layer_that_fills_its_phase_is_remarked(dimension):
    remarks = [text for text in remarks_of(depleted(dimension)) if FILLED in text]
    assert len(remarks) == 1
    assert "the layer of the electrode fills 100 %" in remarks[0]
    assert "a thicker electrode" in remarks[0]


def test_of_a_thin_electrolyte_by_its_name():
    assert any("the layer of the electrolyte fills" in text for text in remarks_of(few_carriers()))


def test_a_layer_that_ends_within_its_phase_is_not():
    assert not any(FILLED in text for text in remarks_of(case_of(LVO, LAGP)))


def test_a_charge_of_round_off_has_no_error():
    """Two equal phases without a step but for round-off: no layer, and no error of its charge."""
    case = pair((0.5, 3.0 + 1e-15), (0.5, 3.0), {"interface_size": 0.1, "growth": 1.3})
    result = scl_fem.run(case)
    assert abs(result.summary["electrode"]["layer_charge_e_per_nm2"]) < 1e-13
    assert result.summary["charge_error"] is None
    assert any(text.startswith("charge_error is missing") for text in result.remarks)


def test_no_layer_has_no_charge_error():
    result = scl_fem.run(pair((0.5, 3.0), (0.5, 3.0), {"interface_size": 0.1, "growth": 1.3}))
    assert result.summary["charge_error"] == 0.0
    assert result.remarks == []


def test_a_thickness_beyond_a_metre_is_refused():
    with pytest.raises(InputError, match=r"electrode_thickness.*at most 1e\+09 nm"):
        case_of(mesh={"electrode_thickness": 1e247})
