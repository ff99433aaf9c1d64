"""Pairs at the edge of the physics: phases with next to no ions, depleted through and through, far apart."""

import scl_fem

FULL = {"c_max": 20.0, "permittivity": 12.0, "diffusivity": 1e-10}
GLASS = {"c_max": 25.0, "permittivity": 20.0, "diffusivity": 1e-9}


def pair(left, right, mesh, *, materials=(FULL, GLASS), study="equilibrium", **tables):
    """A case of two ideal phases, each an (occupancy, voltage)."""
    sides = {"electrode": left, "electrolyte": right}
    names = ("A", "B")
    return scl_fem.Case(
        study={"kind": study} if isinstance(study, str) else study,
        mesh={"kind": "planar", "dimension": 1, **mesh},
        phase={
            side: {"material": name, "occupancy": occupancy, "voltage": voltage}
            for name, (side, (occupancy, voltage)) in zip(names, sides.items(), strict=True)
        },
        materials=dict(zip(names, materials, strict=True)),
        **tables,
    )


THIN = {"electrode_thickness": 10.0, "electrolyte_thickness": 10.0}
PARTICLE = {"kind": "particle", "radius": 5.0, "interface_size": 0.3, "growth": 1.6}


def few_carriers(occupancy=1e-6, thickness=10.0, **options):
    """A closed electrolyte thinner than its screening length, which is 33 nm at an occupancy of 1e-6."""
    mesh = {**THIN, "electrolyte_thickness": thickness, **options.pop("mesh", {})}
    return pair((0.5, 3.5), (occupancy, 3.0), mesh, **options)


def depleted(dimension, mesh=None, **options):
    """A particle with little Li: it is depleted through and through."""
    kind = PARTICLE if dimension > 1 else {"electrode_thickness": 1.66, "electrolyte_thickness": 10.0}
    return pair((0.001, 2.5), (0.4, 3.0), {**kind, "dimension": dimension, **(mesh or {})}, **options)
