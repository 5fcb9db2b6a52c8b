"""Python values as TOML; what numpy and pathlib give is taken too."""
from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping
from typing import Any

import numpy as np


def plain(value: Any, where: str = "config") -> Any:
    """`value` in dicts, lists, text, numbers and booleans. Paths become absolute. Throws TypeError naming the key that TOML has no type for."""
    if isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        return plain(value.tolist(), where)
    if isinstance(value, os.PathLike):
        return os.path.abspath(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, f"{where}[{i}]") for i, item in enumerate(value)]
    if value is None:
        raise TypeError(f"{where} is None, which TOML has no value for: leave the key out")
    raise TypeError(f"{where} is a {type(value).__name__}, which TOML has no type for")


def inline(value: Any) -> str:
    """A plain value on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(float(value)) if math.isfinite(value) else str(float(value))
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key_text(key)} = {inline(item)}" for key, item in value.items()) + " }" if value else "{}"
    return "[" + ", ".join(inline(item) for item in value) + "]"


def key_text(key: str) -> str:
    """A key, quoted where it must be."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else inline(key)


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def document(table: dict[str, Any], path: tuple[str, ...] = ()) -> str:
    """A plain dict as a file: values first, then a section for each dict and each dict in a list."""
    text = "".join(f"{key_text(key)} = {inline(value)}\n" for key, value in table.items() if not isinstance(value, dict) and not _is_tables(value))
    for key, value in table.items():
        name = ".".join(key_text(step) for step in (*path, key))
        if isinstance(value, dict):
            is_header_needed = not value or any(not isinstance(item, dict) and not _is_tables(item) for item in value.values())
            text += (f"\n[{name}]\n" if is_header_needed else "") + document(value, (*path, key))
        elif _is_tables(value):
            text += "".join(f"\n[[{name}]]\n" + document(item, (*path, key)) for item in value)
    return text
