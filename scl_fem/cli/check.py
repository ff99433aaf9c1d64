"""scl-fem check: validate a case, solve nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scl_fem.cli.options import CaseFile, Debug, Overrides, UnsafePetscOptions

if TYPE_CHECKING:
    from scl_fem.case import Case
    from scl_fem.materials.carrier import CarrierSettings


def check(
    case_file: CaseFile,
    overrides: Overrides = [],  # noqa: B006  (typer wants the default itself)
    unsafe_petsc_options: UnsafePetscOptions = False,
    debug: Debug = False,
) -> None:
    """Check a case; print it, every default written out."""
    from scl_fem.case import dump_case
    from scl_fem.cli.case import blaming, built_mesh, resolved_case
    from scl_fem.mesh.size import MeshSize

    case = resolved_case(case_file, overrides, unsafe_petsc_options=unsafe_petsc_options)
    with blaming(case_file):
        remarks = check_physics(case)
    with blaming(case_file):
        size = case.mesh.check_size()
    if size is None:  # only the file itself tells
        mesh = built_mesh(case, case_file)
        with blaming(case_file):
            case.expect_terminals(mesh)
            case.expect_interfaces(mesh)
        remarks += mesh.remarks
        size = MeshSize(len(mesh.cells), len(mesh.points), mesh.cell_type, mesh.dimension)
    print(dump_case(case))
    print(f"# mesh: {size.points} points, {size.cells} cells ({size.cell_type})")
    order = case.solver.order
    memory = size.memory(order) / 1e9
    print(
        f"# potential: {size.unknowns(order)} unknowns; an equilibrium takes about {memory:.2g} GB of memory"
    )
    for remark in remarks:
        print(f"# note: {remark}")
    print("\n".join(f"# {line}" for line in derived_facts(case)))


def check_physics(case: Case) -> list[str]:
    """Build the physics of the phases, as a run does, to see that it can be built.

    Args:
        case: resolved.

    Returns:
        What a run would remark of them before anything is solved.

    Raises:
        InputError: a phase separates at the temperature of the case, or lacks a property.
    """
    if case.phase is None:
        return []
    from scl_fem.case.not_yet import refuse_unsolved
    from scl_fem.studies.phases import phase_remarks, phases_of

    refuse_unsolved(case)
    phases_of(case)
    return phase_remarks(case)


def derived_facts(case: Case) -> list[str]:
    """Lines about what follows from a resolved case without solving it.

    Args:
        case: resolved.
    """
    from scl_fem.case.components import carriers_of

    if case.phase is None:
        return []
    voltage, lines = {}, []
    for name, phase in case.phase.tables.items():
        material = case.materials[phase.material]
        level = "" if phase.voltage is None else f", {phase.voltage:g} V against Li"
        voltage[name] = phase.voltage
        for carrier in carriers_of(material, phase.occupancy):
            called = "" if material.carriers is None else f", {carrier.name}"
            lines.append(f"{name}: {phase.material}{called}, {_filling(carrier)}{level}")
            level = ""
    electrode, electrolyte = voltage.get("electrode"), voltage.get("electrolyte")
    if electrode is not None and electrolyte is not None:
        lines.append(f"potential step: {electrode - electrolyte:.6g} V")
    return lines


def _filling(carrier: CarrierSettings) -> str:
    """How many of a carrier the neutral bulk has, in words."""
    if carrier.energy is not None:
        return f"E = {carrier.energy:.6g} eV"
    full = carrier.bulk_occupancy or 0.0
    concentration = full * carrier.sites if carrier.sites else carrier.concentration
    of_sites = f"x_0 = {full:.6g}, " if carrier.sites else ""
    return f"{of_sites}c_0 = {concentration:.6g} 1/nm^3"
