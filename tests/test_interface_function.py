"""Interface laws that are plain functions, against the same of the program; what is refused."""

import numpy as np
import pytest

import scl_fem as scl
from scl_fem.case.interface import INTERFACE_LAWS
from scl_fem.case.schema import case_schema
from scl_fem.constants import thermal_energy
from scl_fem.physics.interface import CurrentDensity, SideState, checked, fault
from scl_fem.studies.interfaces import interface_laws
from scl_fem.studies.phases import cell_of_case
from tests.support.laws import own_laws  # noqa: F401  (a fixture)

pytestmark = pytest.mark.usefixtures("own_laws")

KT = thermal_energy(298.15)
JUMPS = np.concatenate([-np.geomspace(100.0, 1e-9, 30), [0.0], np.geomspace(1e-9, 100.0, 30)])


def butler_volmer(jump, kT, j_0, a=0.5):
    return j_0 * (np.exp(a * jump / kT) - np.exp(-(1.0 - a) * jump / kT))


def coupled(jump, kT, first, second, j_0):
    now = np.sqrt(first.occupancy * second.occupancy) * first.vacancy
    bulk = np.sqrt(first.bulk_occupancy * second.bulk_occupancy) * first.bulk_vacancy
    return 2.0 * j_0 * now / bulk * np.sinh(jump / (2.0 * kT))


def lithium_law(interface, **options):
    case = scl.resolve(
        scl.planar(
            scl.Phase("LVO", composition=0.2, voltage=3.4), scl.Phase("LAGP"), interface=interface, **options
        )
    )
    cell = cell_of_case(case)
    return interface_laws(case, cell)["electrode", "electrolyte"]["Li+"], cell.phases.values()


def sides(phases, points):
    random = np.random.default_rng(3)
    energies = [random.normal(0.0, 0.1, (1, points)) for _ in phases]
    return [SideState(phase, lambda w=w: w) for phase, w in zip(phases, energies, strict=True)]


def same(mine, known, jumps=JUMPS):
    law, phases = mine
    found, expected = (each.current(jumps, *sides(phases, jumps.size)) for each in (law, known[0]))
    for one, other in zip(found, expected, strict=True):
        if other is None:
            assert one is None
        else:
            np.testing.assert_allclose(one, other, rtol=1e-12)
    assert law.conductance == pytest.approx(known[0].conductance, rel=1e-13)
    assert law.follows_occupancies == known[0].follows_occupancies
    assert checked(law, jumps, found) is found


@pytest.mark.parametrize("a", [0.5, 0.3])
def test_a_function_of_the_jump_is_that_of_the_program(a):
    scl.interface_law("mine", units={"j_0": "mA/cm^2"})(butler_volmer)
    jumps = JUMPS[np.abs(JUMPS) > 1e-4]  # below, its difference of exponentials loses digits
    same(
        lithium_law(scl.Law("mine", j_0="5 A/m^2", a=a)),
        lithium_law(scl.Exchange("0.5 mA/cm^2", transfer_coefficient=a)),
        jumps[np.abs(jumps) < 12.0],
    )


def test_a_function_of_both_sides_is_that_of_the_program():
    scl.interface_law("mine")(coupled)
    known = lithium_law(scl.Exchange(0.5, kinetics="coupled-ion-electron"))
    mine = lithium_law(scl.Law(coupled, j_0=0.5))
    same(mine, known, JUMPS[np.abs(JUMPS) < 12.0])
    stray = np.array([1e9, -1e9])
    found = mine[0].current(stray, *sides(mine[1], 2))
    assert fault(mine[0], stray, found) is None
    assert abs(mine[0].current(2.0 * stray, *sides(mine[1], 2)).value[0]) > abs(found.value[0])


def test_a_derivative_may_be_given():
    def rough(jump, kT, j_0=1.0):
        return 2.0 * j_0 * np.sinh(np.real(jump) / (2.0 * kT))

    with pytest.raises(scl.InputError, match=r"another derivative than its values.*or derivative=\.\.\."):
        scl.interface_law("mine")(rough)
    scl.interface_law("mine", derivative=lambda jump, kT, j_0: j_0 / kT * np.cosh(jump / (2.0 * kT)))(rough)
    same(lithium_law(scl.Law("mine", j_0=0.5)), lithium_law(scl.Exchange(0.5)), JUMPS[np.abs(JUMPS) < 12.0])


def test_its_parameters_are_keys_of_a_case_and_of_the_schema():
    scl.interface_law("mine", units={"j_0": "mA/cm^2"})(butler_volmer)
    tables = scl.planar(
        scl.Phase("LVO", composition=0.2, voltage=3.4), scl.Phase("LAGP"), interface=scl.Law("mine", j_0=0.5)
    ).to_dict()
    assert tables["interface"] == {"law": "mine", "j_0": 0.5, "a": 0.5}
    again = scl.case_from_dict(tables).with_overrides({"interface.j_0": "20 A/m^2"})
    assert again.interface.j_0 == pytest.approx(2.0)
    with pytest.raises(scl.InputError, match=r"interface\.j_0: is missing"):
        scl.case_from_dict({**tables, "interface": {"law": "mine"}})
    with pytest.raises(scl.InputError, match=r"interface\.b: unknown key"):
        scl.case_from_dict({**tables, "interface": {"law": "mine", "j_0": 1, "b": 2}})
    with pytest.raises(scl.InputError, match="carriers: the law follows no occupancy"):
        scl.Law("mine", j_0=1.0, carriers={"electrode": "Li+"})
    table = case_schema()["$defs"][INTERFACE_LAWS["mine"].__name__]
    assert table["required"] == ["j_0", "law"]
    assert {"j_0", "a", "surface_charge"} <= set(table["properties"])


def test_values_at_which_it_does_not_hold_are_refused():
    @scl.interface_law("mine")
    def mine(jump, kT, slope=1.0):
        return slope * jump

    with pytest.raises(scl.InputError, match=r"law: the law 'mine' has not the sign of the jump"):
        scl.Law(mine, slope=-1.0)


def test_a_case_with_an_own_law_is_that_with_the_one_of_the_program():
    scl.interface_law("mine")(butler_volmer)

    def resistance(law):
        return scl.planar(
            scl.Phase("LVO", composition=0.2, voltage=3.4),
            scl.Phase("LAGP"),
            scl.Conduction(),
            interface=law,
            interface_size=0.05,
            growth=1.3,
        ).run()["interface_resistance_ohm_cm2"]

    known = resistance(scl.Exchange(0.5))
    assert known == pytest.approx(1e3 * KT / 0.5, rel=1e-2)
    assert resistance(scl.Law("mine", j_0=0.5)) == pytest.approx(known, rel=1e-12)


REFUSED = {
    "has no argument 'jump'": lambda voltage: voltage,
    r"has an argument '\*jump'": lambda *jump: jump,
    "has not the sign of the jump at jump = -": lambda jump, kT: np.exp(jump / kT),
    "has not the sign of the jump": lambda jump: -jump,
    "falls at jump = ": lambda jump, kT: jump / (1.0 + (jump / kT) ** 2),
    "lets nothing pass at small jumps": lambda jump: jump**3,
    "is not finite at jump = ": lambda jump: np.sqrt(jump),
    "fails on an array: ValueError": lambda jump: jump if jump > 0 else 0.0,
    "another derivative than its values": lambda jump, first: jump * np.abs(first.occupancy),
    r"\(with rate = 1\).*needs a default": lambda jump, rate: -rate * jump,
    "cannot have a parameter 'sites'": lambda jump, sites: jump,
    "the default of 'how' of the law 'mine' is no number": lambda jump, how="fast": jump,
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_cannot_be_a_law_is_refused_when_it_is_entered(message):
    with pytest.raises(scl.InputError, match=message):
        scl.interface_law("mine")(REFUSED[message])
    assert "mine" not in INTERFACE_LAWS


def test_names_of_the_program_are_taken_and_units_are_of_parameters():
    with pytest.raises(scl.InputError, match="there is an interface law 'exchange' already"):
        scl.interface_law("exchange")(lambda jump: jump)
    with pytest.raises(scl.InputError, match="units of 'x'"):
        scl.interface_law("mine", units={"x": "V"})(lambda jump: jump)
    with pytest.raises(scl.InputError, match="is no interface law"):
        scl.Law(lambda jump: jump)
    with pytest.raises(scl.InputError, match="unknown interface law 'mine'"):
        scl.Law("mine")
    scl.interface_law("mine")(lambda jump: jump)
    scl.interface_law("mine")(lambda jump: 2.0 * jump)  # a cell of a notebook, run again


@pytest.mark.parametrize(
    ("message", "value", "slope"),
    [
        ("'exchange' is not finite at a jump of 0.2 eV", [1.0, np.inf], [1.0, 1.0]),
        ("'exchange' is not finite at a jump of 0.1 eV", [1.0, 1.0], [np.nan, 1.0]),
        ("'exchange' falls with the jump at a jump of 0.2 eV", [1.0, 1.0], [1.0, -1.0]),
        ("'exchange' lets particles flow against the jump at a jump of 0.1 eV", [-1.0, 1.0], [1.0, 1.0]),
    ],
)
def test_what_a_solver_cannot_use_is_one_message(message, value, slope):
    law, _ = lithium_law(scl.Exchange(0.5))
    density = CurrentDensity(np.array(value), np.array(slope))
    with pytest.raises(scl.InputError, match=message):
        checked(law, np.array([0.1, 0.2]), density)
    # jumps that are no numbers are not its doing
    assert fault(law, np.full(2, np.nan), density) is None


def test_a_side_that_is_not_finite_is_found():
    law, _ = lithium_law(scl.Exchange(0.5))
    density = CurrentDensity(np.ones(2), np.ones(2), np.array([[0.0, 0.0], [0.0, np.nan]]), np.zeros((1, 2)))
    assert "not finite at a jump of 0.2 eV" in str(fault(law, np.array([0.1, 0.2]), density))
