"""The kinds of study, each in a file of its own that enters it in the registry."""
