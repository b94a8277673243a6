"""The demo writes as many sample sessions as are asked for, and runs them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from src.data_eng.cli import demo, fetch, sample
from src.data_eng.errors import UsageError
from src.data_eng.exchange.dates import parse_date
from src.data_eng.research.report import days
from src.data_eng.research.report.days import DayPages
from src.data_eng.sample.options import listed_expiries


def test_earlier_sessions_are_small_and_run_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commands: list[Sequence[str]] = []

    def record(command: Sequence[str]) -> int:
        commands.append(command)
        return 0

    monkeypatch.setattr(demo, "run", record)
    for name, size in {"EARLIER_RECORDS": 5_000, "EARLIER_QUOTES": 5_000, "QUOTES": 6_000}.items():
        monkeypatch.setattr(demo, name, size)
    lake = tmp_path / "[red]" / "[/] lake"  # what looks like markup is a path
    arguments = ["--lake-root", str(lake), "--dt", "2025-06-02", "--records", "20000"]
    assert demo.main([*arguments, "--sessions", "2"]) == 0
    # The session before a Monday is Friday's.
    assert commands[0][commands[0].index("--dates") + 1] == "2025-05-30,2025-06-02"
    files = sorted(path.name for path in tmp_path.rglob("*.mbp-10.dbn.zst"))
    names = [f"glbx-mdp3-{day}.mbp-10.dbn.zst" for day in ("20250530", "20250602")]
    assert files == names
    sizes = {path.name: path.stat().st_size for path in tmp_path.rglob("*.mbp-10.dbn.zst")}
    assert sizes[names[0]] < sizes[names[1]]
    assert len(list(tmp_path.rglob("*.definition.dbn.zst"))) == 2
    out = capsys.readouterr().out
    assert "2025-06-02" in out
    assert f"data_eng.scan('gold.future.feature_vector', lake_root='{lake}')" in out
    assert f"wrote a sample day: {lake}" in out
    assert "no report: 2025-06-02 has no levels in this lake" in out


def test_the_report_lies_beside_the_lake_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[object] = []

    def write(pages: DayPages, date: str, folder: Path) -> Path:
        asked.extend((pages, date, folder))
        return folder / "[b]page.html"

    monkeypatch.setattr(demo, "run", lambda _: 0)
    monkeypatch.setattr(demo, "write_days", lambda *_, **__: None)
    monkeypatch.setattr(days, "write_day", write)
    lake = tmp_path / "lake"
    arguments = ["--lake-root", str(lake), "--dt", "2025-06-02"]
    assert demo.main(arguments) == 0
    assert asked == [DayPages("ES", lake), "2025-06-02", tmp_path]
    out = capsys.readouterr().out
    assert f"The day     {tmp_path}/[b]page.html" in out
    told = {line[:12].strip(): line for line in out.splitlines()}
    for name, after in (("DuckDB", "Polars"), ("Polars", "Features"), ("Features", "The day")):
        text = out[out.index(told[name]) : out.index(told[after])]
        compile(text[12:].strip(), name, "eval")  # it can be pasted as it stands
    assert "Not here" not in out
    monkeypatch.setattr(demo, "find_spec", lambda _: None)
    assert demo.main(arguments) == 0
    missing = "Not here    duckdb and polars: in a checkout by uv run --no-dev --extra research "
    assert missing in capsys.readouterr().out

    def full(*_: object) -> Path:
        raise OSError(28, "No space left on device", "page.html")

    monkeypatch.setattr(days, "write_day", full)
    assert demo.main(arguments) == 1
    assert capsys.readouterr().err == (
        "error: page.html: No space left on device; mend that and run again\n"
    )


def test_the_demos_day_has_what_the_30_day_columns_want() -> None:
    date = parse_date(demo.DATE)
    on_front = [item for item in listed_expiries("ES", date) if item.underlying.near == 0]
    days = [(item.date - date).days for item in on_front]
    assert max(day for day in days if day < 30) >= 20
    assert min(day for day in days if day > 30) <= 45


def test_sessions_must_be_positive(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--sessions must be 1 or more, got 0"):
        demo.main(["--lake-root", str(tmp_path), "--sessions", "0"])


def test_what_writes_raw_data_wants_a_folder() -> None:
    with pytest.raises(UsageError, match="for a folder of this host"):
        demo.main(["--lake-root", "s3://lake/a"])
    with pytest.raises(UsageError, match="is written to a folder"):
        sample.main(["--lake-root", "s3://lake/a"])
    of_a_date = ["--product-type", "future", "--symbol", "ES", "--dt", "2025-06-05"]
    with pytest.raises(UsageError, match="fetch writes to a folder"):
        fetch.main([*of_a_date, "--dry-run", "--lake-root", "s3://lake/a"])
