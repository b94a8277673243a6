"""Files that the vendor's server of tests makes of a job: a tiny DBN file a date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.dbn_files import (
    DATE,
    DAY_NS,
    ESM5,
    START_NS,
    Records,
    day_mappings,
    day_ns,
    encode_header,
    mbp10_records,
    write_dbn,
)
from tests.option_files import CHAIN, definitions, events, statistics

_FRAMES = 2


def daily_files(job: Mapping[str, Any]) -> dict[str, bytes]:
    """Return a file of each date of a job, by name, in the schema and for the parents of it."""
    first, end = (dt.date.fromisoformat(job[name][:10]) for name in ("start", "end"))
    files = {}
    for n in range((end - first).days):
        date = first + dt.timedelta(days=n)
        name = f"glbx-mdp3-{date:%Y%m%d}.{job['schema']}.dbn.zst"
        files[name] = _file(name, job["schema"], job["symbols"], date)
    return files


@lru_cache
def _file(name: str, schema: str, parents: str, date: dt.date) -> bytes:
    mappings = day_mappings({ESM5: "ESM5"}, date) if schema == "mbp-10" else ()
    header = encode_header(schema=schema, date=date, query=parents.split(","), mappings=mappings)
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        return write_dbn(path, header, _records(schema, date), frames=_FRAMES).read_bytes()


def _records(schema: str, date: dt.date) -> Records:
    if schema == "mbp-10":
        return mbp10_records(300, start_ns=day_ns(date) + START_NS % DAY_NS)
    ids = [option.instrument_id for option in CHAIN]
    if schema == "definition":
        records = definitions(CHAIN)
    elif schema == "statistics":
        records = statistics(ids, quantity=1)
    elif schema == "trades":
        records = events("trades", ids, price=5 * 10**9, size=3)
    else:
        records = events(schema, ids, bid_px_00=10**9)
    for name in ("ts_recv", "ts_event"):
        records[name] += day_ns(date) - day_ns(DATE)
    return records
