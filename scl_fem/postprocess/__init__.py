"""From solutions to numbers: layers, resistances, profiles, circuits."""
