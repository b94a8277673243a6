"""The text of the page: its numbers, and that texts stay texts."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.catalogue.tables import LEVEL
from src.data_eng.catalogue.vectors import OUTCOME
from src.data_eng.research.report.day import ReportDay, new_york
from src.data_eng.research.report.page import Neighbours, report_page
from tests.research.report.days import of_noise, without_touches
from tests.stages.silver.market_lake import DATE, rows

WORDS = {"bounce": "bounced", "break": "broke", "timeout": "timed out", None: "not decided"}


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._is_cell = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self._is_cell = True
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self._is_cell = self._is_cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self._is_cell:
            self.rows[-1][-1] += data


def table_rows(text: str) -> list[list[str]]:
    parser = _Text()
    parser.feed(re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL))
    return parser.rows


def page_data(text: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="day-data">(.*?)</script>', text)
    assert found is not None
    values: dict[str, Any] = json.loads(found[1])
    return values


def test_the_touches_are_those_of_gold(lake: Path, page: Path) -> None:
    text = page.read_text()
    shown = {row[0]: row for row in table_rows(text) if len(row) == 9 and row[0] != "#"}
    told = {touch["number"]: touch for touch in page_data(text)["touches"]}
    outcomes = rows(lake, dataset(OUTCOME), "ESM5", DATE)
    assert len(shown) == len(told) == outcomes.height > 3
    for row in outcomes.iter_rows(named=True):
        cells, touch = shown[str(row["episode_id"])], told[row["episode_id"]]
        local = row["touch_ts"].astimezone(tz=None)
        assert cells[1].endswith(f"{local:%M:%S}")
        assert touch["time"] % 3600 == pytest.approx(
            local.minute * 60 + local.second + local.microsecond // 1000 / 1000
        )
        assert float(cells[3].replace(",", "")) == pytest.approx(row["level_price"], abs=0.005)
        assert cells[4] == ("▲ below" if row["approach_side"] < 0 else "▼ above")
        assert cells[5] == WORDS[row["outcome"]]
        assert touch["sets"][0]["ticks"] == row["barrier_ticks"]
        assert touch["sets"][3]["outcome"] == (row["outcome_2_atr_1800s"] or "censored")
        if row["outcome"]:
            minutes, seconds = divmod(
                int((row["outcome_ts"] - row["feature_ts"]).total_seconds()), 60
            )
            assert cells[6] == f"{minutes}:{seconds:02d}"
            assert float(cells[7]) == round(row["max_favourable_excursion_ticks"], 1)
            assert float(cells[8]) == round(row["max_adverse_excursion_ticks"], 1)


def test_the_features_of_a_touch_are_the_row_before_it_and_that_of_models(
    lake: Path, page: Path
) -> None:
    data = page_data(page.read_text())
    second = np.timedelta64(1, "s")
    for touch in rows(lake, dataset(OUTCOME), "ESM5", DATE).iter_rows(named=True):
        level, number = touch["level"], str(touch["episode_id"])
        table = rows(lake, dataset(f"gold.future.level_{level}_first3h"), "ESM5", DATE)
        shown = data["features"][level]
        for name, at in (("at", touch["feature_ts"]), ("before", touch["feature_ts"] - second)):
            row = table.filter(pl.col("ts") == at).row(0, named=True)
            for base, value in zip(shown["names"], shown[name][number], strict=True):
                expected = row[f"{level}_{base}"]
                assert value == (None if expected is None else pytest.approx(expected, rel=1e-5))


def test_a_day_without_touches_says_what_a_touch_is(day: ReportDay) -> None:
    text = report_page(without_touches(day))
    assert "<b>0 touches of the levels between 09:30 and 12:30</b>." in text
    assert "No level was touched between 09:30 and 12:30." in text
    assert "A level is armed once the mid is 8 ticks" in text
    assert page_data(text)["chosen"] is None


def test_a_page_of_noise_is_below_two_megabytes(day: ReportDay) -> None:
    assert len(report_page(of_noise(day)).encode()) < 2_000_000


def test_days_beside_are_linked_as_text(day: ReportDay) -> None:
    beside = Neighbours(("<b>.html", "2025-06-04"), ("after.html", "<i>"), "index.html")
    text = report_page(without_touches(day), neighbours=beside)
    assert '<a rel="prev" href="&lt;b&gt;.html">← 2025-06-04</a>' in text
    assert '<a href="index.html">All days</a>' in text
    assert '<a rel="next" href="after.html">&lt;i&gt; →</a>' in text


def test_texts_of_manifests_stay_text(day: ReportDay) -> None:
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    manifest, sha256 = day.manifests[LEVEL]
    parameters = {**manifest.parameters, evil: evil}
    facts = {**manifest.facts, "missing": {"or_low": evil}}
    changed = replace(manifest, parameters=parameters, facts=facts, stage=evil)
    manifests = {**day.manifests, LEVEL: (changed, sha256)}
    text = report_page(replace(without_touches(day), manifests=manifests))
    assert evil not in text
    assert "<img" not in text
    assert text.count("<script") == text.count("</script") == 3


def test_times_are_those_of_new_york() -> None:
    times = pl.Series(["2025-06-05T13:30:00", "2025-01-06T14:30:00"]).str.to_datetime("%FT%T")
    for ns in times.dt.epoch("ns"):
        assert str(new_york(np.array([ns]))[0]).endswith("T09:30:00.000")
