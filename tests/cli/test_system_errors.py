"""The system refuses something in the middle of a stage: one line, and the others finish."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pyarrow as pa
import pytest

from src.data_eng.stages.silver.trades import SilverTrades
from tests.cli_runs import RAW, RECORDS, Runner
from tests.dbn_files import DATE, mbp10_records, write_mbp10

pytestmark = pytest.mark.faults

NO_MEMORY = "give the process more, or run with fewer --workers"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), ["not enough memory (MemoryError)", NO_MEMORY]),
        (pa.ArrowMemoryError("malloc of size 64 failed"), ["not enough memory", NO_MEMORY]),
        (RuntimeError("can't start new thread"), ["not enough memory", NO_MEMORY]),
        (OSError(errno.EIO, os.strerror(errno.EIO), "/lake/x"), ["/lake/x: Input/output error"]),
        (OSError(errno.EMFILE, os.strerror(errno.EMFILE)), ["Too many open files", "run again"]),
    ],
    ids=repr,
)
def test_a_stage_that_the_system_refuses(
    run: Runner,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    words: list[str],
) -> None:
    def refuse(*_arguments: object) -> None:
        raise error

    write_mbp10(tmp_path / RAW / "f.dbn.zst", mbp10_records(300))
    monkeypatch.setattr(SilverTrades, "transform", refuse)
    done = run(*RECORDS, layer="all")
    assert done.code == 1
    (line,) = done.errors
    assert line.startswith(f"error: silver.future.trades ESM5 {DATE}: ")
    for word in words:
        assert word in line
    assert "defect" not in line
    assert "Traceback" not in done.out
    assert "written  silver.future.best_quote" in done.out
    assert not [path for path in done.partitions() if ".tmp-" in path]
    monkeypatch.undo()
    assert run(*RECORDS, layer="all").code == 0
