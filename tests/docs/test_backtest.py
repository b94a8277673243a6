"""The way into a backtester that docs/backtest.md shows."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from src.data_eng import scan
from tests.docs_pages import snippets

pytestmark = pytest.mark.timeout(900)  # the first test builds the lake, and may compile

TO_EVENTS, REPLAY = (one.text for one in snippets("python") if one.page == "docs/backtest.md")
BUY = 1 << 29


@pytest.fixture
def events(sample_lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The events of the small lake's day; its file lies in the working folder."""
    (tmp_path / "lake").symlink_to(sample_lake / "lake")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(TO_EVENTS.replace("iter_slices(100_000)", "iter_slices(4_001)"), names)
    return names["day"]


def clean() -> pl.DataFrame:
    return scan("silver.future.market_by_price_10_clean", symbol="ES").collect()


def test_the_events_make_every_book_again(events: Any) -> None:
    records = clean()
    received = records["ts_recv"].cast(pl.Int64).to_numpy()
    displayed = {
        side: [
            records.select(f"{side}_{what}_{k:02d}" for k in range(10)).to_numpy()
            for what in ("px", "sz")
        ]
        for side in ("bid", "ask")
    }
    books: dict[str, dict[float, float]] = {"bid": {}, "ask": {}}
    is_last = np.append(received[1:] != received[:-1], True)  # of those received at one time
    at = compared = 0
    for i in np.flatnonzero(is_last):
        while at < len(events) and events["local_ts"][at] <= received[i]:
            flags, price, size = (events[name][at] for name in ("ev", "px", "qty"))
            if flags & 0xFF == 1:
                books["bid" if flags & BUY else "ask"][price] = size
            at += 1
        if compared % 7 == 0:
            for side, (price, size) in displayed.items():
                expected = {p: s for p, s in zip(price[i], size[i], strict=True) if s}
                assert {p: s for p, s in books[side].items() if s} == expected
        compared += 1
    assert at == len(events)
    assert compared > 10_000


def test_the_events_have_every_trade(events: Any) -> None:
    trades = scan("silver.future.trades", symbol="ES").filter(~pl.col("is_snapshot")).collect()
    found = events[events["ev"] & 0xFF == 2]
    np.testing.assert_array_equal(found["px"], trades["price"].to_numpy())
    np.testing.assert_array_equal(found["qty"], trades["size"].to_numpy())
    sides = np.where(found["ev"] & BUY, "B", np.where(found["ev"] & (1 << 28), "A", "N"))
    np.testing.assert_array_equal(sides, trades["side"].cast(pl.String).to_numpy())


def test_the_backtester_has_the_book_of_the_lake(events: Any) -> None:
    pytest.importorskip("hftbacktest", reason="hftbacktest is not installed")
    names: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package's own kernels
        exec(REPLAY, names)
    now = names["backtest"].current_timestamp
    before = clean().filter(pl.col("ts_recv").cast(pl.Int64) <= now)
    row = before.row(-1, named=True)
    assert (names["depth"].best_bid, names["depth"].best_ask) == (
        row["bid_px_00"],
        row["ask_px_00"],
    )
    assert len(events)
