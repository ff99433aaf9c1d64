"""The names of the files in a result folder."""

from __future__ import annotations

SUMMARY_FILE = "summary.json"
"""Its presence makes a directory a result: it comes last and goes first."""

CASE_FILE = "case.toml"
LOG_FILE = "log.txt"
CHECKPOINT_FILE = "checkpoint.npz"
PROFILE_FILE = "profile.csv"
HISTORY_FILE = "history.csv"
DECAY_FILE = "decay.csv"
IMPEDANCE_FILE = "impedance.csv"

FIELDS_FILE = "fields.pvd"
"""The file that ParaView opens."""

VIEW_FILE = "view_in_paraview.py"
"""A script that shows the fields there; a module named paraview.py would hide ParaView's own."""

FIELDS_DIRECTORY = "fields"
"""Where the files that it names lie, beside it."""

OWN_NAMES = frozenset(
    {
        SUMMARY_FILE,
        CASE_FILE,
        LOG_FILE,
        CHECKPOINT_FILE,
        PROFILE_FILE,
        HISTORY_FILE,
        DECAY_FILE,
        IMPEDANCE_FILE,
        FIELDS_FILE,
        VIEW_FILE,
        FIELDS_DIRECTORY,
    }
)
"""What a new result replaces; figures are known by what they say in themselves."""

FIT_FILE = "fit.json"
"""Its presence makes a directory a fit."""

NUMBERS_FILE = "numbers.json"
MARKDOWN_FILE = "report.md"
HTML_FILE = "report.html"
REPORT_NAMES = frozenset({NUMBERS_FILE, MARKDOWN_FILE, HTML_FILE})
"""What a report of a paper writes beside figures; the first makes a directory one."""

GROUPS = {SUMMARY_FILE: OWN_NAMES, FIT_FILE: frozenset({FIT_FILE}), NUMBERS_FILE: REPORT_NAMES}
"""The files that stand together, by the one that vouches for them."""

FIGURE_SOFTWARE = "scl_fem"
"""What a figure says of its origin in its metadata: by it ours are known from a user's own."""
