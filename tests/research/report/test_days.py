"""Pages of several days: their links, the index, and days that cannot be shown."""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.catalogue.tables import BARS, CLEAN, LEVEL
from src.data_eng.catalogue.vectors import OUTCOME
from src.data_eng.errors import ContractError
from src.data_eng.features.level.levels import level_names
from src.data_eng.lake.manifest import manifest_sha256
from src.data_eng.lake.paths import MANIFEST, SUCCESS, Partition
from src.data_eng.lake.reader import PublishedPartition
from src.data_eng.lake.table import open_table
from src.data_eng.research.report import days
from src.data_eng.research.report.__main__ import main
from src.data_eng.research.report.day import ReportDay, load_day
from src.data_eng.research.report.index import DaySummary, index_page, summary
from src.data_eng.research.report.levels import outcome_counts
from tests.published_trades import publish_table
from tests.stages.silver.market_lake import DATE, partition


def test_a_range_gives_a_page_a_day_and_an_index(
    lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "a" / "pages"
    asked = ["--dates", "2025-06-03:2025-06-05", "--lake-root", str(lake)]
    assert main([*asked, "--output", str(folder)]) == 0
    assert capsys.readouterr().out == f"{folder / 'index.html'}\n"
    assert sorted(path.name for path in folder.iterdir()) == ["ESM5-2025-06-05.html", "index.html"]
    index = (folder / "index.html").read_text()
    assert '<a href="ESM5-2025-06-05.html">Thu 2025-06-05</a>' in index
    assert index.count("not in the lake") == 2
    assert '<a href="index.html">All days</a>' in (folder / "ESM5-2025-06-05.html").read_text()


def test_days_link_to_those_beside_them(
    day: ReportDay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dates = [DATE + dt.timedelta(days=n) for n in range(3)]
    found = [Partition(dataset(OUTCOME), "ESM5", date) for date in dates]
    monkeypatch.setattr(days, "find_partitions", lambda *_, **__: dict.fromkeys(found, ""))
    monkeypatch.setattr(days, "load_day", lambda *_: day)
    pages = days.DayPages("ES", tmp_path)
    _, failed = days.write_days(pages, None, f"{dates[0]}:{dates[2]}", tmp_path)
    assert failed == []
    middle = (tmp_path / f"ESM5-{dates[1]}.html").read_text()
    assert f'<a rel="prev" href="ESM5-{dates[0]}.html">' in middle
    assert f'<a rel="next" href="ESM5-{dates[2]}.html">' in middle
    first = (tmp_path / f"ESM5-{dates[0]}.html").read_text()
    assert 'rel="prev"' not in first


def test_a_page_alone_links_to_those_that_lie_beside_it(
    day: ReportDay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dates = [DATE + dt.timedelta(days=n) for n in range(3)]
    found = [Partition(dataset(OUTCOME), "ESM5", dates[1])]
    monkeypatch.setattr(days, "find_partitions", lambda *_, **__: dict.fromkeys(found, ""))
    monkeypatch.setattr(days, "load_day", lambda *_: day)
    for name in (f"ESM5-{dates[0]}", "ESM5-2025-01-02", f"NQM5-{dates[2]}", "ESM5-2025-99-99.x"):
        (tmp_path / f"{name}.html").touch()
    path = days.write_day(days.DayPages("ES", tmp_path), str(dates[1]), tmp_path / "one.html")
    text = path.read_text()
    assert f'<a rel="prev" href="ESM5-{dates[0]}.html">' in text
    assert 'rel="next"' not in text
    assert "All days" not in text


def test_another_date_of_the_lake_does_not_matter(
    lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "lake"
    shutil.copytree(lake, root)
    other = root / Partition(dataset(OUTCOME), "ESM5", DATE + dt.timedelta(days=1)).folder
    shutil.copytree(root / Partition(dataset(OUTCOME), "ESM5", DATE).folder, other)
    asked = ["--dt", str(DATE), "--lake-root", str(root), "--output", str(tmp_path / "p.html")]
    assert main(asked) == 0, capsys.readouterr().err


def test_a_damaged_manifest_is_a_day_that_cannot_be_shown(
    lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "lake"
    shutil.copytree(lake, root)
    next_day = DATE + dt.timedelta(days=1)
    for key in (CLEAN, OUTCOME):  # with the manifest of another date
        source = root / Partition(dataset(key), "ESM5", DATE).folder
        shutil.copytree(source, root / Partition(dataset(key), "ESM5", next_day).folder)
    asked = ["--dates", f"{DATE}:{next_day}", "--lake-root", str(root)]
    assert main([*asked, "--output", str(tmp_path / "pages")]) == 1
    assert f"{MANIFEST} is that of" in capsys.readouterr().err
    index = (tmp_path / "pages" / "index.html").read_text()
    assert f'<a href="ESM5-{DATE}.html">' in index
    assert f"{MANIFEST} is that of" in index


def test_days_made_in_different_ways_are_not_counted_together(
    day: ReportDay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dates = [DATE + dt.timedelta(days=n) for n in range(2)]
    found = [Partition(dataset(OUTCOME), "ESM5", date) for date in dates]
    monkeypatch.setattr(days, "find_partitions", lambda *_, **__: dict.fromkeys(found, ""))
    manifest, sha256 = day.manifests[OUTCOME]
    other = replace(manifest, stage_version=manifest.stage_version + 1)
    ways = iter([day, replace(day, manifests={**day.manifests, OUTCOME: (other, sha256)})])
    monkeypatch.setattr(days, "load_day", lambda *_: next(ways))
    pages = days.DayPages("ES", tmp_path)
    _, failed = days.write_days(pages, None, f"{dates[0]}:{dates[1]}", tmp_path)
    assert [type(error) for error in failed] == [ContractError]


def test_a_table_of_another_contract_is_refused(lake: Path, tmp_path: Path) -> None:
    root = tmp_path / "lake"
    shutil.copytree(lake, root)
    one = Partition(dataset(LEVEL), "ESM5", DATE)
    with PublishedPartition(root, one) as published:
        data = replace(published.manifest, contract_sha256="0" * 64).to_bytes()
    (root / one.folder / MANIFEST).write_bytes(data)
    (root / one.folder / SUCCESS).write_text(manifest_sha256(data) + "\n")
    with pytest.raises(ContractError, match="level ESM5 2025-06-05: was written under another"):
        load_day(root, "ESM5", DATE)


def test_rows_that_break_their_contract_are_refused(lake: Path, tmp_path: Path) -> None:
    """Whoever may write the lake can publish them; in a page they would be no JSON."""
    root = tmp_path / "lake"
    shutil.copytree(lake, root)
    one = Partition(dataset(BARS), "ESM5", DATE)
    with open_table(root, one) as table:
        rows = table.read()
    shutil.rmtree(root / one.folder)
    at = rows.schema.get_field_index("high")
    endless = pa.array([float("inf")] * len(rows))
    publish_table(root, rows.set_column(at, rows.schema.field(at), endless), one)
    with pytest.raises(ContractError, match=r"ohlcv_2m ESM5 2025-06-05: field high, row 0: .*inf"):
        load_day(root, "ESM5", DATE)


def test_a_day_that_cannot_be_shown_has_a_page_that_says_why(
    lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "lake"
    shutil.copytree(lake, root)
    shutil.rmtree(partition(root, dataset(LEVEL), "ESM5", DATE))
    asked = ["--dates", str(DATE), "--dt", str(DATE), "--lake-root", str(root)]
    assert main([*asked, "--output", str(tmp_path / "pages")]) == 1
    assert capsys.readouterr().err.count("silver.future.level ESM5 2025-06-05: not published") == 1
    for name in ("index", "ESM5-2025-06-05"):
        text = (tmp_path / "pages" / f"{name}.html").read_text()
        assert "silver.future.level ESM5 2025-06-05: not published" in text


def test_the_index_counts_and_escapes(day: ReportDay) -> None:
    one = summary(day, "day.html")
    assert one.counts == {level: outcome_counts(day, level) for level in level_names()}
    assert len(one.closes) == 90
    nothing = {level: Counter[str]() for level in level_names()}
    other = DaySummary(DATE, "<b>", '"x".html', [], 0, nothing, "<i>")
    text = index_page("<u>", [one, other], [dt.date(2025, 6, 6)], {})
    for evil in ("<b>ES", "<i>", "<u>", '"x"'):
        assert evil not in text
    total = outcome_counts(day)
    assert f"<b>2 days, {total.total()} touches</b>" in text
    assert "Fri 2025-06-06" in text
    assert f"<small>{DATE}</small>" in index_page("ES", [one], [], {})
    assert f"<small>{DATE} to {DATE}</small>" not in text
