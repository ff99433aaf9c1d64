"""Section: exchange current densities and what the interfaces cost, measured against computed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from scl_fem.constants import NM2_PER_CM2, ROOM_TEMPERATURE, SIEMENS_PER_CM, thermal_energy
from scl_fem.materials import load_material
from scl_fem.physics.exchange import exchange_current_density, interface_resistance
from scl_fem.reproduce.cheng2020.figures import draw_interface_resistances
from scl_fem.reproduce.cheng2020.layers import LEVEL, Layer
from scl_fem.reproduce.cheng2020.printed import (
    ELECTROLYTE_RESISTANCE,
    ELECTROLYTE_UM,
    EXCHANGING,
    GRAIN_NM,
    LAGP_CONDUCTIVITY_ASSUMED,
    LAGP_CONDUCTIVITY_MEASURED,
    LI02,
    LI1,
    LONGEST_MIXING_TIME,
    PARTICLE_NM,
    SAMPLES,
    TABLE_S2,
    Sample,
)
from scl_fem.reproduce.report import Cell, Number, Picture, Section, Table

LITHIUM_PER_NM3 = TABLE_S2["LVO"]["c_max"] / 2.0
"""c in e c (V/A): x = 1 of LixV2O5, where c_max is x = 2."""

VOLUME_PER_AREA_NM = GRAIN_NM / 2.0
"""V/A of half a grain of LixV2O5."""

MS = 1e3


def currents_section(layers: Mapping[str, Layer]) -> Section:
    """Exchange current densities, Horvai's resistances, comparison with electrolyte and with the layers.

    Args:
        layers: in the default reading.
    """
    return Section(
        "resistances",
        "Exchange current densities and interface resistances",
        text=(
            "j_0 = e c (V/A) (exchanged fraction)/t. The paper prints neither c nor V/A; c = c_max/2 of "
            "LixV2O5 and V/A = 10 nm, half a 20 nm grain, give its 0.77 and 0.41 mA/cm² from its 57 % and "
            "30 % in 1 s: this reading was found from those two numbers. R = RT/(n F j_0) with n = 1 "
            "(Horvai 1991).",
            "Both are averages over 1 s of an exchange that slows down: the exchange current density of "
            "the interface itself is larger, by an amount that the printed data do not tell.",
        ),
        numbers=(
            *(number for sample in SAMPLES for number in _numbers(sample)),
            *_electrolyte(),
            *_measured_over_computed(layers),
        ),
        tables=(_readings(),),
        pictures=(
            Picture(
                "interface_resistances",
                "Interface resistances from exchange NMR (here RT/(n F j_0) of the printed j_0), and of "
                "the space-charge layers by concentration alone, on a logarithmic axis.",
                partial(
                    draw_interface_resistances,
                    {sample.name: _horvai(sample.current) for sample in SAMPLES},
                    {name: layer.resistance[LEVEL] for name, layer in layers.items()},
                    {sample.name: sample.layer_resistance for sample in SAMPLES},
                ),
            ),
        ),
    )


def background_fraction(current: float) -> float:
    """Exchanged fraction in 1 s that amounts to an exchange current density.

    Args:
        current: mA/cm^2.
    """
    return current / _current(1.0)


def table_conductivity() -> float:
    """Conductivity of LAGP from D* and c_0 of Table S2, S/cm: e^2 D c/kT."""
    entries = TABLE_S2["LAGP"]
    diffusivity = entries["diffusivity"] * NM2_PER_CM2
    return diffusivity * entries["bulk_concentration"] / thermal_energy(ROOM_TEMPERATURE) * SIEMENS_PER_CM


def _current(exchanged: float) -> float:
    return float(
        exchange_current_density(exchanged, LONGEST_MIXING_TIME, LITHIUM_PER_NM3, VOLUME_PER_AREA_NM)
    )


def _horvai(current: float) -> float:
    return float(interface_resistance(current, ROOM_TEMPERATURE))


def _numbers(sample: Sample) -> list[Number]:
    key, name = f"resistances.{sample.name}", sample.name
    resistance = Number(
        f"{key}.resistance_ohm_cm2",
        f"{name}: R = RT/(nF j_0)",
        "Ω cm²",
        sample.resistance,
        _horvai(sample.current),
        "closed form",
        "from the printed j_0"
        if sample.exchange
        else f"188 needs j_0 = {_horvai(1.0) / sample.resistance:.3f} mA/cm²",
    )
    if sample.exchange is None:
        fraction = background_fraction(sample.current)
        of_188 = background_fraction(_horvai(1.0) / sample.resistance)
        current = Number(
            f"{key}.exchange_current_density_mA_per_cm2",
            f"{name}: j_0",
            "mA/cm²",
            sample.current,
            None,
            "",
            f"a bound from the background signal: {100 * fraction:.1f} % exchanged in 1 s (188 Ω cm²: "
            f"{100 * of_188:.1f} %)",
            f"at most {sample.current:g}",
        )
        return [current, resistance]
    from_fraction = _current(sample.exchange.exchanged)
    return [
        Number(
            f"{key}.exchange_current_density_mA_per_cm2",
            f"{name}: j_0",
            "mA/cm²",
            sample.current,
            from_fraction,
            "closed form",
            f"from {100 * sample.exchange.exchanged:g} % in 1 s",
        ),
        resistance,
    ]


def _electrolyte() -> list[Number]:
    thickness = ELECTROLYTE_UM * 1e-4
    rows = (
        ("assumed", LAGP_CONDUCTIVITY_ASSUMED, ELECTROLYTE_RESISTANCE, "the paper's assumption"),
        ("measured", LAGP_CONDUCTIVITY_MEASURED, None, "the paper's own impedance"),
        ("table", table_conductivity(), None, "from D* and c_0 of Table S2"),
    )
    numbers = [
        Number(
            f"resistances.LAGP_100um_{key}_ohm_cm2",
            f"100 µm of LAGP at {MS * conductivity:.3g} mS/cm",
            "Ω cm²",
            paper,
            thickness / conductivity,
            "closed form",
            note,
        )
        for key, conductivity, paper, note in rows
    ]
    conductivity = Number(
        "resistances.LAGP_conductivity_mS_per_cm",
        "LAGP: bulk conductivity as prepared",
        "mS/cm",
        MS * LAGP_CONDUCTIVITY_MEASURED,
        MS * table_conductivity(),
        "closed form",
        "e² D* c_0/kT of Table S2 disagrees with the paper's impedance",
    )
    return [conductivity, *numbers]


def _measured_over_computed(layers: Mapping[str, Layer]) -> list[Number]:
    return [
        Number(
            f"resistances.{sample.name}.measured_over_computed",
            f"{sample.name}: measured R over that of the layer",
            "",
            sample.resistance / sample.layer_resistance,
            _horvai(sample.current) / layers[sample.name].resistance[LEVEL],
            "solved",
            'the paper says "five orders of magnitude"; its own numbers are the ratio shown',
        )
        for sample in SAMPLES
        if sample.layer_resistance > 0.0
    ] + [
        Number(
            "resistances.Li0.2V2O5.added_by_the_layer_ohm_cm2",
            "what the space-charge layer adds: Li0.2V2O5 less LiV2O5",
            "Ω cm²",
            LI02.resistance - LI1.resistance,
            _horvai(LI02.current) - _horvai(LI1.current),
            "closed form",
            "for Li2V2O5 the same difference is 30 Ω cm²",
            "more than 100",
        )
    ]


def _readings() -> Table:
    lvo = load_material("LVO")
    lagp = TABLE_S2["LAGP"]["bulk_concentration"]
    occupancies = {s.name: lvo.composition.occupancy_at(s.x) for s in EXCHANGING}  # type: ignore[union-attr]
    c_max = TABLE_S2["LVO"]["c_max"]

    def own(sample: Sample) -> float:
        return occupancies[sample.name] * c_max

    readings = (
        (
            "c_max/2 of LixV2O5, V/A = 10 nm (the paper's numbers)",
            lambda s: LITHIUM_PER_NM3,
            VOLUME_PER_AREA_NM,
        ),
        ("c_0 of each LixV2O5, V/A = 10 nm", own, VOLUME_PER_AREA_NM),
        ("c_0 of each LixV2O5, V/A = 20/6 nm of a whole grain", own, GRAIN_NM / 6.0),
        ("c_0 of LAGP, V/A = 110/6 nm of a whole particle", lambda s: lagp, PARTICLE_NM / 6.0),
    )
    rows: list[tuple[Cell, ...]] = []
    for label, concentration, volume_per_area in readings:
        cells: list[Cell] = []
        for sample in EXCHANGING:
            fraction = sample.seen_exchange.exchanged
            current = float(
                exchange_current_density(
                    fraction, LONGEST_MIXING_TIME, concentration(sample), volume_per_area
                )
            )
            cells += [current, _horvai(current)]
        rows.append((label, *cells))
    columns = [f"{s.name}: {what}" for s in EXCHANGING for what in ("j_0 (mA/cm²)", "R (Ω cm²)")]
    return Table(
        "current_readings",
        "j_0 and R from 57 % and 30 % in 1 s, by whose Li and which geometry is meant",
        ("reading", *columns),
        tuple(rows),
    )
