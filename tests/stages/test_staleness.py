"""What is stale, told through to what depends on it: small lakes, cheap stages over real Bronze."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from src.data_eng.lake.paths import PART
from src.data_eng.stages.outcome import Status
from tests.stages.small_lake import (
    BARS,
    BRONZE,
    CLEAN,
    D1,
    D2,
    D3,
    D4,
    D5,
    D6,
    DATES,
    END,
    LEVEL,
    MARKET,
    RAW,
    TABLES,
    Lake,
    Two,
    build_lake,
    statuses,
)


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """Return a lake whose six dates are built."""
    return build_lake(tmp_path, monkeypatch)


def test_a_middle_date_rebuilt_with_equal_content_leaves_all_complete(lake: Lake) -> None:
    before = lake.files()
    for key in (BRONZE, CLEAN, BARS, LEVEL):
        lake.remove(key, D3)
    found = lake.run()
    assert statuses(found, Status.WRITTEN) == {(k, D3) for k in (BRONZE, CLEAN, BARS, LEVEL)}
    assert not statuses(found, Status.STALE)
    same = "already complete: input rebuilt, same content"
    assert {found[(MARKET, day)].reason for day in (D3, D4, D5, D6)} == {same}
    assert found[(MARKET, D2)].reason == found[(END, D4)].reason == "already complete"
    after = lake.files()
    assert {name: data for name, (_, data) in after.items()} == {
        name: data for name, (_, data) in before.items()
    }
    assert not [name for name in after if "table=market/" in name and after[name] != before[name]]


def test_a_middle_date_with_another_value_makes_stale_only_what_reads_it(lake: Lake) -> None:
    lake.deliver(D2, 50)
    found = lake.run()
    readers = {(MARKET, day) for day in (D3, D4, D5)} | {(END, day) for day in (D3, D4, D5)}
    assert statuses(found, Status.STALE) == {(key, D2) for key in TABLES} | readers
    assert found[(BRONZE, D2)].reason == "its inputs changed: the raw files are others"
    chain = f"its input {CLEAN} is stale: its input {BRONZE} is stale: its inputs changed"
    assert found[(BARS, D2)].reason.startswith(chain)
    assert found[(MARKET, D4)].reason.startswith(f"its input {BARS} of {D2} is stale: {chain}")
    assert found[(END, D4)].reason.startswith(f"its input {MARKET} is stale: its input {BARS} of")
    # The same is told where the inputs are not part of the run.
    gold = lake.run(layer="gold")
    assert {where: gold[where].reason for where in gold} == {
        where: found[where].reason for where in gold
    }
    found = lake.run(refresh_stale=True)
    assert statuses(found, Status.WRITTEN) == {(key, D2) for key in TABLES} | readers
    assert statuses(lake.run(), Status.COMPLETE) == {(key, day) for key in TABLES for day in DATES}


def test_what_an_input_s_change_leaves_equal_is_not_rebuilt(lake: Lake) -> None:
    """One record more: the two tables count tens, and come out as they were."""
    lake.deliver(D2, 21)
    assert (MARKET, D4) in statuses(lake.run(), Status.STALE)
    found = lake.run(refresh_stale=True)
    assert statuses(found, Status.WRITTEN) == {
        (key, D2) for key in (BRONZE, CLEAN, BARS, LEVEL, MARKET)
    }
    for where in ((END, D2), (MARKET, D3)):
        assert found[where].reason == "already complete: input rebuilt, same content"


def test_a_parameter_shows_through_in_a_run_and_in_a_dry_run(lake: Lake) -> None:
    before = lake.files()
    changed = {(key, day) for key in (BARS, LEVEL, MARKET, END) for day in DATES}
    for dry_run in (False, True):
        found = lake.run(dry_run=dry_run, opening_range_minutes=15)
        assert statuses(found, Status.STALE) == changed
        assert found[(LEVEL, D1)].reason == "parameter minutes was 30, is 15"
        assert found[(END, D1)].reason == (
            f"its input {MARKET} is stale: its input {BARS} is stale: "
            "parameter minutes was 30, is 15"
        )
    found = lake.run(dry_run=True, refresh_stale=True, opening_range_minutes=15)
    assert statuses(found, Status.PLANNED) == changed
    assert {found[where].rows for where in changed} == {None}  # not those that stand
    assert found[(BARS, D4)].reason == "stale: parameter minutes was 30, is 15"
    assert found[(MARKET, D4)].reason == f"may be rebuilt: its input {BARS} is stale"
    assert found[(END, D4)].reason == f"may be rebuilt: its input {MARKET} is stale"
    assert lake.files() == before


def test_a_dry_run_tells_what_would_follow(lake: Lake) -> None:
    lake.remove(MARKET, D2)
    lake.remove(END, D2)
    found = lake.run(dry_run=True)
    assert found[(MARKET, D2)].reason == "missing"
    assert found[(END, D2)].reason == f"missing, would follow {MARKET}"
    assert statuses(found, Status.PLANNED) == {(MARKET, D2), (END, D2)}


def test_a_dry_run_looks_at_earlier_sessions_too(lake: Lake) -> None:
    lake.deliver(D2, 50)
    found = lake.run(dry_run=True, refresh_stale=True)
    for day in (D3, D4, D5):
        assert found[(MARKET, day)].status is Status.PLANNED
        assert found[(MARKET, day)].reason == f"may be rebuilt: its input {BARS} of {D2} is stale"
    assert found[(MARKET, D6)].status is Status.COMPLETE


def test_a_dry_run_says_that_an_input_is_not_there(lake: Lake) -> None:
    """Without --refresh-stale what stands is not rewritten, and none is planned."""
    lake.remove(BARS, D2)
    found = lake.run(dry_run=True)
    assert statuses(found, Status.PLANNED) == {(BARS, D2)}
    for day in (D2, D3, D4, D5):
        where = "" if day == D2 else f" of {D2}"
        assert found[(MARKET, day)].status is Status.COMPLETE
        assert (
            found[(MARKET, day)].reason == f"may become stale: its input {BARS}{where} is not there"
        )
    again = lake.run(dry_run=True, refresh_stale=True)
    assert again[(MARKET, D2)].status is Status.PLANNED
    assert again[(MARKET, D2)].reason == f"may be rebuilt: its input {BARS} is not there"


def test_a_new_version_of_a_stage(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Two, "version", 2)
    found = lake.run()
    assert statuses(found, Status.STALE) == {
        (key, day) for key in (BARS, LEVEL, MARKET, END) for day in DATES
    }
    assert found[(BARS, D1)].reason == "written by two version 1"
    found = lake.run(refresh_stale=True)
    # The facts came out as they were: what depends on them stays.
    assert statuses(found, Status.WRITTEN) == {(key, day) for key in (BARS, LEVEL) for day in DATES}
    assert found[(MARKET, D4)].reason == "already complete: input rebuilt, same content"


def test_a_raw_file_that_is_touched_or_written_again_is_current(lake: Lake) -> None:
    os.utime(lake.root / RAW / f"{D3}.dbn.zst", ns=(1, 1))
    lake.deliver(D4, 20)
    assert statuses(lake.run(), Status.COMPLETE) == {(key, day) for key in TABLES for day in DATES}


def test_raw_files_that_were_archived_contradict_nothing(lake: Lake) -> None:
    shutil.rmtree(lake.root / RAW)
    assert statuses(lake.run(), Status.COMPLETE) == {(key, day) for key in TABLES for day in DATES}


def test_nothing_new_is_made_from_what_is_stale(lake: Lake) -> None:
    lake.deliver(D3, 50)
    lake.remove(MARKET, D3)
    lake.remove(END, D3)
    found = lake.run(D3)
    market = found[(MARKET, D3)]
    assert market.status is Status.BLOCKED
    assert f"its input {CLEAN} is stale (its input {BRONZE} is stale" in market.reason
    assert market.reason.endswith("; run --layer all --refresh-stale")
    assert found[(END, D3)].reason == f"upstream {MARKET} is blocked"
    assert not lake.folder(MARKET, D3).exists()
    # Nor is it with the remedy in a run that does not hold the input.
    assert lake.run(D3, layer="gold", refresh_stale=True)[(END, D3)].status is not Status.WRITTEN
    assert not lake.folder(END, D3).exists()
    lake.run(D3, refresh_stale=True)
    assert statuses(lake.run(D3), Status.COMPLETE) == {(key, D3) for key in TABLES}


def test_an_earlier_session_that_appears_makes_stale_and_one_that_is_absent_does_not(
    lake: Lake,
) -> None:
    for key in TABLES:
        for day in (D3, D4):
            lake.remove(key, day)
    assert statuses(lake.run(D4), Status.WRITTEN) == {(key, D4) for key in TABLES}
    assert statuses(lake.run(D4), Status.COMPLETE) == {(key, D4) for key in TABLES}
    found = lake.run(D3, D4)
    assert found[(MARKET, D4)].reason == f"its input {BARS} of {D3} was absent and is there"
    assert found[(END, D4)].status is Status.STALE


def test_a_failure_leaves_the_older_partition_to_later_sessions(lake: Lake) -> None:
    """What was published before is still there: a rebuild that fails does not make it absent."""
    path = lake.deliver(D3, 50)
    path.write_bytes(path.read_bytes()[:-20])
    found = lake.run(D3, D4, refresh_stale=True)
    assert found[(BRONZE, D3)].status is Status.FAILED
    assert found[(BARS, D3)].status is Status.BLOCKED
    lake.deliver(D3, 20)
    assert statuses(lake.run(), Status.COMPLETE) == {(key, day) for key in TABLES for day in DATES}


def test_only_the_missing_table_of_a_pass_is_published_again(lake: Lake) -> None:
    before = lake.files()
    lake.two.passes.clear()
    lake.remove(LEVEL, D3)
    assert statuses(lake.run(dry_run=True), Status.PLANNED) == {(LEVEL, D3)}
    found = lake.run()
    assert lake.two.passes == [(D3, [LEVEL])]
    assert statuses(found, Status.WRITTEN) == {(LEVEL, D3)}
    assert found[(BARS, D3)].reason == "already complete"
    after = lake.files()
    changed = {name for name in after if after[name][0] != before[name][0]}
    folder = lake.folder(LEVEL, D3)
    assert {lake.root / name for name in changed} == set(folder.iterdir())
    assert {name: data for name, (_, data) in after.items()} == {
        name: data for name, (_, data) in before.items()
    }


def test_a_damaged_table_of_a_pass_is_made_again(lake: Lake) -> None:
    part = lake.folder(BARS, D3) / PART
    part.write_bytes(part.read_bytes()[:-1])
    found = lake.run()
    assert statuses(found, Status.WRITTEN) == {(BARS, D3)}
    assert found[(MARKET, D4)].reason == "already complete: input rebuilt, same content"
