"""The key numbers of a result as text: for the terminal, and for who looks at it in Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_SIDES = ("electrode", "electrolyte")

# Label and key of the numbers that each side has; the third is the key of their sum, if there is one.
_BY_SIDE = (
    ("occupancy in the bulk", "occupancy_bulk", None),
    ("occupancy at the interface", "occupancy_interface", None),
    ("layer charge (e/nm^2)", "layer_charge_e_per_nm2", None),
    ("layer thickness (nm)", "thickness_nm", "layer_thickness_nm"),
    ("layer resistance (ohm cm^2)", "layer_resistance_ohm_cm2", "layer_resistance_ohm_cm2"),
    ("excess over the bulk (ohm cm^2)", "excess_resistance_ohm_cm2", "excess_resistance_ohm_cm2"),
)

_BY_CONTACT = (
    ("potential (V)", "potential_V"),
    ("charge (e/nm^2)", "charge_e_per_nm2"),
    ("C (uF/cm^2)", "capacitance_uF_per_cm2"),
)
"""Heading and key of the numbers that each contact has."""

_NO_CHARGE = 1e-12
"""e/nm^2: where a layer has died away, what is left of it is of no interest on screen."""

_PARTS = ("total", "bulk", "interface")
"""Of the resistance of a component."""

_WHOLE = (
    ("potential step (V)", "potential_step_V"),
    ("potential at the interface (V)", "interface_potential_V"),
    ("cell voltage (V)", "cell_voltage_V"),
    ("capacitance (uF/cm^2)", "capacitance_uF_per_cm2"),
    ("total resistance (ohm cm^2)", "total_resistance_ohm_cm2"),
    ("bulk resistance (ohm cm^2)", "bulk_resistance_ohm_cm2"),
    ("interface resistance (ohm cm^2)", "interface_resistance_ohm_cm2"),
    ("change of total Li (relative)", "lithium_error"),
    ("net charge (relative)", "charge_error"),
    ("time at the end (s)", "time_final_s"),
    ("tagged Li that remains", "remaining_final"),
    ("closed form", "analytic_remaining_final"),
    ("largest error against it", "max_error_against_analytic"),
    ("remains at equilibrium", "plateau_remaining"),
    ("change of tagged Li (relative)", "tagged_error"),
)

_CHECKS = {
    "lithium_error",
    "charge_error",
    "tagged_error",
    "max_error_against_analytic",
}
"""Keys of numbers that say how far to trust the others."""

_OHM = " (ohm cm^2)"

_SHORT = 10
"""Lines of a result that is looked at."""

_WIDE = 100
"""Characters of a remark there."""

_EFFORT = (("newton_iterations", "Newton steps"), ("steps", "time steps"))


def summary_lines(summary: Mapping[str, Any]) -> list[str]:
    """Lines of text: what was solved, then a table of what came out, then what should be known of it.

    Args:
        summary: as in summary.json.
    """
    lines = [heading(summary), ""]
    rows = [(label, _shown(summary[key]), "", "") for label, key in _whole_of(summary)]
    level = f"{100 * summary.get('layer_level', 0.0):g}%"
    if all(side in summary for side in _SIDES):
        rows += _table_of("", {side: summary[side] for side in _SIDES}, summary, level)
    else:
        interfaces = summary.get("interfaces", {})
        if len(interfaces) == 1:
            name, interface = next(iter(interfaces.items()))
            sides = {side: interface[side] for side in name.split("|")}
            rows += _table_of(name, sides, interface, level)
    lines += _aligned(rows)
    if not all(side in summary for side in _SIDES):
        lines += _tables_of_parts(summary, level)
    for rows_of_part in (_components(summary.get("components", {})), _contacts(summary.get("contacts", {}))):
        lines += ["", *_aligned(rows_of_part)] if rows_of_part else []
    remarks = summary.get("remarks", ())
    if remarks:
        lines += ["", *(f"remark: {text}" for text in remarks)]
    return [line.rstrip() for line in lines]


def short_lines(summary: Mapping[str, Any], most: int = _SHORT) -> list[str]:
    """What matters most of a result in a few lines: what was solved, its numbers, what should be known of it.

    Args:
        summary: as in summary.json.
        most: lines.
    """
    remarks = list(summary.get("remarks", ()))
    lines = [heading(summary)]
    rows = key_numbers(summary)[: most - 1 - bool(remarks)]
    width = max((len(label) for label, _ in rows), default=0)
    lines += [f"  {label:{width}}  {number}" for label, number in rows]
    if remarks:
        more = f" (and {len(remarks) - 1} more: .remarks)" if len(remarks) > 1 else ""
        first = " ".join(str(remarks[0]).split())
        lines.append(f"  remark: {first if len(first) <= _WIDE else first[: _WIDE - 3] + '...'}{more}")
    return lines


def key_numbers(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label and value of the numbers that a study is about, those that check it last.

    Args:
        summary: as in summary.json.
    """
    sums = [(label, key) for label, _, key in _BY_SIDE if key is not None]
    whole = _whole_of(summary)
    checks = [row for row in whole if row[1] in _CHECKS]
    ordered = [*(row for row in whole if row not in checks), *sums, *checks]
    found = [(label, _shown(summary[key])) for label, key in ordered if key in summary]
    contacts = [
        (f"{name}: {label}", _shown(numbers[key]))
        for name, numbers in summary.get("contacts", {}).items()
        for label, key in _BY_CONTACT[1:]
        if "capacitance_uF_per_cm2" in numbers
    ]
    if any(key in summary for _, key in sums):
        return contacts + found
    by_interface = [
        (f"{label[: -len(_OHM)]} at {name}{_OHM}", _shown(interface[key]))
        for label, key in sums
        if label.endswith(_OHM)
        for name, interface in summary.get("interfaces", {}).items()
    ]
    return contacts + found[: len(found) - len(checks)] + by_interface + found[len(found) - len(checks) :]


def _whole_of(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label and key of the numbers of the whole cell that there are; its voltage where it is not the step."""
    return [
        (label, key)
        for label, key in _WHOLE
        if key in summary and not (key == "cell_voltage_V" and "potential_step_V" in summary)
    ]


def heading(summary: Mapping[str, Any]) -> str:
    """What was solved, how large it is and how long it took.

    Args:
        summary: as in summary.json.
    """
    efforts = [f"{summary[key]} {name}" for key, name in _EFFORT if key in summary]
    size = f"{summary['dimension']}D, {summary['dofs']} unknowns"
    time = f"{summary['wall_time_s']:.2f} s"
    return f"{summary['title']}: {', '.join([summary['study'], size, *efforts, time])}"


def _table_of(
    name: str, sides: Mapping[str, Any], totals: Mapping[str, Any], level: str
) -> list[tuple[str, str, str, str]]:
    """What the two sides of an interface amount to: a head, then a row for each number.

    Args:
        name: of the interface, "" where there is one only.
        sides: numbers of each side.
        totals: holds their sums.
        level: that the thickness is given at, "25%".
    """
    indent = "  " if name else ""
    rows = [(name, *sides, "both")]
    for label, key, sum_key in _BY_SIDE:
        numbers = [side.get(key) for side in sides.values()]
        if key == "thickness_nm":
            label, numbers = f"{label[:-5]} at {level} (nm)", [by_level.get(level) for by_level in numbers]
        both = _shown(totals[sum_key]) if sum_key else ""
        rows.append((indent + label, *map(_shown, numbers), both))
    return rows  # type: ignore[return-value]


def _tables_of_parts(summary: Mapping[str, Any], level: str) -> list[str]:
    """Of more than two phases: a row for each phase, and a row for each side of each interface."""
    phases, interfaces = summary.get("phases", {}), summary.get("interfaces", {})
    if len(interfaces) < 2:
        return []
    bulks = [("", "potential (V)", "occupancy of each carrier in the bulk")]
    for name, phase in phases.items():
        occupancies = [
            f"{carrier} {_shown(numbers['occupancy_bulk'])}" for carrier, numbers in phase["carriers"].items()
        ]
        bulks.append((name, _shown(phase["bulk_potential_V"]), ", ".join(occupancies)))
    sides = [("", *(_headline(key, level) for _, key, _ in _BY_SIDE[1:]))]
    for name, interface in interfaces.items():
        sides.append((name, *(_shown(interface[total]) if total else "" for _, _, total in _BY_SIDE[1:])))
        for side in name.split("|"):
            numbers = interface[side] | {"thickness_nm": interface[side]["thickness_nm"].get(level)}
            sides.append((f"  {side}", *(_shown(numbers.get(key)) for _, key, _ in _BY_SIDE[1:])))
    return ["", *_aligned(bulks), "", *_aligned(sides)]


def _headline(key: str, level: str) -> str:
    """What heads the column of a number of one side."""
    return {
        "occupancy_interface": "occupancy",
        "layer_charge_e_per_nm2": "charge (e/nm^2)",
        "thickness_nm": f"layer at {level} (nm)",
        "layer_resistance_ohm_cm2": "its R (ohm cm^2)",
        "excess_resistance_ohm_cm2": "excess R (ohm cm^2)",
    }[key]


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows of a table as lines."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]


def _components(components: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """A row for each component with its resistances, below a head."""
    if not components:
        return []
    rows: list[tuple[str, ...]] = [("resistance (ohm cm^2)", *_PARTS)]
    for name, numbers in components.items():
        rows.append((f"  {name}", *(_shown(numbers[f"{part}_resistance_ohm_cm2"]) for part in _PARTS)))
    return rows


def _contacts(contacts: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """A row for each contact at which something happens, below a head."""
    if not contacts:
        return []
    columns = [heading for heading, _ in _BY_CONTACT]
    rows: list[tuple[str, ...]] = [("contacts", *columns)]
    for name, numbers in contacts.items():
        charge = numbers.get("charge_e_per_nm2")
        if charge is not None and abs(charge) < _NO_CHARGE:
            numbers = {**numbers, "charge_e_per_nm2": 0.0}
        rows.append((f"  {name}", *(_shown(numbers.get(key)) for _, key in _BY_CONTACT)))
    if any("exchanges" in numbers for numbers in contacts.values()):
        told = [
            ", ".join(numbers["exchanges"]) or "nothing" if "exchanges" in numbers else "everything"
            for numbers in contacts.values()
        ]
        rows = [(*row, what) for row, what in zip(rows, ("exchanges", *told), strict=True)]
    return rows


def _shown(number: float | None) -> str:
    return "-" if number is None else f"{number:.4g}"
