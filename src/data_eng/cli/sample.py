"""``data-eng sample``: write a sample day of raw data."""

from ..sample.__main__ import main

__all__ = ["main"]
