"""Phases, materials and the smaller tables of a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from scl_fem.case.exsy import ExsySettings
from scl_fem.case.output import OutputSettings
from scl_fem.case.phases import PhaseSettings
from scl_fem.case.transport import InitialSettings
from scl_fem.constructors.making import Quantity, constructor, made
from scl_fem.errors import InputError
from scl_fem.materials import curves
from scl_fem.materials import material as materials
from scl_fem.materials.carrier import CarrierSettings
from scl_fem.physics.functions import DefectFunction, DiffusivityFunction
from scl_fem.solvers.settings import SolverSettings


@constructor
def Phase(
    material: str,
    *,
    composition: Quantity | None = None,
    occupancy: Quantity | Literal["from-voltage"] | None = None,
    voltage: Quantity | None = None,
    thermodynamics: Literal["regular-solution", "open-circuit"] | None = None,
    reference: str | None = None,
    energy_shift: Mapping[str, Quantity] | None = None,
    energy_decay: Mapping[str, tuple[Quantity, Quantity]] | None = None,
    energy_profile: str | None = None,
    diffusivity_factor: Quantity | None = None,
    sites_factor: Quantity | None = None,
) -> PhaseSettings:
    """One phase: its material, the state of its neutral bulk, what shifts the energies of its carriers.

    Args:
        material: name of a material of the library, or of one of the case's own.
        composition: x of the formula, mapped to x_0 by the material's table; or
        occupancy: x_0 itself, or "from-voltage": the open-circuit curve inverted.
        voltage: V against Li/Li+; the material's, or that of its open-circuit curve, unless given.
        thermodynamics: law mu(x); the material's, else "regular-solution".
        reference: phase whose levels and fixed charge this one has.
        energy_shift: eV by carrier, everywhere in the phase.
        energy_decay: eV and nm by carrier: E exp(-d/length) at the distance d from its interfaces.
        energy_profile: path of a table: z_nm, then a column of eV by carrier.
        diffusivity_factor: multiplies the diffusivities; 1.
        sites_factor: multiplies the sites; 1.

    Raises:
        InputError: a value is wrong.
    """
    return made(
        PhaseSettings,
        material=material,
        composition=composition,
        occupancy=occupancy,
        voltage=voltage,
        thermodynamics=thermodynamics,
        reference=reference,
        energy_shift=energy_shift,
        energy_decay=energy_decay,
        energy_profile=energy_profile,
        diffusivity_factor=diffusivity_factor,
        sites_factor=sites_factor,
    )


@constructor
def Carrier(
    name: str,
    *,
    component: str | None = None,
    amount: Literal[1, -1] | None = None,
    charge: int | None = None,
    statistics: Literal["lattice", "dilute", "fermi"] | None = None,
    shared: str | None = None,
    sites: Quantity | None = None,
    occupancy: Quantity | None = None,
    energy: Quantity | None = None,
    concentration: Quantity | None = None,
    regular_solution: Quantity | None = None,
    defect_energy: Quantity | None = None,
    defect_law: str | DefectFunction | None = None,
    defect_floor: Quantity | None = None,
    diffusivity: Quantity | None = None,
    diffusivity_min: Quantity | None = None,
    diffusivity_law: str | DiffusivityFunction | None = None,
    diffusivity_activation_energy: Quantity | None = None,
    reference_temperature: Quantity | None = None,
    frozen: bool | None = None,
    frozen_at: Quantity | None = None,
) -> CarrierSettings:
    """One carrier of a material: a way in which it holds a component.

    Args:
        name: for paths and results.
        component: what it holds: "Li+", "O2-", "e-" or one of the case's own.
        amount: 1 (interstitial, ion on its lattice, electron) or -1 (vacancy, hole); 1.
        charge: charge number of the carrier; defines a component that is not known.
        statistics: "lattice", "dilute" or "fermi"; "lattice".
        shared: name of a group of carriers that compete for the same sites.
        sites: 1/nm^3.
        occupancy: y_0 of the neutral bulk; or
        energy: formation energy there, eV; or
        concentration: 1/nm^3.
        regular_solution: Omega, eV; 0.
        defect_energy: E_M, eV.
        defect_law: name of a law of interacting defects, or a function entered with `defect_law`.
        defect_floor: s of the cube-root law; 1e-6.
        diffusivity: D* at the reference temperature, cm^2/s.
        diffusivity_min: D_min, cm^2/s; 0.
        diffusivity_law: name of a law D(y), or a function entered with `diffusivity`.
        diffusivity_activation_energy: eV; 0.
        reference_temperature: at which the diffusivities hold, K; 298.15.
        frozen: true: it cannot move and is spread evenly; or
        frozen_at: K, it keeps the distribution that it had there.

    Raises:
        InputError: a value is wrong.
    """
    return made(
        CarrierSettings,
        name=name,
        component=component,
        amount=amount,
        charge=charge,
        statistics=statistics,
        shared=shared,
        sites=sites,
        occupancy=occupancy,
        energy=energy,
        concentration=concentration,
        regular_solution=regular_solution,
        defect_energy=defect_energy,
        defect_law=defect_law,
        defect_floor=defect_floor,
        diffusivity=diffusivity,
        diffusivity_min=diffusivity_min,
        diffusivity_law=diffusivity_law,
        diffusivity_activation_energy=diffusivity_activation_energy,
        reference_temperature=reference_temperature,
        frozen=frozen,
        frozen_at=frozen_at,
    )


@constructor
def Material(
    name: str | None = None,
    *,
    c_max: Quantity | None = None,
    occupancy: Quantity | None = None,
    bulk_concentration: Quantity | None = None,
    voltage: Quantity | None = None,
    permittivity: Quantity | None = None,
    regular_solution: Quantity | None = None,
    defect_energy: Quantity | None = None,
    defect_law: str | DefectFunction | None = None,
    defect_floor: Quantity | None = None,
    diffusivity: Quantity | None = None,
    diffusivity_min: Quantity | None = None,
    diffusivity_law: str | DiffusivityFunction | None = None,
    diffusivity_activation_energy: Quantity | None = None,
    reference_temperature: Quantity | None = None,
    thermodynamics: Literal["regular-solution", "open-circuit"] | None = None,
    carriers: Sequence[CarrierSettings] | None = None,
    levels: Mapping[str, Quantity] | None = None,
    fixed_charge: Quantity | None = None,
    composition: curves.CompositionTable | Mapping[str, object] | None = None,
    open_circuit: curves.OpenCircuitCurve | curves.OpenCircuitFunction | Mapping[str, object] | None = None,
    formula: str | None = None,
    description: str | None = None,
    notes: str | None = None,
    sources: Mapping[str, str] | None = None,
) -> materials.Material:
    """A material of the case's own, or numbers that go before those of the library.

    Args:
        name: of the material; that of the table that it stands in, unless given.
        c_max: sites of the mobile ion, 1/nm^3.
        occupancy: default x_0 of the neutral bulk; or
        bulk_concentration: c_0, 1/nm^3: x_0 = c_0/c_max.
        voltage: V against Li/Li+ of the neutral bulk; goes before the open-circuit curve.
        permittivity: relative to vacuum.
        regular_solution: Omega, eV; 0.
        defect_energy: E_M, eV per ion.
        defect_law: name of a law of interacting defects, or a function entered with `defect_law`.
        defect_floor: s of the cube-root law; 1e-6.
        diffusivity: D* at the reference temperature, cm^2/s.
        diffusivity_min: D_min, cm^2/s; 0.
        diffusivity_law: name of a law D(x), or a function entered with `diffusivity`.
        diffusivity_activation_energy: eV; 0.
        reference_temperature: at which the diffusivities hold, K; 298.15.
        thermodynamics: law mu(x); "regular-solution".
        carriers: `Carrier(...)` each, in place of the keys of one carrier of Li+.
        levels: eV by component but Li+.
        fixed_charge: e/nm^3; what makes the bulk neutral.
        composition: how x of the formula maps to occupancy.
        open_circuit: V against Li/Li+ as a table, or as a function of the occupancy.
        formula: for people.
        description: for people.
        notes: for people.
        sources: where each number was read, by key.

    Raises:
        InputError: a value is wrong.
    """
    return made(
        materials.Material,
        name=name,
        c_max=c_max,
        occupancy=occupancy,
        bulk_concentration=bulk_concentration,
        voltage=voltage,
        permittivity=permittivity,
        regular_solution=regular_solution,
        defect_energy=defect_energy,
        defect_law=defect_law,
        defect_floor=defect_floor,
        diffusivity=diffusivity,
        diffusivity_min=diffusivity_min,
        diffusivity_law=diffusivity_law,
        diffusivity_activation_energy=diffusivity_activation_energy,
        reference_temperature=reference_temperature,
        thermodynamics=thermodynamics,
        carriers=carriers,
        levels=levels,
        fixed_charge=fixed_charge,
        composition=composition,
        open_circuit=open_circuit,
        formula=formula,
        description=description,
        notes=notes,
        sources=sources,
    )


@constructor
def OpenCircuit(
    function: curves.OpenCircuitFunction | None = None,
    *,
    between: tuple[float, float] | None = None,
    occupancy: Sequence[Quantity] | None = None,
    voltage: Sequence[Quantity] | None = None,
) -> curves.OpenCircuitCurve:
    """An open-circuit curve: a function of the occupancy, or a table that is read linearly.

    Args:
        function: V against Li/Li+ of an occupancy; becomes a table that is right to 0.01 mV.
        between: lowest and highest occupancy of the function; 0.001 and 0.999.
        occupancy: of the table, increasing.
        voltage: at each, V against Li/Li+.

    Raises:
        InputError: a value is wrong, or the function does not give finite numbers or jumps.
    """
    if function is None:
        return made(curves.OpenCircuitCurve, occupancy=occupancy, voltage=voltage)
    if occupancy is not None or voltage is not None:
        raise InputError("a function and a table both say the curve", allowed="one of the two")
    return curves.OpenCircuitCurve.of_function(function, *([] if between is None else [between]))


@constructor
def Output(
    *, fields: bool | None = None, figures: bool | None = None, layer_level: Quantity | None = None
) -> OutputSettings:
    """What a run leaves behind, and what counts as the layer.

    Args:
        fields: fields for ParaView; true.
        figures: PNG figures; true.
        layer_level: the layer is where |c - c_0| > layer_level c_0; 0.25.

    Raises:
        InputError: a value is wrong.
    """
    return made(OutputSettings, fields=fields, figures=figures, layer_level=layer_level)


@constructor
def Solver(
    *,
    order: Literal[1, 2] | None = None,
    linear: Literal["auto", "direct", "iterative"] | None = None,
    tolerance: float | None = None,
    max_iterations: int | None = None,
    petsc: Mapping[str, str | int | float | bool] | None = None,
) -> SolverSettings:
    """How the equations are discretised and solved.

    Args:
        order: polynomial degree of the elements; 1.
        linear: "direct" (MUMPS), "iterative" (preconditioned Krylov methods), or "auto".
        tolerance: of Newton's method, relative to the layer's charge; 1e-11.
        max_iterations: of one Newton solve; 100.
        petsc: options for PETSc's solvers, without the leading dash.

    Raises:
        InputError: a value is wrong.
    """
    return made(
        SolverSettings,
        order=order,
        linear=linear,
        tolerance=tolerance,
        max_iterations=max_iterations,
        petsc=petsc,
    )


@constructor
def Initial(
    state: Literal["neutral", "equilibrium", "checkpoint"] | None = None, *, checkpoint: str | None = None
) -> InitialSettings:
    """What a transient starts from.

    Args:
        state: each phase at its bulk, just put in contact ("neutral"); or relaxed ("equilibrium"); or that of
            `checkpoint`.
        checkpoint: path of a checkpoint.npz on the same mesh.

    Raises:
        InputError: a value is wrong.
    """
    return made(InitialSettings, state=state, checkpoint=checkpoint)


@constructor
def TaggedExchange(
    *,
    diffusivity: Quantity | None = None,
    particle_diffusivity: Quantity | None = None,
    surroundings_diffusivity: Quantity | None = None,
    surroundings: Literal["infinite", "finite"] | None = None,
    surroundings_fraction: Quantity | None = None,
    particle_concentration: Quantity | None = None,
    surroundings_concentration: Quantity | None = None,
    permeability: Quantity | Literal["inf"] | None = None,
    interphase_thickness: Quantity | None = None,
    interphase_diffusivity: Quantity | None = None,
) -> ExsySettings:
    """Diffusion and contact of a tagged particle and what surrounds it: the table [exsy].

    Args:
        diffusivity: one effective D everywhere, cm^2/s; or the two that follow.
        particle_diffusivity: cm^2/s.
        surroundings_diffusivity: cm^2/s.
        surroundings: "finite" where the tagged Li may come to their end; "infinite".
        surroundings_fraction: share of the volume that finite surroundings take.
        particle_concentration: Li per volume of the particle, 1/nm^3.
        surroundings_concentration: 1/nm^3.
        permeability: P of the interface, cm/s; "inf".
        interphase_thickness: of a layer between particle and surroundings, nm.
        interphase_diffusivity: D in that layer, cm^2/s.

    Raises:
        InputError: a value is wrong.
    """
    return made(
        ExsySettings,
        diffusivity=diffusivity,
        particle_diffusivity=particle_diffusivity,
        surroundings_diffusivity=surroundings_diffusivity,
        surroundings=surroundings,
        surroundings_fraction=surroundings_fraction,
        particle_concentration=particle_concentration,
        surroundings_concentration=surroundings_concentration,
        permeability=permeability,
        interphase_thickness=interphase_thickness,
        interphase_diffusivity=interphase_diffusivity,
    )
