"""The system of any phases and components: its weak form, its derivative, its course and its equilibrium."""

import numpy as np
import pytest

import scl_fem
from scl_fem.equations.operator import ImplicitOperator
from scl_fem.equations.state import ImplicitStep, State
from scl_fem.equations.weak_form import WeakForm
from scl_fem.solvers.course import free_energy
from tests.transport.support import Cell

MIXED = {
    "permittivity": 20.0,
    "voltage": 3.2,
    "carriers": [
        {"name": "Li+", "component": "Li+", "sites": 5.0, "occupancy": 0.3, "diffusivity": 1e-8},
        {"name": "e-", "component": "e-", "sites": 8.0, "occupancy": 0.2, "diffusivity": 1e-6},
    ],
    "levels": {"e-": "-1.0 eV"},
}
SITES = {"sites": 6.0}
SHARING = {
    "permittivity": 12.0,
    "voltage": 3.0,
    "carriers": [
        {
            "name": "Li+",
            "component": "Li+",
            "sites": 6.0,
            "shared": "A",
            "occupancy": 0.3,
            "diffusivity": 2e-9,
        },
        {
            "name": "Na+",
            "component": "Na+",
            "sites": 6.0,
            "shared": "A",
            "occupancy": 0.2,
            "diffusivity": 1e-9,
        },
    ],
}
DEFECTS = {
    "permittivity": 30.0,
    "voltage": 2.9,
    "carriers": [
        {"name": "Li_i", "component": "Li+", "sites": 4.0, "energy": 0.05, "diffusivity": 1e-8},
        {"name": "V_Li", "component": "Li+", "amount": -1, "sites": 4.0, "energy": 0.05, "diffusivity": 3e-9},
        {"name": "e-", "component": "e-", "statistics": "dilute", "concentration": 0.3, "diffusivity": 1e-7},
    ],
    "levels": {"e-": "-1.1 eV"},
}
MATERIALS = {"MIXED": MIXED, "SHARING": SHARING, "DEFECTS": DEFECTS}
EXCHANGE = {"law": "exchange", "exchange_current_density": 2.0}
LAWS = {
    "perfect": {"law": "perfect"},
    "exchange": EXCHANGE,
    "skewed": {**EXCHANGE, "transfer_coefficient": 0.3},
    "butler-volmer": {**EXCHANGE, "kinetics": "butler-volmer"},
    "layer": {"law": "layer", "thickness": 2.0, "conductivity": 1e-7, "dipole": 0.1, "barrier": 0.02},
}
MESHES = {
    "1D": {"dimension": 1, "interface_size": 0.05, "growth": 1.5},
    "2D": {"dimension": 2, "interface_size": 0.2, "growth": 2.0, "lateral_elements": 2},
    "3D": {"dimension": 3, "interface_size": 0.4, "growth": 2.0, "lateral_elements": 2},
}


def cell_of(mesh="1D", law=None, *, study=None, materials=("MIXED", "SHARING", "DEFECTS"), **tables):
    """A stack of phases A, B, C."""
    names = "ABC"[: len(materials)]
    return scl_fem.Case(
        study=study or {"kind": "transient", "duration": 1.0},
        mesh={
            "kind": "stack",
            **MESHES[mesh],
            "layers": [{"phase": name, "thickness": 2.0 + number} for number, name in enumerate(names)],
        },
        phase={name: {"material": material} for name, material in zip(names, materials, strict=True)},
        interface=law or LAWS["perfect"],
        materials={name: MATERIALS[name] for name in materials},
        **tables,
    )


def random_state(system, seed=1):
    """Unknowns far from equilibrium, the same on both sides where they do not jump."""
    random = np.random.default_rng(seed)
    size = system.unknowns.phi.size
    mu = {name: random.uniform(-0.1, 0.1, (region.size, size)) for name, region in system.regions.items()}
    state = State(random.uniform(-0.1, 0.3, size), mu)
    return system.unknowns.unpack(system.unknowns.pack(state))


@pytest.mark.parametrize("mesh", MESHES)
@pytest.mark.parametrize("law", LAWS)
def test_the_system_is_its_weak_form(mesh, law):
    system = Cell(cell_of(mesh, LAWS[law])).system
    state, random, length = random_state(system), np.random.default_rng(2), 1e-6
    shapes = {name: (region.size, region.owned) for name, region in system.regions.items()}
    history = {name: random.normal(size=shape) for name, shape in shapes.items()}
    step = ImplicitStep(length, history, {name: np.zeros(shape) for name, shape in shapes.items()})
    physics = system.evaluate(state)
    found = system.residual(state, physics, system.conductances(system.mobilities(physics)), step)
    expected = WeakForm(system).residual(state, history, length)
    assert np.abs(expected).min() > 0.0
    # each row against its own terms: the largest entry of the Jacobian's row would do as well
    assert np.abs(found - expected).max() < 1e-14 * np.abs(expected).max()
    for rows in (system.unknowns.phi, *(each for mu in system.unknowns.mu.values() for each in mu)):
        owned = rows[rows < system.unknowns.size]
        assert np.abs((found - expected)[owned]).max() < 3e-14 * np.abs(expected[owned]).max()


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("mesh", ["1D", "2D"])
def test_jacobian(mesh, law):
    """Exact in one dimension; elsewhere at given mobilities."""
    system = Cell(cell_of(mesh, LAWS[law])).system
    random = np.random.default_rng(3)
    x, direction = system.unknowns.vector(), system.unknowns.vector()
    x.array[:] = system.unknowns.pack(random_state(system))
    direction.array[:] = random.normal(size=direction.local_size)
    operator = ImplicitOperator(system)
    blank = {name: np.zeros((region.size, region.owned)) for name, region in system.regions.items()}
    physics = system.evaluate(system.unknowns.unpack(x.array_r))
    given = None if mesh == "1D" else system.mobilities(physics)
    operator.prepare(ImplicitStep(1e-7, blank, blank, given))
    operator.differentiate(x, np.empty(0, np.int32))

    def residual(distance):
        moved, found = x.copy(), x.duplicate()
        moved.axpy(distance, direction)
        operator.residual(moved, found)
        return found.array_r.copy()

    expected = (residual(1e-6) - residual(-1e-6)) / 2e-6
    product = direction.duplicate()
    operator.jacobian.mult(direction, product)
    np.testing.assert_allclose(product.array_r, expected, rtol=2e-5, atol=1e-7 * np.abs(expected).max())


def test_every_component_stays_and_energy_falls():
    """Through all regions that exchange it; e- of A and of C are two, for B holds none."""
    cell = Cell(cell_of(law=EXCHANGE))
    system = cell.system
    assert [(group.component.name, group.regions) for group in system.groups] == [
        ("Li+", ("A", "B", "C")),
        ("e-", ("A",)),
        ("e-", ("C",)),
        ("Na+", ("B",)),
    ]
    for length in (1e-12, 1e-7, 1e-2):
        energies = []
        for accepted in cell.steps(length, 6 * length, method="euler"):
            amounts = accepted.progress.levels[-1].amounts
            for group in system.groups:
                assert abs(system.total(amounts, group)) < 1e-12 * system.neutral_total(group)
            energies.append(free_energy(system, accepted.progress.state, accepted.physics))
        assert (np.diff(energies) <= 1e-12 * np.abs(energies).max()).all()
        assert energies[0] < 0.0


def test_the_course_ends_in_equilibrium():
    """Contact to the state that the solver of equilibrium finds, with the totals of all components."""
    case = cell_of(law=EXCHANGE)
    course = scl_fem.run(case.with_overrides({"study.duration": 1e3, "study.tolerance": 0.02}))
    still = scl_fem.run(case.with_overrides({"study": {"kind": "equilibrium"}}))
    phi = course.study.progress.state.phi
    expected = still.study.equilibrium.phi.x.array
    difference = phi - expected
    assert np.ptp(expected) > 0.1
    assert np.ptp(difference) < 1e-8
