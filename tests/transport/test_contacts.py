"""Transients between contacts of different kinds: where they end, what they keep, what they carry."""

import numpy as np
import pytest

import scl_fem
from tests.transport.support import history

LITHIUM = {"name": "Li+", "component": "Li+", "sites": 5.0, "occupancy": 0.3, "diffusivity": 1e-9}
ELECTRON = {"name": "e-", "component": "e-", "sites": 8.0, "occupancy": 0.2, "diffusivity": 2e-8}
# the bulks as given are in equilibrium with one another at a potential 0.2 V apart
MATERIALS = {
    "M": {
        "permittivity": 20.0,
        "voltage": 3.2,
        "carriers": [LITHIUM, ELECTRON],
        "levels": {"e-": "-1.0 eV"},
    },
    "N": {
        "permittivity": 15.0,
        "voltage": 3.0,
        "carriers": [{**LITHIUM, "sites": 10.0, "occupancy": 0.2}, {**ELECTRON, "occupancy": 0.4}],
        "levels": {"e-": "-1.2 eV"},
    },
}
TRANSIENT = {"kind": "transient", "duration": 1e3, "tolerance": 0.02}
METAL = {"kind": "metal", "potential": 0.2}
STERN = {**METAL, "stern_capacitance": 10.0}
CHARGED = {"kind": "metal", "surface_charge": 0.1}
FLOATING = {"kind": "metal", "floating": True}
BULK = {"kind": "bulk"}
IONIC = {"kind": "bulk", "exchanges": ["Li+"]}
NEITHER = {"kind": "bulk", "exchanges": []}
CLOSED = {"kind": "closed"}


def cell_of(study=TRANSIENT, **tables):
    return scl_fem.Case(
        temperature=298.15,
        study=study,
        mesh={
            "kind": "stack",
            "dimension": 1,
            "interface_size": 0.05,
            "growth": 1.5,
            "layers": [{"phase": "A", "thickness": 4.0}, {"phase": "B", "thickness": 5.0}],
        },
        phase={"A": {"material": "M"}, "B": {"material": "N"}},
        materials=MATERIALS,
        **tables,
    )


def boundary(left, right):
    return {"kind": "closed", "left": left, "right": right}


@pytest.mark.parametrize(
    ("left", "right", "kept"),
    [
        (BULK, CLOSED, ""),
        (IONIC, BULK, ""),
        (IONIC, IONIC, "e-"),
        (NEITHER, NEITHER, "Li+ e-"),
        (METAL, {"kind": "metal"}, "Li+"),
        (METAL, BULK, ""),
        (METAL, IONIC, ""),
        (STERN, METAL, "Li+"),
        (BULK, STERN, ""),
        (CHARGED, BULK, ""),
        ({**CHARGED, "stern_capacitance": 10.0}, BULK, ""),
        (FLOATING, BULK, ""),
        (FLOATING, CLOSED, "Li+ e-"),
        (FLOATING, FLOATING, "Li+ e-"),
    ],
    ids=lambda each: each if isinstance(each, str) else "-".join(map(str, each.values())),
)
def test_the_end_is_the_equilibrium_between_the_same_contacts(left, right, kept):
    contacts = boundary(left, right)
    course = scl_fem.run(cell_of(boundary=contacts))
    still = scl_fem.run(cell_of({"kind": "equilibrium"}, boundary=contacts))
    expected = still.study.equilibrium.phi.x.array
    assert np.ptp(expected) > 0.1
    # both count the potential from a bulk, but not from the same one where totals move them
    assert np.ptp(course.study.progress.state.phi - expected) < 1e-9
    for name, column in {"Li+": "total_lithium_per_nm2", "e-": "total_e-_per_nm2"}.items():
        total = history(course, column)
        if name in kept.split():
            assert np.abs(np.diff(total)).max() < 1e-12 * total[0]
        else:
            assert np.ptp(total) > 1e-6 * total[0]
    assert abs(history(course, "current_mA_per_cm2")[-1]) < 1e-6


@pytest.mark.parametrize("contacts", [(STERN, BULK), (METAL, {"kind": "metal"}), (CHARGED, BULK)])
def test_nothing_moves_where_a_transient_begins_at_equilibrium(contacts):
    run = scl_fem.run(cell_of(boundary=boundary(*contacts), initial={"state": "equilibrium"}))
    for column in ("total_lithium_per_nm2", "total_e-_per_nm2", "layer_charge_e_per_nm2"):
        values = history(run, column)
        assert np.ptp(values) < 1e-9 * np.abs(values).max()


def test_a_charge_that_nothing_can_screen_is_remarked():
    study = {**TRANSIENT, "duration": 1e-9}
    run = scl_fem.run(cell_of(study, boundary=boundary(CHARGED, CLOSED)))
    assert [text for text in run.summary["remarks"] if "a net charge of 1.00e-01 e/nm^2" in text]
    opposite = {"kind": "metal", "surface_charge": -0.1}
    run = scl_fem.run(cell_of(study, boundary=boundary(CHARGED, opposite)))
    assert not [text for text in run.summary["remarks"] if "net charge" in text]


@pytest.mark.parametrize("right", [CLOSED, BULK], ids=["closed", "bulk"])
def test_a_charged_interface_before_any_layer_formed(right):
    """From its bare field on; where nothing screens it that is remarked."""
    study = {**TRANSIENT, "duration": 1e-9}
    law = {"law": "perfect", "surface_charge": 0.02}
    run = scl_fem.run(cell_of(study, interface=law, boundary=boundary(CLOSED, right)))
    remarked = [text for text in run.summary["remarks"] if "a net charge of 2.00e-02 e/nm^2" in text]
    assert bool(remarked) == (right == CLOSED)
    assert run.summary["time_final_s"] == 1e-9
