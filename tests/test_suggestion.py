"""What a user may have meant."""

from __future__ import annotations

import pytest

from src.data_eng.suggestion import did_you_mean, nearest

LAYERS = ["bronze", "silver", "gold", "all"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("glod", ["gold"]),
        ("GOLD", ["gold"]),
        ("br", ["bronze"]),
        ("a", []),  # too little to tell by
        ("platinum", []),
        ("", []),
    ],
)
def test_the_nearest_of_what_there_is(word: str, meant: list[str]) -> None:
    assert nearest(word, LAYERS) == meant


def test_what_begins_with_a_word_comes_alone() -> None:
    assert nearest("--lake", ["--layer", "--lake-root", "--dates"]) == ["--lake-root"]


def test_at_most_three_are_named() -> None:
    assert did_you_mean("level", [f"level_{n}" for n in range(9)]) == (
        "did you mean level_0 or level_1 or level_2?"
    )


def test_where_nothing_is_near_nothing_is_asked() -> None:
    assert did_you_mean("platinum", LAYERS) == ""
