"""How a user starts a command of the package: messages name it in the way that was used."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

SCRIPT: Final = "data-eng"
"""The console script of an installed package."""

_DOORS: Final = {
    "run": "runner",
    "report": "report",
    "evaluate": "evaluation",
    "check": "check_features",
    "demo": "demo",
}
"""Modules that start one command alone."""


def program(command: str, started: str | None = None) -> str:
    """Return how a command is started.

    Parameters
    ----------
    command : str
        A subcommand of ``data-eng``.
    started : str, optional
        What this process was started by; by default that of ``sys.argv``.

    Examples
    --------
    >>> program("report", "/usr/bin/data-eng")
    'data-eng report'
    """
    path = Path(sys.argv[0] if started is None else started)
    package = __name__.rpartition(".")[0]
    if path.stem == SCRIPT:
        return f"{SCRIPT} {command}"
    is_door = path.parent == Path(__file__).parent and path.stem in _DOORS.values()
    if is_door and command in _DOORS:
        return f"python -m {package}.{_DOORS[command]}"
    return f"python -m {package} {command}"
