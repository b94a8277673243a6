"""The report page: its numbers, its errors, and how it looks in a browser."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from playwright.sync_api import Browser, sync_playwright

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.lake.paths import Partition
from src.data_eng.research.report.__main__ import main
from src.data_eng.research.report.day import OUTCOME, RECORDS, ReportDay, load_day, new_york
from src.data_eng.research.report.depth_chart import depth_window
from src.data_eng.research.report.quality import measure_quality
from src.data_eng.research.report.tables import html_table, quality_table
from src.data_eng.vendor.delivered_date import DeliveredDate
from tests.research.research_lake import build_research_lake
from tests.stages.silver.level_lake import LEVEL
from tests.stages.silver.market_lake import CLEAN, DATE, rows

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("report")
    build_research_lake(root)
    return root


@pytest.fixture(scope="module")
def page(lake: Path) -> Path:
    path = lake / "page.html"
    arguments = ["--symbol", "ESM5", "--dt", str(DATE), "--lake-root", str(lake)]
    assert main([*arguments, "--output", str(path)]) == 0
    return path


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._is_cell = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "tr":
            self.rows.append([])
        self._is_cell = tag in ("td", "th")
        if self._is_cell:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self._is_cell = self._is_cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self._is_cell:
            self.rows[-1][-1] += data


def table_rows(page: Path) -> list[list[str]]:
    parser = _Text()
    parser.feed(re.sub(r"<script.*?</script>", "", page.read_text(), flags=re.DOTALL))
    return parser.rows


def test_the_touches_are_those_of_gold(lake: Path, page: Path) -> None:
    shown = {row[0]: row for row in table_rows(page) if len(row) == 14 and row[0]}
    outcomes = rows(lake, dataset(OUTCOME), "ESM5", DATE)
    assert len(shown) == outcomes.height
    for row in outcomes.iter_rows(named=True):
        cells = shown[str(row["episode_id"])]
        local = row["touch_ts"].astimezone(tz=None)
        assert cells[1].endswith(f"{local:%M:%S}.{local.microsecond // 1000:03d}")
        assert float(cells[3].replace(",", "")) == pytest.approx(row["level_price"], abs=0.005)
        assert cells[7] == (row["outcome"] or "censored")
        assert float(cells[6]) == row["barrier_ticks"]


def test_the_quality_figures_are_those_of_a_query(lake: Path) -> None:
    day = load_day(lake, "ESM5", DATE)
    found = measure_quality(day)
    start, end = (pl.lit(t).cast(pl.Datetime("ns", "UTC")) for t in day.window_ns)
    records = rows(lake, CLEAN, "ESM5", DATE)
    inside = records.filter((pl.col("ts_recv") >= start) & (pl.col("ts_recv") < end))
    books = inside.filter(pl.col("f_last") & (pl.col("action") != "T"))
    start_ns, end_ns = day.window_ns
    gaps = np.diff([start_ns, *inside["ts_recv"].dt.epoch("ns"), end_ns])
    assert (found.records, found.window_records) == (records.height, inside.height)
    assert found.longest_gap_ns == gaps.max()
    assert found.books == books.height
    assert found.crossed == books.filter(pl.col("ask_px_00") < pl.col("bid_px_00")).height
    table = rows(lake, dataset("gold.future.level_or_high_first3h"), "ESM5", DATE)[:, 2:]
    _, before, after = found.missing["Opening Range High"]
    assert before == 1.0
    known = table[1800:]
    assert after == pytest.approx(sum(known.null_count().row(0)) / known.height / known.width)


def test_what_the_raw_data_cover_is_told(lake: Path) -> None:
    day = load_day(lake, "ESM5", DATE)
    (there,) = day.raw_data
    quality = measure_quality(day)
    assert there.dropped_words in quality_table(day, quality)
    bare = quality_table(replace(day, raw_data=()), quality)
    assert "is not known: Bronze is not in the lake" in bare
    raw = DeliveredDate(
        "bronze.future.market_by_price_10",
        "ESM5",
        str(DATE),
        "available",
        ("09:00:00-10:00:00",),
        "09:00:01-09:59:59",
        "does not cover <04:00>",
        1,
        61.0,
        61.0,
        2,
        1_000_000,
        {"other contracts": 5},
    )
    shown = quality_table(replace(day, raw_data=(raw,)), quality)
    for words in (
        "09:00:00-10:00:00",
        "1, 61 s in all, longest 61 s",
        "2, up to 1 ms",
        "5 other contracts",
        "does not cover &lt;04:00&gt;",
    ):
        assert words in shown


def test_the_depth_is_that_of_the_last_book_before_each_second(lake: Path) -> None:
    day = load_day(lake, "ESM5", DATE)
    touch = rows(lake, dataset(OUTCOME), "ESM5", DATE).row(3, named=True)
    touch_ns = int(pl.Series([touch["touch_ts"]]).dt.epoch("ns")[0])
    found = depth_window(day, touch_ns, touch["level"])
    books = rows(lake, CLEAN, "ESM5", DATE).filter(pl.col("f_last") & (pl.col("action") != "T"))
    times = books["ts_recv"].dt.epoch("ns").to_numpy()
    for second in range(0, len(found.seconds), 37):
        at = int(np.searchsorted(times, found.seconds[second])) - 1
        book = books.row(at, named=True)
        wanted = {round(book[f"bid_px_0{k}"] * 4): book[f"bid_sz_0{k}"] for k in range(10)}
        got = found.bids[:, second]
        shown = {round(p * 4): s for p, s in zip(found.prices, got, strict=True) if s > 0}
        assert shown == wanted


@pytest.mark.parametrize("level", ["pm_high", "sma_90"])
def test_the_level_in_the_depth_chart_begins_when_it_is_known_and_steps(
    lake: Path, level: str
) -> None:
    day = load_day(lake, "ESM5", DATE)
    open_ns = day.window_ns[0]
    found = depth_window(day, open_ns + 30 * 10**9, level)
    times, prices = found.level
    assert times[-1] == found.seconds[-1]
    expected = rows(lake, LEVEL, "ESM5", DATE).filter(pl.col("level") == level)
    if level == "pm_high":
        assert times[0] == open_ns
        assert set(prices) == set(expected["price"])
        return
    assert times[0] == found.seconds[0]
    for time, price in zip(times[:-1], prices[:-1], strict=True):
        before = expected.filter(pl.col("known_at").dt.epoch("ns") <= int(time))
        assert price == before["price"][-1]
    assert len(times) == 4  # a step at 09:30 and at 09:32


def test_the_longest_gap_may_be_at_an_end_of_the_window(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = load_day(lake, "ESM5", DATE)
    times = rows(lake, CLEAN, "ESM5", DATE)["ts_recv"].dt.epoch("ns").to_numpy()
    first, last = int(times[0]), int(times[-1])
    hour, second = 3600 * 10**9, 10**9
    for window in ((first - hour, first + second), (last - second, last + hour)):
        monkeypatch.setattr(ReportDay, "window_ns", window)
        found = measure_quality(day)
        assert found.longest_gap_ns == hour
        assert found.gap_start_ns in (first - hour, last)


def test_another_touch_and_other_features_on_request(lake: Path, tmp_path: Path) -> None:
    base = ["--symbol", "ESM5", "--dt", str(DATE), "--lake-root", str(lake)]
    out = ["--output", str(tmp_path / "p.html")]
    assert main([*base, *out, "--touch", "2", "--features", "sma_90_slope_ticks_per_bar"]) == 0
    text = (tmp_path / "p.html").read_text()
    assert "The book about touch 2:" in text
    assert "sma_90_slope_ticks_per_bar" in text


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--touch", "9999"], "--touch 9999"),
        (["--features", "nothing"], "--features nothing"),
        (["--features", "ts"], "--features ts"),
        (["--features", ","], "no feature is named"),
        (["--dt", "2025-06-04"], "no complete partition"),
        (["--dt", "today"], "not a date"),
    ],
)
def test_what_cannot_be_shown_is_one_line(
    lake: Path, tmp_path: Path, more: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    base = ["--symbol", "ESM5", "--dt", str(DATE), "--lake-root", str(lake)]
    assert main([*base, "--output", str(tmp_path / "p.html"), *more]) in (1, 2)
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_missing_table_is_named_with_what_to_run(
    lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "lake"
    shutil.copytree(lake, root)
    shutil.rmtree(root / Partition(LEVEL, "ESM5", DATE).folder)
    assert main(["--dt", str(DATE), "--lake-root", str(root)]) == 1
    assert "silver.future.level ESM5 2025-06-05: not published; run" in capsys.readouterr().err


def test_texts_are_escaped() -> None:
    assert html_table(["<b>"], [["a & <script>"]], []).count("&lt;") == 2


def test_times_are_those_of_new_york() -> None:
    times = pl.Series(["2025-06-05T13:30:00", "2025-01-06T14:30:00"]).str.to_datetime("%FT%T")
    for ns in times.dt.epoch("ns"):
        assert str(new_york(np.array([ns]))[0]).endswith("T09:30:00.000")
    assert CLEAN.key == RECORDS


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no browser: chromium is not installed")
    with sync_playwright() as started:
        found = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720)])
def test_the_page_is_drawn_without_network_or_errors(
    browser: Browser, page: Path, size: tuple[int, int], tmp_path: Path
) -> None:
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
    tab = context.new_page()
    faults: list[str] = []
    requests: list[str] = []
    tab.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    tab.on("pageerror", lambda e: faults.append(str(e)))
    tab.on("request", lambda r: requests.append(r.url))
    tab.goto(page.as_uri())
    tab.wait_for_selector("#features .scatterlayer path")
    assert faults == []
    assert requests == [page.as_uri()]
    marks = {
        "#price .boxes path, #price .boxlayer path": 100,  # candles
        "#price .barlayer path": 100,
        "#price .scatterlayer .trace": 5,
        "#depth .heatmaplayer image": 2,
        "#features .scatterlayer path.js-line": 6,
    }
    for selector, least in marks.items():
        assert tab.locator(selector).count() >= least, selector
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    for name in ("price", "depth", "features"):
        box = tab.locator(f"#{name} .main-svg").first.bounding_box()
        assert box is not None
        assert box["width"] > 0.9 * (width - 60)
        picture = tab.locator(f"#{name}").screenshot(path=tmp_path / f"{name}.png")
        assert len(picture) > 10_000  # a blank one of this size is a tenth of it
    context.close()
