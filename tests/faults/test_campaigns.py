"""The campaigns in their bounded form, with a fixed seed; and that a broken promise is told."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from src.data_eng.errors import DataEngError, UsageError

from .campaign import Budget, Counts, Seeds
from .campaigns import CAMPAIGNS
from .children import run_apart
from .guided_targets import CHECKS, changed, samples
from .table import reproducers, table

pytestmark = pytest.mark.faults

ROOT = Path(__file__).parents[2]
SEED = "20250605"
FAULTS = [one.NAME for one in CAMPAIGNS if one.KIND == "faults"]
OTHERS = [one.NAME for one in CAMPAIGNS if one.KIND != "faults"]


@pytest.mark.parametrize("names", [FAULTS, OTHERS], ids=["faults", "damages and inputs"])
def test_the_bounded_campaigns(names: list[str]) -> None:
    command = [sys.executable, "-m", "tests.faults", "--seed", SEED, "--only", ",".join(names)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for name in names:
        row = re.search(rf"^\| {name} +\|(.*)\|$", done.stdout, re.MULTILINE)
        assert row is not None, done.stdout
        cells = [int(cell.replace(",", "")) for cell in row[1].split("|")]
        injected, broken = cells[0], cells[4:9]
        assert injected > 0 or f"{name}: 0" in done.stdout
        assert broken == [0] * 5


class Scripted:
    """A campaign of a test."""

    NAME, KIND, BOUNDED, SHARE = "scripted", "inputs", 3, 1.0

    def __init__(self, work: Callable[[int], Any]) -> None:
        self.work = work

    def run(self, _rng: Seeds, budget: Budget) -> Counts:
        counts = Counts("scripted", "inputs")
        for number in budget.numbers():
            with counts.case(number, 0.2):
                self.work(number)
                counts.survived_new += 1
        return counts


def ran(work: Callable[[int], Any], folder: Path, seconds: float = 30.0) -> Counts:
    campaign: Any = Scripted(work)
    return run_apart(campaign, 1, Budget(folder, 3, seconds))


def test_a_right_result_and_an_error_of_the_package(tmp_path: Path) -> None:
    def work(number: int) -> None:
        if number == 1:
            raise UsageError("use another one")

    counts = ran(work, tmp_path)
    assert (counts.injected, counts.survived_new, counts.refused) == (3, 2, 1)
    assert counts.broken == 0


def test_any_other_error_is_a_finding_that_can_be_repeated(tmp_path: Path) -> None:
    class PanicException(BaseException):
        pass

    def work(number: int) -> None:
        if number == 1:
            raise KeyError("x")
        if number == 2:
            raise PanicException("mid > len")

    counts = ran(work, tmp_path)
    assert (counts.survived_new, counts.tracebacks) == (1, 2)
    told = reproducers(counts, 7)
    assert "KeyError: 'x' at test_campaigns.py" in told[0]
    assert "python -m tests.faults --only scripted --seed 7 --number 1" in told[0]
    assert "PanicException: mid > len" in told[1]


def test_an_error_without_a_text(tmp_path: Path) -> None:
    def work(_number: int) -> None:
        raise UsageError("")

    assert ran(work, tmp_path).tracebacks == 3


def test_a_case_that_takes_too_long(tmp_path: Path) -> None:
    counts = ran(lambda number: time.sleep(5 * (number == 1)), tmp_path)
    assert (counts.survived_new, counts.hangs) == (2, 1)
    assert counts.findings[0].number == 1


def test_a_process_that_dies_names_the_case(tmp_path: Path) -> None:
    counts = ran(lambda number: os._exit(0) if number == 1 else None, tmp_path)
    assert (counts.injected, counts.tracebacks) == (2, 1)
    assert counts.findings[0].number == 1


def test_a_process_that_never_ends_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(_number: int) -> None:
        import signal  # noqa: PLC0415 - a case that holds its alarm up

        signal.setitimer(signal.ITIMER_REAL, 0)
        time.sleep(60)

    monkeypatch.setattr("tests.faults.children.GRACE_S", 0.5)
    counts = ran(work, tmp_path, 0.5)
    assert counts.hangs == 1
    assert counts.findings[0].text == "the process had to be killed"


def test_memory_is_bounded(tmp_path: Path) -> None:
    counts = ran(lambda number: bytearray((2 << 30) * (number == 1)), tmp_path)
    assert (counts.survived_new, counts.tracebacks) == (2, 1)
    assert "MemoryError" in counts.findings[0].text


def test_the_same_seed_and_number_are_the_same_case() -> None:
    one, same, other = Seeds("a", 1).of(5), Seeds("a", 1).of(5), Seeds("a", 2).of(5)
    assert one.randbytes(9) == same.randbytes(9) != other.randbytes(9)


@pytest.mark.parametrize("target", CHECKS)
def test_what_guided_fuzzing_begins_with_is_read_rightly(target: str, tmp_path: Path) -> None:
    first, *others = samples(target)
    assert CHECKS[target](first, tmp_path)
    for data in (*others, changed(target, first, Random(7))):
        with contextlib.suppress(DataEngError):
            assert CHECKS[target](data, tmp_path)


def test_the_table_sums_each_kind() -> None:
    first = Counts("first", "faults", injected=1_000, survived_old=1_000, peak_mib=10)
    second = Counts("second", "faults", injected=2, lost=2, peak_mib=30)
    lines = table([first, second]).splitlines()
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    assert cells[0][:2] == ["campaign", "injected"]
    assert cells[-1][:3] == ["all faults", "1,002", "1,000"]
    assert cells[-1][cells[0].index("lost")] == "2"
    assert cells[-1][cells[0].index("peak MiB")] == "30"
