"""The run log and the estimates that it makes possible."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from src.data_eng.pipeline.estimate import estimate
from src.data_eng.pipeline.run_log import RUNS, RunLog, new_run_id
from src.data_eng.pipeline.task import TaskResult, ran_now
from src.data_eng.stages.outcome import Outcome, Status
from tests.dbn_files import DATE

KEY = "bronze.future.market_by_price_10"


def lines(lake: Path) -> list[dict[str, Any]]:
    (path,) = (lake / RUNS).iterdir()
    return [json.loads(line) for line in path.read_text().splitlines()]


def outcome(status: Status = Status.WRITTEN, key: str = KEY, **more: Any) -> Outcome:
    return Outcome(key, "ESM5", DATE, status, **more)


def test_a_disk_that_is_full_in_the_middle(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RunLog(tmp_path, new_run_id(), {}) as log:
        log.add(TaskResult((outcome(),)))

        def full(_body: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(log, "_line", full)
        log.add(TaskResult((outcome(),)))
        log.end({}, 1.0)
    assert caplog.text.count("No space left on device") == 1
    assert len(lines(tmp_path)) == 2


def test_what_was_complete_before_is_counted_by_date(tmp_path: Path) -> None:
    complete, ran = outcome(Status.COMPLETE), ran_now()
    later = replace(complete, date=DATE + dt.timedelta(days=1))
    with RunLog(tmp_path, new_run_id(), {}) as log:
        log.add(TaskResult((complete, complete)))
        log.add(TaskResult((complete,)))
        log.add(TaskResult((later,)))
        log.add(TaskResult((complete,), ran=ran))  # a task looked at it
        log.add(TaskResult((later,)))
        log.end({"complete": 6}, 1.0)
    first, *told, end = lines(tmp_path)
    assert [one["event"] for one in (first, end)] == ["run", "end"]
    days = [(one["event"], one["dt"], one.get("partitions")) for one in told]
    assert days == [
        ("complete", str(DATE), 3),
        ("complete", str(later.date), 1),
        ("partition", str(DATE), None),
        ("complete", str(later.date), 1),
    ]


def test_an_estimate_is_of_the_medians_of_a_table(tmp_path: Path) -> None:
    other = "silver.future.market_by_price_10_clean"
    with RunLog(tmp_path, new_run_id(), {}) as log:
        for seconds, size in ((1.0, 10), (2.0, 20), (9.0, 30)):
            log.add(TaskResult((outcome(seconds=seconds, bytes=size),)))
        log.add(TaskResult((outcome(Status.FAILED, seconds=100.0),)))
    (path,) = (tmp_path / RUNS).iterdir()
    path.write_text(path.read_text() + '{"event": "parti')  # a run that was killed
    planned = [outcome(Status.PLANNED), outcome(Status.PLANNED), outcome(Status.COMPLETE)]
    found = estimate(tmp_path, planned)
    assert (found.partitions, found.seconds, found.bytes) == (2, 4.0, 40)
    assert (found.builds, found.unknown) == (3, 0)
    assert found.words(2) == (
        "would write 2 partitions: about 2.0 s with 2 workers, 0.0 MB; medians of 3 earlier builds"
    )
    more = estimate(tmp_path, [*planned, outcome(Status.PLANNED, other)])
    assert (more.seconds, more.unknown) == (4.0, 1)
    assert more.words(1).endswith("; 1 of tables never built here")
    alone = estimate(tmp_path, [outcome(Status.PLANNED, other)])
    assert "the run log knows no earlier build" in alone.words(1)
    assert estimate(tmp_path / "none", []).words(1) == "nothing to write"
