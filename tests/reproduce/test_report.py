"""The layout of a report: numbers in words, Markdown, a page that needs nothing beside it."""

import base64
import re

import pytest

from scl_fem.errors import InputError
from scl_fem.reproduce import PAPERS, reproduce
from scl_fem.reproduce.html import to_html
from scl_fem.reproduce.markdown import to_markdown
from scl_fem.reproduce.report import Number, Picture, Report, Section, Table, in_words


def drawn():
    from scl_fem.figures.style import new_figure

    figure = new_figure(2.0, 2.0)
    figure.subplots().plot([0.0, 1.0])
    return figure


REPORT = Report(
    "toy2020",
    "Toy & Co.",
    "A citation.",
    ("First.",),
    (
        Section(
            "one",
            "Li2V2O5 and j_0",
            ("D < 1 & more",),
            (
                Number("one.a_ohm_cm2", "a | b", "Ω cm²", 2.0, 1.0, "solved"),
                Number("one.b", "b", "", 0.0, 0.0, "solved", "a note", "none"),
                Number("one.c", "c", "", None, 3.0, "closed form"),
            ),
            (Table("t", "A table", ("x", "y"), (("<one>", 1.5), ("two", None))),),
            (Picture("toy", "What it shows.", drawn),),
        ),
    ),
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        ("~0.5", "~0.5"),
        (0.0, "0"),
        (33.3674, "33.37"),
        (0.0008476, "0.0008476"),
        (4.4e-14, "4.4·10⁻¹⁴"),
        (-1.2345e7, "-1.234·10⁷"),
        (1000.0, "1000"),
        (float("inf"), "∞"),
        (float("nan"), "–"),
    ],
)
def test_numbers_in_words(value, text):
    assert in_words(value) == text


def test_ratio_needs_both_and_not_zero():
    ratios = [number.ratio for number in REPORT.sections[0].numbers]
    assert ratios == [0.5, None, None]


def test_markdown_shows_everything():
    text = to_markdown(REPORT)
    assert "| a \\| b | Ω cm² | 2 | 1 | 0.5 | solved |  |" in text
    assert "| b |  | none | 0 | – | solved | a note |" in text
    assert "![What it shows.](toy.png)" in text
    assert "| two | – |" in text


def test_rows_of_markdown_are_as_long_as_their_head():
    for block in re.findall(r"(?:^\|.*\n)+", to_markdown(REPORT), re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1


def test_page_embeds_its_figures(tmp_path):
    picture = b"\x89PNG not really"
    (tmp_path / "toy.png").write_bytes(picture)
    page = to_html(REPORT, tmp_path)
    embedded = re.search(r'src="data:image/png;base64,([^"]+)"', page)
    assert base64.b64decode(embedded[1]) == picture
    assert_self_contained(page)


def test_page_escapes_and_sets_subscripts(tmp_path):
    (tmp_path / "toy.png").write_bytes(b"")
    page = to_html(REPORT, tmp_path)
    assert "Toy &amp; Co." in page
    assert "D &lt; 1 &amp; more" in page
    assert "&lt;one&gt;" in page
    assert "Li<sub>2</sub>V<sub>2</sub>O<sub>5</sub> and j<sub>0</sub>" in page


def assert_self_contained(page):
    """Nothing is loaded from anywhere, and no script runs."""
    assert not re.findall(r'(?:src|href)="(?!data:image/png;base64,|#)', page)
    assert not re.findall(r"<(?:script|link|iframe|object)|url\(|@import|https?://", page)


@pytest.fixture
def toy_paper(monkeypatch):
    monkeypatch.setitem(PAPERS._entries, "toy2020", lambda comm, progress: REPORT)


@pytest.mark.usefixtures("toy_paper")
def test_a_report_is_written_whole(tmp_path):
    directory = tmp_path / "out"
    reproduce("toy2020", directory)
    assert {path.name for path in directory.iterdir()} == {
        "report.md",
        "report.html",
        "numbers.json",
        "toy.png",
    }
    assert_self_contained((directory / "report.html").read_text("utf-8"))


@pytest.mark.usefixtures("toy_paper")
def test_an_older_report_is_replaced_only_when_asked(tmp_path):
    reproduce("toy2020", tmp_path)
    with pytest.raises(InputError, match=r"holds a report already.*--overwrite"):
        reproduce("toy2020", tmp_path)
    (tmp_path / "mine.txt").write_text("kept")
    reproduce("toy2020", tmp_path, overwrite=True)
    assert (tmp_path / "mine.txt").read_text() == "kept"


def test_a_report_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def fails(comm, progress):
        raise InputError("no good")

    monkeypatch.setitem(PAPERS._entries, "toy2020", fails)
    with pytest.raises(InputError, match="no good"):
        reproduce("toy2020", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_unknown_paper(tmp_path):
    with pytest.raises(
        InputError, match=r"unknown paper 'cheng2021'; did you mean cheng2020.*allowed: cheng2020"
    ):
        reproduce("cheng2021", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
