"""A table as the input of a stage: of today's contract, and hashed whole beside the reading."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from src.data_eng.errors import ContractError, CorruptPartitionError
from src.data_eng.lake.inputs import LEFT_OUT_FACT, InputTable, what_is_left_out
from src.data_eng.lake.reader import PublishedPartition
from tests import lake_partitions
from tests.published_trades import PARTITION, damage_prices, publish_table, trades


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    publish_table(tmp_path, trades())
    return tmp_path


@pytest.fixture
def damaged(lake: Path) -> Path:
    """A lake whose prices are damaged, and nothing else."""
    damage_prices(lake)
    return lake


def test_a_table_of_another_contract_is_refused(tmp_path: Path) -> None:
    lake_partitions.publish(tmp_path, lake_partitions.NEW)
    with pytest.raises(ContractError, match=r"another version of contract .* --refresh-stale"):
        InputTable(tmp_path, lake_partitions.PARTITION)


def test_a_damage_outside_what_is_read_is_told_by_verify(damaged: Path) -> None:
    table = InputTable(damaged, PARTITION)
    assert table.table.read(["size"]).num_rows == trades().num_rows
    with pytest.raises(CorruptPartitionError, match="SHA-256 of part-00000"):
        table.verify()
    table.close()


def test_by_pages_only_what_is_read_counts(damaged: Path) -> None:
    table = InputTable(damaged, PARTITION, by_pages=True)
    assert table.table.read(["size"]).num_rows == trades().num_rows
    table.verify()
    with pytest.raises(CorruptPartitionError, match="SHA-256 of part-00000"):
        table.verify(whole=True)
    with pytest.raises(CorruptPartitionError):
        table.table.read(["price"])
    table.close()


def test_a_table_of_which_nothing_is_read_is_hashed_too(damaged: Path) -> None:
    table = InputTable(damaged, PARTITION)
    with pytest.raises(CorruptPartitionError, match="SHA-256 of part-00000"):
        table.verify()
    table.close()


def test_closing_waits_for_the_hash(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread reads by the number of a folder that may be another's once it is closed."""
    go, ended, faults = threading.Event(), threading.Event(), []

    def slow(self: PublishedPartition) -> None:
        go.wait(5)
        try:
            os.fstat(self._fd)
        except OSError as error:
            faults.append(error)
        finally:
            ended.set()

    monkeypatch.setattr(PublishedPartition, "verify", slow)
    table = InputTable(lake, PARTITION)
    assert table.table.rows == trades().num_rows
    threading.Timer(0.2, go.set).start()
    table.close()
    assert ended.wait(5)
    assert faults == []


@pytest.mark.timeout(20)
def test_closing_waits_for_nothing_where_no_thread_can_start(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    table = InputTable(lake, PARTITION)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", fail)
        with pytest.raises(RuntimeError, match="new thread"):
            _ = table.table
    table.close()
    again = InputTable(lake, PARTITION)
    assert again.table.rows == trades().num_rows
    again.close()


@pytest.mark.parametrize("value", [5, None, ["trades"], "trades"])
def test_what_is_left_out_is_named_by_tables(tmp_path: Path, value: object) -> None:
    publish_table(tmp_path, trades())
    with PublishedPartition(tmp_path, PARTITION) as published:
        manifest = replace(published.manifest, facts={LEFT_OUT_FACT: value})
    with pytest.raises(CorruptPartitionError, match=f"^{PARTITION}: .*{LEFT_OUT_FACT} is"):
        what_is_left_out(manifest)
