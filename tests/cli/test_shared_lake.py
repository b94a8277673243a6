"""A lake on a network file system: refused, and with --shared-lake built under claims."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from src.data_eng.cli import run as module
from src.data_eng.cli.clean import main as clean
from src.data_eng.errors import UsageError
from src.data_eng.lake.claim import CLAIMS, claims, lake_claim
from src.data_eng.lake.osio import OsIo
from tests.cli_runs import BRONZE, RAW, Runner
from tests.dbn_files import DATE, mbp10_records, write_mbp10

KEY = "bronze.future.market_by_price_10"
FOLDER = f"{BRONZE.format('ESM5')}/dt={DATE}"


@pytest.fixture
def on_nfs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the test's folder lie on NFS, whose kernel swaps no folders."""
    write_mbp10(tmp_path / RAW / "f.dbn.zst", mbp10_records(20))
    monkeypatch.setattr(module, "network_file_system", lambda _lake: "nfs4")

    def refused(*_: object) -> None:
        raise AssertionError("no host may rely on this call over NFS")

    monkeypatch.setattr(OsIo, "exchange", refused)
    monkeypatch.setattr(OsIo, "rename_noreplace", refused)


@pytest.mark.usefixtures("on_nfs")
def test_it_is_refused_unless_it_is_said(run: Runner, tmp_path: Path) -> None:
    done = run()
    assert done.code == 2
    (line,) = done.errors
    assert line.startswith(f"error: --lake-root {tmp_path}: it lies on nfs4, where a lock of one")
    assert "say --shared-lake" in line
    assert done.partitions() == []


@pytest.mark.usefixtures("on_nfs")
def test_it_is_built_and_rebuilt_by_renames_under_a_claim(run: Runner, tmp_path: Path) -> None:
    assert run("--shared-lake").code == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / FOLDER).iterdir()}
    assert len(before) == 3
    done = run("--shared-lake", "--force")
    assert (done.code, done.errors) == (0, [])
    assert {path.name: path.read_bytes() for path in (tmp_path / FOLDER).iterdir()} == before
    assert done.partitions() == [str(Path(FOLDER))]
    assert (tmp_path / CLAIMS / f"{KEY}.ESM5.{DATE}.lock").is_file()
    assert claims(tmp_path) == []


@pytest.mark.usefixtures("on_nfs")
def test_what_another_host_claims_is_not_built(run: Runner, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("shared_lake = true\nlock_timeout_s = 0.2")
    with lake_claim(tmp_path, f"{KEY}.ESM5.{DATE}.lock"):
        done = run(config=str(config))
    assert done.code == 1
    (line,) = done.errors
    assert f"claimed by process {os.getpid()} on " in line
    assert done.partitions() == []
    assert run(config=str(config)).code == 0


@pytest.mark.usefixtures("on_nfs")
def test_what_a_killed_run_moved_aside_is_put_back(run: Runner, tmp_path: Path) -> None:
    """Between its two renames there is no partition: old, nothing, or new."""
    assert run("--shared-lake").code == 0
    folder = tmp_path / FOLDER
    before = folder.stat().st_ino
    folder.rename(folder.with_name(f".tmp-{DATE}-host-1-00000000-old"))
    done = run("--shared-lake")
    assert done.code == 0
    assert "1 complete" in done.out
    assert folder.stat().st_ino == before
    assert done.partitions() == [FOLDER]


@pytest.mark.usefixtures("on_nfs")
def test_clean_leaves_what_another_host_claims(
    run: Runner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--shared-lake").code == 0
    flags = ["--lake-root", str(tmp_path), "--table", KEY, "--before", "2025-12-31", "--yes"]
    with pytest.raises(UsageError, match="it lies on nfs4"):
        clean(flags)
    with lake_claim(tmp_path, f"{KEY}.ESM5.{DATE}.lock"):
        assert clean([*flags, "--shared-lake"]) == 0
    assert "in use" in capsys.readouterr().out
    assert (tmp_path / FOLDER).is_dir()
    assert clean([*flags, "--shared-lake"]) == 0
    assert not (tmp_path / FOLDER).exists()


def test_claims_are_of_the_whole_lake(tmp_path: Path) -> None:
    flags = ["--lake-root", str(tmp_path), "--claims"]
    partitions = ["--table", KEY, "--before", "2025-12-31"]
    for extra in (["--symbol", "ES"], ["--dt", str(DATE)], partitions):
        with pytest.raises(UsageError, match="of the whole lake"):
            clean([*flags, *extra])


def test_clean_removes_claims_by_age_and_on_a_word_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = f"{KEY}.ESM5.{DATE}.lock"
    flags = ["--lake-root", str(tmp_path), "--claims"]
    with lake_claim(tmp_path, name):
        assert clean(flags) == 0
        assert capsys.readouterr().out == "nothing to remove\n"
        assert clean([*flags, "--older-than", "0s"]) == 0
        line, last = capsys.readouterr().out.splitlines()
        assert line.startswith(f"would be removed: claim {name}: process {os.getpid()} on ")
        assert last == "1 would be removed, 0.0 MB; --yes does it"
        assert claims(tmp_path) != []
        assert clean([*flags, "--older-than", "0s", "--yes"]) == 0
        assert "removed: claim " in capsys.readouterr().out
        assert claims(tmp_path) == []
