"""``clean``: leftovers and lock files of runs that ended, and old partitions of a table."""

from __future__ import annotations

import datetime as dt
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.cli import status
from src.data_eng.cli.clean import main
from src.data_eng.errors import UsageError
from src.data_eng.lake.lock import lake_lock
from src.data_eng.lake.objects.claim import Claims
from src.data_eng.lake.paths import Partition
from src.data_eng.lake.tombstone import read_tombstone
from src.data_eng.pipeline.executors.worker_check import write_token
from tests.cli_runs import NEXT, Runner
from tests.dbn_files import DATE
from tests.lake_partitions import NEW, OLD, PARTITION, entries, publish, visible
from tests.s3_hosts import Hosts

CLEAN = "silver.future.market_by_price_10_clean"
TRADES = "silver.future.trades"
HOURS_NS = 3600 * 10**9


def clean(lake: Path, capsys: pytest.CaptureFixture[str], *extra: str) -> tuple[int, Any]:
    capsys.readouterr()
    code = main(["--lake-root", str(lake), "--output", "json", *extra])
    return code, json.loads(capsys.readouterr().out)


def json_of(capsys: pytest.CaptureFixture[str], *flags: str) -> Any:
    capsys.readouterr()
    assert main([*flags, "--output", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def actions(found: Any) -> list[tuple[str, str]]:
    return [(one["kind"], one["action"]) for one in found["items"]]


def age(path: Path, hours: float) -> None:
    at = time.time_ns() - int(hours * HOURS_NS)
    for one in (path, *(path.iterdir() if path.is_dir() else ())):
        os.utime(one, ns=(at, at))


def leave(lake: Path, hours: float, name: str = "host-1-ab") -> Path:
    """Leave what a killed run leaves."""
    folder = lake / PARTITION.table_folder / f"{PARTITION.temporary_prefix}{name}"
    folder.mkdir(parents=True)
    (folder / "part-00000.parquet").write_bytes(b"x" * 1000)
    age(folder, hours)
    return folder


def test_leftovers_are_shown_first_and_removed_on_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(tmp_path, OLD)
    left = leave(tmp_path, 7)
    young = leave(tmp_path, 5, "other-2-cd").name
    code, found = clean(tmp_path, capsys)
    assert (code, found["done"], found["bytes"]) == (0, False, 1000)
    assert actions(found) == [("temporary folder", "would be removed")]
    assert found["items"][0]["path"] == left.relative_to(tmp_path).as_posix()
    assert left.exists()
    assert actions(clean(tmp_path, capsys, "--older-than", "8h")[1]) == []
    code, found = clean(tmp_path, capsys, "--yes")
    assert (code, actions(found)) == (0, [("temporary folder", "removed")])
    assert not left.exists()
    # Under the lock nothing builds it: what is younger goes along.
    assert young not in entries(tmp_path)
    assert visible(tmp_path) == OLD


def test_what_still_changes_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that grows does not change the time of its folder."""
    left = leave(tmp_path, 7)
    os.utime(left / "part-00000.parquet")
    assert actions(clean(tmp_path, capsys, "--yes")[1]) == []
    assert left.exists()


def test_a_name_is_shown_on_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    leave(tmp_path, 7, "host\n\x1b[2J")
    assert main(["--lake-root", str(tmp_path)]) == 0
    first, _ = capsys.readouterr().out.splitlines()
    assert r"host\n\x1b[2J, 7.0 h old" in first


def test_a_folder_of_no_symbol_does_not_end_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(tmp_path, OLD)
    left = leave(tmp_path, 7)
    other = (tmp_path / PARTITION.table_folder).parents[1] / "symbol=" / left.parent.name
    (other / left.name).mkdir(parents=True)
    code, found = clean(tmp_path, capsys)
    assert code == 0
    assert [one["path"] for one in found["items"]] == [str(left.relative_to(tmp_path))]


def test_what_two_renames_left_aside_is_put_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(tmp_path, OLD)
    aside = tmp_path / PARTITION.table_folder / f"{PARTITION.temporary_prefix}host-1-ab-old"
    (tmp_path / PARTITION.folder).rename(aside)
    age(aside, 7)
    assert visible(tmp_path) is None
    clean(tmp_path, capsys, "--yes")
    assert visible(tmp_path) == OLD
    assert entries(tmp_path) == [f"dt={DATE}"]


def test_what_is_in_use_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    left = leave(tmp_path, 7)
    with lake_lock(tmp_path, PARTITION.lock_name):
        age(tmp_path / ".locks" / PARTITION.lock_name, 7)
        code, found = clean(tmp_path, capsys, "--yes")
    assert code == 0
    assert actions(found) == [("temporary folder", "kept"), ("lock file", "kept")]
    assert {one["reason"] for one in found["items"]} == {"in use"}
    assert left.exists()


def test_lock_files_that_nobody_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with lake_lock(tmp_path, PARTITION.lock_name):
        pass
    assert actions(clean(tmp_path, capsys)[1]) == []
    age(tmp_path / ".locks" / PARTITION.lock_name, 7)
    assert actions(clean(tmp_path, capsys, "--yes")[1]) == [("lock file", "removed")]
    assert list((tmp_path / ".locks").iterdir()) == []


def test_a_tombstone_that_was_not_finished(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(tmp_path, NEW)
    path = tmp_path / PARTITION.tombstone
    path.parent.mkdir(parents=True)
    path.with_name(f".tmp-{path.name}").write_bytes(b"{")
    age(path.with_name(f".tmp-{path.name}"), 7)
    assert actions(clean(tmp_path, capsys, "--yes")[1]) == [("half-written tombstone", "removed")]
    assert list(path.parent.iterdir()) == []
    assert visible(tmp_path) == NEW


def test_old_partitions_go_and_what_is_made_of_them_stays_complete(
    lake: Path, capsys: pytest.CaptureFixture[str], run: Runner
) -> None:
    flags = ("--table", CLEAN, "--before", str(NEXT))
    code, found = clean(lake, capsys, *flags)
    assert (code, actions(found)) == (0, [("partition", "would be removed")])
    assert found["bytes"] > 0
    where = Partition(dataset(CLEAN), "ESM5", DATE)
    assert (lake / where.folder).exists()
    code, found = clean(lake, capsys, "--table", f"{TRADES}, {CLEAN}", *flags[2:], "--yes")
    assert code == 0
    assert sorted(actions(found)) == [("partition", "kept"), ("partition", "removed")]
    assert not (lake / where.folder).exists()
    assert read_tombstone(lake, where) is not None
    status.main(["--lake-root", str(lake), "--output", "json"])
    told = json.loads(capsys.readouterr().out)["partitions"]
    assert {one["state"] for one in told} == {"complete", "removed"}
    (gone,) = [one for one in told if one["state"] == "removed"]
    assert (gone["dataset"], gone["dt"], gone["bytes"]) == (CLEAN, str(DATE), 0)
    assert gone["reason"] == f"by clean; {where.how_to_rebuild}"
    assert actions(clean(lake, capsys, *flags, "--yes")[1]) == []
    done = run(layer="silver", symbol="ES")
    assert (done.code, done.errors) == (0, [])
    line = next(one for one in done.out.splitlines() if CLEAN in one)
    assert line == f"removed  {where}: by clean; {where.how_to_rebuild}"
    assert not (lake / where.folder).exists()


def test_what_is_stale_or_history_is_kept(
    lake: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    config = tmp_path / "c.toml"
    config.write_text("opening_range_minutes = 15\n")
    flags = ("--before", "2025-07-01", "--yes")
    _, found = clean(
        lake, capsys, "--table", "silver.future.level", *flags, "--config", str(config)
    )
    assert actions(found) == [("partition", "kept")] * 2
    assert "it is stale" in found["items"][0]["reason"]
    _, found = clean(lake, capsys, "--table", TRADES, *flags)
    assert actions(found) == [("partition", "kept")] * 2
    assert {one["reason"] for one in found["items"]} == {"the next session reads it as history"}


def test_text(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lake-root", str(lake), "--table", CLEAN, "--before", str(NEXT)]) == 0
    first, last = capsys.readouterr().out.splitlines()
    assert first == f"would be removed: {CLEAN} ESM5 {DATE}"
    assert last.startswith("1 would be removed, ")
    assert last.endswith(" MB; --yes does it")


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (["--table", CLEAN], "go together"),
        (["--before", "2025-01-01"], "go together"),
        (["--table", "silver.future.none", "--before", "2025-01-01"], "no dataset"),
        (["--table", "none", "--before", "2025-01-01"], "no table of the lake"),
        (["--table", "raw.future.definition", "--before", "2025-01-01"], "raw, or not of"),
        (["--table", CLEAN, "--before", "soon"], "YYYY-MM-DD"),
        (["--older-than", "soon"], "s, m, h or d"),
        (["--table", CLEAN, "--before", "2025-01-01", "--older-than", "6h"], "told by --before"),
    ],
)
def test_usage(tmp_path: Path, extra: list[str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        main(["--lake-root", str(tmp_path), *extra])


def test_it_is_built_again_on_request(
    lake: Path, capsys: pytest.CaptureFixture[str], run: Runner
) -> None:
    where = Partition(dataset(CLEAN), "ESM5", DATE)
    data = (lake / where.folder / "part-00000.parquet").read_bytes()
    clean(lake, capsys, "--table", CLEAN, "--before", str(NEXT), "--yes")
    done = run("--force", layer="silver", symbol="ES", table=CLEAN)
    assert (done.code, done.errors) == (0, [])
    assert (lake / where.folder / "part-00000.parquet").read_bytes() == data
    assert not (lake / where.tombstone).exists()
    status.main(["--lake-root", str(lake), "--output", "json"])
    told = json.loads(capsys.readouterr().out)["partitions"]
    assert {one["state"] for one in told} == {"complete"}


def test_a_note_of_a_dask_run_that_was_killed_is_a_leftover(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, _ = write_token(tmp_path, "0a1b2c3d")
    assert actions(clean(tmp_path, capsys, "--yes")[1]) == []  # a run may be reading it
    age(path, 7)
    found = clean(tmp_path, capsys, "--yes")[1]
    assert actions(found) == [("note of a killed Dask run", "removed")]
    assert list(tmp_path.iterdir()) == []


def test_what_else_lies_in_a_lake_is_no_leftover(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """However long nothing of it has changed."""
    publish(tmp_path, OLD)
    (tmp_path / ".index").mkdir()
    (tmp_path / "notes.txt").write_text("mine")
    for path in (*tmp_path.rglob("*"), tmp_path):
        age(path, 1000)
    before = sorted(tmp_path.iterdir())
    assert actions(clean(tmp_path, capsys, "--yes")[1]) == []
    assert sorted(tmp_path.iterdir()) == before
    assert visible(tmp_path) == OLD


def test_notes_of_killed_runs_on_object_storage(
    hosts: Hosts, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    hosts.monkeypatch.setenv("DATA_ENG_SCRATCH", str(tmp_path / "scratch"))
    client, url = hosts.client(), str(hosts.url)
    write_token(Path(url), "0a1b2c3d")
    for name in (".probe/0a", ".clock/0b", "raw/a/.dask-0c", ".index/.probe/0d"):
        client.put(name, b"1")
    everything = client.list("").keys()
    assert json_of(capsys, "--lake-root", url)["items"] == []  # a run may be reading them
    with pytest.MonkeyPatch.context() as patch:
        # Their age is by the store's clock, whatever this host's says.
        later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=7)
        patch.setattr("src.data_eng.lake.location._OPENED", {})
        patch.setattr(Claims, "server_time", lambda _: later)
        assert len(json_of(capsys, "--lake-root", url)["items"]) == 3
    flags = "--lake-root", url, "--older-than", "0s"
    wanted = {
        ".dask-0a1b2c3d": "note of a killed Dask run",
        ".probe/0a": "probe of a killed run",
        ".clock/0b": "probe of a killed run",
    }
    for action, more in (("would be removed", ()), ("removed", ("--yes",))):
        hosts.server.clear()
        items = json_of(capsys, *flags, *more)["items"]
        told = {one["path"]: one["kind"] for one in items if one["kind"] != "lock file"}
        assert told == wanted
        assert {one["action"] for one in items} == {action}
        gone = set(wanted) if more else set()
        deleted = [one.name for one in hosts.server.requests if one.kind == "DELETE"]
        assert sum(one.endswith(tuple(wanted)) for one in deleted) == len(gone)
        assert everything - client.list("").keys() == gone
