"""``data-eng``, from a checkout ``python -m src.data_eng``: every command of the package."""

from __future__ import annotations

import sys
from collections.abc import Callable

from .edge import run_command


def main() -> int:
    """Run the command that the arguments of the process name; return its exit code."""
    return run_command(_load)


def _load() -> Callable[[], int]:
    from .cli.main import command  # noqa: PLC0415 - under the edge

    return command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
