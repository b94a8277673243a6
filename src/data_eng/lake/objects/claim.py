"""``_CLAIM``: who builds a partition, told to the other hosts.

A claim is put where there is none, renewed while it is held, and taken over by another run only
when it has not been renewed for `GRACE_S` by the server's clock, or when its process is known to be
dead: of the same scratch folder, whose lock on the partition the kernel has released. A holder that
was stopped for long finds out before it deletes anything (`Claim.confirm`).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ...errors import LakeBusyError, LakeError
from .client import Content, ObjectClient
from .listing import CLAIM

log = logging.getLogger(__name__)

GRACE_S: Final = 300.0
"""A claim that was not renewed for so long is that of a run which is gone."""
RENEWALS: Final = 5
"""How often a claim is renewed within the grace time."""
CLOCK: Final = ".clock"
"""Folder of the objects by which the server's time is asked for."""
_POLL_S: Final = 1.0
RUN: Final = secrets.token_hex(8)
"""Of this process."""


@dataclass
class Claim:
    """A claim that this process holds."""

    client: ObjectClient
    name: str
    etag: str
    scratch: str
    renewed_s: float
    number: int = 0
    is_lost: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def confirm(self) -> None:
        """Renew the claim; raises `LakeBusyError` where another run has taken it over."""
        with self.lock:
            if not self.is_lost:
                self.number += 1
                before_s = time.monotonic()
                etag = self.client.replace(
                    self.name, claim_body(self.scratch, self.number), self.etag
                )
                self.is_lost = etag is None
                self.etag, self.renewed_s = etag or "", before_s
            if self.is_lost:
                raise LakeBusyError(
                    f"{self.client.url}/{self.name}: taken over by another run, as this one did "
                    f"not renew it for {GRACE_S:g} s; run again when that one is done"
                )

    def release(self) -> None:
        """Delete the claim if it is still ours."""
        with self.lock:
            if self.is_lost:
                return
            try:
                # As long as it is renewed none but us may delete or replace it.
                if time.monotonic() - self.renewed_s > GRACE_S / 2:
                    there = self.client.read(self.name)
                    if there is None or there.etag != self.etag:
                        return
                self.client.delete(self.name)
            except LakeError as error:
                log.warning("%s; it is taken over after %g s", error, GRACE_S)

    def keep(self, ended: threading.Event) -> None:
        """Renew until it has ended or is lost."""
        while not ended.wait(GRACE_S / RENEWALS):
            try:
                self.confirm()
            except LakeBusyError:
                return
            except LakeError as error:
                log.debug("%s", error)  # asked again in time, or found out before a publish


class Claims:
    """Takes and keeps claims.

    Parameters
    ----------
    client : ObjectClient
    scratch : str
        Name of the scratch folder, whose locks its processes hold while they build.
    """

    def __init__(self, client: ObjectClient, scratch: str) -> None:
        self._client, self._scratch = client, scratch
        self._held: dict[str, Claim] = {}
        self._clock: tuple[dt.datetime, float] | None = None

    @contextlib.contextmanager
    def hold(self, folder: str, timeout_s: float) -> Iterator[None]:
        """Hold the claim of a partition, whose lock on this host the caller holds.

        Raises
        ------
        LakeBusyError
            Another run holds it for longer than ``timeout_s``; names the holder.
        """
        claim = self._take(f"{folder}/{CLAIM}", timeout_s)
        self._held[folder] = claim
        ended = threading.Event()
        threading.Thread(target=claim.keep, args=(ended,), name="claim", daemon=True).start()
        try:
            yield
        finally:
            ended.set()
            del self._held[folder]
            claim.release()

    def held(self, folder: str) -> Claim:
        """Return the claim of a partition that is being built."""
        return self._held[folder]

    def _take(self, name: str, timeout_s: float) -> Claim:
        deadline = time.monotonic() + timeout_s
        while True:
            body, before_s = claim_body(self._scratch, 0), time.monotonic()
            etag = self._client.create(name, body)
            there = None if etag else self._client.read(name)
            if there is not None and self._is_abandoned(name, there):
                etag = self._client.replace(name, body, there.etag)
                if etag:
                    log.warning("%s/%s: taken over", self._client.url, name)
            if etag:
                return Claim(self._client, name, etag, self._scratch, before_s)
            if there is not None and time.monotonic() >= deadline:
                raise LakeBusyError(
                    f"{self._client.url}/{name}: held by {holder(there)} for more than "
                    f"{timeout_s:g} s; run again when it is done (a claim that is not renewed for "
                    f"{GRACE_S:g} s is taken over)"
                )
            if there is not None:
                time.sleep(max(0.0, min(_POLL_S, deadline - time.monotonic())))

    def _is_abandoned(self, name: str, there: Content) -> bool:
        body = _parsed(there)
        if (body.get("host"), body.get("scratch")) == (socket.gethostname(), self._scratch):
            return True  # we have the lock that its process held
        age = self.server_time() - there.modified
        return age > dt.timedelta(seconds=GRACE_S)

    def server_time(self) -> dt.datetime:
        """Return what time it is by the clock that dates objects.

        By an object that is written once: clocks of hosts may differ by more than the grace time.
        """
        if self._clock is None:
            clock = f"{CLOCK}/{secrets.token_hex(8)}"
            before_s = time.monotonic()
            self._client.put(clock, b"")
            found = self._client.head(clock)
            self._client.delete(clock)
            if found is None:
                raise LakeError(
                    f"{self._client.url}/{clock}: the store forgot what was put; run again"
                )
            self._clock = found.modified, before_s
        server, then_s = self._clock
        return server + dt.timedelta(seconds=time.monotonic() - then_s)


def claim_body(scratch: str, number: int) -> bytes:
    """Return what a claim of this process says; each renewal says something new."""
    body = {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "run": RUN,
        "scratch": scratch,
        "renewal": number,
        "once": secrets.token_hex(8),
    }
    return json.dumps(body).encode()


def holder(there: Content) -> str:
    """Return in words who holds a claim."""
    body = _parsed(there)
    pid, host, run = (str(body.get(key, "?"))[:80] for key in ("pid", "host", "run"))
    return f"process {pid} on {host} (run {run})"


def _parsed(there: Content) -> dict[str, Any]:
    try:
        body = json.loads(there.data)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
