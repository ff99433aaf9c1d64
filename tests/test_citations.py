"""What to cite for a result: only what is known, and only what it used."""

import json
import re
import tomllib
from pathlib import Path

import pytest

import scl_fem
from scl_fem.case import load_case, resolve
from scl_fem.citations import citations_of_case, references
from scl_fem.cli import main
from scl_fem.materials import library, load_material
from scl_fem.shipped import shipped_case

ROOT = Path(scl_fem.__file__).parents[1]
CFF = (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def cited(*words, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["cite", *map(str, words)])
    printed = capsys.readouterr()
    return caught.value.code or 0, printed.out, printed.err


def keys(text):
    return re.findall(r"^@\w+\{([^,]+),$", text, re.MULTILINE)


def case_of(name, **overrides):
    return resolve(load_case(shipped_case(name).path, [f"{key}={value}" for key, value in overrides.items()]))


@pytest.mark.parametrize("key", references())
def test_an_entry_is_whole(key):
    entry = references()[key]
    assert entry.count("{") == entry.count("}")
    fields = dict(re.findall(r"^  (\w+) = \{(.*)\},$", entry, re.MULTILINE))
    assert len(fields) == len(entry.splitlines()) - 2
    assert fields["author"]
    assert fields["title"]
    if key != "scl_fem":
        assert re.fullmatch(r"(19|20)\d\d", fields["year"])
        assert key.endswith(fields["year"])
    assert re.fullmatch(r"10\.\d{4,}/\S+", fields.get("doi", "10.1000/x"))


def test_the_program_is_cited_as_its_file_says():
    title = re.search(r'^title: "(.*)"$', CFF, re.MULTILINE)[1]
    assert title in references()["scl_fem"]
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f"\nversion: {version}\n" in CFF
    for doi in re.findall(r"^    doi: (\S+)$", CFF, re.MULTILINE):
        assert any(f"doi = {{{doi}}}" in entry for entry in references().values())


def test_entries_are_of_the_papers_that_sources_name():
    """Every DOI of the library that has an entry is found by it."""
    for name in library():
        text = " ".join(" ".join(load_material(name).sources.values()).split())
        for doi in re.findall(r"DOI (10\.\S+?)[),;:]", text):
            assert any(f"doi = {{{doi}}}" in entry for entry in references().values()), (name, doi)


def test_a_case_cites_model_materials_and_what_solved_it():
    text = citations_of_case(case_of("lvo_lagp_x0.2_1d"), "1.2.3")
    found = keys(text)
    assert found[0] == "scl_fem"
    assert "version = {1.2.3}" in text
    assert {"deKlerk2018", "Cheng2020", "Hainovsky1995", "Baratta2023", "Balay1997", "Hunter2007"} <= {*found}
    assert len(found) == len(set(found))
    assert not {"Virtanen2020", "Sullivan2019", "Bank1985"} & {*found}
    assert "%   LVO.c_max: Cheng et al., Joule" in text


def test_only_what_a_case_uses():
    assert "Sullivan2019" in keys(citations_of_case(case_of("lvo_lagp_x2_particle_2d"), "1"))
    assert "Virtanen2020" in keys(citations_of_case(case_of("lvo_lagp_x1_impedance_1d"), "1"))
    without = citations_of_case(case_of("lvo_lagp_x0.2_no_defects_1d", **{"output.figures": "false"}), "1")
    assert not {"Hainovsky1995", "Hunter2007"} & {*keys(without)}
    exchange = keys(citations_of_case(case_of("exsy_li2v2o5"), "1"))
    assert {"Hosea1996", "Cheng2020"} <= {*exchange}
    assert not {"deKlerk2018", "Hainovsky1995"} & {*exchange}


def test_a_number_of_the_case_is_not_the_papers():
    text = citations_of_case(case_of("lvo_lagp_x0.2_1d", **{"materials.LVO.c_max": 17}), "1")
    assert "%   LVO.c_max: set by the case" in text
    assert "%   LAGP.c_max: Cheng" in text
    assert "%   LVO.permittivity: Cheng" in text


def test_outside_the_entries_bibtex_finds_nothing():
    for name in ("lvo_lagp_x0.2_1d", "lagp_pellet_impedance_1d"):
        text = citations_of_case(case_of(name), "1")
        assert text.count("@") == len(keys(text))


def test_of_a_folder_and_of_a_fit(tmp_path, capsys):
    result = tmp_path / "result"
    result.mkdir()
    (result / "case.toml").write_bytes(shipped_case("lvo_lagp_x1_1d").path.read_bytes())
    (result / "summary.json").write_text(json.dumps({"version": "9.9"}))
    code, printed, _ = cited(result, capsys=capsys)
    assert code == 0
    assert "version = {9.9}" in printed
    assert "Hainovsky1995" in keys(printed)
    fit = tmp_path / "fit"
    fit.mkdir()
    (fit / "fit.json").write_text(json.dumps({"fit": "t2"}))
    assert "Bloembergen1948" in keys(cited(fit, capsys=capsys)[1])
    (fit / "fit.json").write_text("[]")
    code, _, message = cited(fit, capsys=capsys)
    assert (code, "fit.json: holds no table" in message) == (2, True)


def test_without_a_result_it_is_the_program(tmp_path, capsys):
    assert keys(cited(capsys=capsys)[1])[:2] == ["scl_fem", "deKlerk2018"]
    code, printed, message = cited(tmp_path, capsys=capsys)
    assert (code, printed) == (2, "")
    assert "holds no result" in message
    assert cited(tmp_path / "none.toml", capsys=capsys)[0] == 2
