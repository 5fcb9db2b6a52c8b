"""Packages that only some functions need."""
from __future__ import annotations

import importlib
from typing import Any


def need(module: str, extra: str, what: str) -> Any:
    """The module. Throws ImportError saying what to install."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise ImportError(f"{what} needs {package}, which could not be imported ({error}): pip install \"voxode[{extra}]\", or pip install {package}") from error
