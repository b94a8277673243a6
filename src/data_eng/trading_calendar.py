"""``python -m src.data_eng.trading_calendar``: write the closures of XNYS."""

from __future__ import annotations

import sys
from collections.abc import Callable

from .edge import run_command


def _load() -> Callable[[], int]:
    from .exchange.calendar import main  # noqa: PLC0415 - under the edge

    return main


if __name__ == "__main__":
    sys.exit(run_command(_load))
