"""What a host fetches of partitions: verified, once, and never a mixture."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from src.data_eng.errors import CorruptPartitionError, LakeError, PartitionNotFoundError
from src.data_eng.lake.paths import MANIFEST, PART, SUCCESS
from src.data_eng.lake.reader import PublishedPartition
from src.data_eng.lake.store import store_of
from tests.lake_partitions import NEW, OLD, PARTITION, visible
from tests.s3_hosts import FOLDER, Hosts, build, seen
from tests.s3_server import Fault

READS = [("LIST", ""), ("GET", SUCCESS), ("GET", MANIFEST), ("GET", PART)]


@pytest.mark.parametrize("what", ["500", "503", "409", "412", "reset", "cut"])
@pytest.mark.parametrize("read", READS, ids=" ".join)
def test_a_read_that_fails_once_is_no_fault(hosts: Hosts, read: tuple[str, str], what: str) -> None:
    build(hosts.host("here"), NEW)
    hosts.server.clear()
    hosts.server.faults.append(Fault(what, *read, times=1))
    assert visible(hosts.host("there")) == NEW
    assert not hosts.server.faults[0].times


@pytest.mark.parametrize("what", ["503", "403", "reset", "cut"])
@pytest.mark.parametrize("read", READS, ids=" ".join)
def test_a_read_that_fails_for_good_is_one_error_that_names_the_object(
    hosts: Hosts, read: tuple[str, str], what: str
) -> None:
    build(hosts.host("here"), NEW)
    hosts.server.clear()
    hosts.server.faults.append(Fault(what, *read))
    there = hosts.host("there")
    with pytest.raises(LakeError) as told:
        visible(there)
    text = str(told.value)
    assert text.startswith(str(hosts.url))
    assert text.count("\n") == 0
    assert len(hosts.server.requests) < 20
    hosts.server.clear()
    assert visible(hosts.host("there")) == NEW


def test_each_object_is_fetched_once_by_a_host_and_never_by_the_one_that_put_it(
    hosts: Hosts,
) -> None:
    here, there = hosts.host("here"), hosts.host("there")
    build(here, NEW)
    hosts.server.clear()
    assert visible(here) == visible(here) == NEW
    assert hosts.server.counts() == {"LIST": 1}
    hosts.server.clear()
    assert visible(there) == visible(there) == NEW
    assert hosts.server.counts() == {"LIST": 1, "GET": 3}
    hosts.server.clear()
    assert visible(hosts.host("there")) == NEW
    assert hosts.server.counts() == {"LIST": 1}


def test_a_manifest_is_enough_to_plan(hosts: Hosts) -> None:
    build(hosts.host("here"), NEW)
    hosts.server.clear()
    with PublishedPartition(hosts.host("there"), PARTITION) as published:
        assert published.manifest.rows == 1
    assert hosts.server.counts() == {"LIST": 1, "GET": 2}


def test_what_another_host_rebuilt_is_fetched_again(hosts: Hosts) -> None:
    here, there = hosts.host("here"), hosts.host("there")
    build(here, OLD)
    assert seen(there) == OLD
    build(here, NEW)
    assert seen(there) == NEW
    store = store_of(here)
    assert store is not None
    hosts.client().delete(f"{FOLDER}/{SUCCESS}")
    assert seen(there) is None
    with pytest.raises(PartitionNotFoundError, match="no complete partition"):
        PublishedPartition(there, PARTITION)


def test_data_that_were_replaced_since_the_partition_was_opened_are_not_mixed(
    hosts: Hosts,
) -> None:
    here, there = hosts.host("here"), hosts.host("there")
    build(here, OLD)
    with PublishedPartition(there, PARTITION) as published:
        build(here, NEW)
        with pytest.raises(LakeError, match="replaced or deleted while it was read"):
            published.open_part()


@pytest.mark.parametrize("name", [SUCCESS, MANIFEST, PART])
def test_a_damaged_object_is_told_and_never_shown(hosts: Hosts, name: str) -> None:
    build(hosts.host("here"), NEW)
    client = hosts.client()
    found = client.read(f"{FOLDER}/{name}")
    assert found is not None
    client.put(f"{FOLDER}/{name}", bytes(byte ^ 1 for byte in found.data))
    for host in ("there", "here", "there"):
        with pytest.raises(CorruptPartitionError, match="delete the partition and run its layer"):
            visible(hosts.host(host))


def test_a_damaged_copy_is_removed_and_fetched_again(hosts: Hosts) -> None:
    build(hosts.host("here"), NEW)
    there = hosts.host("there")
    assert visible(there) == NEW
    (there / FOLDER / PART).write_bytes(OLD[: len(NEW)].ljust(len(NEW)))
    with pytest.raises(CorruptPartitionError, match="its copy on this host is removed: run again"):
        visible(there)
    assert visible(there) == NEW


def test_a_mirror_can_be_deleted_at_any_time(hosts: Hosts) -> None:
    build(hosts.host("here"), NEW)
    shutil.rmtree(hosts.host("here"))
    assert visible(hosts.host("here")) == NEW


def test_a_record_that_is_no_record_is_fetched_again(hosts: Hosts) -> None:
    build(hosts.host("here"), NEW)
    for text in ("[]", "{", json.dumps({SUCCESS: "x"})):
        mirror = hosts.host("here")
        (record,) = Path(mirror, ".etags").rglob("dt=*.json")
        record.write_text(text)
        assert visible(mirror) == NEW


def test_a_partition_that_stays_half_replaced_is_told(hosts: Hosts) -> None:
    build(hosts.host("here"), NEW)
    hosts.client().delete(f"{FOLDER}/{MANIFEST}")
    with pytest.raises(LakeError, match="is being replaced; run again when that is done"):
        visible(hosts.host("there"))
