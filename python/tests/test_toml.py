from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
from conftest import EXAMPLE

from voxode import toml


def test_document_reads_back_the_same() -> None:
    config = {
        "title": 'a "b" \\ \n\x7f µ',
        "numbers": [1, 2.5, -1e-300, True, float("inf")],
        "phase": {"a b": {"material": {"E_GPa": 1.0, "strain_table": [[0.1, 0.2, 0.3]]}}, "plain": {}},
        "interface": [{"between": ["a", "b"]}, {"between": ["a", "a"], "deep": {"x": 1}}],
        "mixed": [1, {"y": 2}],
        "after": "tables",
    }
    assert tomllib.loads(toml.document(toml.plain(config))) == config


def test_example_reads_back_the_same() -> None:
    config = tomllib.loads(EXAMPLE.read_text())
    assert tomllib.loads(toml.document(toml.plain(config))) == config


def test_numpy_and_paths_become_plain() -> None:
    assert toml.plain({1: np.float64(0.5), "b": np.arange(3), "c": (np.int8(1), np.bool_(True))}) == {"1": 0.5, "b": [0, 1, 2], "c": [1, True]}
    assert toml.plain(Path("a")) == str(Path.cwd() / "a")
    with pytest.raises(TypeError, match=r"config\.a\[1\] is None"):
        toml.plain({"a": [1, None]})
