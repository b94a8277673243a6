"""A lake of very many complete partitions, fabricated: manifests of real size, no data."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.exchange.roll import calendar_front_month
from src.data_eng.exchange.sessions import utc_day_ns
from src.data_eng.lake.manifest import (
    AbsentInput,
    FileEntry,
    Input,
    Manifest,
    PartitionInput,
    RawInput,
    manifest_sha256,
)
from src.data_eng.lake.paths import MANIFEST, PART, SUCCESS
from src.data_eng.sample.delivery import DeliveredDay
from src.data_eng.sample.header import file_metadata
from src.data_eng.settings import Settings
from src.data_eng.stages.reads import Read, ReadEarlier, ReadRaw
from src.data_eng.stages.registry import registered_stages
from src.data_eng.stages.stage import Stage

_LINE = {"count": 12, "longest_ns": 1_746_540_000_000_000_000, "name": "of a fact, 100 bytes long"}
_FACTS = {"bronze": 150, "silver": 60, "gold": 50}
"""Such lines of each manifest: with its inputs 5 to 40 kB, as those of real days."""

Made = dict[tuple[str, dt.date], PartitionInput]


def fabricate(lake: Path, root: str, dates: Sequence[dt.date]) -> int:
    """Write all tables of a root over dates, in order; return how many partitions."""
    made: Made = {}
    settings = Settings(lake_root=lake)
    for date in dates:
        contract = calendar_front_month(root, date)
        raw: dict[str, RawInput] = {}
        for stage in registered_stages():
            if stage.closure(date) is None:
                _write(lake, stage, settings, (root, contract, date), made, raw)
    return len(made)


def _write(
    lake: Path,
    stage: Stage,
    settings: Settings,
    where: tuple[str, str, dt.date],
    made: Made,
    raw: dict[str, RawInput],
) -> None:
    root, contract, date = where
    inputs = tuple(_inputs(lake, stage, where, made, raw))
    for table in stage.writes:
        told = table.contract()
        sha256 = hashlib.sha256(f"{table.key} {root} {date}".encode()).hexdigest()
        manifest = Manifest(
            dataset=table.key,
            symbol=contract,
            dt=date.isoformat(),
            stage=stage.name,
            stage_version=stage.version,
            contract_path=told.path,
            contract_sha256=told.sha256,
            parameters=dict(stage.parameters(settings, root if stage.is_raw else contract)),
            facts=_facts(table.layer, date),
            rows=1_000_000,
            files=(FileEntry(PART, 1, 1_000_000, sha256, sha256),),
            inputs=inputs,
            libraries={"pyarrow": "26"},
        )
        # Without the indentation, which only Python's slow encoder writes.
        data = json.dumps(manifest.to_json(), sort_keys=True).encode()
        folder = lake / table.folder(contract) / f"dt={date}"
        folder.mkdir(parents=True)
        (folder / PART).write_bytes(b"x")
        (folder / MANIFEST).write_bytes(data)
        (folder / SUCCESS).write_text(manifest_sha256(data) + "\n")
        made[(table.key, date)] = PartitionInput(
            table.key, contract, date.isoformat(), manifest.content_sha256, manifest_sha256(data)
        )


def _inputs(
    lake: Path,
    stage: Stage,
    where: tuple[str, str, dt.date],
    made: Made,
    raw: dict[str, RawInput],
) -> Iterator[Input]:
    root, _, date = where
    keys = dict.fromkeys(one.key for one in stage.reads if isinstance(one, Read | ReadEarlier))
    for one in stage.reads:
        if isinstance(one, ReadRaw):
            raw[one.key] = _raw_file(lake, one.key, root, date)
            yield raw[one.key]
            if one.key != "raw.future_option.definition" and "future_option" in one.key:
                yield raw["raw.future_option.definition"]
    for key in keys:
        for one in (one for one in stage.reads if one.key == key):
            for day in one.dates(date) if isinstance(one, Read | ReadEarlier) else ():
                yield made.get((key, day)) or AbsentInput(key, root, day.isoformat())


def _raw_file(lake: Path, key: str, root: str, date: dt.date) -> RawInput:
    table = dataset(key)
    relative = table.folder(root) / f"glbx-mdp3-{date:%Y%m%d}.{table.schemas[0]}.dbn"
    path = lake / relative
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        day = DeliveredDay(date, table.schemas[0], (f"{root}.FUT",), ())
        path.write_bytes(file_metadata(day).encode())
    data = path.read_bytes()
    return RawInput(relative.as_posix(), len(data), hashlib.sha256(data).hexdigest())


def _facts(layer: str, date: dt.date) -> dict[str, Any]:
    facts: dict[str, Any] = {"lines": [_LINE] * _FACTS[layer]}
    if layer == "bronze":
        start, end = utc_day_ns(date)
        facts |= {"condition": "available", "covered_ns": [[start, end]], "silences": None}
        facts |= {"first_ts_recv_ns": start, "last_ts_recv_ns": end - 1}
        facts |= {"steps_back": {"count": 0, "largest_ns": 0}}
    return facts
