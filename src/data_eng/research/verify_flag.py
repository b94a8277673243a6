"""The flag by which research commands choose how what they read is verified."""

from __future__ import annotations

import argparse
from typing import get_args

from ..lake.table import Verify


def add_verify(parser: argparse.ArgumentParser) -> None:
    """Add ``--verify`` to a parser."""
    parser.add_argument(
        "--verify",
        choices=get_args(Verify),
        default="pages",
        help="what is read, whole files before, or nothing (default pages)",
    )
