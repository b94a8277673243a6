from __future__ import annotations

import re

import pytest

from src.data_eng.catalogue.datasets import registry
from src.data_eng.catalogue.feature_tables import FeatureTable, feature_datasets, feature_table
from src.data_eng.catalogue.finding import Finding, Severity
from src.data_eng.catalogue.names import FORBIDDEN, SPELLED, name_findings


def market(*names: str) -> FeatureTable:
    return FeatureTable("silver.future.market", names)


def level(prefix: str, *names: str) -> FeatureTable:
    return FeatureTable(f"silver.future.level_{prefix}", names)


def only(findings: list[Finding]) -> Finding:
    (found,) = findings
    assert found.severity is Severity.FAIL
    assert found.check == "name"
    return found


def test_the_declared_feature_tables_keep_the_rules() -> None:
    tables = [feature_table(found) for found in feature_datasets(registry().values())]
    assert not name_findings(tables)


@pytest.mark.parametrize(
    "name",
    [
        "quoted_spread_ticks",
        "normalized_order_flow_imbalance_top_10_prices_300s",
        "average_true_range_14_2m_ticks",
        "realized_spread_5s_ticks_60s",
        "risk_reversal_25_delta_30_days",
        "net_gamma_exposure_usd_bn_per_1pct",
        "days_to_futures_expiry",
        "vpin",
    ],
)
def test_names_of_the_catalogue_pass(name: str) -> None:
    assert not name_findings([market(name)])


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Spread", "lower-case"),
        ("spread__ticks", "lower-case"),
        ("_spread", "lower-case"),
        ("spread_", "lower-case"),
        ("2m_range", "lower-case"),
        ("spread-ticks", "lower-case"),
        ("spread\n", "lower-case"),
        ("", "lower-case"),
        ("volume_60sec", "window '60sec'"),
        ("volume_5min", "window '5min'"),
        ("volume_1h", "window '1h'"),
        ("volume_w36", "window 'w36'"),
        ("pm_high_distance", r"names a level \(pm_high\)"),
        ("mid_minus_sma_90", r"names a level \(sma_90\)"),
        ("premarket_volume", "names a level"),
        ("opening_range_width", "names a level"),
        ("distance_to_level", r"names a level \(level\)"),
    ],
)
def test_a_market_name_that_breaks_a_rule_is_named(name: str, reason: str) -> None:
    found = only(name_findings([market("volume_60s", name)]))
    assert found.columns == (name,)
    assert re.search(reason, found.text)


@pytest.mark.parametrize("word", sorted(FORBIDDEN))
@pytest.mark.parametrize("form", ["{}_ticks", "order_{}", "{}"])
def test_a_forbidden_word_fails(word: str, form: str) -> None:
    if word[0].isdigit() and form.startswith("{}"):
        assert "not lower-case words" in only(name_findings([market(form.format(word))])).text
        return
    assert f"the word '{word}'" in only(name_findings([market(form.format(word))])).text


@pytest.mark.parametrize("word", sorted(FORBIDDEN))
def test_a_word_that_holds_a_forbidden_one_passes(word: str) -> None:
    assert not name_findings([market(f"x{word}_60s")])


@pytest.mark.parametrize(
    ("table", "fails"),
    [
        (market("window_volume_60s"), True),
        (level("or_low", "or_low_window_volume"), True),
        (market("volume_window_60s"), False),
        (market("windows_60s"), False),
    ],
)
def test_a_name_says_which_window_it_means(table: FeatureTable, fails: bool) -> None:
    found = [one.text for one in name_findings([table])]
    assert len(found) == fails
    assert all("say which window it is" in text for text in found)


@pytest.mark.parametrize(("short", "spelled"), SPELLED.items())
def test_a_unit_is_spelled_in_one_way(short: str, spelled: str) -> None:
    found = only(name_findings([market(f"range_{short}_60s")]))
    assert found.text.endswith(f"writes {short!r} for {spelled!r}")
    assert not name_findings([market(f"range_{spelled}_60s")])


def test_per_tick_is_one_tick() -> None:
    names = "pm_low_volume_per_penetration_tick_300s", "pm_low_volume_per_tick"
    assert not name_findings([level("pm_low", *names)])


def test_per_second_is_one_second() -> None:
    assert not name_findings([market("book_event_rate_per_second_10s")])
    assert len(name_findings([market("book_second_rate_10s", "rate_per_tick_second")])) == 2


@pytest.mark.parametrize("name", ["distance_ticks", "pm_low_distance_ticks", "pm_high_"])
def test_a_level_feature_begins_with_its_prefix(name: str) -> None:
    assert only(name_findings([level("pm_high", name)])).columns == (name,)


def test_a_prefix_stands_once() -> None:
    found = only(name_findings([level("pm_high", "pm_high_pm_high_distance")]))
    assert found.text.endswith("begins with pm_high_ twice")


def test_a_level_may_speak_of_the_level() -> None:
    assert not name_findings([level("or_low", "or_low_relative_depth_to_level")])


def test_a_name_in_two_tables_fails() -> None:
    options = FeatureTable("silver.future_option.market", ("volume_60s",))
    found = only(name_findings([market("volume_60s"), options]))
    assert "silver.future.market and silver.future_option.market" in found.text


def test_a_level_base_name_that_is_a_market_name_fails() -> None:
    levels = [level(p, f"{p}_volume_60s") for p in ("pm_high", "sma_90")]
    found = only(name_findings([market("volume_60s"), *levels]))
    assert found.columns == ("pm_high_volume_60s", "sma_90_volume_60s", "volume_60s")


def test_five_levels_share_their_base_names() -> None:
    prefixes = ("pm_high", "pm_low", "or_high", "or_low", "sma_90")
    assert not name_findings([level(p, f"{p}_distance_ticks") for p in prefixes])


def test_silver_and_gold_of_a_table_are_one_table() -> None:
    gold = FeatureTable("gold.future.market_first3h", ("a", "b"))
    assert not name_findings([market("a", "b"), gold])


@pytest.mark.parametrize(
    ("columns", "named"), [(("a",), ("b",)), (("a", "b", "c"), ("c",)), (("b", "a"), ("(order)",))]
)
def test_gold_with_other_features_than_silver_fails(
    columns: tuple[str, ...], named: tuple[str, ...]
) -> None:
    gold = FeatureTable("gold.future.market_first3h", columns)
    assert only(name_findings([market("a", "b"), gold])).columns == named
