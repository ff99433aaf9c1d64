"""scl_fem: space-charge layers at the interface of an electrode and a solid electrolyte."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("scl-fem")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0+unknown"
