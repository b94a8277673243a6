"""Removed on purpose on object storage: whatever fails, a partition stands or its tombstone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from src.data_eng.cli.clean import main as clean
from src.data_eng.errors import LakeBusyError, LakeError, PartitionRemovedError, UsageError
from src.data_eng.lake.claim import hold
from src.data_eng.lake.listing import LakeListing
from src.data_eng.lake.objects import claim
from src.data_eng.lake.objects.listing import CLAIM
from src.data_eng.lake.objects.removal import remove_unfinished
from src.data_eng.lake.paths import MANIFEST, PART, SUCCESS
from src.data_eng.lake.publish import repair
from src.data_eng.lake.reader import PublishedPartition
from src.data_eng.lake.removal import remove_partition
from src.data_eng.lake.settle import settle
from src.data_eng.lake.tombstone import read_tombstone
from tests.dbn_files import DATE
from tests.lake_partitions import NEW, OLD, PARTITION, visible
from tests.s3_hosts import FOLDER, Hosts, Killed, build, kill_at
from tests.s3_server import Fault, Request

TOMBSTONE = PARTITION.tombstone.as_posix()
GRAVE = TOMBSTONE.rpartition("/")[2]
STEPS = [
    ("PUT", CLAIM, 0),
    ("HEAD", SUCCESS, 0),
    ("PUT", GRAVE, 0),
    ("PUT", CLAIM, 1),
    ("DELETE", SUCCESS, 0),
    ("DELETE", MANIFEST, 0),
    ("DELETE", PART, 0),
    ("DELETE", CLAIM, 0),
]
"""The requests of a removal, in order and without LIST: kind, object, and which one of them."""


def remove(mirror: Path) -> None:
    with hold(mirror, PARTITION, 0.0, shared=False):
        remove_partition(mirror, PARTITION)


def names(hosts: Hosts) -> set[str]:
    return {name.removeprefix(f"{FOLDER}/") for name in hosts.client().list("")}


def state(mirror: Path) -> bytes | str:
    """Return the partition's data, or its content hash where it is removed; one of them it is."""
    try:
        with PublishedPartition(mirror, PARTITION) as published, published.open_part() as file:
            return bytes(file.read())
    except PartitionRemovedError:
        found = read_tombstone(mirror, PARTITION)
        assert found is not None
        return found.content_sha256


@pytest.fixture
def content(hosts: Hosts) -> str:
    """Return the content hash of what stands before."""
    here = hosts.host("here")
    build(here, OLD)
    with PublishedPartition(here, PARTITION) as published:
        return published.manifest.content_sha256


def test_the_requests_are_those_of_the_protocol_in_its_order(hosts: Hosts, content: str) -> None:
    here = hosts.host("here")
    hosts.server.requests.clear()
    remove(here)
    told = [one for one in hosts.server.requests if one.kind != "LIST"]
    assert [Request(one.kind, one.name.rpartition("/")[2]) for one in told] == [
        Request(kind, name) for kind, name, _ in STEPS
    ]
    assert names(hosts) == {TOMBSTONE}
    for mirror in (here, hosts.host("here"), hosts.host("there")):
        assert state(mirror) == content
        dates = LakeListing(mirror).dates(PARTITION.dataset)[PARTITION.symbol]
        assert not dates.there
        assert dates.removed == {DATE}
    assert not (here / FOLDER).exists()


def test_a_tombstone_is_fetched_once_by_a_host(hosts: Hosts, content: str) -> None:
    remove(hosts.host("here"))
    assert state(hosts.host("there")) == content
    hosts.server.requests.clear()
    assert state(hosts.host("there")) == content
    assert hosts.server.counts() == {"LIST": 2}


def test_a_kill_between_any_two_requests(
    hosts: Hosts, content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for at in range(20):
        dying = hosts.host("here")
        kill_at(dying, at)
        try:
            remove(dying)
        except Killed:
            found.append(state(hosts.host("there")))
            assert found[-1] in (OLD, content)
            again = hosts.host("here")
            if found[-1] == OLD:
                settle(again, PARTITION)
                assert TOMBSTONE not in names(hosts)
                remove(again)
            else:
                clean(["--lake-root", str(hosts.url), "--older-than", "0s", "--yes"])
            assert names(hosts) == {TOMBSTONE}
            build(again, OLD)
            settle(again, PARTITION)
            assert names(hosts) == {PART, MANIFEST, SUCCESS}
        else:
            break
    assert len(found) > len(STEPS)
    assert found == sorted(found, key=lambda one: one == content)
    assert set(found) == {OLD, content}


@pytest.mark.parametrize("what", ["503", "late"])
@pytest.mark.parametrize("step", STEPS, ids=lambda one: f"{one[0]} {one[1]} {one[2]}")
def test_a_request_that_fails_once_is_no_fault(
    hosts: Hosts, content: str, step: tuple[str, str, int], what: str
) -> None:
    kind, name, after = step
    hosts.server.faults.append(Fault(what, kind, name, times=1, after=after))
    remove(hosts.host("here"))
    assert not hosts.server.faults[0].times
    assert state(hosts.host("there")) == content
    assert names(hosts) == {TOMBSTONE}


@pytest.mark.parametrize("step", STEPS, ids=lambda one: f"{one[0]} {one[1]} {one[2]}")
def test_a_request_that_fails_for_good_leaves_it_or_its_tombstone(
    hosts: Hosts, content: str, step: tuple[str, str, int]
) -> None:
    kind, name, after = step
    hosts.server.faults.append(Fault("503", kind, name, after=after))
    if (kind, name) == ("DELETE", CLAIM):
        remove(hosts.host("here"))
    else:
        with pytest.raises(LakeError, match="run again"):
            remove(hosts.host("here"))
    hosts.server.clear()
    found = state(hosts.host("there"))
    at = STEPS.index(step)
    assert found == (OLD if at <= STEPS.index(("DELETE", SUCCESS, 0)) else content)
    here = hosts.host("here")
    settle(here, PARTITION)
    build(here, NEW)
    assert state(hosts.host("there")) == NEW
    assert names(hosts) == {PART, MANIFEST, SUCCESS}


def test_a_run_that_lost_its_claim_deletes_nothing(hosts: Hosts, content: str) -> None:
    other = hosts.client()

    def take_over() -> None:
        found = other.read(f"{FOLDER}/{CLAIM}")
        assert found is not None
        other.replace(f"{FOLDER}/{CLAIM}", b"{}", found.etag)

    hosts.server.faults.append(Fault("call", "PUT", GRAVE, times=1, then=take_over))
    with pytest.raises(LakeBusyError, match="taken over by another run"):
        remove(hosts.host("here"))
    assert state(hosts.host("there")) == OLD


def test_what_was_replaced_meanwhile_is_not_removed(hosts: Hosts, content: str) -> None:
    here, there = hosts.host("here"), hosts.host("there")

    def replace() -> None:
        with pytest.MonkeyPatch.context() as short:
            short.setattr(claim, "GRACE_S", -10.0)
            short.setattr(claim, "RENEWALS", -0.001)
            build(there, NEW)

    hosts.server.faults.append(Fault("call", "HEAD", SUCCESS, times=1, then=replace))
    with pytest.raises(LakeBusyError, match="was replaced meanwhile"):
        remove(here)
    assert state(hosts.host("third")) == NEW
    assert TOMBSTONE not in names(hosts)


def test_what_is_published_again_has_no_tombstone(hosts: Hosts, content: str) -> None:
    here = hosts.host("here")
    remove(here)
    assert state(here) == content
    build(here, NEW)
    assert names(hosts) == {PART, MANIFEST, SUCCESS}
    assert state(hosts.host("there")) == NEW


def test_a_build_that_begins_leaves_the_tombstone(hosts: Hosts, content: str) -> None:
    """It may be killed before it publishes."""
    here = hosts.host("here")
    remove(here)
    assert state(here) == content
    with hold(here, PARTITION, 0.0, shared=False):
        repair(here, PARTITION)
    assert state(hosts.host("there")) == content


def shown(hosts: Hosts, capsys: pytest.CaptureFixture[str], *extra: str) -> list[tuple[str, str]]:
    capsys.readouterr()
    assert clean(["--lake-root", str(hosts.url), "--output", "json", *extra]) == 0
    items: Any = json.loads(capsys.readouterr().out)["items"]
    return [(one["kind"], one["action"]) for one in items if one["kind"] != "lock file"]


def test_clean_removes_what_a_killed_build_left(
    hosts: Hosts, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    dying = hosts.host("there")
    kill_at(dying, 6)  # before `_SUCCESS` is put
    with pytest.raises(Killed):
        build(dying, NEW)
    left = names(hosts)
    assert left == {PART, MANIFEST, CLAIM}
    monkeypatch.setenv("DATA_ENG_SCRATCH", str(hosts.folder / "here"))
    assert shown(hosts, capsys) == []
    asked = ("--older-than", "0s")
    kinds = ["unfinished partition", "claim"]
    assert shown(hosts, capsys, *asked) == [(one, "would be removed") for one in kinds]
    # Another host's claim is believed within the grace time.
    assert shown(hosts, capsys, *asked, "--yes") == [(one, "kept") for one in kinds]
    assert names(hosts) == left
    monkeypatch.setattr(claim, "GRACE_S", -10.0)
    monkeypatch.setattr(claim, "RENEWALS", -0.001)
    assert shown(hosts, capsys, *asked, "--yes") == [(one, "removed") for one in kinds]
    assert names(hosts) == set()


def test_clean_removes_what_a_killed_build_left_on_this_host(
    hosts: Hosts, capsys: pytest.CaptureFixture[str]
) -> None:
    here = hosts.host("here")
    build(here, NEW)
    left = here / PARTITION.new_temporary()
    left.mkdir()
    (left / PART).write_bytes(OLD)
    asked = ("--older-than", "0s", "--yes")
    assert shown(hosts, capsys, *asked) == [("temporary folder", "removed")]
    assert not left.exists()
    assert visible(hosts.host("there")) == NEW


def test_clean_leaves_what_is_whole(hosts: Hosts, capsys: pytest.CaptureFixture[str]) -> None:
    build(hosts.host("here"), NEW)
    assert shown(hosts, capsys, "--older-than", "0s", "--yes") == []
    assert visible(hosts.host("there")) == NEW
    with pytest.raises(UsageError, match="clean without --claims removes it"):
        clean(["--lake-root", str(hosts.url), "--claims"])


def test_what_is_left_is_not_removed_where_it_became_whole(hosts: Hosts) -> None:
    """Published since `clean` looked: as it would be by another host."""
    build(hosts.host("there"), NEW)
    before = hosts.client().list("")
    with pytest.raises(LakeBusyError, match="was published meanwhile; run again"):
        remove_unfinished(hosts.client(), FOLDER)
    assert hosts.client().list("") == before
