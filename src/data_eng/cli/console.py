"""What commands print with: log lines as text or JSON, and consoles."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console

from ..edge import one_line
from ..pipeline.run_log import utc

_PLAIN_WIDTH: Final = 160
"""Columns of the tables where there is no terminal to fit them to."""
_WHERE: Final = ("dataset", "symbol", "dt")


class LineFormatter(logging.Formatter):
    """One line a log record; what is for debugging keeps its lines."""

    def format(self, record: logging.LogRecord) -> str:
        """Return level and message."""
        text = record.getMessage()
        shown = text if record.levelno <= logging.DEBUG else one_line(text)
        return f"{record.levelname}: {shown}"


class JsonFormatter(logging.Formatter):
    """One JSON object a log record.

    Parameters
    ----------
    run : str
        Id of the run.
    """

    def __init__(self, run: str) -> None:
        super().__init__()
        self._run = run

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON."""
        # What a task logged carries which partition it was of.
        body: dict[str, Any] = {"event": "log", "message": record.getMessage()}
        body |= {key: record.__dict__[key] for key in _WHERE if key in record.__dict__}
        return json_line(record.levelname.lower(), self._run, body)


def json_line(level: str, run: str, body: Mapping[str, Any]) -> str:
    """Return a line of a JSON log: time in UTC, level and run before what it says."""
    return json.dumps({"time": utc(time.time()), "level": level, "run": run, **body})


def setup_logging(log_format: str, *, debug: bool, run: str = "") -> None:
    """Send warnings (with ``debug`` everything of ours) to stderr, one line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(run) if log_format == "json" else LineFormatter())
    ours = logging.getLogger(__name__.rpartition(".cli")[0])  # the package's root
    ours.handlers = [handler]
    ours.propagate = False
    ours.setLevel(logging.DEBUG if debug else logging.WARNING)


def plain_console(*, stderr: bool = False) -> Console:
    """Return a console for texts that manifests say: never markup, nor an emoji by its name."""
    console = Console(stderr=stderr, soft_wrap=True, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _PLAIN_WIDTH
    return console
