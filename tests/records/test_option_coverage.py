"""When the quotes and trades of options are known, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from src.data_eng.records.option_coverage import MAX_SILENCE_NS, is_inside, is_silent
from src.data_eng.vendor.silences import SILENCE_NS

S = 10**9


@pytest.mark.parametrize(
    ("schema", "unknown"),
    [
        ("mbp-1", range(160, 401)),
        ("bbo-1s", range(160, 401)),
        ("bbo-1m", range(280, 401)),
        ("tbbo", range(0)),
    ],
)
def test_a_silence_begins_after_the_limit_and_ends_with_what_is_seen(
    schema: str, unknown: range
) -> None:
    """The last quote came at 100 s, the next at 400 s: a step at 400 s has not seen it."""
    at = np.arange(500)
    found = is_silent(at * S, [[100 * S, 400 * S]], schema)
    assert np.flatnonzero(found).tolist() == list(unknown)


def test_manifests_tell_every_silence_that_is_long_enough() -> None:
    assert min(MAX_SILENCE_NS.values()) >= SILENCE_NS


def test_after_the_last_quote_all_is_unknown() -> None:
    found = is_silent(np.array([159, 160, 10**6]) * S, [[100 * S, None]], "mbp-1")
    assert found.tolist() == [False, True, True]


def test_a_range_holds_what_was_seen_at_its_end() -> None:
    at = np.array([9, 10, 11, 20, 21])
    assert is_inside(at, [[10, 20]]).tolist() == [False, False, True, True, False]
    assert is_inside(at, None).all()
    assert not is_inside(at, []).any()
