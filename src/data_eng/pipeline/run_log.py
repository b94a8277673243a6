"""The run log: what each task of a run took, as JSON lines in ``{lake}/_runs/``.

What was complete before the run began is counted, in a line a date.

One file a run, written by the one process that owns the run, so that nothing is appended by two.
It has clocks and hosts in it, which manifests have not; no reader of tables looks at it, and it may
be deleted at any time. A log that cannot be written is told once, and the run goes on.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import logging
import os
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TextIO

from ..errors import LakeError
from ..lake.store import store_of
from ..stages.outcome import Status
from .task import Ran, TaskResult, ran_now

log = logging.getLogger(__name__)

RUNS: Final = "_runs"
"""Folder of the run logs in a lake."""


def new_run_id() -> str:
    """Return a name for a run: its start in UTC, and four random bytes."""
    return f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def utc(seconds: float) -> str:
    """Return a time in seconds since the epoch as ISO 8601, in UTC, to the millisecond.

    >>> utc(0.0015)
    '1970-01-01T00:00:00.001Z'
    """
    text = dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


class RunLog:
    """The log of one run; a context manager that closes its file.

    Parameters
    ----------
    lake_root : Path
    run : str
        Id of the run.
    asked : mapping
        What was asked for, for the first line.
    """

    def __init__(self, lake_root: Path, run: str, asked: Mapping[str, Any]) -> None:
        self.path = lake_root / RUNS / f"{run}-{socket.gethostname()}-{os.getpid()}.jsonl"
        self._lake_root, self._run, self._asked = lake_root, run, dict(asked)
        self._file: TextIO | None = None
        self._failed = False
        self._idle: tuple[dt.date, int] | None = None

    def __enter__(self) -> RunLog:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):  # a full disk was told when a line was written
                self._file.close()

    def add(self, result: TaskResult) -> None:
        """Write a line for each partition of a task; one a date for what was complete before."""
        ran, first = result.ran, result.outcomes[0]
        is_idle = ran is None and first.status is Status.COMPLETE
        if self._idle and not (is_idle and first.date == self._idle[0]):
            self._tell_idle()
        if is_idle:
            before = self._idle[1] if self._idle else 0
            self._idle = first.date, before + len(result.outcomes)
            return
        took = {} if ran is None else _took(ran, result.peak_bytes)
        for one in result.outcomes:
            body = {
                "event": "partition",
                "dataset": one.dataset,
                "symbol": one.symbol,
                "dt": one.date.isoformat(),
                "status": str(one.status),
                "reason": one.reason,
                "rows": one.rows,
                "bytes": one.bytes,
                "seconds": round(one.seconds, 6),
            }
            self._write({**body, **took})

    def end(self, counts: Mapping[str, int], seconds: float) -> None:
        """Write the last line: how many partitions came to what."""
        self._tell_idle()
        self._write({"event": "end", "seconds": round(seconds, 3), "partitions": dict(counts)})
        self._share()

    def _tell_idle(self) -> None:
        # A nightly run over years finds a hundred thousand complete: they are counted by date.
        if self._idle:
            date, count = self._idle
            self._idle = None
            self._write({"event": "complete", "dt": date.isoformat(), "partitions": count})

    def _share(self) -> None:
        # To object storage, beside those of the other hosts; it stays in the mirror too.
        store = store_of(self._lake_root)
        if store is None or self._file is None or self._failed:
            return
        try:
            store.write_note(f"{RUNS}/{self.path.name}", self.path.read_bytes())
        except (OSError, LakeError) as error:
            log.warning("%s; the run log stays on this host", error)

    def _write(self, body: Mapping[str, Any]) -> None:
        if self._failed:
            return
        try:
            if self._file is None:
                self.path.parent.mkdir(exist_ok=True)
                self._file = self.path.open("x", encoding="utf-8")
                own = _took(ran_now(), 0)
                first = {"event": "run", **self._asked, "host": own["host"], "pid": own["pid"]}
                self._line({**first, "versions": own["versions"]})
            self._line(body)
        except OSError as error:
            self._failed = True
            log.warning(
                "%s: the run log cannot be written (%s); the run goes on without it",
                self.path,
                error.strerror,
            )

    def _line(self, body: Mapping[str, Any]) -> None:
        assert self._file is not None, "the file is open"
        now = utc(dt.datetime.now(dt.UTC).timestamp())
        self._file.write(json.dumps({"time": now, "run": self._run, **body}) + "\n")
        self._file.flush()


def _took(ran: Ran, peak_bytes: int) -> dict[str, Any]:
    return {
        "start": utc(ran.started),
        "end": utc(ran.ended),
        "task_seconds": round(ran.ended - ran.started, 6),
        "peak_bytes": peak_bytes,
        "host": ran.host,
        "pid": ran.pid,
        "versions": dict(ran.versions),
    }
