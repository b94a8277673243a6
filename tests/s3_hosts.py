"""Hosts that share a lake on object storage: a mirror and a client each, in one process."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from src.data_eng import errors
from src.data_eng.lake import location, store
from src.data_eng.lake.lock import lake_lock, partition_claim
from src.data_eng.lake.objects import client, raw_files
from src.data_eng.lake.objects.mirror import ObjectLake
from src.data_eng.lake.objects.url import LakeUrl
from tests.lake_partitions import PARTITION, publish, visible
from tests.s3_server import S3Server

FOLDER: Final = PARTITION.folder.as_posix()
_BUCKETS = itertools.count()


class Killed(BaseException):
    """The process is no more."""


@dataclass
class Hosts:
    """A bucket, and the hosts that use it."""

    server: S3Server
    url: LakeUrl
    folder: Path
    monkeypatch: pytest.MonkeyPatch

    def host(self, name: str) -> Path:
        """Return the mirror of a host; every call is a new process of it."""
        self.monkeypatch.setenv("DATA_ENG_SCRATCH", str(self.folder / name))
        made = ObjectLake(self.url)
        store.register(made)
        return made.mirror

    def client(self) -> client.ObjectClient:
        """Return a client of its own."""
        return client.ObjectClient(self.url)


def make_hosts(server: S3Server, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Hosts:
    """Return hosts of an empty bucket; nothing waits long between attempts."""
    server.clear()
    bucket = f"bucket-{next(_BUCKETS)}"
    server.make_bucket(bucket)
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    short = {"init_backoff": dt.timedelta(milliseconds=1), "base": 2}
    retries: Any = {**client.RETRIES, "max_retries": 1, "backoff": short}
    monkeypatch.setattr(client, "RETRIES", retries)
    monkeypatch.setattr(client, "BACKOFF_S", 0.001)
    monkeypatch.setattr(raw_files, "RETRY_S", 0.0)
    monkeypatch.setattr(location, "_OPENED", {})
    monkeypatch.setattr(store, "_STORES", {})
    monkeypatch.setattr(errors, "_NAMES", {})
    server.requests.clear()
    return Hosts(server, LakeUrl(bucket, "some/lake"), folder, monkeypatch)


def build(mirror: Path, content: bytes, timeout_s: float = 0.0) -> None:
    """Publish the partition with this content, as a stage does: under its lock and claim."""
    with (
        lake_lock(mirror, PARTITION.lock_name),
        partition_claim(mirror, PARTITION, timeout_s),
    ):
        publish(mirror, content)


def seen(mirror: Path) -> bytes | None:
    """Return the data of the partition as they are in the lake now, verified."""
    found = store.store_of(mirror)
    assert found is not None
    found.refresh(FOLDER)
    return visible(mirror)


def kill_at(mirror: Path, at: int, name: str = "\0") -> Callable[[], int]:
    """Let the process of a mirror be killed before its nth request, or the first one of an object.

    Returns what tells how many it made.
    """
    lake: Any = store.store_of(mirror)
    made = lake._client
    count = itertools.count()
    calls, dead = [0], []

    def dying(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            calls[0] = next(count) + 1
            if calls[0] > at or args[0].endswith(name):
                dead.append(True)
            if dead:
                raise Killed
            return method(*args)

        return call

    for one in ("list", "head", "read", "put", "create", "replace", "delete", "download"):
        setattr(made, one, dying(getattr(made, one)))
    return lambda: calls[0]
