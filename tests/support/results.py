"""Result folders for figures: profiles, spectra, histories and fields of a layer, nothing solved."""

import scl_fem._stack  # noqa: F401
import numpy as np
from mpi4py import MPI

# isort: split
from dolfinx import fem

from scl_fem.mesh import BOTH, MESH_KINDS
from scl_fem.mesh.distribute import build_domain
from scl_fem.output.fields import FieldWriter
from scl_fem.output.tables import write_summary, write_table

FREQUENCY = np.geomspace(1e-3, 1e12, 76)
LARGE_INTERFACE = (0.075, 1.07, 33.4, 69.1)
NO_INTERFACE = (0.079, 1.0, 1e-9, 1.0)
SLAB = {"electrode_thickness": 4.0, "electrolyte_thickness": 4.0, "interface_size": 0.2, "growth": 1.5}

BULK = {"electrode": (1.69, 0.4, 2e-5), "electrolyte": (5.37, 0.0, 3e-5)}


def write_result(directory, depth=0.95, dimension=1, thickness=0.4):
    """A result with layers of exponential shape; `depth` 0 is a result without any layer."""
    directory.mkdir()
    z = np.concatenate([-np.geomspace(10.0, 1e-3, 200), [0.0]])
    columns = {"z_nm": np.concatenate([z, -z[::-1]])}
    columns["phase"] = np.repeat(list(BULK), z.size)
    bulk = np.array([BULK[phase] for phase in columns["phase"]])
    side = np.where(columns["phase"] == "electrode", 1.0, -1.0)
    decay = depth * np.exp(-np.abs(columns["z_nm"]) / 0.15)
    factor = 1.0 + decay * np.where(side > 0, 8.0, -1.0)
    columns["phi_V"] = bulk[:, 1] * (depth > 0) - 0.2 * side * decay
    columns["c_per_nm3"] = bulk[:, 0] * factor
    columns["occupancy"] = columns["c_per_nm3"] / 17.0
    columns["mu_e_eV"] = np.full(z.size * 2, -3.0)
    columns["sigma_S_per_cm"] = bulk[:, 2] * factor
    write_table(directory / "profile.csv", columns)
    summary = {
        "version": "1",
        "title": "Li0.2V2O5 | LAGP",
        "dimension": dimension,
        "layer_level": 0.25,
        "layer_thickness_nm": 2 * thickness * (depth > 0),
        "layer_resistance_ohm_cm2": 0.0054 * (depth > 0),
    }
    for phase, (concentration, potential, _) in BULK.items():
        summary[phase] = {
            "material": {"electrode": "LVO", "electrolyte": "LAGP"}[phase],
            "concentration_bulk_per_nm3": concentration,
            "bulk_potential_V": potential * (depth > 0),
            "thickness_nm": {"25%": thickness * (depth > 0)},
        }
    write_summary(directory / "summary.json", summary)
    return directory


def write_impedance(directory, impedance, fit=None):
    directory.mkdir()
    columns = {"frequency_Hz": FREQUENCY, "Z_re_ohm_cm2": impedance.real, "Z_im_ohm_cm2": impedance.imag}
    write_table(directory / "impedance.csv", columns)
    summary = {"title": "Li0.2V2O5 | LAGP", "study": "impedance", "dimension": 1, "fit": fit or {}}
    write_summary(directory / "summary.json", summary | {"bulk_resistance_ohm_cm2": 0.075})
    return directory


def write_history(directory, time, current, charge, **summary):
    directory.mkdir()
    columns = {
        "time_s": time,
        "step_s": np.diff(time, prepend=0.0),
        "free_energy_eV_per_nm2": -0.2 * charge,
        "total_lithium_per_nm2": np.full(time.size, 70.0),
        "current_mA_per_cm2": current,
        "terminal_voltage_V": 0.01 * current,
        "layer_charge_e_per_nm2": charge,
    }
    write_table(directory / "history.csv", columns)
    write_summary(directory / "summary.json", {"title": "x", "dimension": 1, **summary})
    return directory


def write_steps(directory, kind, times, **keys):
    """Fields at several times: a layer that gets deeper."""
    directory.mkdir()
    domain = build_domain(MESH_KINDS[kind](**keys), MPI.COMM_SELF)
    space = fem.functionspace(domain.mesh, ("Lagrange", 1))
    decay = np.exp(-np.abs(space.tabulate_dof_coordinates()[:, 0]))
    writer = FieldWriter(directory, domain, space)
    for number, time in enumerate(times):
        depth = (number + 1) / len(times) * decay
        writer.write(
            {
                tag: {"phi_V": 0.2 * depth, "c_per_nm3": (1 + BOTH.index(tag)) * (1.0 - 0.9 * depth)}
                for tag in BOTH
            },
            time,
        )
    summary = {"title": "x", "dimension": keys["dimension"], "time_final_s": times[-1]}
    write_summary(directory / "summary.json", summary)
    return directory
