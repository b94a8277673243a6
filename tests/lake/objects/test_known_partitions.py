"""What a host knows of partitions by ETag: neither a plan nor a question asks for it again."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from src.data_eng.errors import LakeError, PartitionNotFoundError
from src.data_eng.lake.paths import MANIFEST, SUCCESS, Partition
from src.data_eng.lake.reader import PublishedPartition, mark_of
from src.data_eng.lake.summary import Summary, summary_of
from src.data_eng.lake.view import LakeView
from src.data_eng.research.found import find_partitions
from src.data_eng.research.published import PublishedTables
from tests.lake_partitions import NEW, OLD, PARTITION
from tests.s3_hosts import FOLDER, Hosts, build
from tests.s3_server import Fault

NEXT = PARTITION.date + dt.timedelta(days=1)


def look(mirror: Path) -> Summary:
    return LakeView(mirror, indexed=True).summary(PARTITION)


def summary(mirror: Path) -> Summary:
    with PublishedPartition(mirror, PARTITION) as published:
        return summary_of(published.manifest, published.manifest_sha256)


def test_a_plan_fetches_a_manifest_once(hosts: Hosts) -> None:
    build(hosts.host("here"), OLD)
    there = hosts.host("there")
    hosts.server.clear()
    wanted = look(there)
    assert hosts.server.counts() == {"LIST": 1, "GET": 2}
    shutil.rmtree(there / FOLDER)  # the index alone tells it
    hosts.server.clear()
    assert look(hosts.host("there")) == wanted == summary(hosts.host("here"))
    assert hosts.server.counts() == {"LIST": 2}


def test_what_is_not_known_is_fetched_side_by_side(hosts: Hosts) -> None:
    build(hosts.host("here"), OLD)
    there = hosts.host("there")
    view = LakeView(there, indexed=True)
    absent = Partition(PARTITION.dataset, PARTITION.symbol, NEXT)
    hosts.server.clear()
    hosts.server.faults.append(Fault("503", "GET", MANIFEST))
    view.prepare([PARTITION])
    with pytest.raises(LakeError, match="503"):
        view.summary(PARTITION)  # it is told where it is read
    hosts.server.clear()
    view.prepare([PARTITION, absent])
    assert hosts.server.counts() == {"GET": 2}
    assert view.summary(PARTITION) == summary(hosts.host("here"))
    hosts.server.clear()
    view.prepare([PARTITION])
    assert not hosts.server.requests


def test_what_is_another_now_is_fetched(hosts: Hosts) -> None:
    here, there = hosts.host("here"), hosts.host("there")
    build(here, OLD)
    was = look(there)
    build(here, NEW)
    there = hosts.host("there")
    assert look(there) == summary(here) != was
    hosts.client().delete(f"{FOLDER}/{MANIFEST}")
    with pytest.raises(LakeError):
        look(hosts.host("there"))
    hosts.client().delete(f"{FOLDER}/{SUCCESS}")
    with pytest.raises(PartitionNotFoundError):
        look(hosts.host("there"))


def test_what_is_another_now_is_fetched_side_by_side(hosts: Hosts) -> None:
    here, there = hosts.host("here"), hosts.host("there")
    build(here, OLD)
    look(there)
    build(here, NEW)
    view = LakeView(hosts.host("there"), indexed=True)
    hosts.server.clear()
    view.prepare([PARTITION])
    assert hosts.server.counts() == {"LIST": 1, "GET": 2}
    assert view.summary(PARTITION) == summary(here)


def test_what_is_replaced_while_it_is_read_is_not_kept_as_what_it_was(hosts: Hosts) -> None:
    here = hosts.host("here")
    build(here, OLD)
    was = summary(here)
    there = hosts.host("there")
    view = LakeView(there, indexed=True)
    assert mark_of(there, PARTITION) is not None  # it is listed
    build(here, NEW)
    assert view.summary(PARTITION) == summary(here)
    del view  # which writes what its index keeps
    build(here, OLD)  # with the ETags that it had
    assert look(hosts.host("there")) == was


def test_a_question_opens_the_first_and_the_last_alone(hosts: Hosts) -> None:
    build(hosts.host("here"), OLD)
    there = hosts.host("there")
    hosts.server.clear()
    key, symbol = PARTITION.dataset.key, PARTITION.symbol
    found = find_partitions(key, symbol, None, there, "volume", strict=False)
    assert hosts.server.counts() == {"LIST": 2}
    mark = mark_of(there, PARTITION)
    assert found == {PARTITION: mark}
    with PublishedPartition(there, PARTITION) as published:
        assert published.mark == mark
    assert hosts.server.counts() == {"LIST": 2, "GET": 2}


def test_what_was_rebuilt_since_a_question_is_told(hosts: Hosts) -> None:
    here, there = hosts.host("here"), hosts.host("there")
    build(here, OLD)
    mark = mark_of(there, PARTITION)
    assert mark is not None
    tables = PublishedTables(there, {PARTITION: mark}, "none")
    build(here, NEW)
    again = PublishedTables(hosts.host("there"), tables.marks, "none")
    with pytest.raises(LakeError, match="was rebuilt since it was asked for"):
        again.check()
