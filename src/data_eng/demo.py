"""``python -m src.data_eng.demo``: a sample day through all layers."""

from __future__ import annotations

import sys
from collections.abc import Callable

from .edge import run_command


def main() -> int:
    """Run the command on the arguments of the process; return its exit code."""
    return run_command(_load)


def _load() -> Callable[[], int]:
    from .cli.demo import main as command  # noqa: PLC0415 - under the edge

    return command


if __name__ == "__main__":
    sys.exit(main())
