"""``data-eng sample``: write a sample day of raw data."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..errors import UsageError
from ..sample.__main__ import build_parser
from ..sample.__main__ import main as write_sample

__all__ = ["build_parser", "main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Write the day; return the exit code."""
    given = sys.argv[1:] if argv is None else argv
    if any("s3:/" in one for one in given):
        raise UsageError("--lake-root: the sample is written to a folder; put it from there")
    return write_sample(argv)
