"""Case files: reading, checking, writing the defaults out."""

from scl_fem.case import exsy as exsy
from scl_fem.case import transport as transport
from scl_fem.case.model import Case
from scl_fem.case.reading import case_from_dict, load_case
from scl_fem.case.resolving import find_material, resolve
from scl_fem.case.writing import dump_case

__all__ = ["Case", "case_from_dict", "dump_case", "find_material", "load_case", "resolve"]
