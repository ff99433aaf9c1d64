"""Measurements: `python -m benchmarks` lists them, `python -m benchmarks NAME ...` prints their tables.

Each module here whose `main` takes no arguments is a benchmark; README.md holds what they printed.
"""
