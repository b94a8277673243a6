"""Bronze ``nbbo`` of futures options beside databento's own DBN → Parquet, on the same file.

``uv run python -m benchmarks.bench_future_option`` writes a sample day of 10 million quotes over
12,000 instruments (once), most of them user-defined spreads, then runs in turn and as whole
processes: the Bronze stage of ``nbbo``, and ``databento.DBNStore.to_parquet`` with default
arguments. Bronze resolves every instrument, drops spreads and options on other contracts, joins
the terms, checks the contract, hashes and publishes; the vendor's client writes every instrument
and maps symbols. The share of symbol resolution (definitions read and classified, records
selected, terms joined) is measured inside a run.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.measure import Usage, machine, median, run_process
from benchmarks.run_stage import run_stage, stage_command
from src.data_eng.stages.bronze import option_records
from src.data_eng.vendor.definitions import OptionInstruments
from src.data_eng.vendor.instrument_selection import InstrumentSelection
from src.data_eng.vendor.option_terms import OptionTerms

DATE = dt.date(2025, 6, 5)


def timed(owner: Any, name: str, spent: dict[str, float], key: str) -> None:
    """Count the wall time of a function of the stage."""
    inner: Callable[..., Any] = getattr(owner, name)

    def outer(*args: Any, **kwargs: Any) -> Any:
        started = time.perf_counter()
        try:
            return inner(*args, **kwargs)
        finally:
            spent[key] = spent.get(key, 0.0) + time.perf_counter() - started

    setattr(owner, name, outer)


def shares(lake: Path) -> None:
    """Print where the stage's time went, as JSON, with and without symbol resolution."""
    spent: dict[str, float] = {}
    timed(option_records, "read_definitions", spent, "definitions read")
    timed(OptionInstruments, "classify", spent, "instruments classified")
    timed(InstrumentSelection, "select", spent, "records selected")
    timed(OptionTerms, "columns", spent, "terms joined")
    started = time.perf_counter()
    run_stage(lake, "bronze.future_option.nbbo", "ES", DATE)
    print(json.dumps({**spent, "stage": time.perf_counter() - started}))


def build(lake: Path) -> list[str]:
    return stage_command(lake, "bronze.future_option.nbbo", "ES", DATE)


def drop(lake: Path) -> None:
    shutil.rmtree(lake / "bronze", ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="?", choices=("all", "shares"), default="all")
    default = Path(tempfile.gettempdir()) / "data_eng-bench" / "future_option"
    parser.add_argument("--lake-root", type=Path, default=default)
    parser.add_argument("--quotes", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-peer", action="store_true")
    args = parser.parse_args()
    if args.what == "shares":
        shares(args.lake_root)
    else:
        compare(args.lake_root, args.quotes, args.runs, has_peer=not args.no_peer)


def compare(lake: Path, quotes: int, runs: int, *, has_peer: bool) -> None:
    # Not at the top: a process that only builds must not pay for what the sample compiles.
    from src.data_eng.sample import (  # noqa: PLC0415
        SampleFuture,
        SampleOptions,
        write_option_day,
    )

    sample = SampleOptions(
        SampleFuture(date=DATE), quotes=quotes, strikes=59, spreads=10_000, spread_share=0.8
    )
    paths = write_option_day(lake / "raw", sample)
    raw = next(path for path in paths if "table=nbbo" in str(path))
    drop(lake)
    run_process(build(lake))  # warm-up: compiled kernels and the page cache
    used: dict[str, list[Usage]] = {}
    for _ in range(runs):
        drop(lake)
        used.setdefault("Bronze nbbo", []).append(run_process(build(lake)))
        if has_peer:
            out = lake / "peer.parquet"
            code = f"import databento; databento.DBNStore.from_file({str(raw)!r})"
            peer = [sys.executable, "-W", "ignore", "-c", f"{code}.to_parquet({str(out)!r})"]
            used.setdefault("databento default", []).append(run_process(peer))
            out.unlink()
    report(quotes, raw, {name: median(figures) for name, figures in used.items()})
    drop(lake)
    report_shares(lake)


def report(quotes: int, raw: Path, medians: dict[str, Usage]) -> None:
    print(f"{machine()}; {quotes:,} quotes, {raw.stat().st_size / 1e6:.1f} MB as .dbn.zst")
    print(f"{'':20}{'wall s':>9}{'cpu s':>9}{'peak MiB':>10}{'x Bronze':>10}")
    bronze = medians["Bronze nbbo"]
    for name, figures in medians.items():
        print(
            f"{name:20}{figures.wall:9.2f}{figures.cpu:9.2f}{figures.peak_mib:10.0f}"
            f"{figures.wall / bronze.wall:10.1f}"
        )


def report_shares(lake: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.bench_future_option", "shares"]
    command += ["--lake-root", str(lake)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    spent = json.loads(done.stdout.splitlines()[-1])
    stage = spent.pop("stage")
    for name, seconds in spent.items():
        print(f"{name:26}{seconds:7.3f} s")
    total = sum(spent.values())
    print(f"symbol resolution: {total:.3f} s of the stage's {stage:.2f} s, {total / stage:.0%}")


if __name__ == "__main__":
    main()
