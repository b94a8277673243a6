"""What a user may have meant: the nearest of what there is."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_MOST: Final = 3


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """Return the few of some words that are near one, the nearest first; case does not matter.

    Those that begin with it leave no doubt about others.

    Parameters
    ----------
    word : str
        What was given.
    known : iterable of str
        What there is.

    Examples
    --------
    >>> nearest("SILVR", ["bronze", "silver", "gold"])
    ['silver']
    """
    by_lower: dict[str, str] = {}
    for one in known:
        by_lower.setdefault(one.lower(), one)
    low = word.lower()
    if low in by_lower:
        return [by_lower[low]]
    begin = [one for one in by_lower if len(low) > 1 and one.startswith(low)]
    found = begin[:_MOST] or get_close_matches(low, by_lower, n=_MOST)
    return [by_lower[one] for one in found]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the question after `nearest`, empty where nothing is near.

    Examples
    --------
    >>> did_you_mean("statsu", ["status", "verify"])
    'did you mean status?'
    """
    return question(nearest(word, known))


def question(meant: Iterable[str]) -> str:
    """Return ``did you mean A or B?``, empty without any."""
    words = " or ".join(meant)
    return f"did you mean {words}?" if words else ""
