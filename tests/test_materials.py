"""Materials: the library, overriding it, and what is absent."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from scl_fem.errors import InputError
from scl_fem.materials import CompositionTable, Material, OpenCircuitCurve, library, load_material

NUMBERS = [
    key
    for key in Material.model_fields
    if key not in {"name", "formula", "description", "notes", "sources", "defect_law", "diffusivity_law"}
]


@pytest.mark.parametrize("name", library())
def test_every_number_of_the_library_has_a_source(name):
    material = load_material(name)
    assert material.name == name
    given_numbers = {key for key in NUMBERS if getattr(material, key) is not None}
    assert given_numbers == set(material.sources)
    assert all(len(text) > 20 for text in material.sources.values())


@pytest.mark.parametrize("name", library())
def test_the_library_is_physical(name):
    material = load_material(name).resolved()
    assert 1 < material.c_max < 100
    assert 1 < material.permittivity < 1000
    assert (material.bulk_occupancy() or 0.5) < 1


def test_the_papers_pair():
    lvo, lagp = load_material("LVO"), load_material("LAGP")
    assert (lvo.c_max, lvo.permittivity, lvo.regular_solution, lvo.defect_energy) == (
        16.856,
        16.73,
        0.0165,
        2.46,
    )
    assert (lvo.diffusivity, lvo.diffusivity_min) == (2e-9, 8e-14)
    assert (lagp.c_max, lagp.permittivity, lagp.defect_energy, lagp.diffusivity) == (13.06, 41.0, 4.77, 1e-9)
    assert lagp.bulk_occupancy() == pytest.approx(5.372 / 13.06, rel=1e-15)
    assert [lvo.composition.occupancy_at(x) for x in (0.2, 1, 2)] == pytest.approx([0.1, 0.55, 0.95])
    assert [lvo.open_circuit.voltage_at(x) for x in (0.1, 0.55, 0.95)] == pytest.approx([3.4, 3.0, 2.4])


def test_an_unknown_material_names_the_nearest():
    with pytest.raises(InputError, match="unknown material 'LV'; did you mean LVO"):
        load_material("LV")


def test_what_is_absent_is_asked_for():
    material = load_material("LLZO")
    assert material.voltage is None
    with pytest.raises(InputError, match=re.escape("materials.LLZO.voltage: material LLZO has no voltage")):
        material.require("voltage")
    assert material.require("permittivity") == 50.0


def test_defaults_of_the_model():
    plain = Material(c_max=10, permittivity=10, diffusivity=1e-9).resolved()
    assert (plain.defect_law, plain.regular_solution, plain.defect_floor) == ("none", 0.0, 1e-6)
    assert (plain.diffusivity_law, plain.diffusivity_min) == ("constant", 0.0)
    assert (plain.diffusivity_activation_energy, plain.reference_temperature) == (0.0, 298.15)
    assert Material(defect_energy=1.0).resolved().defect_law == "excess-cube-root"
    assert Material(diffusivity_min=0.0).resolved().diffusivity_law == "vacancy-bulk"
    assert plain.resolved() == plain


def test_a_law_without_its_number_is_an_error():
    with pytest.raises(InputError, match="has no defect_energy"):
        Material(name="X", defect_law="excess-cube-root").resolved()


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"defect_law": "cube"}, "unknown defect law 'cube'"),
        ({"diffusivity_law": "vacan"}, "did you mean vacancy"),
        ({"occupancy": 0.1, "bulk_concentration": 1}, "both say how full"),
        ({"c_max": 3, "bulk_concentration": 5}, "must be less than c_max = 3"),
        ({"permittivity": 0}, "must be greater than 0"),
        ({"occupancy": 1}, "must be less than 1"),
        ({"diffusivity": "1 nm"}, "does not convert to cm^2/s"),
        ({"c_maks": 1}, "did you mean c_max"),
        ({"composition": {"x": [0, 1, 2], "occupancy": [0.1, 0.2]}}, "x has 3 values and occupancy 2"),
        ({"composition": {"x": [0], "occupancy": [0.1]}}, "has 1 values, needs 2 or more"),
        ({"open_circuit": {"occupancy": [0.5, 0.1], "voltage": [1, 2]}}, "values must increase"),
    ],
)
def test_wrong_keys(keys, words):
    with pytest.raises((ValidationError, InputError)) as caught:
        Material(**keys)
    assert words in str(caught.value)


def test_overriding_keeps_the_rest_and_drops_the_old_sources():
    base = load_material("LAGP")
    mine = base.overridden_by(Material(permittivity=15, sources={"permittivity": "measured here"}))
    assert (mine.permittivity, mine.c_max) == (15.0, base.c_max)
    assert mine.sources["permittivity"] == "measured here"
    assert "permittivity" not in base.overridden_by(Material(permittivity=15)).sources


def test_overriding_one_way_of_saying_displaces_the_other():
    base = load_material("LAGP")
    filled = base.overridden_by(Material(occupancy=0.5))
    assert (filled.occupancy, filled.bulk_concentration) == (0.5, None)
    assert "bulk_concentration" not in filled.sources
    curve = OpenCircuitCurve(occupancy=(0.1, 0.9), voltage=(4.0, 3.0))
    assert base.overridden_by(Material(open_circuit=curve)).voltage is None


def test_overriding_cannot_break_the_material():
    with pytest.raises(ValidationError, match="must be less than c_max"):
        load_material("LAGP").overridden_by(Material(bulk_concentration=50))


def test_tables_end_where_they_end():
    table = CompositionTable(x=(0.2, 1.0), occupancy=(0.1, 0.55))
    for x in (0.19, 1.01):
        with pytest.raises(ValueError, match=r"lies outside the table, 0\.2 to 1"):
            table.occupancy_at(x)


def test_a_curve_that_is_not_monotone_has_no_inverse():
    with pytest.raises(ValueError, match="not monotone"):
        OpenCircuitCurve(occupancy=(0.1, 0.5, 0.9), voltage=(4.0, 3.0, 3.5)).occupancy_at(3.2)


@settings(deadline=None)
@given(
    st.lists(st.floats(0.01, 0.99), min_size=2, max_size=20, unique_by=lambda x: round(x, 3)),
    st.floats(0, 1),
    st.sampled_from([1.0, -1.0]),
)
def test_the_inverse_of_a_curve_is_its_inverse(points, weight, slope):
    occupancy = tuple(sorted(points))
    curve = OpenCircuitCurve(occupancy=occupancy, voltage=tuple(3.0 + slope * x**3 for x in occupancy))
    at = min(max((1 - weight) * occupancy[0] + weight * occupancy[-1], occupancy[0]), occupancy[-1])
    assert curve.occupancy_at(curve.voltage_at(at)) == pytest.approx(at, abs=1e-9)
