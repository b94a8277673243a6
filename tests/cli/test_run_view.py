"""What a run writes while its bar is shown."""

from __future__ import annotations

import datetime as dt

import pytest

from src.data_eng.cli.run_view import RunView
from src.data_eng.stages.outcome import ALREADY, Outcome, Status

DATE = dt.date(2025, 6, 5)


def outcome(status: Status, table: str = "level", date: dt.date = DATE) -> Outcome:
    return Outcome(f"silver.future.{table}", "ESM5", date, status, ALREADY)


def test_an_error_is_not_written_behind_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # both streams are terminals
    view = RunView("text", 2, "run")
    shown: list[bool] = []
    with view:
        bar = view._progress.live
        monkeypatch.setattr(view, "_tell", lambda *_: shown.append(bar.is_started))
        view.show([outcome(Status.FAILED), outcome(Status.STALE)])
    assert shown == [False, True]


def test_what_is_complete_is_told_date_by_date(capsys: pytest.CaptureFixture[str]) -> None:
    view = RunView("text", 8, "run")
    for day in (5, 6):
        view.show([outcome(Status.COMPLETE, f"t{n}", DATE.replace(day=day)) for n in range(4)])
    assert capsys.readouterr().out == "complete 4 tables of ESM5 2025-06-05\n"
    view.summary()
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "complete 4 tables of ESM5 2025-06-06"
    assert told[-1] == "8 complete; run run"
