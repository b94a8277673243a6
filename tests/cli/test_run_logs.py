"""What a run of the command line leaves in its log, and that no command takes it for a table."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from src.data_eng import __version__
from src.data_eng.cli.status import main as status
from src.data_eng.cli.verify import main as verify
from src.data_eng.errors import LakeBusyError
from src.data_eng.lake.lock import lake_lock
from src.data_eng.pipeline.run_log import RUNS
from tests.cli_runs import RAW, Runner
from tests.dbn_files import DATE, mbp10_records, write_mbp10

KEY = "bronze.future.market_by_price_10"


def lines(lake: Path) -> list[dict[str, Any]]:
    (path,) = (lake / RUNS).iterdir()
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_run_leaves_a_line_a_partition(run: Runner, tmp_path: Path) -> None:
    write_mbp10(tmp_path / RAW / "f.dbn.zst", mbp10_records(20))
    assert run("--dry-run").code == 0
    assert not (tmp_path / RUNS).exists()
    assert run().code == 0
    first, task, end = lines(tmp_path)
    assert (first["event"], first["layer"], first["dates"]) == ("run", "bronze", [str(DATE)])
    assert len({one["run"] for one in (first, task, end)}) == 1
    assert (task["dataset"], task["status"], task["rows"]) == (KEY, "written", 20)
    assert (task["host"], task["pid"]) == (socket.gethostname(), os.getpid())
    assert task["start"] < task["end"]
    assert task["peak_bytes"] > 2**20
    assert 0 < task["seconds"] <= task["task_seconds"]
    assert task["versions"].keys() == {"data_eng", "python", "pyarrow", "numba"}
    assert task["versions"]["data_eng"] == __version__
    assert (end["event"], end["partitions"]) == ("end", {"written": 1})
    assert str(tmp_path) not in json.dumps([first, task, end])


def test_no_command_takes_it_for_a_table(
    run: Runner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_mbp10(tmp_path / RAW / "f.dbn.zst", mbp10_records(20))
    assert run().code == 0
    assert verify(["--lake-root", str(tmp_path)]) == 0
    assert status(["--lake-root", str(tmp_path)]) == 0
    assert RUNS not in capsys.readouterr().out


def test_each_run_has_a_file_of_its_own(run: Runner, tmp_path: Path) -> None:
    write_mbp10(tmp_path / RAW / "f.dbn.zst", mbp10_records(20))
    assert run().code == run().code == 0
    assert len(list((tmp_path / RUNS).iterdir())) == 2


def test_a_log_that_cannot_be_written_is_told_once(run: Runner, tmp_path: Path) -> None:
    write_mbp10(tmp_path / RAW / "f.dbn.zst", mbp10_records(20))
    (tmp_path / RUNS).touch()  # root writes everywhere, but not into a file
    done = run()
    assert done.code == 0
    (line,) = done.errors
    assert f"{tmp_path / RUNS}" in line
    assert "the run log cannot be written" in line
    assert "the run goes on without it" in line


def test_a_partition_that_another_process_holds(run: Runner, tmp_path: Path) -> None:
    """Another file descriptor of this process is another holder to flock."""
    write_mbp10(tmp_path / RAW / "f.dbn.zst", mbp10_records(20))
    config = tmp_path / "config.toml"
    config.write_text("lock_timeout_s = 0.2")
    with lake_lock(tmp_path, f"{KEY}.ESM5.{DATE}.lock"):
        done = run(config=str(config))
        assert done.code == 1
        (line,) = done.errors
        assert f"held by process {os.getpid()} on " in line
        assert "(waited 0.2 s: lock_timeout_s)" in line
        with pytest.raises(LakeBusyError), lake_lock(tmp_path, f"{KEY}.ESM5.{DATE}.lock", 0):
            pytest.fail("two hold one lock")
    assert run(config=str(config)).code == 0
