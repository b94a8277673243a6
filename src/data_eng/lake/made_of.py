"""What a partition was made of, in one hash: whether its inputs hold today what they held then."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping


def made_of(contents: Mapping[tuple[str, str], str | None]) -> str:
    """Return a SHA-256 that is the same for the same content hashes of the same inputs.

    Parameters
    ----------
    contents : mapping of (str, str) to str or None
        Content hash by dataset and date; None is absent.
    """
    return made_of_told([told_content(*where, now) for where, now in sorted(contents.items())])


def told_content(dataset: str, dt: str, content_sha256: str | None) -> str:
    """Return a text that stands for an input and its content in `made_of_told`; None is absent."""
    # Their text in Python is quick to make and means nothing else.
    return repr(((dataset, dt), content_sha256))


def made_of_told(told: Iterable[str]) -> str:
    """Return `made_of` by what `told_content` gives for each input, by dataset and date."""
    text = f"[{', '.join(told)}]"
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
