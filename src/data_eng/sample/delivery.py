"""The side files of a vendor's batch delivery, one set for all dates of a folder."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

DATASET: Final = "GLBX.MDP3"
_SIDE_FILES: Final = ("condition.json", "metadata.json", "symbology.json")


@dataclass(frozen=True)
class DeliveredDay:
    """What a batch job says about one day's file.

    Attributes
    ----------
    date : datetime.date
        UTC day.
    schema : str
        The vendor's name, such as ``mbp-10``.
    symbols : tuple of str
        Parent symbols asked for, such as ``ES.FUT``.
    mappings : tuple of (str, int)
        Raw symbol and instrument id of everything in the file.
    """

    date: dt.date
    schema: str
    symbols: tuple[str, ...]
    mappings: tuple[tuple[str, int], ...]


def sync_file(path: Path) -> None:
    """Force a file's content to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Force a folder's names to disk."""
    sync_file(folder)


def _read(path: Path, default: Any) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else default


def _publish(path: Path, content: Any) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(json.dumps(content, indent=4) + "\n", encoding="utf-8")
        sync_file(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _entry(path: Path) -> dict[str, Any]:
    return {"filename": path.name, "size": path.stat().st_size, "hash": _hash(path), "urls": {}}


def _job_id(day: DeliveredDay, start: str) -> str:
    digest = hashlib.sha256(f"{day.symbols[0]} {day.schema}".encode()).hexdigest()
    letters = "".join(chr(ord("A") + int(c, 16)) for c in digest[:10])
    return f"GLBX-{start.replace('-', '')}-{letters}"


def _symbology(old: Any, delivered: DeliveredDay) -> dict[str, Any]:
    date = delivered.date
    day, next_day = date.isoformat(), (date + dt.timedelta(days=1)).isoformat()
    result: dict[str, list[dict[str, str]]] = old.get("result", {})
    for symbol, instrument_id in delivered.mappings:
        kept = [item for item in result.get(symbol, []) if item["d0"] != day]
        kept.append({"d0": day, "d1": next_day, "s": str(instrument_id)})
        result[symbol] = sorted(kept, key=lambda item: item["d0"])
    return {
        "result": dict(sorted(result.items())),
        "symbols": sorted({*delivered.symbols, *old.get("symbols", ())}),
        "stype_in": "parent",
        "stype_out": "instrument_id",
        "start_date": min(day, old.get("start_date", day)),
        "end_date": max(next_day, old.get("end_date", next_day)),
        "partial": [],
        "not_found": [],
        "message": "OK",
        "status": 0,
    }


def _nanos(date: str) -> int:
    return (dt.date.fromisoformat(date) - dt.date(1970, 1, 1)).days * 86_400 * 10**9


def _metadata(symbology: dict[str, Any], delivered: DeliveredDay, job_id: str) -> dict[str, Any]:
    return {
        "version": 1,
        "job_id": job_id,
        "query": {
            "dataset": DATASET,
            "schema": delivered.schema,
            "symbols": symbology["symbols"],
            "stype_in": "parent",
            "stype_out": "instrument_id",
            "start": _nanos(symbology["start_date"]),
            "end": _nanos(symbology["end_date"]),
            "limit": None,
            "encoding": "dbn",
            "compression": "zstd",
        },
        "customizations": {
            "pretty_px": False,
            "pretty_ts": False,
            "map_symbols": False,
            "split_symbols": False,
            "split_duration": "day",
            "split_size": None,
        },
    }


def _condition(old: Any, date: dt.date) -> list[dict[str, Any]]:
    day = date.isoformat()
    # The vendor's revision date; no clock, so that a rebuilt folder is the same.
    modified = (date + dt.timedelta(days=1)).isoformat()
    kept = [item for item in old if item["date"] != day]
    kept.append({"date": day, "condition": "available", "last_modified_date": modified})
    return sorted(kept, key=lambda item: str(item["date"]))


def record_delivery(folder: Path, data_file: Path, delivered: DeliveredDay) -> None:
    """Merge one day into the folder's symbology, metadata, condition and manifest files.

    The manifest goes last: what it names is there. A day that it names already with the
    right size is left alone.
    """
    manifest_path = folder / "manifest.json"
    manifest = _read(manifest_path, {"job_id": None, "files": []})
    entries = {entry["filename"]: entry for entry in manifest["files"]}
    known = entries.get(data_file.name)
    if known is not None and known["size"] == data_file.stat().st_size:
        return
    symbology = _symbology(_read(folder / "symbology.json", {}), delivered)
    job_id = manifest["job_id"] or _job_id(delivered, symbology["start_date"])
    _publish(folder / "symbology.json", symbology)
    _publish(folder / "metadata.json", _metadata(symbology, delivered, job_id))
    condition = _condition(_read(folder / "condition.json", []), delivered.date)
    _publish(folder / "condition.json", condition)
    entries[data_file.name] = _entry(data_file)
    entries |= {name: _entry(folder / name) for name in _SIDE_FILES}
    files = [entries[name] for name in sorted(entries)]
    _publish(manifest_path, {"job_id": job_id, "files": files})
    sync_folder(folder)
