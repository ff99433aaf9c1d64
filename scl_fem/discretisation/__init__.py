"""Finite elements: spaces, the charge of the phases, the transport equations as algebraic systems."""
