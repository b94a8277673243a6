"""Raw files on object storage: headers before, the rest when it is read, once a host."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import numpy as np
import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.errors import (
    DbnDecodeError,
    InputError,
    LakeBusyError,
    LakeError,
    NoRawFilesError,
)
from src.data_eng.lake.objects import raw_files
from src.data_eng.lake.objects.scratch import Scratch
from src.data_eng.lake.store import store_of
from src.data_eng.vendor import raw_file
from src.data_eng.vendor.dbn.stream import RawStream, raw_digest
from src.data_eng.vendor.files import find_raw_day
from src.data_eng.vendor.raw_index import current_digest, remember
from tests.dbn_files import DATE, mbp10_records, write_mbp10
from tests.s3_hosts import Hosts
from tests.s3_server import Fault

RAW = dataset("raw.future.market_by_price_10")
FOLDER = RAW.folder("ES").as_posix()
NAME = f"{FOLDER}/f.dbn.zst"


def put(hosts: Hosts, tmp_path: Path, name: str = NAME, records: int = 400) -> bytes:
    path = tmp_path / "made" / Path(name).name
    path.parent.mkdir(exist_ok=True)
    write_mbp10(path, mbp10_records(records))
    hosts.client().put(name, path)
    return path.read_bytes()


def content(mirror: Path) -> bytes:
    raw_digest(mirror / NAME)  # as whoever reads it
    return (mirror / NAME).read_bytes()


def test_a_days_files_are_found_by_their_first_bytes_and_fetched_when_they_are_read(
    hosts: Hosts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw_file, "_HEADS", (64, 1 << 10, 4 << 20))
    whole = put(hosts, tmp_path)
    assert len(whole) > 2 << 10
    hosts.server.clear()
    mirror = hosts.host("here")
    day = find_raw_day(mirror, RAW, "ES", DATE)
    assert [one.relative for one in day.files] == [NAME]
    assert hosts.server.counts() == {"LIST": 1, "GET": 2}  # 64 bytes, 1 KiB
    assert not (mirror / NAME).exists()
    with RawStream(mirror / NAME) as stream:
        while stream.read(1 << 20):
            pass
        digest = stream.finish()
    assert (digest.bytes, (mirror / NAME).read_bytes()) == (len(whole), whole)
    fetched = [one for one in hosts.server.requests if one.name.endswith(NAME)]
    assert len(fetched) == 3  # and the rest
    hosts.server.clear()
    find_raw_day(hosts.host("here"), RAW, "ES", DATE)
    assert hosts.server.counts().keys() == {"LIST"}


@pytest.mark.parametrize("what", ["500", "409", "412", "reset", "cut"])
def test_a_fetch_that_fails_once_is_no_fault(hosts: Hosts, tmp_path: Path, what: str) -> None:
    whole = put(hosts, tmp_path)
    hosts.server.faults.append(Fault(what, "GET", NAME, times=1))
    assert content(hosts.host("here")) == whole


@pytest.mark.parametrize("what", ["503", "reset", "cut"])
def test_a_fetch_that_fails_for_good_leaves_nothing(
    hosts: Hosts, tmp_path: Path, what: str
) -> None:
    put(hosts, tmp_path)
    hosts.server.faults.append(Fault(what, "GET", NAME))
    mirror = hosts.host("here")
    with pytest.raises(LakeError, match=f"{hosts.url}/{NAME}: GET failed"):
        content(mirror)
    assert not (mirror / NAME).exists()
    assert not any((mirror / ".fetching").iterdir())


def test_a_file_that_was_replaced_is_fetched_again(hosts: Hosts, tmp_path: Path) -> None:
    put(hosts, tmp_path)
    first = hosts.host("here")
    before = content(first)
    newer = put(hosts, tmp_path, records=500)
    assert content(first) == before  # of the view of one run
    assert content(hosts.host("here")) == newer


def test_a_file_that_is_replaced_before_the_rest_is_fetched_is_fetched_whole(
    hosts: Hosts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw_file, "_HEADS", (1 << 10, 4 << 20))
    put(hosts, tmp_path)
    mirror = hosts.host("here")
    find_raw_day(mirror, RAW, "ES", DATE)
    newer = put(hosts, tmp_path, records=700)
    assert content(mirror) == newer


def test_a_file_that_never_rests_is_told(
    hosts: Hosts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(hosts, tmp_path)
    monkeypatch.setattr(raw_files, "ATTEMPTS", 3)
    sizes = itertools.count(500)

    def replace() -> None:
        put(hosts, tmp_path, records=next(sizes))

    hosts.server.faults.append(Fault("call", "GET", NAME, then=replace))
    with pytest.raises(LakeError, match="changes while it is fetched"):
        content(hosts.host("here"))


def test_the_index_spares_other_hosts_the_file(hosts: Hosts, tmp_path: Path) -> None:
    put(hosts, tmp_path)
    here = hosts.host("here")
    digest = raw_digest(here / NAME)
    remember(here, NAME, digest)
    hosts.server.clear()
    assert current_digest(hosts.host("there"), NAME) == digest
    assert hosts.server.counts() == {"LIST": 1, "GET": 1}
    for host in ("here", "there"):
        hosts.server.clear()
        assert current_digest(hosts.host(host), NAME) == digest
        assert hosts.server.counts() == {"LIST": 1}
    newer = put(hosts, tmp_path, records=500)
    assert current_digest(hosts.host("there"), NAME).bytes == len(newer)


@pytest.mark.parametrize("text", [b"", b"{}", b"[1]", b'{"bytes": "x", "etag": 1, "sha256": 2}'])
def test_an_index_that_says_nothing_is_not_believed(
    hosts: Hosts, tmp_path: Path, text: bytes
) -> None:
    whole = put(hosts, tmp_path)
    hosts.client().put(f".index/{NAME}.json", text)
    assert current_digest(hosts.host("here"), NAME).bytes == len(whole)


def test_the_index_may_be_refused(hosts: Hosts, tmp_path: Path) -> None:
    whole = put(hosts, tmp_path)
    hosts.server.faults.append(Fault("403", "PUT", ".json"))
    assert current_digest(hosts.host("here"), NAME).bytes == len(whole)


def test_what_is_not_there_is_told_by_its_name_in_the_lake(hosts: Hosts, tmp_path: Path) -> None:
    mirror = hosts.host("here")
    with pytest.raises(NoRawFilesError):
        find_raw_day(mirror, RAW, "ES", DATE)
    with pytest.raises(InputError, match="cannot be read"):
        current_digest(mirror, NAME)
    hosts.client().put(f"{FOLDER}/f.dbn", b"DBN\x03no header")
    with pytest.raises(DbnDecodeError, match=r"table=market_by_price_10/f\.dbn: at byte"):
        find_raw_day(hosts.host("there"), RAW, "ES", DATE)


def test_a_copy_that_was_changed_is_fetched_again(hosts: Hosts, tmp_path: Path) -> None:
    whole = put(hosts, tmp_path)
    mirror = hosts.host("here")
    content(mirror)
    (mirror / NAME).write_bytes(whole[:-1] + b"x")
    assert content(mirror) == whole
    found = (mirror / NAME).stat()
    os.utime(mirror / NAME, ns=(1, 1))
    assert content(mirror) == whole
    assert (mirror / NAME).stat().st_ino != found.st_ino


def test_files_beyond_the_bound_go_in_the_order_of_their_use(
    hosts: Hosts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(3)
    client = hosts.client()
    names = [f"{FOLDER}/{n}.bin" for n in range(4)]
    for name in names:
        client.put(name, rng.bytes(1000))
    mirror = hosts.host("here")
    for name in names:
        raw_digest(mirror / name)
    monkeypatch.setenv("DATA_ENG_SCRATCH_GB", "2.5e-6")
    for n, name in enumerate(names):
        record = mirror / ".etags" / f"{name}.json"
        os.utime(record, (1000 + n, 1000 + n))
    raw_digest(mirror / names[0])  # used now
    Scratch(hosts.url).shrink()
    assert [name for name in names if (mirror / name).exists()] == [names[0], names[3]]
    assert [raw_digest(mirror / name).bytes for name in names] == [1000] * 4


def test_first_bytes_count_to_the_bound_and_are_asked_for_again(
    hosts: Hosts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw_file, "_HEADS", (1 << 10, 4 << 20))
    whole = put(hosts, tmp_path)
    mirror = hosts.host("here")
    find_raw_day(mirror, RAW, "ES", DATE)
    (head,) = (one for one in (mirror / ".heads").rglob("*") if one.is_file())
    monkeypatch.setenv("DATA_ENG_SCRATCH_GB", "0")
    Scratch(hosts.url).shrink()
    assert head.exists()  # it was used just now
    os.utime(head, (1000, 1000))
    assert raw_file.header_of.__wrapped__(mirror / NAME, (0, "")).schema == "mbp-10"
    assert head.stat().st_mtime > 1000
    os.utime(head, (1000, 1000))
    Scratch(hosts.url).shrink()
    assert not head.exists()
    assert content(mirror) == whole


def test_a_header_is_of_the_object_that_was_listed(
    hosts: Hosts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that took its place since has another range: what is known of it is asked for anew."""
    monkeypatch.setattr(raw_file, "_HEADS", (64, 1 << 10, 4 << 20))
    put(hosts, tmp_path)
    mirror = hosts.host("here")
    found = store_of(mirror)
    assert found is not None
    assert found.state(NAME) is not None
    put(hosts, tmp_path, records=401)
    with pytest.raises(LakeBusyError, match="was replaced while it was read; run again"):
        found.fetch_head(NAME, 64)


def test_a_digest_is_of_the_copy_that_was_hashed(hosts: Hosts, tmp_path: Path) -> None:
    put(hosts, tmp_path)
    mirror = hosts.host("here")
    content(mirror)
    found, copy = store_of(mirror), (mirror / NAME).stat()
    assert found is not None
    state = (copy.st_size, copy.st_mtime_ns, copy.st_ino)
    assert found.fetched_state(NAME, state) == found.state(NAME)
    for n in range(3):
        other = [*state]
        other[n] += 1
        assert found.fetched_state(NAME, (other[0], other[1], other[2])) is None
