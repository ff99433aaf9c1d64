"""From [interface] of a case to the laws of each component at each interface."""

import numpy as np
import pytest

import scl_fem as scl
from scl_fem.constants import BOLTZMANN, MILLIAMPERE_PER_CM2, SIEMENS_PER_CM, thermal_energy
from scl_fem.physics.exchange_kinetics import ExchangeKinetics, FollowingExchange
from scl_fem.physics.filling import FillingFactor
from scl_fem.physics.interface import Between, PerfectContact, SideState, small_signal_conductance
from scl_fem.physics.thin_layer import ThinLayer
from scl_fem.studies.interfaces import interface_laws
from scl_fem.studies.phases import cell_of_case

KT = thermal_energy(298.15)


def mixed(name):
    """A material of two components, one of them held in two ways, and one carrier that is frozen."""
    return scl.Material(
        permittivity=20,
        voltage=3.0,
        levels={"O2-": 0.0},
        carriers=[
            scl.Carrier("i", component="Li+", sites=10, occupancy=0.2, diffusivity=1e-9),
            scl.Carrier("V", component="Li+", amount=-1, sites=10, occupancy=0.1, diffusivity=1e-9),
            scl.Carrier(name, component="O2-", amount=-1, sites=5, occupancy=0.3, diffusivity=1e-9),
            scl.Carrier("Gd", component="Gd", charge=-1, sites=5, occupancy=0.3, frozen=True),
        ],
    )


def stack(interface=None, interfaces=None, names=("A", "B", "C"), **options):
    """A and B hold Li+ and O2-, C holds Li+ alone."""
    first, second, third = names
    return scl.stack(
        [(first, 10.0), (second, 5.0), (third, 10.0)],
        {first: scl.Phase("MIXED"), second: scl.Phase("OTHER"), third: scl.Phase("LAGP")},
        interface=interface,
        interfaces=interfaces,
        materials={"MIXED": mixed("V_O"), "OTHER": mixed("O_v")},
        **options,
    )


def laws_of(case):
    case = scl.resolve(case)
    return interface_laws(case, cell_of_case(case))


def test_contact_is_perfect_where_nothing_is_said():
    laws = laws_of(stack())
    assert laws == {
        ("A", "B"): {"Li+": PerfectContact(), "O2-": PerfectContact()},
        ("B", "C"): {"Li+": PerfectContact()},
    }


def test_a_law_is_of_its_component_and_its_pair():
    laws = laws_of(
        stack(
            scl.Exchange(0.5),
            {"A|B": scl.Layer(2.0, "1e-8 S/cm", dipole=0.1, barrier=0.05, component="O2-")},
        )
    )
    conductance = 1e-8 / SIEMENS_PER_CM / 2.0 * np.exp(-0.05 / KT)
    layer = laws["A", "B"]["O2-"]
    assert layer == ThinLayer(pytest.approx(conductance, rel=1e-14), 0.1, -2)
    assert layer.conductance == pytest.approx(conductance / 2.0, rel=1e-14)
    # phi steps for everything that crosses there
    assert laws["A", "B"]["Li+"] == PerfectContact(0.1)
    assert laws["B", "C"] == {"Li+": ExchangeKinetics(0.5 / MILLIAMPERE_PER_CM2, KT)}


def test_the_arrhenius_factor_of_every_exchange_current():
    law = scl.Exchange(
        0.2,
        activation_energy=0.6,
        reference_temperature=350.0,
        transfer_coefficient=0.3,
        kinetics="butler-volmer",
    )
    found = laws_of(stack(law, temperature=330.0))["B", "C"]["Li+"]
    factor = np.exp(-0.6 / BOLTZMANN * (1.0 / 330.0 - 1.0 / 350.0))
    assert factor < 0.4
    assert found.between_bulks.exchange_current_density * MILLIAMPERE_PER_CM2 == pytest.approx(
        0.2 * factor, rel=1e-12
    )
    assert found.between_bulks.thermal_energy == thermal_energy(330.0)
    assert found.between_bulks.transfer_coefficient == 0.3


@pytest.mark.parametrize(
    ("names", "orders"),
    [
        (("A", "B", "C"), [(0.5, 1.0), (0.5, 0.0)]),
        (("A", "electrode", "C"), [(0.5, 0.0), (0.5, 1.0)]),
        (("electrolyte", "B", "C"), [(0.5, 0.0), (0.5, 1.0)]),
        (("electrode", "B", "C"), [(0.5, 1.0), (0.5, 0.0)]),
        (("A", "electrolyte", "C"), [(0.5, 1.0), (0.5, 0.0)]),
        (("electrolyte", "electrode", "C"), [(0.5, 0.0), (0.5, 1.0)]),
    ],
)
def test_which_phase_is_the_electrode(names, orders):
    case = stack(None, {"|".join(names[:2]): scl.Exchange(1.0, kinetics="coupled-ion-electron")}, names)
    law = laws_of(case)[names[:2]]["Li+"]
    assert (law.first, law.second) == tuple(FillingFactor(0, *each) for each in orders)


def test_orders_and_carriers_by_phase():
    law = scl.Exchange(1.0, component="Li+", orders={"B": (0.1, 0.2), "A": (0.3, 0.4)}, carriers={"B": "V"})
    found = laws_of(stack(None, {"A|B": law}))["A", "B"]["Li+"]
    assert isinstance(found, FollowingExchange)
    assert (found.first, found.second) == (FillingFactor(0, 0.3, 0.4), FillingFactor(1, 0.1, 0.2))
    oxygen = scl.Exchange(1.0, component="O2-", kinetics="butler-volmer")
    found = laws_of(stack(None, {"A|B": oxygen}))["A", "B"]["O2-"]
    assert (found.first.carrier, found.second.carrier) == (2, 2)


def test_j_0_at_the_occupancies_of_the_interface():
    """Vacancies of 0.1 that double: (0.2/0.1)^0.2 (0.8/0.9)^0.3 of j_0."""
    law = scl.Exchange(1.0, orders={"A": (0, 0), "B": (0.2, 0.3)}, carriers={"B": "V"})
    case = scl.resolve(stack(None, {"A|B": law}))
    phases = cell_of_case(case).phases
    found = laws_of(case)["A", "B"]["Li+"]
    vacancies = phases["B"].carriers[1].thermodynamics
    w = np.array([[-vacancies.energy_of_occupancy(0.2)], [0.0]])
    sides = SideState.of_bulk(phases["A"]), SideState(phases["B"], lambda: w)
    expected = 1.0 / MILLIAMPERE_PER_CM2 / KT * 2.0**0.2 * (0.8 / 0.9) ** 0.3
    assert small_signal_conductance(found, *sides, 1) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("interfaces", "message"),
    [
        (
            {"B|C": scl.Exchange(1.0, component="O2-")},
            r"interface\.B\|C\.component: O2- does not cross: C does not hold it \(allowed: Li\+",
        ),
        (
            {"A|B": scl.Exchange(1.0, orders={"A": (1, 1), "C": (1, 1)})},
            r"interface\.A\|B\.orders: 'C' is no side of it \(allowed: A and B, \[a, b\] each\)",
        ),
        ({"A|B": scl.Exchange(1.0, orders={"A": (1, 1)})}, r"orders: one side is missing"),
        (
            {"A|B": scl.Exchange(1.0, kinetics="butler-volmer", carriers={"C": "Li+"})},
            r"interface\.A\|B\.carriers: 'C' is no side of it \(allowed: A and B, the name of a",
        ),
        (
            {"A|B": scl.Exchange(1.0, kinetics="butler-volmer", carriers={"A": "Gd"})},
            r"interface\.A\|B\.carriers\.A: unknown mobile carrier 'Gd'.*allowed: V, V_O, i\)",
        ),
    ],
)
def test_what_does_not_fit_is_one_message(interfaces, message):
    with pytest.raises(scl.InputError, match=message):
        scl.resolve(stack(None, interfaces))


def test_carriers_of_a_constant_j_0_count_for_nothing():
    with pytest.raises(scl.InputError, match="carriers: the law follows no occupancy"):
        scl.Exchange(1.0, carriers={"A": "V"})


def test_a_carrier_that_no_phase_has():
    phases = cell_of_case(scl.resolve(stack())).phases
    between = Between(phases["A"].components[0], phases["A"], phases["B"], 300.0)
    with pytest.raises(scl.InputError, match=r"unknown mobile carrier 'W'.*allowed: V, V_O, i"):
        between.carriers({"A": "W"})
