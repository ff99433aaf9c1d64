#!/bin/sh
# The figures of README.md and docs/, as `scl-fem run` draws them, and those of the studies.
set -eu
cd "$(dirname "$0")/.."
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
.venv/bin/scl-fem run cases/lvo_lagp_x0.2_1d.toml -o "$results/planar" --quiet
.venv/bin/scl-fem run cases/lvo_lagp_x2_particle_3d.toml -o "$results/particle" --quiet
.venv/bin/scl-fem run cases/ceria_grain_boundary_1d.toml -o "$results/grain_boundary" --quiet
mkdir -p docs/images
PYTHONPATH=. .venv/bin/python docs/blocking.py docs/images/blocking.png
PYTHONPATH=. .venv/bin/python docs/interlayers.py docs/images/interlayers.png
PYTHONPATH=. .venv/bin/python docs/mixed_conductor.py docs/images/mixed_conductor.png
cp "$results/planar/profiles.png" docs/images/profiles.png
cp "$results/particle/fields.png" docs/images/particle.png
# coating.png, whole_cell.png, particles.png, depletion.png
.venv/bin/python docs/studies.py >/dev/null
cp "$results/grain_boundary/stack.png" docs/images/grain_boundary.png
