"""Runs voxode and reads what it writes.

    import voxode
    results = voxode.run("examples/first_steps/cathode.toml", out="out")
    results.steps                  # a pandas DataFrame
    results.fields("charged")      # an xarray Dataset
    voxode.plot.overview(results)  # matplotlib figure and axes
"""
from importlib.metadata import version as _version

from . import plot
from .errors import ConfigError, ConvergenceError, Error, InputError, Interrupted, MemoryError_, OutputError
from .program import find_program, run
from .results import Results, UnfinishedWarning, open

__version__ = _version("voxode")

__all__ = [
    "ConfigError",
    "ConvergenceError",
    "Error",
    "InputError",
    "Interrupted",
    "MemoryError_",
    "OutputError",
    "Results",
    "UnfinishedWarning",
    "find_program",
    "open",
    "plot",
    "run",
]
