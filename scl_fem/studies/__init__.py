"""The kinds of study, each in a file of its own that enters it in the registry."""

from scl_fem.studies.kinds import STUDIES

STUDIES.provide("equilibrium", "scl_fem.studies.equilibrium")
STUDIES.provide("conduction", "scl_fem.studies.conduction")
STUDIES.provide("impedance", "scl_fem.studies.impedance")
STUDIES.provide("transient", "scl_fem.studies.transient")
STUDIES.provide("exsy", "scl_fem.studies.exsy")
