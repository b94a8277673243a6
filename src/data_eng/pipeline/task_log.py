"""What a task logs: collected where it runs, logged by the process that shows the run."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import with_names
from .task import LogLine, TaskResult

_ROOT_LOGGER = __name__.rpartition(".pipeline")[0]


class _Collector(logging.Handler):
    def __init__(self, lines: list[LogLine]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        text = with_names(record.getMessage())
        if record.exc_info:
            text += "\n" + logging.Formatter().formatException(record.exc_info)
        self._lines.append(LogLine(record.levelno, text))


@contextmanager
def collected() -> Iterator[list[LogLine]]:
    """Collect what is logged: it is told with the outcome, by the process that shows the run."""
    lines: list[LogLine] = []
    ours = logging.getLogger(_ROOT_LOGGER)
    handlers, propagate = ours.handlers, ours.propagate
    ours.handlers, ours.propagate = [_Collector(lines)], False
    try:
        yield lines
    finally:
        ours.handlers, ours.propagate = handlers, propagate


def emit(result: TaskResult) -> None:
    """Log what a task logged, in this process; the records carry which partition it was of."""
    ours = logging.getLogger(_ROOT_LOGGER)
    first = result.outcomes[0]
    extra = {"dataset": first.dataset, "symbol": first.symbol, "dt": first.date.isoformat()}
    for line in result.lines:
        ours.log(line.level, "%s", line.text, extra=extra)


def log_level() -> int:
    """Return the level at which this process logs, for a worker to do the same."""
    return logging.getLogger(_ROOT_LOGGER).level


def set_log_level(level: int) -> None:
    """Log from this level on; what a worker logs goes with its outcomes."""
    logging.getLogger(_ROOT_LOGGER).setLevel(level)
