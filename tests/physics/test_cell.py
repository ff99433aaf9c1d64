"""The neutral bulks of a cell: gauge, groups, Frenkel and Schottky disorder, cores, frozen carriers."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scl_fem.constants import thermal_energy
from scl_fem.errors import InputError
from scl_fem.physics.bulk import CarrierBulk, PhaseBulk
from scl_fem.physics.cell import cell_of
from scl_fem.physics.components import KNOWN_COMPONENTS, LITHIUM, Component
from scl_fem.physics.defects import ExcessCubeRoot
from scl_fem.physics.diffusivity import VacancyBulk

T = 300.0
KT = thermal_energy(T)
OXYGEN, ELECTRON = KNOWN_COMPONENTS["O2-"], KNOWN_COMPONENTS["e-"]


def lithium(occupancy=0.3, density=15.0, **more):
    return CarrierBulk("Li+", LITHIUM, density, occupancy=occupancy, **more)


def electrons(concentration=0.01, **more):
    return CarrierBulk("e-", ELECTRON, statistics="dilute", concentration=concentration, **more)


def phase(name, voltage=0.0, carriers=None, levels=None, **more):
    levels = {"Li+": -voltage} if levels is None else levels
    return PhaseBulk(name, "X", 20.0, carriers or (lithium(),), levels, **more)


def bulk_charge(phase):
    return float(phase.charge_density(np.array(phase.bulk_potential)))


def test_one_component_is_in_closed_form():
    """V - V_reference, the same floating-point number; nothing is moved."""
    cell = cell_of(
        [phase("electrode", 3.4), phase("electrolyte", 2.9), phase("anode", 0.1)],
        {("electrode", "electrolyte"): ["Li+"], ("electrolyte", "anode"): ["Li+"]},
        T,
    )
    assert list(cell.phases) == ["electrode", "electrolyte", "anode"]
    assert [each.bulk_potential for each in cell.phases.values()] == [3.4 - 2.9, 0.0, 0.1 - 2.9]
    (group,) = cell.groups
    assert (group.component, group.phases, group.potential) == (
        LITHIUM,
        ("electrode", "electrolyte", "anode"),
        -2.9,
    )
    assert cell.moves == ()
    assert all(each.main.thermodynamics.bulk_occupancy == 0.3 for each in cell.phases.values())
    assert cell.group("Li+", "anode") is group
    with pytest.raises(KeyError, match="anode does not hold e-"):
        cell.group(ELECTRON, "anode")


def test_the_reference_is_the_last_phase_unless_one_is_called_electrolyte():
    bulks = [phase("A", 3.0), phase("B", 2.0)]
    crossing = {("A", "B"): ["Li+"]}
    assert cell_of(bulks, crossing, T).phases["B"].bulk_potential == 0.0
    assert cell_of(bulks, crossing, T, "A").phases["B"].bulk_potential == -1.0
    with pytest.raises(InputError, match="unknown phase 'C'"):
        cell_of(bulks, crossing, T, "C")


def test_groups_of_components_that_do_not_meet():
    """Electrons of cathode and anode are two groups; each takes the level of the first phase that has it."""
    mixed = (lithium(), electrons())
    levels = {"Li+": -3.0, "e-": -4.5}
    cell = cell_of(
        [
            phase("A", carriers=mixed, levels=levels),
            phase("B", 2.0),
            phase("C", carriers=mixed, levels={"Li+": -0.1, "e-": -2.0}),
        ],
        {("A", "B"): ["Li+", "e-"], ("B", "C"): ["Li+"]},
        T,
        "B",
    )
    assert [(each.component.name, each.phases) for each in cell.groups] == [
        ("Li+", ("A", "B", "C")),
        ("e-", ("A",)),
        ("e-", ("C",)),
    ]
    # z phi_b more than the level, at the neutral potential of the phase
    assert cell.group("e-", "A").potential == pytest.approx(-4.5 - 1.0)
    assert cell.group("e-", "C").potential == pytest.approx(-2.0 + 1.9)
    assert cell.moves == ()


def test_neighbours_are_gone_to_before_a_phase_that_shares_nothing_yet():
    """A meets B through X only: B, next to the reference, tells X, and A is as it is given."""
    x = CarrierBulk("X", Component("X-", -1), 5.0, occupancy=0.2)
    cell = cell_of(
        [
            phase("A", carriers=(x,), levels={"X-": 0.5}),
            phase("B", carriers=(lithium(), x), levels={"Li+": -3.0, "X-": 0.2}),
            phase("C", 1.0),
        ],
        {("A", "B"): ["X-"], ("B", "C"): ["Li+"]},
        T,
    )
    assert cell.phases["B"].bulk_potential == 2.0
    assert cell.group("X-", "B").potential == pytest.approx(0.2 - 2.0)
    assert cell.phases["A"].bulk_potential == pytest.approx(2.3)
    assert cell.moves == ()


def test_two_levels_that_disagree_move_the_bulk():
    mixed = (lithium(0.3), electrons(0.5))
    cell = cell_of(
        [
            phase("A", carriers=mixed, levels={"Li+": -3.0, "e-": 0.05}),
            phase("B", carriers=mixed, levels={"Li+": -3.0, "e-": 0.0}),
        ],
        {("A", "B"): ["Li+", "e-"]},
        T,
    )
    moved = cell.phases["A"]
    assert {each.carrier for each in cell.moves} == {"Li+", "e-"}
    assert {each.phase for each in cell.moves} == {"A"}
    for move, carrier in zip(cell.moves, moved.carriers, strict=True):
        assert move.got == carrier.thermodynamics.bulk_occupancy
        assert move.relative == move.got / move.asked - 1.0
    # both ions at the potentials of B, and neutral: as many electrons gained as ions
    y, n = (each.got for each in cell.moves)
    logit = np.log(y / (1 - y)) - np.log(0.3 / 0.7)
    assert KT * logit == pytest.approx(-moved.bulk_potential, rel=1e-9)
    assert KT * np.log(n) == pytest.approx(-0.05 + moved.bulk_potential, rel=1e-9)
    assert 15.0 * (y - 0.3) == pytest.approx(0.5 * (n - 1.0), rel=1e-10)
    assert bulk_charge(moved) == 0.0


@settings(deadline=None, max_examples=40)
@given(
    st.floats(-0.3, 2.0),
    st.floats(0.2, 2.0),
    st.floats(1.0, 50.0),
    st.floats(1.0, 50.0),
    st.floats(200.0, 1200.0),
)
def test_frenkel_disorder(first, second, one, other, temperature):
    """c_i = c_V and the product of y/(1-y) fixed by the energies, at 1e-15 per nm^3 as well."""
    kT = thermal_energy(temperature)
    carriers = (
        CarrierBulk("i", LITHIUM, one, energy=first),
        CarrierBulk("v", LITHIUM, other, amount=-1, energy=second),
    )
    cell = cell_of([phase("A", 3.0, carriers, fixed_charge=0.0)], {}, temperature)
    found = cell.phases["A"]
    y, v = (each.thermodynamics.bulk_occupancy for each in found.carriers)
    # the potential is rounded: so are energies, by that over kT
    rounding = 1e-15 * (1.0 + abs(found.bulk_potential) / kT + (abs(first) + abs(second)) / kT)
    assert one * y == pytest.approx(other * v, rel=20 * rounding)
    # nor is 1 - y better than y where sites are all but full
    rounding += 1e-16 * (1.0 + np.exp(-min(first, second, 0.0) / kT))
    product = np.log(y) - np.log1p(-y) + np.log(v) - np.log1p(-v)
    assert product == pytest.approx(-(first + second) / kT, abs=20 * rounding)
    assert bulk_charge(found) == 0.0
    assert cell.groups[0].potential == -3.0
    assert cell.moves == ()
    # what the potential says: y_i at the level, phi_b
    level = -(first + found.bulk_potential) / kT
    assert np.log(y) - np.log1p(-y) == pytest.approx(level, abs=1e-9 + 20 * rounding)


def test_schottky_disorder_of_two_components_and_a_dopant():
    """Vacancies of both ions and a fixed charge: one rule for any number of components."""
    carriers = (
        CarrierBulk("V_O", OXYGEN, 40.0, amount=-1, energy=1.0),
        CarrierBulk("V_Li", LITHIUM, 20.0, amount=-1, energy=0.6),
    )
    found = cell_of([phase("A", carriers=carriers, fixed_charge=-0.3)], {}, 900.0).phases["A"]
    oxygen, lithium_ = (each.bulk_concentration for each in found.carriers)
    assert 2.0 * oxygen - lithium_ == pytest.approx(0.3, rel=1e-12)
    kT = thermal_energy(900.0)
    product = (oxygen / (40.0 - oxygen)) * (lithium_ / (20.0 - lithium_)) ** 2
    assert np.log(product) == pytest.approx(-(1.0 + 2 * 0.6) / kT, rel=1e-12)


def test_disorder_beside_a_reference_keeps_the_levels():
    """A phase of a fixed charge in contact: the same bulk, its own neutral potential on top."""
    carriers = (
        CarrierBulk("i", LITHIUM, 10.0, energy=0.2),
        CarrierBulk("v", LITHIUM, 20.0, amount=-1, energy=0.5),
    )
    alone = cell_of([phase("A", 3.0, carriers, fixed_charge=0.0)], {}, T).phases["A"]
    cell = cell_of([phase("A", 3.0, carriers, fixed_charge=0.0), phase("B", 2.0)], {("A", "B"): ["Li+"]}, T)
    assert alone.bulk_potential == pytest.approx(0.15, abs=0.02)
    assert cell.phases["A"].bulk_potential == pytest.approx(1.0 + alone.bulk_potential, rel=1e-14)
    assert cell.phases["A"].carriers == alone.carriers
    assert cell.moves == ()


def test_bulks_that_cannot_be_neutral():
    with pytest.raises(
        InputError, match="the bulk of A cannot be neutral with a fixed charge of 5 e/nm"
    ) as raised:
        cell_of([phase("A", fixed_charge=5.0)], {}, T)
    assert raised.value.key == "phase.A"
    assert "between 5 and 20 e/nm^3" in str(raised.value)
    with pytest.raises(InputError, match="cannot be neutral"):
        cell_of([phase("A", fixed_charge=-16.0)], {}, T)


def test_counted_from_another_bulk_nothing_changes():
    """At the same mu~ and phi the same occupancies, whatever the bulk: interactions, shared sites, a band."""
    carriers = (
        CarrierBulk(
            "Li", LITHIUM, 10.0, occupancy=0.2, regular_solution=0.01, defects=ExcessCubeRoot(0.1, 1e-6)
        ),
        CarrierBulk("O", OXYGEN, 8.0, occupancy=0.3, group="s", regular_solution=0.02),
        CarrierBulk("X", Component("X-", -1), 8.0, energy=0.05, group="s"),
        CarrierBulk("e", ELECTRON, 0.5, occupancy=2.0, statistics="fermi"),
        CarrierBulk("h", ELECTRON, 0.5, amount=-1, energy=0.1, statistics="dilute"),
    )
    given_ = phase("A", carriers=carriers, levels={"Li+": -1.0, "O2-": 0.1})
    own = cell_of([given_], {}, T).phases["A"]
    other = phase("B", carriers=carriers, levels={"Li+": -1.0, "O2-": 0.02, "e-": 0.06, "X-": -0.1})
    cell = cell_of([given_, other], {("A", "B"): ["Li+", "O2-", "X-", "e-"]}, T)
    moved = cell.phases["A"]
    assert {each.carrier for each in cell.moves} == {"Li", "O", "X", "e", "h"}
    z = np.array([each.charge_number for each in own.components])
    potentials = np.array([cell.group(each, "A").potential for each in own.components])
    levels = np.array([given_.levels.get(each.name, 0.0) for each in own.components])
    phi = np.linspace(-0.3, 0.3, 7)
    w_own = (potentials - levels)[:, None] - z[:, None] * phi
    before = own.carrier_occupancies(own.evaluate(w_own))
    after = moved.occupancies(phi)
    for name, values in before.items():
        np.testing.assert_allclose(after[name], values, rtol=1e-10)
    np.testing.assert_allclose(moved.charge_density(phi), own.evaluate(w_own).charge, rtol=1e-9, atol=1e-13)
    assert bulk_charge(moved) == 0.0
    assert abs(moved.charge_density(np.array(moved.bulk_potential + 1e-12))) < 1e-9


def ceria(**more):
    return (
        CarrierBulk("V_O", OXYGEN, 43.6, amount=-1, occupancy=0.05),
        CarrierBulk("Gd", Component("Gd", -1), 21.8, occupancy=0.2, **more),
    )


@pytest.mark.parametrize("shift", [0.0, -0.2, 0.3])
def test_a_core_is_charged_against_the_bulk_that_it_refers_to(shift):
    core = phase(
        "core", carriers=ceria(frozen=True), levels={}, reference="grain", energy_shifts={"V_O": shift}
    )
    cell = cell_of(
        [phase("grain", carriers=ceria(frozen=True), levels={"O2-": 0.4}), core],
        {("grain", "core"): ["O2-"]},
        800.0,
    )
    found, kT = cell.phases["core"], thermal_energy(800.0)
    occupancy = 1.0 / (1.0 + 0.95 / 0.05 * np.exp(shift / kT))
    assert found.main.thermodynamics.bulk_occupancy == pytest.approx(occupancy, rel=1e-12)
    assert found.bulk_potential == cell.phases["grain"].bulk_potential == 0.0
    assert found.charge_at_bulk == pytest.approx(2 * 43.6 * (occupancy - 0.05), rel=1e-12, abs=1e-14)
    assert bulk_charge(found) == found.charge_at_bulk
    assert cell.group("O2-", "core").potential == 0.4
    assert [each.name for each in found.carriers] == ["V_O"]
    assert cell.moves == ()


def test_a_core_counts_its_frozen_carriers():
    """More dopants in the core than in the grain: their charge is there."""
    more = (ceria(frozen=True)[0], replace(ceria(frozen=True)[1], occupancy=0.3))
    cell = cell_of(
        [
            phase("grain", carriers=ceria(frozen=True), levels={}),
            phase("core", carriers=more, levels={}, reference="grain"),
        ],
        {("grain", "core"): ["O2-"]},
        800.0,
    )
    assert cell.phases["core"].charge_at_bulk == pytest.approx(-0.1 * 21.8, rel=1e-12)


def test_references_that_lead_nowhere():
    with pytest.raises(InputError, match="unknown phase 'grian'; did you mean grain") as raised:
        cell_of([phase("grain"), phase("core", reference="grian")], {}, T)
    assert raised.value.key == "phase.core.reference"
    with pytest.raises(InputError, match="'core' has a reference itself"):
        cell_of([phase("grain"), phase("core", reference="grain"), phase("x", reference="core")], {}, T)


def test_frozen_at_another_temperature():
    """Vacancies of 1500 K stay: what moves at 300 K balances them."""
    carriers = (
        CarrierBulk("v", LITHIUM, 10.0, amount=-1, energy=0.8),
        CarrierBulk("V_O", OXYGEN, 10.0, amount=-1, energy=1.0, frozen_at=1500.0),
    )
    found = cell_of([phase("A", carriers=carriers, fixed_charge=0.0)], {}, T).phases["A"]
    hot = cell_of(
        [phase("A", carriers=(carriers[0], replace(carriers[1], frozen_at=None)), fixed_charge=0.0)],
        {},
        1500.0,
    ).phases["A"]
    frozen = hot.carriers[1].bulk_concentration
    assert found.main.bulk_concentration == pytest.approx(2.0 * frozen, rel=1e-12)
    assert frozen > 1e3 * 10.0 * np.exp(-1.0 / KT)
    # where its energy is that of the bulk, which is neutral as it is given, it is that at 1500 K
    grain = phase("grain", carriers=(lithium(), carriers[1]), levels={})
    core = phase(
        "core", carriers=(lithium(), carriers[1]), levels={}, reference="grain", energy_shifts={"V_O": -0.1}
    )
    at_core = cell_of([grain, core], {("grain", "core"): ["Li+"]}, T).phases["core"]
    kT = thermal_energy(1500.0)
    gained = 1.0 / (1.0 + np.exp(0.9 / kT)) - 1.0 / (1.0 + np.exp(1.0 / kT))
    assert at_core.charge_at_bulk == pytest.approx(2 * 10.0 * gained, rel=1e-11)


def test_a_frozen_second_carrier_changes_nothing():
    frozen = electrons(0.3, frozen=True)
    bulks = [phase("A", 3.0), phase("B", 2.0)]
    crossing = {("A", "B"): ["Li+", "e-"]}
    plain = cell_of(bulks, crossing, T)
    with_frozen = cell_of([replace(each, carriers=(*each.carriers, frozen)) for each in bulks], crossing, T)
    assert with_frozen.phases == plain.phases
    assert with_frozen.groups == plain.groups


def test_a_shift_without_a_reference_moves_the_neutral_potential():
    """Interstitials that cost more all through a phase: its charge at the same level is balanced by phi_b."""
    cell = cell_of([phase("A", 3.0, energy_shifts={"Li+": 0.1}), phase("B", 3.0)], {("A", "B"): ["Li+"]}, T)
    assert cell.phases["A"].bulk_potential == pytest.approx(-0.1, rel=1e-12)
    assert cell.phases["A"].main.thermodynamics.bulk_occupancy == pytest.approx(0.3, rel=1e-12)
    assert bulk_charge(cell.phases["A"]) == 0.0


def test_shared_sites_by_energies():
    """exp(-E_k/kT) over 1 + their sum, less what is given as an occupancy."""
    carriers = (
        CarrierBulk("a", LITHIUM, 10.0, energy=0.03, group="s"),
        CarrierBulk(
            "b",
            KNOWN_COMPONENTS["Na+"],
            10.0,
            energy=-0.02,
            group="s",
            diffusivity=lambda v: VacancyBulk(1.0, 0.0, v),
        ),
    )
    found = cell_of([phase("A", carriers=carriers)], {}, T).phases["A"]
    weights = np.exp(-np.array([0.03, -0.02]) / KT)
    expected = weights / (1.0 + weights.sum())
    got = [each.thermodynamics.bulk_occupancy for each in found.carriers]
    np.testing.assert_allclose(got, expected, rtol=1e-13)
    assert found.carriers[1].diffusivity.bulk_vacancy == pytest.approx(1.0 - expected.sum())
    half = (replace(carriers[0], energy=None, occupancy=0.5), carriers[1])
    got = [
        each.thermodynamics.bulk_occupancy
        for each in cell_of([phase("A", carriers=half)], {}, T).phases["A"].carriers
    ]
    np.testing.assert_allclose(got, [0.5, 0.5 * weights[1] / (1.0 + weights[1])], rtol=1e-13)
    frozen = (replace(carriers[0], frozen=True), carriers[1])
    with pytest.raises(InputError, match="a frozen carrier cannot share the sites 's'"):
        cell_of([phase("A", carriers=frozen)], {}, T)


def test_carriers_that_are_not_told_enough():
    with pytest.raises(
        InputError, match="2 of occupancy, concentration and energy are given for the carrier Li"
    ):
        cell_of([phase("A", carriers=(lithium(energy=0.1),))], {}, T)
    with pytest.raises(InputError, match="0 of occupancy"):
        cell_of([phase("A", carriers=(lithium(None),))], {}, T)
    with pytest.raises(InputError, match=r"the carrier Li\+ has no sites"):
        cell_of([phase("A", carriers=(lithium(density=None),))], {}, T)
    with pytest.raises(InputError, match=r"carrier Li\+: an occupancy of 1.2"):
        cell_of([phase("A", carriers=(lithium(1.2),))], {}, T)
    with pytest.raises(InputError, match="the phase separates") as raised:
        cell_of([phase("A", carriers=(lithium(regular_solution=0.1),))], {}, T)
    assert raised.value.key == "phase.A"


def test_a_law_of_its_own_is_counted_from_the_bulk():
    from scl_fem.physics.open_circuit import OpenCircuitThermodynamics

    def curve(occupancy, kT):
        return OpenCircuitThermodynamics(occupancy, kT, (0.1, 0.5, 0.9), (3.4, 3.1, 2.8))

    found = cell_of([phase("A", carriers=(lithium(thermodynamics=curve),))], {}, T).phases["A"]
    assert found.main.thermodynamics == curve(0.3, KT)
