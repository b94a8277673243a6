"""Sample days of options are written beside those of futures, by whatever process gets to it."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from src.data_eng.cli import demo_days
from src.data_eng.sample import SampleFuture, SampleOptions

DAY = SampleFuture(date=dt.date(2025, 6, 2), root="ES", records=5_000, seed=17)


def written(lake: Path, processes: int) -> tuple[dict[str, bytes], str]:
    told = io.StringIO()
    console = Console(file=told, soft_wrap=True)
    options = [SampleOptions(DAY, quotes=5_000)]
    demo_days.write_days(console, lake, [DAY], options, processes)
    files = {str(path.relative_to(lake)): path.read_bytes() for path in lake.rglob("*.zst")}
    return files, told.getvalue()


class Lost:
    """A process that comes to nothing."""

    def __init__(self, **_: Any) -> None: ...

    def start(self) -> None: ...

    def join(self) -> None: ...

    def terminate(self) -> None: ...


class Spawn:
    Process = Lost


def test_files_are_the_same_whoever_writes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, told = written(tmp_path / "alone", 1)
    assert len(alone) == 5
    assert told.count("wrote a sample day") == 5
    assert written(tmp_path / "beside", 2)[0] == alone
    monkeypatch.setattr(demo_days, "get_context", lambda _: Spawn)
    assert written(tmp_path / "lost", 2)[0] == alone


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    before, _ = written(tmp_path, 1)
    after, told = written(tmp_path, 2)
    assert after == before
    assert told.count("has raw data: no sample day is written") == 2
    assert "wrote" not in told
