"""The physics at a point: thermodynamics, diffusivity, interface laws; no meshes, no files."""
