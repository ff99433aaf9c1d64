"""Several components on any number of ranks: laws that follow occupancies, contacts, charges and sites.

Run serial, and by mpirun -n 2, 3.
"""

import numpy as np
import pytest
from mpi4py import MPI

import scl_fem
from scl_fem.errors import Interrupted
from tests.parallel.test_parallel_transport import break_off
from tests.parallel.test_parallel_transport import compare as compare_columns

COMM = MPI.COMM_WORLD

LITHIUM = {"name": "Li+", "component": "Li+", "sites": 4.0, "occupancy": 0.3, "diffusivity": 1e-9}
ELECTRON = {"name": "e-", "component": "e-", "sites": 3.0, "occupancy": 0.2, "diffusivity": 5e-9}
MATERIALS = {
    "M": {"permittivity": 30.0, "voltage": 3.1, "carriers": [LITHIUM, ELECTRON], "levels": {"e-": "-1.0 eV"}},
    "N": {
        "permittivity": 40.0,
        "voltage": 3.0,
        "carriers": [{**LITHIUM, "sites": 6.0, "occupancy": 0.2}, {**ELECTRON, "occupancy": 0.4}],
        "levels": {"e-": "-1.1 eV"},
    },
}
LAW = {
    "law": "exchange",
    "exchange_current_density": 1.0,
    "kinetics": "butler-volmer",
    "surface_charge": 0.02,
    "sites": {"component": "Li+", "density": "1 1/nm^2", "energy": "-0.05 eV"},
}
BOUNDARY = {
    "kind": "bulk",
    "left": {"kind": "metal", "potential": 0.05, "stern_capacitance": 20.0},
}
MESHES = {
    "1D": {"dimension": 1, "interface_size": 0.1, "growth": 1.4},
    "2D": {"dimension": 2, "interface_size": 0.2, "growth": 1.6, "lateral_elements": 4},
    "3D": {"dimension": 3, "interface_size": 0.4, "growth": 1.8, "lateral_elements": 2},
}
TRANSIENT = {"kind": "transient", "duration": 1e-6, "tolerance": 0.05}


def cell_of(mesh, study, **tables):
    tables = {"boundary": BOUNDARY, "interface": LAW, **tables}
    return scl_fem.Case(
        temperature=298.15,
        study=study,
        mesh={
            "kind": "stack",
            "layers": [{"phase": "A", "thickness": 3.0}, {"phase": "B", "thickness": 3.0}],
            **MESHES[mesh],
        },
        phase=tables.pop("phase", {"A": {"material": "M"}, "B": {"material": "N"}}),
        materials=MATERIALS,
        solver={"linear": "direct"},
        output={"figures": False},
        **tables,
    )


def both(case):
    return (scl_fem.run(case, comm=comm) for comm in (COMM, MPI.COMM_SELF))


@pytest.mark.parametrize("mesh", MESHES)
def test_history(mesh):
    together, alone = both(cell_of(mesh, TRANSIENT))
    compare_columns(together.tables["history.csv"], alone.tables["history.csv"])


def test_history_of_a_core(tmp_path_factory):
    """Energies by a table over z."""
    folder = COMM.bcast(tmp_path_factory.mktemp("core") if COMM.rank == 0 else None)
    if COMM.rank == 0:
        (folder / "profile.csv").write_text("z_nm,Li+\n0,-0.1\n1.5,0.0\n3,0.05\n")
    COMM.barrier()
    phase = {"A": {"material": "M"}, "B": {"material": "N", "energy_profile": str(folder / "profile.csv")}}
    together, alone = both(cell_of("2D", TRANSIENT, phase=phase, interface={"law": "perfect"}))
    compare_columns(together.tables["history.csv"], alone.tables["history.csv"])
    flat = scl_fem.run(cell_of("2D", TRANSIENT, interface={"law": "perfect"}), comm=MPI.COMM_SELF)
    ends = [run.tables["history.csv"]["total_lithium_per_nm2"][-1] for run in (alone, flat)]
    assert abs(ends[0] - ends[1]) > 1e-3


@pytest.mark.parametrize("mesh", MESHES)
def test_spectrum_and_conduction(mesh):
    study = {"kind": "impedance", "frequency_start": 1.0, "frequency_stop": 1e10, "points_per_decade": 1}
    together, alone = both(cell_of(mesh, study))
    one, other = (
        np.asarray(run.tables["impedance.csv"]["Z_re_ohm_cm2"])
        + 1j * np.asarray(run.tables["impedance.csv"]["Z_im_ohm_cm2"])
        for run in (together, alone)
    )
    assert np.abs(one / other - 1.0).max() < 1e-8
    assert (one.real > 0.0).all()
    # electrons pass the metal, ions do not
    still, still_alone = both(cell_of(mesh, {"kind": "conduction"}))
    for result, expected in ((together, alone), (still, still_alone)):
        blocked = {name: table for name, table in result.summary["components"].items() if name != "e-"}
        assert blocked
        assert all(value is None for table in blocked.values() for value in table.values())
        for key in ("total", "bulk"):
            key = f"{key}_resistance_ohm_cm2"
            for found, single in (
                (result.summary, expected.summary),
                (result.summary["components"]["e-"], expected.summary["components"]["e-"]),
            ):
                assert found[key] == pytest.approx(single[key], rel=1e-9)
    assert still.summary["total_resistance_ohm_cm2"] == pytest.approx(
        together.summary["total_resistance_ohm_cm2"], rel=1e-9
    )


@pytest.mark.parametrize("writer", ["all", "one"])
def test_restart_on_another_number_of_ranks(tmp_path_factory, monkeypatch, writer):
    case = cell_of("2D", TRANSIENT)
    path = COMM.bcast(tmp_path_factory.mktemp("restart") if COMM.rank == 0 else None) / "r"
    unbroken = scl_fem.run(case, comm=MPI.COMM_SELF).tables["history.csv"]
    first, second = (COMM, MPI.COMM_SELF) if writer == "all" else (MPI.COMM_SELF, COMM)
    if first is COMM or COMM.rank == 0:
        with monkeypatch.context() as patch:
            break_off(patch, 10)
            with pytest.raises(Interrupted):
                scl_fem.run(case, path, comm=first)
    COMM.barrier()
    if second is COMM or COMM.rank == 0:
        found = scl_fem.run(case, path, comm=second, restart=True).tables["history.csv"]
        compare_columns(found, unbroken)
        if COMM.size == 1:
            for name, values in unbroken.items():
                np.testing.assert_array_equal(found[name], values, err_msg=name)
    COMM.barrier()
