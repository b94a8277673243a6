"""The future pipeline beside databento's own DBN → Parquet, on the same file.

``uv run python -m benchmarks.bench_future --records 10000000`` writes a sample day (once), then
runs, in turn and as whole processes: Bronze, Silver, Gold, and ``databento.DBNStore.to_parquet``
with default and with its cheapest arguments. It prints medians and ratios, and what it costs to
start Python and import what Bronze and the client need, and what it takes to decompress the file in
one thread and do nothing with it. ``--slope-to RECORDS`` also runs Bronze on a day of that size and
prints what a million records more cost, beside the same of the decompression. Bronze does decoding,
front-month choice, contract checks, SHA-256 of input and output, manifest and synced publish; the
vendor's client decodes and writes, every instrument.
"""

from __future__ import annotations

import argparse
import datetime as dt
import shutil
import sys
from pathlib import Path

from benchmarks.measure import Usage, machine, median, run_process
from benchmarks.run_stage import stage_command
from src.data_eng.sample import SampleFuture, write_future_day

DATE = dt.date(2025, 6, 5)
PEERS = {
    "databento default": "",
    "databento cheapest": ", price_type='fixed', pretty_ts=False, map_symbols=False",
}


STAGES = {
    "bronze": ("bronze.future.market_by_price_10", "ES"),
    "silver": ("silver.future.market_by_price_10_clean", "ESM5"),
    "gold": ("gold.future.market_by_price_10_first3h", "ESM5"),
}


def layer_command(lake: Path, layer: str) -> list[str]:
    key, symbol = STAGES[layer]
    return stage_command(lake, key, symbol, DATE)


def peer_command(raw: Path, out: Path, arguments: str) -> list[str]:
    code = f"import databento; databento.DBNStore.from_file({str(raw)!r})"
    return [sys.executable, "-W", "ignore", "-c", f"{code}.to_parquet({str(out)!r}{arguments})"]


def start_commands() -> dict[str, list[str]]:
    """Return what only starts Python and imports what Bronze and the vendor's client need."""
    modules = {
        "start of bronze": "src.data_eng.stages.bronze.market_by_price_10",
        "start of databento": "databento",
    }
    return {
        name: [sys.executable, "-W", "ignore", "-c", f"import {module}"]
        for name, module in modules.items()
    }


def decompress_command(raw: Path) -> list[str]:
    """Return what decompresses a file in blocks, as Bronze does, and does nothing with it."""
    code = (
        "import pyarrow as pa\n"
        f"source = pa.CompressedInputStream(pa.OSFile({str(raw)!r}), 'zstd')\n"
        "block = bytearray(1 << 20)\n"
        "while source.readinto(block): pass"
    )
    return [sys.executable, "-W", "ignore", "-c", code]


def slope(args: argparse.Namespace) -> None:
    """Print what a million records more cost Bronze and the decompression alone."""
    sizes = (args.records, args.slope_to)
    used: dict[int, tuple[list[Usage], list[Usage]]] = {size: ([], []) for size in sizes}
    for run in range(args.runs + 1):
        for size in sizes:
            lake = args.lake_root / f"{size}-{args.instruments}"
            sample = SampleFuture(date=DATE, records=size, instruments=args.instruments)
            raw = write_future_day(lake / "raw", sample)
            drop(lake, "bronze")
            both = (
                run_process(layer_command(lake, "bronze")),
                run_process(decompress_command(raw)),
            )
            if run:  # the first warms up
                for runs, found in zip(used[size], both, strict=True):
                    runs.append(found)
    less, more = ([median(runs) for runs in used[size]] for size in sizes)
    millions = (sizes[1] - sizes[0]) / 1e6
    for name in ("wall", "cpu"):
        bronze, floor = (
            (getattr(b, name) - getattr(a, name)) / millions
            for a, b in zip(less, more, strict=True)
        )
        print(
            f"{name} of a million records more, {sizes[0]:,} to {sizes[1]:,}: "
            f"Bronze {bronze:.3f} s, decompression alone {floor:.3f} s, "
            f"ratio {bronze / floor:.2f}"
        )


def drop(lake: Path, layer: str) -> None:
    shutil.rmtree(lake / layer, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lake-root", type=Path, default=Path("/tmp/data_eng-bench"))
    parser.add_argument("--records", type=int, default=10_000_000)
    parser.add_argument("--instruments", type=int, default=3)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--slope-to", type=int, help="a larger day: print only the slope to it")
    args = parser.parse_args()
    if args.slope_to:
        slope(args)
        return
    lake = args.lake_root / f"{args.records}-{args.instruments}"
    sample = SampleFuture(date=DATE, records=args.records, instruments=args.instruments)
    raw = write_future_day(lake / "raw", sample)
    layers = ("bronze", "silver", "gold")
    for layer in layers:  # warm-up: compiled kernels and the page cache
        drop(lake, layer)
        run_process(layer_command(lake, layer))
    for command in start_commands().values():
        run_process(command)
    runs: dict[str, list[Usage]] = {}
    for _ in range(args.runs):
        for layer in layers:
            drop(lake, layer)
            runs.setdefault(layer, []).append(run_process(layer_command(lake, layer)))
        for name, command in start_commands().items():
            runs.setdefault(name, []).append(run_process(command))
        for name, arguments in {} if args.no_peers else PEERS.items():
            out = lake / "peer.parquet"
            runs.setdefault(name, []).append(run_process(peer_command(raw, out, arguments)))
            peer_bytes = out.stat().st_size
            out.unlink()
    report(args.records, raw, lake, {name: median(figures) for name, figures in runs.items()})
    if not args.no_peers:
        print(f"databento's file: {peer_bytes / raw.stat().st_size:.2f} of the raw file's size")


def report(records: int, raw: Path, lake: Path, medians: dict[str, Usage]) -> None:
    print(f"{machine()}; {records:,} records, {raw.stat().st_size / 1e6:.1f} MB as .dbn.zst")
    print(f"{'':20}{'wall s':>9}{'cpu s':>9}{'peak MiB':>10}{'s / M records':>15}{'x Bronze':>10}")
    bronze = medians["bronze"]
    for name, used in medians.items():
        each = used.wall / records * 1e6
        print(
            f"{name:20}{used.wall:9.2f}{used.cpu:9.2f}{used.peak_mib:10.0f}{each:15.3f}"
            f"{used.wall / bronze.wall:10.2f}"
        )
    both = (medians["silver"].wall + medians["gold"].wall) / bronze.wall
    print(f"Silver and Gold together: {both:.2f} of Bronze's wall time")
    for layer in ("bronze", "silver", "gold"):
        part = next((lake / layer).rglob("part-00000.parquet")).stat().st_size
        print(
            f"{layer}: {part / 1e6:.1f} MB, {part / raw.stat().st_size:.2f} of the raw file's size"
        )


if __name__ == "__main__":
    main()
