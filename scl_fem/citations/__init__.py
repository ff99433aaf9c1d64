"""What a result rests on, as BibTeX: the program, its model, sources of its materials, libraries.

The entries are in references.bib, none with a detail that is not known; what has no entry stands as a
comment in the words of its source.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources

from scl_fem.case import Case
from scl_fem.materials import Material, library, load_material

PROGRAM = ("scl_fem",)
MODEL = ("deKlerk2018", "Cheng2020")
LIBRARIES = (
    "Baratta2023",
    "Scroggs2022",
    "Alnaes2014",
    "Balay1997",
    "Dalcin2011",
    "Amestoy2001",
    "Harris2020",
)
"""Every run uses them: DOLFINx, Basix, UFL, PETSc, its Python, MUMPS, NumPy."""

_OF_FITS = {"exsy": ("Cheng2020",), "t2": ("Bloembergen1948", "Cheng2020"), "arrhenius": ()}
_KEY = re.compile(r"@\w+\{([^,]+),")
_DOI = re.compile(r"\b10\.\d{4,}/[^\s,;)'\"]+")
_WIDTH = 110


@cache
def references() -> dict[str, str]:
    """The entries of references.bib by their keys, in their order."""
    text = (resources.files("scl_fem.citations") / "references.bib").read_text(encoding="utf-8")
    entries = text.strip().split("\n\n")
    return {_KEY.match(entry)[1]: entry for entry in entries}  # type: ignore[index]


def citations_of_program(version: str) -> str:
    """Program, model and libraries, whatever is solved with them.

    Args:
        version: of the program.
    """
    return _written(version, [("the program", PROGRAM), ("the model", MODEL), ("the libraries", LIBRARIES)])


def citations_of_case(case: Case, version: str) -> str:
    """What the result of a case rests on.

    Args:
        case: resolved.
        version: of the program that solved it.
    """
    parts: list[tuple[str, Iterable[str]]] = [("the program", PROGRAM)]
    parts.append(("the model", _model_of(case)))
    for name, material in (case.materials or {}).items():
        found = list(_sources(name, material))
        keys = dict.fromkeys(key for _, _, keys in found for key in keys)
        lines = [_comment(f"{name}.{key}: {text}") for key, text, _ in found]
        parts.append((f"the material {name}\n" + "\n".join(lines), keys))
    parts.append(("the libraries", [*LIBRARIES, *_further_libraries(case)]))
    return _written(version, parts)


def citations_of_fit(kind: str, version: str) -> str:
    """What a fit rests on.

    Args:
        kind: "exsy", "t2" or "arrhenius".
        version: of the program.
    """
    libraries = ("Virtanen2020", "Harris2020", "Hunter2007")
    parts = [("the program", PROGRAM), ("the model", _OF_FITS.get(kind, ())), ("the libraries", libraries)]
    return _written(version, parts)


def _model_of(case: Case) -> Iterator[str]:
    """Keys of the papers whose model or method a case uses."""
    if case.study.kind == "exsy":
        yield from ("Cheng2020", "Bank1985", "Hosea1996")
        return
    yield from MODEL
    laws = [material for material in (case.materials or {}).values() if material.defect_energy]
    if any(material.defect_law == "excess-cube-root" for material in laws):
        yield "Hainovsky1995"


def _further_libraries(case: Case) -> Iterator[str]:
    """Keys of those that not every run uses."""
    if case.study.kind == "impedance":  # its equivalent circuit is fitted
        yield "Virtanen2020"
    if case.output.figures:
        yield "Hunter2007"
        if getattr(case.mesh, "dimension", 1) != 1:
            yield "Sullivan2019"


def _sources(name: str, material: Material) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Key, source, and keys of the entries that the source names, for each number of a material."""
    if name not in library():
        yield "source", "defined in the case: it knows where its numbers are from", ()
        return
    shipped, by_doi = load_material(name), _by_doi()
    for key, text in shipped.sources.items():
        if getattr(material, key, None) != getattr(shipped, key, None):
            yield key, "set by the case, which knows where it is from", ()
            continue
        text = " ".join(text.split())
        dois = (doi.rstrip(".").lower() for doi in _DOI.findall(text))
        yield key, text, tuple(by_doi[doi] for doi in dois if doi in by_doi)


@cache
def _by_doi() -> dict[str, str]:
    """Keys of the entries by their DOI."""
    found = {key: re.search(r"doi = \{(.*)\}", entry) for key, entry in references().items()}
    return {match[1].lower(): key for key, match in found.items() if match}


def _written(version: str, parts: Iterable[tuple[str, Iterable[str]]]) -> str:
    """Headings and entries, no entry twice."""
    lines, known = [], set()
    for heading, keys in parts:
        new = [key for key in keys if key not in known]
        known |= set(new)
        first, _, rest = heading.partition("\n")
        lines += [f"% {first}", *([rest] if rest else []), ""]
        lines += [f"{references()[key]}\n" for key in new]
    return "\n".join(lines).replace("{VERSION}", f"{{{version}}}").rstrip() + "\n"


def _comment(text: str) -> str:
    """Lines that BibTeX skips: it looks for nothing but an at sign."""
    marked = text.replace("@", "(at)")
    return textwrap.fill(marked, _WIDTH, initial_indent="%   ", subsequent_indent="%     ")
