"""The examples in docstrings run, every one of them."""

from __future__ import annotations

import doctest
import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLE = re.compile(r"^ *>>> ", re.MULTILINE)
EXAMPLES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): count
    for path in sorted((ROOT / "src").rglob("*.py"))
    if (count := len(EXAMPLE.findall(path.read_text())))
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_true(name: str) -> None:
    done = doctest.testmod(import_module(name))
    assert done.failed == 0
    # One in a docstring that doctest does not find would be one that nobody runs.
    assert done.attempted == EXAMPLES[name]
