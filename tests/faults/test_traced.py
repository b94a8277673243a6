"""What ``strace`` does to a child is what is asked for, call by call."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path

import pytest

from src.data_eng.errors import UsageError

from .traced import DONE, RAISED, REFUSED, can_trace, points, traced

pytestmark = pytest.mark.faults


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    if not can_trace(tmp_path):
        pytest.skip("no strace here that may watch a process and inject")
    return tmp_path


def test_calls_are_numbered_by_name() -> None:
    assert points(["a", "b", "a"]) == [("a", 1), ("b", 1), ("a", 2)]


def make(*folders: Path) -> None:
    for one in folders:
        os.mkdir(one)


def test_the_calls_of_the_work_alone_are_seen(folder: Path) -> None:
    ended = traced(partial(make, folder / "a", folder / "b"), folder / "log")
    assert ended == (DONE, "", ["mkdir", "mkdir"], False)


@pytest.mark.parametrize(
    ("when", "made"), [("1", ["b", "c"]), ("2", ["a"]), ("4", ["a", "b", "c"])]
)
def test_the_call_of_a_number_fails(folder: Path, when: str, made: list[str]) -> None:
    def work() -> None:
        for name in ("a", "b", "c"):
            try:
                os.mkdir(folder / name)
            except OSError as error:
                if when == "2":
                    raise UsageError(os.strerror(error.errno or 0)) from None

    ended = traced(work, folder / "log", f"mkdir:error=EDQUOT:when={when}")
    assert ended.code == (REFUSED if when == "2" else DONE)
    assert ended.text == ("Disk quota exceeded" if when == "2" else "")
    assert ended.was_injected == (when != "4")
    assert sorted(one.name for one in folder.iterdir() if one.is_dir()) == made


def test_a_call_kills(folder: Path) -> None:
    work = partial(make, folder / "a", folder / "b")
    ended = traced(work, folder / "log", "mkdir:signal=KILL:when=2")
    assert ended.code == -signal.SIGKILL
    assert ended.was_injected


def test_another_error_is_told(folder: Path) -> None:
    ended = traced(partial(make, folder), folder / "log")
    assert ended.code == RAISED
    assert ended.text.startswith("FileExistsError")
