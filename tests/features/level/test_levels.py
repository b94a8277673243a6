"""Levels as values: the price rules, and what one more declaration yields."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from src.data_eng.catalogue import contract as contract_module
from src.data_eng.catalogue.command import main
from src.data_eng.catalogue.contract import CONTRACTS
from src.data_eng.catalogue.datasets import dataset, registry
from src.data_eng.catalogue.derive import derived_contracts
from src.data_eng.catalogue.feature_tables import (
    FeatureTable,
    feature_datasets,
    feature_table,
    is_feature_table,
)
from src.data_eng.catalogue.names import name_findings
from src.data_eng.catalogue.properties import property_findings
from src.data_eng.catalogue.vectors import level_tables, vector_parts
from src.data_eng.errors import UsageError
from src.data_eng.features.level.columns import FEATURES
from src.data_eng.features.level.level_inputs import (
    DATE,
    OPENING_RANGE,
    PRE_MARKET,
    LevelBars,
    LevelInputs,
    LevelPrices,
    LevelTrades,
)
from src.data_eng.features.level.level_path import LevelPath
from src.data_eng.features.level.levels import (
    LEVELS,
    MOVING,
    level_named,
    level_names,
    level_words,
    levels,
    sessions_back,
    with_levels,
)
from src.data_eng.research.evaluation.sums import all_levels
from tests.features.level.previous_day import PD_HIGH

NAMES = ("pm_high", "pm_low", "or_high", "or_low", "sma_90")
SECOND = 10**9
BAR = 120 * SECOND
DAY = 1_749_081_600 * SECOND
WINDOWS = {
    DATE: (DAY, DAY + 86_400 * SECOND),
    PRE_MARKET: (DAY + 100 * SECOND, DAY + 200 * SECOND),
    OPENING_RANGE: (DAY + 200 * SECOND, DAY + 300 * SECOND),
}


def bars(high: list[int], start_ns: int = DAY) -> LevelBars:
    start = start_ns + BAR * np.arange(len(high), dtype=np.int64)
    price = np.array(high, np.int64)
    return LevelBars(start, start + BAR, price, price - 8, price - 4)


def inputs(
    trades: list[tuple[int, int]], day: LevelBars, *earlier: LevelBars | None
) -> LevelInputs:
    """Trades are pairs of seconds since midnight and ticks."""
    times = np.array([DAY + second * SECOND for second, _ in trades], np.int64)
    ticks = np.array([price for _, price in trades], np.int32)
    return LevelInputs(LevelTrades(times, ticks), day, earlier, WINDOWS, 0.25)


def prices(given: LevelInputs) -> dict[str, LevelPrices]:
    return {level.name: level.price_rule(given) for level in levels()}


def one(found: LevelPrices) -> tuple[int, float, list[int], int | None]:
    """Of a fixed level in seconds since midnight: known, ticks, window, set."""
    (known,), (ticks,), (window,) = found.known_ns, found.ticks, found.windows
    at = None if found.set_ns is None else (found.set_ns - DAY) // SECOND
    return (known - DAY) // SECOND, ticks, [(t - DAY) // SECOND for t in window], at


def test_extremes_are_those_of_their_window() -> None:
    trades = [(99, 900), (100, 100), (150, 110), (160, 110), (199, 90), (200, 50), (250, 70),
              (299, 60), (300, 990)]  # fmt: skip
    found = prices(inputs(trades, bars([1] * 3)))
    assert one(found["pm_high"]) == (200, 110, [100, 200], 150)
    assert one(found["pm_low"]) == (200, 90, [100, 200], 199)
    assert one(found["or_high"]) == (300, 70, [200, 300], 250)
    assert one(found["or_low"]) == (300, 50, [200, 300], 200)


def test_what_cannot_be_priced_says_why() -> None:
    found = prices(inputs([(250, 70)], bars([1] * 89)))
    missing = {name: one.missing for name, one in found.items() if one.missing is not None}
    assert missing == {
        "pm_high": "no trade in the window",
        "pm_low": "no trade in the window",
        "sma_90": "fewer than 90 bars",
    }
    known, ticks, window, _ = one(found["pm_high"])
    assert (known, window) == (200, [100, 200])
    assert np.isnan(ticks)
    assert not len(found["sma_90"].known_ns)


def test_the_average_steps_at_each_bar_close() -> None:
    found = prices(inputs([], bars([100] * 90 + [190])))["sma_90"]
    assert found.known_ns.tolist() == [DAY + 90 * BAR, DAY + 91 * BAR]
    assert found.ticks.tolist() == [96.0, 97.0]
    assert found.windows.tolist() == [[DAY, DAY + 90 * BAR], [DAY + BAR, DAY + 91 * BAR]]


def test_the_levels_of_a_lake() -> None:
    assert level_names() == tuple(level.name for level in LEVELS) == NAMES
    assert [level.name for level in levels() if level.kind == MOVING] == ["sma_90"]
    assert all(re.fullmatch(r"#[0-9A-F]{6}", level.colour) for level in levels())
    assert len({level.colour for level in levels()}) == len(levels())
    assert len({level.words for level in levels()}) == len(levels())
    for level in levels():
        assert level.value.endswith(".")
        assert (level.window is not None) == (level.reads[0].key == "silver.future.trades")
        assert all(read.key in registry() for read in level.reads)
    assert sessions_back() == 0


def test_an_unknown_level_lists_the_known_ones() -> None:
    with pytest.raises(KeyError, match="no level pd_high; known are pm_high, pm_low"):
        level_named("pd_high")


def test_a_name_is_declared_once() -> None:
    with pytest.raises(ValueError, match="pm_low is declared already"), with_levels(LEVELS[1]):
        pass
    with pytest.raises(RuntimeError), with_levels(PD_HIGH):
        raise RuntimeError
    assert level_names() == NAMES


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """One more level; the contracts that follow, and the page, written into a folder."""
    shutil.copytree(CONTRACTS, tmp_path / "contracts")
    monkeypatch.setattr(contract_module, "CONTRACTS", tmp_path / "contracts")
    with with_levels(PD_HIGH):
        assert main(["--page", str(tmp_path / "features.md")]) == 0
        yield tmp_path


def test_its_rule_prices_it_from_the_session_before() -> None:
    before = bars([300, 420, 410], DAY - 7200 * SECOND)
    with with_levels(PD_HIGH):
        assert sessions_back() == 1
        found = prices(inputs([(150, 100)], bars([999]), before))
        nothing = prices(inputs([(150, 100)], bars([999]), None))["pd_high"]
        assert not LevelPath("pd_high", found["pd_high"].known_ns, np.ones(1), None, None).is_moving
    assert one(found["pd_high"]) == (0, 420, [-7200, -7200 + 360], None)
    assert nothing.missing == "no bars of the session before"
    assert not len(nothing.known_ns)
    # The others are what they were.
    for name, expected in prices(inputs([(150, 100)], bars([999]), before)).items():
        np.testing.assert_array_equal(found[name].ticks, expected.ticks)


def test_it_has_datasets_and_contracts(added: Path) -> None:
    for key in ("silver.future.level_pd_high", "gold.future.level_pd_high_first3h"):
        found = dataset(key)
        assert is_feature_table(found)
        assert found.path.endswith(f"symbol={{symbol}}/table={found.table}")
        table = feature_table(found)
        assert (table.base_key, table.prefix) == ("future.level_pd_high", "pd_high_")
        assert table.columns == tuple(f"pd_high_{f.name}" for f in FEATURES if not f.kinds)
    contract = dataset("silver.future.level_pd_high").contract()
    assert "Previous Day High" in contract.doc
    assert PD_HIGH.value in contract.doc
    assert "mid from the Previous Day High" in contract.fields[2].doc
    tables = feature_datasets(registry().values())
    assert name_findings([feature_table(found) for found in tables]) == []
    assert property_findings(tables) == []


def test_it_is_a_symbol_of_the_tables_that_name_levels(added: Path) -> None:
    named = ("silver.future.level", "silver.future.level_1s", "silver.future.level_touch")
    for key in (*named, "gold.future.level_outcome"):
        contract = dataset(key).contract()
        assert contract.fields[0].symbols == (*NAMES, "pd_high")


def test_it_has_its_columns_in_the_vectors(added: Path) -> None:
    columns = feature_table(dataset("gold.future.level_pd_high_first3h")).columns
    for key, parts in vector_parts().items():
        assert parts[-1] == level_tables()["pd_high"] == "gold.future.level_pd_high_first3h"
        names = tuple(field.name for field in dataset(key).contract().fields)
        assert names[-len(columns) :] == columns


def test_it_has_words_a_colour_and_a_place_among_the_rates(added: Path) -> None:
    assert level_words("pd_high") == "Previous Day High"
    assert level_named("pd_high").colour == "#CC79A7"
    assert all_levels() == (*NAMES, "pd_high", "all")
    page = (added / "features.md").read_text()
    (row,) = (line for line in page.splitlines() if line.startswith("| `pd_high` |"))
    assert f"| Previous Day High | {PD_HIGH.value} |" in row
    assert "| `{level}_distance_ticks` |" in page
    assert "pd_high_distance_ticks" not in page


def test_a_market_feature_may_not_name_it() -> None:
    table = [FeatureTable("silver.future.market", ("mid_minus_pd_high",))]
    assert name_findings(table) == []
    with with_levels(PD_HIGH):
        (found,) = name_findings(table)
    assert "names a level (pd_high)" in found.text


def test_the_other_contracts_stay_as_they_are() -> None:
    before = derived_contracts()
    with with_levels(PD_HIGH):
        after = derived_contracts()
    assert {path for path in before if before[path] != after[path]} == {
        "silver/future/level.avsc",
        "silver/future/level_1s.avsc",
        "silver/future/level_touch.avsc",
        "gold/future/level_outcome.avsc",
        "gold/future/feature_vector.avsc",
        "gold/future/feature_vector_without_options.avsc",
    }
    assert set(after) - set(before) == {
        "silver/future/level_pd_high.avsc",
        "gold/future/level_pd_high_first3h.avsc",
    }
    assert json.loads(after["silver/future/level.avsc"])["name"] == "level"


def test_it_is_gone_with_its_declaration() -> None:
    with with_levels(PD_HIGH):
        assert "silver.future.level_pd_high" in registry()
    assert "silver.future.level_pd_high" not in registry()
    with pytest.raises(UsageError, match="no dataset silver"):
        dataset("silver.future.level_pd_high")
