"""A lake on object storage as its user runs it: the same bytes as a lake in a folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from src import data_eng
from src.data_eng.cli import clean, gaps, run, status, verify
from src.data_eng.lake.objects.client import ObjectClient
from src.data_eng.lake.objects.url import LakeUrl
from src.data_eng.research.report.__main__ import main as report
from src.data_eng.stages.outcome import Status
from tests.cli_runs import RAW
from tests.dbn_files import DATE, mbp10_records, write_mbp10
from tests.lakes import run_request
from tests.s3_hosts import Hosts, make_hosts
from tests.s3_server import KEY, SECRET, TOKEN, Fault, S3Server

ROOT = Path(__file__).parents[2]
TABLE = "gold.future.market_by_price_10_first3h"
NAME = "glbx-mdp3.dbn.zst"


@dataclass(frozen=True)
class Lakes:
    """The same raw file in a folder and on object storage, and what runs on it said."""

    folder: Path
    hosts: Hosts
    killed: subprocess.CompletedProcess[str]
    whole: subprocess.CompletedProcess[str]
    requests: Counter[tuple[str, str]]

    def objects(self) -> dict[str, bytes]:
        """Return the objects of the layers."""
        client = self.hosts.client()
        found = {}
        for layer in ("bronze", "silver", "gold"):
            for name in client.list(layer):
                content = client.read(name)
                assert content is not None
                found[name] = content.data
        return found


def runner(hosts: Hosts, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "src.data_eng.runner", "--product-type", "future"]
    what = ["--layer", "all", "--symbol", "ES", "--dt", str(DATE), "--lake-root", str(hosts.url)]
    with subprocess.Popen(
        [*command, *what, *args],
        cwd=ROOT,
        env={**os.environ, "DATA_ENG_SCRATCH": str(hosts.folder / "runner")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        for fault in hosts.server.faults:
            fault.then = process.kill
        out, err = process.communicate(timeout=240)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@pytest.fixture(scope="module")
def lakes(s3_server: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lakes]:
    folder = tmp_path_factory.mktemp("lake")
    write_mbp10(folder / RAW / NAME, mbp10_records(2_000))
    outcomes = run_request("future", "all", [DATE], folder)
    assert {one.status for one in outcomes} == {Status.WRITTEN}
    with pytest.MonkeyPatch.context() as monkeypatch:
        hosts = make_hosts(s3_server, tmp_path_factory.mktemp("hosts"), monkeypatch)
        hosts.client().put(f"{RAW}/{NAME}", folder / RAW / NAME)
        hosts.server.faults.append(Fault("call", "PUT", "_MANIFEST.json", after=3, times=1))
        killed = runner(hosts)
        hosts.server.clear()
        whole = runner(hosts, "--workers", "2", "--log-format", "json")
        requests = Counter((one.kind, one.name) for one in hosts.server.requests)
        monkeypatch.setenv("DATA_ENG_SCRATCH", str(hosts.folder / "reader"))
        yield Lakes(folder, hosts, killed, whole, requests)


def test_a_run_that_was_killed_is_finished_to_the_bytes_of_a_local_lake(lakes: Lakes) -> None:
    assert lakes.killed.returncode == -signal.SIGKILL
    assert lakes.whole.returncode == 0, lakes.whole.stderr
    local = {
        str(path.relative_to(lakes.folder)): path.read_bytes()
        for layer in ("bronze", "silver", "gold")
        for path in (lakes.folder / layer).rglob("*")
        if path.is_file()
    }
    assert lakes.objects() == local


def test_each_input_is_fetched_once_and_own_output_never(lakes: Lakes) -> None:
    fetched = {name: count for (kind, name), count in lakes.requests.items() if kind == "GET"}
    data = {name for name in fetched if name.endswith((".parquet", ".zst"))}
    assert data == set()  # the raw file was fetched before the kill, and is not again
    manifests = [name for name in fetched if name.endswith("_MANIFEST.json")]
    assert manifests == []
    assert not any(SECRET in one or KEY in one or TOKEN in one for one in texts(lakes))


def texts(lakes: Lakes) -> list[str]:
    return [one for run in (lakes.killed, lakes.whole) for one in (run.stdout, run.stderr)]


def test_the_summary_tells_the_requests(lakes: Lakes) -> None:
    told = json.loads(lakes.whole.stdout.splitlines()[-1])["requests"]
    made = Counter(kind for kind, _ in lakes.requests.elements())
    assert told == made


def test_a_complete_lake_is_planned_by_one_list_a_table(lakes: Lakes) -> None:
    lakes.hosts.server.clear()
    done = runner(lakes.hosts, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "complete 25 tables of ESM5 " in done.stdout
    made = Counter(lakes.hosts.server.requests)
    assert {one.kind for one in made} == {"LIST"}
    assert set(made.values()) == {1}
    assert "requests of object storage: 31 LIST" in done.stdout


def test_readers_give_the_rows_of_the_local_lake(lakes: Lakes) -> None:
    url = str(lakes.hosts.url)
    local = data_eng.scan(TABLE, lake_root=lakes.folder).collect()
    assert data_eng.scan(TABLE, lake_root=url).collect().equals(local)
    lakes.hosts.server.clear()
    frame = data_eng.scan(TABLE, lake_root=url).filter(pl.col("dt") == DATE).select(pl.len())
    assert frame.collect().item() == local.height
    assert lakes.hosts.server.counts().keys() == {"LIST"}
    rows = data_eng.to_duckdb(TABLE, lake_root=url).aggregate("count(*)").fetchall()
    assert rows == [(local.height,)]


def test_commands_work_on_it(
    lakes: Lakes, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    url: Any = ["--lake-root", str(lakes.hosts.url)]
    assert status.main(url) == 0
    assert "25 complete" in capsys.readouterr().out
    assert status.main([*url, "--output", "json"]) == 0
    disk = json.loads(capsys.readouterr().out)["disk"]
    assert disk["raw_bytes"] == (lakes.folder / RAW / NAME).stat().st_size
    assert verify.main([*url, "--deep"]) == 0
    assert "nothing is wrong" in capsys.readouterr().out
    page = tmp_path / "page.html"
    report([*url, "--dt", str(DATE), "--output", str(page)])
    told = capsys.readouterr()
    assert page.exists() or str(lakes.hosts.url) in told.err
    client = ObjectClient(LakeUrl(lakes.hosts.url.bucket, lakes.hosts.url.prefix))
    other = f"{RAW.replace('symbol=ES', 'symbol=NQ')}/{NAME}"
    client.put(other, lakes.folder / RAW / NAME)
    assert gaps.main([*url, "--symbol", "NQ"]) == 1
    assert "NQ 2025-06-05: raw files hold the date" in capsys.readouterr().out
    client.delete(other)
    stray = "gold/product_type=future/symbol=ESM5/table=market_first3h/stray.parquet"
    client.put(stray, b"x")
    assert verify.main(url) == 1
    assert "stray.parquet" in capsys.readouterr().err
    client.delete(stray)


def test_what_is_removed_on_purpose_is_current_and_comes_back_the_same(
    lakes: Lakes, capsys: pytest.CaptureFixture[str]
) -> None:
    url, before = ["--lake-root", str(lakes.hosts.url)], lakes.objects()
    gone = {name for name in before if "table=market_first3h" in name}
    flags = ["--table", "gold.future.market_first3h", "--before", "2025-06-06"]
    assert clean.main([*url, *flags]) == 0
    assert "1 would be removed" in capsys.readouterr().out
    assert lakes.objects() == before
    assert clean.main([*url, *flags, "--yes"]) == 0
    assert before.keys() - lakes.objects().keys() == gone
    assert status.main(url) == 0
    assert "24 complete, 1 removed" in capsys.readouterr().out
    asked = ["--product-type", "future", "--layer", "gold", "--symbol", "ES", "--dt", str(DATE)]
    assert run.main([*asked, *url]) == 0
    assert "removed" in capsys.readouterr().out
    assert before.keys() - lakes.objects().keys() == gone
    assert run.main([*asked, *url, "--table", "market_first3h", "--force"]) == 0
    assert lakes.objects() == before
    assert not lakes.hosts.client().list(".removed")
