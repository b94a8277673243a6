"""A folder that may not be read is an error that names it: what it holds is not known."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from src.data_eng.cli.run import main
from tests.cli_runs import RAW
from tests.dbn_files import DATE, DAY_NS, day_ns, mbp10_records, write_mbp10
from tests.permissions import mode, run_module

pytestmark = pytest.mark.faults

HALF_NS = DAY_NS // 2


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """Return a lake with a date in two deliveries, half a day each."""
    for half in (0, 1):
        start_ns = day_ns(DATE) + half * HALF_NS
        write_mbp10(
            tmp_path / RAW / f"GLBX-{half}" / f"{half}.dbn.zst",
            mbp10_records(300, start_ns=start_ns + 10**9),
            start_ns=start_ns,
            end_ns=start_ns + HALF_NS,
        )
    return tmp_path


def flags(lake: Path, layer: str = "bronze") -> list[str]:
    asked = ["--product-type", "future", "--layer", layer, "--symbol", "ES", "--dt", str(DATE)]
    return [*asked, "--lake-root", str(lake)]


def run(lake: Path, layer: str = "bronze") -> subprocess.CompletedProcess[str]:
    return run_module("runner", *flags(lake, layer))


@pytest.mark.parametrize(
    ("place", "bits"),
    [
        *((place, bits) for place in (f"{RAW}/GLBX-1", RAW) for bits in (0o000, 0o444, 0o111)),
        # Folders above are passed through without a listing.
        *((str(Path(RAW).parent), bits) for bits in (0o000, 0o444)),
    ],
)
def test_half_a_day_is_never_published(lake: Path, place: str, bits: int) -> None:
    with mode(lake / place, bits):
        done = run(lake)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: bronze.future.market_by_price_10 ES {DATE}: {lake / place}")
    assert "cannot be read (Permission denied)" in line
    assert "no raw file" not in line
    assert not list(lake.rglob("dt=*"))
    assert main(flags(lake)) == 0


def test_a_contract_that_may_not_be_looked_at_is_not_absent(lake: Path) -> None:
    assert main(flags(lake)) == 0
    with mode(lake / "bronze/source=databento/product_type=future/symbol=ESM5", 0):
        done = run(lake, "silver")
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if "WARNING" not in line]
    assert lines
    for line in lines:
        assert "symbol=ESM5/table=market_by_price_10: cannot be read" in line
        assert "run --layer bronze" not in line


def test_folders_of_another_root_are_nobody_s_business(lake: Path) -> None:
    other = lake / "bronze/source=databento/product_type=future/symbol=NQM5"
    other.mkdir(parents=True)
    with mode(other, 0):
        assert run(lake).returncode == 0
