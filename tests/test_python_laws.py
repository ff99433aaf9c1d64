"""Laws and curves that are plain functions, against the same of the program."""

import numpy as np
import pytest

import scl_fem as scl
from scl_fem.physics.defects import DEFECT_LAWS, ExcessCubeRoot
from scl_fem.physics.diffusivity import DIFFUSIVITY_LAWS, VacancyBulk
from tests.support.laws import own_laws  # noqa: F401  (a fixture)

pytestmark = pytest.mark.usefixtures("own_laws")

VACANCY = np.concatenate([np.geomspace(1e-12, 0.5, 40), 1.0 - np.geomspace(1e-9, 0.49, 40)])
EXCESS = np.concatenate([-np.geomspace(0.9, 1e-12, 50), [0.0], np.geomspace(1e-12, 0.9, 50)])


def cube_root(excess, floor):
    return excess / (excess**2 + floor**2) ** (1 / 3)


@pytest.mark.parametrize(
    "function",
    [
        lambda vacancy, bulk_vacancy: vacancy / bulk_vacancy,
        lambda bulk_occupancy, vacancy: vacancy / (1.0 - bulk_occupancy),
        lambda x_0, vacancy: vacancy / (1.0 - x_0),
    ],
)
def test_a_diffusivity_is_that_of_the_program(function):
    scl.diffusivity("mine")(function)
    mine, known = DIFFUSIVITY_LAWS["mine"](3.0, 0.1, 0.4), VacancyBulk(3.0, 0.1, 0.4)
    assert mine(VACANCY) == pytest.approx(known(VACANCY), rel=1e-14)
    assert mine.slope(VACANCY) == pytest.approx(known.slope(VACANCY), rel=1e-14)


def test_a_diffusivity_of_the_occupancy():
    scl.diffusivity("mine")(lambda occupancy: np.exp(-2.0 * occupancy))
    law = DIFFUSIVITY_LAWS["mine"](3.0, 0.0, 0.4)
    assert law(VACANCY) == pytest.approx(3.0 * np.exp(-2.0 * (1.0 - VACANCY)), rel=1e-14)
    assert law.slope(VACANCY) == pytest.approx(6.0 * np.exp(-2.0 * (1.0 - VACANCY)), rel=1e-14)


def test_a_defect_law_is_that_of_the_program():
    scl.defect_law("mine")(cube_root)
    mine, known = DEFECT_LAWS["mine"](0.3, 1e-6), ExcessCubeRoot(0.3, 1e-6)
    for part, accuracy in (("energy", 1e-14), ("slope", 1e-13), ("integral", 2e-9)):
        assert getattr(mine, part)(EXCESS) == pytest.approx(
            getattr(known, part)(EXCESS), rel=accuracy, abs=1e-300
        )


def test_a_case_with_own_laws_is_the_case_with_those_of_the_program():
    scl.diffusivity("my-bulk")(lambda vacancy, bulk_vacancy: vacancy / bulk_vacancy)
    scl.defect_law("my-cube-root")(cube_root)
    case = scl.planar(
        scl.Phase("LVO", composition=0.2, voltage=3.4),
        scl.Phase("LAGP"),
        scl.Transient("1 ns"),
        interface_size=0.05,
        growth=1.3,
    )
    own = case.with_overrides(
        {"materials.LVO.diffusivity_law": "my-bulk", "materials.LVO.defect_law": "my-cube-root"}
    )
    known, mine = case.run(), own.run()
    assert mine.case.materials["LVO"].defect_law == "my-cube-root"
    for key in (
        "layer_resistance_ohm_cm2",
        "electrode.layer_charge_e_per_nm2",
        "electrode.occupancy_interface",
    ):
        assert mine[key] == pytest.approx(known[key], rel=1e-9)


def test_a_material_takes_the_functions_themselves():
    @scl.diffusivity("squared")
    def squared(vacancy):
        return vacancy**2

    material = scl.Material(diffusivity_law=squared, defect_law="none")
    assert material.diffusivity_law == "squared"
    assert squared(3.0) == 9.0

    def strange(x):
        return x

    with pytest.raises(scl.InputError, match="the function strange is no diffusivity law"):
        scl.Material(diffusivity_law=strange)
    # a cell of a notebook is run again
    scl.diffusivity("squared")(lambda vacancy: vacancy**3)
    assert DIFFUSIVITY_LAWS["squared"](1.0, 0.0, 0.5)(np.array([0.5])) == pytest.approx(0.125)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda vacancy: vacancy - 0.5, "not positive at 1 - x = 1e-06"),
        (lambda x: np.where(x > 0.5, np.nan, 1.0), "not finite at 1 - x"),
        (lambda vacancy: np.abs(vacancy) ** 2, "another derivative than its values"),
        (lambda vacancy: np.cbrt(vacancy), "cannot be differentiated.*derivative=..."),
        (lambda vacancy: 1.0 if vacancy > 0.5 else 2.0, "fails on an array"),
        (lambda vacancy: "fast", "gives <U4 of real numbers"),
        (lambda vacansy: vacansy, "argument 'vacansy'; did you mean vacancy"),
    ],
)
def test_what_is_no_diffusivity_is_refused(function, message):
    with pytest.raises(scl.InputError, match=message):
        scl.diffusivity("mine")(function)
    assert "mine" not in DIFFUSIVITY_LAWS


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda excess: excess**2, "not odd"),
        (lambda excess: excess + 0.1, "not odd"),
        (lambda excess: 1.0 / excess, "not finite at d = 0"),
        (lambda excess: excess * np.abs(excess), "another derivative"),
        (lambda exces: exces, "did you mean excess"),
    ],
)
def test_what_is_no_defect_law_is_refused(function, message):
    with pytest.raises(scl.InputError, match=message):
        scl.defect_law("mine")(function)
    assert "mine" not in DEFECT_LAWS


def test_a_law_of_the_program_is_not_replaced():
    with pytest.raises(scl.InputError, match="'vacancy' already"):
        scl.diffusivity("vacancy")(lambda vacancy: vacancy)


def test_a_derivative_that_is_given():
    scl.diffusivity("mine", derivative=lambda vacancy: 2.0 * vacancy)(lambda vacancy: np.abs(vacancy) ** 2)
    assert DIFFUSIVITY_LAWS["mine"](3.0, 0.0, 0.5).slope(VACANCY) == pytest.approx(6.0 * VACANCY, rel=1e-14)
    with pytest.raises(scl.InputError, match="another derivative"):
        scl.diffusivity("mine", derivative=lambda vacancy: vacancy)(lambda vacancy: np.abs(vacancy) ** 2)


def test_an_open_circuit_curve_is_that_of_its_function():
    def curve(x):
        return 3.2 - 0.3 * x - 0.0257 * np.log(x / (1.0 - x)) + 0.01 * np.tanh((x - 0.4) / 0.003)

    table = scl.Material(open_circuit=curve).open_circuit
    places = np.linspace(0.0011, 0.9989, 2001)
    assert [table.voltage_at(x) for x in places] == pytest.approx(curve(places), abs=3e-5)
    narrow = scl.OpenCircuit(curve, between=(0.2, 0.3))
    assert (narrow.occupancy[0], narrow.occupancy[-1]) == (0.2, 0.3)
    assert scl.OpenCircuit(occupancy=[0.1, 0.9], voltage=[4, "3 V"]).voltage_at(0.5) == 3.5
