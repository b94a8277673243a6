"""When a claim may be taken over: by what it says, and by the server's clock alone."""

from __future__ import annotations

import datetime as dt
import json
import socket
from types import SimpleNamespace

import pytest

from src.data_eng.errors import LakeBusyError
from src.data_eng.lake.objects import claim
from src.data_eng.lake.objects.claim import GRACE_S, Claims
from src.data_eng.lake.objects.listing import CLAIM
from tests.s3_hosts import Hosts

FOLDER = "gold/product_type=future/symbol=ESM5/table=market/dt=2025-06-05"
OURS, HERE = "scratch-1", socket.gethostname()


@pytest.mark.parametrize(
    ("host", "scratch", "is_taken"),
    [(HERE, OURS, True), (HERE, "scratch-2", False), ("elsewhere", OURS, False)],
    ids=["ours", "another folder", "another host"],
)
def test_a_fresh_claim_is_taken_over_only_from_a_process_of_this_host_and_folder(
    hosts: Hosts, host: str, scratch: str, *, is_taken: bool
) -> None:
    """A scratch folder that was copied with its machine has the name of the other's."""
    client = hosts.client()
    client.put(f"{FOLDER}/{CLAIM}", json.dumps({"host": host, "scratch": scratch}).encode())
    claims = Claims(client, OURS)
    if is_taken:
        with claims.hold(FOLDER, 0.0):
            assert claims.held(FOLDER).etag
        return
    with (
        pytest.raises(LakeBusyError, match=f"held by process . on {host}"),
        claims.hold(FOLDER, 0.0),
    ):
        pass


@pytest.mark.parametrize("ahead_s", [-10 * GRACE_S, 10 * GRACE_S])
@pytest.mark.parametrize("body", [b"{}", b"[1]", b"\xff{"])
def test_the_age_of_a_claim_is_told_by_the_servers_clock(
    hosts: Hosts, monkeypatch: pytest.MonkeyPatch, ahead_s: float, body: bytes
) -> None:
    hosts.client().put(f"{FOLDER}/{CLAIM}", body)
    ahead = dt.timedelta(seconds=ahead_s)
    clock = SimpleNamespace(now=lambda zone=None: dt.datetime.now(zone) + ahead)
    monkeypatch.setattr(
        claim, "dt", SimpleNamespace(datetime=clock, timedelta=dt.timedelta, UTC=dt.UTC)
    )
    with (
        pytest.raises(LakeBusyError, match="run again"),
        Claims(hosts.client(), OURS).hold(FOLDER, 0),
    ):
        pass
    monkeypatch.setattr(claim, "GRACE_S", -1.0)
    with Claims(hosts.client(), OURS).hold(FOLDER, 0):
        pass
    assert hosts.client().list("") == {}
