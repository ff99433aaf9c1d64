"""The kinds of study, each in a file of its own that enters it in the registry."""

from scl_fem.studies import conduction, equilibrium, exsy, impedance, transient

__all__ = ["conduction", "equilibrium", "exsy", "impedance", "transient"]
