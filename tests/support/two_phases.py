"""The numbers of a mesh of electrode and electrolyte, as .msh files hold them."""

ELECTRODE_NUMBER, ELECTROLYTE_NUMBER = 1, 2
INTERFACE_NUMBER, ELECTRODE_TERMINAL, ELECTROLYTE_TERMINAL = 3, 4, 5

PHASES = {"electrode": ELECTRODE_NUMBER, "electrolyte": ELECTROLYTE_NUMBER}
FACETS = {
    "interface": INTERFACE_NUMBER,
    "electrode_terminal": ELECTRODE_TERMINAL,
    "electrolyte_terminal": ELECTROLYTE_TERMINAL,
}
