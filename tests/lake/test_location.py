"""Where a lake root leads, and which object storage is refused."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from src.data_eng.errors import LakeError, PartitionNotFoundError, UsageError
from src.data_eng.lake.location import (
    check_writable,
    open_lake,
    open_lake_to_read,
    take_requests,
)
from src.data_eng.lake.reader import PublishedPartition
from src.data_eng.lake.store import at_hand, store_at, store_of
from tests.lake_partitions import NEW, PARTITION, visible
from tests.s3_hosts import Hosts, build
from tests.s3_server import Fault


@pytest.fixture
def here(hosts: Hosts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Hosts:
    monkeypatch.setenv("DATA_ENG_SCRATCH", str(tmp_path / "here"))
    return hosts


def test_a_folder_is_itself_and_nothing_is_asked(tmp_path: Path) -> None:
    assert open_lake(tmp_path) == tmp_path
    assert open_lake("lake") == Path("lake")
    check_writable(tmp_path)
    assert store_at(tmp_path) is None
    assert store_of(tmp_path) is None
    assert at_hand(tmp_path / "x") == tmp_path / "x"


def test_a_root_that_the_system_does_not_show_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_named: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "stat", fail)
    with pytest.raises(LakeError, match=r"--lake-root .*: cannot be read \(Input/output error\)"):
        open_lake_to_read(tmp_path)


def test_a_lake_is_one_mirror_by_whatever_name(here: Hosts) -> None:
    mirror = open_lake(str(here.url))
    assert mirror == open_lake(Path(str(here.url))) == open_lake(mirror)
    place = store_at(mirror / "a" / "b")
    assert place is not None
    assert place.name == "a/b"
    assert store_at(mirror / ".locks" / "x") is None


def test_a_view_is_believed_until_another_one_begins(here: Hosts) -> None:
    mirror = open_lake(str(here.url), view="first")
    assert visible(mirror) is None
    build(here.host("there"), NEW)
    assert visible(open_lake(str(here.url), view="first")) is None
    assert visible(open_lake(str(here.url), view="second")) == NEW


def test_messages_name_the_lake_and_not_its_mirror(here: Hosts) -> None:
    mirror = open_lake(str(here.url))
    with pytest.raises(PartitionNotFoundError) as told:
        PublishedPartition(mirror, PARTITION)
    assert str(here.url) in str(told.value)
    assert str(mirror) not in str(told.value)


@pytest.mark.parametrize("header", ["HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH"])
def test_a_store_that_ignores_conditions_is_refused(here: Hosts, header: str) -> None:
    here.server.ignored.add(header)
    with pytest.raises(LakeError, match="does not make a PUT conditional"):
        check_writable(str(here.url))


@pytest.mark.parametrize("what", ["501", "400"])
def test_a_store_that_refuses_conditions_is_refused(here: Hosts, what: str) -> None:
    here.server.faults.append(Fault(what, "PUT"))
    with pytest.raises(LakeError, match="does not make a PUT conditional"):
        check_writable(str(here.url))


def test_one_that_knows_them_is_left_as_it_was(here: Hosts) -> None:
    check_writable(str(here.url))
    assert take_requests() == {"PUT": 3, "GET": 2, "DELETE": 1}
    assert not take_requests()
    assert here.client().list("") == {}


@pytest.mark.parametrize("text", ["x", "-1", "nan", "inf"])
def test_a_bound_that_is_no_number_is_told(
    here: Hosts, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("DATA_ENG_SCRATCH_GB", text)
    with pytest.raises(UsageError, match="use a number of gigabytes"):
        open_lake(str(here.url))


def test_a_scratch_that_cannot_be_made_is_told(
    here: Hosts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", Path("/proc/none")):
        monkeypatch.setenv("DATA_ENG_SCRATCH", str(place))
        with pytest.raises(LakeError, match="the scratch folder must be writable"):
            open_lake(str(here.url))


def test_a_part_of_a_lake_is_told_with_the_lake(here: Hosts) -> None:
    here.client().put("gold/product_type=future/a", b"1")
    with pytest.raises(UsageError, match=rf"{here.url}/gold: a folder within .* mean {here.url}\?"):
        open_lake_to_read(f"{here.url}/gold")
    here.client().put("desk/gold/a", b"1")
    assert open_lake_to_read(f"{here.url}/desk/gold").is_dir()  # a lake may be called so


def test_another_store_is_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for text in ("gs://desk/lake", "https://host/lake"):
        with pytest.raises(UsageError, match=r"use a folder, or s3://BUCKET/PREFIX"):
            open_lake(Path(text))
    (tmp_path / "gs:" / "lake").mkdir(parents=True)
    assert open_lake("gs:/lake") == Path("gs:/lake")
