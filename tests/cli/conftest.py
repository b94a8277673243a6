"""Runs of the command line within the test's process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from src.data_eng.cli.run import main
from tests.cli_runs import BUILT, NEXT, RAW, Run, Runner
from tests.dbn_files import DATE, DAY_NS, START_NS, day_ns, mbp10_records, write_mbp10
from tests.fetches import Fetcher, without_waiting
from tests.vendor_files import daily_files
from tests.vendor_server import KEY, VendorServer, certificate, serving


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    """Return a function that runs the command line on the lake ``tmp_path``."""

    def runner(*extra: str, **changed: str | None) -> Run:
        flags: dict[str, str | None] = {
            "product-type": "future",
            "layer": "bronze",
            "symbol": "ES",
            "dt": str(DATE),
            "lake-root": str(tmp_path),
            **{key.replace("_", "-"): value for key, value in changed.items()},
        }
        given = {f"--{key}": value for key, value in flags.items() if value is not None}
        capsys.readouterr()
        code = main([word for pair in given.items() for word in pair] + [*extra])
        out, err = capsys.readouterr()
        return Run(code, out, err.splitlines(), Path(flags["lake-root"] or ""))

    return runner


@pytest.fixture(scope="session")
def two_dates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lake of two dates of futures, built."""
    lake = tmp_path_factory.mktemp("two_dates")
    for date in (DATE, NEXT):
        records = mbp10_records(300, start_ns=day_ns(date) + START_NS % DAY_NS)
        write_mbp10(lake / RAW / f"{date}.dbn.zst", records, date=date)
    flags = ["--product-type", "future", "--layer", "all", "--symbol", "ES"]
    assert main([*flags, "--dates", f"{DATE},{NEXT}", "--lake-root", str(lake)]) == 0
    return lake


@pytest.fixture
def lake(two_dates: Path, tmp_path: Path) -> Path:
    """Return a copy of that lake, to change."""
    for one in ("raw", *BUILT):
        shutil.copytree(two_dates / one, tmp_path / one)
    return tmp_path


@pytest.fixture(scope="session")
def certificate_of_localhost(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a certificate of localhost, and its key."""
    return certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def vendor(
    certificate_of_localhost: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> Iterator[VendorServer]:
    """Return the vendor on loopback, to which the environment leads."""
    chain, key = certificate_of_localhost
    with serving(VendorServer(daily_files), chain, key) as server:
        monkeypatch.setenv("DATABENTO_API_KEY", KEY)
        monkeypatch.setenv("DATA_ENG_DATABENTO_GATEWAY", server.url)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(chain))
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.delenv(name, raising=False)
        yield server


@pytest.fixture
def fetch(
    vendor: VendorServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> Fetcher:
    """Return what fetches from that vendor into the lake ``tmp_path``."""
    fetcher = Fetcher(tmp_path, vendor, capsys, caplog)
    without_waiting(monkeypatch, fetcher)
    return fetcher
