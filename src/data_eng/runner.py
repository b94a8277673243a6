"""``python -m src.data_eng.runner``: build the lake's partitions."""

from __future__ import annotations

import sys
from collections.abc import Callable

from .edge import run_command


def main() -> int:
    """Run the command on the arguments of the process; return its exit code."""
    return run_command(_load)


def _load() -> Callable[[], int]:
    from .cli.run import main as command  # noqa: PLC0415 - under the edge

    return command


if __name__ == "__main__":
    sys.exit(main())
