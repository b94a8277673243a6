"""Declared guards stand where they are said to, and the harness tells killed from survived."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from .declared import GUARDS
from .guard import GONE, NEVER, Guard, NotFoundOnceError, without
from .harness import PACKAGE, ROOT, Copy, HarnessError, Verdict

TOY = """
def checked(value):
    "Refuse what is negative."
    if value < 0:
        raise ValueError(value)
    log(value)
    return value

def log(value):
    seen.append(value)

seen = []
"""
TOY_TEST = """
import pytest
from src.data_eng.toy import checked

def test_it_refuses():
    with pytest.raises(ValueError):
        checked(-1)

def test_it_waits():
    assert checked(1) == 1
"""
PROJECT = '[tool.pytest.ini_options]\npythonpath = ["."]\n'
TEST = "tests/test_toy.py"


def toy(old: str, new: str, *tests: str, inside: str = "checked") -> Guard:
    return Guard("toy.it", "toy.py", inside, old, new, tests or (TEST,))


@pytest.mark.parametrize("guard", GUARDS, ids=[one.name for one in GUARDS])
def test_a_guard_stands_once_where_it_is_declared(guard: Guard) -> None:
    source = (ROOT / PACKAGE / guard.module).read_text(encoding="utf-8")
    broken = without(guard, source)
    compile(broken, guard.module, "exec")
    assert broken != ast.unparse(ast.parse(source)) + "\n"
    for test in guard.tests:
        path, _, name = test.partition("::")
        assert f"def {name.partition('[')[0]}" in (ROOT / path).read_text(encoding="utf-8")


def test_names_are_each_of_one_guard() -> None:
    names = [one.name for one in GUARDS]
    assert sorted(set(names)) == sorted(names)


def test_what_is_replaced() -> None:
    assert "if False:" in without(toy("value < 0", NEVER), TOY)
    assert "log(value)\n    return" not in without(toy("log(value)", GONE), TOY)
    swapped = without(toy("log(value)\nreturn value", "return value\nlog(value)"), TOY)
    assert "return value\n    log(value)" in swapped


@pytest.mark.parametrize(
    "guard",
    [toy("value > 0", NEVER), toy("value", "0"), toy("log(value)", GONE, inside="nowhere")],
    ids=["not there", "more than once", "no such function"],
)
def test_a_pattern_that_is_not_there_once_is_an_error(guard: Guard) -> None:
    with pytest.raises(NotFoundOnceError, match=r"toy\.it"):
        without(guard, TOY)


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    root = tmp_path / "root"
    (root / PACKAGE).mkdir(parents=True)
    (root / "tests").mkdir()
    (root / PACKAGE / "toy.py").write_text(TOY)
    (root / TEST).write_text(TOY_TEST)
    (root / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "copy").mkdir()
    return Copy(root, tmp_path / "copy")


def test_killed_and_survived_are_told_apart(copy: Copy, tmp_path: Path) -> None:
    copy.require_passing([TEST])
    assert copy.verdict(toy("value < 0", NEVER)) is Verdict.KILLED
    assert copy.verdict(toy("value < 0", "value <= -1")) is Verdict.SURVIVED
    assert copy.verdict(toy("value < 0", NEVER, f"{TEST}::test_it_waits")) is Verdict.SURVIVED
    for root in ("root", "copy"):
        assert (tmp_path / root / PACKAGE / "toy.py").read_text() == TOY


def test_tests_that_fail_anyway_or_are_not_there_prove_nothing(copy: Copy) -> None:
    with pytest.raises(HarnessError, match="with every guard in place"):
        copy.require_passing([f"{TEST}::test_of_nothing"])
    with pytest.raises(HarnessError, match="pytest ended with 4"):
        copy.verdict(toy("value < 0", NEVER, f"{TEST}::test_of_nothing"))
    with pytest.raises(HarnessError, match="pytest ended with 2"):
        copy.verdict(toy("seen = []", "raise ImportError", inside=""))


def test_a_test_that_waits_for_ever_is_told(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.guards.harness.TIMEOUT_S", 2)
    endless = toy("log(value)", "while True:\n    pass", f"{TEST}::test_it_waits")
    assert copy.verdict(endless) is Verdict.WAITED
