"""Each reason for which a partition is stale, told apart from the others."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.lake.manifest import AbsentInput, Manifest, PartitionInput
from src.data_eng.lake.paths import PART
from src.data_eng.lake.reader import PublishedPartition
from src.data_eng.lake.removal import remove_partition
from src.data_eng.lake.summary import Summary, summary_of
from src.data_eng.lake.view import LakeView
from src.data_eng.settings import Settings
from src.data_eng.stages.declaration import Declaration
from src.data_eng.stages.outcome import Standing
from src.data_eng.stages.reads import Read
from src.data_eng.stages.staleness import Currency, Known, Outside
from tests.published_trades import DATE, KEY, PARTITION, publish_table, trades

BARS = "silver.future.ohlcv_2m"
READ = PartitionInput(KEY, "ESM5", str(DATE), "a" * 64, "b" * 64)
ABSENT = AbsentInput(KEY, "ES", str(DATE))
CURRENT = Standing("ESM5", READ.content_sha256)


class Bars(Declaration):
    name: ClassVar[str] = "bars"
    version: ClassVar[int] = 1
    reads = (Read(KEY),)
    writes = (dataset(BARS),)

    def parameters(self, settings: Settings, symbol: str) -> dict[str, Any]:
        return {"minutes": 2}


MADE = Manifest(
    dataset=BARS, symbol="ESM5", dt=str(DATE), stage="bars", stage_version=1, contract_path="x",
    contract_sha256=dataset(BARS).contract().sha256, parameters={"minutes": 2}, facts={}, rows=0,
    files=(), inputs=(READ,), libraries={},
)  # fmt: skip


def why_stale(recorded: Manifest, now: Standing = CURRENT) -> str | None:
    known: Known = {(KEY, DATE): now}
    return Currency(Settings(), known, lambda _key: Bars()).why_stale(Bars(), recorded)


def test_what_today_would_make_alike_is_current() -> None:
    assert why_stale(MADE) is None
    assert why_stale(replace(MADE, libraries={"pyarrow": "1"}, facts={"a": 1})) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"stage": "candles"}, "written by candles version 1"),
        ({"stage_version": 2}, "written by bars version 2"),
        ({"contract_sha256": "0" * 64}, "its contract changed"),
        ({"parameters": {"minutes": 5}}, "parameter minutes was 5, is 2"),
        ({"parameters": {}}, "parameter minutes was None, is 2"),
        ({"inputs": ()}, "its inputs changed: the stage reads others today"),
        ({"inputs": (replace(READ, dataset=BARS),)}, "its inputs changed: the stage reads others"),
        ({"inputs": (replace(READ, dt="2025-06-04"),)}, "its inputs changed: the stage reads"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_change_is_a_reason(change: dict[str, Any], reason: str) -> None:
    assert str(why_stale(replace(MADE, **change))).startswith(reason)


@pytest.mark.parametrize(
    ("was", "now", "reason"),
    [
        (READ, CURRENT, None),
        (READ, replace(CURRENT, stale="its contract changed"), "is stale: its contract changed"),
        (READ, replace(CURRENT, content_sha256="c" * 64), "has another content"),
        (READ, Standing("ES", None), "is not there any more"),
        (ABSENT, Standing("ES", None), None),
        (ABSENT, CURRENT, "was absent and is there"),
        (READ, Standing("ES", None, is_planned=True), None),
    ],
)
def test_each_reason_that_an_input_gives(
    was: PartitionInput | AbsentInput, now: Standing, reason: str | None
) -> None:
    found = why_stale(replace(MADE, inputs=(was,)), now)
    assert found == (None if reason is None else f"its input {KEY} {reason}")


def test_a_damaged_input_outside_the_run_is_told(tmp_path: Path) -> None:
    publish_table(tmp_path, trades())
    part = tmp_path / PARTITION.folder / PART
    part.write_bytes(part.read_bytes()[:-1])
    currency = Currency(Settings(lake_root=tmp_path), {}, lambda _key: Bars())
    found = currency.standing(KEY, "ESM5", DATE)
    assert found.content_sha256 is None
    assert "delete the partition" in str(found.stale)
    absent = currency.standing(KEY, "ESM5", DATE + dt.timedelta(days=1))
    assert absent == Standing("ESM5", None)


def test_one_that_was_removed_counts_by_its_tombstone_and_a_damaged_one_is_told(
    tmp_path: Path,
) -> None:
    publish_table(tmp_path, trades())
    content = remove_partition(tmp_path, PARTITION).content_sha256
    found = Currency(Settings(lake_root=tmp_path), {}, lambda _key: Bars())
    assert found.standing(KEY, "ESM5", DATE) == Standing("ESM5", content, is_removed=True)
    (tmp_path / PARTITION.tombstone).write_text("{}")
    damaged = Currency(Settings(lake_root=tmp_path), {}, lambda _key: Bars())
    standing = damaged.standing(KEY, "ESM5", DATE)
    assert (standing.content_sha256, standing.is_removed) == (None, False)
    assert "the tombstone is malformed" in str(standing.stale)


def test_one_that_is_published_again_meanwhile_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between a look at its folder and one at its tombstone."""
    publish_table(tmp_path, trades())
    content = remove_partition(tmp_path, PARTITION).content_sha256

    def too_late(_view: LakeView, _partition: object) -> None:
        publish_table(tmp_path, trades())

    monkeypatch.setattr(LakeView, "tombstone", too_late)
    currency = Currency(Settings(lake_root=tmp_path), {}, lambda _key: Bars())
    found = currency.standing(KEY, "ESM5", DATE)
    assert (found.content_sha256, found.is_removed) == (content, False)


def test_each_partition_is_looked_up_by_itself(tmp_path: Path) -> None:
    """Of each root and date, whatever was asked for before: a lake has several."""
    days = [DATE, DATE + dt.timedelta(days=1)]
    wanted = [(symbol, day) for symbol in ("ESM5", "NQM5") for day in days]
    contents = []
    for seed, (symbol, day) in enumerate(wanted):
        partition = replace(PARTITION, symbol=symbol, date=day)
        publish_table(tmp_path, trades(seed=seed), partition)
        with PublishedPartition(tmp_path, partition) as published:
            contents.append(published.manifest.content_sha256)
    assert len(set(contents)) == 4
    currency = Currency(Settings(lake_root=tmp_path), {}, lambda _key: Bars())
    for look in (currency.earlier, currency.standing):
        assert [look(KEY, *where).content_sha256 for where in wanted] == contents


def test_what_is_remembered_of_one_holds_for_those_made_alike() -> None:
    class OfSymbol(Bars):
        def parameters(self, settings: Settings, symbol: str) -> dict[str, Any]:
            return {"minutes": settings.opening_range_minutes, "of": symbol}

    stage, outside = OfSymbol(), Outside(Settings().lake_root)
    made = summary_of(replace(MADE, parameters={"minutes": 30, "of": "ESM5"}), "0" * 64)

    def why(one: Summary, settings: Settings, by: Declaration = stage) -> str | None:
        return Currency(settings, {(KEY, DATE): CURRENT}, lambda _key: by, outside).why_stale(
            by, one
        )

    assert why(made, Settings()) is None
    assert why(made, Settings(opening_range_minutes=15)) == "parameter minutes was 30, is 15"
    assert why(made, Settings(), Bars()) == "parameter minutes was 30, is 2"
    reasons = {
        made._replace(symbol="ESU5"): "parameter of was 'ESM5', is 'ESU5'",
        made._replace(stage="candles"): "written by candles version 1",
        made._replace(stage_version=2): "written by bars version 2",
        made._replace(contract_sha256="0" * 64): "its contract changed",
        made._replace(dataset="silver.future.level"): "its contract changed",
        made._replace(parameters_text="{}"): "parameter minutes was None, is 30",
    }
    assert {one: why(one, Settings()) for one in reasons} == reasons
