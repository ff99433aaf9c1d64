"""Residual and matrices of an implicit step in 3D, for one component and for two."""

from __future__ import annotations

from benchmarks.measuring import measured, print_table

REPEATS = 7

ION = {"component": "Li+", "sites": 10.0, "occupancy": 0.3, "diffusivity": 1e-8}
ELECTRON = {"component": "e-", "sites": 10.0, "occupancy": 0.2, "diffusivity": 1e-6}


def main() -> None:
    """Print the seconds of each part."""
    rows = []
    for name, carriers in (("Li+", [ION]), ("Li+, e-", [ION, ELECTRON])):
        rows.append((name, *_times(carriers)))
    rows.append(("ratio", "", "", *(f"{float(two) / float(one):.2f}" for one, two in _pairs(rows))))
    columns = ("components", "nodes", "nonzeros", "residual, s", "matrices, s", "together, s")
    print_table(columns, rows)
    print(f"\nCPU seconds, medians of {REPEATS}; planar cell in 3D.")


def _pairs(rows: list[tuple[str, ...]]) -> list[tuple[str, str]]:
    """Times of both, part by part."""
    one, two = rows
    return list(zip(one[3:], two[3:], strict=True))


def _times(carriers: list[dict]) -> tuple[str, ...]:
    """Nodes, entries and seconds of a cell with these carriers."""
    import numpy as np
    from mpi4py import MPI

    import scl_fem
    from scl_fem.discretisation.space import PotentialSpace
    from scl_fem.equations.operator import ImplicitOperator
    from scl_fem.equations.state import ImplicitStep, State
    from scl_fem.equations.system import System
    from scl_fem.mesh.distribute import distribute
    from scl_fem.studies.phases import phases_of

    named = [{"name": each["component"], **each} for each in carriers]
    materials = {
        side: {
            "permittivity": 20.0,
            "voltage": voltage,
            "carriers": named,
            **({"levels": {"e-": 0.0}} if ELECTRON in carriers else {}),
        }
        for side, voltage in (("LEFT", 3.2), ("RIGHT", 3.0))
    }
    case = scl_fem.resolve(
        scl_fem.Case(
            study={"kind": "transient", "duration": 1.0},
            mesh={
                "kind": "planar",
                "dimension": 3,
                "interface_size": 0.05,
                "growth": 1.3,
                "lateral_elements": 36,
            },
            phase={"electrode": {"material": "LEFT"}, "electrolyte": {"material": "RIGHT"}},
            materials=materials,
        )
    )
    space = PotentialSpace(distribute(case.mesh.build(), MPI.COMM_WORLD))
    system = System(space, phases_of(case))
    random = np.random.default_rng(1)
    size = system.unknowns.phi.size
    mu = {name: random.uniform(-0.1, 0.1, (each.size, size)) for name, each in system.regions.items()}
    state = State(random.uniform(-0.1, 0.2, size), mu)
    x, f = system.unknowns.vector(), system.unknowns.vector()
    x.array[:] = system.unknowns.pack(state)
    blank = {name: np.zeros((each.size, each.owned)) for name, each in system.regions.items()}
    operator = ImplicitOperator(system)

    def residual() -> None:
        operator.prepare(ImplicitStep(1e-9, blank, blank))
        operator.residual(x, f)

    def matrices() -> None:
        operator.differentiate(x, np.empty(0, np.int32))

    times = [measured(each, REPEATS).cpu for each in (residual, matrices)]
    nonzeros = int(operator.jacobian.getInfo()["nz_used"])
    return str(size), str(nonzeros), *(f"{each:.4f}" for each in (*times, sum(times)))


if __name__ == "__main__":
    main()
