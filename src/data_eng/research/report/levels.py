"""What each level did on a day: its price, its touches by outcome, why it has none."""

from __future__ import annotations

import html
import re
from collections import Counter
from typing import Any, Final

import numpy as np

from ...catalogue.tables import LEVEL
from ...catalogue.vectors import MARKET, OUTCOME, level_tables
from ...features.definitions import ARM_TICKS
from ...features.level.levels import level_named, level_names, level_words
from .day import ReportDay, level_steps, numbers, times_ns
from .touches import CENSORED

DID: Final = {
    "bounce": "bounced",
    "break": "broke",
    "timeout": "timed out",
    CENSORED: "not decided",
}
"""Outcomes in the words of the page, in their order there."""


def outcome_counts(day: ReportDay, level: str | None = None) -> Counter[str]:
    """Return the number of touches by outcome, of one level or of all."""
    table = day.tables[OUTCOME]
    names, outcomes = table["level"].to_pylist(), table["outcome"].to_pylist()
    pairs = zip(names, outcomes, strict=True)
    return Counter(outcome or CENSORED for name, outcome in pairs if level in (None, name))


def counts_words(counts: Counter[str]) -> str:
    """Return ``3 bounced, 1 broke``; empty without a touch."""
    return ", ".join(f"{counts[kind]} {words}" for kind, words in DID.items() if counts[kind])


def outcome_marks(counts: Counter[str]) -> str:
    """Return a mark with the number of touches for each outcome that there is, unspoken."""
    return " ".join(
        f'<span class="mark {kind}" aria-hidden="true">{counts[kind]}</span>'
        for kind in DID
        if counts[kind]
    )


def touch_marks(day: ReportDay, level: str) -> str:
    """Return the numbered marks of a level's touches, as the chart has them, unspoken."""
    table = day.tables[OUTCOME]
    columns = (table[name].to_pylist() for name in ("level", "episode_id", "outcome"))
    return "".join(
        f'<span class="mark {outcome or CENSORED}" data-touch="{number}" '
        f'aria-hidden="true">{number}</span>'
        for name, number, outcome in zip(*columns, strict=True)
        if name == level
    )


def outcome_key() -> str:
    """Return the items of a key that say which mark is which outcome."""
    return "".join(
        f'<li><span class="mark {kind}">n</span>{html.escape(words)}</li>'
        for kind, words in DID.items()
    )


def short_name(words: str) -> str:
    """Return a level's name for narrow places.

    Examples
    --------
    >>> short_name("Pre-Market High"), short_name("SMA 90")
    ('PMH', 'SMA 90')
    """
    if any(len(word) > 1 and word.isupper() for word in words.split()):
        return words
    return "".join(word[0] for word in re.split(r"[\s-]+", words))


def level_cards(day: ReportDay) -> str:
    """Return a card for each level: its price, and what became of its touches."""
    cards = []
    for n, level in enumerate(level_names()):
        _, price = level_steps(day, level)
        known = price[~np.isnan(price)]
        value = day.price_words(known[-1]) if len(known) else "no price"
        counts = outcome_counts(day, level)
        told = counts_words(counts) or why_untouched(day, level)
        cards.append(
            f'<li class="card level-{n}"><span class="name"><i class="swatch"></i>'
            f"{html.escape(level_words(level))}</span><b>{html.escape(value)}</b>"
            f'<span class="marks">{touch_marks(day, level)}</span>'
            f'<span class="told">{html.escape(told)}</span></li>'
        )
    return f'<ul class="cards">{"".join(cards)}</ul>'


def why_untouched(day: ReportDay, level: str) -> str:
    """Return why a level has no touch, in words: no price, never armed, or how near it came."""
    reasons = day.manifests[LEVEL][0].facts.get("missing", {})
    if level in reasons:
        return f"no price: {reasons[level]}"
    table = day.tables[level_tables()[level]]
    distance = np.abs(numbers(table, f"{level}_distance_ticks"))
    if np.isnan(distance).all():
        return "not known, or no valid quote, from 09:30 to 12:30"
    armed = np.flatnonzero(~np.isnan(numbers(table, f"{level}_approach_side")))
    if not len(armed):
        return f"never armed: the mid stayed within {ARM_TICKS} ticks of it"
    since = np.nan_to_num(distance[armed], nan=np.inf)
    nearest = int(since.argmin())
    clocks = day.clock_seconds(times_ns(day.tables[MARKET], "ts")[armed[[0, nearest]]])
    first, then = (f"{int(at) // 3600:02d}:{int(at) // 60 % 60:02d}" for at in clocks)
    return (
        f"not touched: armed at {first}, then no nearer than {since[nearest]:,.1f} ticks ({then})"
    )


def arming_rule(day: ReportDay) -> str:
    """Return what a touch is, in ticks and in price of the product."""
    distance = f"{ARM_TICKS * day.tick_size:g}"
    return (
        f"A level is armed once the mid is {ARM_TICKS} ticks ({distance} in price) or more from "
        f"it. The next trade at or through it is a touch, and the touch is over once the mid is "
        f"{ARM_TICKS} ticks away again: a price that hangs about a level is one touch, and one "
        "that never leaves it is none. A touch bounced if trades went back by the barrier's "
        "distance first, and broke if they went through by as much."
    )


def level_lines(day: ReportDay) -> list[dict[str, Any]]:
    """Return the levels' lines as JSON values: steps of time and price, null where it lapses."""
    found = []
    for level in level_names():
        times, price = level_steps(day, level)
        clock = day.clock_seconds(times)
        words = level_words(level)
        found.append(
            {
                "name": level,
                "words": words,
                "short": short_name(words),
                "colour": level_named(level).colour,
                "times": clock.tolist(),
                "prices": [None if np.isnan(p) else float(p) for p in price],
            }
        )
    return found
