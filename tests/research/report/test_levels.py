"""What the page says of each level."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from src.data_eng.catalogue.tables import LEVEL
from src.data_eng.catalogue.vectors import OUTCOME
from src.data_eng.features.level.levels import LEVELS, level_names
from src.data_eng.research.report.day import ReportDay
from src.data_eng.research.report.levels import (
    arming_rule,
    counts_words,
    level_cards,
    level_lines,
    outcome_counts,
    why_untouched,
)
from src.data_eng.research.web.document import ASSETS, asset
from tests.research.report.days import with_column, without_touches


def test_counts_are_those_of_gold(day: ReportDay) -> None:
    table = day.tables[OUTCOME].to_pylist()
    counts = outcome_counts(day)
    assert counts.total() == len(table)
    assert counts["bounce"] == sum(row["outcome"] == "bounce" for row in table)
    assert counts["censored"] == sum(row["censored"] for row in table)
    assert sum((outcome_counts(day, one) for one in level_names()), Counter()) == counts
    assert counts_words(Counter(bounce=3, censored=1)) == "3 bounced, 1 not decided"


def test_a_card_has_the_numbers_of_the_levels_touches(day: ReportDay) -> None:
    wanted = {
        (row["level"], str(row["episode_id"]), row["outcome"] or "censored")
        for row in day.tables[OUTCOME].to_pylist()
    }
    cards = level_cards(day).split("</li>")
    found = {
        (level, number, kind)
        for level, card in zip(level_names(), cards, strict=False)
        for kind, number in re.findall(r'class="mark (\w+)" data-touch="(\d+)"', card)
    }
    assert found == wanted


def test_a_level_without_a_touch_says_how_near_the_price_came(day: ReportDay) -> None:
    # Nearest before it is armed: that counts for nothing.
    apart: list[float | None] = [*[2.5] * 60, *[None] * 60, *[14.5] * 60, 60.0]
    bare = with_column(without_touches(day), "pm_low", "distance_ticks", apart)
    armed = with_column(bare, "pm_low", "approach_side", [*[None] * 60, 1])
    assert why_untouched(armed, "pm_low") == (
        "not touched: armed at 09:31, then no nearer than 14.5 ticks (09:32)"
    )
    assert "no nearer than 14.5 ticks" in level_cards(armed)
    idle = with_column(bare, "pm_low", "approach_side", [None])
    assert why_untouched(idle, "pm_low") == "never armed: the mid stayed within 8 ticks of it"
    unknown = with_column(bare, "pm_low", "distance_ticks", [None])
    assert why_untouched(unknown, "pm_low").startswith("not known")


def test_a_level_without_a_price_says_why_as_text(day: ReportDay) -> None:
    manifest, sha256 = day.manifests[LEVEL]
    facts = {**manifest.facts, "missing": {"or_low": "<img src=x>"}}
    manifests = {**day.manifests, LEVEL: (replace(manifest, facts=facts), sha256)}
    told = level_cards(replace(without_touches(day), manifests=manifests))
    assert "no price: &lt;img src=x&gt;" in told
    assert "<img" not in told


def test_the_arming_rule_is_said_in_ticks_and_in_price(day: ReportDay) -> None:
    assert "once the mid is 8 ticks (2 in price) or more from it" in arming_rule(day)


@pytest.mark.parametrize(("tick", "words"), [(0.25, "5,123.50"), (0.015625, "5,123.500000")])
def test_prices_have_the_digits_of_the_products_tick(
    day: ReportDay, tick: float, words: str
) -> None:
    manifest, sha256 = day.manifests[LEVEL]
    changed = replace(manifest, parameters={**manifest.parameters, "tick_size": tick})
    other = replace(day, manifests={**day.manifests, LEVEL: (changed, sha256)})
    assert other.price_words(5123.5) == words


def test_the_lines_begin_when_the_levels_are_known(day: ReportDay) -> None:
    lines = {line["name"]: line for line in level_lines(day)}
    assert lines["pm_high"]["times"] == [34_200.0]
    assert lines["or_low"]["times"] == [36_000.0]
    steps = np.diff(lines["sma_90"]["times"])
    assert len(steps) > 100
    assert set(steps[-50:]) == {120.0}
    assert lines["sma_90"]["short"] == "SMA 90"
    assert lines["or_low"]["short"] == "ORL"


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def test_no_level_has_the_colour_of_an_outcome_or_of_another_level() -> None:
    style = asset(ASSETS / "base.css").lower()
    used = [level.colour.lower() for level in LEVELS]
    assert len(set(used)) == len(used)
    for colour in used:
        assert colour not in style


@pytest.mark.parametrize("colour", [level.colour for level in LEVELS])
def test_a_level_is_seen_on_light_and_dark(colour: str) -> None:
    for paper in ("#ffffff", "#11161c"):
        low, high = sorted((luminance(colour), luminance(paper)))
        assert (high + 0.05) / (low + 0.05) > 2
