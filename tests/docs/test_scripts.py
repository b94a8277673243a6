"""The scripts that draw and count for the docs, on the small lake."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest

from docs.scripts import day_picture, distributions
from src.data_eng import scan
from src.data_eng.catalogue.datasets import registry
from src.data_eng.catalogue.distributions import HEIGHT, read_distributions
from src.data_eng.catalogue.page import unknown_features
from tests.docs_pages import ROOT

pytestmark = pytest.mark.timeout(900)  # the first test builds the lake, and may compile

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def lake(sample_lake: Path) -> Path:
    return sample_lake / "lake"


def test_the_picture_has_levels_and_touches_and_is_the_same_again(
    lake: Path, tmp_path: Path
) -> None:
    day_picture.main(["--lake-root", str(lake), "--output", str(tmp_path / "day.svg")])
    text = (tmp_path / "day.svg").read_text()
    root = ElementTree.fromstring(text)
    labels = [one.text or "" for one in root.iter(f"{SVG}text") if one.get("class") == "level"]
    names = {label.rpartition(" ")[0] for label in labels}
    assert {"Pre-Market High", "Pre-Market Low", "Opening Range High"} <= names
    touches = scan("gold.future.level_outcome", symbol="ES", lake_root=lake).collect()
    halos = [one for one in root.iter(f"{SVG}circle") if one.get("class") == "halo"]
    shown = touches["outcome"].drop_nulls().n_unique()  # the key has a mark of each
    assert len(halos) == len(touches) + shown
    day_picture.main(["--lake-root", str(lake), "--output", str(tmp_path / "again.svg")])
    assert (tmp_path / "again.svg").read_text() == text


def test_the_distributions_are_those_of_the_lake(lake: Path, tmp_path: Path) -> None:
    path = tmp_path / "distributions.json"
    distributions.main(["--lake-root", str(lake), "--output", str(path)])
    found = read_distributions(path)
    assert unknown_features(registry().values(), found) == set()
    name = "order_book_imbalance_top_of_book"
    market = scan("silver.future.market", symbol="ES", lake_root=lake).select(name).collect()[name]
    one = found["future.market"][name]
    assert one.median == pytest.approx(market.quantile(0.5, "lower"), rel=1e-3, abs=1e-3)
    assert one.null_share == pytest.approx(market.null_count() / len(market), abs=1e-4)
    parts = [
        scan(f"silver.future.level_{level}", symbol="ES", lake_root=lake)
        .select(pl.col(f"{level}_distance_ticks").alias("d"))
        .collect()["d"]
        for level in ("pm_high", "pm_low", "or_high", "or_low", "sma_90")
    ]
    pooled = pl.concat(parts)
    one = found["future.level"]["{level}_distance_ticks"]
    assert one.null_share == pytest.approx(pooled.null_count() / len(pooled), abs=1e-4)
    low, high = (pooled.drop_nulls().quantile(q, "lower") for q in (0.01, 0.99))
    assert one.low == pytest.approx(low, rel=1e-2)
    assert one.high == pytest.approx(high, rel=1e-2)


def test_a_distribution_of_one_value_and_of_none() -> None:
    one = distributions.distribution(np.array([2.0, 2.0, np.nan, 2.0]))
    assert one["null_share"] == 0.25
    assert one["quantiles"] == [2.0, 2.0, 2.0]
    assert sum(one["columns"]) == HEIGHT
    none = distributions.distribution(np.array([np.nan]))
    assert none == {"null_share": 1.0, "quantiles": [], "columns": []}


def test_the_distributions_of_the_page_are_small_and_of_all_tables() -> None:
    path = ROOT / "docs" / "distributions.json"
    assert path.stat().st_size < 100_000
    known = json.loads(path.read_text())
    assert known["sample_sessions"] >= 21
    assert known["tables"].keys() == {"future.market", "future.level", "future_option.market"}
